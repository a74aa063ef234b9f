//! Waits: what runs inside them, and what others see of a script that is in one.

use crate::{Cx, Ret, Unwind};
use outlast_fiber::Waits;
use outlast_lifecycle::StackFrame;
use outlast_value::{PhpArray, PhpString, Value};
use std::cell::Cell;
use std::rc::Rc;

/// Calls shown of a stack.
const SHOWN_CALLS: usize = 200;

/// What a script's waits reach its context by; one a script, made at its first wait.
pub(crate) struct Parking {
    /// The context, while a wait of [`Cx::parked`] may use it; null at all other times.
    cx: Cell<*mut Cx>,
    /// What is waited for.
    wait: Cell<&'static str>,
    /// Callbacks of PHP code may run.
    callbacks: Cell<bool>,
    /// The wait has been shown.
    shown: Cell<bool>,
    /// Why the wait ended, if a callback ended it.
    failed: Cell<Option<Unwind>>,
}

impl Parking {
    /// Calls `f` with the context, which nobody else can reach meanwhile.
    fn with_cx<R>(&self, f: impl FnOnce(&mut Cx) -> R) -> Option<R> {
        let cx = self.cx.replace(std::ptr::null_mut());
        if cx.is_null() {
            return None;
        }
        // SAFETY: not null means that we are called below `Cx::park`, on its thread: it put the pointer there
        // and takes it back before it returns. For as long it borrows the context and does not use it, and
        // the pointer is not found a second time, since it is taken out while we use it.
        let result = f(unsafe { &mut *cx });
        self.cx.set(cx);
        Some(result)
    }
}

impl Waits for Parking {
    fn parks(&self) {
        let wait = self.wait.get();
        let shown = self.with_cx(|cx| {
            cx.stack.shrink();
            cx.heap.trim();
            cx.show_place(wait);
        });
        self.shown.set(shown.is_some());
    }

    fn interrupted(&self) -> bool {
        let callbacks = self.callbacks.get();
        let result = self.with_cx(|cx| {
            cx.show_stack();
            if callbacks {
                cx.run_abort_callbacks()?;
                cx.run_pending_work()?;
            }
            Ok(())
        });
        match result {
            Some(Err(unwind)) => {
                self.failed.set(Some(unwind));
                true
            }
            _ => false,
        }
    }
}

impl Cx {
    /// Runs `f`, which parks the script in waits of the host for what `wait` names in one word. When the
    /// client leaves meanwhile, the callbacks of `Outlast\on_abort` run at once, inside the wait, which
    /// then goes on; if one of them fails or exits, the wait ends and its error is returned.
    pub fn parked<R>(&mut self, wait: &'static str, f: impl FnOnce() -> R) -> Ret<R> {
        self.park(wait, true, f)
    }

    /// The same for a wait in which no PHP code may run.
    pub(crate) fn parked_quietly<R>(
        &mut self,
        wait: &'static str,
        f: impl FnOnce() -> R,
    ) -> Ret<R> {
        self.park(wait, false, f)
    }

    fn park<R>(&mut self, wait: &'static str, callbacks: bool, f: impl FnOnce() -> R) -> Ret<R> {
        let parking = self.parking();
        // A callback inside a wait may wait in turn: what belongs to the outer wait comes back behind it.
        let outer = (parking.wait.replace(wait), parking.callbacks.replace(callbacks));
        let outer_shown = parking.shown.replace(false);
        let outer_cx = parking.cx.replace(self);
        let result = f();
        parking.cx.set(outer_cx);
        if parking.shown.replace(outer_shown) {
            self.lifecycle.vitals().show_wait(if outer_shown { outer.0 } else { "" });
        }
        parking.wait.set(outer.0);
        parking.callbacks.set(outer.1);
        match parking.failed.take() {
            Some(unwind) => Err(unwind),
            None => Ok(result),
        }
    }

    fn parking(&mut self) -> Rc<Parking> {
        if let Some(parking) = &self.parking {
            return parking.clone();
        }
        let parking = Rc::new(Parking {
            cx: Cell::new(std::ptr::null_mut()),
            wait: Cell::new(""),
            callbacks: Cell::new(false),
            shown: Cell::new(false),
            failed: Cell::new(None),
        });
        outlast_fiber::on_wait(Some(parking.clone()));
        self.parking = Some(parking.clone());
        parking
    }

    /// Calls what `Outlast\on_abort` registered, if the client has gone.
    pub(super) fn run_abort_callbacks(&mut self) -> Ret<()> {
        if !self.lifecycle.take_on_abort() {
            return Ok(());
        }
        let mut callbacks = std::mem::take(&mut self.abort_callbacks).into_iter();
        let result = callbacks.try_for_each(|callback| self.call(&callback, Vec::new()).map(drop));
        self.lifecycle.on_abort_ended();
        result
    }

    /// Lets other threads see where the script is and what it waits for.
    pub(super) fn show_place(&self, wait: &'static str) {
        let vitals = self.lifecycle.vitals();
        match self.user_frame_index() {
            Some(index) => {
                let frame = &self.frames[index];
                let unit = &frame.func.user().expect("a user frame").unit.unit;
                vitals.show(&unit.file, frame.line(), wait, self.heap.used() as u64);
            }
            None => vitals.show_wait(wait),
        }
    }

    /// Gives the stack to those who asked for it.
    pub(super) fn show_stack(&mut self) {
        if self.lifecycle.stack_is_asked() {
            let stack = self.stack_frames();
            self.lifecycle.answer_stack(stack);
        }
    }

    fn stack_frames(&mut self) -> Vec<StackFrame> {
        let mut stack = Vec::new();
        if self.running_native().is_none() {
            let (file, line) = self.position();
            if line > 0 {
                let file = file.to_str_lossy().into_owned();
                stack.push(StackFrame { function: "[running]".into(), file, line });
            }
        }
        let options = crate::errors::backtrace_options::IGNORE_ARGS;
        let trace = self.backtrace(options, SHOWN_CALLS);
        for call in trace.values() {
            if let Value::Array(call) = call {
                stack.push(stack_frame(call));
            }
        }
        stack
    }
}

fn stack_frame(call: &PhpArray) -> StackFrame {
    let text = |name: &str| match call.get_str(&PhpString::from(name)) {
        Some(Value::Str(text)) => text.to_str_lossy().into_owned(),
        _ => String::new(),
    };
    let line = match call.get_str(&PhpString::from("line")) {
        Some(Value::Int(line)) => u32::try_from(*line).unwrap_or(0),
        _ => 0,
    };
    let function = format!("{}{}{}", text("class"), text("type"), text("function"));
    StackFrame { function, file: text("file"), line }
}
