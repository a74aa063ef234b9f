//! `++` and `--` of strings.

/// Alphanumeric increment (`"Az"` to `"Ba"`, `"Zz"` to `"AAa"`). A carry stops at the
/// first byte that is not alphanumeric; an empty string is left to the caller.
pub fn increment_string(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut first = None;
    for at in (0..out.len()).rev() {
        let (next, carried) = match out[at] {
            b'z' => (b'a', Some(b'a')),
            b'Z' => (b'A', Some(b'A')),
            b'9' => (b'0', Some(b'1')),
            byte if byte.is_ascii_alphanumeric() => (byte + 1, None),
            _ => return out,
        };
        out[at] = next;
        first = carried;
        if first.is_none() {
            return out;
        }
        if at > 0 && !out[at - 1].is_ascii_alphanumeric() {
            break;
        }
    }
    if let Some(byte) = first {
        let carry_all = out.iter().all(u8::is_ascii_alphanumeric);
        if carry_all {
            out.insert(0, byte);
        }
    }
    out
}

/// `str_decrement()`: `None` when the string cannot be decremented (`"a"`, `"0"`, `"a0"`…).
/// The caller has checked that it is not empty and is all alphanumeric.
pub fn decrement_string(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.first() == Some(&b'0') {
        return None;
    }
    let mut out = bytes.to_vec();
    let mut borrow = true;
    let mut at = out.len();
    while borrow && at > 0 {
        at -= 1;
        (out[at], borrow) = match out[at] {
            b'a' => (b'z', true),
            b'A' => (b'Z', true),
            b'0' => (b'9', true),
            byte => (byte - 1, false),
        };
    }
    if borrow || (out[0] == b'0' && out.len() > 1) {
        if out.len() == 1 {
            return None;
        }
        out.remove(0);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries() {
        for (from, to) in [
            ("z", "aa"),
            ("Zz", "AAa"),
            ("a9", "b0"),
            ("9z", "10a"),
            ("Az", "Ba"),
            ("zZ9", "aaA0"),
            ("-", "-"),
            ("a-z", "a-a"),
        ] {
            assert_eq!(increment_string(from.as_bytes()), to.as_bytes());
        }
    }

    #[test]
    fn borrows() {
        for (from, to) in [
            ("b", Some("a")),
            ("aa", Some("z")),
            ("Ba", Some("Az")),
            ("10", Some("9")),
            ("100", Some("99")),
            ("a", None),
            ("0", None),
        ] {
            assert_eq!(decrement_string(from.as_bytes()).as_deref(), to.map(str::as_bytes));
        }
    }
}
