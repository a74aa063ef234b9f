//! Generators: functions that keep their frame and give values one by one
//! (manual: language.generators).

use crate::class::ObjectClass;
use crate::cx::NO_FRAME;
use crate::exec::Next;
use crate::frame::{Frame, frame_flags};
use crate::frames::Frames;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{NO_SLOT, Op, Slot, function_flags};
use outlast_value::{Object, ObjectData, Reference, Value};
use std::cell::{Cell, RefCell};

/// Where a generator stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorState {
    /// Not started.
    Fresh,
    /// At a `yield`.
    Suspended,
    Running,
    /// Returned, threw, or was destroyed.
    Done,
}

/// The native payload of a Generator object.
pub struct GeneratorData {
    state: Cell<GeneratorState>,
    /// What it runs.
    func: crate::function::FuncRef,
    /// The frame while it does not run; its slots are `slots`.
    frame: RefCell<Option<Frame>>,
    /// The frame's slots; they never move.
    slots: RefCell<Box<[Value]>>,
    /// Calls that were being prepared at the `yield`: frames with their arguments.
    pending: RefCell<Vec<(Frame, Vec<Value>)>>,
    key: RefCell<Value>,
    value: RefCell<Value>,
    result: RefCell<Option<Value>>,
    /// Where the sent value goes.
    sent_to: Cell<Slot>,
    /// Largest integer key given so far.
    last_key: Cell<i64>,
    /// What `yield from` delegates to: an array with its position, or an object.
    delegate: RefCell<Option<Delegate>>,
    /// An exception to throw at the `yield` instead of going on.
    inject: RefCell<Option<Object>>,
    /// It went on from its first `yield`.
    advanced: Cell<bool>,
    /// It is being destroyed: `finally` blocks run, nothing is caught.
    destroying: Cell<bool>,
    /// While it runs: the generator that was asked to go on, which delegates to this one.
    resumed_for: RefCell<Option<Object>>,
    /// The generators below this one, down to the end of its chain of `yield from`, as far as they
    /// were seen when it was last asked: a deep chain is not walked at every step.
    path: RefCell<Vec<Object>>,
}

enum Delegate {
    Array(outlast_value::PhpArray, usize),
    Generator(Object),
    Iterator(Object),
}

impl ObjectData for GeneratorData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if self.state.get() == GeneratorState::Running {
            return;
        }
        for v in self.slots.borrow().iter() {
            visit(v);
        }
        visit(&self.key.borrow());
        visit(&self.value.borrow());
        if let Some(f) = &*self.frame.borrow() {
            f.trace(visit);
        }
        for (f, args) in self.pending.borrow().iter() {
            f.trace(visit);
            args.iter().for_each(&mut *visit);
        }
        if let Some(v) = &*self.result.borrow() {
            visit(v);
        }
        if let Some(Delegate::Generator(o) | Delegate::Iterator(o)) = &*self.delegate.borrow() {
            visit(&Value::Object(o.clone()))
        }
        for o in self.path.borrow().iter() {
            visit(&Value::Object(o.clone()))
        }
    }
}

fn data(o: &Object) -> &GeneratorData {
    o.data::<GeneratorData>().expect("a Generator object")
}

/// The generator that `o` delegates to.
fn inner_of(o: &Object) -> Option<Object> {
    match &*data(o).delegate.borrow() {
        Some(Delegate::Generator(inner)) => Some(inner.clone()),
        _ => None,
    }
}

