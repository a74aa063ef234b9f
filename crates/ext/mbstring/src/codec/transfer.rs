//! Encodings of bytes as text, and characters as entities of HTML.

use super::{BAD, unicode};
use outlast_text::html::{Charset, Flags, escape, unescape};

pub fn decode_base64(bytes: &[u8]) -> Vec<u8> {
    outlast_text::encode::base64_decode(bytes, false).unwrap_or_default()
}

/// In lines of 76.
pub fn encode_base64(bytes: &[u8]) -> Vec<u8> {
    let whole = outlast_text::encode::base64_encode(bytes);
    whole.chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..])
}

pub fn encode_quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut column = 0;
    for (i, &b) in bytes.iter().enumerate() {
        match b {
            0 => {
                out.push(0);
                column = 0;
                continue;
            }
            b'\n' => {
                out.extend_from_slice(b"\r\n");
                column = 0;
                continue;
            }
            b'\r' if bytes.get(i + 1) == Some(&b'\n') => continue,
            b'\r' => {
                out.extend_from_slice(b"\r\n");
                column = 0;
                continue;
            }
            _ => {}
        }
        if column >= 72 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if !(0x20..0x7f).contains(&b) || b == b'=' {
            out.extend_from_slice(format!("={b:02X}").as_bytes());
            column += 3;
        } else {
            out.push(b);
            column += 1;
        }
    }
    out
}

pub fn decode_uuencode(bytes: &[u8]) -> Vec<u8> {
    let body = match bytes.strip_prefix(b"begin ") {
        Some(rest) => {
            rest.iter().position(|b| *b == b'\n').map_or(&rest[..0], |at| &rest[at + 1..])
        }
        None => bytes,
    };
    outlast_text::encode::uudecode(body).unwrap_or_default()
}

pub fn encode_uuencode(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"begin 0644 filename\n".to_vec();
    let body = outlast_text::encode::uuencode(bytes);
    let lines = body.split_inclusive(|b| *b == b'\n').filter(|line| line != b"`\n");
    lines.for_each(|line| out.extend_from_slice(line));
    out
}

/// All entities of HTML 4.01.
fn named(text: &[u8]) -> Option<u32> {
    let plain = unescape(text, true, Flags(3), Charset::Utf8);
    let chars = unicode::decode_utf8(&plain);
    match chars.as_slice() {
        [c] if *c != BAD && plain != text => Some(*c),
        _ => None,
    }
}

pub fn decode_html(bytes: &[u8]) -> Vec<u32> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let end = || bytes[at..].iter().take(16).position(|b| *b == b';').map(|n| at + n);
        if b == b'&'
            && let Some(end) = end()
            && let Some(c) = entity(&bytes[at..=end])
        {
            out.push(c);
            at = end + 1;
            continue;
        }
        out.push(u32::from(b));
        at += 1;
    }
    out
}

fn entity(text: &[u8]) -> Option<u32> {
    let inner = std::str::from_utf8(&text[1..text.len() - 1]).ok()?;
    let number = match inner.strip_prefix('#') {
        None => return named(text),
        Some(hex) if hex.starts_with(['x', 'X']) => u32::from_str_radix(&hex[1..], 16),
        Some(decimal) => decimal.parse(),
    };
    number.ok().filter(|c| *c <= 0x10ffff)
}

pub fn put_html(out: &mut Vec<u8>, c: u32) -> bool {
    if c < 0x80 {
        out.push(c as u8);
        return true;
    }
    let mut text = Vec::new();
    if !unicode::put_utf8(&mut text, c) {
        return false;
    }
    match escape(&text, true, Flags(0), Charset::Utf8, true) {
        entity if entity != text => out.extend_from_slice(&entity),
        _ => out.extend_from_slice(format!("&#{c};").as_bytes()),
    }
    true
}
