//! Numbers with a multiplier: `128M`.

/// The value of a quantity as PHP reads it, and what it complains of.
pub fn parse_quantity(text: &[u8]) -> (i64, Option<String>) {
    let space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let mut s = text;
    while s.first().is_some_and(space) {
        s = &s[1..];
    }
    while s.last().is_some_and(space) {
        s = &s[..s.len() - 1];
    }
    if s.is_empty() {
        return (0, None);
    }
    let shown = shown(text);
    let (negative, digits) = match s[0] {
        b'-' => (true, &s[1..]),
        b'+' => (false, &s[1..]),
        _ => (false, s),
    };
    if !digits.first().is_some_and(u8::is_ascii_digit) {
        return (
            0,
            Some(format!(
                "Invalid quantity \"{shown}\": no valid leading digits, interpreting as \"0\" for backwards compatibility"
            )),
        );
    }
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', b'0'..=b'9', ..] => (8, &digits[1..]),
        [b'0', c, ..] if !matches!(c, b'g' | b'G' | b'm' | b'M' | b'k' | b'K') && !space(c) => {
            return (
                0,
                Some(format!(
                    "Invalid prefix \"0{}\", interpreting as \"0\" for backwards compatibility",
                    *c as char
                )),
            );
        }
        _ => (10, digits),
    };
    let count = digits.iter().take_while(|d| (**d as char).is_digit(base)).count();
    if count == 0 && base != 10 {
        if digits.is_empty() || base != 8 || !digits[0].is_ascii_digit() {
            return (
                0,
                Some(format!(
                    "Invalid quantity \"{shown}\": no digits after base prefix, interpreting as \"0\" for backwards compatibility"
                )),
            );
        }
    }
    let mut overflow = false;
    let mut n = 0u64;
    for d in &digits[..count] {
        let d = (*d as char).to_digit(base).unwrap_or(0);
        match n.checked_mul(u64::from(base)).and_then(|n| n.checked_add(u64::from(d))) {
            Some(m) => n = m,
            None => {
                overflow = true;
                n = u64::MAX;
                break;
            }
        }
    }
    overflow |= n > i64::MAX as u64 + u64::from(negative);
    let number = if negative { (n as i64).wrapping_neg() } else { n as i64 };
    let mut rest = &digits[count..];
    let numeral = &s[..s.len() - rest.len()];
    while rest.first().is_some_and(space) {
        rest = &rest[1..];
    }
    let Some(&suffix) = rest.last() else {
        return (number, out_of_range(overflow, &shown));
    };
    let shift = match suffix.to_ascii_lowercase() {
        b'g' => 30,
        b'm' => 20,
        b'k' => 10,
        _ => {
            return (
                number,
                Some(format!(
                    "Invalid quantity \"{shown}\": unknown multiplier \"{}\", interpreting as \"{}\" for backwards compatibility",
                    self::shown(&[suffix]),
                    self::shown(numeral)
                )),
            );
        }
    };
    let product = number.wrapping_mul(1 << shift);
    overflow |= number.checked_mul(1 << shift).is_none();
    if rest.len() > 1 {
        return (
            product,
            Some(format!(
                "Invalid quantity \"{shown}\", interpreting as \"{}{}\" for backwards compatibility",
                self::shown(numeral),
                suffix as char
            )),
        );
    }
    (product, out_of_range(overflow, &shown))
}

fn out_of_range(overflow: bool, shown: &str) -> Option<String> {
    overflow.then(|| {
        format!(
            "Invalid quantity \"{shown}\": value is out of range, using overflow result for backwards compatibility"
        )
    })
}

/// Control characters and high bytes escaped, as messages show them.
fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(&crate::errors::escape(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::parse_quantity;

    #[test]
    fn multipliers_and_bases() {
        for (text, value) in [
            ("12", 12),
            ("", 0),
            ("1 K", 1024),
            ("0x1FK", 31 << 10),
            ("0o17K", 15 << 10),
            ("010", 8),
            ("0b11", 3),
            ("-5M", -5 << 20),
            ("0K", 0),
            ("0", 0),
        ] {
            assert_eq!(parse_quantity(text.as_bytes()), (value, None), "{text}");
        }
    }

    #[test]
    fn complaints_keep_a_value() {
        for (text, value) in [
            ("12MB", 12),
            ("K", 0),
            ("0x", 0),
            ("0q17K", 0),
            ("123abc", 123),
            ("99999999999999999999999G", -1_073_741_824),
            ("9999999999G", -7_709_325_834_783_293_440),
        ] {
            let (n, complaint) = parse_quantity(text.as_bytes());
            assert_eq!(n, value, "{text}");
            assert!(complaint.is_some());
        }
    }
}
