//! Calls: pushing frames, passing arguments, running native functions, returning.

use crate::class::ClassRef;
use crate::cx::NO_FRAME;
use crate::frame::{CallSite, Frame, frame_flags};
use crate::function::{ByRef, Func, FuncKind, FuncRef};
use crate::native::Args;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{NO_CACHE, NO_SLOT, Slot, function_flags};
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};

/// What `DoCall` did.
pub(crate) enum Called {
    /// A native function ran: here is its result.
    Done(Value),
    /// A frame of PHP code is now the current one.
    Entered,
}

/// Functions that need more than a frame to start.
pub(crate) const SPECIAL: u32 = function_flags::GENERATOR
    | function_flags::CLOSURE
    | function_flags::DEPRECATED
    | function_flags::VARIADIC;

/// Frames whose call takes more than entering them.
pub(crate) const SPECIAL_FRAME: u16 =
    frame_flags::ARG_LIST | frame_flags::NO_CALLEE | frame_flags::TRAMPOLINE;

impl Cx {
    /// Pushes a pending call with room for `argc` arguments.
    #[inline]
    pub(crate) fn push_call(
        &mut self,
        func: FuncRef,
        argc: u32,
        this: Option<Object>,
        static_class: Option<ClassRef>,
        flags: u16,
    ) {
        let (slots, locals, flags, code, ip) = match &func.kind {
            FuncKind::User(u) => {
                let c = &*u.code;
                if c.consts_at.get().is_null() {
                    c.prepare();
                }
                let plain = c.flags & SPECIAL == 0
                    && argc >= u32::from(c.required)
                    && argc <= u32::from(c.params);
                let flags = flags
                    | if plain { frame_flags::PLAIN } else { 0 }
                    | if c.ref_mask == 0 { frame_flags::BY_VALUE } else { 0 };
                (c.slots.max(argc), c.locals, flags, std::ptr::from_ref(c), c.ops)
            }
            FuncKind::Native(native, _) => {
                let by_value = native.params.iter().all(|p| !p.by_ref && !p.prefer_ref);
                let flags = flags | if by_value { frame_flags::BY_VALUE } else { 0 };
                (argc, 0, flags, std::ptr::null(), std::ptr::null())
            }
        };
        let (base, mark) = self.stack.alloc(slots as usize);
        // Temporaries are written before they are read, and so are arguments.
        for i in argc..u32::from(locals) {
            // SAFETY: locals are slots of the frame; above the stack's top nothing is owned.
            unsafe { (*base.add(i as usize)).clear_tag() };
        }
        self.frames.make_room();
        // SAFETY: there is room for one more frame. It is written field by field where it stays: made
        // elsewhere and moved, its fields would be read again in other widths than they were written.
        unsafe {
            let n = self.frames.len();
            let p = self.frames.as_mut_ptr().add(n);
            (&raw mut (*p).func).write(func);
            (&raw mut (*p).base).write(base);
            (&raw mut (*p).slots).write(slots);
            (&raw mut (*p).ip).write(ip);
            (&raw mut (*p).code).write(code);
            (&raw mut (*p).this).write(this);
            (&raw mut (*p).static_class).write(static_class);
            (&raw mut (*p).argc).write(argc);
            (&raw mut (*p).ret).write(NO_SLOT);
            (&raw mut (*p).flags).write(flags);
            (&raw mut (*p).caller).write(NO_FRAME);
            (&raw mut (*p).mark).write(mark);
            (&raw mut (*p).closure).write(None);
            (&raw mut (*p).extra).write(None);
            self.frames.set_len(n + 1);
        }
    }

    /// The pending call.
    #[inline(always)]
    pub(crate) fn pending(&self) -> &Frame {
        debug_assert!(!self.frames.is_empty());
        // SAFETY: the compiler lets arguments follow the start of a call, which pushed a frame.
        unsafe { self.frames.get_unchecked(self.frames.len() - 1) }
    }

    /// Stores argument `n` of the pending call, which it has not got yet.
    #[inline(always)]
    pub(crate) fn set_arg(&mut self, n: u16, value: Value) {
        let f = self.pending();
        debug_assert!(u32::from(n) < f.slots);
        // SAFETY: `n < argc <= slots`; the slot holds nothing that needs dropping.
        unsafe { value.store(f.base.add(n as usize)) };
    }

