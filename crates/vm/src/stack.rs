//! The value stack of a script: segments that never move, so that a frame is a plain pointer.
//!
//! Invariants on which the unsafe code of the VM rests:
//! - a segment is never reallocated or freed while a frame lives in it;
//! - every slot between a frame's base and its end is an initialised `Value` (`Undef` when empty);
//! - frames are released in reverse order of their allocation.

use outlast_value::Value;

/// Slots of the first segment: a parked script should own little.
const FIRST_SEGMENT: usize = 128;
/// Slots of later segments, unless a frame needs more.
const SEGMENT: usize = 4096;

struct Segment {
    slots: Box<[Value]>,
    /// Slots in use.
    top: usize,
}

/// The stack.
pub struct Stack {
    segments: Vec<Segment>,
}

/// What to return to when a frame is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    segment: u32,
    top: u32,
}

impl Default for Stack {
    fn default() -> Self {
        Stack { segments: vec![new_segment(FIRST_SEGMENT)] }
    }
}

fn new_segment(n: usize) -> Segment {
    Segment { slots: (0..n).map(|_| Value::Undef).collect(), top: 0 }
}

impl Stack {
    /// Makes room for `n` slots, all `Undef`; returns the first and the mark to release them with.
    #[inline]
    pub fn alloc(&mut self, n: usize) -> (*mut Value, Mark) {
        let segment = self.segments.len() - 1;
        let s = &mut self.segments[segment];
        let mark = Mark { segment: segment as u32, top: s.top as u32 };
        if s.slots.len() - s.top >= n {
            // SAFETY: `top + n <= len`.
            let base = unsafe { s.slots.as_mut_ptr().add(s.top) };
            s.top += n;
            return (base, mark);
        }
        self.grow(n, mark)
    }

    #[cold]
    fn grow(&mut self, n: usize, mark: Mark) -> (*mut Value, Mark) {
        let mut s = new_segment(SEGMENT.max(n));
        let base = s.slots.as_mut_ptr();
        s.top = n;
        self.segments.push(s);
        (base, mark)
    }

    /// Releases everything allocated since `mark`; the slots must have been dropped (`Undef`).
    #[inline]
    pub fn release(&mut self, mark: Mark) {
        while self.segments.len() - 1 > mark.segment as usize {
            self.segments.pop();
        }
        self.segments[mark.segment as usize].top = mark.top as usize;
    }

    /// Where the next frame goes.
    pub fn mark(&self) -> Mark {
        let segment = self.segments.len() - 1;
        Mark { segment: segment as u32, top: self.segments[segment].top as u32 }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|s| s.slots.len() * size_of::<Value>()).sum()
    }
}
