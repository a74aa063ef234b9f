//! The box behind an array handle, its two forms, and what is common to both.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};

use super::KeyRef;
use super::position::Positions;
use crate::header::{Header, Kind};
use crate::{PhpString, Value, heap};

/// The counted box. `mask` tells the form: zero is packed, `data` holding `cap` values; else
/// hashed, `data` holding `cap = mask + 1` buckets, then as many chain links, then as many heads
/// of chains. Slots `..used` are initialised, `Undef` marking holes.
#[repr(C)]
pub(crate) struct ArrBox {
    pub(super) head: Header,
    pub(crate) len: u32,
    pub(crate) used: u32,
    pub(super) cap: u32,
    pub(crate) mask: u32,
    pub(crate) data: NonNull<u8>,
    /// The key the next push takes; the least integer while no integer key was ever used.
    pub(super) next_free: i64,
    pub(super) cursor: u32,
    pub(super) guard: Cell<u32>,
    pub(super) positions: Option<Box<Positions>>,
}

/// A slot of the hashed form. Without a key string, the hash is the integer key.
#[repr(C)]
pub(super) struct Bucket {
    pub(super) value: Value,
    pub(super) hash: u64,
    pub(super) key: Option<PhpString>,
}

const _: () = assert!(size_of::<Bucket>() == 32 && std::mem::offset_of!(Bucket, value) == 0);

pub(super) const BOX: Layout = Layout::new::<ArrBox>();
/// The end of a chain.
pub(super) const NONE: u32 = u32::MAX;
/// The smallest hashed form, and the reach of the packed form while it is small.
pub(super) const MIN_CAP: u32 = 8;
/// No array has more slots.
const MAX_CAP: u32 = 1 << 31;

#[inline(always)]
pub(super) fn packed_layout(cap: u32) -> Layout {
    // SAFETY: at most 2^35 bytes, aligned to eight.
    unsafe { Layout::from_size_align_unchecked(cap as usize * 16, 8) }
}

#[inline(always)]
pub(super) fn hashed_layout(cap: u32) -> Layout {
    // SAFETY: at most 2^37 bytes, aligned to eight.
    unsafe { Layout::from_size_align_unchecked(cap as usize * 40, 8) }
}

/// Checks a wish for slots against the most there can be.
pub(super) fn checked_cap(cap: usize) -> u32 {
    assert!(cap <= MAX_CAP as usize, "array of {cap} elements");
    cap as u32
}

/// The next capacity up of a hashed form that has room for `need`.
pub(super) fn hashed_cap(need: usize) -> u32 {
    checked_cap(need.max(MIN_CAP as usize).next_power_of_two())
}

impl ArrBox {
    /// An empty packed form without storage.
    pub(super) const fn empty(head: Header) -> ArrBox {
        ArrBox {
            head,
            len: 0,
            used: 0,
            cap: 0,
            mask: 0,
            data: NonNull::<u64>::dangling().cast(),
            next_free: i64::MIN,
            cursor: 0,
            guard: Cell::new(0),
            positions: None,
        }
    }

    #[inline(always)]
    pub(super) fn is_packed(&self) -> bool {
        self.mask == 0
    }

    #[inline(always)]
    pub(super) fn has_holes(&self) -> bool {
        self.len != self.used
    }

    #[inline(always)]
    pub(super) fn packed_ptr(&self) -> *mut Value {
        debug_assert!(self.is_packed());
        self.data.as_ptr().cast()
    }

    #[inline(always)]
    pub(super) fn buckets(&self) -> *mut Bucket {
        debug_assert!(!self.is_packed());
        self.data.as_ptr().cast()
    }

    /// The value slot at `pos`, which is below `cap`.
    #[inline(always)]
    pub(super) fn slot(&self, pos: u32) -> *mut Value {
        debug_assert!(pos < self.cap);
        let shift = if self.is_packed() { 4 } else { 5 };
        // SAFETY: within the storage, whose slots are of that size and begin with the value.
        unsafe { self.data.as_ptr().add((pos as usize) << shift).cast() }
    }

    /// The value at `pos`, which is below `used`; `Undef` for a hole.
    #[inline(always)]
    pub(super) fn value(&self, pos: u32) -> &Value {
        debug_assert!(pos < self.used);
        // SAFETY: slots below `used` are initialised and written through `&mut self` only.
        unsafe { &*self.slot(pos) }
    }

    /// As [`ArrBox::value`], for writing.
    #[inline(always)]
    pub(super) fn value_mut(&mut self, pos: u32) -> &mut Value {
        debug_assert!(pos < self.used);
        // SAFETY: slots below `used` are initialised; `self` is borrowed mutably.
        unsafe { &mut *self.slot(pos) }
    }

    #[inline(always)]
    pub(super) fn is_hole(&self, pos: u32) -> bool {
        self.value(pos).is_undef()
    }

