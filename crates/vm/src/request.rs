//! The life of a request: the main script, then PHP's shutdown sequence.
//!
//! The order was measured (see the crate `lifecycle`): shutdown functions in order of
//! registration, destructors, output buffers, headers, and what extensions do at the end (the
//! session is written) in every case.

mod interrupt;
pub(crate) mod parking;

use crate::cx::NO_FRAME;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{IncludeMode, Unit};
use outlast_lifecycle::Phase;
use outlast_value::{Object, Value};
use std::sync::Arc;

/// What an extension does when a request ends.
pub type RequestEndHook = fn(&mut Cx) -> Ret<()>;

impl Cx {
    /// Runs a script from its first statement to the last hook of its end.
    pub fn execute_main(&mut self, unit: Arc<Unit>) {
        self.apply_settings();
        self.start_headers();
        let result = self.run_scripts(unit);
        self.end_part(result);
        self.finish();
    }

    /// The same for something other than a file: `body` runs with no frame below it.
    pub fn execute_with(&mut self, body: impl FnOnce(&mut Cx) -> Ret<()>) {
        self.apply_settings();
        self.start_headers();
        let result = body(self);
        self.end_part(result);
        self.finish();
    }

    /// The script between `auto_prepend_file` and `auto_append_file`.
    pub fn run_scripts(&mut self, unit: Arc<Unit>) -> Ret<()> {
        self.run_auto("auto_prepend_file")?;
        drop(self.run_main(unit)?);
        self.run_auto("auto_append_file")
    }

