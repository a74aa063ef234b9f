//! Messages that may come up where no function runs: before the script's first line and after its last.

use crate::state::session;
use outlast_lifecycle::Phase;
use outlast_vm::{Cx, Ret, level};

/// Raises an error in the name of the running function, or of the part of the request.
pub fn raise(cx: &mut Cx, level: u32, message: &str) -> Ret<()> {
    if let Some(messages) = &mut session(cx).startup {
        messages.push((level, message.to_owned()));
        return Ok(());
    }
    if cx.running_native().is_some() {
        return cx.raise_docref(level, message.as_bytes());
    }
    let part = match cx.lifecycle.phase() {
        Phase::Running => "Startup",
        _ => "Shutdown",
    };
    cx.raise(level, format!("PHP Request {part}: {message}"))
}

/// A warning.
pub fn warning(cx: &mut Cx, message: &str) -> Ret<()> {
    raise(cx, level::WARNING, message)
}

/// Warns and answers false.
pub fn refuse(cx: &mut Cx, message: &str) -> Ret<bool> {
    warning(cx, message)?;
    Ok(false)
}