impl Cx {
    /// Instead of running a generator function's frame, wraps it in a Generator object.
    pub(crate) fn make_generator(&mut self, index: usize) -> Ret<Value> {
        debug_assert_eq!(index, self.frames.len() - 1);
        let mut f = self.frames.pop().expect("a frame");
        self.current = f.caller;
        let mut slots: Vec<Value> = Vec::with_capacity(f.slots as usize);
        for i in 0..f.slots as usize {
            // SAFETY: slots are initialised.
            slots.push(unsafe { (*f.base.add(i)).take() });
        }
        self.stack.release(f.mark);
        let mut slots = slots.into_boxed_slice();
        f.base = slots.as_mut_ptr();
        f.flags = frame_flags::GENERATOR | frame_flags::BOUNDARY;
        f.caller = NO_FRAME;
        let class = self.class(b"Generator").expect("Generator is native");
        // Destroying a suspended generator runs its finally blocks: like a destructor.
        let object = Object::with_flags(class.ptr(), 0, 0);
        object.set_data(Box::new(GeneratorData {
            state: Cell::new(GeneratorState::Fresh),
            func: f.func.clone(),
            frame: RefCell::new(Some(f)),
            slots: RefCell::new(slots),
            pending: RefCell::default(),
            key: RefCell::new(Value::Null),
            value: RefCell::new(Value::Null),
            result: RefCell::new(None),
            sent_to: Cell::new(NO_SLOT),
            last_key: Cell::new(-1),
            delegate: RefCell::new(None),
            inject: RefCell::new(None),
            advanced: Cell::new(false),
            destroying: Cell::new(false),
            resumed_for: RefCell::default(),
            path: RefCell::default(),
        }));
        Ok(Value::Object(object))
    }

    /// Runs the generator to its next `yield` or its end, because `asked` is to go on.
    fn resume_generator(&mut self, o: &Object, asked: &Object) -> Ret<()> {
        let g = data(o);
        if g.state.get() == GeneratorState::Running {
            return Err(self.throw_error("Cannot resume an already running generator"));
        }
        self.check_native_stack()?;
        let Some(mut f) = g.frame.borrow_mut().take() else { return Ok(()) };
        g.state.set(GeneratorState::Running);
        f.caller = self.current;
        f.extra().generator = Some(o.clone());
        let index = self.frames.len();
        self.frames.push(f);
        self.current = index as u32;
        for (mut p, args) in std::mem::take(&mut *g.pending.borrow_mut()) {
            let (base, mark) = self.stack.alloc(args.len());
            for (i, v) in args.into_iter().enumerate() {
                // SAFETY: just allocated for them.
                unsafe { *base.add(i) = v };
            }
            p.base = base;
            p.mark = mark;
            self.frames.push(p);
        }
        let injected = g.inject.borrow_mut().take();
        let destroying = g.destroying.get();
        let outer = g.resumed_for.replace((o != asked).then(|| asked.clone()));
        let result = outlast_fiber::maybe_grow(|| {
            if let Some(e) = injected {
                self.exception = Some(e);
                self.unwind(Unwind::Throw)?;
            } else if destroying {
                self.unwind(Unwind::Destroy)?;
            } else if g.delegate.borrow().is_some() {
                match self.advance_delegate(o, true) {
                    Ok(None) => {
                        self.park_generator();
                        return Ok(Value::Undef);
                    }
                    Ok(Some(result)) => {
                        let base = self.frame().base;
                        self.write_temp(base, g.sent_to.get(), result);
                    }
                    Err(u) => {
                        *g.delegate.borrow_mut() = None;
                        self.unwind(u)?;
                    }
                }
            }
            self.run()
        });
        *g.resumed_for.borrow_mut() = outer;
        result.map(|_| ())
    }

    /// Takes the running generator's frame off the stack and keeps it.
    fn park_generator(&mut self) -> Object {
        let current = self.current as usize;
        let mut pending = Vec::new();
        while self.frames.len() - 1 > current {
            let p = self.frames.pop().expect("a pending frame");
            let mut args = Vec::with_capacity(p.slots as usize);
            for i in 0..p.slots as usize {
                // SAFETY: slots are initialised.
                args.push(unsafe { (*p.base.add(i)).take() });
            }
            self.stack.release(p.mark);
            pending.push((p, args));
        }
        pending.reverse();
        let mut f = self.frames.pop().expect("the generator's frame");
        self.current = f.caller;
        f.caller = NO_FRAME;
        let o = f.extra().generator.take().expect("a generator frame");
        let g = data(&o);
        *g.pending.borrow_mut() = pending;
        *g.frame.borrow_mut() = Some(f);
        g.state.set(GeneratorState::Suspended);
        o
    }