    fn run_auto(&mut self, setting: &str) -> Ret<()> {
        match self.ini.get(setting) {
            Some(path) if !path.is_empty() => {
                self.include(Value::Str(path), IncludeMode::Require).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Everything behind the last statement.
    fn finish(&mut self) {
        let due = self.run_pending_work();
        self.end_part(due);
        self.lifecycle.enter(Phase::ShutdownFunctions);
        self.run_shutdown_functions();
        self.lifecycle.enter(Phase::Destructors);
        self.destruct_everything();
        self.lifecycle.enter(Phase::OutputFlush);
        self.finish_buffers();
        self.lifecycle.enter(Phase::SessionWrite);
        let hooks = std::mem::take(&mut self.deactivation_hooks);
        self.run_hooks(hooks);
        self.finish_output();
        let hooks = std::mem::take(&mut self.request_end_hooks);
        self.run_hooks(hooks);
    }

    fn run_hooks(&mut self, hooks: Vec<RequestEndHook>) {
        for hook in hooks {
            let result = hook(self);
            self.end_part(result);
        }
    }

    /// Deals with how a part of the request ended. True if the parts of the same phase that follow
    /// are to run.
    fn end_part(&mut self, result: Ret<()>) -> bool {
        let result = match result {
            Err(Unwind::Throw) => match self.deliver_uncaught() {
                Ok(true) => Ok(()),
                Ok(false) => Err(Unwind::Throw),
                Err(u) => Err(u),
            },
            other => other,
        };
        if !self.frames.is_empty() {
            self.discard_to(0, NO_FRAME, result.err().unwrap_or(Unwind::Exit));
        }
        self.exception = None;
        match result {
            Ok(()) => true,
            Err(Unwind::Fatal) => {
                self.no_destructors = true;
                false
            }
            Err(Unwind::Stop(stop)) => {
                if !stop.runs_destructors() {
                    self.no_destructors = true;
                }
                false
            }
            Err(_) => false,
        }
    }

    /// `register_shutdown_function`
    pub fn register_shutdown_function(&mut self, callable: Value, args: Vec<Value>) {
        self.shutdown_functions.push((callable, args));
    }

    /// In order of registration; those registered meanwhile come last.
    fn run_shutdown_functions(&mut self) {
        let mut next = 0;
        while let Some((callable, args)) = self.shutdown_functions.get(next).cloned() {
            next += 1;
            let result = self.call(&callable, args).map(drop);
            let result = result.and_then(|()| self.run_pending_work());
            if !self.end_part(result) {
                break;
            }
        }
        let done = std::mem::take(&mut self.shutdown_functions);
        drop(done);
        let due = self.run_pending_work();
        self.end_part(due);
    }

    /// Global variables that are the only owners of their objects, the last one first, as often as
    /// that frees some; then all other objects in order of their creation.
    fn destruct_everything(&mut self) {
        if self.destruct_globals() {
            self.destruct_objects();
        }
        // What could not be destructed properly is not destructed at all.
        if self.no_destructors {
            self.heap.for_each_object(|o| o.set_flag(Object::DESTRUCTOR_CALLED));
        }
        self.no_destructors = true;
    }

    fn destruct_globals(&mut self) -> bool {
        loop {
            let before = self.globals.len();
            let mut at = before;
            while at > 0 {
                at -= 1;
                let Some((_, global)) = self.globals.get_index_mut(at) else { continue };
                let r = global.reference();
                // The copy that is looked at counts too.
                let sole = r.count() == 1
                    && !r.is_made()
                    && matches!(r.get(), Value::Object(o) if o.count() == 2);
                if sole {
                    self.globals.shift_remove_index(at);
                    let result = self.run_pending_work();
                    if !self.end_destructor(result) {
                        return false;
                    }
                    at = at.min(self.globals.len());
                }
            }
            if self.globals.len() == before {
                return !self.no_destructors;
            }
        }
    }

    fn destruct_objects(&mut self) {
        let heap = self.heap.clone();
        let mut going = true;
        heap.for_each_object(|o| {
            if going && !o.has_flag(Object::DESTRUCTOR_CALLED) {
                o.set_flag(Object::DESTRUCTOR_CALLED);
                let result = self.destruct(o.clone());
                let result = result.and_then(|()| self.run_pending_work());
                going = self.end_destructor(result);
            }
        });
    }

    /// A destructor that fails ends all destruction.
    fn end_destructor(&mut self, result: Ret<()>) -> bool {
        let going = self.end_part(result);
        if !going {
            self.no_destructors = true;
        }
        going
    }

    /// The last callbacks of the buffers.
    fn finish_buffers(&mut self) {
        let result = self.ob_end_all();
        if result.is_err() {
            self.drop_buffers();
            // What such an error prints is lost with the buffers.
            self.close_output();
            self.end_part(result);
        }
    }

    /// The headers, if nothing has sent them; then nothing more is sent.
    fn finish_output(&mut self) {
        let result = self.ob_end_all().and_then(|()| self.send_headers());
        self.end_part(result);
        self.close_output();
    }

    /// Frees everything that the script left, without running any more of its code.
    pub fn teardown(mut self: Box<Self>) {
        self.no_destructors = true;
        self.heap.set_limit(usize::MAX);
        self.heap.for_each_object(|o| o.set_flag(Object::DESTRUCTOR_CALLED));
        if !self.frames.is_empty() {
            self.discard_to(0, NO_FRAME, Unwind::Fatal);
        }
        self.exception = None;
        self.shutdown_functions.clear();
        self.abort_callbacks.clear();
        self.tick_functions.clear();
        self.autoloaders.clear();
        self.errors.clear();
        self.drop_buffers();
        self.out.headers.clear();
        self.globals.clear();
        self.auto_globals = (0, None);
        self.abandoned.clear();
        self.resumers.clear();
        self.fiber = None;
        self.constants.clear();
        for class in self.classes.values() {
            for property in class.static_props.values() {
                property.storage.set(Value::Null);
            }
        }
        self.functions.clear();
        drop(crate::pending::take());
        // Cycles and whatever the tables of extensions still hold. The classes go after that, with
        // the arena, the last field.
        self.heap.free_all_objects();
        drop(crate::pending::take());
        for unit in std::mem::take(&mut self.units) {
            unit.release();
        }
    }
}
