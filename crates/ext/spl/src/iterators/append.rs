//! `AppendIterator`.

use super::dual::{Dual, Extra, construct, dual};
use outlast_value::{Object, Value};
use outlast_vm::{Cx, Ret};

pub(super) fn append_iterator_construct(cx: &mut Cx, this: &Object) -> Ret<()> {
    let class = cx.class(b"ArrayIterator").expect("it is declared here");
    let list = cx.new_object(class, Vec::new())?;
    construct(cx, this, None, Extra::Append { list })
}

/// The ArrayIterator of the iterators.
fn list(d: &Dual) -> Option<Object> {
    match &*d.extra.borrow() {
        Extra::Append { list } => Some(list.clone()),
        _ => None,
    }
}

fn list_call(cx: &mut Cx, d: &Dual, method: &str, arguments: Vec<Value>) -> Ret<Value> {
    match list(d) {
        Some(list) => cx.call_method(&list, method, arguments),
        None => Ok(Value::Null),
    }
}

fn list_valid(cx: &mut Cx, d: &Dual) -> Ret<bool> {
    Ok(list_call(cx, d, "valid", Vec::new())?.truthy())
}

/// Makes the current one of the list the inner iterator; false at the list's end.
fn next_iterator(cx: &mut Cx, d: &Dual) -> Ret<bool> {
    d.free();
    let old = d.inner.take();
    drop(old);
    if !list_valid(cx, d)? {
        return Ok(false);
    }
    if let Value::Object(inner) = list_call(cx, d, "current", Vec::new())?.into_deref() {
        *d.inner.borrow_mut() = Some(inner);
    }
    d.rewind(cx)?;
    Ok(true)
}

/// Fetches the element, from the next iterator that has one.
fn fetch(cx: &mut Cx, d: &Dual) -> Ret<()> {
    while !d.inner_valid(cx)? {
        list_call(cx, d, "next", Vec::new())?;
        if !next_iterator(cx, d)? {
            return Ok(());
        }
    }
    d.fetch(cx, false).map(drop)
}

pub(super) fn append_iterator_append(cx: &mut Cx, this: &Object, iterator: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    let value = Value::Object(iterator.clone());
    let inner_ended = !d.inner_valid(cx)?;
    let in_list = list_valid(cx, d)?;
    list_call(cx, d, "append", vec![value])?;
    if in_list && inner_ended {
        list_call(cx, d, "next", Vec::new())?;
    }
    if d.inner.borrow().is_none() || inner_ended {
        if !list_valid(cx, d)? {
            list_call(cx, d, "rewind", Vec::new())?;
        }
        loop {
            if !next_iterator(cx, d)? {
                break;
            }
            if d.inner.borrow().as_ref().is_some_and(|i| i.ptr_eq(iterator)) {
                break;
            }
            list_call(cx, d, "next", Vec::new())?;
        }
        fetch(cx, d)?;
    }
    Ok(())
}

pub(super) fn append_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    list_call(cx, d, "rewind", Vec::new())?;
    if next_iterator(cx, d)? {
        fetch(cx, d)?;
    }
    Ok(())
}

pub(super) fn append_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    let d = dual(cx, this)?;
    d.fetch(cx, true)?;
    Ok(d.current.borrow().clone())
}

pub(super) fn append_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    if d.inner_valid(cx)? {
        d.forward(cx, true)?;
    }
    fetch(cx, d)
}

pub(super) fn append_iterator_get_iterator_index(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let d = dual(cx, this)?;
    if d.inner.borrow().is_none() {
        return Ok(Value::Null);
    }
    list_call(cx, d, "key", Vec::new())
}

pub(super) fn append_iterator_get_array_iterator(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    Ok(list(dual(cx, this)?))
}
