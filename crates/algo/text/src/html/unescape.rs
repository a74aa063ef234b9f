//! Entities to characters.

use super::{Charset, Doctype, Flags, named_entity, numeric_entity, resolve};

/// `htmlspecialchars_decode()`, or `html_entity_decode()` with `all`.
pub fn unescape(text: &[u8], all: bool, flags: Flags, charset: Charset) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        // The shortest entity has four bytes.
        if text[at] == b'&'
            && text.len() - at > 3
            && let Some((bytes, length)) = entity(&text[at..], all, flags, charset)
        {
            out.extend_from_slice(&bytes);
            at += length;
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}

/// The character an entity at the start of `text` stands for, and the entity's length.
fn entity(text: &[u8], all: bool, flags: Flags, charset: Charset) -> Option<(Vec<u8>, usize)> {
    let doctype = flags.doctype();
    let ((code, second), length) = if text[1] == b'#' {
        let (code, length) = numeric_entity(text)?;
        let special = u8::try_from(code).is_ok_and(|byte| b"\"&'<>".contains(&byte));
        let carriage_return = doctype == Doctype::Html5 && code == 0x0d;
        if (!all && !special) || !doctype.allows(code) || carriage_return {
            return None;
        }
        ((code, 0), length)
    } else {
        let (name, length) = named_entity(text)?;
        (resolve(name, doctype, all)?, length)
    };
    if flags.spares(code) {
        return None;
    }
    let mut bytes = charset.bytes(code)?;
    if second != 0 {
        if charset != Charset::Utf8 {
            return None;
        }
        bytes.extend(charset.bytes(second)?);
    }
    Some((bytes, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, all: bool, flags: i64) -> String {
        String::from_utf8(unescape(text.as_bytes(), all, Flags(flags), Charset::Utf8)).unwrap()
    }

    #[test]
    fn decodes() {
        assert_eq!(decoded("&lt;&#39;&#x27;&eacute;&nope;", true, 3), "<''é&nope;");
        assert_eq!(decoded("&lt;&eacute;&#233;&apos;", false, 3), "<&eacute;&#233;&apos;");
        assert_eq!(decoded("&apos;&fjlig;", true, 3 | 48), "'fj");
        assert_eq!(decoded("&quot;&#39;", true, 2), "\"&#39;");
        let latin = unescape(b"&eacute;&euro;", true, Flags(3), Charset::Latin1);
        assert_eq!(latin, b"\xe9&euro;");
    }
}