    /// How the pending call takes argument `n`.
    #[inline]
    pub(crate) fn arg_by_ref(&self, n: usize) -> ByRef {
        let f = self.frames.last().expect("a pending call");
        if f.has(frame_flags::BY_VALUE) {
            return ByRef::No;
        }
        self.frames.last().expect("a pending call").func.by_ref(n)
    }

    /// Starts the pending call. `ret` is where the caller wants the result.
    #[inline]
    pub(crate) fn do_call(&mut self, ret: Slot) -> Ret<Called> {
        let index = self.frames.len() - 1;
        let f = &mut self.frames[index];
        f.ret = ret;
        if f.flags & (frame_flags::PLAIN | SPECIAL_FRAME) == frame_flags::PLAIN {
            f.caller = self.current;
            self.current = index as u32;
            return Ok(Called::Entered);
        }
        if f.flags & (frame_flags::ARG_LIST | frame_flags::NO_CALLEE | frame_flags::TRAMPOLINE) != 0
        {
            return self.do_call_special(index);
        }
        self.start_frame(index)
    }

    fn do_call_special(&mut self, index: usize) -> Ret<Called> {
        if self.frames[index].has(frame_flags::ARG_LIST) {
            self.spread_arguments(index)?;
        }
        let f = &mut self.frames[index];
        if f.has(frame_flags::NO_CALLEE) {
            self.pop_pending();
            return Ok(Called::Done(Value::Null));
        }
        if f.has(frame_flags::TRAMPOLINE) {
            self.pack_trampoline(index);
        }
        self.start_frame(index)
    }

    /// Turns the arguments of a `__call` into (name, array).
    fn pack_trampoline(&mut self, index: usize) {
        let f = &mut self.frames[index];
        f.flags &= !frame_flags::TRAMPOLINE;
        let mut list = PhpArray::with_capacity(f.argc as usize);
        for i in 0..f.argc as usize {
            // SAFETY: `i < argc <= slots`.
            let v = unsafe { (*f.base.add(i)).take() };
            list.push(v.into_deref()).ok();
        }
        let extra = f.extra();
        for v in extra.args.drain(..) {
            list.push(v.into_deref()).ok();
        }
        for (k, v) in extra.named.drain(..) {
            list.insert(Key::Str(k), v.into_deref());
        }
        let name = extra.trampoline.clone().unwrap_or_default();
        f.argc = 2;
        // SAFETY: frames of `__call` have at least two slots (see `push_trampoline`).
        unsafe {
            *f.base = Value::Str(name);
            *f.base.add(1) = Value::Array(list);
        }
    }

    /// Pushes a pending call of `__call`/`__callStatic` for a method that does not exist.
    pub(crate) fn push_trampoline(
        &mut self,
        magic: FuncRef,
        name: PhpString,
        argc: u32,
        this: Option<Object>,
        static_class: Option<ClassRef>,
    ) {
        self.push_call(magic, argc.max(2), this, static_class, frame_flags::TRAMPOLINE);
        let f = self.frames.last_mut().expect("just pushed");
        f.argc = argc;
        f.extra().trampoline = Some(name);
    }

    /// Makes the pending frame the running one.
    #[inline]
    fn start_frame(&mut self, index: usize) -> Ret<Called> {
        let f = &mut self.frames[index];
        f.caller = self.current;
        let (params, required, flags) = match &f.func.kind {
            FuncKind::User(u) => (u.code.params, u.code.required, u.code.flags),
            FuncKind::Native(..) => {
                self.current = index as u32;
                return self.run_native(index).map(Called::Done);
            }
        };
        self.current = index as u32;
        if f.argc < u32::from(required) {
            self.check_passed(index, params)?;
            return Err(self.too_few_arguments(index));
        }
        if flags & function_flags::VARIADIC != 0 || f.argc > u32::from(params) {
            self.collect_extra(index, params as usize, flags & function_flags::VARIADIC != 0);
        }
        if flags
            & (function_flags::GENERATOR | function_flags::CLOSURE | function_flags::DEPRECATED)
            != 0
        {
            if flags & function_flags::CLOSURE != 0 {
                self.bind_captured(index);
            }
            if flags & function_flags::DEPRECATED != 0 {
                self.report_deprecated_call(index)?;
            }
            if flags & function_flags::GENERATOR != 0 {
                self.check_passed(index, params)?;
                return self.make_generator(index).map(Called::Done);
            }
        }
        Ok(Called::Entered)
    }

