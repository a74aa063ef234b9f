//! Cleaning of text.

use crate::Filtering;
use crate::flags::*;
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Without the bytes that the flags strip.
fn stripped(text: &[u8], how: &Filtering<'_>) -> Vec<u8> {
    let gone = |b: u8| {
        (how.has(STRIP_LOW) && b < 32)
            || (how.has(STRIP_HIGH) && b > 127)
            || (how.has(STRIP_BACKTICK) && b == b'`')
    };
    text.iter().copied().filter(|&b| !gone(b)).collect()
}

/// Bytes as numeric entities of HTML.
fn entities(text: &[u8], encoded: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if encoded(byte) {
            out.extend_from_slice(format!("&#{byte};").as_bytes());
        } else {
            out.push(byte);
        }
    }
    out
}

fn kept(text: &[u8], kept: impl Fn(u8) -> bool) -> Value {
    Value::str(text.iter().copied().filter(|&b| kept(b)).collect::<Vec<u8>>())
}

/// The bytes that may stand in a URL.
pub(crate) fn is_of_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"$-_.+!*'(),{}|\\^~[]`<>#%\";/?:@&=".contains(&byte)
}

/// The text, or null where a flag wants that of an empty one.
fn unless_empty(text: Vec<u8>, how: &Filtering<'_>) -> Value {
    if text.is_empty() && how.has(EMPTY_STRING_NULL) { Value::Null } else { Value::str(text) }
}

/// Filters that clean; one that is unknown leaves the text as `FILTER_UNSAFE_RAW` does.
pub(crate) fn sanitize(
    cx: &mut Cx,
    text: &PhpString,
    filter: i64,
    how: &Filtering<'_>,
) -> Ret<Value> {
    let chosen = |b: u8| {
        (how.has(ENCODE_AMP) && b == b'&')
            || (how.has(ENCODE_LOW) && b < 32)
            || (how.has(ENCODE_HIGH) && b > 126)
    };
    Ok(match filter {
        513 => {
            let quotes = !how.has(NO_ENCODE_QUOTES);
            let text = entities(&stripped(text, how), |b| {
                chosen(b) || (quotes && matches!(b, b'\'' | b'"'))
            });
            // Space may stand between `<` and a tag's name.
            let mut tags = Vec::with_capacity(text.len());
            for byte in text {
                if !(byte.is_ascii_whitespace() && tags.last() == Some(&b'<')) {
                    tags.push(byte);
                }
            }
            let plain = cx.call(&Value::str("strip_tags"), vec![Value::str(tags)])?;
            unless_empty(cx.to_str(&plain)?.to_vec(), how)
        }
        514 => {
            let mut out = Vec::new();
            for byte in stripped(text, how) {
                if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                    out.push(byte);
                } else {
                    out.extend_from_slice(format!("%{byte:02X}").as_bytes());
                }
            }
            Value::str(out)
        }
        515 => {
            let high = how.has(ENCODE_HIGH);
            Value::str(entities(&stripped(text, how), |b| {
                b < 32 || b"'\"<>&".contains(&b) || (high && b > 126)
            }))
        }
        522 => {
            const ENT_QUOTES: i64 = 3;
            const ENT_SUBSTITUTE: i64 = 8;
            let quotes = if how.has(NO_ENCODE_QUOTES) { 0 } else { ENT_QUOTES };
            let args = vec![
                Value::Str(text.clone()),
                Value::Int(quotes | ENT_SUBSTITUTE),
                Value::Null,
                Value::Bool(false),
            ];
            cx.call(&Value::str("htmlentities"), args)?.into_deref()
        }
        517 => kept(text, |b| b.is_ascii_alphanumeric() || b"!#$%&'*+-=?^_`{|}~@.[]".contains(&b)),
        518 => kept(text, is_of_url),
        519 => kept(text, |b| b.is_ascii_digit() || b"+-".contains(&b)),
        520 => kept(text, |b| {
            b.is_ascii_digit()
                || b"+-".contains(&b)
                || (how.has(ALLOW_FRACTION) && b == b'.')
                || (how.has(ALLOW_THOUSAND) && b == b',')
                || (how.has(ALLOW_SCIENTIFIC) && b"eE".contains(&b))
        }),
        523 => cx.call(&Value::str("addslashes"), vec![Value::Str(text.clone())])?.into_deref(),
        _ if text.is_empty() => unless_empty(Vec::new(), how),
        _ => Value::str(entities(&stripped(text, how), chosen)),
    })
}
