//! `Throwable` and the exceptions of the engine.
//!
//! File, line and trace are set when the object is made (`THROWABLE_HANDLERS`), not by the
//! constructor.

mod exceptions_stub;

pub(crate) use exceptions_stub::MODULE;

use outlast_value::{Object, PhpString, Value};
use outlast_vm::errors::THROWABLE_HANDLERS;
use outlast_vm::{Cx, ObjectClass, Ret};

fn exception_construct(
    cx: &mut Cx,
    this: &Object,
    message: &PhpString,
    code: i64,
    previous: Option<&Object>,
) -> Ret<()> {
    // What is left out keeps the default that the class may have given it.
    if !message.is_empty() {
        cx.set_exception_property(this, "message", Value::Str(message.clone()));
    }
    if code != 0 {
        cx.set_exception_property(this, "code", Value::Int(code));
    }
    if let Some(previous) = previous {
        cx.set_exception_property(this, "previous", Value::Object(previous.clone()));
    }
    Ok(())
}

fn exception_magic_clone(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

/// Properties that unserializing gave a wrong type go.
fn exception_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    type Check = fn(&Value) -> bool;
    let checks: [(&str, Check); 2] = [("message", Value::is_str), ("code", Value::is_int)];
    for (name, right) in checks {
        if !right(&cx.exception_property(this, name)) {
            cx.set_exception_property(this, name, Value::Undef);
        }
    }
    Ok(())
}

fn exception_get_message(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "message"))
}

fn exception_get_code(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "code"))
}

fn exception_get_file(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "file"))
}

fn exception_get_line(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "line"))
}

fn exception_get_trace(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "trace"))
}

fn exception_get_previous(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(cx.exception_property(this, "previous"))
}

fn exception_get_trace_as_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    cx.exception_trace_as_string(this)
}

fn exception_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let text = cx.exception_to_string(this)?;
    cx.set_exception_property(this, "string", Value::Str(text.clone()));
    Ok(text)
}

#[expect(clippy::too_many_arguments, reason = "PHP's signature")]
fn error_exception_construct(
    cx: &mut Cx,
    this: &Object,
    message: &PhpString,
    code: i64,
    severity: i64,
    filename: Option<&PhpString>,
    line: Option<i64>,
    previous: Option<&Object>,
) -> Ret<()> {
    exception_construct(cx, this, message, code, previous)?;
    set_severity(this, Value::Int(severity));
    if let Some(file) = filename {
        cx.set_exception_property(this, "file", Value::Str(file.clone()));
    }
    if let Some(line) = line.or(filename.map(|_| 0)) {
        cx.set_exception_property(this, "line", Value::Int(line));
    }
    Ok(())
}

/// `severity`, which `ErrorException` declares.
fn severity_slot(this: &Object) -> Option<usize> {
    this.class().props.get(b"severity".as_slice()).map(|p| p.slot as usize)
}

fn set_severity(this: &Object, value: Value) {
    if let Some(slot) = severity_slot(this) {
        this.set_slot(slot, value);
    }
}

fn error_exception_get_severity(_cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(severity_slot(this).map_or(Value::Null, |slot| this.slot(slot).into_deref()))
}

fn fiber_error_construct(cx: &mut Cx, this: &Object) -> Ret<()> {
    let class = this.class().display_name();
    Err(cx.throw_error(format!(
        "The \"{class}\" class is reserved for internal use and cannot be manually instantiated"
    )))
}
