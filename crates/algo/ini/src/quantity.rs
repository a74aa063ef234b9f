//! Quantities such as `128M`.

/// A quantity and the warning its text deserves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The number of bytes, or whatever is counted.
    pub value: i64,
    /// The message of an `E_WARNING`.
    pub warning: Option<String>,
}

fn plain(value: i64) -> Quantity {
    Quantity { value, warning: None }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Makes bytes printable, as PHP shows them in messages.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x0b => out.push_str("\\v"),
            0x0c => out.push_str("\\f"),
            0x1b => out.push_str("\\e"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02X}")),
        }
    }
    out
}

fn multiplier(byte: u8) -> Option<i64> {
    match byte.to_ascii_lowercase() {
        b'k' => Some(1 << 10),
        b'm' => Some(1 << 20),
        b'g' => Some(1 << 30),
        _ => None,
    }
}

const COMPATIBLE: &str = "for backwards compatibility";

/// `ini_parse_quantity()`: reads a number with its multiplier.
pub fn parse_quantity(text: &[u8]) -> Quantity {
    let start = text.iter().take_while(|b| is_space(**b)).count();
    let end = text.iter().rposition(|b| !is_space(*b)).map_or(start, |at| at + 1);
    let body = &text[start..end];
    if body.is_empty() {
        return plain(0);
    }
    let shown = escaped(text);
    let warn = |value: i64, reason: &str| Quantity {
        value,
        warning: Some(format!("Invalid quantity \"{shown}\"{reason}")),
    };
    let no_digits =
        || warn(0, &format!(": no valid leading digits, interpreting as \"0\" {COMPATIBLE}"));
    let negative = body[0] == b'-';
    let mut at = usize::from(matches!(body[0], b'+' | b'-'));
    if !body.get(at).is_some_and(u8::is_ascii_digit) {
        return no_digits();
    }
    let mut base = 10;
    if body[at] == b'0' {
        match body.get(at + 1) {
            None => return plain(0),
            Some(byte) if byte.is_ascii_digit() => base = 8,
            Some(byte) if multiplier(*byte).is_some() => {}
            Some(byte) => {
                base = match byte {
                    b'x' | b'X' => 16,
                    b'o' | b'O' => 8,
                    b'b' | b'B' => 2,
                    other => {
                        let prefix = escaped(&[*other]);
                        return Quantity {
                            value: 0,
                            warning: Some(format!(
                                "Invalid prefix \"0{prefix}\", interpreting as \"0\" {COMPATIBLE}"
                            )),
                        };
                    }
                };
                at += 2;
                let next = body.get(at);
                if next.is_none_or(|b| is_space(*b) || matches!(b, b'+' | b'-')) {
                    return warn(
                        0,
                        &format!(
                            ": no digits after base prefix, interpreting as \"0\" {COMPATIBLE}"
                        ),
                    );
                }
            }
        }
    }
    let digits_start = at;
    let mut magnitude = Some(0u64);
    while let Some(digit) = body.get(at).and_then(|b| char::from(*b).to_digit(base)) {
        magnitude = magnitude
            .and_then(|m| m.checked_mul(u64::from(base)))
            .and_then(|m| m.checked_add(u64::from(digit)));
        at += 1;
    }
    if at == digits_start {
        return no_digits();
    }
    let (value, mut overflow) = signed(magnitude, negative);
    while body.get(at).is_some_and(|b| is_space(*b)) {
        at += 1;
    }
    let mut value = value;
    let mut complaint = None;
    if let Some(&last) = body.get(at..).and_then(<[u8]>::last) {
        let number = escaped(&body[..at]);
        let Some(factor) = multiplier(last) else {
            let suffix = escaped(&[last]);
            return warn(
                value,
                &format!(
                    ": unknown multiplier \"{suffix}\", interpreting as \"{number}\" {COMPATIBLE}"
                ),
            );
        };
        overflow |= value.checked_mul(factor).is_none();
        value = value.wrapping_mul(factor);
        if at + 1 < body.len() {
            let suffix = escaped(&[last]);
            complaint = Some(format!(", interpreting as \"{number}{suffix}\" {COMPATIBLE}"));
        }
    }
    if let Some(reason) = complaint {
        return warn(value, &reason);
    }
    if overflow {
        return warn(
            value,
            &format!(": value is out of range, using overflow result {COMPATIBLE}"),
        );
    }
    plain(value)
}

/// The signed value of a magnitude, and whether it went out of range.
fn signed(magnitude: Option<u64>, negative: bool) -> (i64, bool) {
    match magnitude {
        None => (-1, true),
        Some(m) if negative => match 0i64.checked_sub_unsigned(m) {
            Some(value) => (value, false),
            None => (m as i64, true),
        },
        Some(m) => (m as i64, i64::try_from(m).is_err()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        for (text, value) in [
            ("128M", 134_217_728),
            ("1 k", 1024),
            ("0x1AK", 26_624),
            ("017", 15),
            ("0b11", 3),
            ("-1M", -1_048_576),
            ("", 0),
            (" 5 ", 5),
        ] {
            assert_eq!(parse_quantity(text.as_bytes()), plain(value), "{text}");
        }
    }

    #[test]
    fn warns() {
        let warning = |text: &str| parse_quantity(text.as_bytes()).warning.unwrap();
        assert_eq!(
            warning("1MB"),
            "Invalid quantity \"1MB\": unknown multiplier \"B\", interpreting as \"1\" for backwards compatibility"
        );
        assert_eq!(
            warning("1.5M"),
            "Invalid quantity \"1.5M\", interpreting as \"1M\" for backwards compatibility"
        );
        assert_eq!(
            warning("9223372036854775807K"),
            "Invalid quantity \"9223372036854775807K\": value is out of range, using overflow result for backwards compatibility"
        );
    }
}
