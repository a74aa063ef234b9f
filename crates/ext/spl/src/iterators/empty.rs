//! `EmptyIterator`.

use outlast_value::Object;
use outlast_vm::{Cx, Ret};

pub(super) fn empty_iterator_current(cx: &mut Cx, _this: &Object) -> Ret<()> {
    Err(cx.throw("BadMethodCallException", "Accessing the value of an EmptyIterator"))
}

pub(super) fn empty_iterator_key(cx: &mut Cx, _this: &Object) -> Ret<()> {
    Err(cx.throw("BadMethodCallException", "Accessing the key of an EmptyIterator"))
}

pub(super) fn empty_iterator_next(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn empty_iterator_rewind(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

pub(super) fn empty_iterator_valid(_cx: &mut Cx, _this: &Object) -> Ret<bool> {
    Ok(false)
}
