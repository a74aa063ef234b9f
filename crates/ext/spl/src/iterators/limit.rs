//! `LimitIterator`, `InfiniteIterator`, `NoRewindIterator`.

use super::dual::{Dual, Extra, construct, dual};
use outlast_value::{Object, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

pub(super) fn limit_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    offset: i64,
    count: i64,
) -> Ret<()> {
    if offset < 0 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    }
    if count < -1 {
        return Err(cx.arg_value_error(3, "must be greater than or equal to -1"));
    }
    construct(cx, this, Some(iterator.clone()), Extra::Limit { offset, count })
}

fn limits(d: &Dual) -> (i64, i64) {
    match &*d.extra.borrow() {
        Extra::Limit { offset, count } => (*offset, *count),
        _ => (0, -1),
    }
}

/// Is the position before the end?
fn within(d: &Dual, position: i64) -> bool {
    let (offset, count) = limits(d);
    count == -1 || position < offset.saturating_add(count)
}

fn seek(cx: &mut Cx, d: &Dual, position: i64) -> Ret<()> {
    d.free();
    let (offset, count) = limits(d);
    if position < offset {
        return Err(cx.throw(
            "OutOfBoundsException",
            format!("Cannot seek to {position} which is below the offset {offset}"),
        ));
    }
    if !within(d, position) {
        return Err(cx.throw(
            "OutOfBoundsException",
            format!("Cannot seek to {position} which is behind offset {offset} plus count {count}"),
        ));
    }
    let inner = d.inner.borrow().clone();
    let seekable = cx.class(b"SeekableIterator").expect("it is declared here");
    if position != d.position.get()
        && let Some(inner) = inner
        && inner.class().is_subclass_of_or_same(seekable)
    {
        cx.call_method(&inner, "seek", vec![Value::Int(position)])?;
        d.position.set(position);
        if d.inner_valid(cx)? {
            d.fetch(cx, false)?;
        }
        return Ok(());
    }
    if position < d.position.get() {
        d.rewind(cx)?;
    }
    while d.position.get() < position && d.inner_valid(cx)? {
        d.forward(cx, true)?;
    }
    if d.inner_valid(cx)? {
        d.fetch(cx, true)?;
    }
    Ok(())
}

pub(super) fn limit_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.rewind(cx)?;
    let (offset, count) = limits(d);
    if count == 0 {
        return Ok(());
    }
    seek(cx, d, offset)
}

pub(super) fn limit_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let d = dual(cx, this)?;
    Ok(within(d, d.position.get()) && d.current.borrow().is_some())
}

pub(super) fn limit_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.forward(cx, true)?;
    if within(d, d.position.get()) {
        d.fetch(cx, true)?;
    }
    Ok(())
}

pub(super) fn limit_iterator_seek(cx: &mut Cx, this: &Object, position: i64) -> Ret<i64> {
    let d = dual(cx, this)?;
    seek(cx, d, position)?;
    Ok(d.position.get())
}

pub(super) fn limit_iterator_get_position(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(dual(cx, this)?.position.get())
}

pub(super) fn infinite_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    let d = dual(cx, this)?;
    d.forward(cx, true)?;
    if d.inner_valid(cx)? {
        d.fetch(cx, false)?;
    } else {
        d.rewind(cx)?;
        if d.inner_valid(cx)? {
            d.fetch(cx, false)?;
        }
    }
    Ok(())
}

pub(super) fn no_rewind_iterator_rewind(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn no_rewind_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    dual(cx, this)?.inner_valid(cx)
}

pub(super) fn no_rewind_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Value> {
    dual(cx, this)?.call(cx, "key")
}

pub(super) fn no_rewind_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    dual(cx, this)?.call(cx, "current")
}

pub(super) fn no_rewind_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    dual(cx, this)?.call(cx, "next").map(drop)
}
