//! PHP arrays: ordered hash maps, copied on write.

mod edit;
mod hashed;
mod iter;
mod key;
mod packed;
mod position;
mod sort;
mod storage;

use std::fmt;
use std::ptr::{self, NonNull};

use crate::hash::hash_bytes;
use crate::header::{Header, IMMORTAL, Kind, drop_container};
use crate::string::int_key;
use crate::{PhpString, Value, heap};

pub use iter::{ArrayIter, ArrayIterMut, ArrayRefs};
pub use key::{Key, KeyRef};
pub(crate) use storage::ArrBox;
use storage::{BOX, checked_cap, drop_storage};

/// No key is left for the next element: the greatest integer key is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

/// A PHP array. Reads share; writes through `&mut` copy first where other handles exist.
#[repr(transparent)]
pub struct PhpArray(NonNull<ArrBox>);

/// The empty array all start from.
#[repr(transparent)]
struct EmptyArray(ArrBox);

// SAFETY: immortal: never written.
unsafe impl Sync for EmptyArray {}

static EMPTY: EmptyArray = EmptyArray(ArrBox::empty(Header::immortal(Kind::Array)));

impl PhpArray {
    /// The empty array; allocates with the first element.
    #[inline(always)]
    pub fn new() -> PhpArray {
        PhpArray(NonNull::from(&EMPTY.0))
    }

    /// An empty array with room for `cap` elements of a list.
    pub fn with_capacity(cap: usize) -> PhpArray {
        if cap == 0 {
            return PhpArray::new();
        }
        let mut fresh = ArrBox::empty(Header::new(Kind::Array));
        fresh.resize_packed(checked_cap(cap));
        PhpArray::from_box(fresh)
    }

    /// An empty array with room for `cap` elements with string keys.
    pub fn with_hashed_capacity(cap: usize) -> PhpArray {
        let mut fresh = ArrBox::empty(Header::new(Kind::Array));
        fresh.init_hashed(cap);
        PhpArray::from_box(fresh)
    }

    /// The list of these values.
    pub fn from_list(values: Vec<Value>) -> PhpArray {
        PhpArray::list_of(values.into_iter())
    }

    /// The list of what an iterator gives.
    #[inline]
    pub fn list_of(values: impl ExactSizeIterator<Item = Value>) -> PhpArray {
        let mut array = PhpArray::with_capacity(values.len());
        if !array.is_immortal() {
            array.write().append_all(values);
        }
        array
    }

    pub(super) fn from_box(fresh: ArrBox) -> PhpArray {
        let ptr = heap::allocate(BOX).cast::<ArrBox>();
        // SAFETY: freshly allocated with that layout.
        unsafe { ptr.as_ptr().write(fresh) };
        PhpArray(ptr)
    }

    #[inline(always)]
    pub(super) fn inner(&self) -> &ArrBox {
        // SAFETY: the handle owns a count; nobody has `&mut` to the box while it is shared.
        unsafe { self.0.as_ref() }
    }

    /// The box for writing, copied first if it is shared.
    #[inline(always)]
    pub(super) fn write(&mut self) -> &mut ArrBox {
        if self.inner().head.count() != 1 {
            self.copy_out();
        }
        // SAFETY: unique, and borrowed mutably through the only handle.
        unsafe { self.0.as_mut() }
    }

    #[inline(never)]
    fn copy_out(&mut self) {
        let copy = PhpArray::from_box(self.inner().duplicate());
        let shared = std::mem::replace(self, copy);
        shared.inner().head.release_shared();
        std::mem::forget(shared);
    }

    /// Makes this handle the only owner, copying if need be.
    #[inline]
    pub fn separate(&mut self) {
        self.write();
    }

