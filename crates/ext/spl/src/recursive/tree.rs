//! `RecursiveTreeIterator`: draws the tree.

use super::steps::{start, walk};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

const BYPASS_CURRENT: i64 = 4;
const BYPASS_KEY: i64 = 8;

pub(super) fn recursive_tree_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Value,
    flags: i64,
    caching_flags: i64,
    mode: i64,
) -> Ret<()> {
    let mut inner = iterator.deref();
    if let Value::Object(o) = &inner
        && o.class().iteration == 2
    {
        inner = cx.call_method(o, "getIterator", Vec::new())?.into_deref();
    }
    let class = cx.class(b"RecursiveCachingIterator").expect("it is declared here");
    let caching = cx.new_object(class, vec![inner, Value::Int(caching_flags)])?;
    start(cx, this, &caching, mode, flags)?;
    walk(cx, this)?.tree_flags.set(flags);
    Ok(())
}

fn has_next(cx: &mut Cx, level: &Object) -> Ret<bool> {
    let v = cx.call_method(level, "hasNext", Vec::new())?;
    cx.to_bool(&v)
}

pub(super) fn recursive_tree_iterator_get_prefix(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let w = walk(cx, this)?;
    let mut out = w.parts.borrow()[0].clone();
    let depth = w.depth();
    for at in 0..=depth {
        let Some(level) = w.level(at) else { continue };
        let more = has_next(cx, &level)?;
        let part = match (at == depth, more) {
            (false, true) => 1,
            (false, false) => 2,
            (true, true) => 3,
            (true, false) => 4,
        };
        out.extend_from_slice(&w.parts.borrow()[part]);
    }
    out.extend_from_slice(&w.parts.borrow()[5]);
    Ok(out)
}

pub(super) fn recursive_tree_iterator_get_entry(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let top = walk(cx, this)?.top();
    match cx.call_method(&top, "current", Vec::new())?.into_deref() {
        Value::Array(_) => Ok("Array".into()),
        current => cx.to_str(&current),
    }
}

pub(super) fn recursive_tree_iterator_get_postfix(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    Ok(walk(cx, this)?.postfix.borrow().clone())
}

pub(super) fn recursive_tree_iterator_set_postfix(
    cx: &mut Cx,
    this: &Object,
    postfix: &PhpString,
) -> Ret<()> {
    *walk(cx, this)?.postfix.borrow_mut() = postfix.to_vec();
    Ok(())
}

pub(super) fn recursive_tree_iterator_set_prefix_part(
    cx: &mut Cx,
    this: &Object,
    part: i64,
    value: &PhpString,
) -> Ret<()> {
    let Some(at) = usize::try_from(part).ok().filter(|p| *p < 6) else {
        return Err(cx.arg_value_error(1, "must be a RecursiveTreeIterator::PREFIX_* constant"));
    };
    walk(cx, this)?.parts.borrow_mut()[at] = value.to_vec();
    Ok(())
}

/// Text between prefix and postfix.
fn drawn(cx: &mut Cx, this: &Object, text: &[u8]) -> Ret<Value> {
    let mut out = recursive_tree_iterator_get_prefix(cx, this)?;
    out.extend_from_slice(text);
    out.extend_from_slice(&walk(cx, this)?.postfix.borrow());
    Ok(Value::str(out))
}

pub(super) fn recursive_tree_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let w = walk(cx, this)?;
    if w.tree_flags.get() & BYPASS_CURRENT != 0 {
        let top = w.top();
        return cx.call_method(&top, "current", Vec::new());
    }
    let entry = recursive_tree_iterator_get_entry(cx, this)?;
    drawn(cx, this, &entry)
}

pub(super) fn recursive_tree_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let w = walk(cx, this)?;
    let top = w.top();
    let key = cx.call_method(&top, "key", Vec::new())?.into_deref();
    if w.tree_flags.get() & BYPASS_KEY != 0 {
        return Ok(key);
    }
    let text = cx.to_str(&key)?;
    drawn(cx, this, &text)
}
