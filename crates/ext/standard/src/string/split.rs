//! Strings to arrays and back.

use super::search::{SHORT, find};
use super::{character_mask, checked};
use outlast_text::csv::{self, Dialect};
use outlast_text::wrap;
use outlast_value::{PhpArray, PhpString, StringBuilder, Value};
use outlast_vm::{Cx, OrFalse, Ret};

pub fn explode(cx: &mut Cx, separator: &PhpString, text: &PhpString, limit: i64) -> Ret<PhpArray> {
    if separator.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if text.is_empty() {
        let pieces = if limit >= 0 { vec![Value::empty_str()] } else { Vec::new() };
        return Ok(PhpArray::from_list(pieces));
    }
    let most = if limit > 0 { (limit - 1) as usize } else { 0 };
    let mut pieces = Vec::new();
    let mut start = 0;
    let piece = |from: usize, to: usize| Value::Str(text.slice(from..to));
    let everything = limit < 0;
    let long = separator.len() > 1 && text.len() > SHORT;
    let finder = long.then(|| memchr::memmem::Finder::new(separator.as_bytes()));
    let next = |rest: &[u8]| match &finder {
        Some(finder) => finder.find(rest),
        None => find(rest, separator),
    };
    while (everything || pieces.len() < most)
        && let Some(at) = next(&text[start..])
    {
        pieces.push(piece(start, start + at));
        start += at + separator.len();
    }
    pieces.push(piece(start, text.len()));
    if everything {
        let drop = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
        pieces.truncate(pieces.len().saturating_sub(drop));
    }
    Ok(PhpArray::from_list(pieces))
}

pub fn implode(cx: &mut Cx, separator: &Value, pieces: Option<PhpArray>) -> Ret<PhpString> {
    joined(cx, "implode", separator, pieces)
}

pub fn join(cx: &mut Cx, separator: &Value, pieces: Option<PhpArray>) -> Ret<PhpString> {
    joined(cx, "join", separator, pieces)
}

fn joined(cx: &mut Cx, name: &str, separator: &Value, pieces: Option<PhpArray>) -> Ret<PhpString> {
    let (glue, pieces) = match (separator, pieces) {
        (Value::Array(pieces), None) => (PhpString::empty(), pieces.clone()),
        (Value::Array(_), Some(_)) => {
            return Err(cx.arg_type_error(1, "must be of type string, array given"));
        }
        (Value::Str(glue), Some(pieces)) => (glue.clone(), pieces),
        _ => {
            return Err(cx.throw_type_error(format!(
                "{name}(): If argument #1 ($separator) is of type string, argument #2 ($array) \
                 must be of type array, null given"
            )));
        }
    };
    let mut parts = Vec::with_capacity(pieces.len());
    let mut size = glue.len().saturating_mul(pieces.len().saturating_sub(1));
    for piece in pieces.values() {
        let part = match piece {
            Value::Str(text) => text.clone(),
            other => cx.to_str(other)?,
        };
        size = size.saturating_add(part.len());
        parts.push(part);
    }
    if let [only] = &parts[..] {
        return Ok(only.clone());
    }
    let mut out = checked(cx, PhpString::try_with_capacity(size))?;
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.append(&glue);
        }
        out.append(part);
    }
    Ok(out)
}

/// What `strtok` goes on with.
#[derive(Default)]
struct Tokens {
    text: Option<PhpString>,
    at: usize,
}

