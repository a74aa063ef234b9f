//! Resources: handles of things outside the language, such as open streams.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;

use crate::header::{Header, Kind};

#[repr(C)]
struct ResBox {
    head: Header,
    id: i64,
    kind: Cell<&'static str>,
    data: RefCell<Option<Box<dyn Any>>>,
}

/// A counted handle of type `resource`.
#[repr(transparent)]
pub struct Resource(NonNull<ResBox>);

impl Resource {
    /// A resource with its number, type name (`stream`) and payload.
    pub fn new(id: i64, kind: &'static str, data: Box<dyn Any>) -> Resource {
        let fresh = ResBox {
            head: Header::new(Kind::Str),
            id,
            kind: Cell::new(kind),
            data: RefCell::new(Some(data)),
        };
        Resource(NonNull::from(Box::leak(Box::new(fresh))))
    }

    fn inner(&self) -> &ResBox {
        // SAFETY: the handle owns a count.
        unsafe { self.0.as_ref() }
    }

    /// Its number, as `(int)` gives it.
    pub fn id(&self) -> i64 {
        self.inner().id
    }

    /// Its type as `get_resource_type()` gives it; `Unknown` once closed.
    pub fn kind(&self) -> &'static str {
        self.inner().kind.get()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.inner().data.borrow().is_none()
    }

    /// Closes it: the payload is handed out, the type becomes `Unknown`.
    pub fn close(&self) -> Option<Box<dyn Any>> {
        self.inner().kind.set("Unknown");
        self.inner().data.borrow_mut().take()
    }

    /// Calls `f` with the payload if it is open and of type `T`. The payload is borrowed meanwhile:
    /// keep what must outlive a wait in an `Rc` inside.
    pub fn with<T: Any, R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        self.inner().data.borrow().as_ref().and_then(|d| d.downcast_ref()).map(f)
    }

    /// Whether both are the same resource.
    pub fn ptr_eq(&self, other: &Resource) -> bool {
        self.0 == other.0
    }

    /// How many handles there are.
    pub fn count(&self) -> u32 {
        self.inner().head.count()
    }
}

impl Clone for Resource {
    fn clone(&self) -> Resource {
        self.inner().head.retain();
        Resource(self.0)
    }
}

impl Drop for Resource {
    fn drop(&mut self) {
        let head = &self.inner().head;
        if head.count() > 1 {
            head.release_shared();
        } else {
            // SAFETY: that was the last count; the box came from `Box::leak`.
            drop(unsafe { Box::from_raw(self.0.as_ptr()) });
        }
    }
}