    /// The type checks of what was passed, where the code that makes them does not run now: that of
    /// a generator runs with its first step, and it does not run at all where arguments are missing.
    fn check_passed(&mut self, index: usize, params: u16) -> Ret<()> {
        let f = &self.frames[index];
        let base = f.base;
        let passed = f.argc.min(u32::from(params)) as u16;
        for n in 0..passed {
            // SAFETY: parameters are locals of the frame.
            if !unsafe { (*base.add(n as usize)).is_undef() } {
                self.check_param(base, n, NO_CACHE)?;
            }
        }
        Ok(())
    }

    /// Moves arguments beyond the parameters out of the slots that locals need.
    #[cold]
    fn collect_extra(&mut self, index: usize, params: usize, variadic: bool) {
        let f = &mut self.frames[index];
        let first = if variadic { params - 1 } else { params };
        let mut rest = Vec::new();
        for i in first..f.argc as usize {
            // SAFETY: `i < argc <= slots`.
            rest.push(unsafe { (*f.base.add(i)).take() });
        }
        if !variadic {
            f.extra().args = rest;
            return;
        }
        let mut list = PhpArray::from_list(rest);
        if let Some(extra) = &mut f.extra {
            for (k, v) in extra.extra_named.drain(..) {
                list.insert(Key::Str(k), v);
            }
        }
        // SAFETY: the variadic parameter is local slot `first`.
        unsafe { *f.base.add(first) = Value::Array(list) };
    }

    #[cold]
    fn too_few_arguments(&mut self, index: usize) -> Unwind {
        let f = &self.frames[index];
        let func = f.func.clone();
        let passed = f.argc;
        let required = func.required();
        let exactly = if func.param_count() == required && !func.is_variadic() {
            "exactly"
        } else {
            "at least"
        };
        let mut message =
            format!("Too few arguments to function {}(), {passed} passed", func.display_name());
        let site = self.frames[index].extra.as_ref().and_then(|e| e.site.as_ref());
        if let Some(site) = site {
            message.push_str(&format!(" in {} on line {}", site.file, site.line));
        } else if let Some(c) = self.calling_frame(index)
            && let Some(u) = c.func.user()
        {
            let (file, line) = (u.unit.file.to_str_lossy(), c.line());
            message.push_str(&format!(" in {file} on line {line}"));
        }
        message.push_str(&format!(" and {exactly} {required} expected"));
        self.throw("ArgumentCountError", message)
    }

    /// Runs a native function whose frame is current; pops the frame.
    fn run_native(&mut self, index: usize) -> Ret<Value> {
        let f = &mut self.frames[index];
        let native = f.func.native().expect("a native function");
        let argc = f.argc as usize;
        // SAFETY: the first `argc` slots are initialised and stay in place until the frame is
        // popped below; nobody else touches them while the function runs (frames pushed meanwhile
        // lie above).
        let values = unsafe { std::slice::from_raw_parts_mut(f.base, argc) };
        let this = f.this.clone();
        let called = f.static_class;
        f.flags |= frame_flags::NATIVE;
        let mut args = Args { this, called, values, function: native };
        let result = match self.check_arity(native, argc) {
            Err(u) => Err(u),
            Ok(()) if native.deprecated.is_some() => self
                .report_deprecated_call(index)
                .and_then(|()| self.enter_native(native, &mut args)),
            Ok(()) => self.enter_native(native, &mut args),
        };
        drop(args);
        if result.is_err() {
            self.constructor_failed();
        }
        debug_assert_eq!(self.current as usize, index);
        debug_assert_eq!(self.frames.len() - 1, index);
        self.pop_frame();
        result
    }

    #[inline]
    fn enter_native(
        &mut self,
        native: &'static crate::NativeFunction,
        args: &mut Args<'_>,
    ) -> Ret<Value> {
        match native.call {
            Some(call) => call(self, args),
            None => Err(self.throw_error(format!("Cannot call abstract method {}()", native.name))),
        }
    }

    /// Drops the topmost frame, which is current; its caller becomes current.
    #[inline]
    pub(crate) fn pop_frame(&mut self) {
        self.current = self.frames.last().expect("a frame").caller;
        self.pop_pending();
    }

