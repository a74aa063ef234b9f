//! PHP's Fibers (manual: language.fibers): code with a native stack and a VM stack of its own.

use crate::callable::Callable;
use crate::cx::NO_FRAME;
use crate::frame::frame_flags;
use crate::frames::Frames;
use crate::stack::Stack;
use crate::{Cx, Ret, Unwind};
use outlast_fiber::{Coroutine, Progress};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use std::cell::{Cell, RefCell};

/// Where a fiber stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FiberState {
    Init,
    Running,
    Suspended,
    /// Returned.
    Returned,
    /// Ended by an exception.
    Threw,
}

/// What goes into a fiber that is resumed.
enum Transfer {
    Value(Value),
    Throw(Object),
    /// It is being destroyed.
    Destroy,
}

/// The VM's side of a stack of calls.
pub(crate) struct SavedStack {
    stack: Stack,
    pub(crate) frames: Frames,
    pub(crate) current: u32,
    /// `error_reporting`, which `@` lowers for its own fiber only.
    level: u32,
}

impl SavedStack {
    fn new(level: u32) -> SavedStack {
        SavedStack { stack: Stack::default(), frames: Frames::default(), current: NO_FRAME, level }
    }
}

/// The native payload of a Fiber object.
pub struct FiberData {
    state: Cell<FiberState>,
    callable: RefCell<Option<Callable>>,
    coroutine: RefCell<Option<Coroutine<Ret<Value>>>>,
    saved: RefCell<Option<SavedStack>>,
    input: RefCell<Option<Transfer>>,
    output: RefCell<Value>,
    result: RefCell<Value>,
    destroying: Cell<bool>,
}

impl ObjectData for FiberData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(c) = &*self.callable.borrow() {
            for o in [&c.this, &c.closure].into_iter().flatten() {
                visit(&Value::Object(o.clone()));
            }
        }
        if let Some(saved) = &*self.saved.borrow() {
            for f in saved.frames.iter() {
                f.trace(visit);
                if f.has(frame_flags::GENERATOR) {
                    continue;
                }
                for i in 0..f.slots as usize {
                    // SAFETY: the slots of a frame on the stack that is put aside here are
                    // initialised; nothing runs while the collector looks.
                    visit(unsafe { &*f.base.add(i) });
                }
            }
        }
        visit(&self.output.borrow());
        visit(&self.result.borrow());
    }
}

impl FiberData {
    /// A fiber that will run `callable`.
    pub fn new(callable: Callable) -> FiberData {
        FiberData {
            state: Cell::new(FiberState::Init),
            callable: RefCell::new(Some(callable)),
            coroutine: RefCell::new(None),
            saved: RefCell::new(None),
            input: RefCell::new(None),
            output: RefCell::new(Value::Null),
            result: RefCell::new(Value::Null),
            destroying: Cell::new(false),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> FiberState {
        self.state.get()
    }
}

impl Cx {
    fn fiber_data<'a>(&mut self, o: &'a Object) -> Ret<&'a FiberData> {
        match o.data::<FiberData>() {
            Some(d) => Ok(d),
            None => Err(self.throw_error("Fiber has not been constructed")),
        }
    }

    fn fiber_error<T>(&mut self, message: &str) -> Ret<T> {
        Err(self.throw("FiberError", message))
    }

    /// `Fiber::start()`
    pub fn fiber_start(&mut self, o: &Object, args: Vec<Value>) -> Ret<Value> {
        let d = self.fiber_data(o)?;
        if d.state.get() != FiberState::Init {
            return self.fiber_error("Cannot start a fiber that has already been started");
        }
        let callable = d.callable.borrow().clone().expect("a fiber has its callable");
        let cx: *mut Cx = self;
        let coroutine = Coroutine::new(move || {
            // SAFETY: the coroutine only runs inside `switch_to_fiber`, while its caller waits with
            // the context untouched; a fiber ends before the context does (`destroy_fiber`).
            let cx = unsafe { &mut *cx };
            cx.call_resolved(&callable, args)
        });
        match coroutine {
            Ok(c) => *d.coroutine.borrow_mut() = Some(c),
            Err(e) => {
                return Err(self.throw("FiberError", format!("Fiber stack allocate failed: {e}")));
            }
        }
        *d.saved.borrow_mut() = Some(SavedStack::new(self.unsilenced_level()));
        self.switch_to_fiber(o, None)
    }

    /// `Fiber::resume()`
    pub fn fiber_resume(&mut self, o: &Object, value: Value) -> Ret<Value> {
        if self.fiber_data(o)?.state.get() != FiberState::Suspended {
            return self.fiber_error("Cannot resume a fiber that is not suspended");
        }
        self.switch_to_fiber(o, Some(Transfer::Value(value)))
    }

    /// `Fiber::throw()`
    pub fn fiber_throw(&mut self, o: &Object, exception: Object) -> Ret<Value> {
        if self.fiber_data(o)?.state.get() != FiberState::Suspended {
            return self.fiber_error("Cannot resume a fiber that is not suspended");
        }
        self.switch_to_fiber(o, Some(Transfer::Throw(exception)))
    }

