//! Binary-to-text encodings and checksums: base64, hex, uuencode, quoted-printable, CRC-32,
//! and Latin-1 to UTF-8.

use crate::utf8::next_char;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `base64_encode()`.
pub fn base64_encode(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4);
    for chunk in data.chunks(3) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(BASE64[(bits >> (18 - 6 * place)) as usize & 63]);
            } else {
                out.push(b'=');
            }
        }
    }
    out
}

fn base64_value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// `base64_decode()`: skips foreign bytes unless `strict`, which refuses them.
pub fn base64_decode(text: &[u8], strict: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut padding) = (0u32, 0usize, 0usize);
    for &byte in text {
        if byte == b'=' {
            padding += 1;
            continue;
        }
        let Some(value) = base64_value(byte) else {
            if strict && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return None;
            }
            continue;
        };
        if strict && padding > 0 {
            return None;
        }
        bits = bits << 6 | value;
        count += 1;
        if count % 4 != 1 {
            let spare = [0, 0, 4, 2][count % 4];
            out.push((bits >> spare) as u8);
        }
    }
    if strict {
        let bad_padding = padding > 0 && (padding > 2 || (count + padding) % 4 != 0);
        if count % 4 == 1 || bad_padding {
            return None;
        }
    }
    Some(out)
}

/// `bin2hex()`.
pub fn bin2hex(data: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    data.iter().flat_map(|b| [HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]]).collect()
}

/// Why `hex2bin()` refuses a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// "Hexadecimal input string must have an even length".
    OddLength,
    /// "Input string must be hexadecimal string".
    NotHex,
}

impl HexError {
    /// The message of the warning.
    pub fn message(self) -> &'static str {
        match self {
            HexError::OddLength => "Hexadecimal input string must have an even length",
            HexError::NotHex => "Input string must be hexadecimal string",
        }
    }
}

/// `hex2bin()`.
pub fn hex2bin(text: &[u8]) -> Result<Vec<u8>, HexError> {
    if !text.len().is_multiple_of(2) {
        return Err(HexError::OddLength);
    }
    text.chunks(2)
        .map(|pair| {
            let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(HexError::NotHex);
            Ok((digit(pair[0])? * 16 + digit(pair[1])?) as u8)
        })
        .collect()
}

/// `crc32()`.
pub fn crc32(data: &[u8]) -> u32 {
    crc32fast::hash(data)
}

fn uu_char(value: u8) -> u8 {
    match value & 63 {
        0 => b'`',
        value => value + b' ',
    }
}

/// `convert_uuencode()`.
pub fn uuencode(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() * 138 / 100 + 46);
    for line in data.chunks(45) {
        out.push(uu_char(line.len() as u8));
        for chunk in line.chunks(3) {
            let at = |place: usize| chunk.get(place).copied().unwrap_or(0);
            let (a, b, c) = (at(0), at(1), at(2));
            out.extend_from_slice(&[
                uu_char(a >> 2),
                uu_char(a << 4 | b >> 4),
                uu_char(b << 2 | c >> 6),
                uu_char(c),
            ]);
        }
        out.push(b'\n');
    }
    out.extend_from_slice(b"`\n");
    out
}

/// `convert_uudecode()`: `None` when the string is not uuencoded.
pub fn uudecode(text: &[u8]) -> Option<Vec<u8>> {
    let value = |byte: u8| byte.wrapping_sub(b' ') & 63;
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let mut at = 0;
    while at < text.len() {
        let length = usize::from(value(text[at]));
        at += 1;
        if length == 0 {
            break;
        }
        let groups = length.div_ceil(3);
        let body = text.get(at..at + groups * 4)?;
        let start = out.len();
        for group in body.chunks(4) {
            let (a, b, c, d) = (value(group[0]), value(group[1]), value(group[2]), value(group[3]));
            out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        }
        out.truncate(start + length);
        at += groups * 4 + 1;
    }
    Some(out)
}

/// `quoted_printable_encode()`.
pub fn quoted_printable_encode(text: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    const LINE: usize = 75;
    let mut out = Vec::with_capacity(text.len() * 3 / 2);
    let mut column = 0;
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        let next = text.get(at + 1).copied();
        at += 1;
        if byte == b'\r' && next == Some(b'\n') {
            out.extend_from_slice(b"\r\n");
            at += 1;
            column = 0;
            continue;
        }
        let plain =
            (b' '..=b'~').contains(&byte) && byte != b'=' && !(byte == b' ' && next == Some(b'\r'));
        if plain {
            column += 1;
            if column > LINE {
                column = 1;
                out.extend_from_slice(b"=\r\n");
            }
            out.push(byte);
            continue;
        }
        column += 3;
        // A sequence of UTF-8 is not broken across lines.
        let following = match byte {
            0..=0x7f => 0,
            0x80..=0xdf => 3,
            0xe0..=0xef => 6,
            0xf0..=0xf4 => 9,
            _ => usize::MAX / 2,
        };
        if following < usize::MAX / 2 && column + following > LINE {
            column = 3;
            out.extend_from_slice(b"=\r\n");
        }
        out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
    }
    out
}

/// `quoted_printable_decode()`.
pub fn quoted_printable_decode(text: &[u8]) -> Vec<u8> {
    let text = &text[..text.iter().position(|b| *b == 0).unwrap_or(text.len())];
    let mut out = Vec::with_capacity(text.len());
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'=' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        if let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) {
            out.push((high * 16 + low) as u8);
            at += 3;
            continue;
        }
        let mut end = at + 1;
        while matches!(text.get(end), Some(b' ' | b'\t')) {
            end += 1;
        }
        match (text.get(end), text.get(end + 1)) {
            (None, _) => at = end,
            (Some(b'\r'), Some(b'\n')) => at = end + 2,
            (Some(b'\r' | b'\n'), _) => at = end + 1,
            _ => {
                out.push(b'=');
                at += 1;
            }
        }
    }
    out
}

/// `utf8_encode()`: Latin-1 to UTF-8.
pub fn utf8_encode(text: &[u8]) -> Vec<u8> {
    text.iter().map(|b| char::from(*b)).collect::<String>().into_bytes()
}

/// `utf8_decode()`: UTF-8 to Latin-1, `?` for what it cannot hold.
pub fn utf8_decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let byte =
            next_char(text, &mut at).and_then(|code| u8::try_from(code).ok()).unwrap_or(b'?');
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        assert_eq!(base64_encode(b"Hello"), b"SGVsbG8=");
        assert_eq!(base64_decode(b"SGVs bG8=", true), Some(b"Hello".to_vec()));
        assert_eq!(base64_decode(b"SGVs*bG8", false), Some(b"Hello".to_vec()));
        assert_eq!(base64_decode(b"SGVs*bG8", true), None);
        assert_eq!(base64_decode(b"SGV=sbG8", true), None);
    }

    #[test]
    fn others() {
        assert_eq!(bin2hex(b"\x00\xff"), b"00ff");
        assert_eq!(hex2bin(b"0g"), Err(HexError::NotHex));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(uuencode(b"test"), b"$=&5S=```\n`\n");
        assert_eq!(uudecode(b"$=&5S=```\n`\n"), Some(b"test".to_vec()));
        assert_eq!(quoted_printable_encode(b"a=b\xe9"), b"a=3Db=E9");
        assert_eq!(quoted_printable_decode(b"a=3Db=\r\nc="), b"a=bc");
        assert_eq!(utf8_decode(&utf8_encode(b"\xe9")), b"\xe9");
    }
}
