//! Backslash escapes: `addslashes`, `addcslashes`, their inverses and `quotemeta`.

/// `addslashes()`.
pub fn addslashes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        match byte {
            0 => out.extend_from_slice(b"\\0"),
            b'\'' | b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            _ => out.push(byte),
        }
    }
    out
}

/// `stripslashes()`.
pub fn stripslashes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'0') => out.push(0),
            Some(&escaped) => out.push(escaped),
            None => {}
        }
    }
    out
}

/// `addcslashes()` of the bytes in `mask`.
pub fn addcslashes(text: &[u8], mask: &[bool; 256]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        if !mask[usize::from(byte)] {
            out.push(byte);
            continue;
        }
        out.push(b'\\');
        match byte {
            b'\n' => out.push(b'n'),
            b'\t' => out.push(b't'),
            b'\r' => out.push(b'r'),
            0x07 => out.push(b'a'),
            0x0b => out.push(b'v'),
            0x08 => out.push(b'b'),
            0x0c => out.push(b'f'),
            b' '..=b'~' => out.push(byte),
            _ => out.extend_from_slice(format!("{byte:03o}").as_bytes()),
        }
    }
    out
}

/// `stripcslashes()`.
pub fn stripcslashes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        if byte != b'\\' || at >= text.len() {
            out.push(byte);
            continue;
        }
        let escape = text[at];
        at += 1;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(0x07),
            b'v' => out.push(0x0b),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'x' if text.get(at).is_some_and(u8::is_ascii_hexdigit) => {
                out.push(number(text, &mut at, 16, 2));
            }
            b'0'..=b'7' => {
                at -= 1;
                out.push(number(text, &mut at, 8, 3));
            }
            other => out.push(other),
        }
    }
    out
}

fn number(text: &[u8], at: &mut usize, base: u32, most: usize) -> u8 {
    let mut value = 0u32;
    for _ in 0..most {
        let Some(digit) = text.get(*at).and_then(|b| char::from(*b).to_digit(base)) else {
            break;
        };
        value = value * base + digit;
        *at += 1;
    }
    value as u8
}

/// `quotemeta()`.
pub fn quotemeta(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        if b".\\+*?[^]$()".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charmask::charmask;

    #[test]
    fn round_trips() {
        assert_eq!(addslashes(b"a'b\0\\"), b"a\\'b\\0\\\\");
        assert_eq!(stripslashes(b"a\\'b\\0\\\\\\"), b"a'b\0\\");
        let (mask, _) = charmask(b"\0..\x1f\x7f..\xff");
        assert_eq!(addcslashes(b"a\n\x01\xff", &mask), b"a\\n\\001\\377");
        assert_eq!(stripcslashes(b"\\x41\\101\\n\\q\\"), b"AA\nq\\");
        assert_eq!(quotemeta(b"1+1?"), b"1\\+1\\?");
    }
}
