//! The buffer machinery and the `ob_*` functions.

use super::handler_flags::{
    CLEAN, CLEANABLE, DISABLED, FINAL, FLUSH, FLUSHABLE, PROCESSED, REMOVABLE, START, STARTED,
    WRITE,
};
use super::{Buffer, Callback, handlers, status};
use crate::{Cx, Ret, Unwind};
use outlast_lifecycle::Phase;
use outlast_value::{PhpString, Value};

/// What a buffer did with an operation.
enum Handled {
    /// Stored, or eaten by the callback.
    Nothing,
    /// Hand this on.
    Data(Vec<u8>),
}

impl Handled {
    fn data(self) -> Vec<u8> {
        match self {
            Handled::Nothing => Vec::new(),
            Handled::Data(d) => d,
        }
    }
}

impl Cx {
    /// Applies an operation to the stack of buffers; what comes out of the last one is sent.
    pub(super) fn output_op(&mut self, op: u32, bytes: &[u8]) -> Ret<()> {
        self.check_not_in_callback(op)?;
        if self.out.stack.is_empty() {
            return self.send(bytes);
        }
        let top = self.out.stack.len();
        self.output_below(top, op, bytes)
    }

    /// The same for the buffers below level `top` only.
    fn output_below(&mut self, top: usize, op: u32, bytes: &[u8]) -> Ret<()> {
        let mut data = bytes.to_vec();
        let mut unwound = Ok(());
        for level in (0..top).rev() {
            let Some(buffer) = self.out.stack.get(level) else { break };
            if buffer.has(DISABLED) {
                continue;
            }
            let (handled, result) = self.handle_output(level, op, &data);
            unwound = unwound.and(result);
            match handled {
                Handled::Nothing => return unwound,
                Handled::Data(d) => data = d,
            }
        }
        let sent = if data.is_empty() { Ok(()) } else { self.send(&data) };
        unwound.and(sent)
    }

    /// One buffer: stores the bytes, or runs the callback. What unwinds from the callback is
    /// returned beside what is to be handed on, because the data must not be lost by it.
    fn handle_output(&mut self, level: usize, op: u32, bytes: &[u8]) -> (Handled, Ret<()>) {
        let running = self.out.running.is_some();
        let buffer = &mut self.out.stack[level];
        let mut stored = true;
        if !bytes.is_empty() {
            let grown = buffer.append(bytes);
            stored = buffer.chunk == 0 || buffer.data.len() < buffer.chunk || running;
            if grown > 0 {
                self.heap.account(grown);
            }
        }
        if stored && op == WRITE {
            return (Handled::Nothing, Ok(()));
        }
        let (output, result) = self.run_handler(level, op);
        // A misuse in the callback takes the buffers away.
        let Some(buffer) = self.out.stack.get_mut(level) else {
            return (Handled::Nothing, result);
        };
        buffer.flags |= STARTED;
        let data = match output {
            None => {
                buffer.flags |= DISABLED;
                buffer.size = 0;
                self.heap.unaccount(std::mem::take(&mut buffer.accounted));
                std::mem::take(&mut buffer.data)
            }
            Some(output) => {
                buffer.data.clear();
                buffer.flags |= PROCESSED;
                output
            }
        };
        let handled = if data.is_empty() { Handled::Nothing } else { Handled::Data(data) };
        (handled, result)
    }

    /// Runs the callback of a buffer; no output: it failed.
    fn run_handler(&mut self, level: usize, op: u32) -> (Option<Vec<u8>>, Ret<()>) {
        let buffer = &mut self.out.stack[level];
        let op = if buffer.has(STARTED) { op } else { op | START };
        match &mut buffer.callback {
            Callback::None => (Some(std::mem::take(&mut buffer.data)), Ok(())),
            Callback::User(callable) => {
                let callable = callable.clone();
                let data = PhpString::new(&buffer.data);
                self.out.running = Some(level);
                let result = self.run_user_handler(&callable, data, op);
                self.out.running = None;
                match result {
                    Ok(output) => (output, Ok(())),
                    Err(u) => (None, Err(u)),
                }
            }
            Callback::Native(handler) => {
                let Some(mut native) = handler.take() else {
                    return (Some(std::mem::take(&mut buffer.data)), Ok(()));
                };
                let data = std::mem::take(&mut buffer.data);
                self.out.running = Some(level);
                let (output, result) = match native.handle(self, &data, op) {
                    Ok(output) => (output, Ok(())),
                    Err(unwind) => (None, Err(unwind)),
                };
                self.out.running = None;
                if let Some(buffer) = self.out.stack.get_mut(level) {
                    if output.is_none() {
                        buffer.data = data;
                    }
                    buffer.callback = Callback::Native(Some(native));
                }
                (output, result)
            }
        }
    }

