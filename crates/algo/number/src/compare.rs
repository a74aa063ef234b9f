//! Comparison of numbers and of numeric strings.

use std::cmp::Ordering;

use crate::format::to_string_precision;
use crate::parse::{Number, parse_numeric};

/// Three-way float comparison as `<=>` has it: anything with NAN is greater.
pub fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Greater)
}

/// Compares two strings as `==` and `<=>` do: by value when both are numeric, else by bytes.
pub fn smart_compare(a: &[u8], b: &[u8]) -> Ordering {
    let (Some(left), Some(right)) = (parse_numeric(a, false), parse_numeric(b, false)) else {
        return a.cmp(b);
    };
    match (left.number, right.number) {
        (Number::Int(x), Number::Int(y)) => x.cmp(&y),
        (Number::Int(_), Number::Float(_)) if right.overflow != 0 => 0.cmp(&right.overflow),
        (Number::Float(_), Number::Int(_)) if left.overflow != 0 => left.overflow.cmp(&0),
        (Number::Float(x), Number::Float(y))
            if x == y
                && (left.overflow != 0 && left.overflow == right.overflow || !x.is_finite()) =>
        {
            // Beyond the precision of floats only the bytes tell them apart.
            a.cmp(b)
        }
        (x, y) => compare_floats(x.to_float(), y.to_float()),
    }
}

/// Compares an int with a string: as text unless the string is numeric.
pub fn compare_int_string(int: i64, string: &[u8]) -> Ordering {
    match parse_numeric(string, false).map(|n| n.number) {
        Some(Number::Int(other)) => int.cmp(&other),
        Some(Number::Float(other)) => compare_floats(int as f64, other),
        None => int.to_string().as_bytes().cmp(string),
    }
}

/// Compares a float with a string; `precision` is the ini setting for the float's text.
pub fn compare_float_string(float: f64, string: &[u8], precision: i32) -> Ordering {
    match parse_numeric(string, false).map(|n| n.number) {
        Some(number) => compare_floats(float, number.to_float()),
        None => to_string_precision(float, precision).as_slice().cmp(string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        assert_eq!(smart_compare(b"1e3", b"1000"), Ordering::Equal);
        assert_eq!(smart_compare(b" 1", b"1 "), Ordering::Equal);
        assert_eq!(smart_compare(b"abc", b"abd"), Ordering::Less);
        assert_eq!(smart_compare(b"10", b"9"), Ordering::Greater);
        assert_eq!(smart_compare(b"1e1000", b"1e1001"), Ordering::Less);
        assert_eq!(smart_compare(b"9223372036854775808", b"9223372036854775809"), Ordering::Less);
        assert_eq!(smart_compare(b"9223372036854775807", b"9223372036854775808"), Ordering::Less);
    }

    #[test]
    fn numbers_with_strings() {
        assert_eq!(compare_int_string(0, b"abc"), Ordering::Less);
        assert_eq!(compare_int_string(1, b"1.0"), Ordering::Equal);
        assert_eq!(compare_float_string(1.5, b"1.5 ", 14), Ordering::Equal);
    }
}