    fn switch_to_fiber(&mut self, o: &Object, input: Option<Transfer>) -> Ret<Value> {
        let d = self.fiber_data(o)?;
        let mine = d.saved.borrow_mut().take().expect("a fiber that does not run has its stack");
        let outer = SavedStack {
            stack: std::mem::replace(&mut self.stack, mine.stack),
            frames: std::mem::replace(&mut self.frames, mine.frames),
            current: std::mem::replace(&mut self.current, mine.current),
            level: self.exchange_level(mine.level),
        };
        self.resumers.push(outer);
        let previous = self.fiber.replace(o.clone());
        *d.input.borrow_mut() = input;
        d.state.set(FiberState::Running);
        let mut coroutine = d.coroutine.borrow_mut().take().expect("a started fiber");
        let progress = coroutine.resume();
        let outer = self.resumers.pop().expect("pushed above");
        let mine = SavedStack {
            stack: std::mem::replace(&mut self.stack, outer.stack),
            frames: std::mem::replace(&mut self.frames, outer.frames),
            current: std::mem::replace(&mut self.current, outer.current),
            level: self.exchange_level(outer.level),
        };
        self.fiber = previous;
        match progress {
            Progress::Suspended => {
                *d.saved.borrow_mut() = Some(mine);
                *d.coroutine.borrow_mut() = Some(coroutine);
                d.state.set(FiberState::Suspended);
                Ok(std::mem::replace(&mut *d.output.borrow_mut(), Value::Null))
            }
            Progress::Done(result) => {
                drop(mine);
                *d.callable.borrow_mut() = None;
                match result {
                    Ok(v) => {
                        d.state.set(FiberState::Returned);
                        *d.result.borrow_mut() = v;
                        Ok(Value::Null)
                    }
                    Err(u) => {
                        d.state.set(FiberState::Threw);
                        Err(u)
                    }
                }
            }
        }
    }

    /// `Fiber::suspend()`
    pub fn fiber_suspend(&mut self, value: Value) -> Ret<Value> {
        let Some(o) = self.fiber.clone() else {
            return self.fiber_error("Cannot suspend outside of a fiber");
        };
        let d = self.fiber_data(&o)?;
        if d.destroying.get() {
            return self.fiber_error("Cannot suspend in a force-closed fiber");
        }
        *d.output.borrow_mut() = value;
        // A suspended fiber does not hold itself: it goes when the script drops it.
        drop(o);
        outlast_fiber::suspend();
        let Some(o) = self.fiber.clone() else { return Ok(Value::Null) };
        let input = self.fiber_data(&o)?.input.borrow_mut().take();
        match input {
            Some(Transfer::Value(v)) => Ok(v),
            Some(Transfer::Throw(e)) => Err(self.throw_object(e)),
            Some(Transfer::Destroy) => Err(Unwind::Destroy),
            None => Ok(Value::Null),
        }
    }

    /// `Fiber::getReturn()`
    pub fn fiber_return(&mut self, o: &Object) -> Ret<Value> {
        let d = self.fiber_data(o)?;
        match d.state.get() {
            FiberState::Returned => Ok(d.result.borrow().clone()),
            FiberState::Init => {
                self.fiber_error("Cannot get fiber return value: The fiber has not been started")
            }
            FiberState::Threw => {
                self.fiber_error("Cannot get fiber return value: The fiber threw an exception")
            }
            _ => self.fiber_error("Cannot get fiber return value: The fiber has not returned"),
        }
    }

    /// The calls under way in a fiber, innermost first; `None` if it was not started or ended.
    pub fn fiber_trace(&mut self, o: &Object, options: i64) -> Ret<Option<PhpArray>> {
        let d = self.fiber_data(o)?;
        if self.fiber.as_ref().is_some_and(|f| f.ptr_eq(o)) {
            return Ok(Some(self.own_trace(options)));
        }
        let Some(mut saved) = d.saved.borrow_mut().take() else { return Ok(None) };
        let trace = self.trace_of(&mut saved.frames, saved.current, options);
        let started = d.state.get() == FiberState::Suspended;
        *d.saved.borrow_mut() = Some(saved);
        Ok(started.then_some(trace))
    }

    /// Where the code of a fiber stands: file and line; `None` if it was not started or ended.
    pub fn fiber_position(&mut self, o: &Object) -> Ret<Option<(PhpString, u32)>> {
        let d = self.fiber_data(o)?;
        let saved = d.saved.borrow();
        let (frames, mut at) = match &*saved {
            _ if self.fiber.as_ref().is_some_and(|f| f.ptr_eq(o)) => (&self.frames, self.current),
            Some(saved) => (&saved.frames, saved.current),
            None => return Ok(None),
        };
        while let Some(f) = frames.get(at as usize) {
            if let Some(u) = f.func.user() {
                return Ok(Some((u.unit.file.clone(), f.line())));
            }
            at = f.caller;
        }
        Ok(None)
    }

    /// What a fiber runs; `None` once it ended.
    pub fn fiber_callable(&mut self, o: &Object) -> Ret<Option<Callable>> {
        Ok(self.fiber_data(o)?.callable.borrow().clone())
    }

    /// `Fiber::getCurrent()`
    pub fn current_fiber(&self) -> Option<Object> {
        self.fiber.clone()
    }

    /// A suspended fiber goes away: it unwinds, running its `finally` blocks.
    pub(crate) fn destroy_fiber(&mut self, o: &Object) -> Ret<()> {
        let d = self.fiber_data(o)?;
        if d.state.get() != FiberState::Suspended {
            return Ok(());
        }
        d.destroying.set(true);
        match self.switch_to_fiber(o, Some(Transfer::Destroy)) {
            Ok(_) | Err(Unwind::Destroy) => Ok(()),
            Err(u) => Err(u),
        }
    }
}
