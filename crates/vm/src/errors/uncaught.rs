//! Exceptions that nobody caught.

use super::exception::{get, set};
use crate::class::ObjectClass;
use crate::{Cx, Ret, Unwind, level};
use outlast_value::{Object, PhpString, Value};

impl Cx {
    /// Hands a pending exception to the handler of `set_exception_handler`, or reports it as a
    /// fatal error. True if the handler took it.
    pub(crate) fn deliver_uncaught(&mut self) -> Ret<bool> {
        let Some(mut exception) = self.exception.take() else { return Ok(true) };
        if let Some(handler) = self.errors.exception_handler.take() {
            self.errors.exception_handlers.push(Some(handler.clone()));
            let result = self.call(&handler, vec![Value::Object(exception)]);
            if self.errors.exception_handler.is_none() {
                self.errors.exception_handler = self.errors.exception_handlers.pop().flatten();
            }
            match result {
                Ok(_) => return Ok(true),
                Err(Unwind::Throw) => match self.exception.take() {
                    Some(e) => exception = e,
                    None => return Ok(true),
                },
                Err(u) => return Err(u),
            }
        }
        self.report_uncaught(&exception, level::ERROR).map(|()| false)
    }

    /// `PHP Fatal error:  Uncaught …`
    pub fn report_uncaught(&mut self, exception: &Object, level: u32) -> Ret<()> {
        let class = exception.class();
        let parse = class.key.as_bytes() == b"parseerror";
        if parse || class.key.as_bytes() == b"compileerror" {
            let message = self.to_str(&get(exception, "message"))?;
            let (file, line) = self.thrown_at(exception)?;
            let level = if parse { level::PARSE } else { level::COMPILE_ERROR };
            return self.report(level, &message, &file, line, false);
        }
        let text = match class.magic.to_string.clone().filter(|f| f.user().is_some()) {
            Some(f) => self.call_func(&f, Some(exception.clone()), Some(class), Vec::new()),
            None => self.exception_to_string(exception).map(Value::Str),
        };
        match text.map(Value::into_deref) {
            Ok(v @ Value::Str(_)) => set(exception, "string", v),
            Ok(_) => {}
            Err(Unwind::Throw) => {
                if let Some(other) = self.exception.take() {
                    let (file, line) = self.thrown_at(&other)?;
                    let text = format!(
                        "Uncaught {} in exception handling during call to {}::__toString()",
                        other.class().display_name(),
                        class.display_name()
                    );
                    self.report(level::WARNING, text.as_bytes(), &file, line, false)?;
                }
            }
            Err(u) => return Err(u),
        }
        let text = self.to_str(&get(exception, "string"))?;
        let (file, line) = self.thrown_at(exception)?;
        let mut message = b"Uncaught ".to_vec();
        message.extend_from_slice(&text);
        message.extend_from_slice(b"\n  thrown");
        self.report(level, &message, &file, line, false)
    }

    fn thrown_at(&mut self, exception: &Object) -> Ret<(PhpString, u32)> {
        let file = self.to_str(&get(exception, "file"))?;
        let line = self.to_int(&get(exception, "line"))?;
        let file = if file.is_empty() { PhpString::from("Unknown") } else { file };
        Ok((file, u32::try_from(line).unwrap_or(0)))
    }
}
