//! Errors: raising, handlers, display and log.

mod arguments;
mod backtrace;
mod exception;
mod text;
mod uncaught;

pub use backtrace::backtrace_options;
pub use exception::THROWABLE_HANDLERS;
pub(crate) use text::{escape, quoted_for_match};

use crate::ini::{Display, Ini};
use crate::{Cx, Ret, Unwind, level};
use outlast_value::{PhpString, Value};
use text::escape_html;

/// What `@` lets through.
const ALWAYS: u32 = level::ERROR
    | level::CORE_ERROR
    | level::COMPILE_ERROR
    | level::USER_ERROR
    | level::RECOVERABLE_ERROR
    | level::PARSE;

/// Levels that end the script.
const FATAL: u32 = ALWAYS;

/// Levels no user handler ever sees.
const UNHANDLED: u32 = level::ERROR
    | level::PARSE
    | level::CORE_ERROR
    | level::CORE_WARNING
    | level::COMPILE_ERROR
    | level::COMPILE_WARNING;

/// What `error_get_last` tells.
#[derive(Clone)]
pub struct LastError {
    /// Its level.
    pub level: u32,
    /// The message.
    pub message: PhpString,
    /// Where.
    pub file: PhpString,
    /// Where.
    pub line: u32,
}

/// A user error handler and the levels it wants.
#[derive(Clone)]
struct Handler {
    callable: Value,
    mask: u32,
}

/// Handlers and the last error.
#[derive(Default)]
pub struct ErrorState {
    /// The handler in force; absent also while it runs.
    handler: Option<Handler>,
    handlers: Vec<Option<Handler>>,
    exception_handler: Option<Value>,
    exception_handlers: Vec<Option<Value>>,
    /// For `error_get_last`.
    pub last: Option<LastError>,
    /// The levels in force before the last `@`.
    unsilenced: u32,
    /// The exception that warnings become.
    thrown_as: Option<&'static str>,
}

impl ErrorState {
    /// No handlers yet.
    pub fn new(_ini: &Ini) -> ErrorState {
        ErrorState::default()
    }

    /// Forgets all handlers.
    pub(crate) fn clear(&mut self) {
        *self = ErrorState::default();
    }
}

impl Cx {
    // ---- raising

    /// Raises an error: the user's handler, the display, the log.
    pub fn raise(&mut self, level: u32, message: impl AsRef<[u8]>) -> Ret<()> {
        let (file, line) = self.shown_position();
        self.raise_at(level, message.as_ref(), &file, line)
    }

    /// Raises an error at a place other than the running line.
    pub fn raise_at(
        &mut self,
        level: u32,
        message: impl AsRef<[u8]>,
        file: impl AsRef<[u8]>,
        line: u32,
    ) -> Ret<()> {
        let (message, file) = (message.as_ref(), file.as_ref());
        if let Some(class) = self.errors.thrown_as
            && level & (level::WARNING | level::USER_WARNING) != 0
        {
            return Err(self.throw(class, message));
        }
        let wanted = self.errors.handler.as_ref().is_some_and(|h| h.mask & level != 0);
        if wanted
            && level & UNHANDLED == 0
            && self.call_error_handler(level, message, file, line)?
        {
            return Ok(());
        }
        self.report(level, message, file, line, true)
    }

    /// Runs `body` with its warnings thrown as exceptions of `class`, as methods of native classes
    /// want those of the functions that they build on.
    pub fn throwing_warnings<R>(
        &mut self,
        class: &'static str,
        body: impl FnOnce(&mut Cx) -> Ret<R>,
    ) -> Ret<R> {
        let before = self.errors.thrown_as.replace(class);
        let result = body(self);
        self.errors.thrown_as = before;
        result
    }

    /// Asks the user's handler, which is off while it runs; false: PHP's own way.
    #[cold]
    fn call_error_handler(
        &mut self,
        level: u32,
        message: &[u8],
        file: &[u8],
        line: u32,
    ) -> Ret<bool> {
        let Some(handler) = self.errors.handler.take() else { return Ok(false) };
        let args = vec![
            Value::Int(i64::from(level)),
            Value::str(message),
            Value::str(file),
            Value::Int(i64::from(line)),
        ];
        let result = self.call(&handler.callable, args);
        if self.errors.handler.is_none() {
            self.errors.handler = Some(handler);
        }
        Ok(!matches!(result?.into_deref(), Value::Bool(false)))
    }

    /// An engine warning: the message as it is.
    #[cold]
    pub fn raise_warning(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise(level::WARNING, message)
    }
    /// An engine notice.
    #[cold]
    pub fn raise_notice(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise(level::NOTICE, message)
    }
    /// An engine deprecation.
    #[cold]
    pub fn raise_deprecated(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise(level::DEPRECATED, message)
    }