    /// Ops `Yield` and `YieldRef`.
    pub(crate) fn yield_value(&mut self, base: *mut Value, op: Op) -> Ret<()> {
        let (dst, key, val, by_ref) = match op {
            Op::Yield { dst, key, val } => (dst, key, val, false),
            Op::YieldRef { dst, key, val } => (dst, key, val, true),
            _ => unreachable!("a yield"),
        };
        let k = if key == NO_SLOT { None } else { Some(self.operand(base, key)?) };
        let v = if val == NO_SLOT {
            Value::Null
        } else if by_ref {
            // SAFETY: operands lie within the frame.
            match unsafe { (*base.add(val as usize)).take() } {
                v @ Value::Ref(_) => v,
                v => {
                    self.raise_notice("Only variable references should be yielded by reference")?;
                    v.or_null()
                }
            }
        } else {
            self.operand(base, val)?
        };
        if data(&self.running_generator()).destroying.get() {
            return Err(self.throw_error("Cannot yield from finally in a force-closed generator"));
        }
        let o = self.park_generator();
        let g = data(&o);
        let k = match k {
            Some(Value::Int(i)) => {
                g.last_key.set(g.last_key.get().max(i));
                Value::Int(i)
            }
            Some(k) => k,
            None => {
                let next = g.last_key.get() + 1;
                g.last_key.set(next);
                Value::Int(next)
            }
        };
        *g.key.borrow_mut() = k;
        *g.value.borrow_mut() = v;
        g.sent_to.set(dst);
        if dst != NO_SLOT {
            // SAFETY: the slot lies within the generator's frame.
            unsafe { std::ptr::write(base.add(dst as usize), Value::Null) };
        }
        Ok(())
    }

    /// Op `YieldFrom`.
    pub(crate) fn yield_from(&mut self, base: *mut Value, dst: Slot, source: Value) -> Ret<Next> {
        let o = self.running_generator();
        if data(&o).destroying.get() {
            return Err(self.throw_error("Cannot use \"yield from\" in a force-closed generator"));
        }
        let delegate = match source {
            Value::Array(a) => Delegate::Array(a, 0),
            Value::Object(inner) if inner.data::<GeneratorData>().is_some() => {
                if data(&inner).state.get() == GeneratorState::Done {
                    return Err(self.throw_error(
                        "Generator passed to yield from was aborted without proper return and is unable to continue",
                    ));
                }
                let root = self.root_of(&inner);
                data(&inner).path.borrow_mut().clear();
                if root == o || data(&root).state.get() == GeneratorState::Running {
                    return Err(self.throw_error(
                        "Impossible to yield from the Generator being currently run",
                    ));
                }
                Delegate::Generator(inner)
            }
            Value::Object(mut o) => {
                while o.class().iteration == 2 {
                    o = self.get_iterator(&o)?;
                }
                if o.data::<GeneratorData>().is_some() {
                    Delegate::Generator(o)
                } else if o.class().iteration == 1 {
                    self.call_method(&o, "rewind", Vec::new())?;
                    Delegate::Iterator(o)
                } else {
                    return Err(self
                        .throw_error("Can use \"yield from\" only with arrays and Traversables"));
                }
            }
            _ => {
                return Err(
                    self.throw_error("Can use \"yield from\" only with arrays and Traversables")
                );
            }
        };
        let g = data(&o);
        *g.key.borrow_mut() = Value::Null;
        *g.value.borrow_mut() = Value::Null;
        g.sent_to.set(dst);
        let to_generator = matches!(delegate, Delegate::Generator(_));
        *g.delegate.borrow_mut() = Some(delegate);
        if !to_generator {
            match self.advance_delegate(&o, false) {
                Ok(None) => {}
                Ok(Some(result)) => {
                    self.write_temp(base, dst, result);
                    return Ok(Next::Go);
                }
                Err(u) => {
                    *g.delegate.borrow_mut() = None;
                    return Err(u);
                }
            }
        }
        if dst != NO_SLOT {
            // SAFETY: the slot lies within the generator's frame.
            unsafe { std::ptr::write(base.add(dst as usize), Value::Null) };
        }
        self.park_generator();
        Ok(Next::Stop(Value::Undef))
    }

