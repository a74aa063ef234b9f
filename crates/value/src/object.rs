//! Objects: declared properties in inline slots, dynamic ones in a table on demand, and a
//! native payload.

mod weak;

use std::alloc::Layout;
use std::any::Any;
use std::cell::{Cell, UnsafeCell};
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};

use crate::header::{Header, Kind, drop_container};
use crate::{PhpArray, Value, heap};

use weak::WeakBox;
pub use weak::WeakObject;

/// A class, opaque to this crate: the engine knows what lies behind.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(transparent)]
pub struct ClassPtr(pub NonNull<()>);

/// A native payload.
pub trait ObjectData: Any {
    /// Visits every value the payload holds a count of, for the cycle collector. A temporary
    /// value standing for a handle held otherwise is fine.
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        let _ = visit;
    }

    /// Gives up every value [`ObjectData::trace`] visits, to break a garbage cycle.
    fn clear(&self) {}

    /// The payload for downcasting: `self`.
    fn as_any(&self) -> &dyn Any;
}

/// What the engine does when objects go.
#[derive(Clone, Copy)]
pub struct ObjectHooks {
    /// The last handle is gone: calls `__destruct` if the class has one and it was not called.
    /// Not called for objects flagged [`Object::DESTRUCTOR_CALLED`].
    pub destroy: fn(&Object),
    /// The object is about to be freed: its weak references are still intact.
    pub free: fn(&Object),
}

thread_local! {
    static HOOKS: Cell<ObjectHooks> =
        const { Cell::new(ObjectHooks { destroy: no_hook, free: no_hook }) };
}

fn no_hook(_object: &Object) {}

/// Sets this thread's hooks.
pub fn set_object_hooks(hooks: ObjectHooks) {
    HOOKS.set(hooks);
}

/// This thread's hooks.
pub fn object_hooks() -> ObjectHooks {
    HOOKS.get()
}

#[repr(C)]
pub(crate) struct ObjBox {
    head: Header,
    id: u32,
    pub(crate) flags: Cell<u32>,
    pub(crate) class: Cell<ClassPtr>,
    slots: u32,
    guard: Cell<u32>,
    extra: UnsafeCell<Option<Box<Extra>>>,
    data: UnsafeCell<Option<Box<dyn ObjectData>>>,
}

/// What few objects have.
#[derive(Default)]
struct Extra {
    dynamic: Option<PhpArray>,
    weak: Option<NonNull<WeakBox>>,
}

const HEAD: usize = size_of::<ObjBox>();
const _: () = assert!(HEAD.is_multiple_of(8) && align_of::<ObjBox>() == 8);

/// A counted object.
#[repr(transparent)]
pub struct Object(NonNull<ObjBox>);

#[inline(always)]
fn layout(slots: u32) -> Layout {
    // SAFETY: less than 2^37 bytes, aligned to eight.
    unsafe { Layout::from_size_align_unchecked(HEAD + slots as usize * 16, 8) }
}

impl Object {
    /// Flag: the destructor was called, or must not be, or the class has none: the destroy hook
    /// is skipped. Set at creation it spares objects without destructor the call.
    pub const DESTRUCTOR_CALLED: u32 = 1;
    /// Flag: the free hook is of no use for this object and skipped.
    pub const SKIP_FREE_HOOK: u32 = 2;
    /// The lowest flag free for the engine; this crate uses none from here on.
    pub const FIRST_FREE_FLAG: u32 = 1 << 8;

    /// A new object with `slots` properties, all `Undef`.
    #[inline]
    pub fn new(class: ClassPtr, slots: usize) -> Object {
        Object::with_flags(class, slots, 0)
    }

    /// Like [`Object::new`], with flags.
    #[inline]
    pub fn with_flags(class: ClassPtr, slots: usize, flags: u32) -> Object {
        let slots = u32::try_from(slots).expect("a class has fewer than 2^32 properties");
        let ptr = heap::allocate(layout(slots)).cast::<ObjBox>();
        let id = heap::current().enter_object(ptr.as_ptr());
        let fresh = ObjBox {
            head: Header::new(Kind::Object),
            id,
            flags: Cell::new(flags),
            class: Cell::new(class),
            slots,
            guard: Cell::new(0),
            extra: UnsafeCell::new(None),
            data: UnsafeCell::new(None),
        };
        // SAFETY: freshly allocated with room for the head and the slots.
        unsafe {
            ptr.as_ptr().write(fresh);
            let first = ptr.as_ptr().cast::<u8>().add(HEAD).cast::<Value>();
            for slot in 0..slots as usize {
                first.add(slot).write(Value::Undef);
            }
        }
        Object(ptr)
    }

