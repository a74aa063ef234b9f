//! Characters to entities.

use super::table::{BASIC, full};
use super::{Charset, Doctype, Flags, named_entity, numeric_entity, resolve};

/// Printable ASCII that stands for itself in all documents.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte < 0x7f {
        plain[byte as usize] = !matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>');
        byte += 1;
    }
    plain
};

/// Whether a text is the same in all documents and sets of characters.
pub fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| PLAIN[usize::from(*byte)])
}

/// `htmlspecialchars()`, or `htmlentities()` with `all`. Malformed text gives an empty
/// string unless the flags say how to go on.
pub fn escape(
    text: &[u8],
    all: bool,
    flags: Flags,
    charset: Charset,
    double_encode: bool,
) -> Vec<u8> {
    let doctype = flags.doctype();
    let all = all && doctype != Doctype::Xml1;
    let replacement: &[u8] = if charset == Charset::Utf8 { b"\xef\xbf\xbd" } else { b"&#xFFFD;" };
    let mut out = Vec::with_capacity(text.len() + text.len() / 8 + 16);
    // Where no name stands for a plain character, and none is the second byte of another, runs of them are
    // copied as they are.
    let runs = !all && !matches!(charset, Charset::MultiByte(_));
    let mut at = 0;
    while at < text.len() {
        if runs {
            let rest = &text[at..];
            let plain = rest.iter().position(|byte| !PLAIN[usize::from(*byte)]);
            let plain = plain.unwrap_or(rest.len());
            out.extend_from_slice(&rest[..plain]);
            at += plain;
            if at == text.len() {
                break;
            }
        }
        let start = at;
        let Some(code) = charset.next(text, &mut at) else {
            if flags.ignore() {
                continue;
            }
            if flags.substitute() {
                out.extend_from_slice(replacement);
                continue;
            }
            return Vec::new();
        };
        let bytes = &text[start..at];
        if code == u32::from(b'&') {
            match kept_entity(&text[start..], flags).filter(|_| !double_encode) {
                Some(length) => {
                    at = start + length;
                    out.extend_from_slice(&text[start..at]);
                }
                None => out.extend_from_slice(b"&amp;"),
            }
            continue;
        }
        if flags.spares(code) {
            out.extend_from_slice(bytes);
            continue;
        }
        if all {
            let pair = (doctype == Doctype::Html5)
                .then(|| {
                    let mut end = at;
                    let second = if end < text.len() { charset.next(text, &mut end) } else { None };
                    let name = full(true).by_code((code, second.filter(|c| *c != 0)?))?;
                    Some((name, end))
                })
                .flatten();
            if let Some((name, end)) = pair {
                push_entity(&mut out, name);
                at = end;
                continue;
            }
        }
        let name = if all {
            full(doctype == Doctype::Html5).by_code((code, 0))
        } else {
            basic_name(code, doctype)
        };
        match name {
            Some(name) => push_entity(&mut out, name),
            None if flags.disallowed()
                && (all
                    || !matches!(charset, Charset::SingleByte(_) | Charset::MultiByte(_))
                    || bytes[0] <= 0x7d)
                && !doctype.allows(code) =>
            {
                out.extend_from_slice(replacement);
            }
            None => out.extend_from_slice(bytes),
        }
    }
    out
}

fn push_entity(out: &mut Vec<u8>, name: &str) {
    out.push(b'&');
    out.extend_from_slice(name.as_bytes());
    out.push(b';');
}

fn basic_name(code: u32, doctype: Doctype) -> Option<&'static str> {
    if code == u32::from(b'\'') {
        return Some(apostrophe(doctype));
    }
    BASIC.iter().find(|(byte, _)| u32::from(*byte) == code).map(|(_, name)| *name)
}

fn apostrophe(doctype: Doctype) -> &'static str {
    if matches!(doctype, Doctype::Html401) { "#039" } else { "apos" }
}

/// The length of an entity at the start of `text` that is left as it is.
fn kept_entity(text: &[u8], flags: Flags) -> Option<usize> {
    let doctype = flags.doctype();
    if text.get(1) == Some(&b'#') {
        let (code, length) = numeric_entity(text)?;
        return (!flags.disallowed() || doctype.allows_numeric(code)).then_some(length);
    }
    let (name, length) = named_entity(text)?;
    resolve(name, doctype, true).map(|_| length)
}

/// `get_html_translation_table()`: characters and their entities, in order.
pub fn translation_table(all: bool, flags: Flags, charset: Charset) -> Vec<(Vec<u8>, Vec<u8>)> {
    let doctype = flags.doctype();
    let entity = |name: &str| format!("&{name};").into_bytes();
    if !all || doctype == Doctype::Xml1 {
        let mut basic: Vec<(u8, &str)> = BASIC.to_vec();
        basic.insert(2, (b'\'', apostrophe(doctype)));
        return basic
            .into_iter()
            .filter(|(byte, _)| !flags.spares(u32::from(*byte)))
            .map(|(byte, name)| (vec![byte], entity(name)))
            .collect();
    }
    let encode = |(first, second): (u32, u32)| {
        let mut bytes = charset.bytes(first)?;
        if second != 0 {
            if charset == Charset::Latin1 {
                // PHP cuts the second character to a byte here.
                bytes.push(second as u8);
            } else {
                bytes.extend(charset.bytes(second)?);
            }
        }
        Some(bytes)
    };
    let mut rows: Vec<(Vec<u8>, Vec<u8>)> = full(doctype == Doctype::Html5)
        .ordered()
        .iter()
        .filter(|(codes, _)| codes.1 != 0 || !flags.spares(codes.0))
        .filter_map(|(codes, name)| Some((encode(*codes)?, entity(name))))
        .collect();
    if charset != Charset::Utf8 {
        rows.sort_by(|a, b| a.0.cmp(&b.0));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn special(text: &str, flags: Flags) -> String {
        let out = escape(text.as_bytes(), false, flags, Charset::Utf8, true);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn escapes() {
        assert_eq!(
            special("<a href='x'>&\"", Flags::DEFAULT),
            "&lt;a href=&#039;x&#039;&gt;&amp;&quot;"
        );
        assert_eq!(special("'\"", Flags(2 | 48)), "'&quot;");
        assert_eq!(special("'", Flags(3 | 48)), "&apos;");
        let all = |text: &str, flags| escape(text.as_bytes(), true, flags, Charset::Utf8, true);
        assert_eq!(all("é€", Flags::DEFAULT), b"&eacute;&euro;");
        assert_eq!(all("fj", Flags(3 | 48)), b"&fjlig;");
        assert_eq!(escape(b"\xe9", true, Flags::DEFAULT, Charset::Latin1, true), b"&eacute;");
    }

    #[test]
    fn malformed_text() {
        let with = |flags| escape(b"a\xffb", false, Flags(flags), Charset::Utf8, true);
        assert_eq!(with(3), b"");
        assert_eq!(with(3 | 4), b"ab");
        assert_eq!(with(3 | 8), b"a\xef\xbf\xbdb");
    }

    #[test]
    fn keeps_entities() {
        let out = escape(b"&amp;&eacute;&#39;&x;&", false, Flags::DEFAULT, Charset::Utf8, false);
        assert_eq!(out, b"&amp;&eacute;&#39;&amp;x;&amp;");
    }

    #[test]
    fn tables() {
        assert_eq!(translation_table(true, Flags(3 | 48), Charset::Utf8).len(), 1511);
        assert_eq!(translation_table(true, Flags(3), Charset::Utf8).len(), 253);
        assert_eq!(translation_table(false, Flags(0), Charset::Utf8).len(), 3);
    }
}