    /// Drops the running frame, which is the topmost, of a function without any specialty.
    #[inline(always)]
    pub(crate) fn pop_running(&mut self) {
        debug_assert_eq!(self.current as usize, self.frames.len() - 1);
        // SAFETY: the topmost frame is dropped where it lies; its slots are initialised, and none is
        // left with anything that needs dropping.
        unsafe {
            let n = self.current as usize;
            let p = self.frames.as_mut_ptr().add(n);
            self.frames.set_len(n);
            self.current = (*p).caller;
            let base = (*p).base;
            for i in 0..(*p).slots as usize {
                let slot = base.add(i);
                if (*slot).is_counted() {
                    release(slot);
                }
            }
            self.stack.release((*p).mark);
            if (*p).closure.is_some() || (*p).extra.is_some() {
                std::ptr::drop_in_place(p);
                return;
            }
            // What plain frames own, without a call.
            std::ptr::drop_in_place(&raw mut (*p).func);
            std::ptr::drop_in_place(&raw mut (*p).this);
        }
    }

    /// Drops the topmost frame, which is pending.
    #[inline]
    pub(crate) fn pop_pending(&mut self) {
        if self.pending().has(frame_flags::GLOBAL_SCOPE) {
            self.take_back_globals(self.frames.len() - 1);
        }
        let f = self.frames.last_mut().expect("a frame");
        let (base, slots, mark) = (f.base, f.slots as usize, f.mark);
        let on_stack = !f.has(frame_flags::GENERATOR);
        for i in 0..slots {
            // SAFETY: slots are initialised; none is left with anything that needs dropping.
            unsafe {
                let p = base.add(i);
                if (*p).is_counted() {
                    drop((*p).take());
                }
            }
        }
        // SAFETY: the topmost frame, seen above, is dropped where it lies.
        unsafe {
            let n = self.frames.len() - 1;
            self.frames.set_len(n);
            std::ptr::drop_in_place(self.frames.as_mut_ptr().add(n));
        }
        if on_stack {
            self.stack.release(mark);
        }
    }

    /// Unwinds after a stop or fatal error: values of the frame outlive it, because PHP's bailout
    /// does not destruct locals before the shutdown functions run.
    pub(crate) fn abandon_frame(&mut self) {
        if self.pending().has(frame_flags::GLOBAL_SCOPE) {
            self.take_back_globals(self.frames.len() - 1);
        }
        let f = self.frames.last_mut().expect("a frame");
        if f.caller != NO_FRAME || f.has(frame_flags::BOUNDARY) {
            self.current = f.caller;
        }
        for i in 0..f.slots as usize {
            // SAFETY: slots are initialised; each is left `Undef`.
            let v = unsafe { (*f.base.add(i)).take() };
            if v.is_counted() {
                self.abandoned.push(v);
            }
        }
        if let Some(this) = f.this.take() {
            self.abandoned.push(Value::Object(this));
        }
        self.pop_pending();
    }

    // ---- calls from native code

    /// Calls a function with arguments; the frame is run to its end here.
    pub fn call_func(
        &mut self,
        func: &FuncRef,
        this: Option<Object>,
        static_class: Option<ClassRef>,
        args: Vec<Value>,
    ) -> Ret<Value> {
        self.call_full(func, this, static_class, None, args, Vec::new(), None)
    }

    /// The same with a closure object to keep alive, named arguments, and where the call stands.
    #[allow(clippy::too_many_arguments)] // All there is to say about a call.
    pub(crate) fn call_full(
        &mut self,
        func: &FuncRef,
        this: Option<Object>,
        static_class: Option<ClassRef>,
        closure: Option<Object>,
        args: Vec<Value>,
        named: Vec<(PhpString, Value)>,
        site: Option<CallSite>,
    ) -> Ret<Value> {
        self.check_native_stack()?;
        let pending = self.frames.len();
        self.push_call(
            func.clone(),
            args.len() as u32,
            this,
            static_class,
            frame_flags::BOUNDARY | frame_flags::FROM_NATIVE,
        );
        self.frames[pending].closure = closure;
        if site.is_some() {
            self.frames[pending].extra().site = site;
        }
        if named.is_empty() {
            let by_value = self.pending().has(frame_flags::BY_VALUE);
            for (n, v) in args.into_iter().enumerate() {
                if by_value {
                    self.set_arg(n as u16, v.into_deref());
                    continue;
                }
                let v = match self.adapt_argument(pending, n, v) {
                    Ok(v) => v,
                    Err(u) => {
                        self.pop_pending();
                        return Err(u);
                    }
                };
                self.set_arg(n as u16, v);
            }
        } else {
            let f = &mut self.frames[pending];
            f.argc = 0;
            f.flags |= frame_flags::ARG_LIST;
            let extra = f.extra();
            extra.args = args;
            extra.named = named;
        }
        self.run_pending(pending)
    }

