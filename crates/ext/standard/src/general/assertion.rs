//! `assert()`.

use outlast_value::Value;
use outlast_vm::{Cx, Ret, Unwind};

#[path = "assertion_stub.rs"]
mod assertion_stub;
pub use assertion_stub::MODULE;

/// `assert()`
pub fn assert(cx: &mut Cx, assertion: &Value, description: &Value) -> Ret<bool> {
    if !cx.ini.bool("assert.active") || cx.ini.assertions() <= 0 || assertion.truthy() {
        return Ok(true);
    }
    let message = match description {
        Value::Str(text) => Some(text.clone()),
        _ => None,
    };
    let callback = cx.ini.get("assert.callback").filter(|name| !name.is_empty());
    if let Some(callback) = callback {
        let (file, line) = cx.position();
        let mut args = vec![Value::Str(file), Value::Int(i64::from(line)), Value::Null];
        if let Some(message) = &message {
            args.push(Value::Str(message.clone()));
        }
        cx.call(&Value::Str(callback), args)?;
    }
    if cx.ini.bool("assert.exception") {
        return Err(match description {
            Value::Object(error) => cx.throw_object(error.clone()),
            _ => cx.throw("AssertionError", message.unwrap_or_default()),
        });
    }
    if cx.ini.bool("assert.warning") {
        match message {
            Some(message) => cx.warning([&message[..], b" failed"].concat())?,
            None => cx.warning("Assertion failed")?,
        }
    }
    if cx.ini.bool("assert.bail") {
        return Err(Unwind::Exit);
    }
    Ok(false)
}

/// `assert_options()`
pub fn assert_options(cx: &mut Cx, option: i64, value: Option<&Value>) -> Ret<Value> {
    let name = match option {
        1 => "assert.active",
        2 => "assert.callback",
        3 => "assert.bail",
        4 => "assert.warning",
        5 => "assert.exception",
        _ => return Err(cx.arg_value_error(1, "must be an ASSERT_* constant")),
    };
    let old = cx.ini.get(name).unwrap_or_default();
    if let Some(value) = value {
        let text = cx.to_str(value)?;
        cx.ini_set(name.as_bytes(), text)?;
    }
    Ok(if option == 2 {
        if old.is_empty() { Value::Null } else { Value::Str(old) }
    } else {
        Value::Int(i64::from(cx.ini.bool(name)))
    })
}