    fn running_generator(&self) -> Object {
        let extra = self.frame().extra.as_ref();
        extra.and_then(|e| e.generator.clone()).expect("a generator frame")
    }

    fn write_temp(&mut self, base: *mut Value, dst: Slot, v: Value) {
        if dst != NO_SLOT {
            // SAFETY: `dst` is a free temporary of the frame.
            unsafe { std::ptr::write(base.add(dst as usize), v) };
        }
    }

    /// Takes the current element of the array or iterator that is delegated to, after a step if
    /// `step`. `Some`: it is at its end, with this result.
    fn advance_delegate(&mut self, o: &Object, step: bool) -> Ret<Option<Value>> {
        let g = data(o);
        let delegate = g.delegate.borrow_mut().take().expect("a delegate");
        match delegate {
            Delegate::Array(a, pos) => {
                let at = a.pos_valid(pos);
                let Some((k, v)) = a.entry_at(at) else { return Ok(Some(Value::Null)) };
                *g.key.borrow_mut() = k.to_value();
                *g.value.borrow_mut() = v.deref();
                let next = at + 1;
                *g.delegate.borrow_mut() = Some(Delegate::Array(a, next));
                Ok(None)
            }
            Delegate::Generator(_) => unreachable!("`go_on` resumes the inner generator"),
            Delegate::Iterator(it) => {
                *g.delegate.borrow_mut() = Some(Delegate::Iterator(it.clone()));
                if step {
                    self.call_method(&it, "next", Vec::new())?;
                }
                let valid = self.call_method(&it, "valid", Vec::new())?;
                if !self.to_bool(&valid)? {
                    *g.delegate.borrow_mut() = None;
                    return Ok(Some(Value::Null));
                }
                let v = self.call_method(&it, "current", Vec::new())?.into_deref();
                let k = self.call_method(&it, "key", Vec::new())?.into_deref();
                *g.value.borrow_mut() = v;
                *g.key.borrow_mut() = k;
                Ok(None)
            }
        }
    }

    /// The generator function returned.
    pub(crate) fn generator_returned(&mut self, value: Value) {
        let o = self.end_generator_frame();
        *data(&o).result.borrow_mut() = Some(value);
    }

    /// The generator function threw.
    pub(crate) fn generator_failed(&mut self) {
        self.end_generator_frame();
    }

    fn end_generator_frame(&mut self) -> Object {
        let mut f = self.frames.pop().expect("the generator's frame");
        self.current = f.caller;
        let o = f.extra().generator.take().expect("a generator frame");
        let g = data(&o);
        g.state.set(GeneratorState::Done);
        *g.key.borrow_mut() = Value::Null;
        *g.delegate.borrow_mut() = None;
        g.path.borrow_mut().clear();
        let slots = std::mem::take(&mut *g.slots.borrow_mut());
        drop(slots);
        drop(f);
        o
    }

    /// Runs a fresh generator to its first `yield`.
    fn start_generator(&mut self, o: &Object) -> Ret<()> {
        if data(o).state.get() == GeneratorState::Fresh { self.go_on(o, o.clone()) } else { Ok(()) }
    }

    /// The generator that runs when `o` is to go on: where its chain of `yield from` ends. One
    /// that others brought to its end has given its result to the one above.
    fn root_of(&mut self, o: &Object) -> Object {
        loop {
            let last = data(o).path.borrow().last().cloned();
            let (root, inner) = match last {
                Some(last) if data(&last).state.get() == GeneratorState::Done => {
                    let outer = self.delegator(o, &last);
                    if inner_of(&outer).as_ref() != Some(&last) {
                        continue;
                    }
                    (outer, last)
                }
                last => {
                    let root = last.unwrap_or_else(|| o.clone());
                    let Some(inner) = inner_of(&root) else { return root };
                    if data(&inner).state.get() != GeneratorState::Done {
                        data(o).path.borrow_mut().push(inner);
                        continue;
                    }
                    (root, inner)
                }
            };
            // What it gave last is still what this one stands at.
            *data(&root).value.borrow_mut() = data(&inner).value.borrow().clone();
            self.delegate_ended(&root, &inner);
            return root;
        }
    }

