//! Closures: making them, their captured variables, calling them.

use crate::callable::Callable;
use crate::class::{ClassPtrCell, ClassRef, ObjectClass};
use crate::frame::frame_flags;
use crate::function::{Func, FuncKind, FuncRef, UserFunc};
use crate::{Cx, Ret};
use outlast_bytecode::{Slot, function_flags, member_flags};
use outlast_value::{Object, ObjectData, PhpString, Reference, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// The native payload of a Closure object.
pub struct ClosureData {
    /// What it runs; its scope is the function's class.
    pub func: FuncRef,
    /// `$this`
    pub this: Option<Object>,
    /// `static::`
    pub called: Option<ClassRef>,
    /// Captured variables, in the order of `Function::uses`; `Undef`: not captured.
    pub captured: RefCell<Vec<Value>>,
    /// Made from a callable: calls go to the function as they are.
    pub fake: bool,
    /// The method called through `__call`, for closures of undefined methods.
    pub magic_name: Option<PhpString>,
}

impl ObjectData for ClosureData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(t) = &self.this {
            visit(&Value::Object(t.clone()));
        }
        for v in self.captured.borrow().iter() {
            visit(v);
        }
        if let Some(u) = self.func.user().filter(|_| !self.fake) {
            for r in u.statics.borrow().iter().flatten() {
                visit(&Value::Ref(r.clone()));
            }
        }
    }
    fn clear(&self) {
        let captured = std::mem::take(&mut *self.captured.borrow_mut());
        drop(captured);
    }
}

impl Cx {
    /// The class Closure.
    pub(crate) fn closure_class(&mut self) -> ClassRef {
        if let Some(c) = self.closure_class {
            return c;
        }
        let c = self.class(b"Closure").expect("Closure is native");
        self.closure_class = Some(c);
        c
    }

    /// Is it a Closure?
    pub fn is_closure_object(&mut self, o: &Object) -> bool {
        o.class() == self.closure_class()
    }

    /// A new Closure object.
    pub fn make_closure_object(&mut self, data: ClosureData) -> Object {
        let class = self.closure_class();
        let o = Object::with_flags(class.ptr(), 0, Object::DESTRUCTOR_CALLED);
        o.set_data(Box::new(data));
        o
    }

    pub(crate) fn make_closure(&mut self, index: u32) -> Object {
        let frame = self.frame();
        let user = frame.func.user().expect("PHP code runs");
        let unit = user.unit.clone();
        let decl = &unit.unit.functions[index as usize];
        let scope = frame.scope();
        let is_static = decl.flags & function_flags::STATIC != 0;
        let this = if is_static { None } else { frame.this.clone() };
        let called = frame.this.as_ref().map(|o| o.class()).or(frame.static_class).or(scope);
        let captured = vec![Value::Undef; decl.uses.len()];
        let func = Rc::new(Func {
            name: PhpString::new(&decl.name),
            modifiers: if is_static { member_flags::STATIC } else { 0 } | member_flags::PUBLIC,
            class: scope.map(ClassPtrCell::of),
            kind: FuncKind::User(UserFunc::new(unit.clone(), index)),
            prototype: RefCell::new(None),
            from_trait: None,
        });
        self.make_closure_object(ClosureData {
            func,
            this,
            called,
            captured: RefCell::new(captured),
            fake: false,
            magic_name: None,
        })
    }

    /// Stores a captured variable of a closure under construction.
    pub(crate) fn capture(&mut self, base: *mut Value, closure: Slot, index: u16, v: Value) {
        // SAFETY: operands lie within the frame.
        if let Value::Object(o) = unsafe { super::peek(base, closure) }
            && let Some(data) = o.data::<ClosureData>()
        {
            data.captured.borrow_mut()[index as usize] = v;
        }
    }

    /// Pending call of a Closure object.
    pub(crate) fn push_closure(&mut self, o: &Object, argc: u32) -> Ret<()> {
        let Some(c) = self.closure_callable(o) else {
            return Err(self.throw_error("Closure object cannot have properties"));
        };
        self.push_callable(&c, argc);
        Ok(())
    }