    /// `None`: the callback returned false.
    fn run_user_handler(
        &mut self,
        callable: &Value,
        data: PhpString,
        op: u32,
    ) -> Ret<Option<Vec<u8>>> {
        let args = vec![Value::Str(data), Value::Int(i64::from(op))];
        match self.call(callable, args)?.into_deref() {
            Value::Bool(false) => Ok(None),
            Value::Bool(true) => Ok(Some(Vec::new())),
            v => Ok(Some(self.to_str(&v)?.as_bytes().to_vec())),
        }
    }

    /// Buffer functions are an error inside a callback.
    pub(super) fn check_not_in_callback(&mut self, op: u32) -> Ret<()> {
        if op == WRITE || self.out.running.is_none() || self.out.stack.is_empty() {
            return Ok(());
        }
        self.drop_buffers();
        Err(self.fatal_docref("Cannot use output buffering in output buffering display handlers"))
    }

    /// Forgets all buffers with what is in them.
    pub(crate) fn drop_buffers(&mut self) {
        self.remove_buffers(0);
        self.out.running = None;
    }

    /// Takes the buffers from `level` on off the stack.
    fn remove_buffers(&mut self, level: usize) {
        if level < self.out.stack.len() {
            let held = self.out.stack.drain(level..).map(|b| b.accounted).sum();
            self.heap.unaccount(held);
        }
    }

    /// Ends the innermost buffer. `discard`: its data is thrown away. Returns whether it was
    /// ended; a buffer that may not be removed stays unless `force` is set.
    fn end_buffer(&mut self, discard: bool, force: bool) -> Ret<bool> {
        let Some(buffer) = self.out.stack.last() else { return Ok(false) };
        let removable = force || buffer.has(REMOVABLE);
        let disabled = buffer.has(DISABLED);
        if !removable {
            let verb = if discard { "discard" } else { "send" };
            self.notice_about(&format!("Failed to {verb} buffer of"))?;
            return Ok(false);
        }
        let level = self.out.stack.len() - 1;
        let mut data = Vec::new();
        let mut result = Ok(());
        if !disabled {
            let op = FINAL | if discard { CLEAN } else { 0 };
            self.check_not_in_callback(op)?;
            let (handled, unwound) = self.handle_output(level, op, b"");
            // At the end of a request nothing is rescued from a callback that failed.
            let lost = matches!(unwound, Err(Unwind::Throw | Unwind::Fatal))
                && self.lifecycle.phase() == Phase::OutputFlush;
            if !lost {
                data = handled.data();
            }
            result = unwound;
        }
        self.remove_buffers(level);
        if !discard && !data.is_empty() {
            let sent = self.output_op(WRITE, &data);
            result = result.and(sent);
        }
        result.map(|()| true)
    }

    /// `… of NAME (LEVEL)` of the innermost buffer.
    fn notice_about(&mut self, text: &str) -> Ret<()> {
        let Some(b) = self.out.stack.last() else { return Ok(()) };
        let text = format!("{text} {} ({})", b.name.to_str_lossy(), b.level);
        self.notice(text)
    }

    // ---- ob_*

    /// `ob_start`
    pub fn ob_start(&mut self, callback: Option<Value>, chunk: i64, flags: i64) -> Ret<bool> {
        // The state of a buffer is not for scripts to set.
        let flags = flags & i64::from(super::handler_flags::STDFLAGS);
        let chunk = usize::try_from(chunk).unwrap_or(0);
        let callback = callback.filter(|c| !matches!(c, Value::Null | Value::Undef));
        if let Some(Value::Str(name)) = &callback
            && let Some(handler) = handlers::find(name)
        {
            let started = self.ob_start_native(handler, chunk, flags as u32)?;
            if !started {
                self.notice("Failed to create buffer")?;
            }
            return Ok(started);
        }
        let (name, callback) = match callback {
            None => (status::default_name(), Callback::None),
            Some(c) => match self.resolve_callable(&c)? {
                Ok(_) => (self.callable_name(&c), Callback::User(c)),
                Err(reason) => {
                    self.warning(reason)?;
                    self.notice("Failed to create buffer")?;
                    return Ok(false);
                }
            },
        };
        self.check_not_in_callback(START)?;
        self.push_buffer(Buffer::new(name, callback, chunk, flags as u32));
        Ok(true)
    }

