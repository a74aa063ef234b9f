//! Headers of mails (RFC 2047).

use crate::codec::{self, Substitute, decode, encode};
use crate::encodings::{Encoding, find, utf8};
use crate::settings::{encoding_arg, internal, mail_header, substitute};
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// How long lines get.
const LINE: usize = 74;

pub fn mb_encode_mimeheader(
    cx: &mut Cx,
    string: &PhpString,
    charset: Option<&PhpString>,
    transfer: Option<&PhpString>,
    newline: &PhpString,
    indent: i64,
) -> Ret<Vec<u8>> {
    let (default, default_base64) = mail_header(cx);
    let (charset, mut base64) = match charset {
        Some(_) => (encoding_arg(cx, 2, charset)?, true),
        None => (default, default_base64),
    };
    if let Some(first) = transfer.and_then(|t| t.first()) {
        base64 = !first.eq_ignore_ascii_case(&b'q');
    }
    let chars = decode(internal(cx), string);
    let column = usize::try_from(indent).unwrap_or(0).min(LINE - 10);
    let newline = &newline[..newline.len().min(8)];
    Ok(encode_header(&chars, charset, base64, newline, column))
}

fn encode_header(
    chars: &[u32],
    charset: &Encoding,
    base64: bool,
    newline: &[u8],
    mut column: usize,
) -> Vec<u8> {
    let plain =
        |c: &u32| (0x20..0x7f).contains(c) && *c != u32::from(b'=') && *c != u32::from(b'?');
    let mut out = Vec::new();
    // Words of ASCII in front stay as they are.
    let mut at = 0;
    let mut start_of_rest = 0;
    while at < chars.len() {
        let word = chars[at..].iter().take_while(|c| **c != 0x20).count();
        if !chars[at..at + word].iter().all(plain) {
            break;
        }
        at += word;
        while chars.get(at) == Some(&0x20) {
            at += 1;
        }
        start_of_rest = at;
    }
    if start_of_rest > 0 {
        let text: Vec<u8> = chars[..start_of_rest].iter().map(|c| *c as u8).collect();
        for word in text.split_inclusive(|b| *b == b' ') {
            if column > 0 && column + word.trim_ascii_end().len() > LINE {
                if out.last() == Some(&b' ') {
                    out.pop();
                }
                out.extend_from_slice(newline);
                out.push(b' ');
                column = 1;
            }
            out.extend_from_slice(word);
            column += word.len();
        }
    }
    let mut rest = &chars[start_of_rest..];
    if rest.is_empty() {
        return out;
    }
    let name = charset.mime.unwrap_or(charset.name);
    let open = format!("=?{name}?{}?", if base64 { 'B' } else { 'Q' });
    if column + open.len() + 6 > LINE {
        if out.last() == Some(&b' ') {
            out.pop();
        }
        out.extend_from_slice(newline);
        out.push(b' ');
        column = 1;
    }
    loop {
        let room = LINE.saturating_sub(column + open.len() + 2).max(4);
        let mut taken = 0;
        let mut text = Vec::new();
        while taken < rest.len() {
            let (bytes, _) = encode(charset, &rest[..taken + 1], Substitute::Char(0x3f));
            let longer =
                if base64 { outlast_text::encode::base64_encode(&bytes) } else { quoted(&bytes) };
            if longer.len() > room && taken > 0 {
                break;
            }
            text = longer;
            taken += 1;
        }
        out.extend_from_slice(open.as_bytes());
        out.extend_from_slice(&text);
        out.extend_from_slice(b"?=");
        rest = &rest[taken..];
        if rest.is_empty() {
            return out;
        }
        out.extend_from_slice(newline);
        out.push(b' ');
        column = 1;
    }
}

/// Quoted as headers want it.
fn quoted(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for &b in bytes {
        if b.is_ascii_alphanumeric() {
            out.push(b);
        } else {
            out.extend_from_slice(format!("={b:02X}").as_bytes());
        }
    }
    out
}

pub fn mb_decode_mimeheader(cx: &mut Cx, string: &PhpString) -> Ret<Vec<u8>> {
    let to = internal(cx);
    let substitute = substitute(cx);
    let mut out = Vec::new();
    let mut at = 0;
    let mut after_encoded = false;
    while at < string.len() {
        if let Some((bytes, charset, len)) = encoded_word(&string[at..]) {
            if after_encoded {
                // Blanks between encoded words mean nothing.
                while out.last().is_some_and(|b: &u8| b.is_ascii_whitespace()) {
                    out.pop();
                }
            }
            out.extend(codec::convert(&bytes, charset, to, substitute).0);
            at += len;
            after_encoded = true;
            continue;
        }
        let b = string[at];
        at += 1;
        if b == b'\r' || b == b'\n' {
            // A folded line goes on with one blank.
            while string.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            if at < string.len() {
                out.push(b' ');
            }
            continue;
        }
        if !b.is_ascii_whitespace() {
            after_encoded = false;
        }
        out.push(b);
    }
    Ok(out)
}

/// The bytes of `=?charset?B?...?=` at the start, their charset and the length of it all.
fn encoded_word(text: &[u8]) -> Option<(Vec<u8>, &'static Encoding, usize)> {
    let inner = text.strip_prefix(b"=?")?;
    let name_end = inner.iter().position(|b| *b == b'?')?;
    let charset = find(&inner[..name_end]).unwrap_or_else(utf8);
    find(&inner[..name_end])?;
    let kind = inner.get(name_end + 1)?.to_ascii_uppercase();
    if inner.get(name_end + 2) != Some(&b'?') {
        return None;
    }
    let body = &inner[name_end + 3..];
    let end = body.windows(2).position(|w| w == b"?=").unwrap_or(body.len());
    let bytes = match kind {
        b'B' => outlast_text::encode::base64_decode(&body[..end], false).unwrap_or_default(),
        b'Q' => {
            let spaced: Vec<u8> =
                body[..end].iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
            outlast_text::encode::quoted_printable_decode(&spaced)
        }
        _ => return None,
    };
    Some((bytes, charset, (2 + name_end + 3 + end + 2).min(text.len())))
}
