//! Numeric strings: which bytes PHP reads as an int or a float.

/// An int or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A 64-bit int.
    Int(i64),
    /// A double.
    Float(f64),
}

impl Number {
    /// The number as a float.
    pub fn to_float(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
        }
    }
}

/// What a numeric (or leading-numeric) string holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numeric {
    /// The number itself.
    pub number: Number,
    /// Something other than whitespace follows: the string is only leading-numeric.
    pub trailing_data: bool,
    /// Whitespace precedes the number.
    pub leading_whitespace: bool,
    /// The sign of an integer literal too large for an int, `0` for any other number.
    pub overflow: i8,
}

/// Whitespace PHP allows around a number.
pub fn is_numeric_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

/// A decimal literal at the start of some bytes.
pub(crate) struct Literal {
    /// How many bytes it takes, its sign included.
    pub(crate) len: usize,
    pub(crate) is_float: bool,
}

/// Finds the number at the start of `bytes` (whitespace already skipped).
pub(crate) fn scan(bytes: &[u8]) -> Option<Literal> {
    let digits_from = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let whole = digits_from(start);
    let mut end = start + whole;
    let mut is_float = false;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits_from(end + 1);
        if whole + fraction == 0 {
            return None;
        }
        is_float = true;
        end += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let from = end + 1 + signed;
        if from < bytes.len() {
            let exponent = digits_from(from);
            if exponent > 0 {
                is_float = true;
                end = from + exponent;
            }
        }
    }
    Some(Literal { len: end, is_float })
}

/// Reads a literal that [`scan`] accepted as a float.
pub(crate) fn read_float(literal: &[u8]) -> f64 {
    std::str::from_utf8(literal).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

/// Reads an integer literal, `None` when it does not fit.
pub(crate) fn read_int(literal: &[u8]) -> Option<i64> {
    let (negative, digits) = match literal {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value = 0i64;
    for &digit in digits {
        let digit = i64::from(digit - b'0');
        value = value.checked_mul(10)?;
        value = if negative { value.checked_sub(digit)? } else { value.checked_add(digit)? };
    }
    Some(value)
}

/// Reads a numeric string. With `allow_errors` a number followed by other bytes is
/// accepted too, and told by [`Numeric::trailing_data`].
pub fn parse_numeric(bytes: &[u8], allow_errors: bool) -> Option<Numeric> {
    let skipped = bytes.iter().take_while(|b| is_numeric_whitespace(**b)).count();
    let body = &bytes[skipped..];
    let literal = scan(body)?;
    let rest = &body[literal.len..];
    let trailing_data = !rest.iter().all(|b| is_numeric_whitespace(*b));
    if trailing_data && !allow_errors {
        return None;
    }
    let text = &body[..literal.len];
    let (number, overflow) = if literal.is_float {
        (Number::Float(read_float(text)), 0)
    } else {
        match read_int(text) {
            Some(int) => (Number::Int(int), 0),
            None => (Number::Float(read_float(text)), if text[0] == b'-' { -1 } else { 1 }),
        }
    };
    Some(Numeric { number, trailing_data, leading_whitespace: skipped > 0, overflow })
}

/// Whether a string is numeric as `is_numeric()` has it.
pub fn is_numeric(bytes: &[u8]) -> bool {
    parse_numeric(bytes, false).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strict(text: &str) -> Option<Number> {
        parse_numeric(text.as_bytes(), false).map(|n| n.number)
    }

    #[test]
    fn reads_numeric_strings() {
        assert_eq!(strict(" 1 "), Some(Number::Int(1)));
        assert_eq!(strict("1."), Some(Number::Float(1.0)));
        assert_eq!(strict(".5"), Some(Number::Float(0.5)));
        assert_eq!(strict("+.5e-3"), Some(Number::Float(0.0005)));
        assert_eq!(strict("-9223372036854775808"), Some(Number::Int(i64::MIN)));
        assert_eq!(strict("9223372036854775808"), Some(Number::Float(9.223372036854776E+18)));
        for text in ["", " ", ".", "1e", "1x", "- 1", "0x1", "1\0", "INF", "1_0"] {
            assert_eq!(strict(text), None, "{text:?}");
        }
    }

    #[test]
    fn tells_trailing_data() {
        let numeric = parse_numeric(b"1e5x", true).unwrap();
        assert_eq!(numeric.number, Number::Float(100000.0));
        assert!(numeric.trailing_data);
        assert_eq!(parse_numeric(b"1e+", true).unwrap().number, Number::Int(1));
        assert_eq!(parse_numeric(b"abc", true), None);
    }
}