    /// A handle to a box in the table of objects; `None` if it is being freed.
    ///
    /// # Safety
    /// `ptr` is an allocated box.
    pub(crate) unsafe fn from_live(ptr: NonNull<ObjBox>) -> Option<Object> {
        // SAFETY: allocated by the caller's promise.
        let head = unsafe { &ptr.as_ref().head };
        if head.count() == 0 {
            return None;
        }
        head.retain();
        Some(Object(ptr))
    }

    #[inline(always)]
    fn inner(&self) -> &ObjBox {
        // SAFETY: the handle owns a count.
        unsafe { self.0.as_ref() }
    }

    /// PHP's object handle.
    #[inline(always)]
    pub fn id(&self) -> u32 {
        self.inner().id
    }

    /// The class.
    #[inline(always)]
    pub fn class_ptr(&self) -> ClassPtr {
        self.inner().class.get()
    }

    /// Replaces the class. The number of slots stays.
    pub fn set_class_ptr(&self, class: ClassPtr) {
        self.inner().class.set(class);
    }

    /// All flags.
    #[inline(always)]
    pub fn flags(&self) -> u32 {
        self.inner().flags.get()
    }

    /// Whether any of these flags is set.
    #[inline(always)]
    pub fn has_flag(&self, flag: u32) -> bool {
        self.flags() & flag != 0
    }

    /// Sets flags.
    #[inline(always)]
    pub fn set_flag(&self, flag: u32) {
        self.inner().flags.set(self.flags() | flag);
    }

    /// Clears flags.
    #[inline(always)]
    pub fn clear_flag(&self, flag: u32) {
        self.inner().flags.set(self.flags() & !flag);
    }

    /// A counter free for guarding recursion.
    #[inline]
    pub fn visits(&self) -> u32 {
        self.inner().guard.get()
    }

    /// Sets the recursion counter.
    #[inline]
    pub fn set_visits(&self, visits: u32) {
        self.inner().guard.set(visits);
    }

    /// How many slots there are.
    #[inline(always)]
    pub fn slot_count(&self) -> usize {
        self.inner().slots as usize
    }

    #[inline(always)]
    fn slot_at(&self, slot: usize) -> *mut Value {
        assert!(slot < self.slot_count(), "slot {slot} of {}", self.slot_count());
        // SAFETY: the slots follow the head; the index was checked.
        unsafe { self.0.as_ptr().cast::<u8>().add(HEAD).cast::<Value>().add(slot) }
    }

    /// A copy of a slot.
    #[inline]
    pub fn slot(&self, slot: usize) -> Value {
        // SAFETY: cloning runs no foreign code.
        unsafe { (*self.slot_at(slot)).clone() }
    }

    /// Calls `f` with the slot's value as it is now, even if `f` changes the object.
    #[inline]
    pub fn with_slot<R>(&self, slot: usize, f: impl FnOnce(&Value) -> R) -> R {
        f(&self.slot(slot))
    }

    /// Stores into a slot; the old value is dropped after the store.
    #[inline]
    pub fn set_slot(&self, slot: usize, value: Value) {
        drop(self.replace_slot(slot, value));
    }

    /// Stores into a slot; the old value.
    #[inline]
    pub fn replace_slot(&self, slot: usize, value: Value) -> Value {
        // SAFETY: a move in and out; no borrow of the slot is alive across foreign code.
        unsafe { mem::replace(&mut *self.slot_at(slot), value) }
    }

    /// Empties a slot; what it held.
    #[inline]
    pub fn take_slot(&self, slot: usize) -> Value {
        self.replace_slot(slot, Value::Undef)
    }

    /// A slot.
    ///
    /// # Safety
    /// `slot` is below [`Object::slot_count`]; the pointer is valid as long as the object lives;
    /// no borrow made from it may be alive when other code can reach the object.
    #[inline(always)]
    pub unsafe fn slot_ptr(&self, slot: usize) -> *mut Value {
        debug_assert!(slot < self.slot_count());
        // SAFETY: the caller promises the index.
        unsafe { self.0.as_ptr().cast::<u8>().add(HEAD).cast::<Value>().add(slot) }
    }

