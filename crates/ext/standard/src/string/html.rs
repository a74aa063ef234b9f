//! Entities: `htmlspecialchars` and its kin.

use outlast_text::html::{Charset, CharsetError, Flags, escape, translation_table, unescape};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// A character set by name; null and the empty name are the default.
enum Encoding {
    Known(Charset),
    /// A multi-byte set: only the basic entities are known in it.
    Partial,
}

fn encoding(cx: &mut Cx, name: Option<&PhpString>) -> Ret<Encoding> {
    let name = match name {
        Some(name) if !name.is_empty() => name.clone(),
        _ => cx.ini.get("default_charset").unwrap_or_default(),
    };
    match Charset::from_name(&name) {
        Ok(charset) => Ok(Encoding::Known(charset)),
        Err(CharsetError::MultiByte) => Ok(Encoding::Partial),
        Err(CharsetError::Unknown) => {
            let mut message = b"Charset \"".to_vec();
            message.extend_from_slice(&name);
            message.extend_from_slice(b"\" is not supported, assuming UTF-8");
            cx.warning(message)?;
            Ok(Encoding::Known(Charset::Utf8))
        }
    }
}

const ONLY_BASIC: &str = "Only basic entities substitution is supported for multi-byte \
    encodings other than UTF-8; functionality is equivalent to htmlspecialchars";

/// What the algorithms work with: in a multi-byte set the bytes of the basic entities never
/// occur within a character, so its text passes as single bytes.
fn resolve(cx: &mut Cx, encoding: Encoding, all: bool) -> Ret<(Charset, bool)> {
    match encoding {
        Encoding::Known(charset) => Ok((charset, all)),
        Encoding::Partial => {
            if all {
                cx.notice(ONLY_BASIC)?;
            }
            Ok((Charset::Latin1, false))
        }
    }
}

fn escaped(
    cx: &mut Cx,
    text: &PhpString,
    all: bool,
    flags: i64,
    charset: Option<&PhpString>,
    double_encode: bool,
) -> Ret<PhpString> {
    let encoding = encoding(cx, charset)?;
    let (charset, all) = resolve(cx, encoding, all)?;
    let plain = |b: &u8| b.is_ascii() && !matches!(b, b'&' | b'"' | b'\'' | b'<' | b'>' | 0..32);
    if text.iter().all(plain) {
        return Ok(text.clone());
    }
    Ok(PhpString::new(&escape(text, all, Flags(flags), charset, double_encode)))
}

pub fn htmlspecialchars(
    cx: &mut Cx,
    text: &PhpString,
    flags: i64,
    charset: Option<&PhpString>,
    double_encode: bool,
) -> Ret<PhpString> {
    escaped(cx, text, false, flags, charset, double_encode)
}

pub fn htmlentities(
    cx: &mut Cx,
    text: &PhpString,
    flags: i64,
    charset: Option<&PhpString>,
    double_encode: bool,
) -> Ret<PhpString> {
    escaped(cx, text, true, flags, charset, double_encode)
}

pub fn htmlspecialchars_decode(cx: &mut Cx, text: &PhpString, flags: i64) -> Ret<PhpString> {
    unescaped(cx, text, false, flags, None)
}

pub fn html_entity_decode(
    cx: &mut Cx,
    text: &PhpString,
    flags: i64,
    charset: Option<&PhpString>,
) -> Ret<PhpString> {
    unescaped(cx, text, true, flags, charset)
}

fn unescaped(
    cx: &mut Cx,
    text: &PhpString,
    all: bool,
    flags: i64,
    charset: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding = encoding(cx, charset)?;
    if !text.contains(&b'&') {
        return Ok(text.clone());
    }
    let (charset, all) = resolve(cx, encoding, all)?;
    Ok(PhpString::new(&unescape(text, all, Flags(flags), charset)))
}

pub fn get_html_translation_table(
    cx: &mut Cx,
    table: i64,
    flags: i64,
    charset: &PhpString,
) -> Ret<PhpArray> {
    let encoding = encoding(cx, Some(charset))?;
    let (charset, all) = resolve(cx, encoding, table != 0)?;
    let mut array = PhpArray::new();
    for (character, entity) in translation_table(all, Flags(flags), charset) {
        array.insert(Key::from_bytes(&character), Value::str(entity));
    }
    Ok(array)
}