    /// What a Closure object calls.
    pub(crate) fn closure_callable(&mut self, o: &Object) -> Option<Callable> {
        let data = o.data::<ClosureData>()?;
        Some(Callable {
            func: data.func.clone(),
            this: data.this.clone(),
            static_class: data.called,
            closure: Some(o.clone()),
            magic_name: data.magic_name.clone(),
        })
    }

    /// Puts the captured variables into the locals of the frame at `index`.
    pub(crate) fn bind_captured(&mut self, index: usize) {
        let f = &mut self.frames[index];
        let Some(closure) = f.closure.clone() else {
            return;
        };
        let Some(data) = closure.data::<ClosureData>() else { return };
        let u = f.func.user().expect("closures are PHP code");
        let captured = data.captured.borrow();
        for ((slot, by_ref), v) in u.decl().uses.iter().zip(captured.iter()) {
            let v = if *by_ref { v.clone() } else { v.deref() };
            // SAFETY: captured variables are locals of the frame.
            unsafe { *f.base.add(*slot as usize) = v };
        }
    }

    /// First-class callable syntax: the pending call as a Closure.
    pub(crate) fn callable_convert(&mut self) -> Ret<Value> {
        let mut f = self.frames.pop().expect("a pending call");
        let this = f.this.take();
        let called = f.static_class;
        let func = f.func.clone();
        let magic_name = f.extra.as_ref().and_then(|e| e.trampoline.clone());
        let closure = f.closure.take();
        let nothing = f.has(frame_flags::NO_CALLEE);
        self.stack.release(f.mark);
        drop(f);
        if nothing {
            return Err(self.throw_error("Cannot create Closure for new expression"));
        }
        if let Some(c) = closure {
            return Ok(Value::Object(c));
        }
        Ok(Value::Object(self.closure_of(func, this, called, magic_name)))
    }

    /// A Closure that calls a function (Closure::fromCallable).
    pub fn closure_of(
        &mut self,
        func: FuncRef,
        this: Option<Object>,
        called: Option<ClassRef>,
        magic_name: Option<PhpString>,
    ) -> Object {
        self.make_closure_object(ClosureData {
            func,
            this,
            called,
            captured: RefCell::new(Vec::new()),
            fake: true,
            magic_name,
        })
    }

    /// A Closure with another `$this` and scope; checks are the caller's (Closure::bind).
    pub fn rebind_closure(
        &mut self,
        o: &Object,
        this: Option<Object>,
        scope: Option<ClassRef>,
    ) -> Option<Object> {
        let data = o.data::<ClosureData>()?;
        let called = this.as_ref().map(|o| o.class()).or(scope);
        let func = match &data.func.kind {
            FuncKind::User(u) if !data.fake => {
                let copy = UserFunc {
                    unit: u.unit.clone(),
                    index: u.index,
                    code: u.unit.fresh_code(u.index),
                    statics: RefCell::new(copy_statics(&u.statics.borrow())),
                };
                Rc::new(Func {
                    name: data.func.name.clone(),
                    modifiers: data.func.modifiers,
                    class: scope.map(ClassPtrCell::of),
                    kind: FuncKind::User(copy),
                    prototype: RefCell::new(None),
                    from_trait: None,
                })
            }
            _ => data.func.clone(),
        };
        let captured = data.captured.borrow().clone();
        let (fake, magic_name) = (data.fake, data.magic_name.clone());
        Some(self.make_closure_object(ClosureData {
            func,
            this,
            called,
            captured: RefCell::new(captured),
            fake,
            magic_name,
        }))
    }
}

/// Static variables of a duplicated function: own copies of the values.
pub(crate) fn copy_statics(statics: &[Option<Reference>]) -> Vec<Option<Reference>> {
    statics.iter().map(|r| r.as_ref().map(|r| Reference::new(r.get()))).collect()
}
