//! Weak references to objects.

use std::cell::Cell;
use std::ptr::NonNull;

use super::{ObjBox, Object};

/// Shared by all weak references to one object and, while it lives, the object itself.
pub(super) struct WeakBox {
    count: Cell<usize>,
    object: Cell<Option<NonNull<ObjBox>>>,
}

impl WeakBox {
    /// A box with one count, the object's.
    pub(super) fn new(object: NonNull<ObjBox>) -> NonNull<WeakBox> {
        let fresh = WeakBox { count: Cell::new(1), object: Cell::new(Some(object)) };
        NonNull::from(Box::leak(Box::new(fresh)))
    }

    /// The object goes: upgrades fail from now on.
    ///
    /// # Safety
    /// Called once, by the object, which gives up its count.
    pub(super) unsafe fn object_gone(ptr: NonNull<WeakBox>) {
        // SAFETY: the object's count keeps the box alive.
        unsafe {
            ptr.as_ref().object.set(None);
            WeakBox::release(ptr);
        }
    }

    /// # Safety
    /// The caller owns one count, given up here.
    unsafe fn release(ptr: NonNull<WeakBox>) {
        // SAFETY: alive by the caller's count; with the last count the box goes.
        unsafe {
            let count = ptr.as_ref().count.get() - 1;
            ptr.as_ref().count.set(count);
            if count == 0 {
                drop(Box::from_raw(ptr.as_ptr()));
            }
        }
    }
}

/// A reference that does not keep its object alive.
pub struct WeakObject(NonNull<WeakBox>);

impl WeakObject {
    pub(super) fn from_box(ptr: NonNull<WeakBox>) -> WeakObject {
        // SAFETY: the object holds a count of the box.
        let inner = unsafe { ptr.as_ref() };
        inner.count.set(inner.count.get() + 1);
        WeakObject(ptr)
    }

    /// The object, if it still lives.
    pub fn upgrade(&self) -> Option<Object> {
        // SAFETY: this handle's count keeps the weak box alive; it points to an allocated object
        // or to none.
        unsafe { self.0.as_ref().object.get().and_then(|object| Object::from_live(object)) }
    }

    /// Whether both are of the same object.
    pub fn ptr_eq(&self, other: &WeakObject) -> bool {
        self.0 == other.0
    }
}

impl Clone for WeakObject {
    fn clone(&self) -> Self {
        WeakObject::from_box(self.0)
    }
}

impl Drop for WeakObject {
    fn drop(&mut self) {
        // SAFETY: the handle gives up its count.
        unsafe { WeakBox::release(self.0) };
    }
}
