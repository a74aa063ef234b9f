//! Work that the release of a value makes due: destructors.
//!
//! The last reference to an object may go anywhere in native code, where no PHP code can run. The
//! release hook therefore only queues the object; the interpreter runs the queue right behind the
//! op that released it, so that scripts see destructors run at once, as in PHP.

use crate::class::{ClassRef, ObjectClass};
use crate::cx::NO_FRAME;
use crate::error::level;
use crate::function::FuncRef;
use crate::props::protected_access;
use crate::{Cx, Ret};
use outlast_bytecode::member_flags;
use outlast_value::{Object, ObjectHooks, Value, set_object_hooks};
use std::cell::{Cell, RefCell};

thread_local! {
    static DUE: Cell<bool> = const { Cell::new(false) };
    static QUEUE: RefCell<Vec<Object>> = const { RefCell::new(Vec::new()) };
    static DEAD_KEYS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Is anything queued?
#[inline(always)]
pub(crate) fn is_due() -> bool {
    DUE.get()
}

/// Installs the hooks on this thread.
pub fn install() {
    set_object_hooks(ObjectHooks { destroy: on_destroy, free: on_free });
}

fn on_destroy(object: &Object) {
    if !object.has_flag(Object::DESTRUCTOR_CALLED) {
        object.set_flag(Object::DESTRUCTOR_CALLED);
        QUEUE.with(|q| q.borrow_mut().push(object.clone()));
        DUE.set(true);
    }
}

/// Object flag: it is a key of a WeakMap.
const WEAK_KEY: u32 = 1 << 26;

/// Only keys of a WeakMap and objects with references to typed properties ask for it.
fn on_free(object: &Object) {
    crate::props::release_references(object);
    if object.has_flag(WEAK_KEY) {
        DEAD_KEYS.with(|q| q.borrow_mut().push(object.ptr_id()));
        DUE.set(true);
    }
}

/// Marks an object as the key of a WeakMap: its end is told to `Cx::weak_keys_died`.
pub fn watch_key(object: &Object) {
    object.set_flag(WEAK_KEY);
    object.clear_flag(Object::SKIP_FREE_HOOK);
}

/// The queue of one script, put aside while another runs on this thread.
#[derive(Default)]
pub struct PendingWork(Vec<Object>, Vec<usize>);

/// Exchanges the queue with that of another script.
pub fn swap(other: &mut PendingWork) {
    QUEUE.with(|q| std::mem::swap(&mut *q.borrow_mut(), &mut other.0));
    DEAD_KEYS.with(|q| std::mem::swap(&mut *q.borrow_mut(), &mut other.1));
    DUE.set(QUEUE.with(|q| !q.borrow().is_empty()) || DEAD_KEYS.with(|q| !q.borrow().is_empty()));
}

/// Takes the queue away.
pub(crate) fn take() -> PendingWork {
    let mut work = PendingWork::default();
    swap(&mut work);
    work
}

impl Cx {
    /// Runs queued destructors. Those behind one that throws run with its exception pending.
    #[cold]
    #[inline(never)]
    pub(crate) fn run_pending_work(&mut self) -> Ret<()> {
        let mut thrown = Ok(());
        loop {
            let dead = DEAD_KEYS.with(|q| std::mem::take(&mut *q.borrow_mut()));
            if let Some(died) = self.weak_keys_died
                && !dead.is_empty()
            {
                died(self, &dead);
                continue;
            }
            let next = QUEUE.with(|q| {
                let mut q = q.borrow_mut();
                if q.is_empty() { None } else { Some(q.remove(0)) }
            });
            let Some(object) = next else {
                DUE.set(false);
                return thrown;
            };
            DUE.set(QUEUE.with(|q| !q.borrow().is_empty()));
            match self.destruct(object) {
                Err(crate::Unwind::Throw) => thrown = Err(crate::Unwind::Throw),
                result => result?,
            }
        }
    }

    /// Whether the running code may call a destructor that is not public: an `Error` if not, or a warning
    /// when no code runs any more.
    fn may_destruct(&mut self, class: ClassRef, method: &FuncRef) -> Ret<bool> {
        let word = if method.is_private() { "private" } else { "protected" };
        let name = class.display_name();
        if self.current == NO_FRAME {
            self.raise_at(
                level::WARNING,
                format!(
                    "Call to {word} {name}::__destruct() from global scope during shutdown ignored"
                ),
                "Unknown",
                0,
            )?;
            return Ok(false);
        }
        let scope = self.access_scope();
        let allowed = if method.is_private() {
            scope == Some(class)
        } else {
            let root = method.prototype.borrow().or(method.scope()).unwrap_or(class);
            protected_access(root, scope)
        };
        if allowed {
            return Ok(true);
        }
        let from = match scope {
            Some(scope) => format!("scope {}", scope.display_name()),
            None => "global scope".to_owned(),
        };
        Err(self.throw_error(format!("Call to {word} {name}::__destruct() from {from}")))
    }

    /// Calls `__destruct`.
    pub(crate) fn destruct(&mut self, object: Object) -> Ret<()> {
        if self.no_destructors {
            return Ok(());
        }
        if object.data::<crate::generator::GeneratorData>().is_some() {
            return self.destroy_generator(&object);
        }
        if object.data::<crate::fiber::FiberData>().is_some() {
            return self.destroy_fiber(&object);
        }
        let class = object.class();
        let Some(method) = class.magic.destruct.clone() else {
            return Ok(());
        };
        if method.modifiers & member_flags::PUBLIC == 0 && !self.may_destruct(class, &method)? {
            return Ok(());
        }
        // An exception under way stays pending behind the destructor.
        let pending = self.exception.take();
        let result = self.call_func(&method, Some(object), Some(class), Vec::new());
        match (result, pending) {
            (Ok(v), pending) => {
                drop::<Value>(v);
                self.exception = pending;
                Ok(())
            }
            (Err(crate::Unwind::Throw), Some(previous)) => {
                self.chain_previous(previous);
                Err(crate::Unwind::Throw)
            }
            (Err(u), _) => Err(u),
        }
    }
}
