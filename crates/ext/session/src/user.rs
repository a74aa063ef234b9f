//! The save handler `user`: PHP functions.

use crate::report::{raise, warning};
use crate::state::{Callback, session};
use outlast_lifecycle::Phase;
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret, level};

/// Calls a callback; `None`: there is none, or it is running already.
fn call(cx: &mut Cx, which: Callback, args: Vec<Value>) -> Ret<Option<Value>> {
    let Some(callback) = session(cx).user.callbacks[which as usize].clone() else {
        return Ok(None);
    };
    if std::mem::replace(&mut session(cx).user.calling, false) {
        warning(cx, "Cannot call session save handler in a recursive manner")?;
        return Ok(None);
    }
    session(cx).user.calling = true;
    let result = cx.call_resolved(&callback, args);
    // What fails behind the script's end is fatal, and is not recovered from.
    let fatal = result.is_err() && cx.lifecycle.phase() == Phase::SessionWrite;
    session(cx).user.calling = fatal;
    Ok(Some(result?.into_deref()))
}

/// Whether a callback says that it worked.
fn verdict(cx: &mut Cx, result: Option<Value>) -> Ret<bool> {
    let Some(value) = result else { return Ok(false) };
    let complaint = |cx: &Cx, value: &Value| {
        let given = cx.value_type_name(value);
        format!("Session callback must have a return value of type bool, {given} returned")
    };
    match value {
        Value::Bool(works) => Ok(works),
        // What callbacks returned before PHP 7.
        Value::Int(number @ (0 | -1)) => {
            let text = complaint(cx, &value);
            raise(cx, level::DEPRECATED, &text)?;
            Ok(number == 0)
        }
        value => {
            let text = complaint(cx, &value);
            Err(cx.throw_type_error(text))
        }
    }
}

fn has(cx: &mut Cx, which: Callback) -> bool {
    session(cx).user.callbacks[which as usize].is_some()
}

fn text(value: &PhpString) -> Value {
    Value::Str(value.clone())
}

pub fn open(cx: &mut Cx, save_path: &PhpString, name: &PhpString) -> Ret<bool> {
    if !has(cx, Callback::Open) {
        warning(cx, "User session functions not defined")?;
        return Ok(false);
    }
    let result = call(cx, Callback::Open, vec![text(save_path), text(name)])?;
    session(cx).user.open = true;
    verdict(cx, result)
}

pub fn close(cx: &mut Cx) -> Ret<bool> {
    if !session(cx).user.open {
        return Ok(true);
    }
    let result = call(cx, Callback::Close, Vec::new());
    session(cx).user.open = false;
    verdict(cx, result?)
}

pub fn read(cx: &mut Cx, id: &PhpString) -> Ret<Option<PhpString>> {
    Ok(match call(cx, Callback::Read, vec![text(id)])? {
        Some(Value::Str(data)) => Some(data),
        _ => None,
    })
}

pub fn write(cx: &mut Cx, id: &PhpString, data: &PhpString) -> Ret<bool> {
    let result = call(cx, Callback::Write, vec![text(id), text(data)])?;
    verdict(cx, result)
}

pub fn destroy(cx: &mut Cx, id: &PhpString) -> Ret<bool> {
    let result = call(cx, Callback::Destroy, vec![text(id)])?;
    verdict(cx, result)
}

/// How many sessions were removed, if the callback knows.
pub fn collect(cx: &mut Cx, lifetime: i64) -> Ret<Option<i64>> {
    Ok(match call(cx, Callback::Gc, vec![Value::Int(lifetime)])? {
        Some(Value::Int(count)) => (count >= 0).then_some(count),
        Some(Value::Bool(true)) => Some(1),
        _ => None,
    })
}

/// A new id; `None`: without a callback, PHP makes one.
pub fn create_id(cx: &mut Cx) -> Ret<Option<PhpString>> {
    if !has(cx, Callback::CreateSid) {
        return Ok(crate::id::create(cx));
    }
    match call(cx, Callback::CreateSid, Vec::new())? {
        Some(Value::Str(id)) => Ok(Some(id)),
        Some(_) => Err(cx.throw_error("Session id must be a string")),
        None => Err(cx.throw_error("No session id returned by function")),
    }
}

/// Can ids be told from made-up ones?
pub fn validates(cx: &mut Cx) -> bool {
    has(cx, Callback::ValidateSid)
}

pub fn validate_id(cx: &mut Cx, id: &PhpString) -> Ret<bool> {
    if !validates(cx) {
        return Ok(true);
    }
    let result = call(cx, Callback::ValidateSid, vec![text(id)])?;
    verdict(cx, result)
}

pub fn update_timestamp(cx: &mut Cx, id: &PhpString, data: &PhpString) -> Ret<bool> {
    let which = match has(cx, Callback::UpdateTimestamp) {
        true => Callback::UpdateTimestamp,
        false => Callback::Write,
    };
    let result = call(cx, which, vec![text(id), text(data)])?;
    verdict(cx, result)
}