    pub(super) fn push_buffer(&mut self, mut buffer: Buffer) {
        buffer.accounted = buffer.size;
        self.heap.account(buffer.size);
        self.out.push(buffer);
    }

    /// `ob_get_contents`
    pub fn ob_get_contents(&self) -> Option<PhpString> {
        self.out.stack.last().map(|b| PhpString::new(&b.data))
    }

    /// `ob_get_length`
    pub fn ob_get_length(&self) -> Option<usize> {
        self.out.stack.last().map(|b| b.data.len())
    }

    /// `ob_get_level`
    pub fn ob_get_level(&self) -> usize {
        self.out.stack.len()
    }

    /// `ob_implicit_flush`
    pub fn ob_implicit_flush(&mut self, enable: bool) {
        self.out.set_implicit_flush(enable);
    }

    /// `ob_flush`
    pub fn ob_flush(&mut self) -> Ret<bool> {
        let Some(buffer) = self.out.stack.last() else {
            self.notice("Failed to flush buffer. No buffer to flush")?;
            return Ok(false);
        };
        if !buffer.has(FLUSHABLE) {
            self.notice_about("Failed to flush buffer of")?;
            return Ok(false);
        }
        self.check_not_in_callback(FLUSH)?;
        let level = self.out.stack.len() - 1;
        let (handled, result) = self.handle_output(level, FLUSH, b"");
        let data = handled.data();
        let sent = if data.is_empty() { Ok(()) } else { self.output_below(level, WRITE, &data) };
        result.and(sent).map(|()| true)
    }

    /// `ob_clean`
    pub fn ob_clean(&mut self) -> Ret<bool> {
        let Some(buffer) = self.out.stack.last() else {
            self.notice("Failed to delete buffer. No buffer to delete")?;
            return Ok(false);
        };
        if !buffer.has(CLEANABLE) {
            self.notice_about("Failed to delete buffer of")?;
            return Ok(false);
        }
        self.check_not_in_callback(CLEAN)?;
        let level = self.out.stack.len() - 1;
        let (_, result) = self.handle_output(level, CLEAN, b"");
        result.map(|()| true)
    }

    /// `ob_end_flush`
    pub fn ob_end_flush(&mut self) -> Ret<bool> {
        if self.out.stack.is_empty() {
            self.notice("Failed to delete and flush buffer. No buffer to delete or flush")?;
            return Ok(false);
        }
        self.end_buffer(false, false)
    }

    /// `ob_end_clean`
    pub fn ob_end_clean(&mut self) -> Ret<bool> {
        if self.out.stack.is_empty() {
            self.notice("Failed to delete buffer. No buffer to delete")?;
            return Ok(false);
        }
        self.end_buffer(true, false)
    }

    /// `ob_get_flush`
    pub fn ob_get_flush(&mut self) -> Ret<Option<PhpString>> {
        let Some(contents) = self.ob_get_contents() else {
            self.notice("Failed to delete and flush buffer. No buffer to delete or flush")?;
            return Ok(None);
        };
        if !self.end_buffer(false, false)? {
            self.notice_about("Failed to delete buffer of")?;
        }
        Ok(Some(contents))
    }

    /// `ob_get_clean`
    pub fn ob_get_clean(&mut self) -> Ret<Option<PhpString>> {
        let Some(contents) = self.ob_get_contents() else { return Ok(None) };
        if !self.end_buffer(true, false)? {
            self.notice_about("Failed to delete buffer of")?;
        }
        Ok(Some(contents))
    }

    /// Ends all buffers, their data sent: at the end of a script.
    pub fn ob_end_all(&mut self) -> Ret<()> {
        while !self.out.stack.is_empty() {
            self.end_buffer(false, true)?;
        }
        Ok(())
    }

    /// Ends all buffers, their data thrown away (their callbacks run).
    pub fn ob_discard_all(&mut self) -> Ret<()> {
        while !self.out.stack.is_empty() {
            match self.end_buffer(true, true) {
                Ok(_) => {}
                Err(Unwind::Throw) => self.exception = None,
                Err(u) => return Err(u),
            }
        }
        Ok(())
    }
}
