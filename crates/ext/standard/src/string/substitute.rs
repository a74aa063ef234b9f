//! `substr_replace` and `strtr`.

use super::checked;
use super::replace::replace_in;
use outlast_text::translate::{translate_bytes, translate_pairs};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Gives the values of an array one by one.
struct Sequence {
    values: std::vec::IntoIter<Value>,
}

impl Sequence {
    fn new(array: &PhpArray) -> Sequence {
        Sequence { values: array.values().map(Value::deref).collect::<Vec<_>>().into_iter() }
    }

    fn next_int(&mut self, cx: &mut Cx) -> Ret<Option<i64>> {
        self.values.next().map(|value| cx.to_int(&value)).transpose()
    }
}

/// `text` with the part at `offset` replaced.
fn splice(
    cx: &mut Cx,
    text: &PhpString,
    with: &[u8],
    offset: i64,
    length: Option<i64>,
) -> Ret<PhpString> {
    let len = text.len() as i64;
    let start = if offset < 0 { offset.saturating_add(len).max(0) } else { offset.min(len) };
    let rest = len - start;
    let count = match length {
        None => rest,
        Some(n) if n < 0 => n.saturating_add(rest).max(0),
        Some(n) => n.min(rest),
    };
    let parts = [&text[..start as usize], with, &text[(start + count) as usize..]];
    checked(cx, PhpString::try_concat(&parts))
}

pub fn substr_replace(
    cx: &mut Cx,
    subject: &Value,
    replace: &Value,
    offset: &Value,
    length: &Value,
) -> Ret<Value> {
    let Value::Array(subjects) = subject else {
        let text = cx.to_str(subject)?;
        for (number, value) in [(3, offset), (4, length)] {
            if value.is_array() {
                return Err(
                    cx.arg_type_error(number, "cannot be an array when working on a single string")
                );
            }
        }
        let with = match replace {
            Value::Array(each) => match each.first() {
                Some((_, first)) => cx.to_str(first)?,
                None => PhpString::empty(),
            },
            one => cx.to_str(one)?,
        };
        let offset = cx.to_int(offset)?;
        let length = if length.is_null() { None } else { Some(cx.to_int(length)?) };
        return Ok(Value::Str(splice(cx, &text, &with, offset, length)?));
    };
    let sequence = |value: &Value| value.as_array().map(Sequence::new);
    let (mut withs, mut offsets, mut lengths) =
        (sequence(replace), sequence(offset), sequence(length));
    let mut results = PhpArray::with_capacity(subjects.len());
    for (key, subject) in subjects.iter() {
        let text = cx.to_str(&subject.deref())?;
        let offset = match &mut offsets {
            Some(offsets) => offsets.next_int(cx)?.unwrap_or(0),
            None => cx.to_int(offset)?,
        };
        let length = match &mut lengths {
            Some(lengths) => lengths.next_int(cx)?,
            None if length.is_null() => None,
            None => Some(cx.to_int(length)?),
        };
        let with = match &mut withs {
            Some(withs) => match withs.values.next() {
                Some(with) => cx.to_str(&with)?,
                None => PhpString::empty(),
            },
            None => cx.to_str(replace)?,
        };
        results.insert(key, Value::Str(splice(cx, &text, &with, offset, length)?));
    }
    Ok(Value::Array(results))
}

pub fn strtr(
    cx: &mut Cx,
    text: &PhpString,
    from: &Value,
    to: Option<&PhpString>,
) -> Ret<PhpString> {
    match (from, to) {
        (Value::Array(pairs), None) => translate_by(cx, text, pairs),
        (Value::Array(_), Some(_)) => {
            Err(cx.arg_type_error(2, "must be of type string, array given"))
        }
        (_, None) => Err(cx.arg_type_error(2, "must be of type array, string given")),
        (from, Some(to)) => {
            let from = cx.to_str(from)?;
            if text.is_empty() || from.is_empty() || to.is_empty() {
                return Ok(text.clone());
            }
            Ok(PhpString::new(&translate_bytes(text, &from, to)))
        }
    }
}

fn translate_by(cx: &mut Cx, text: &PhpString, pairs: &PhpArray) -> Ret<PhpString> {
    if text.is_empty() {
        return Ok(text.clone());
    }
    let mut table: Vec<(PhpString, PhpString)> = Vec::with_capacity(pairs.len());
    for (key, value) in pairs.iter() {
        let key = match key {
            Key::Str(key) => key,
            Key::Int(int) => cx.to_str(&Value::Int(int))?,
        };
        if key.is_empty() {
            cx.warning("Ignoring replacement of empty string")?;
            continue;
        }
        // What cannot occur is not converted: conversions are visible.
        if key.len() <= text.len() && memchr::memmem::find(text, &key).is_some() {
            table.push((key, cx.to_str(&value.deref())?));
        }
    }
    if let [(key, value)] = &table[..] {
        return Ok(replace_in(cx, text.clone(), key, value, false)?.0);
    }
    if table.is_empty() {
        return Ok(text.clone());
    }
    let pairs: Vec<(&[u8], &[u8])> =
        table.iter().map(|(k, v)| (k.as_bytes(), v.as_bytes())).collect();
    Ok(PhpString::new(&translate_pairs(text, &pairs)))
}
