//! `preg_replace` and its relatives.

use crate::error::{self, PregError};
use crate::pattern;
use crate::scan::{Scan, Shape, Step};
use outlast_value::{KeyRef, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};

/// What takes the place of a match.
enum Replacement<'a> {
    /// Text with references to groups.
    Text(&'a [u8]),
    /// What a callback returns, and the flags of its argument.
    Callback(&'a Callable, i64),
}

/// A pattern with its replacement.
type Pair<'a> = (&'a PhpString, Replacement<'a>);

/// Replaces matches in one subject; `None` after an error.
fn replace(
    cx: &mut Cx,
    (pattern, by): &Pair<'_>,
    subject: &PhpString,
    limit: i64,
    count: &mut i64,
) -> Ret<Option<PhpString>> {
    let Some(pattern) = pattern::get(cx, pattern)? else { return Ok(None) };
    let mut left = if limit < 0 { i64::MAX } else { limit };
    error::set(cx, PregError::None);
    let shape = match by {
        Replacement::Callback(_, flags) => Some(Shape::new(&pattern, *flags)),
        Replacement::Text(_) => None,
    };
    let mut scan = Scan::new(&pattern, subject, 0, pattern::limits(cx));
    let mut out: Option<Vec<u8>> = None;
    let mut last = 0;
    while left > 0 {
        let groups = match scan.step() {
            Step::Match(groups) => groups,
            Step::End => break,
            Step::Error(code) => {
                error::set(cx, PregError::of_engine(code));
                return Ok(None);
            }
        };
        let (start, end) = scan.range();
        if end < start || start < last {
            error::set(cx, PregError::Internal);
            return Ok(None);
        }
        left -= 1;
        *count += 1;
        let to = out.get_or_insert_with(|| Vec::with_capacity(subject.len() + 16));
        to.extend_from_slice(&subject[last..start]);
        match by {
            Replacement::Text(text) => expand(to, text, &scan, groups),
            Replacement::Callback(callback, _) => {
                let shape = shape.as_ref().expect("made for callbacks");
                let matched = shape.groups(&scan, groups, pattern.code.groups());
                let result = cx.call_resolved(callback, vec![Value::Array(matched)])?;
                let result = result.into_deref();
                to.extend_from_slice(&cx.to_str(&result)?);
            }
        }
        last = end;
    }
    Ok(Some(match out {
        None => subject.clone(),
        Some(mut out) => {
            out.extend_from_slice(&subject[last..]);
            PhpString::from(out)
        }
    }))
}

/// Appends the replacement text, `$1`, `${1}` and `\1` being groups.
fn expand(out: &mut Vec<u8>, text: &[u8], scan: &Scan<'_>, groups: usize) {
    let mut at = 0;
    let mut after_backslash = false;
    while let Some(&b) = text.get(at) {
        if b == b'\\' || b == b'$' {
            if after_backslash {
                if let Some(last) = out.last_mut() {
                    *last = b;
                }
                after_backslash = false;
                at += 1;
                continue;
            }
            if let Some((n, len)) = reference(&text[at..]) {
                if n < groups {
                    out.extend_from_slice(scan.group(n).unwrap_or_default());
                }
                at += len;
                continue;
            }
        }
        out.push(b);
        after_backslash = b == b'\\';
        at += 1;
    }
}

/// The number of a group that the text refers to, and the reference's length.
fn reference(text: &[u8]) -> Option<(usize, usize)> {
    let digit = |at: usize| text.get(at).filter(|b| b.is_ascii_digit()).map(|b| b - b'0');
    let braces = text.starts_with(b"${");
    let mut at = 1 + usize::from(braces);
    let mut n = usize::from(digit(at)?);
    at += 1;
    if let Some(d) = digit(at) {
        n = n * 10 + usize::from(d);
        at += 1;
    }
    if braces { (text.get(at) == Some(&b'}')).then_some((n, at + 1)) } else { Some((n, at)) }
}

/// Applies the pairs one after the other to a subject.
fn replace_all(
    cx: &mut Cx,
    pairs: &[Pair<'_>],
    subject: &Value,
    limit: i64,
    count: &mut i64,
) -> Ret<Option<PhpString>> {
    let mut text = cx.to_str(subject)?;
    for pair in pairs {
        match replace(cx, pair, &text, limit, count)? {
            Some(replaced) => text = replaced,
            None => return Ok(None),
        }
    }
    Ok(Some(text))
}

/// Applies the pairs to a subject or to each of an array; `filter`: only what changed is kept.
fn replace_in(
    cx: &mut Cx,
    pairs: &[Pair<'_>],
    subject: &Value,
    limit: i64,
    count: &mut i64,
    filter: bool,
) -> Ret<Value> {
    let Value::Array(subjects) = subject else {
        let replaced = replace_all(cx, pairs, subject, limit, count)?;
        let kept = replaced.filter(|_| !filter || *count > 0);
        return Ok(kept.map_or(Value::Null, Value::Str));
    };
    let mut out = PhpArray::new();
    for (key, value) in subjects.iter() {
        let before = *count;
        let replaced = replace_all(cx, pairs, &value.deref(), limit, count)?;
        if let Some(text) = replaced.filter(|_| !filter || *count > before) {
            out.insert(key, Value::Str(text));
        }
    }
    Ok(Value::Array(out))
}

/// The strings in an array.
fn strings(cx: &mut Cx, array: &PhpArray) -> Ret<Vec<PhpString>> {
    array.values().map(|v| cx.to_str(v)).collect()
}

fn replace_with_text(
    cx: &mut Cx,
    pattern: &Value,
    replacement: &Value,
    subject: &Value,
    limit: i64,
    count: Option<&Reference>,
    filter: bool,
) -> Ret<Value> {
    let mut n = 0;
    let result = match (pattern, replacement) {
        (Value::Array(patterns), _) => {
            let patterns = strings(cx, patterns)?;
            let texts = match replacement {
                Value::Array(texts) => {
                    let mut texts = strings(cx, texts)?;
                    texts.resize(patterns.len().max(texts.len()), PhpString::empty());
                    texts
                }
                text => vec![cx.to_str(text)?; patterns.len()],
            };
            let pairs: Vec<Pair<'_>> =
                patterns.iter().zip(&texts).map(|(p, t)| (p, Replacement::Text(t))).collect();
            replace_in(cx, &pairs, subject, limit, &mut n, filter)?
        }
        (_, Value::Array(_)) => {
            return Err(cx.arg_type_error(
                1,
                "must be of type array when argument #2 ($replacement) is an array, string given",
            ));
        }
        (pattern, text) => {
            let (pattern, text) = (cx.to_str(pattern)?, cx.to_str(text)?);
            let pairs = [(&pattern, Replacement::Text(&text))];
            replace_in(cx, &pairs, subject, limit, &mut n, filter)?
        }
    };
    tell(count, n);
    Ok(result)
}

/// Sets the argument for the number of replacements.
fn tell(count: Option<&Reference>, n: i64) {
    if let Some(count) = count {
        count.set(Value::Int(n));
    }
}

pub fn preg_replace(
    cx: &mut Cx,
    pattern: &Value,
    replacement: &Value,
    subject: &Value,
    limit: i64,
    count: Option<&Reference>,
) -> Ret<Value> {
    replace_with_text(cx, pattern, replacement, subject, limit, count, false)
}

pub fn preg_filter(
    cx: &mut Cx,
    pattern: &Value,
    replacement: &Value,
    subject: &Value,
    limit: i64,
    count: Option<&Reference>,
) -> Ret<Value> {
    replace_with_text(cx, pattern, replacement, subject, limit, count, true)
}

pub fn preg_replace_callback(
    cx: &mut Cx,
    pattern: &Value,
    callback: &Callable,
    subject: &Value,
    limit: i64,
    count: Option<&Reference>,
    flags: i64,
) -> Ret<Value> {
    let patterns = match pattern {
        Value::Array(patterns) => strings(cx, patterns)?,
        one => vec![cx.to_str(one)?],
    };
    let pairs: Vec<Pair<'_>> =
        patterns.iter().map(|p| (p, Replacement::Callback(callback, flags))).collect();
    let mut n = 0;
    let result = replace_in(cx, &pairs, subject, limit, &mut n, false)?;
    tell(count, n);
    Ok(result)
}

pub fn preg_replace_callback_array(
    cx: &mut Cx,
    pattern: PhpArray,
    subject: &Value,
    limit: i64,
    count: Option<&Reference>,
    flags: i64,
) -> Ret<Value> {
    let mut n = 0;
    let mut current = subject.clone();
    for (key, callback) in pattern.iter_refs() {
        let callback = match cx.resolve_callable(callback)? {
            Ok(callback) => callback,
            Err(_) => return Err(cx.arg_type_error(1, "must contain only valid callbacks")),
        };
        let KeyRef::Str(text) = key else {
            return Err(cx.arg_type_error(1, "must contain only string patterns as keys"));
        };
        let pair = [(text, Replacement::Callback(&callback, flags))];
        current = replace_in(cx, &pair, &current, limit, &mut n, false)?;
        if current.is_null() {
            break;
        }
    }
    tell(count, n);
    Ok(current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_groups() {
        assert_eq!(reference(b"$1x"), Some((1, 2)));
        assert_eq!(reference(b"${12}"), Some((12, 5)));
        assert_eq!(reference(b"\\123"), Some((12, 3)));
        assert_eq!(reference(b"${1"), None);
        assert_eq!(reference(b"$a"), None);
    }
}
