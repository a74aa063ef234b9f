//! Conversion between number bases.

use crate::parse::Number;

/// What reading a number in some base gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FromBase {
    /// The value; a float beyond the range of ints.
    pub number: Number,
    /// Some bytes were no digits of the base and were skipped (deprecated).
    pub invalid: bool,
}

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Reads digits of `base` (2 to 36), after an optional `0x`, `0o` or `0b` that fits it.
pub fn from_base(bytes: &[u8], base: u32) -> FromBase {
    let prefixed = matches!(
        (bytes, base),
        ([b'0', b'x' | b'X', ..], 16) | ([b'0', b'o' | b'O', ..], 8) | ([b'0', b'b' | b'B', ..], 2)
    );
    let digits = if prefixed { &bytes[2..] } else { bytes };
    let mut number = Number::Int(0);
    let mut invalid = false;
    for &byte in digits {
        let Some(digit) = char::from(byte).to_digit(36).filter(|d| *d < base) else {
            invalid = true;
            continue;
        };
        number = match number {
            Number::Int(int) => {
                match int.checked_mul(i64::from(base)).and_then(|n| n.checked_add(i64::from(digit)))
                {
                    Some(next) => Number::Int(next),
                    None => Number::Float(int as f64 * f64::from(base) + f64::from(digit)),
                }
            }
            Number::Float(float) => Number::Float(float * f64::from(base) + f64::from(digit)),
        };
    }
    FromBase { number, invalid }
}

/// The digits of an int's 64 bits, as `decbin`, `decoct` and `dechex` give them.
pub fn to_base_unsigned(value: i64, base: u32) -> Vec<u8> {
    let mut rest = value as u64;
    let base = u64::from(base);
    let mut out = Vec::new();
    loop {
        out.push(DIGITS[(rest % base) as usize]);
        rest /= base;
        if rest == 0 {
            break;
        }
    }
    out.reverse();
    out
}

/// The digits of a number as `base_convert` gives them; `None` for an infinite one.
pub fn to_base(number: Number, base: u32) -> Option<Vec<u8>> {
    let mut rest = match number {
        Number::Int(int) => return Some(to_base_unsigned(int, base)),
        Number::Float(float) => float.floor(),
    };
    if rest.is_infinite() {
        return None;
    }
    let base = f64::from(base);
    let mut out = Vec::new();
    loop {
        out.push(DIGITS[(rest % base) as usize]);
        rest /= base;
        if rest.abs() < 1.0 {
            break;
        }
    }
    out.reverse();
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        assert_eq!(from_base(b"0x1g", 16).number, Number::Int(1));
        assert!(from_base(b"0x1g", 16).invalid);
        assert_eq!(
            from_base(b"ffffffffffffffff", 16).number,
            Number::Float(1.8446744073709552E+19)
        );
        assert_eq!(to_base_unsigned(-1, 16), b"ffffffffffffffff");
        let big = from_base(b"ffffffffffffffffffff", 16).number;
        assert_eq!(to_base(big, 10).unwrap(), b"1208925819614629446642046");
        assert_eq!(to_base(Number::Float(f64::INFINITY), 10), None);
    }
}
