//! Native callbacks that extensions bring under a name: `ob_start("ob_gzhandler")`.

use super::{Buffer, Callback, NativeHandler, Output, handler_flags};
use crate::{Cx, Ret};
use outlast_value::{PhpString, Value};
use std::sync::OnceLock;

/// A native callback with a name.
pub struct OutputHandler {
    /// What `ob_start()` and `output_handler` call it, and `ob_list_handlers()`.
    pub name: &'static str,
    /// Makes it for a buffer of this chunk size.
    pub make: fn(&mut Cx, usize) -> Box<dyn NativeHandler>,
    /// Handlers that it cannot be on the stack with, in the order they are looked for.
    pub conflicts: &'static [&'static str],
}

static HANDLERS: OnceLock<&'static [&'static OutputHandler]> = OnceLock::new();

/// Tells which callbacks the extensions of this process bring; the first call decides.
pub fn provide_handlers(all: &'static [&'static OutputHandler]) {
    // A process may make several runtimes; they all have the same extensions.
    let _same = HANDLERS.set(all);
}

/// The callback of a name.
pub(super) fn find(name: &[u8]) -> Option<&'static OutputHandler> {
    let all = HANDLERS.get().copied().unwrap_or_default();
    all.iter().copied().find(|handler| handler.name.as_bytes() == name)
}

impl Output {
    fn has(&self, name: &str) -> bool {
        self.stack.iter().any(|buffer| buffer.name.as_bytes() == name.as_bytes())
    }
}

impl Cx {
    /// The buffer that `output_buffering` or `output_handler` ask for.
    pub(crate) fn start_default_output(&mut self) {
        let name = PhpString::new(self.ini.bytes("output_handler"));
        if name.is_empty() {
            self.out.start_default(&self.ini);
            return;
        }
        let callback = match find(&name) {
            Some(handler) => Callback::Native(Some((handler.make)(self, 0))),
            None => Callback::User(Value::Str(name.clone())),
        };
        self.out.push(Buffer::new(name, callback, 0, handler_flags::STDFLAGS));
    }

    /// Whether a handler is on the stack.
    pub fn output_handler_started(&self, name: &str) -> bool {
        self.out.has(name)
    }

    /// Starts a buffer with a native callback; false: it conflicts with another, which is reported.
    pub fn ob_start_native(
        &mut self,
        handler: &OutputHandler,
        chunk: usize,
        flags: u32,
    ) -> Ret<bool> {
        self.check_not_in_callback(handler_flags::START)?;
        let name = handler.name;
        let callback = (handler.make)(self, chunk);
        if let Some(other) = handler.conflicts.iter().find(|other| self.out.has(other)) {
            let text = if *other == name {
                format!("Output handler '{name}' cannot be used twice")
            } else {
                format!("Output handler '{name}' conflicts with '{other}'")
            };
            self.warning(text)?;
            return Ok(false);
        }
        let callback = Callback::Native(Some(callback));
        self.push_buffer(Buffer::new(PhpString::from(name), callback, chunk, flags));
        Ok(true)
    }

    /// The running callback may not be taken away or cleaned any more: its output has begun.
    pub fn keep_output_handler(&mut self) {
        if let Some(level) = self.out.running
            && let Some(buffer) = self.out.stack.get_mut(level)
        {
            buffer.flags &= !(handler_flags::REMOVABLE | handler_flags::CLEANABLE);
        }
    }
}