    /// How many elements there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.inner().len as usize
    }

    /// Whether there is no element.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.inner().len == 0
    }

    /// Whether both handles are of the same box.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &PhpArray) -> bool {
        self.0 == other.0
    }

    /// The address of the box, as an identity.
    #[inline]
    pub fn ptr_id(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// Whether this handle is the only owner.
    #[inline(always)]
    pub fn is_unique(&self) -> bool {
        self.inner().head.count() == 1
    }

    /// How many handles there are (of a mortal array).
    pub fn count(&self) -> u32 {
        self.inner().head.count()
    }

    /// Whether the array is never counted nor freed.
    pub fn is_immortal(&self) -> bool {
        self.inner().head.is_immortal()
    }

    /// Whether storage is in the form of a list (which may have holes).
    #[inline(always)]
    pub fn is_packed(&self) -> bool {
        self.inner().is_packed()
    }

    /// Whether the keys are 0, 1, 2… in order.
    pub fn is_list(&self) -> bool {
        let inner = self.inner();
        if inner.is_packed() && !inner.has_holes() {
            return true;
        }
        self.iter_refs().enumerate().all(|(at, (key, _))| key == KeyRef::Int(at as i64))
    }

    /// The values of a list in packed form without holes.
    #[inline(always)]
    pub fn as_packed_slice(&self) -> Option<&[Value]> {
        let inner = self.inner();
        (inner.is_packed() && !inner.has_holes()).then(|| inner.packed_slots())
    }

    /// The value of a key.
    #[inline]
    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.get_ref(key.as_key_ref())
    }

    /// The value of a borrowed key.
    #[inline]
    pub fn get_ref(&self, key: KeyRef<'_>) -> Option<&Value> {
        let inner = self.inner();
        inner.find_key(key).map(|pos| inner.value(pos))
    }

    /// The value of an integer key.
    #[inline(always)]
    pub fn get_int(&self, key: i64) -> Option<&Value> {
        let inner = self.inner();
        inner.find_int(key).map(|pos| inner.value(pos))
    }

    /// The value of a string key, taken as it is: `"1"` is not looked up as 1.
    #[inline]
    pub fn get_str(&self, key: &[u8]) -> Option<&Value> {
        let inner = self.inner();
        if inner.is_packed() {
            return None;
        }
        inner.find_hashed(hash_bytes(key), key).map(|pos| inner.value(pos))
    }

    /// As [`PhpArray::get_str`], with the string's cached hash.
    #[inline]
    pub fn get_string(&self, key: &PhpString) -> Option<&Value> {
        let inner = self.inner();
        inner.find_string(key).map(|pos| inner.value(pos))
    }

    /// The value of the key a string stands for: `"1"` is looked up as 1.
    #[inline]
    pub fn get_key_str(&self, key: &PhpString) -> Option<&Value> {
        match int_key(key) {
            Some(int) => self.get_int(int),
            None => self.get_string(key),
        }
    }

    /// Whether the key is there.
    #[inline]
    pub fn contains_key(&self, key: &Key) -> bool {
        self.inner().find_key(key.as_key_ref()).is_some()
    }

    /// The position of a key.
    #[inline]
    pub fn pos_of(&self, key: &Key) -> Option<usize> {
        self.inner().find_key(key.as_key_ref()).map(|pos| pos as usize)
    }

    /// The first element.
    #[inline]
    pub fn first(&self) -> Option<(KeyRef<'_>, &Value)> {
        self.entry_at(self.pos_begin())
    }

    /// The last element.
    #[inline]
    pub fn last(&self) -> Option<(KeyRef<'_>, &Value)> {
        self.entry_at(self.pos_last())
    }

    /// The key the next push takes.
    #[inline]
    pub fn next_free(&self) -> i64 {
        let next = self.inner().next_free;
        if next == i64::MIN { 0 } else { next }
    }

    /// Sets the key the next push takes. It must be greater than all integer keys.
    pub fn set_next_free(&mut self, next: i64) {
        self.write().next_free = next;
    }

    /// The mark against endless recursion through references.
    #[inline]
    pub fn visit_guard(&self) -> bool {
        self.inner().guard.get() != 0
    }

    /// Sets the mark against endless recursion. Immortal arrays, which cannot contain
    /// themselves, take none.
    #[inline]
    pub fn set_visit_guard(&self, visiting: bool) {
        if !self.is_immortal() {
            self.inner().guard.set(u32::from(visiting));
        }
    }

    /// Makes the array and all strings and arrays in it never counted and never freed, for
    /// literals; sharing it between threads is sound, since it never changes.
    ///
    /// # Panics
    /// If it contains objects or references.
    pub fn immortal(self) -> PhpArray {
        let inner = self.inner();
        if inner.head.is_immortal() {
            return self;
        }
        for (key, value) in self.iter_refs() {
            if let KeyRef::Str(key) = key {
                key.clone().into_immortal();
            }
            match value {
                Value::Str(string) => drop(string.clone().into_immortal()),
                Value::Array(array) => drop(array.clone().immortal()),
                Value::Object(_) | Value::Ref(_) | Value::Resource(_) => {
                    panic!("a literal array of literals only")
                }
                _ => {}
            }
        }
        if inner.head.gc_index() != 0 {
            crate::gc::unbuffer(self.header());
        }
        heap::disown(inner.bytes());
        inner.head.set_count(IMMORTAL);
        self
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> NonNull<Header> {
        self.0.cast()
    }
}

impl ArrBox {
    /// The bytes it takes, storage included.
    fn bytes(&self) -> usize {
        let slot = if self.is_packed() { 16 } else { 40 };
        BOX.size() + self.cap as usize * slot
    }
}

/// Frees an array whose count is zero.
///
/// # Safety
/// Called once, by the heap, with a count of zero.
pub(crate) unsafe fn free(ptr: NonNull<ArrBox>) {
    // SAFETY: no handle is left; the elements are dropped last, since that may run foreign code.
    unsafe {
        let storage = ptr::read(ptr.as_ptr());
        heap::deallocate(ptr.as_ptr().cast(), BOX);
        drop_storage(storage);
    }
}

/// Empties an array in place whatever its count, for the collector.
///
/// # Safety
/// The array is alive, and reachable from garbage only: no borrow into it exists.
pub(crate) unsafe fn clear_garbage(ptr: NonNull<ArrBox>) {
    // SAFETY: no borrow exists; the storage moves out before anything is dropped.
    unsafe {
        let inner = &mut *ptr.as_ptr();
        let mut storage = ArrBox::empty(Header::new(Kind::Array));
        std::mem::swap(&mut storage.data, &mut inner.data);
        std::mem::swap(&mut storage.mask, &mut inner.mask);
        std::mem::swap(&mut storage.cap, &mut inner.cap);
        std::mem::swap(&mut storage.used, &mut inner.used);
        inner.len = 0;
        inner.cursor = 0;
        inner.positions = None;
        drop_storage(storage);
    }
}

/// The values of an array, holes included, for the collector.
///
/// # Safety
/// The array is alive and not written as long as the iterator is used.
pub(crate) unsafe fn values_of<'a>(ptr: NonNull<ArrBox>) -> impl Iterator<Item = &'a Value> {
    // SAFETY: by the caller's promise.
    let inner = unsafe { &*ptr.as_ptr() };
    (0..inner.used).map(|pos| inner.value(pos))
}

impl Clone for PhpArray {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.inner().head.retain();
        PhpArray(self.0)
    }
}

impl Drop for PhpArray {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle gives up its count.
        unsafe { drop_container(self.header()) };
    }
}

impl Default for PhpArray {
    #[inline]
    fn default() -> Self {
        PhpArray::new()
    }
}

impl fmt::Debug for PhpArray {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter_refs()).finish()
    }
}

#[cfg(test)]
mod tests;