    /// The key at `pos`, which is below `used` and no hole.
    #[inline(always)]
    pub(super) fn key(&self, pos: u32) -> KeyRef<'_> {
        if self.is_packed() {
            return KeyRef::Int(i64::from(pos));
        }
        debug_assert!(pos < self.used);
        // SAFETY: below `used`: initialised.
        let bucket = unsafe { &*self.buckets().add(pos as usize) };
        match &bucket.key {
            None => KeyRef::Int(bucket.hash as i64),
            Some(key) => KeyRef::Str(key),
        }
    }

    /// The first position from `pos` on that is no hole, or `used`.
    #[inline]
    pub(super) fn valid(&self, mut pos: u32) -> u32 {
        while pos < self.used && self.is_hole(pos) {
            pos += 1;
        }
        pos.min(self.used)
    }

    /// The last position before `pos` that is no hole.
    #[inline]
    pub(super) fn valid_before(&self, pos: u32) -> Option<u32> {
        (0..pos.min(self.used)).rev().find(|&pos| !self.is_hole(pos))
    }

    #[inline]
    pub(super) fn find_int(&self, key: i64) -> Option<u32> {
        if self.is_packed() {
            let found = (key as u64) < u64::from(self.used) && !self.is_hole(key as u32);
            found.then_some(key as u32)
        } else {
            self.find_hashed_int(key)
        }
    }

    #[inline]
    pub(super) fn find_string(&self, key: &PhpString) -> Option<u32> {
        if self.is_packed() { None } else { self.find_hashed(key.hash(), key) }
    }

    #[inline]
    pub(super) fn find_key(&self, key: KeyRef<'_>) -> Option<u32> {
        match key {
            KeyRef::Int(int) => self.find_int(int),
            KeyRef::Str(string) => self.find_string(string),
        }
    }

    /// Notes that `key` is used.
    #[inline(always)]
    pub(super) fn used_int(&mut self, key: i64) {
        if key >= self.next_free {
            self.next_free = key.saturating_add(1);
        }
    }

    /// The slot of an integer key, made with `Null` if absent; whether it was made.
    #[inline]
    pub(super) fn slot_int(&mut self, key: i64) -> (&mut Value, bool) {
        match self.find_int(key) {
            Some(pos) => (self.value_mut(pos), false),
            None => {
                let pos = self.add_int(key);
                (self.value_mut(pos), true)
            }
        }
    }

    /// Adds an absent integer key with `Null`.
    fn add_int(&mut self, key: i64) -> u32 {
        if self.is_packed() && self.add_packed(key) {
            key as u32
        } else {
            self.make_hashed();
            self.used_int(key);
            self.add_hashed(key as u64, None)
        }
    }

    /// The slot of a string key, made with `Null` if absent; whether it was made.
    #[inline]
    pub(super) fn slot_string(&mut self, key: &PhpString) -> (&mut Value, bool) {
        match self.find_string(key) {
            Some(pos) => (self.value_mut(pos), false),
            None => {
                self.make_hashed();
                let pos = self.add_hashed(key.hash(), Some(key.clone()));
                (self.value_mut(pos), true)
            }
        }
    }

    /// Takes out the element at `pos`, below `used` and no hole, and mends all positions.
    pub(super) fn remove_at(&mut self, pos: u32) -> Value {
        let key = if self.is_packed() { None } else { self.unlink(pos) };
        let value = self.value_mut(pos).take();
        self.len -= 1;
        if pos + 1 == self.used {
            self.used = self.valid_before(pos).map_or(0, |last| last + 1);
        }
        self.positions_after_removal(pos);
        drop(key);
        value
    }

    /// Gives up the storage. The slots must be moved out or dropped before.
    pub(super) fn free_storage(&mut self) {
        if self.cap != 0 {
            let layout =
                if self.is_packed() { packed_layout(self.cap) } else { hashed_layout(self.cap) };
            // SAFETY: allocated with that layout.
            unsafe { heap::deallocate(self.data.as_ptr(), layout) };
        }
        self.len = 0;
        self.used = 0;
        self.cap = 0;
        self.mask = 0;
        self.data = NonNull::<u64>::dangling().cast();
    }

    /// A copy of the elements and positions in a new box, without holes if hashed.
    pub(super) fn duplicate(&self) -> ArrBox {
        let mut copy = ArrBox::empty(Header::new(Kind::Array));
        copy.next_free = self.next_free;
        if self.is_packed() {
            self.copy_packed(&mut copy);
        } else {
            self.copy_hashed(&mut copy);
        }
        copy.copy_positions(self);
        copy
    }

    /// What a copy of the array holds for `value`: a reference nobody else holds dissolves.
    #[inline]
    pub(super) fn copied(&self, value: &Value) -> Value {
        if let Value::Ref(reference) = value
            && reference.count() == 1
        {
            let inner = reference.get();
            let of_self = matches!(&inner, Value::Array(array) if ptr::eq(array.inner(), self));
            return if of_self { value.clone() } else { inner };
        }
        value.clone()
    }
}

/// Drops what the slots hold and gives up the storage.
///
/// # Safety
/// Nobody uses the storage any more. The box may be gone: `storage` is a copy of its fields.
pub(super) unsafe fn drop_storage(mut storage: ArrBox) {
    let used = storage.used as usize;
    // SAFETY: slots below `used` are initialised, and dropped here once.
    unsafe {
        if storage.is_packed() {
            let values = storage.packed_ptr();
            for pos in 0..used {
                ptr::drop_in_place(values.add(pos));
            }
        } else {
            let buckets = storage.buckets();
            for pos in 0..used {
                ptr::drop_in_place(buckets.add(pos));
            }
        }
    }
    storage.free_storage();
}
