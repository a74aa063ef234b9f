//! The stack of frames, laid out so that machine code can push and pop.

use crate::frame::Frame;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// Frames one behind the other, as in a `Vec`, whose parts lie in a known order.
#[repr(C)]
pub struct Frames {
    pub(crate) at: *mut Frame,
    pub(crate) len: usize,
    pub(crate) capacity: usize,
}

impl Default for Frames {
    fn default() -> Self {
        Frames::from_vec(Vec::new())
    }
}

impl Frames {
    fn from_vec(frames: Vec<Frame>) -> Frames {
        let mut frames = ManuallyDrop::new(frames);
        Frames { at: frames.as_mut_ptr(), len: frames.len(), capacity: frames.capacity() }
    }

    /// Has the parts changed by a `Vec` made of them.
    fn with_vec<R>(&mut self, change: impl FnOnce(&mut Vec<Frame>) -> R) -> R {
        // SAFETY: the parts are those of a `Vec` that was taken apart, and are replaced by those
        // of what becomes of it.
        let mut frames = unsafe { Vec::from_raw_parts(self.at, self.len, self.capacity) };
        std::mem::forget(std::mem::replace(self, Frames::empty()));
        let result = change(&mut frames);
        std::mem::forget(std::mem::replace(self, Frames::from_vec(frames)));
        result
    }

    fn empty() -> Frames {
        Frames { at: std::ptr::NonNull::dangling().as_ptr(), len: 0, capacity: 0 }
    }

    /// Makes room for one more.
    #[inline(always)]
    pub(crate) fn make_room(&mut self) {
        if self.len == self.capacity {
            self.grow();
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.with_vec(|frames| frames.reserve(1));
    }

    /// Adds a frame on top.
    pub(crate) fn push(&mut self, frame: Frame) {
        self.make_room();
        // SAFETY: there is room behind the last.
        unsafe { self.at.add(self.len).write(frame) };
        self.len += 1;
    }

    /// Takes the topmost frame.
    pub(crate) fn pop(&mut self) -> Option<Frame> {
        self.len = self.len.checked_sub(1)?;
        // SAFETY: it was the last, and is none any more.
        Some(unsafe { self.at.add(self.len).read() })
    }

    /// The frames by themselves.
    pub(crate) fn into_vec(mut self) -> Vec<Frame> {
        self.with_vec(std::mem::take)
    }

    /// Says how many there are.
    ///
    /// # Safety
    /// As for `Vec::set_len`.
    #[inline(always)]
    pub(crate) unsafe fn set_len(&mut self, len: usize) {
        self.len = len;
    }
}

impl Deref for Frames {
    type Target = [Frame];
    #[inline(always)]
    fn deref(&self) -> &[Frame] {
        // SAFETY: that many are initialised.
        unsafe { std::slice::from_raw_parts(self.at, self.len) }
    }
}

impl DerefMut for Frames {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Frame] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.at, self.len) }
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        // SAFETY: the parts are those of a `Vec` that was taken apart.
        drop(unsafe { Vec::from_raw_parts(self.at, self.len, self.capacity) });
    }
}
