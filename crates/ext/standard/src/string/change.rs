//! Strings made from one string: case, padding, trimming, escapes.

use super::{character_mask, checked};
use outlast_number::{decrement_string, increment_string};
use outlast_text::{slashes, tags, wrap};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

/// What `trim` and its kin remove unless told otherwise.
const BLANK: &[u8] = b" \n\r\t\x0b\0";

pub fn trim(cx: &mut Cx, text: &PhpString, characters: &PhpString) -> Ret<PhpString> {
    trimmed(cx, text, characters, true, true)
}

pub fn ltrim(cx: &mut Cx, text: &PhpString, characters: &PhpString) -> Ret<PhpString> {
    trimmed(cx, text, characters, true, false)
}

pub fn rtrim(cx: &mut Cx, text: &PhpString, characters: &PhpString) -> Ret<PhpString> {
    trimmed(cx, text, characters, false, true)
}

fn trimmed(
    cx: &mut Cx,
    text: &PhpString,
    characters: &PhpString,
    left: bool,
    right: bool,
) -> Ret<PhpString> {
    if characters.as_bytes() == BLANK {
        let blank = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | 0x0b | 0);
        return Ok(cut(text, blank, left, right));
    }
    let mask = character_mask(cx, characters)?;
    Ok(cut(text, |b| mask[usize::from(*b)], left, right))
}

fn cut(text: &PhpString, unwanted: impl Fn(&u8) -> bool, left: bool, right: bool) -> PhpString {
    let mut start = 0;
    let mut end = text.len();
    if left {
        start = text.iter().take_while(|b| unwanted(b)).count();
    }
    if right {
        end -= text[start..].iter().rev().take_while(|b| unwanted(b)).count();
    }
    text.slice(start..end)
}

pub fn wordwrap(
    cx: &mut Cx,
    text: &PhpString,
    width: i64,
    break_with: &PhpString,
    cut: bool,
) -> Ret<Vec<u8>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if break_with.is_empty() {
        return Err(cx.arg_value_error(3, "must not be empty"));
    }
    if width == 0 && cut {
        return Err(cx.arg_value_error(4, "cannot be true when argument #2 ($width) is 0"));
    }
    if break_with.len() > 1 || cut {
        // Room for the most breaks there can be, as PHP asks for it.
        let most = match usize::try_from(width) {
            Ok(width) if width > 0 => text.len() / width + 1,
            _ => text.len(),
        };
        let size = most.saturating_mul(break_with.len()).saturating_add(text.len());
        checked(cx, PhpString::try_with_capacity(size))?;
    }
    Ok(wrap::wordwrap(text, width, break_with, cut))
}

pub fn chunk_split(
    cx: &mut Cx,
    text: &PhpString,
    length: i64,
    separator: &PhpString,
) -> Ret<PhpString> {
    if length < 1 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let pieces = text.len().div_ceil(length).max(1);
    let size = text.len().saturating_add(separator.len().saturating_mul(pieces));
    checked(cx, PhpString::try_with_capacity(size))?;
    Ok(PhpString::new(&wrap::chunk_split(text, length, separator)))
}

/// The string with every byte mapped; itself where nothing changes.
fn mapped(text: &PhpString, changes: impl Fn(&u8) -> bool, map: impl Fn(&mut [u8])) -> PhpString {
    match text.iter().position(changes) {
        None => text.clone(),
        Some(first) => {
            let mut copy = text.clone();
            map(&mut copy.make_mut()[first..]);
            copy
        }
    }
}

pub fn strtoupper(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    Ok(mapped(text, u8::is_ascii_lowercase, <[u8]>::make_ascii_uppercase))
}

pub fn strtolower(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    Ok(mapped(text, u8::is_ascii_uppercase, <[u8]>::make_ascii_lowercase))
}

/// Refuses what `str_increment` and `str_decrement` cannot work on.
fn check_alphanumeric(cx: &mut Cx, text: &[u8]) -> Ret<()> {
    if text.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if !text.iter().all(u8::is_ascii_alphanumeric) {
        return Err(cx.arg_value_error(1, "must be composed only of alphanumeric ASCII characters"));
    }
    Ok(())
}

pub fn str_increment(cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    check_alphanumeric(cx, text)?;
    Ok(increment_string(text))
}

pub fn str_decrement(cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    check_alphanumeric(cx, text)?;
    match decrement_string(text) {
        Some(less) => Ok(less),
        None => {
            let shown = text.to_str_lossy();
            Err(cx.arg_value_error(1, &format!("\"{shown}\" is out of decrement range")))
        }
    }
}

pub fn ucfirst(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    if !text.first().is_some_and(u8::is_ascii_lowercase) {
        return Ok(text.clone());
    }
    Ok(PhpString::new(&wrap::ucfirst(text)))
}