    /// `inner`, which `o` delegates to, is at its end.
    fn delegate_ended(&mut self, o: &Object, inner: &Object) {
        let g = data(o);
        *g.delegate.borrow_mut() = None;
        let result = data(inner).result.borrow().clone();
        if let Some(v) = result {
            return self.put_sent(o, v);
        }
        let pending = self.exception.take();
        self.throw(
            "ClosedGeneratorException",
            "Generator yielded from aborted, no return value available",
        );
        *g.inject.borrow_mut() = std::mem::replace(&mut self.exception, pending);
    }

    /// Which generator of the chain that starts at `o` delegates to `inner`, which was at its end.
    fn delegator(&self, o: &Object, inner: &Object) -> Object {
        let mut path = data(o).path.borrow_mut();
        if path.last() == Some(inner) {
            path.pop();
        }
        path.last().unwrap_or(o).clone()
    }

    /// Brings `o` to its next `yield` or its end by resuming `root`, the end of its chain, and
    /// those above as far as they end.
    fn go_on(&mut self, o: &Object, mut root: Object) -> Ret<()> {
        loop {
            match self.resume_generator(&root, o) {
                Ok(()) => {}
                Err(Unwind::Throw) if root != *o => {
                    let outer = self.delegator(o, &root);
                    *data(&outer).delegate.borrow_mut() = None;
                    *data(&outer).inject.borrow_mut() = self.exception.take();
                    root = outer;
                    continue;
                }
                Err(Unwind::Destroy) if root != *o => {
                    let outer = self.delegator(o, &root);
                    *data(&outer).delegate.borrow_mut() = None;
                    data(&outer).destroying.set(true);
                    root = outer;
                    continue;
                }
                Err(u) => return Err(u),
            }
            if data(&root).state.get() == GeneratorState::Done {
                if root == *o {
                    return Ok(());
                }
                let outer = self.delegator(o, &root);
                self.delegate_ended(&outer, &root);
                root = outer;
                continue;
            }
            let end = self.root_of(o);
            if data(&end).state.get() != GeneratorState::Fresh {
                return Ok(());
            }
            root = end;
        }
    }

    /// The generator whose key and value are those of `o`; `None` behind its end. One whose inner
    /// generator others aborted fails here.
    fn current_root(&mut self, o: &Object) -> Ret<Option<Object>> {
        let mut root = self.root_of(o);
        if data(&root).inject.borrow().is_some() {
            self.go_on(o, root)?;
            root = self.root_of(o);
        }
        Ok((data(o).state.get() != GeneratorState::Done).then_some(root))
    }

    /// The end of the chain of `o`, unless it is running.
    fn resumable_root(&mut self, o: &Object) -> Ret<Object> {
        let root = self.root_of(o);
        if data(&root).state.get() == GeneratorState::Running {
            return Err(self.throw_error("Cannot resume an already running generator"));
        }
        Ok(root)
    }

    /// Goes on from the current `yield`, whose value becomes `sent`.
    fn step_generator(&mut self, o: &Object, sent: Value) -> Ret<()> {
        if data(o).state.get() == GeneratorState::Done {
            return Ok(());
        }
        let drained = matches!(&*data(o).delegate.borrow(), Some(Delegate::Generator(_)));
        let root = self.resumable_root(o)?;
        // What a generator returned that others drained stands in the place already.
        if data(&root).delegate.borrow().is_none() && !(drained && root == *o) {
            self.put_sent(&root, sent);
        }
        self.go_on(o, root)
    }

    /// The generators that delegate to the one that runs in `frame`, the nearest first.
    pub(crate) fn delegators(&self, frame: &Frame) -> Vec<Object> {
        let Some(o) = frame.extra.as_ref().and_then(|e| e.generator.as_ref()) else {
            return Vec::new();
        };
        let mut chain = Vec::new();
        let mut at = data(o).resumed_for.borrow().clone();
        while let Some(outer) = at {
            if outer == *o {
                break;
            }
            at = inner_of(&outer);
            chain.push(outer);
        }
        chain.reverse();
        chain
    }