    /// Whether there is a table of dynamic properties, even an empty one.
    #[inline]
    pub fn has_dynamic(&self) -> bool {
        // SAFETY: a read without foreign code.
        unsafe { (*self.inner().extra.get()).as_ref().is_some_and(|extra| extra.dynamic.is_some()) }
    }

    /// A copy of the table of dynamic properties (shared, not copied, until written).
    pub fn dynamic(&self) -> Option<PhpArray> {
        // SAFETY: cloning runs no foreign code.
        unsafe { (*self.inner().extra.get()).as_ref().and_then(|extra| extra.dynamic.clone()) }
    }

    /// Calls `f` with the table of dynamic properties as it is now.
    #[inline]
    pub fn with_dynamic<R>(&self, f: impl FnOnce(Option<&PhpArray>) -> R) -> R {
        f(self.dynamic().as_ref())
    }

    /// Calls `f` with the table of dynamic properties for writing. While `f` runs, the object
    /// has none.
    pub fn dynamic_mut<R>(&self, f: impl FnOnce(&mut Option<PhpArray>) -> R) -> R {
        let mut table = self.take_dynamic();
        let result = f(&mut table);
        drop(self.swap_dynamic(table));
        result
    }

    /// Takes the table of dynamic properties.
    pub fn take_dynamic(&self) -> Option<PhpArray> {
        // SAFETY: the borrow ends within; nothing foreign runs.
        unsafe { (*self.inner().extra.get()).as_mut().and_then(|extra| extra.dynamic.take()) }
    }

    /// Replaces the table of dynamic properties.
    pub fn set_dynamic(&self, table: Option<PhpArray>) {
        drop(self.swap_dynamic(table));
    }

    fn swap_dynamic(&self, table: Option<PhpArray>) -> Option<PhpArray> {
        if table.is_none() {
            return self.take_dynamic();
        }
        mem::replace(&mut self.extra_mut().dynamic, table)
    }

    /// The table of dynamic properties, made if absent.
    ///
    /// # Safety
    /// The pointer is valid until the table is taken or replaced, or the object goes; no borrow
    /// made from it may be alive when other code can reach the object.
    pub unsafe fn dynamic_ptr(&self) -> *mut PhpArray {
        self.extra_mut().dynamic.get_or_insert_with(PhpArray::new)
    }

    #[allow(clippy::mut_from_ref)]
    fn extra_mut(&self) -> &mut Extra {
        // SAFETY: private; every user is done with the borrow before anything foreign runs.
        unsafe { (*self.inner().extra.get()).get_or_insert_default() }
    }

    /// The native payload, if there is one of this type.
    #[inline]
    pub fn data<T: ObjectData>(&self) -> Option<&T> {
        self.data_dyn().and_then(|data| data.as_any().downcast_ref())
    }

    /// The native payload.
    #[inline]
    pub fn data_dyn(&self) -> Option<&dyn ObjectData> {
        // SAFETY: the payload is set at most once and stays until the object is freed, so the
        // borrow is good as long as the handle.
        unsafe { (*self.inner().data.get()).as_deref() }
    }

    /// Gives the object its native payload.
    ///
    /// # Panics
    /// If it has one: a payload stays as long as the object.
    pub fn set_data(&self, data: Box<dyn ObjectData>) {
        assert!(self.data_dyn().is_none(), "the object has a payload");
        // SAFETY: there is no payload, hence no borrow of it.
        unsafe { *self.inner().data.get() = Some(data) };
    }

