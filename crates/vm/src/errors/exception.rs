//! Exceptions: making, throwing, chaining, turning into text.

use crate::class::{ClassRef, ObjectClass};
use crate::{Cx, ObjectHandlers, Ret, Unwind};
use outlast_value::{Object, PhpArray, PhpString, Value};

/// What objects of `Exception` and `Error` do: file, line and trace are theirs from birth.
pub static THROWABLE_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(fill_in), ..ObjectHandlers::STANDARD };

/// `Exception` or `Error`, whichever a class extends: the one that declares the properties.
fn base_class(class: ClassRef) -> ClassRef {
    let mut base = class;
    while let Some(parent) = base.parent {
        base = parent;
    }
    base
}

/// Where a built-in property of an exception lives.
fn slot(exception: &Object, name: &str) -> Option<usize> {
    base_class(exception.class()).props.get(name.as_bytes()).map(|p| p.slot as usize)
}

/// A built-in property of an exception, private ones too.
pub(super) fn get(exception: &Object, name: &str) -> Value {
    slot(exception, name).map_or(Value::Null, |s| exception.slot(s).into_deref().or_null())
}

/// Sets a built-in property of an exception.
pub(super) fn set(exception: &Object, name: &str, value: Value) {
    if let Some(s) = slot(exception, name) {
        exception.set_slot(s, value);
    }
}

fn fill_in(cx: &mut Cx, exception: &Object) -> Ret<()> {
    let options =
        if cx.ini.exception_ignore_args() { super::backtrace_options::IGNORE_ARGS } else { 0 };
    let trace = cx.backtrace(options, 0);
    let (file, line) = cx.position();
    set(exception, "file", Value::Str(file));
    set(exception, "line", Value::Int(i64::from(line)));
    set(exception, "trace", Value::Array(trace));
    Ok(())
}

impl Cx {
    /// Throws a new exception of a built-in class.
    #[cold]
    pub fn throw(&mut self, class: &str, message: impl AsRef<[u8]>) -> Unwind {
        self.throw_with_code(class, message, 0)
    }

    /// The same with a code.
    #[cold]
    pub fn throw_with_code(&mut self, class: &str, message: impl AsRef<[u8]>, code: i64) -> Unwind {
        match self.new_exception(class, message.as_ref()) {
            Ok(exception) => {
                if code != 0 {
                    set(&exception, "code", Value::Int(code));
                }
                self.throw_object(exception)
            }
            Err(u) => u,
        }
    }

    /// An exception that is not thrown yet.
    pub fn new_exception(&mut self, class: &str, message: &[u8]) -> Ret<Object> {
        let Some(found) = self.class(class.as_bytes()) else {
            return Err(self.fatal(format!("Class \"{class}\" not found")));
        };
        let exception = self.instantiate(found)?;
        if !message.is_empty() {
            set(&exception, "message", Value::str(message));
        }
        Ok(exception)
    }

    /// Sets one of an exception's built-in properties (message, code, file, line, previous,
    /// severity is none of them).
    pub fn set_exception_property(&mut self, exception: &Object, name: &str, value: Value) {
        set(exception, name, value);
    }

    /// One of an exception's built-in properties, private ones too.
    pub fn exception_property(&self, exception: &Object, name: &str) -> Value {
        get(exception, name)
    }

    /// Throws an `Error`.
    #[cold]
    pub fn throw_error(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.throw("Error", message)
    }
    /// Throws a `TypeError`.
    #[cold]
    pub fn throw_type_error(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.throw("TypeError", message)
    }
    /// Throws a `ValueError`.
    #[cold]
    pub fn throw_value_error(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.throw("ValueError", message)
    }
    /// Throws an `ArgumentCountError`.
    #[cold]
    pub fn throw_arg_count_error(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.throw("ArgumentCountError", message)
    }
    /// Throws an `ArithmeticError`.
    #[cold]
    pub fn throw_arithmetic_error(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.throw("ArithmeticError", message)
    }

    /// Throws the `ParseError` of included code, which has the place of the mistake.
    #[cold]
    pub fn throw_parse_error(&mut self, message: &[u8], file: &[u8], line: u32) -> Unwind {
        match self.new_exception("ParseError", message) {
            Ok(exception) => {
                set(&exception, "file", Value::str(file));
                set(&exception, "line", Value::Int(i64::from(line)));
                self.throw_object(exception)
            }
            Err(u) => u,
        }
    }

    /// Throws an object that is a `Throwable`. What was pending becomes its previous exception.
    pub fn throw_object(&mut self, exception: Object) -> Unwind {
        let pending = self.exception.replace(exception);
        if let Some(previous) = pending {
            self.chain_previous(previous);
        }
        Unwind::Throw
    }

    /// Puts `previous` at the end of the pending exception's chain, unless that made a circle.
    pub fn chain_previous(&mut self, previous: Object) {
        let Some(exception) = self.exception.clone() else {
            self.exception = Some(previous);
            return;
        };
        if exception.ptr_eq(&previous) {
            return;
        }
        let mut at = exception;
        loop {
            let mut ancestor = get(&previous, "previous");
            while let Value::Object(a) = ancestor {
                if a.ptr_eq(&at) {
                    return;
                }
                ancestor = get(&a, "previous");
            }
            match get(&at, "previous") {
                Value::Object(next) => {
                    if next.ptr_eq(&previous) {
                        return;
                    }
                    at = next;
                }
                _ => {
                    set(&at, "previous", Value::Object(previous));
                    return;
                }
            }
        }
    }

    /// `Exception::__toString`: the chain of previous exceptions, the oldest first.
    pub fn exception_to_string(&mut self, exception: &Object) -> Ret<PhpString> {
        let mut text: Vec<u8> = Vec::new();
        let mut seen: Vec<Object> = Vec::new();
        let mut next = Some(exception.clone());
        while let Some(e) = next {
            if seen.iter().any(|s| s.ptr_eq(&e)) {
                break;
            }
            let class = e.class();
            let mut message = self.to_str(&get(&e, "message"))?.as_bytes().to_vec();
            let file = self.to_str(&get(&e, "file"))?;
            let line = self.to_int(&get(&e, "line"))?;
            let trace = match get(&e, "trace") {
                Value::Array(a) => self.trace_to_string(&a)?,
                _ => b"#0 {main}\n".to_vec(),
            };
            let called = |m: &[u8]| m.windows(12).any(|w| w == b", called in ");
            if matches!(class.key.as_bytes(), b"typeerror" | b"argumentcounterror")
                && called(&message)
            {
                message.extend_from_slice(b" and defined");
            }
            let mut one = class.name.as_bytes().to_vec();
            if !message.is_empty() {
                one.extend_from_slice(b": ");
                one.extend_from_slice(&message);
            }
            one.extend_from_slice(b" in ");
            one.extend_from_slice(&file);
            one.extend_from_slice(format!(":{line}\nStack trace:\n").as_bytes());
            one.extend_from_slice(&trace);
            if !text.is_empty() {
                one.extend_from_slice(b"\n\nNext ");
                one.extend_from_slice(&text);
            }
            text = one;
            next = match get(&e, "previous") {
                Value::Object(p) => Some(p),
                _ => None,
            };
            seen.push(e);
        }
        Ok(PhpString::from(text))
    }

    /// `Exception::getTraceAsString`
    pub fn exception_trace_as_string(&mut self, exception: &Object) -> Ret<PhpString> {
        let trace = match get(exception, "trace") {
            Value::Array(a) => a,
            _ => PhpArray::new(),
        };
        Ok(PhpString::from(self.trace_to_string(&trace)?))
    }
}
