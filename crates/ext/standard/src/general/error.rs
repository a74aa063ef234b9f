//! The error log and the last error.

use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

#[path = "error_stub.rs"]
mod error_stub;
pub use error_stub::MODULE;

/// `error_log()`
pub fn error_log(
    cx: &mut Cx,
    message: &PhpString,
    message_type: i64,
    destination: Option<&PhpString>,
    _headers: Option<&PhpString>,
) -> Ret<bool> {
    match message_type {
        1 => {
            cx.warning("Mail is not supported")?;
            Ok(false)
        }
        2 => {
            cx.warning("TCP/IP option not available!")?;
            Ok(false)
        }
        3 => {
            let path = destination.cloned().unwrap_or_default();
            let how = crate::stream::Opened::default();
            let Some(stream) = crate::stream::open(cx, &path, b"a", how)? else {
                return Ok(false);
            };
            let written = stream.write(cx, message);
            stream.close(cx)?;
            Ok(written? == Some(message.len()))
        }
        4 => {
            cx.sapi.log(message);
            Ok(true)
        }
        _ => {
            cx.log_message(message);
            Ok(true)
        }
    }
}

/// `error_get_last()`
pub fn error_get_last(cx: &mut Cx) -> Ret<Option<PhpArray>> {
    Ok(cx.errors.last.as_ref().map(|last| {
        PhpArray::from([
            ("type", Value::Int(i64::from(last.level))),
            ("message", Value::Str(last.message.clone())),
            ("file", Value::Str(last.file.clone())),
            ("line", Value::Int(i64::from(last.line))),
        ])
    }))
}

/// `error_clear_last()`
pub fn error_clear_last(cx: &mut Cx) -> Ret<()> {
    cx.errors.last = None;
    Ok(())
}
