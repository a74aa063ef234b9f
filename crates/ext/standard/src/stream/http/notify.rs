//! What a context's `notification` is told.

use super::super::context::Context;
use outlast_value::{Resource, Value};
use outlast_vm::{Cx, Ret};
use std::cell::Cell;

/// `STREAM_NOTIFY_CONNECT`
pub const CONNECT: i64 = 2;
/// `STREAM_NOTIFY_AUTH_REQUIRED`
pub const AUTH_REQUIRED: i64 = 3;
/// `STREAM_NOTIFY_MIME_TYPE_IS`
pub const MIME_TYPE_IS: i64 = 4;
/// `STREAM_NOTIFY_FILE_SIZE_IS`
pub const FILE_SIZE_IS: i64 = 5;
/// `STREAM_NOTIFY_REDIRECTED`
pub const REDIRECTED: i64 = 6;
/// `STREAM_NOTIFY_PROGRESS`
pub const PROGRESS: i64 = 7;
/// `STREAM_NOTIFY_FAILURE`
pub const FAILURE: i64 = 9;
/// `STREAM_NOTIFY_AUTH_RESULT`
pub const AUTH_RESULT: i64 = 10;

const SEVERITY_INFO: i64 = 0;
const SEVERITY_ERR: i64 = 2;

/// One notification.
pub struct Event<'a> {
    pub code: i64,
    pub severity: i64,
    pub message: Option<&'a [u8]>,
    pub message_code: i64,
    /// Bytes so far.
    pub bytes: i64,
    /// Bytes in the end, or 0.
    pub max: i64,
}

impl<'a> Event<'a> {
    /// Something happened.
    pub fn info(code: i64) -> Event<'a> {
        Event { code, severity: SEVERITY_INFO, message: None, message_code: 0, bytes: 0, max: 0 }
    }

    /// Something failed.
    pub fn error(code: i64, message: &'a [u8], message_code: i64) -> Event<'a> {
        Event { severity: SEVERITY_ERR, message: Some(message), message_code, ..Event::info(code) }
    }
}

/// Whether somebody wants to be told.
pub fn has_callback(context: &Resource) -> bool {
    context.with(|c: &Context| c.notification.borrow().is_some()) == Some(true)
}

/// Tells the context's callback.
pub fn notify(cx: &mut Cx, context: Option<&Resource>, event: Event<'_>) -> Ret<()> {
    let callback = context.and_then(|c| c.with(|c: &Context| c.notification.borrow().clone()));
    let Some(callback) = callback.flatten() else { return Ok(()) };
    let Ok(callable) = cx.resolve_callable(&callback)? else {
        return cx.warning("Failed to call user notifier");
    };
    let arguments = vec![
        Value::Int(event.code),
        Value::Int(event.severity),
        event.message.map_or(Value::Null, Value::str),
        Value::Int(event.message_code),
        Value::Int(event.bytes),
        Value::Int(event.max),
    ];
    cx.call_resolved(&callable, arguments)?;
    Ok(())
}

/// Counts what has come of a body.
pub struct Progress {
    context: Resource,
    bytes: Cell<i64>,
    max: i64,
}

impl Progress {
    /// `max`: the size of the body, or 0.
    pub fn new(context: Resource, max: i64) -> Progress {
        Progress { context, bytes: Cell::new(0), max }
    }

    /// More has come.
    pub fn add(&self, cx: &mut Cx, count: usize) -> Ret<()> {
        if count == 0 {
            return Ok(());
        }
        self.bytes.set(self.bytes.get() + count as i64);
        let event = Event { bytes: self.bytes.get(), max: self.max, ..Event::info(PROGRESS) };
        notify(cx, Some(&self.context), event)
    }
}
