//! Values of numeric literals.

use crate::token::TokenKind;

/// The value of a numeric literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// It fits an integer.
    Int(i64),
    /// It is written as a float or overflows.
    Float(f64),
}

/// The value of a literal as the lexer has delimited it.
pub fn parse_number(text: &[u8], kind: TokenKind) -> Number {
    // Most literals: short, decimal, without a leading zero.
    if text.len() <= 18 && text[0] != b'0' && text.iter().all(u8::is_ascii_digit) {
        return Number::Int(text.iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')));
    }
    let digits: Vec<u8> = text.iter().copied().filter(|&b| b != b'_').collect();
    if let [b'0', radix, rest @ ..] = digits.as_slice() {
        match radix.to_ascii_lowercase() {
            b'x' => return in_radix(rest, 16),
            b'b' => return in_radix(rest, 2),
            b'o' => return in_radix(rest, 8),
            b'0'..=b'7' if digits.iter().all(|b| (b'0'..=b'7').contains(b)) => {
                return in_radix(&digits[1..], 8);
            }
            _ => {}
        }
    }
    let text = std::str::from_utf8(&digits).unwrap_or_default();
    if kind == TokenKind::LNumber
        && let Ok(value) = text.parse()
    {
        return Number::Int(value);
    }
    Number::Float(text.parse().unwrap_or_default())
}

fn in_radix(digits: &[u8], radix: u32) -> Number {
    let values = || digits.iter().filter_map(|&b| (b as char).to_digit(radix));
    let exact = values().try_fold(0i64, |n, d| n.checked_mul(radix.into())?.checked_add(d.into()));
    match exact {
        Some(value) => Number::Int(value),
        None => Number::Float(values().fold(0.0, |n, d| n * f64::from(radix) + f64::from(d))),
    }
}

/// The key that `"$a[text]"` means if it is an integer: decimal without leading zeros, in range.
pub fn parse_num_string(text: &[u8]) -> Option<i64> {
    let plain = text == b"0" || (text[0] != b'0' && text.iter().all(u8::is_ascii_digit));
    if !plain {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
