//! `str_replace` and `str_ireplace`.

use super::search::find;
use super::{assign, checked};
use memchr::memmem;
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, Ret};

pub fn str_replace(
    cx: &mut Cx,
    search: &Value,
    replace: &Value,
    subject: &Value,
    count: Option<&Reference>,
) -> Ret<Value> {
    replace_all(cx, search, replace, subject, count, false)
}

pub fn str_ireplace(
    cx: &mut Cx,
    search: &Value,
    replace: &Value,
    subject: &Value,
    count: Option<&Reference>,
) -> Ret<Value> {
    replace_all(cx, search, replace, subject, count, true)
}

/// What is put in place of the searched strings.
enum Replacement {
    /// The same for all.
    One(PhpString),
    /// One for each, the empty string where there are too few.
    Each(Vec<Value>),
}

/// A search and what it did so far.
struct Replacer {
    search: Vec<Value>,
    replacement: Replacement,
    fold_case: bool,
    count: i64,
}

fn replace_all(
    cx: &mut Cx,
    search: &Value,
    replace: &Value,
    subject: &Value,
    count: Option<&Reference>,
    fold_case: bool,
) -> Ret<Value> {
    let values = |a: &PhpArray| a.values().map(Value::deref).collect::<Vec<_>>();
    let replacement = match (search, replace) {
        (Value::Str(_), Value::Array(_)) => {
            return Err(cx.arg_type_error(
                2,
                "must be of type string when argument #1 ($search) is a string",
            ));
        }
        (_, Value::Array(each)) => Replacement::Each(values(each)),
        (_, one) => Replacement::One(cx.to_str(one)?),
    };
    let search = match search {
        Value::Array(all) => values(all),
        one => vec![one.clone()],
    };
    let mut replacer = Replacer { search, replacement, fold_case, count: 0 };
    let result = match subject {
        Value::Array(subjects) => {
            let mut results = PhpArray::with_capacity(subjects.len());
            for (key, entry) in subjects.iter() {
                let text = cx.to_str(&entry.deref())?;
                let result = Value::Str(replacer.run(cx, text)?);
                results.insert(key, result);
            }
            Value::Array(results)
        }
        other => {
            let text = cx.to_str(other)?;
            Value::Str(replacer.run(cx, text)?)
        }
    };
    if let Some(target) = count {
        assign(cx, target, Value::Int(replacer.count))?;
    }
    Ok(result)
}

impl Replacer {
    fn run(&mut self, cx: &mut Cx, mut text: PhpString) -> Ret<PhpString> {
        for at in 0..self.search.len() {
            if text.is_empty() {
                break;
            }
            let needle = cx.to_str(&self.search[at])?;
            if needle.is_empty() {
                continue;
            }
            let with = match &self.replacement {
                Replacement::One(text) => text.clone(),
                Replacement::Each(each) => match each.get(at) {
                    Some(value) => cx.to_str(&value.clone())?,
                    None => PhpString::empty(),
                },
            };
            let (result, found) = replace_in(cx, text, &needle, &with, self.fold_case)?;
            text = result;
            self.count += found as i64;
        }
        Ok(text)
    }
}

/// The text with every `needle` replaced, and how many there were.
pub fn replace_in(
    cx: &mut Cx,
    text: PhpString,
    needle: &[u8],
    with: &[u8],
    fold_case: bool,
) -> Ret<(PhpString, usize)> {
    if needle.len() > text.len() {
        return Ok((text, 0));
    }
    let places: Vec<usize> = if fold_case {
        memmem::find_iter(&text.to_ascii_lowercase(), &needle.to_ascii_lowercase()).collect()
    } else if let [byte] = needle {
        memchr::memchr_iter(*byte, &text).collect()
    } else if let Some(first) = find(&text, needle) {
        let behind = first + needle.len();
        let more = if text.len() - behind < needle.len() { &[][..] } else { &text[behind..] };
        let more = memmem::find_iter(more, needle).map(|at| at + behind);
        std::iter::once(first).chain(more).collect()
    } else {
        return Ok((text, 0));
    };
    if places.is_empty() {
        return Ok((text, 0));
    }
    let kept = text.len() - places.len() * needle.len();
    let size = kept.saturating_add(places.len().saturating_mul(with.len()));
    let mut out = checked(cx, PhpString::try_with_capacity(size))?;
    let mut from = 0;
    for &at in &places {
        out.append(&text[from..at]);
        out.append(with);
        from = at + needle.len();
    }
    out.append(&text[from..]);
    Ok((out, places.len()))
}
