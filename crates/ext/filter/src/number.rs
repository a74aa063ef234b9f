//! Validation of numbers and booleans.

use crate::flags::*;
use crate::{Filtering, function_name};
use outlast_number::{Number, parse_numeric};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\x0b' | b'\n')
}

/// Without white space at both ends.
pub(crate) fn trimmed(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_blank(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !is_blank(b)).map_or(start, |at| at + 1);
    &text[start..end]
}

/// Digits of a base; `None` if there are others, or too many.
fn digits(text: &[u8], base: u32) -> Option<u64> {
    text.iter().try_fold(0u64, |number, &byte| {
        let digit = char::from(byte).to_digit(base)?;
        number.checked_mul(u64::from(base))?.checked_add(u64::from(digit))
    })
}

fn decimal(text: &[u8]) -> Option<i64> {
    let (negative, rest) = match text.first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == b"0" {
        return Some(0);
    }
    if !matches!(rest.first()?, b'1'..=b'9') {
        return None;
    }
    let number = i128::from(digits(rest, 10)?);
    i64::try_from(if negative { -number } else { number }).ok()
}

/// `FILTER_VALIDATE_INT`
pub(crate) fn int(cx: &mut Cx, text: &[u8], how: &Filtering<'_>) -> Ret<Option<i64>> {
    let text = trimmed(text);
    let number = match text {
        [] => None,
        [b'0', b'x' | b'X', rest @ ..] if how.has(ALLOW_HEX) => {
            if rest.is_empty() {
                None
            } else {
                digits(rest, 16).map(|n| n as i64)
            }
        }
        [b'0', rest @ ..] if how.has(ALLOW_OCTAL) => match rest {
            [b'o' | b'O'] => None,
            [b'o' | b'O', rest @ ..] | rest => digits(rest, 8).map(|n| n as i64),
        },
        [b'0'] => Some(0),
        [b'0', ..] => None,
        _ => decimal(text),
    };
    let Some(number) = number else { return Ok(None) };
    for (name, wrong) in
        [("min_range", std::cmp::Ordering::Less), ("max_range", std::cmp::Ordering::Greater)]
    {
        if let Some(limit) = how.option(name)
            && number.cmp(&cx.to_int(&limit)?) == wrong
        {
            return Ok(None);
        }
    }
    Ok(Some(number))
}

/// `FILTER_VALIDATE_BOOL`
pub(crate) fn bool(text: &[u8]) -> Option<bool> {
    match trimmed(text).to_ascii_lowercase().as_slice() {
        b"1" | b"on" | b"yes" | b"true" => Some(true),
        b"" | b"0" | b"no" | b"off" | b"false" => Some(false),
        _ => None,
    }
}

/// The bytes that separate decimals and thousands.
fn separators(cx: &mut Cx, how: &Filtering<'_>) -> Ret<(u8, Vec<u8>)> {
    let mut decimal = b'.';
    let mut thousand = b"',.".to_vec();
    if let Some(Value::Str(given)) = how.option("decimal") {
        if given.len() != 1 {
            let name = function_name(cx);
            let text = format!("{name}(): \"decimal\" option must be one character long");
            return Err(cx.throw_value_error(text));
        }
        decimal = given[0];
    }
    if let Some(Value::Str(given)) = how.option("thousand") {
        if given.is_empty() {
            let name = function_name(cx);
            let text = format!("{name}(): \"thousand\" option must not be empty");
            return Err(cx.throw_value_error(text));
        }
        thousand = given.to_vec();
        thousand.truncate(3);
    }
    Ok((decimal, thousand))
}

/// The number as PHP writes it, without separators; `None` if it is none.
fn plain(text: &[u8], decimal: u8, thousand: Option<&[u8]>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let take_digits = |at: &mut usize, out: &mut Vec<u8>| {
        let start = *at;
        while text.get(*at).is_some_and(u8::is_ascii_digit) {
            out.push(text[*at]);
            *at += 1;
        }
        *at - start
    };
    let take_sign = |at: &mut usize, out: &mut Vec<u8>| {
        if let Some(sign @ (b'+' | b'-')) = text.get(*at) {
            out.push(*sign);
            *at += 1;
        }
    };
    take_sign(&mut at, &mut out);
    let mut first = true;
    loop {
        let count = take_digits(&mut at, &mut out);
        let next = text.get(at).copied();
        if next.is_none_or(|b| b == decimal || matches!(b, b'e' | b'E')) {
            if !first && count != 3 {
                return None;
            }
            if next == Some(decimal) {
                out.push(b'.');
                at += 1;
                take_digits(&mut at, &mut out);
            }
            if let Some(e @ (b'e' | b'E')) = text.get(at) {
                out.push(*e);
                at += 1;
                take_sign(&mut at, &mut out);
                take_digits(&mut at, &mut out);
            }
            break;
        }
        if !thousand?.contains(&next?) {
            return None;
        }
        if if first { !(1..=3).contains(&count) } else { count != 3 } {
            return None;
        }
        first = false;
        at += 1;
    }
    (at == text.len()).then_some(out)
}

/// `FILTER_VALIDATE_FLOAT`
pub(crate) fn float(cx: &mut Cx, text: &PhpString, how: &Filtering<'_>) -> Ret<Option<f64>> {
    let (decimal, thousand) = separators(cx, how)?;
    let text = trimmed(text);
    if text.is_empty() {
        return Ok(None);
    }
    let thousand = how.has(ALLOW_THOUSAND).then_some(&thousand[..]);
    let Some(plain) = plain(text, decimal, thousand) else { return Ok(None) };
    let number = match parse_numeric(&plain, false).map(|n| n.number) {
        Some(Number::Int(int)) => int as f64,
        Some(Number::Float(float)) => {
            let lost = float == 0.0 && plain.iter().any(|b| matches!(b, b'1'..=b'9'));
            if lost || !float.is_finite() {
                return Ok(None);
            }
            float
        }
        _ => return Ok(None),
    };
    let below = match how.option("min_range") {
        Some(limit) => number < cx.to_float(&limit)?,
        None => false,
    };
    let above = match how.option("max_range") {
        Some(limit) => number > cx.to_float(&limit)?,
        None => false,
    };
    Ok((!below && !above).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_no_leading_zeros_and_fit() {
        assert_eq!(decimal(b"-12"), Some(-12));
        assert_eq!(decimal(b"+0"), Some(0));
        assert_eq!(decimal(b"01"), None);
        assert_eq!(decimal(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(decimal(b"9223372036854775808"), None);
    }

    #[test]
    fn thousands_come_in_threes() {
        let with = |text: &str| plain(text.as_bytes(), b'.', Some(b"',."));
        assert_eq!(with("1,234,567.5"), Some(b"1234567.5".to_vec()));
        assert_eq!(with("12,34"), None);
        assert_eq!(plain(b"1,000", b'.', None), None);
        assert_eq!(plain(b"1e-5", b'.', None), Some(b"1e-5".to_vec()));
    }
}
