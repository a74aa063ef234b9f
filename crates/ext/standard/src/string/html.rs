//! Entities: `htmlspecialchars` and its kin.

use outlast_text::html::{Charset, Flags, escape, is_plain, translation_table, unescape};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

const ONLY_BASIC: &str = "Only basic entities substitution is supported for multi-byte \
    encodings other than UTF-8; functionality is equivalent to htmlspecialchars";

/// A character set by name; null and the empty name are the default.
fn charset_of(cx: &mut Cx, name: Option<&PhpString>) -> Ret<Charset> {
    let name = match name {
        Some(name) if !name.is_empty() => name.as_bytes(),
        _ => cx.ini.bytes("default_charset"),
    };
    if let Ok(charset) = Charset::from_name(name) {
        return Ok(charset);
    }
    let mut message = b"Charset \"".to_vec();
    message.extend_from_slice(name);
    message.extend_from_slice(b"\" is not supported, assuming UTF-8");
    cx.warning(message)?;
    Ok(Charset::Utf8)
}

/// Whether all entities are meant, which are not known in every set.
fn all_known(cx: &mut Cx, charset: Charset, all: bool) -> Ret<bool> {
    let partial = matches!(charset, Charset::MultiByte(_));
    if all && partial {
        cx.notice(ONLY_BASIC)?;
    }
    Ok(all && !partial)
}

fn escaped(
    cx: &mut Cx,
    text: &PhpString,
    all: bool,
    flags: i64,
    charset: Option<&PhpString>,
    double_encode: bool,
) -> Ret<PhpString> {
    let charset = charset_of(cx, charset)?;
    let all = all_known(cx, charset, all)?;
    if is_plain(text) {
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
    let charset = charset_of(cx, charset)?;
    if !text.contains(&b'&') {
        return Ok(text.clone());
    }
    let all = all_known(cx, charset, all)?;
    Ok(PhpString::new(&unescape(text, all, Flags(flags), charset)))
}

pub fn get_html_translation_table(
    cx: &mut Cx,
    table: i64,
    flags: i64,
    charset: &PhpString,
) -> Ret<PhpArray> {
    let charset = charset_of(cx, Some(charset))?;
    let all = table != 0 && !matches!(charset, Charset::MultiByte(_));
    let mut array = PhpArray::new();
    for (character, entity) in translation_table(all, Flags(flags), charset) {
        array.insert(Key::from_bytes(&character), Value::str(entity));
    }
    Ok(array)
}
