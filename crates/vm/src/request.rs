//! The life of a request in the VM.

use crate::{Cx, Ret, Unwind};

impl Cx {
    /// What the interrupt word asks for.
    pub(crate) fn interrupted(&mut self) -> Ret<()> {
        self.lifecycle.take_interrupts();
        match self.lifecycle.check() {
            Some(stop) => Err(Unwind::Stop(stop)),
            None => Ok(()),
        }
    }

    /// Fatal error: the memory limit.
    pub fn memory_exhausted(&mut self, tried: usize) -> Unwind {
        let limit = self.heap.limit();
        self.fatal(format!(
            "Allowed memory size of {limit} bytes exhausted (tried to allocate {tried} bytes)"
        ))
    }

    /// Error before the native stack ends.
    pub(crate) fn check_native_stack(&mut self) -> Ret<()> {
        Ok(())
    }
}
