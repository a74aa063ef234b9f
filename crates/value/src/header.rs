//! The header every counted box begins with.

use std::cell::Cell;
use std::ptr::NonNull;

/// What kind of box a header begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Str = 0,
    Array = 1,
    Object = 2,
    Ref = 3,
}

/// The count of an immortal box. Never one, so an immortal box is never taken for a unique one.
pub(crate) const IMMORTAL: u32 = 1 << 31;
/// The collector's index takes the upper bits of `info`.
const INDEX_SHIFT: u32 = 8;
/// The bit of `info` behind [`Header::mark`].
const MARK: u32 = 1 << 7;
/// The greatest index the collector can keep in a header.
pub(crate) const MAX_INDEX: u32 = (1 << (32 - INDEX_SHIFT)) - 1;

/// Count, kind, and the collector's index (0 = not buffered).
#[repr(C)]
pub(crate) struct Header {
    count: Cell<u32>,
    info: Cell<u32>,
}

impl Header {
    pub(crate) const fn new(kind: Kind) -> Self {
        Header { count: Cell::new(1), info: Cell::new(kind as u32) }
    }

    pub(crate) const fn immortal(kind: Kind) -> Self {
        Header { count: Cell::new(IMMORTAL), info: Cell::new(kind as u32) }
    }

    #[inline(always)]
    pub(crate) fn count(&self) -> u32 {
        self.count.get()
    }

    #[inline(always)]
    pub(crate) fn set_count(&self, count: u32) {
        self.count.set(count);
    }

    #[inline(always)]
    pub(crate) fn is_immortal(&self) -> bool {
        (self.count.get() as i32) < 0
    }

    /// One more owner. A count that overflows becomes immortal: it leaks, it does not dangle.
    #[inline(always)]
    pub(crate) fn retain(&self) {
        let count = self.count.get();
        if count as i32 >= 0 {
            self.count.set(count + 1);
        }
    }

    /// One owner less, where the caller knows that others remain.
    #[inline(always)]
    pub(crate) fn release_shared(&self) {
        let count = self.count.get();
        if count as i32 > 1 {
            self.count.set(count - 1);
        }
    }

    #[inline(always)]
    pub(crate) fn kind(&self) -> Kind {
        match self.info.get() & 3 {
            0 => Kind::Str,
            1 => Kind::Array,
            2 => Kind::Object,
            _ => Kind::Ref,
        }
    }

    /// A mark of the box's user, false at first.
    #[inline(always)]
    pub(crate) fn is_marked(&self) -> bool {
        self.info.get() & MARK != 0
    }

    #[inline(always)]
    pub(crate) fn mark(&self) {
        self.info.set(self.info.get() | MARK);
    }

    #[inline(always)]
    pub(crate) fn gc_index(&self) -> u32 {
        self.info.get() >> INDEX_SHIFT
    }

    #[inline(always)]
    pub(crate) fn set_gc_index(&self, index: u32) {
        debug_assert!(index <= MAX_INDEX);
        let low = self.info.get() & ((1 << INDEX_SHIFT) - 1);
        self.info.set(low | (index << INDEX_SHIFT));
    }
}

/// Gives up one count of an array, object or reference; frees it with the last, otherwise makes
/// it a possible root of a garbage cycle.
///
/// # Safety
/// `ptr` is a live container box of which the caller owns one count, given up here.
#[inline(always)]
pub(crate) unsafe fn drop_container(ptr: NonNull<Header>) {
    // SAFETY: the caller owns a count, so the box is alive.
    let header = unsafe { ptr.as_ref() };
    let count = header.count.get();
    if count == 1 {
        header.count.set(0);
        // SAFETY: that was the last count.
        unsafe { crate::heap::release_container(ptr) };
    } else if count as i32 > 1 {
        header.count.set(count - 1);
        if header.gc_index() == 0 {
            crate::gc::possible_root(ptr);
        }
    }
}
