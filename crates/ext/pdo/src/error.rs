//! Errors: SQLSTATE, and the three modes of reporting.

use crate::driver::DbError;
use crate::sqlstate;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret, Unwind};
use std::cell::{Cell, RefCell};

/// `PDO::ERRMODE_…`
pub mod mode {
    pub const SILENT: i64 = 0;
    pub const WARNING: i64 = 1;
    pub const EXCEPTION: i64 = 2;
}

/// The last error of a connection or statement.
#[derive(Default)]
pub struct Errors {
    /// `None`: nothing was done yet.
    state: Cell<Option<&'static str>>,
    /// The database's own words of its last error.
    native: RefCell<Option<(i64, PhpString)>>,
}

impl Errors {
    /// Something begins anew.
    pub fn reset(&self) {
        self.state.set(Some(DbError::NONE));
    }

    /// Takes over another's.
    pub fn copy(&self, other: &Errors) {
        self.state.set(other.state.get());
        *self.native.borrow_mut() = other.native.borrow().clone();
    }

    /// `errorCode()`
    pub fn code(&self) -> Option<PhpString> {
        self.state.get().map(|state| PhpString::new(state.as_bytes()))
    }

    /// `errorInfo()`
    pub fn info(&self) -> PhpArray {
        let state = self.state.get().unwrap_or_default();
        let native = self.native.borrow();
        let (code, message) = match &*native {
            Some((code, message)) if !state.is_empty() && state != DbError::NONE => {
                (Value::Int(*code), Value::Str(message.clone()))
            }
            _ => (Value::Null, Value::Null),
        };
        PhpArray::from_list(vec![Value::str(state), code, message])
    }

    /// Keeps an error of the database and reports it.
    pub fn fail(&self, cx: &mut Cx, mode: i64, error: DbError) -> Ret<()> {
        self.state.set(Some(error.state));
        if error.state == DbError::NONE {
            return Ok(());
        }
        *self.native.borrow_mut() = Some((error.code, error.message.clone()));
        let text = sqlstate::description(error.state);
        let mut message =
            format!("SQLSTATE[{}]: {text}: {} ", error.state, error.code).into_bytes();
        message.extend_from_slice(&error.message);
        match mode {
            mode::SILENT => Ok(()),
            mode::WARNING => cx.warning(message),
            _ => {
                let info = vec![
                    Value::str(error.state),
                    Value::Int(error.code),
                    Value::Str(error.message),
                ];
                Err(throw(cx, &message, Value::str(error.state), Some(info)))
            }
        }
    }

    /// Keeps an error of PDO itself and reports it.
    pub fn refuse(&self, cx: &mut Cx, mode: i64, state: &'static str, text: &str) -> Ret<()> {
        self.state.set(Some(state));
        let mut message = format!("SQLSTATE[{state}]: {}", sqlstate::description(state));
        if !text.is_empty() {
            message.push_str(": ");
            message.push_str(text);
        }
        if mode != mode::EXCEPTION {
            return cx.warning(message);
        }
        let info = vec![Value::str(state), Value::Int(0)];
        Err(throw(cx, message.as_bytes(), Value::str(state), Some(info)))
    }
}

/// Throws a `PDOException`.
pub fn throw(cx: &mut Cx, message: &[u8], code: Value, info: Option<Vec<Value>>) -> Unwind {
    let exception = match cx.new_exception("PDOException", message) {
        Ok(exception) => exception,
        Err(unwind) => return unwind,
    };
    cx.set_exception_property(&exception, "code", code);
    if let Some(info) = info {
        let info = Value::Array(PhpArray::from_list(info));
        let written = cx.write_prop(&exception, &PhpString::new(b"errorInfo"), info);
        if let Err(unwind) = written {
            return unwind;
        }
    }
    cx.throw_object(exception)
}

/// The error of connecting, for which there is no mode yet.
pub fn not_connected(cx: &mut Cx, error: &DbError) -> Unwind {
    let mut message = format!("SQLSTATE[{}] [{}] ", error.state, error.code).into_bytes();
    message.extend_from_slice(&error.message);
    let info =
        vec![Value::str(error.state), Value::Int(error.code), Value::Str(error.message.clone())];
    throw(cx, &message, Value::Int(error.code), Some(info))
}
