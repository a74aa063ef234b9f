//! `session.serialize_handler`: from `$_SESSION` to text and back.

use crate::report::warning;
use crate::state::{bind, session, variables};
use outlast_ext_standard::var::{Serializer, Unserializer};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// The formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `name|value`, one behind the other.
    Php,
    /// The same with a byte of length before each name.
    PhpBinary,
    /// One serialized array.
    PhpSerialize,
}

impl Kind {
    /// The format that a setting names.
    pub fn named(name: &[u8]) -> Option<Kind> {
        match name.to_ascii_lowercase().as_slice() {
            b"php" => Some(Kind::Php),
            b"php_binary" => Some(Kind::PhpBinary),
            b"php_serialize" => Some(Kind::PhpSerialize),
            _ => None,
        }
    }
}

/// The format in force.
pub fn kind(cx: &Cx) -> Option<Kind> {
    Kind::named(cx.ini.bytes("session.serialize_handler"))
}

/// Behind a name in [`Kind::Php`].
const DELIMITER: u8 = b'|';
/// The longest name in [`Kind::PhpBinary`].
const LONGEST: usize = 127;

/// The data as text; `None`: there is none, or it cannot be written.
pub fn encode(cx: &mut Cx) -> Ret<Option<PhpString>> {
    let Some(data) = variables(cx) else {
        warning(cx, "Cannot encode non-existent session")?;
        return Ok(None);
    };
    let Some(kind) = kind(cx) else {
        warning(cx, "Unknown session.serialize_handler. Failed to encode session object")?;
        return Ok(None);
    };
    let mut serializer = Serializer::default();
    if kind == Kind::PhpSerialize {
        let text = serializer.next(cx, &Value::Array(data))?;
        return Ok(Some(PhpString::new(&text)));
    }
    let mut out = Vec::new();
    for (key, value) in data.iter() {
        let name = match key {
            Key::Int(number) => {
                warning(cx, &format!("Skipping numeric key {number}"))?;
                continue;
            }
            Key::Str(name) => name,
        };
        if kind == Kind::PhpBinary {
            let Some(length) = u8::try_from(name.len()).ok().filter(|&n| usize::from(n) <= LONGEST)
            else {
                continue;
            };
            out.push(length);
            out.extend_from_slice(&name);
        } else {
            if name.contains(&DELIMITER) {
                return Ok(None);
            }
            out.extend_from_slice(&name);
            out.push(DELIMITER);
        }
        out.extend_from_slice(&serializer.next(cx, value)?);
    }
    Ok((!out.is_empty()).then(|| PhpString::new(&out)))
}

/// Reads text into `$_SESSION`; false: it is not what this script writes.
pub fn decode(cx: &mut Cx, text: &[u8]) -> Ret<bool> {
    match kind(cx) {
        Some(Kind::PhpSerialize) => decode_array(cx, text),
        Some(kind) => decode_named(cx, text, kind),
        None => {
            warning(cx, "Unknown session.serialize_handler. Failed to decode session object")?;
            Ok(false)
        }
    }
}

fn decode_array(cx: &mut Cx, text: &[u8]) -> Ret<bool> {
    let mut reader = Unserializer::new(cx, text);
    let value = if text.is_empty() { None } else { reader.next(cx, &mut 0)? };
    let read = value.is_some() || text.is_empty();
    let value = match value {
        None | Some(Value::Null) => Value::Array(PhpArray::new()),
        Some(value) => value,
    };
    reader.finish(cx, value, |cx, value| bind(cx, value.into_deref()))?;
    Ok(read)
}

fn decode_named(cx: &mut Cx, text: &[u8], kind: Kind) -> Ret<bool> {
    let mut data = variables(cx);
    let mut reader = Unserializer::new(cx, text);
    let (mut at, mut whole) = (0, true);
    while at < text.len() {
        let (name, start) = if kind == Kind::PhpBinary {
            let length = usize::from(text[at]) & LONGEST;
            if at + length >= text.len() {
                whole = false;
                break;
            }
            (&text[at + 1..at + 1 + length], at + 1 + length)
        } else {
            let Some(length) = text[at..].iter().position(|&b| b == DELIMITER) else {
                whole = false;
                break;
            };
            (&text[at..at + length], at + length + 1)
        };
        at = start;
        let Some(value) = reader.next(cx, &mut at)? else {
            whole = false;
            break;
        };
        if let Some(data) = &mut data {
            data.insert(Key::Str(PhpString::new(name)), value);
        }
    }
    let data = data.map_or(Value::Null, Value::Array);
    reader.finish(cx, data, |cx, value| {
        if let (Value::Array(_), Some(variables)) = (&value, &session(cx).variables) {
            variables.set(value);
        }
    })?;
    Ok(whole)
}