pub fn strtok(
    cx: &mut Cx,
    first: &PhpString,
    second: Option<&PhpString>,
) -> Ret<OrFalse<PhpString>> {
    let separators = match second {
        Some(separators) => {
            *cx.state::<Tokens>() = Tokens { text: Some(first.clone()), at: 0 };
            separators
        }
        None => first,
    };
    if cx.state::<Tokens>().text.is_none() {
        cx.warning("Both arguments must be provided when starting tokenization")?;
        return Ok(OrFalse(None));
    }
    let mut mask = [false; 256];
    for byte in separators.iter() {
        mask[usize::from(*byte)] = true;
    }
    let state = cx.state::<Tokens>();
    let token = state.text.as_ref().and_then(|text| {
        let rest = text.get(state.at..)?;
        let start = state.at + rest.iter().take_while(|b| mask[usize::from(**b)]).count();
        let length = text[start..].iter().take_while(|b| !mask[usize::from(**b)]).count();
        (length > 0).then(|| (start + length + 1, text.slice(start..start + length)))
    });
    let (next, token) = match token {
        Some((next, token)) => (next, Some(token)),
        // At its end the text stays, so that asking again is no error; behind a last run of
        // separators it does not.
        None => {
            if state.text.as_ref().is_some_and(|text| state.at < text.len()) {
                state.text = None;
            }
            (state.at, None)
        }
    };
    state.at = next;
    Ok(OrFalse(token))
}

pub fn str_split(cx: &mut Cx, text: &PhpString, length: i64) -> Ret<PhpArray> {
    if length <= 0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(text.chunks(length).map(Value::str).collect())
}

pub fn str_word_count(
    cx: &mut Cx,
    text: &PhpString,
    format: i64,
    extra: Option<&PhpString>,
) -> Ret<Value> {
    let extra = match extra {
        Some(list) => character_mask(cx, list)?,
        None => [false; 256],
    };
    if !(0..=2).contains(&format) {
        return Err(cx.arg_value_error(2, "must be a valid format value"));
    }
    let words = wrap::words(text, &extra);
    Ok(match format {
        0 => Value::Int(words.len() as i64),
        1 => Value::Array(words.into_iter().map(|(_, word)| Value::str(word)).collect()),
        _ => {
            let mut places = PhpArray::new();
            for (at, word) in words {
                places.insert_int(at as i64, Value::str(word));
            }
            Value::Array(places)
        }
    })
}

pub fn count_chars(cx: &mut Cx, text: &PhpString, mode: i64) -> Ret<Value> {
    if !(0..=4).contains(&mode) {
        return Err(cx.arg_value_error(2, "must be between 0 and 4 (inclusive)"));
    }
    let mut counts = [0i64; 256];
    for byte in text.iter() {
        counts[usize::from(*byte)] += 1;
    }
    let wanted = |byte: &usize| match mode {
        0 => true,
        1 | 3 => counts[*byte] > 0,
        _ => counts[*byte] == 0,
    };
    let bytes = (0..256).filter(wanted);
    if mode >= 3 {
        let mut out = StringBuilder::new();
        bytes.for_each(|byte| out.push(byte as u8));
        return Ok(Value::Str(out.finish()));
    }
    let mut array = PhpArray::new();
    for byte in bytes {
        array.insert_int(byte as i64, Value::Int(counts[byte]));
    }
    Ok(Value::Array(array))
}

pub fn str_getcsv(
    cx: &mut Cx,
    text: &PhpString,
    separator: &PhpString,
    enclosure: &PhpString,
    escape: Option<&PhpString>,
) -> Ret<PhpArray> {
    let [delimiter] = separator[..] else {
        return Err(cx.arg_value_error(2, "must be a single character"));
    };
    let [enclosure] = enclosure[..] else {
        return Err(cx.arg_value_error(3, "must be a single character"));
    };
    let escape = match escape.map(PhpString::as_bytes) {
        None => {
            cx.deprecated(
                "the $escape parameter must be provided as its default value will change",
            )?;
            Some(b'\\')
        }
        Some([]) => None,
        Some([byte]) => Some(*byte),
        Some(_) => return Err(cx.arg_value_error(4, "must be empty or a single character")),
    };
    let fields = csv::str_getcsv(text, Dialect { delimiter, enclosure, escape });
    Ok(fields.into_iter().map(|f| f.map_or(Value::Null, Value::str)).collect())
}