    /// The frame of a suspended generator.
    pub(crate) fn suspended_frame(o: &Object) -> std::cell::Ref<'_, Option<Frame>> {
        data(o).frame.borrow()
    }

    fn put_sent(&mut self, o: &Object, v: Value) {
        let g = data(o);
        let dst = g.sent_to.get();
        if let (Some(f), true) = (&*g.frame.borrow(), dst != NO_SLOT) {
            // SAFETY: the slot lies within the generator's frame, which is suspended.
            unsafe { std::ptr::write(f.base.add(dst as usize), v) };
        }
    }

    // ---- the methods of Generator

    /// `Generator::rewind()`
    pub fn generator_rewind(&mut self, o: &Object) -> Ret<()> {
        if data(o).state.get() == GeneratorState::Fresh {
            return self.start_generator(o);
        }
        // At the first yield it is still fine.
        if data(o).advanced.get() {
            return Err(self.throw("Exception", "Cannot rewind a generator that was already run"));
        }
        Ok(())
    }

    /// `Generator::valid()`
    pub fn generator_valid(&mut self, o: &Object) -> Ret<bool> {
        self.start_generator(o)?;
        Ok(self.current_root(o)?.is_some())
    }

    /// `Generator::current()`; a `Value::Ref` from a generator that yields by reference.
    pub fn generator_current(&mut self, o: &Object) -> Ret<Value> {
        self.start_generator(o)?;
        let Some(root) = self.current_root(o)? else { return Ok(Value::Null) };
        Ok(data(&root).value.borrow().clone())
    }

    /// `Generator::key()`
    pub fn generator_key(&mut self, o: &Object) -> Ret<Value> {
        self.start_generator(o)?;
        let Some(root) = self.current_root(o)? else { return Ok(Value::Null) };
        Ok(data(&root).key.borrow().clone())
    }

    /// `Generator::next()`
    pub fn generator_next(&mut self, o: &Object) -> Ret<()> {
        if data(o).state.get() == GeneratorState::Fresh {
            self.start_generator(o)?;
        }
        data(o).mark_advanced();
        self.step_generator(o, Value::Null)
    }

    /// `Generator::send()`
    pub fn generator_send(&mut self, o: &Object, value: Value) -> Ret<Value> {
        self.start_generator(o)?;
        if data(o).state.get() == GeneratorState::Done {
            return Ok(Value::Null);
        }
        data(o).mark_advanced();
        self.step_generator(o, value)?;
        Ok(self.generator_current(o)?.into_deref())
    }

    /// `Generator::throw()`
    pub fn generator_throw(&mut self, o: &Object, exception: Object) -> Ret<Value> {
        self.start_generator(o)?;
        if data(o).state.get() == GeneratorState::Done {
            return Err(self.throw_object(exception));
        }
        let root = self.resumable_root(o)?;
        data(o).mark_advanced();
        *data(&root).delegate.borrow_mut() = None;
        *data(&root).inject.borrow_mut() = Some(exception);
        self.go_on(o, root)?;
        Ok(self.generator_current(o)?.into_deref())
    }

    /// `Generator::getReturn()`
    pub fn generator_return(&mut self, o: &Object) -> Ret<Value> {
        self.start_generator(o)?;
        match data(o).result.borrow().clone() {
            Some(v) => Ok(v),
            None => Err(self
                .throw("Exception", "Cannot get return value of a generator that hasn't returned")),
        }
    }

    /// Does the generator yield by reference?
    pub fn generator_by_ref(&self, o: &Object) -> bool {
        match &*data(o).frame.borrow() {
            Some(f) => {
                f.func.user().is_some_and(|u| u.decl().flags & function_flags::RETURNS_REF != 0)
            }
            None => false,
        }
    }

    /// The reference a by-reference generator stands at.
    pub fn generator_current_ref(&mut self, o: &Object) -> Ret<Reference> {
        Ok(match self.generator_current(o)? {
            Value::Ref(r) => r,
            v => Reference::new(v),
        })
    }

    /// A suspended generator goes away: its `finally` blocks run.
    pub fn destroy_generator(&mut self, o: &Object) -> Ret<()> {
        let g = data(o);
        let mut root = o.clone();
        while let Some(inner) = inner_of(&root) {
            root = inner;
        }
        if data(&root).state.get() == GeneratorState::Running {
            // It runs in a fiber, and ends with that.
            return Ok(());
        }
        match g.state.get() {
            GeneratorState::Suspended => {}
            GeneratorState::Fresh => {
                g.state.set(GeneratorState::Done);
                let frame = g.frame.borrow_mut().take();
                let slots = std::mem::take(&mut *g.slots.borrow_mut());
                drop((slots, frame));
                return Ok(());
            }
            _ => return Ok(()),
        }
        g.destroying.set(true);
        g.path.borrow_mut().clear();
        *g.delegate.borrow_mut() = None;
        match self.resume_generator(o, o) {
            Err(Unwind::Destroy) | Ok(()) => Ok(()),
            Err(u) => Err(u),
        }
    }

    /// State of a generator, for reflection.
    pub fn generator_state(&self, o: &Object) -> GeneratorState {
        data(o).state.get()
    }

    /// The function that a generator runs or ran.
    pub fn generator_body(&self, o: &Object) -> crate::function::FuncRef {
        data(o).func.clone()
    }

    /// The generator whose code runs when this one is asked for values: itself, or the innermost
    /// one it delegates to.
    pub fn generator_leaf(&self, o: &Object) -> Object {
        let mut leaf = o.clone();
        while let Some(inner) =
            inner_of(&leaf).filter(|inner| data(inner).state.get() != GeneratorState::Done)
        {
            leaf = inner;
        }
        leaf
    }

    /// The calls under way in a generator and those it delegates to, innermost first.
    pub fn generator_trace(&mut self, o: &Object, options: i64) -> outlast_value::PhpArray {
        let mut chain = vec![o.clone()];
        let leaf = self.generator_leaf(o);
        while let Some(last) = chain.last().filter(|g| !g.ptr_eq(&leaf)).cloned() {
            chain.extend(inner_of(&last));
        }
        let running = chain.iter().position(|g| data(g).state.get() == GeneratorState::Running);
        if running.is_some() {
            return self.running_generator_trace(&leaf, chain.len(), options);
        }
        // Put aside, their frames have no callers: for the trace each is called by the outer one.
        let mut frames = Frames::default();
        for g in &chain {
            let Some(mut frame) = data(g).frame.borrow_mut().take() else { break };
            frame.caller = frames.len().checked_sub(1).map_or(NO_FRAME, |at| at as u32);
            frames.push(frame);
        }
        let innermost = frames.len().checked_sub(1).map_or(NO_FRAME, |at| at as u32);
        let trace = self.trace_of(&mut frames, innermost, options);
        for (g, mut frame) in chain.iter().zip(frames.into_vec()) {
            frame.caller = NO_FRAME;
            *data(g).frame.borrow_mut() = Some(frame);
        }
        trace
    }

    /// `$this` of a generator that is not done.
    pub fn generator_this(&self, o: &Object) -> Option<Object> {
        if let Some(f) = &*data(o).frame.borrow() {
            return f.this.clone();
        }
        let runs = |f: &&Frame| {
            f.extra.as_ref().and_then(|e| e.generator.as_ref()).is_some_and(|g| g.ptr_eq(o))
        };
        self.frames.iter().rev().find(runs).and_then(|f| f.this.clone())
    }

    /// The function and current line of a generator that is not done, for reflection.
    pub fn generator_function(&self, o: &Object) -> Option<(crate::function::FuncRef, u32)> {
        data(o).frame.borrow().as_ref().map(|f| (f.func.clone(), f.line()))
    }
}

impl GeneratorData {
    fn mark_advanced(&self) {
        self.advanced.set(true);
    }
}
