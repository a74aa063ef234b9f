//! The value stack of a script: segments that never move, so that a frame is a plain pointer.
//!
//! Invariants on which the unsafe code of the VM rests:
//! - a segment is never reallocated or freed while a frame lives in it;
//! - every slot of a segment is an initialised `Value`; above the top none needs dropping, and in a
//!   frame what was consumed may be left behind as a plain value;
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
    /// The segment in use is the last; its `top` stands here, in `next`.
    segments: Vec<Segment>,
    /// How many there are.
    pub(crate) count: usize,
    /// The first free slot.
    pub(crate) next: *mut Value,
    /// The end of the segment in use.
    pub(crate) end: *mut Value,
    /// The largest segment that was given back: calls often go back and forth over its edge.
    spare: Option<Segment>,
}

/// What to return to when a frame is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Mark {
    /// The first free slot.
    pub(crate) next: *mut Value,
    /// How many segments there were.
    pub(crate) segments: usize,
}

impl Default for Stack {
    fn default() -> Self {
        let mut first = new_segment(FIRST_SEGMENT);
        let range = first.slots.as_mut_ptr_range();
        Stack { segments: vec![first], count: 1, next: range.start, end: range.end, spare: None }
    }
}

fn new_segment(n: usize) -> Segment {
    Segment { slots: (0..n).map(|_| Value::Undef).collect(), accounted: 0 }
}

impl Stack {
    /// Makes room for `n` slots, which hold nothing that needs dropping; returns the first and the
    /// mark to release them with.
    #[inline(always)]
    pub fn alloc(&mut self, n: usize) -> (*mut Value, Mark) {
        let mark = self.mark();
        // SAFETY: both point into the segment in use.
        if unsafe { self.end.offset_from_unsigned(self.next) } >= n {
            let base = self.next;
            // SAFETY: there is that much room.
            self.next = unsafe { base.add(n) };
            return (base, mark);
        }
        self.grow(n, mark)
    }

    #[cold]
    #[inline(never)]
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
        let range = s.slots.as_mut_ptr_range();
        // SAFETY: the segment has at least `n` slots.
        self.next = unsafe { range.start.add(n) };
        self.end = range.end;
        self.segments.push(s);
        self.count = self.segments.len();
        (range.start, mark)
    }

    /// Releases everything allocated since `mark`; what needed dropping must have been dropped.
    #[inline(always)]
    pub fn release(&mut self, mark: Mark) {
        if self.count > mark.segments {
            self.leave_segments(mark);
        }
        self.next = mark.next;
    }

    #[cold]
    #[inline(never)]
    fn leave_segments(&mut self, mark: Mark) {
        while self.segments.len() > mark.segments {
            let left = self.segments.pop();
            if left.as_ref().map(|s| s.slots.len()) > self.spare.as_ref().map(|s| s.slots.len()) {
                self.spare = left;
            }
        }
        self.count = self.segments.len();
        if let Some(segment) = self.segments.last_mut() {
            self.end = segment.slots.as_mut_ptr_range().end;
        }
    }

    /// Gives back what no frame uses: the script may wait for long.
    pub(crate) fn shrink(&mut self) {
        self.spare = None;
    }

    /// Where the next frame goes.
    #[inline(always)]
    pub fn mark(&self) -> Mark {
        Mark { next: self.next, segments: self.count }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|s| s.slots.len() * size_of::<Value>()).sum()
    }
}
