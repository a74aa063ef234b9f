//! References: one value shared by several slots.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem;
use std::ptr::{self, NonNull};

use crate::Value;
use crate::header::{Header, Kind, drop_container};
use crate::heap;

#[repr(C)]
pub(crate) struct RefBox {
    head: Header,
    pub(crate) value: UnsafeCell<Value>,
    pub(crate) sources: UnsafeCell<Option<Box<Sources>>>,
}

/// The typed properties bound to the reference, opaque words to this crate.
pub(crate) struct Sources(Vec<usize>);

const LAYOUT: Layout = Layout::new::<RefBox>();

/// A counted slot.
#[repr(transparent)]
pub struct Reference(NonNull<RefBox>);

impl Reference {
    /// A new reference to `value`.
    #[inline]
    pub fn new(value: Value) -> Reference {
        debug_assert!(!value.is_ref(), "a reference holds no reference");
        let ptr = heap::allocate(LAYOUT).cast::<RefBox>();
        let fresh = RefBox {
            head: Header::new(Kind::Ref),
            value: UnsafeCell::new(value),
            sources: UnsafeCell::new(None),
        };
        // SAFETY: freshly allocated with that layout.
        unsafe { ptr.as_ptr().write(fresh) };
        Reference(ptr)
    }

    #[inline(always)]
    fn inner(&self) -> &RefBox {
        // SAFETY: the handle owns a count.
        unsafe { self.0.as_ref() }
    }

    /// Notes that the script itself made this a reference (`&`, `global`): the slots of global
    /// variables are references without that.
    #[inline]
    pub fn mark_as_made(&self) {
        self.inner().head.mark();
    }

    /// Did the script make this a reference?
    #[inline]
    pub fn is_made(&self) -> bool {
        self.inner().head.is_marked()
    }

    /// A copy of the value.
    #[inline(always)]
    pub fn get(&self) -> Value {
        // SAFETY: cloning runs no foreign code, so nothing writes the slot meanwhile.
        unsafe { (*self.inner().value.get()).clone() }
    }

    /// Stores a value; the old one is dropped after the store.
    #[inline]
    pub fn set(&self, value: Value) {
        drop(self.replace(value));
    }

    /// Stores a value; the old one.
    #[inline]
    pub fn replace(&self, value: Value) -> Value {
        debug_assert!(!value.is_ref(), "a reference holds no reference");
        // SAFETY: a move in and out; no borrow of the slot is alive across foreign code.
        unsafe { mem::replace(&mut *self.inner().value.get(), value) }
    }

    /// Calls `f` with the value as it is now, even if `f` changes the reference.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&Value) -> R) -> R {
        f(&self.get())
    }

    /// The value; moved out where this is the last handle.
    #[inline]
    pub fn into_value(self) -> Value {
        if self.count() == 1 { self.replace(Value::Null) } else { self.get() }
    }

    /// The slot.
    ///
    /// # Safety
    /// The pointer is valid as long as a handle lives; no borrow made from it may be alive when
    /// other code can reach the reference.
    #[inline(always)]
    pub unsafe fn as_ptr(&self) -> *mut Value {
        self.inner().value.get()
    }

    /// Whether both handles are of the same slot.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Reference) -> bool {
        self.0 == other.0
    }

    /// The address of the box, as an identity.
    pub fn ptr_id(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// How many handles there are.
    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.inner().head.count()
    }

    /// Whether typed properties are bound to the reference.
    #[inline(always)]
    pub fn has_typed_sources(&self) -> bool {
        // SAFETY: a read of the pointer alone.
        unsafe { (*self.inner().sources.get()).is_some() }
    }

    /// The first typed property bound, if any.
    #[inline]
    pub fn typed_source(&self) -> Option<usize> {
        // SAFETY: the borrow ends within; nothing foreign runs.
        unsafe { (*self.inner().sources.get()).as_ref().and_then(|list| list.0.first().copied()) }
    }

    /// All typed properties bound.
    pub fn typed_sources(&self) -> Vec<usize> {
        // SAFETY: the borrow ends within; nothing foreign runs.
        unsafe {
            (*self.inner().sources.get()).as_ref().map_or_else(Vec::new, |list| list.0.clone())
        }
    }

    /// Binds a typed property.
    pub fn set_typed_source(&self, source: usize) {
        // SAFETY: the borrow ends within; nothing foreign runs.
        let sources = unsafe { &mut *self.inner().sources.get() };
        sources.get_or_insert_with(|| Box::new(Sources(Vec::new()))).0.push(source);
    }

    /// Unbinds a typed property, once.
    pub fn remove_typed_source(&self, source: usize) {
        // SAFETY: the borrow ends within; nothing foreign runs.
        let sources = unsafe { &mut *self.inner().sources.get() };
        if let Some(list) = sources {
            if let Some(at) = list.0.iter().position(|&bound| bound == source) {
                list.0.swap_remove(at);
            }
            if list.0.is_empty() {
                *sources = None;
            }
        }
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> NonNull<Header> {
        self.0.cast()
    }
}

impl RefBox {
    /// The value, for the collector.
    #[inline(always)]
    pub(crate) fn slot(&self) -> *mut Value {
        self.value.get()
    }
}

/// Frees a reference whose count is zero.
///
/// # Safety
/// Called once, by the heap, with a count of zero.
pub(crate) unsafe fn free(ptr: NonNull<RefBox>) {
    // SAFETY: no handle is left; the memory is given back before the value is dropped, since
    // that may run foreign code.
    unsafe {
        let RefBox { value, sources, .. } = ptr::read(ptr.as_ptr());
        heap::deallocate(ptr.as_ptr().cast(), LAYOUT);
        drop(sources);
        drop(value);
    }
}

impl Clone for Reference {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.inner().head.retain();
        Reference(self.0)
    }
}

impl Drop for Reference {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle gives up its count.
        unsafe { drop_container(self.header()) };
    }
}