    /// Whether both handles are of the same object.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Object) -> bool {
        self.0 == other.0
    }

    /// The address of the box, as an identity.
    #[inline]
    pub fn ptr_id(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// How many handles there are.
    #[inline(always)]
    pub fn count(&self) -> u32 {
        self.inner().head.count()
    }

    /// A weak reference.
    pub fn weak(&self) -> WeakObject {
        let weak = self.extra_mut().weak.get_or_insert_with(|| WeakBox::new(self.0));
        WeakObject::from_box(*weak)
    }

    /// Whether weak references were made.
    #[inline]
    pub fn has_weak(&self) -> bool {
        // SAFETY: a read without foreign code.
        unsafe { (*self.inner().extra.get()).as_ref().is_some_and(|extra| extra.weak.is_some()) }
    }

    /// Empties all slots, the dynamic table and the payload: breaks cycles.
    pub fn clear(&self) {
        for slot in 0..self.slot_count() {
            drop(self.take_slot(slot));
        }
        drop(self.take_dynamic());
        if let Some(data) = self.data_dyn() {
            data.clear();
        }
    }

    /// Visits slots, payload values and the dynamic table (as the second argument, the first
    /// being of no meaning then), for the collector.
    pub(crate) fn trace(&self, visit: &mut dyn FnMut(&Value, Option<&PhpArray>)) {
        for slot in 0..self.slot_count() {
            // SAFETY: the collector's visitors run no foreign code and write no slot.
            visit(unsafe { &*self.slot_at(slot) }, None);
        }
        // SAFETY: as above.
        let extra = unsafe { &*self.inner().extra.get() };
        if let Some(table) = extra.as_ref().and_then(|extra| extra.dynamic.as_ref()) {
            visit(&Value::Undef, Some(table));
        }
        if let Some(data) = self.data_dyn() {
            data.trace(&mut |value| visit(value, None));
        }
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> NonNull<Header> {
        self.0.cast()
    }

    /// A handle without a count of its own.
    ///
    /// # Safety
    /// The box outlives the handle.
    #[inline(always)]
    pub(crate) unsafe fn borrowed(ptr: NonNull<Header>) -> ManuallyDrop<Object> {
        ManuallyDrop::new(Object(ptr.cast()))
    }
}

/// Runs the hooks of an object whose count is zero and, unless one of them kept it, frees it.
///
/// # Safety
/// Called by the heap, with a count of zero.
pub(crate) unsafe fn finalize(ptr: NonNull<ObjBox>) {
    // SAFETY: the box is allocated until the end of this function.
    let inner = unsafe { ptr.as_ref() };
    let object = ManuallyDrop::new(Object(ptr));
    if inner.flags.get() & Object::DESTRUCTOR_CALLED == 0
        && run_hook(&object, object_hooks().destroy)
    {
        return;
    }
    if inner.flags.get() & Object::SKIP_FREE_HOOK == 0 && run_hook(&object, object_hooks().free) {
        return;
    }
    inner.head.set_count(0);
    // A hook may have buffered the object as a possible root.
    if inner.head.gc_index() != 0 {
        crate::gc::unbuffer(ptr.cast());
    }
    // SAFETY: no borrow of the extra part is alive.
    let extra = unsafe { (*inner.extra.get()).take() };
    if let Some(weak) = extra.as_ref().and_then(|extra| extra.weak) {
        // SAFETY: the object owns one count of its weak box.
        unsafe { WeakBox::object_gone(weak) };
    }
    for slot in 0..object.slot_count() {
        drop(object.take_slot(slot));
    }
    drop(extra);
    // SAFETY: no handle is left that could have borrowed the payload.
    drop(unsafe { (*inner.data.get()).take() });
    heap::leave_object(inner.id, ptr.as_ptr());
    // SAFETY: no handle is left; all parts that need dropping were taken.
    unsafe { heap::deallocate(ptr.as_ptr().cast(), layout(inner.slots)) };
}

/// Runs a hook with the count held at one; whether it kept the object alive.
fn run_hook(object: &Object, hook: fn(&Object)) -> bool {
    if ptr::fn_addr_eq(hook, no_hook as fn(&Object)) {
        return false;
    }
    let head = &object.inner().head;
    head.set_count(1);
    let depth = heap::current().take_depth();
    hook(object);
    heap::current().set_depth(depth);
    if head.count() > 1 {
        head.release_shared();
        if head.gc_index() == 0 {
            crate::gc::possible_root(object.header());
        }
        return true;
    }
    false
}

impl Clone for Object {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.inner().head.retain();
        Object(self.0)
    }
}

impl Drop for Object {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the handle gives up its count.
        unsafe { drop_container(self.header()) };
    }
}

impl PartialEq for Object {
    /// Identity.
    #[inline]
    fn eq(&self, other: &Object) -> bool {
        self.ptr_eq(other)
    }
}

impl Eq for Object {}

#[cfg(test)]
mod tests;
