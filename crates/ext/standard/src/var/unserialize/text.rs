//! The numbers and texts of the serialization format.

use outlast_number as number;

/// Digits: the number (bounded) and the position behind it.
pub fn unsigned(data: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = data.get(at..)?;
    let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 {
        return None;
    }
    let n = rest[..len]
        .iter()
        .fold(0usize, |n, b| n.saturating_mul(10).saturating_add(usize::from(b - b'0')));
    Some((n, at + len))
}

/// A signed int and the position behind it; the bound if it is out of range.
pub fn int(data: &[u8], at: usize) -> Option<(Result<i64, i64>, usize)> {
    let negative = data.get(at) == Some(&b'-');
    let signed = negative || data.get(at) == Some(&b'+');
    let start = at + usize::from(signed);
    let rest = data.get(start..)?;
    let len = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 {
        return None;
    }
    let mut n = Ok(0i64);
    for b in &rest[..len] {
        let d = i64::from(b - b'0');
        n = n.and_then(|n: i64| {
            let next = n
                .checked_mul(10)
                .and_then(|n| if negative { n.checked_sub(d) } else { n.checked_add(d) });
            next.ok_or(if negative { i64::MIN } else { i64::MAX })
        });
    }
    Some((n, start + len))
}

/// A float and the position behind it.
pub fn float(data: &[u8], at: usize) -> Option<(f64, usize)> {
    let rest = data.get(at..)?;
    for (word, f) in [
        (b"NAN".as_slice(), f64::NAN),
        (b"INF", f64::INFINITY),
        (b"-INF", f64::NEG_INFINITY),
        (b"+INF", f64::INFINITY),
    ] {
        if rest.starts_with(word) {
            return Some((f, at + word.len()));
        }
    }
    let digits = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
    let whole = digits(end);
    end += whole;
    let mut fraction = 0;
    if rest.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        if whole + fraction > 0 {
            end += 1 + fraction;
        }
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = if end + 1 + sign <= rest.len() { digits(end + 1 + sign) } else { 0 };
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    Some((number::string_to_float(&rest[..end]), at + end))
}

/// Text of `len` bytes with `\xx` escapes; and the position behind it.
pub fn unescape(data: &[u8], at: usize, len: usize) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::with_capacity(len);
    let mut at = at;
    while out.len() < len {
        let b = *data.get(at)?;
        if b != b'\\' {
            out.push(b);
            at += 1;
            continue;
        }
        let hex = data.get(at + 1..at + 3)?;
        let digit = |b: u8| char::from(b).to_digit(16);
        out.push((digit(hex[0])? * 16 + digit(hex[1])?) as u8);
        at += 3;
    }
    Some((out, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(unsigned(b"x12:", 1), Some((12, 3)));
        assert_eq!(int(b"-12;", 0), Some((Ok(-12), 3)));
        assert_eq!(int(b"99999999999999999999;", 0).unwrap().0, Err(i64::MAX));
        assert_eq!(int(b"+;", 0), None);
        assert_eq!(float(b".5;", 0), Some((0.5, 2)));
        assert_eq!(float(b"5.;", 0), Some((5.0, 2)));
        assert_eq!(float(b"1e5;", 0), Some((100_000.0, 3)));
        assert_eq!(float(b"-INF;", 0), Some((f64::NEG_INFINITY, 4)));
        assert_eq!(float(b"x", 0), None);
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape(b"\\41b\"", 0, 2), Some((b"Ab".to_vec(), 4)));
        assert_eq!(unescape(b"\\4", 0, 1), None);
    }
}
