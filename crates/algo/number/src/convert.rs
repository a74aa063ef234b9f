//! Conversions between ints, floats, strings and array keys.

use crate::parse::{Number, is_numeric_whitespace, parse_numeric, read_float, scan};

const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

/// `(int)` of a float: out of range wraps modulo 2^64; INF and NAN are 0.
pub fn float_to_int(value: f64) -> i64 {
    if !value.is_finite() {
        return 0;
    }
    if (-TWO_63..TWO_63).contains(&value) {
        return value as i64;
    }
    let wrapped = value % TWO_64;
    if wrapped < 0.0 { (wrapped + TWO_64) as u64 as i64 } else { wrapped as u64 as i64 }
}

/// `(int)` of a float that came from a string: out of range saturates.
pub fn float_to_int_saturating(value: f64) -> i64 {
    if value.is_finite() { value as i64 } else { 0 }
}

/// Whether converting `value` to int loses nothing (else it is deprecated when implicit).
pub fn is_integer_compatible(value: f64) -> bool {
    float_to_int(value) as f64 == value
}

/// `(int)` of a string: its numeric prefix, `0` without one.
pub fn string_to_int(bytes: &[u8]) -> i64 {
    match parse_numeric(bytes, true).map(|n| n.number) {
        Some(Number::Int(int)) => int,
        Some(Number::Float(float)) => float_to_int_saturating(float),
        None => 0,
    }
}

/// `(float)` of a string: its numeric prefix, `0` without one.
pub fn string_to_float(bytes: &[u8]) -> f64 {
    let skipped = bytes.iter().take_while(|b| is_numeric_whitespace(**b)).count();
    let body = &bytes[skipped..];
    scan(body).map_or(0.0, |literal| read_float(&body[..literal.len]))
}

/// The int key a string becomes in an array: only a canonical decimal int does.
pub fn array_index(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits[0] == b'0' && (digits.len() > 1 || negative) {
        return None;
    }
    let magnitude = digits.iter().fold(0u64, |value, digit| value * 10 + u64::from(digit - b'0'));
    if negative { 0i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_floats_and_saturates_strings() {
        assert_eq!(float_to_int(1e19), -8446744073709551616);
        assert_eq!(float_to_int(-1e19), 8446744073709551616);
        assert_eq!(float_to_int(1e300), 0);
        assert_eq!(float_to_int(9.3e18), -9146744073709551616);
        assert_eq!(float_to_int(f64::NAN), 0);
        assert_eq!(string_to_int(b"1e3"), 1000);
        assert_eq!(string_to_int(b"1e30"), i64::MAX);
        assert_eq!(string_to_int(b"-99999999999999999999"), i64::MIN);
        assert_eq!(string_to_int(b"1e1000"), 0);
        assert_eq!(string_to_int(b" 12abc"), 12);
        assert_eq!(string_to_float(b".5e3x"), 500.0);
    }

    #[test]
    fn keys() {
        assert_eq!(array_index(b"12"), Some(12));
        assert_eq!(array_index(b"-5"), Some(-5));
        assert_eq!(array_index(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(array_index(b"9223372036854775807"), Some(i64::MAX));
        for text in [
            &b"01"[..],
            b"-0",
            b"+1",
            b"1 ",
            b"",
            b"-",
            b"9223372036854775808",
            b"-9223372036854775809",
        ] {
            assert_eq!(array_index(text), None);
        }
    }
}
