//! Where things lie that machine code reads and writes: offsets in bytes.

use crate::Cx;
use crate::frame::Frame;
use crate::frames::Frames;
use crate::function::{CacheEntry, Code};
use crate::stack::{Mark, Stack};
use std::mem::{offset_of, size_of};

/// In a context: the address of the interrupt word.
pub const INTERRUPT: usize = offset_of!(Cx, interrupt_at);
/// In a context: the index of the running frame, 32 bits.
pub const CURRENT: usize = offset_of!(Cx, current);
/// In a context: the address of the frames.
pub const FRAMES: usize = offset_of!(Cx, frames) + offset_of!(Frames, at);
/// In a context: how many frames there are.
pub const FRAMES_LEN: usize = offset_of!(Cx, frames) + offset_of!(Frames, len);
/// In a context: for how many frames there is room.
pub const FRAMES_CAPACITY: usize = offset_of!(Cx, frames) + offset_of!(Frames, capacity);
/// In a context: the first free slot.
pub const STACK_NEXT: usize = offset_of!(Cx, stack) + offset_of!(Stack, next);
/// In a context: the end of the slots.
pub const STACK_END: usize = offset_of!(Cx, stack) + offset_of!(Stack, end);
/// In a context: how many segments of slots there are.
pub const STACK_COUNT: usize = offset_of!(Cx, stack) + offset_of!(Stack, count);

/// In a context: one if no function of an extension is disabled, 8 bits.
pub const ALL_FUNCTIONS: usize = offset_of!(Cx, all_functions);

/// Flags of objects whose empty slots are not simply to be written.
pub const UNUSUAL: u32 = crate::exec::UNUSUAL;
/// Among the variants a property may be given: it may be given its first value as it is.
pub const INITIABLE: u16 = crate::exec::INITIABLE;

/// The size of a frame.
pub const FRAME_SIZE: usize = size_of::<Frame>();

/// Where in a frame its parts are.
pub mod frame {
    use super::{Frame, Mark, offset_of};

    pub const FUNC: usize = offset_of!(Frame, func);
    pub const BASE: usize = offset_of!(Frame, base);
    pub const SLOTS: usize = offset_of!(Frame, slots);
    pub const IP: usize = offset_of!(Frame, ip);
    pub const CODE: usize = offset_of!(Frame, code);
    pub const THIS: usize = offset_of!(Frame, this);
    pub const STATIC_CLASS: usize = offset_of!(Frame, static_class);
    pub const ARGC: usize = offset_of!(Frame, argc);
    pub const RET: usize = offset_of!(Frame, ret);
    pub const FLAGS: usize = offset_of!(Frame, flags);
    pub const CALLER: usize = offset_of!(Frame, caller);
    pub const MARK_NEXT: usize = offset_of!(Frame, mark) + offset_of!(Mark, next);
    pub const MARK_SEGMENTS: usize = offset_of!(Frame, mark) + offset_of!(Mark, segments);
    pub const CLOSURE: usize = offset_of!(Frame, closure);
    pub const EXTRA: usize = offset_of!(Frame, extra);
    /// What a frame begins with whose call takes no more than entering it.
    pub const SIMPLE_FLAGS: u16 =
        crate::frame::frame_flags::PLAIN | crate::frame::frame_flags::BY_VALUE;
    /// Flags of which none is set where leaving takes no more than popping.
    pub const LEAVING_FLAGS: u16 = crate::exec::LEAVING;
    /// Flag: what the call returns is not wanted.
    pub const CONSTRUCTOR: u16 = crate::frame::frame_flags::CONSTRUCTOR;
    /// No frame called this one yet.
    pub const NO_CALLER: u32 = crate::cx::NO_FRAME;
}

/// Where in the code of a function its parts are.
pub mod code {
    use super::{Code, offset_of};

    pub const CACHES: usize = offset_of!(Code, caches_at);
    pub const CONSTS: usize = offset_of!(Code, consts_at);
    pub const OPS: usize = offset_of!(Code, ops);
    pub const SLOTS: usize = offset_of!(Code, slots);
    pub const LOCALS: usize = offset_of!(Code, locals);
    /// The address of machine code, once a call asked for it.
    pub const ADDRESS: usize = offset_of!(Code, address);
    /// The least and the greatest number of arguments of a simple call, 16 bits each.
    pub const SIMPLE_FROM: usize = offset_of!(Code, simple_from);
    pub const SIMPLE_TO: usize = offset_of!(Code, simple_to);
}

/// The inline caches: their size, the tags of some, and where their parts are.
pub mod cache {
    use super::{CacheEntry, size_of};

    pub const SIZE: usize = size_of::<CacheEntry>();
    /// A function: its handle, its code.
    pub const FUNC: i64 = 1;
    pub const FUNC_HANDLE: usize = 8;
    pub const FUNC_CODE: usize = 16;
    /// A method: the class, its handle, its code.
    pub const METHOD: i64 = 4;
    pub const METHOD_CLASS: usize = 8;
    pub const METHOD_HANDLE: usize = 16;
    pub const METHOD_CODE: usize = 24;
    /// A class: the class.
    pub const CLASS: i64 = 2;
    pub const CLASS_CLASS: usize = 8;
    /// A property: the class, the class of objects that are of its type, the slot, the variants it may be given (16 bits).
    pub const PROP: i64 = 6;
    pub const PROP_CLASS: usize = 8 + std::mem::offset_of!(crate::function::CachedProp, class);
    pub const PROP_FITS: usize = 8 + std::mem::offset_of!(crate::function::CachedProp, fits);
    pub const PROP_TAGS: usize = 8 + std::mem::offset_of!(crate::function::CachedProp, tags);
    pub const PROP_SLOT: usize = 8 + std::mem::offset_of!(crate::function::CachedProp, slot);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callable::empty_function;
    use std::rc::Rc;

    fn word(of: &CacheEntry, at: usize) -> usize {
        // SAFETY: the entry is that large, and its parts are words.
        unsafe { std::ptr::from_ref(of).cast::<u8>().add(at).cast::<usize>().read() }
    }

    #[test]
    fn a_cached_function_lies_where_machine_code_looks() {
        let f = empty_function();
        let entry = CacheEntry::func(f.clone());
        // SAFETY: as above.
        let tag = unsafe { std::ptr::from_ref(&entry).cast::<u8>().read() };
        assert_eq!(i64::from(tag), cache::FUNC);
        let handle = word(&entry, cache::FUNC_HANDLE);
        // SAFETY: the handle is the address of the counts.
        assert_eq!(unsafe { *(handle as *const usize) }, Rc::strong_count(&f));
        assert_eq!(word(&entry, cache::FUNC_CODE), 0, "a native function has no code");
    }
}