    /// A warning of a native function: `name(): ` goes before the message.
    #[cold]
    pub fn warning(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise_docref(level::WARNING, message.as_ref())
    }
    /// A notice of a native function.
    #[cold]
    pub fn notice(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise_docref(level::NOTICE, message.as_ref())
    }
    /// A deprecation of a native function.
    #[cold]
    pub fn deprecated(&mut self, message: impl AsRef<[u8]>) -> Ret<()> {
        self.raise_docref(level::DEPRECATED, message.as_ref())
    }
    /// A warning of a native function about something: `name(subject): message`.
    #[cold]
    pub fn warning_about(&mut self, subject: &[u8], message: impl AsRef<[u8]>) -> Ret<()> {
        let text = self.docref_text(Some(subject), message.as_ref());
        self.raise(level::WARNING, text)
    }

    /// Raises an error in the name of the running native function.
    #[cold]
    pub fn raise_docref(&mut self, level: u32, message: &[u8]) -> Ret<()> {
        let text = self.docref_text(None, message);
        self.raise(level, text)
    }

    fn docref_text(&self, subject: Option<&[u8]>, message: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        if let Some(f) = self.running_native() {
            text.extend_from_slice(f.display_name().as_bytes());
            text.push(b'(');
            text.extend_from_slice(subject.unwrap_or_default());
            text.extend_from_slice(b"): ");
        } else if let Some(word) = self.including() {
            text.extend_from_slice(word.as_bytes());
            text.push(b'(');
            text.extend_from_slice(subject.unwrap_or_default());
            text.extend_from_slice(b"): ");
        }
        text.extend_from_slice(message);
        if self.ini.html_errors() { escape_html(&text) } else { text }
    }

    /// A fatal error: shown and logged; what is returned unwinds the script.
    #[cold]
    pub fn fatal(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.raise(level::ERROR, message).err().unwrap_or(Unwind::Fatal)
    }

    /// A fatal error of a native function.
    #[cold]
    pub fn fatal_docref(&mut self, message: impl AsRef<[u8]>) -> Unwind {
        self.raise_docref(level::ERROR, message.as_ref()).err().unwrap_or(Unwind::Fatal)
    }

    /// A fatal compile-time error.
    #[cold]
    pub fn compile_error(
        &mut self,
        message: impl AsRef<[u8]>,
        file: impl AsRef<[u8]>,
        line: u32,
    ) -> Unwind {
        self.raise_at(level::COMPILE_ERROR, message.as_ref(), file.as_ref(), line)
            .err()
            .unwrap_or(Unwind::Fatal)
    }

    /// Running file and line as messages show them.
    pub(crate) fn shown_position(&self) -> (PhpString, u32) {
        let (file, line) = self.position();
        if file.is_empty() { (PhpString::from("Unknown"), line) } else { (file, line) }
    }

    // ---- levels

    /// `@`: the levels in force before.
    #[inline]
    pub fn begin_silence(&mut self) -> Value {
        let old = self.ini.error_reporting();
        if old & !ALWAYS != 0 {
            self.errors.unsilenced = old;
            self.ini.set_error_reporting(old & ALWAYS);
        }
        Value::Int(i64::from(old))
    }

    /// The levels that would be in force without `@`.
    pub(crate) fn unsilenced_level(&self) -> u32 {
        let level = self.ini.error_reporting();
        if level & !ALWAYS == 0 { level | self.errors.unsilenced } else { level }
    }

    /// Puts other levels in force; those before.
    pub(crate) fn exchange_level(&mut self, level: u32) -> u32 {
        let old = self.ini.error_reporting();
        if old != level {
            self.ini.set_error_reporting(level);
        }
        old
    }

    /// The end of `@`. A level that the code set itself meanwhile stays.
    #[inline]
    pub fn end_silence(&mut self, old: &Value) {
        let Value::Int(old) = old else { return };
        let old = *old as u32;
        if self.ini.error_reporting() & !ALWAYS == 0 && old & !ALWAYS != 0 {
            self.ini.set_error_reporting(old);
        }
    }

    // ---- handlers

    /// `set_error_handler`: the handler before, or null.
    pub fn set_error_handler(&mut self, callable: Option<Value>, mask: u32) -> Value {
        let old = self.errors.handler.take();
        let before = old.as_ref().map_or(Value::Null, |h| h.callable.clone());
        self.errors.handlers.push(old);
        self.errors.handler = callable.map(|callable| Handler { callable, mask });
        before
    }

    /// `restore_error_handler`
    pub fn restore_error_handler(&mut self) {
        self.errors.handler = self.errors.handlers.pop().flatten();
    }

