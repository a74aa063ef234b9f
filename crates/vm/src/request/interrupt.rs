//! What interrupts a script: the scheduler, its client, its limits, the collector.

use crate::cx::NO_FRAME;
use crate::frame::frame_flags;
use crate::{Cx, Ret, Unwind, level};
use outlast_lifecycle::{Stop, TICK};
use outlast_value::{GcCallbacks, Object, gc_collect, gc_collect_automatic};
use std::time::Duration;

/// A script that takes no more time than this is not made to wait in its middle: those behind it gain little, and
/// its own client loses much.
const SHORT: Duration = Duration::from_millis(8);
/// Native re-entries (a callback of a callback of …) after which a recursion is held infinite.
const MAX_REENTRIES: usize = 20_000;
/// Frames below which nobody counts.
const FEW_FRAMES: usize = 8192;
/// Frames between two counts.
const COUNT_EVERY: usize = 1024;
/// What PHP has on an 8 MiB stack, for the message.
const STACK_SIZE: usize = (8 << 20) - (48 << 10);

impl Cx {
    /// What is to be done when the interrupt word is set, and after a wait that was cut short.
    #[cold]
    pub fn interrupted(&mut self) -> Ret<()> {
        if self.lifecycle.take_interrupts() & TICK != 0 {
            self.show_place("");
            if self.lifecycle.cpu_used() >= SHORT {
                outlast_fiber::yield_now();
            }
        }
        self.show_stack();
        self.check_heap()?;
        self.run_abort_callbacks()?;
        match self.lifecycle.check() {
            Some(stop) => Err(self.stopped(stop)),
            None => Ok(()),
        }
    }

    /// Reports a stop as PHP does and unwinds.
    #[cold]
    fn stopped(&mut self, stop: Stop) -> Unwind {
        let message = match stop {
            Stop::Abort => return Unwind::Stop(stop),
            Stop::Timeout { seconds } => {
                let s = if seconds == 1 { "" } else { "s" };
                format!("Maximum execution time of {seconds} second{s} exceeded")
            }
            Stop::WallTimeout { seconds } => {
                let s = if seconds == 1 { "" } else { "s" };
                format!("Maximum wall time of {seconds} second{s} exceeded")
            }
            Stop::ShutdownTimeout { seconds } => {
                let s = if seconds == 1 { "" } else { "s" };
                format!("Maximum shutdown time of {seconds} second{s} exceeded")
            }
            Stop::StopRequested => "The script was stopped on request".to_string(),
        };
        let (file, line) = self.shown_position();
        // That nobody reads the message does not change why the script ends.
        let _ = self.report(level::ERROR, message.as_bytes(), &file, line, true);
        Unwind::Stop(stop)
    }

    /// The memory limit and the cycle collector.
    #[inline]
    pub fn check_heap(&mut self) -> Ret<()> {
        if self.heap.limit_hit() || self.heap.gc_wanted() {
            return self.check_heap_slow();
        }
        Ok(())
    }

    #[cold]
    fn check_heap_slow(&mut self) -> Ret<()> {
        if let Some(tried) = self.heap.take_limit_hit() {
            return Err(self.memory_exhausted(tried));
        }
        if self.heap.gc_wanted() {
            self.collect(true)?;
        }
        Ok(())
    }

    /// The fatal error of the memory limit. Pending output is dropped, as in PHP.
    #[cold]
    pub fn memory_exhausted(&mut self, tried: usize) -> Unwind {
        let limit = self.heap.limit();
        // Reporting takes memory, and so do shutdown functions, with all that led here still alive.
        self.heap.set_limit(usize::MAX);
        let discarded = self.ob_discard_all();
        let unwind = match discarded {
            Ok(()) | Err(Unwind::Throw) => self.fatal(format!(
                "Allowed memory size of {limit} bytes exhausted (tried to allocate {tried} bytes)"
            )),
            Err(u) => u,
        };
        self.heap.take_limit_hit();
        self.heap.set_limit(limit.max(self.heap.used().saturating_add(2 << 20)));
        unwind
    }

    /// `gc_collect_cycles`
    pub fn gc_collect(&mut self) -> Ret<usize> {
        self.collect(false)
    }

    fn collect(&mut self, automatic: bool) -> Ret<usize> {
        let mut collector = Collector { cx: self, result: Ok(()) };
        let count = if automatic {
            gc_collect_automatic(&mut collector)
        } else {
            gc_collect(&mut collector)
        };
        let result = collector.result;
        result.and_then(|()| self.run_pending_work()).map(|()| count)
    }

    /// Is a recursion through native code infinite? Native stacks grow on demand, so that only
    /// their number can tell.
    pub(crate) fn check_native_stack(&mut self) -> Ret<()> {
        let frames = self.frames.len();
        if frames < FEW_FRAMES {
            self.native_depth = 0;
            return Ok(());
        }
        if frames < self.native_depth as usize {
            return Ok(());
        }
        let reentries = self.frames.iter().filter(|f| f.has(frame_flags::BOUNDARY)).count();
        if reentries <= MAX_REENTRIES {
            self.native_depth = u32::try_from(frames + COUNT_EVERY).unwrap_or(NO_FRAME);
            return Ok(());
        }
        self.native_depth = 0;
        Err(self.stack_error())
    }

    /// Error "Maximum call stack size … reached".
    #[cold]
    pub fn stack_error(&mut self) -> Unwind {
        self.throw_error(format!(
            "Maximum call stack size of {STACK_SIZE} bytes (zend.max_allowed_stack_size - zend.reserved_stack_size) reached. Infinite recursion?"
        ))
    }
}

/// Calls the destructors of garbage.
struct Collector<'a> {
    cx: &'a mut Cx,
    result: Ret<()>,
}

impl GcCallbacks for Collector<'_> {
    fn has_destructor(&mut self, object: &Object) -> bool {
        !object.has_flag(Object::DESTRUCTOR_CALLED)
    }

    fn destroy(&mut self, object: &Object) {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        if matches!(self.result, Ok(()) | Err(Unwind::Throw))
            && let Err(u) = self.cx.destruct(object.clone())
        {
            self.result = Err(u);
        }
    }
}