pub fn lcfirst(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    if !text.first().is_some_and(u8::is_ascii_uppercase) {
        return Ok(text.clone());
    }
    Ok(PhpString::new(&wrap::lcfirst(text)))
}

pub fn ucwords(cx: &mut Cx, text: &PhpString, separators: &PhpString) -> Ret<Vec<u8>> {
    let mask = character_mask(cx, separators)?;
    Ok(wrap::ucwords(text, &mask))
}

pub fn strrev(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    let mut copy = text.clone();
    if text.len() > 1 {
        copy.make_mut().reverse();
    }
    Ok(copy)
}

pub fn nl2br(_cx: &mut Cx, text: &PhpString, xhtml: bool) -> Ret<Vec<u8>> {
    Ok(wrap::nl2br(text, xhtml))
}

pub fn str_repeat(cx: &mut Cx, text: &PhpString, times: i64) -> Ret<PhpString> {
    let Ok(times) = usize::try_from(times) else {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    };
    checked(cx, PhpString::try_repeat(text, times))
}

pub fn str_pad(
    cx: &mut Cx,
    text: &PhpString,
    length: i64,
    pad: &PhpString,
    side: i64,
) -> Ret<PhpString> {
    let missing = match usize::try_from(length) {
        Ok(length) if length > text.len() => length - text.len(),
        _ => return Ok(text.clone()),
    };
    if pad.is_empty() {
        return Err(cx.arg_value_error(3, "must not be empty"));
    }
    let (left, right) = match side {
        0 => (missing, 0),
        1 => (0, missing),
        2 => (missing / 2, missing - missing / 2),
        _ => {
            return Err(
                cx.arg_value_error(4, "must be STR_PAD_LEFT, STR_PAD_RIGHT, or STR_PAD_BOTH")
            );
        }
    };
    let mut out = checked(cx, PhpString::try_with_capacity(text.len() + missing))?;
    let fill = |out: &mut PhpString, mut count: usize| {
        while count > 0 {
            let step = count.min(pad.len());
            out.append(&pad[..step]);
            count -= step;
        }
    };
    fill(&mut out, left);
    out.append(text);
    fill(&mut out, right);
    Ok(out)
}

pub fn str_shuffle(cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    let mut copy = text.clone();
    for last in (1..text.len()).rev() {
        let at = outlast_ext_random::range(cx, 0, last as i64)? as usize;
        copy.make_mut().swap(at, last);
    }
    Ok(copy)
}

pub fn str_rot13(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    let rotate = |byte: &mut u8| {
        let base = if byte.is_ascii_lowercase() { b'a' } else { b'A' };
        if byte.is_ascii_alphabetic() {
            *byte = (*byte - base + 13) % 26 + base;
        }
    };
    Ok(mapped(text, u8::is_ascii_alphabetic, |bytes| bytes.iter_mut().for_each(rotate)))
}

pub fn ord(_cx: &mut Cx, text: &PhpString) -> Ret<i64> {
    Ok(text.first().map_or(0, |b| i64::from(*b)))
}

pub fn chr(_cx: &mut Cx, code: i64) -> Ret<PhpString> {
    Ok(PhpString::one_char(code.rem_euclid(256) as u8))
}

pub fn quotemeta(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(slashes::quotemeta(text))
}

pub fn addcslashes(cx: &mut Cx, text: &PhpString, characters: &PhpString) -> Ret<PhpString> {
    if text.is_empty() || characters.is_empty() {
        return Ok(text.clone());
    }
    let mask = character_mask(cx, characters)?;
    Ok(PhpString::new(&slashes::addcslashes(text, &mask)))
}

pub fn addslashes(_cx: &mut Cx, text: &PhpString) -> Ret<PhpString> {
    if !text.iter().any(|b| matches!(b, 0 | b'\'' | b'"' | b'\\')) {
        return Ok(text.clone());
    }
    Ok(PhpString::new(&slashes::addslashes(text)))
}

pub fn stripcslashes(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(slashes::stripcslashes(text))
}

pub fn stripslashes(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(slashes::stripslashes(text))
}

pub fn strip_tags(cx: &mut Cx, text: &PhpString, allowed: &Value) -> Ret<Vec<u8>> {
    let mut tags = Vec::new();
    match allowed {
        Value::Str(list) => tags.extend_from_slice(list),
        Value::Array(names) => {
            for (_, name) in names.iter() {
                tags.push(b'<');
                tags.extend_from_slice(&cx.to_str(name)?);
                tags.push(b'>');
            }
        }
        _ => {}
    }
    Ok(tags::strip_tags(text, &tags))
}
