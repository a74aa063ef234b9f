//! What native functions ask about the call they are in and the code that made it.

use crate::class::{ClassRef, ObjectClass};
use crate::classes::member_access;
use crate::{Cx, Ret, Unwind};
use outlast_value::{GcCallbacks, Object, Value, gc_collect};

impl Cx {
    /// What `static` is in the PHP code being run (`get_called_class`).
    pub fn called_class(&self) -> Option<ClassRef> {
        let f = &self.frames[self.user_frame_index()?];
        f.scope()?;
        f.this.as_ref().map(ObjectClass::class).or(f.static_class).or_else(|| f.scope())
    }

    /// Argument `n` (from 0) of the running native function as it was passed: for functions that
    /// keep a callable in the form the script gave it.
    pub fn native_argument(&self, n: usize) -> Value {
        match self.frames.get(self.current as usize) {
            // SAFETY: the first `argc` slots are initialised; the value is copied at once.
            Some(f) if n < f.argc as usize => unsafe { (*f.base.add(n)).deref() },
            _ => Value::Null,
        }
    }

    /// Has the class a constant of that name that code of `scope` may use?
    pub fn class_constant_visible(
        &self,
        class: ClassRef,
        name: &[u8],
        scope: Option<ClassRef>,
    ) -> bool {
        class.constants.get(name).is_some_and(|c| member_access(c.flags, c.class.get(), scope))
    }

    /// Runs the cycle collector (`gc_collect_cycles`): how many arrays and objects it freed.
    pub fn collect_cycles(&mut self) -> Ret<usize> {
        let mut callbacks = Destructors { cx: self, failed: None };
        let freed = gc_collect(&mut callbacks);
        match callbacks.failed {
            Some(u) => Err(u),
            None => Ok(freed),
        }
    }
}

/// Calls the destructors of garbage; the first exception is delivered behind the collection.
struct Destructors<'a> {
    cx: &'a mut Cx,
    failed: Option<Unwind>,
}

impl GcCallbacks for Destructors<'_> {
    fn has_destructor(&mut self, object: &Object) -> bool {
        !object.has_flag(Object::DESTRUCTOR_CALLED)
    }

    fn destroy(&mut self, object: &Object) {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        if let Err(u) = self.cx.destruct(object.clone()) {
            self.failed.get_or_insert(u);
        }
    }
}
