//! Sorting arrays by a comparison that may do anything.

use std::cmp::Ordering;
use std::mem;

use super::{Key, KeyRef, PhpArray};
use crate::Value;

/// Up to so many elements insertion beats merging.
const RUN: usize = 16;

impl PhpArray {
    /// Sorts the elements, stably. While `compare` runs, this handle is the empty array. With
    /// `renumber` the result is a list. A comparison that contradicts itself gives some order.
    pub fn sort_by(
        &mut self,
        mut compare: impl FnMut(&(Key, Value), &(Key, Value)) -> Ordering,
        renumber: bool,
    ) {
        let array = mem::take(self);
        let next_free = array.next_free();
        // Iterations under way stay where they are, whatever stands there now.
        let positions = array.inner().shifted_positions(0);
        let entries = array.into_entries();
        let order = sorted_order(entries.len(), &mut |a, b| compare(&entries[a], &entries[b]));
        let mut entries: Vec<_> = entries.into_iter().map(Some).collect();
        let sorted = order.into_iter().filter_map(|at| entries[at as usize].take());
        *self = if renumber {
            PhpArray::from_list(sorted.map(|(_, value)| value).collect())
        } else {
            let mut array: PhpArray = sorted.collect();
            array.keep_next_free(next_free);
            array
        };
        if positions.is_some() {
            self.write().positions = positions;
        }
    }

    /// Sorting leaves the key the next push takes as it was.
    fn keep_next_free(&mut self, next_free: i64) {
        if !self.is_empty() && self.next_free() != next_free {
            self.set_next_free(next_free);
        }
    }

    /// Sorts by key, stably. While `compare` runs, this handle is the empty array.
    pub fn sort_by_key(&mut self, mut compare: impl FnMut(KeyRef<'_>, KeyRef<'_>) -> Ordering) {
        self.sort_by(|(a, _), (b, _)| compare(a.as_key_ref(), b.as_key_ref()), false);
    }
}

/// The order of `len` elements by `compare`, stable: insertion within runs, then merging.
fn sorted_order(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let mut greater = |a: u32, b: u32| compare(a as usize, b as usize) == Ordering::Greater;
    let mut order: Vec<u32> = (0..len as u32).collect();
    for run in order.chunks_mut(RUN) {
        for end in 1..run.len() {
            let moving = run[end];
            let mut at = end;
            while at > 0 && greater(run[at - 1], moving) {
                run[at] = run[at - 1];
                at -= 1;
            }
            run[at] = moving;
        }
    }
    let mut merged = Vec::with_capacity(len);
    let mut width = RUN;
    while width < len {
        merged.clear();
        for pair in order.chunks(width * 2) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            // Already in order: common with input that was sorted before.
            if let (Some(&last), Some(&first)) = (left.last(), right.first())
                && greater(last, first)
            {
                while let (Some(&a), Some(&b)) = (left.first(), right.first()) {
                    if greater(a, b) {
                        merged.push(b);
                        right = &right[1..];
                    } else {
                        merged.push(a);
                        left = &left[1..];
                    }
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    order
}