    /// `set_exception_handler`: the handler before, or null.
    pub fn set_exception_handler(&mut self, callable: Option<Value>) -> Value {
        let old = self.errors.exception_handler.take();
        let before = old.clone().unwrap_or(Value::Null);
        self.errors.exception_handlers.push(old);
        self.errors.exception_handler = callable;
        before
    }

    /// `restore_exception_handler`
    pub fn restore_exception_handler(&mut self) {
        self.errors.exception_handler = self.errors.exception_handlers.pop().flatten();
    }

    // ---- PHP's own way

    /// Remembers, logs and shows an error. A fatal one unwinds if `bail` is set.
    pub(crate) fn report(
        &mut self,
        level: u32,
        message: &[u8],
        file: &[u8],
        line: u32,
        bail: bool,
    ) -> Ret<()> {
        let repeated = self.is_repeated(message, file, line);
        self.errors.last =
            Some(LastError { level, message: message.into(), file: file.into(), line });
        let core = level::CORE_ERROR | level::CORE_WARNING;
        let mut shown = Ok(());
        if !repeated && (self.ini.error_reporting() & level != 0 || level & core != 0) {
            if self.ini.log_errors() {
                self.log_report(level, message, file, line);
            }
            shown = self.show_report(level, message, file, line);
        }
        if level & FATAL != 0 {
            self.exit_status = 255;
            self.sapi.failed(&placed(message, file, line));
            if self.ini.display_errors() == Display::Off {
                self.out.fail_response();
            }
            if bail {
                self.no_destructors = true;
                return Err(Unwind::Fatal);
            }
        }
        shown
    }

    fn is_repeated(&self, message: &[u8], file: &[u8], line: u32) -> bool {
        self.errors.last.as_ref().is_some_and(|l| {
            *l.message == *message
                && self.ini.bool("ignore_repeated_errors")
                && (self.ini.bool("ignore_repeated_source") || (*l.file == *file && l.line == line))
        })
    }

    fn log_report(&mut self, level: u32, message: &[u8], file: &[u8], line: u32) {
        let mut text = format!("PHP {}:  ", title(level)).into_bytes();
        text.extend_from_slice(&placed(message, file, line));
        self.log_message(&text);
    }

    /// `error_log`: a line to where errors are logged.
    pub fn log_message(&mut self, text: &[u8]) {
        let file = self.ini.bytes("error_log");
        if file.is_empty() {
            self.sapi.log(text);
        } else {
            let file = file.to_vec();
            self.sapi.log_to(&file, text);
        }
    }

    fn show_report(&mut self, level: u32, message: &[u8], file: &[u8], line: u32) -> Ret<()> {
        let display = self.ini.display_errors();
        if display == Display::Off {
            return Ok(());
        }
        let title = title(level);
        let mut text = Vec::new();
        if display == Display::Stderr && matches!(self.sapi.name(), "cli" | "cgi") {
            text.extend_from_slice(format!("{title}: ").as_bytes());
            text.extend_from_slice(&placed(message, file, line));
            text.push(b'\n');
            self.sapi.stderr(&text);
            return Ok(());
        }
        text.extend_from_slice(self.ini.bytes("error_prepend_string"));
        if self.ini.html_errors() {
            text.extend_from_slice(format!("<br />\n<b>{title}</b>:  ").as_bytes());
            if level & (level::ERROR | level::PARSE) != 0 {
                text.extend_from_slice(&escape_html(message));
            } else {
                text.extend_from_slice(message);
            }
            text.extend_from_slice(b" in <b>");
            text.extend_from_slice(file);
            text.extend_from_slice(format!("</b> on line <b>{line}</b><br />\n").as_bytes());
        } else {
            text.extend_from_slice(format!("\n{title}: ").as_bytes());
            text.extend_from_slice(message);
            text.extend_from_slice(b" in ");
            text.extend_from_slice(file);
            text.extend_from_slice(format!(" on line {line}\n").as_bytes());
        }
        text.extend_from_slice(self.ini.bytes("error_append_string"));
        self.echo(&text)
    }
}

/// A message with the place that it is about.
fn placed(message: &[u8], file: &[u8], line: u32) -> Vec<u8> {
    [message, b" in ", file, format!(" on line {line}").as_bytes()].concat()
}

/// The word a message starts with.
fn title(level: u32) -> &'static str {
    match level {
        level::ERROR | level::CORE_ERROR | level::COMPILE_ERROR | level::USER_ERROR => {
            "Fatal error"
        }
        level::RECOVERABLE_ERROR => "Recoverable fatal error",
        level::WARNING | level::CORE_WARNING | level::COMPILE_WARNING | level::USER_WARNING => {
            "Warning"
        }
        level::PARSE => "Parse error",
        level::NOTICE | level::USER_NOTICE => "Notice",
        level::STRICT => "Strict Standards",
        level::DEPRECATED | level::USER_DEPRECATED => "Deprecated",
        _ => "Unknown error",
    }
}
