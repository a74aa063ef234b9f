//! The value stack of a script: segments that never move, so that a frame is a plain pointer.
//!
//! Invariants on which the unsafe code of the VM rests:
//! - a segment is never reallocated or freed while a frame lives in it;
//! - every slot between a frame's base and its end is an initialised `Value` (`Undef` when empty);
//! - frames are released in reverse order of their allocation.

use outlast_value::{Heap, Value};

/// Slots of the first segment: a parked script should own little.
const FIRST_SEGMENT: usize = 32;
/// Slots of the largest segments, unless a frame needs more; each is four times the one before until
/// there.
const SEGMENT: usize = 4096;
/// What is counted as the script's memory for each slot of a largest segment: the slot and its share
/// of the frames. A segment of that size comes to what a page of PHP's stack takes.
const SLOT_MEMORY: usize = 64;

struct Segment {
    slots: Box<[Value]>,
    /// Slots in use.
    top: usize,
    /// Bytes counted as the script's memory.
    accounted: usize,
}

impl Drop for Segment {
    fn drop(&mut self) {
        if self.accounted > 0 {
            Heap::current().unaccount(self.accounted);
        }
    }
}

/// The stack.
pub struct Stack {
    segments: Vec<Segment>,
    /// The largest segment that was given back: calls often go back and forth over its edge.
    spare: Option<Segment>,
}

/// What to return to when a frame is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    segment: u32,
    top: u32,
}

impl Default for Stack {
    fn default() -> Self {
        Stack { segments: vec![new_segment(FIRST_SEGMENT)], spare: None }
    }
}

fn new_segment(n: usize) -> Segment {
    Segment { slots: (0..n).map(|_| Value::Undef).collect(), top: 0, accounted: 0 }
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
        let mut s = match self.spare.take() {
            Some(s) if s.slots.len() >= n => s,
            _ => {
                let last = self.segments.last().map_or(0, |s| s.slots.len());
                let mut s = new_segment((last * 4).clamp(n, SEGMENT.max(n)));
                // PHP has the first page of its stack before anything is counted.
                if s.slots.len() >= SEGMENT {
                    s.accounted = s.slots.len() * SLOT_MEMORY;
                    Heap::current().account(s.accounted);
                }
                s
            }
        };
        let base = s.slots.as_mut_ptr();
        s.top = n;
        self.segments.push(s);
        (base, mark)
    }

    /// Releases everything allocated since `mark`; the slots must have been dropped (`Undef`).
    #[inline]
    pub fn release(&mut self, mark: Mark) {
        while self.segments.len() - 1 > mark.segment as usize {
            let left = self.segments.pop();
            if left.as_ref().map(|s| s.slots.len()) > self.spare.as_ref().map(|s| s.slots.len()) {
                self.spare = left;
            }
        }
        self.segments[mark.segment as usize].top = mark.top as usize;
    }

    /// Gives back what no frame uses: the script may wait for long.
    pub(crate) fn shrink(&mut self) {
        self.spare = None;
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