    /// Runs the pending call at `index` to its end.
    pub(crate) fn run_pending(&mut self, index: usize) -> Ret<Value> {
        self.frames[index].flags |= frame_flags::BOUNDARY;
        let before = self.current;
        match self.do_call(NO_SLOT) {
            Ok(Called::Done(v)) => Ok(v),
            Ok(Called::Entered) => outlast_fiber::maybe_grow(|| self.run()),
            Err(u) => {
                self.discard_to(index, before, u);
                Err(u)
            }
        }
    }

    /// After a failed start: drops frames from `index` on.
    pub(crate) fn discard_to(&mut self, index: usize, current: u32, u: Unwind) {
        while self.frames.len() > index {
            if matches!(u, Unwind::Stop(_) | Unwind::Fatal) {
                self.abandon_frame();
            } else {
                self.pop_pending();
            }
        }
        self.current = current;
    }

    /// A by-value argument for a by-reference parameter gets a reference of its own, with PHP's
    /// warning; references for by-value parameters are followed.
    fn adapt_argument(&mut self, pending: usize, n: usize, v: Value) -> Ret<Value> {
        match self.frames[pending].func.by_ref(n) {
            ByRef::No => Ok(v.into_deref()),
            ByRef::Prefer => Ok(v),
            ByRef::Yes => match v {
                v @ Value::Ref(_) => Ok(v),
                v => {
                    let func = self.frames[pending].func.clone();
                    let name = param_name(&func, n);
                    self.raise_warning(format!(
                        "{}(): Argument #{}{name} must be passed by reference, value given",
                        func.display_name(),
                        n + 1
                    ))?;
                    Ok(Value::Ref(Reference::new(v)))
                }
            },
        }
    }

    /// Calls a callable value.
    pub fn call(&mut self, callable: &Value, args: Vec<Value>) -> Ret<Value> {
        let c = self.callable_or_throw(callable)?;
        self.call_resolved(&c, args)
    }

    /// Calls a method by name; Error if there is none.
    pub fn call_method(&mut self, object: &Object, name: &str, args: Vec<Value>) -> Ret<Value> {
        use crate::class::ObjectClass;
        let class = object.class();
        let lower = name.to_ascii_lowercase();
        let Some(m) = class.method(lower.as_bytes()).cloned() else {
            if let Some(magic) = class.magic.call.clone() {
                let list = PhpArray::from_list(args);
                return self.call_func(
                    &magic,
                    Some(object.clone()),
                    Some(class),
                    vec![Value::str(name), Value::Array(list)],
                );
            }
            if let Some(inner) = crate::callable::stand_in(object, lower.as_bytes()) {
                return self.call_method(&inner, name, args);
            }
            return Err(self.throw_error(format!(
                "Call to undefined method {}::{name}()",
                class.display_name()
            )));
        };
        self.call_func(&m, Some(object.clone()), Some(class), args)
    }
}

/// Drops what a slot holds and leaves it empty.
///
/// # Safety
/// The slot is live.
#[inline(never)]
unsafe fn release(slot: *mut Value) {
    // SAFETY: by the caller's promise.
    drop(unsafe { (*slot).take() });
}

/// ` ($name)` of parameter `n`, or nothing.
pub(crate) fn param_name(func: &Func, n: usize) -> String {
    let name = match &func.kind {
        FuncKind::User(u) => {
            let param = u.decl().params.get(n).filter(|p| !p.variadic);
            param.map(|p| String::from_utf8_lossy(&p.name).into_owned())
        }
        FuncKind::Native(f, _) => {
            f.params.get(n).filter(|p| !p.variadic).map(|p| p.name.to_string())
        }
    };
    name.map(|n| format!(" (${n})")).unwrap_or_default()
}
