//! `FilterIterator` and its kin.

use super::dual::{Dual, Extra, construct, dual};
use outlast_value::{Object, Value};
use outlast_vm::{Callable, Cx, ObjectClass, Ret};

pub(super) fn filter_iterator_construct(cx: &mut Cx, this: &Object, iterator: &Object) -> Ret<()> {
    construct(cx, this, Some(iterator.clone()), Extra::None)
}

/// Fetches the next element that is accepted.
fn fetch_accepted(cx: &mut Cx, this: &Object, d: &Dual) -> Ret<()> {
    while d.fetch(cx, true)? {
        let accepted = cx.call_method(this, "accept", Vec::new())?;
        if cx.to_bool(&accepted)? {
            return Ok(());
        }
        d.call(cx, "next")?;
    }
    d.free();
    Ok(())
}

pub(super) fn filter_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.rewind(cx)?;
    fetch_accepted(cx, this, d)
}

pub(super) fn filter_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.forward(cx, true)?;
    fetch_accepted(cx, this, d)
}

pub(super) fn callback_filter_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    callback: &Callable,
) -> Ret<()> {
    let callback = crate::callback::value_of(cx, callback);
    construct(cx, this, Some(iterator.clone()), Extra::Callback(callback))
}

fn callback_of(d: &Dual) -> Value {
    match &*d.extra.borrow() {
        Extra::Callback(v) => v.clone(),
        _ => Value::Null,
    }
}

pub(super) fn callback_filter_iterator_accept(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let d = dual(cx, this)?;
    let current = d.current.borrow().clone();
    let key = d.key.borrow().clone();
    let (Some(current), Some(key)) = (current, key) else { return Ok(Value::Bool(false)) };
    let inner = d.inner.borrow().clone().map_or(Value::Null, Value::Object);
    let callback = callback_of(d);
    let accepted = cx.call(&callback, vec![current, key, inner])?.into_deref();
    // The declared type of accept() makes it a bool.
    Ok(Value::Bool(cx.to_bool(&accepted)?))
}

pub(super) fn recursive_filter_iterator_has_children(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let has = dual(cx, this)?.call(cx, "hasChildren")?;
    cx.to_bool(&has)
}

pub(super) fn recursive_filter_iterator_get_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    match dual(cx, this)?.call(cx, "getChildren")? {
        Value::Null => Ok(None),
        children => cx.new_object(this.class(), vec![children]).map(Some),
    }
}

pub(super) fn recursive_callback_filter_iterator_get_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Object> {
    let d = dual(cx, this)?;
    let children = d.call(cx, "getChildren")?;
    let callback = callback_of(d);
    cx.new_object(this.class(), vec![children, callback])
}
