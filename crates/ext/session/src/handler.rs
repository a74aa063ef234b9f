//! `SessionHandler`: the save handler that was in force before a script set its own.

use crate::report::warning;
use crate::save::{self, with_files};
use crate::state::{is_active, session};
use outlast_value::{Object, PhpString};
use outlast_vm::{Cx, OrFalse, Ret};

#[path = "handler_stub.rs"]
mod handler_stub;
pub use handler_stub::MODULE;

fn check_active(cx: &mut Cx) -> Ret<()> {
    if !is_active(cx) {
        return Err(cx.throw_error("Session is not active"));
    }
    if !session(cx).has_default {
        return Err(cx.throw_error("Cannot call default session handler"));
    }
    Ok(())
}

/// Warns unless `open()` was called.
fn check_open(cx: &mut Cx) -> Ret<bool> {
    check_active(cx)?;
    if !session(cx).user.parent_open {
        warning(cx, "Parent session handler is not open")?;
        return Ok(false);
    }
    Ok(true)
}

/// `SessionHandler::open()`
pub fn session_handler_open(
    cx: &mut Cx,
    _this: &Object,
    path: &PhpString,
    _name: &PhpString,
) -> Ret<bool> {
    check_active(cx)?;
    session(cx).user.parent_open = true;
    save::open_files(cx, path)
}

/// `SessionHandler::close()`
pub fn session_handler_close(cx: &mut Cx, _this: &Object) -> Ret<bool> {
    if !check_open(cx)? {
        return Ok(false);
    }
    session(cx).user.parent_open = false;
    session(cx).files = None;
    Ok(true)
}

/// `SessionHandler::read()`
pub fn session_handler_read(
    cx: &mut Cx,
    _this: &Object,
    id: &PhpString,
) -> Ret<OrFalse<PhpString>> {
    if !check_open(cx)? {
        return Ok(OrFalse(None));
    }
    with_files(cx, None, |cx, files| files.read(cx, id)).map(OrFalse)
}

/// `SessionHandler::write()`
pub fn session_handler_write(
    cx: &mut Cx,
    _this: &Object,
    id: &PhpString,
    data: &PhpString,
) -> Ret<bool> {
    Ok(check_open(cx)? && with_files(cx, false, |cx, files| files.write(cx, id, data))?)
}

/// `SessionHandler::destroy()`
pub fn session_handler_destroy(cx: &mut Cx, _this: &Object, id: &PhpString) -> Ret<bool> {
    Ok(check_open(cx)? && with_files(cx, false, |cx, files| Ok(files.destroy(cx, id)))?)
}

/// `SessionHandler::gc()`
pub fn session_handler_gc(cx: &mut Cx, _this: &Object, max_lifetime: i64) -> Ret<OrFalse<i64>> {
    if !check_open(cx)? {
        return Ok(OrFalse(None));
    }
    with_files(cx, None, |cx, files| files.collect(cx, max_lifetime)).map(OrFalse)
}

/// `SessionHandler::create_sid()`
pub fn session_handler_create_sid(cx: &mut Cx, _this: &Object) -> Ret<PhpString> {
    check_active(cx)?;
    let created = match session(cx).files.is_some() {
        true => with_files(cx, None, |cx, files| Ok(files.create_id(cx)))?,
        false => crate::id::create(cx),
    };
    created.ok_or_else(|| cx.throw_error("Failed to create session ID"))
}
