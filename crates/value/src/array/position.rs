//! Positions: the internal pointer, and iterators registered by foreach over a reference, all
//! kept right while the array changes.

use std::cell::Cell;

use super::storage::ArrBox;
use super::{KeyRef, PhpArray};
use crate::Value;

/// The registered iterators: handle and position.
#[derive(Clone, Default)]
pub(super) struct Positions(Vec<(u32, u32)>);

thread_local! {
    /// Handles differ between all arrays of a thread, so that one looked up in the wrong array
    /// is not found instead of taken for another.
    static NEXT_HANDLE: Cell<u32> = const { Cell::new(0) };
}

impl ArrBox {
    /// Applies `map` to the internal pointer and all iterators.
    #[inline]
    pub(super) fn map_positions(&mut self, map: impl Fn(u32) -> u32) {
        self.cursor = map(self.cursor);
        if let Some(positions) = &mut self.positions {
            for (_, pos) in &mut positions.0 {
                *pos = map(*pos);
            }
        }
    }

    /// After the element at `removed` went: what pointed there points to the next one.
    #[inline]
    pub(super) fn positions_after_removal(&mut self, removed: u32) {
        if self.positions.is_none() && self.cursor != removed && self.cursor <= self.used {
            return;
        }
        let (used, next) = (self.used, self.valid(removed));
        self.map_positions(|pos| if pos == removed { next } else { pos.min(used) });
    }

    /// Before all holes vanish: positions become counts of the elements before.
    pub(super) fn compact_positions(&mut self) {
        if self.cursor == 0 && self.positions.is_none() {
            return;
        }
        let cursor = self.filled_before(self.cursor);
        let positions = self.shifted_positions(0);
        self.cursor = cursor;
        self.positions = positions;
    }

    /// How many elements stand before `pos`.
    fn filled_before(&self, pos: u32) -> u32 {
        (0..pos.min(self.used)).filter(|&pos| !self.is_hole(pos)).count() as u32
    }

    /// The iterators as they are once all holes vanished and `front` elements came in front.
    pub(super) fn shifted_positions(&self, front: u32) -> Option<Box<Positions>> {
        let positions = self.positions.as_ref()?;
        let shifted = |&(handle, pos)| (handle, self.filled_before(pos) + front);
        Some(Box::new(Positions(positions.0.iter().map(shifted).collect())))
    }

    /// Takes over the positions of the array this is a copy of.
    pub(super) fn copy_positions(&mut self, source: &ArrBox) {
        if source.is_packed() || !source.has_holes() {
            self.cursor = source.cursor;
            self.positions.clone_from(&source.positions);
        } else {
            self.cursor = source.filled_before(source.cursor);
            self.positions = source.shifted_positions(0);
        }
    }
}

/// Positions count slots; removals leave holes among them.
impl PhpArray {
    /// The first element at or behind `pos`, with its own position: a step of `foreach`.
    #[inline(always)]
    pub fn next_entry(&self, pos: usize) -> Option<(usize, &Value)> {
        let at = self.pos_valid(pos);
        self.entry_at(at).map(|(_, value)| (at, value))
    }

    /// The first element's position, or [`PhpArray::pos_end`].
    #[inline]
    pub fn pos_begin(&self) -> usize {
        self.inner().valid(0) as usize
    }

    /// The position past the last slot.
    #[inline(always)]
    pub fn pos_end(&self) -> usize {
        self.inner().used as usize
    }

    /// The last element's position, or [`PhpArray::pos_end`] if there is none.
    #[inline]
    pub fn pos_last(&self) -> usize {
        self.pos_prev(self.pos_end())
    }

    /// `pos` itself if an element is there, else the next one's position or [`PhpArray::pos_end`].
    #[inline]
    pub fn pos_valid(&self, pos: usize) -> usize {
        if pos >= self.pos_end() {
            return self.pos_end();
        }
        self.inner().valid(pos as u32) as usize
    }

    /// The next element's position, or [`PhpArray::pos_end`].
    #[inline]
    pub fn pos_next(&self, pos: usize) -> usize {
        self.pos_valid(pos.saturating_add(1))
    }

    /// The element's position before `pos`, or [`PhpArray::pos_end`] if there is none.
    #[inline]
    pub fn pos_prev(&self, pos: usize) -> usize {
        let inner = self.inner();
        let pos = pos.min(inner.used as usize) as u32;
        inner.valid_before(pos).unwrap_or(inner.used) as usize
    }

    /// The element at `pos`; `None` at a hole and past the end.
    #[inline]
    pub fn entry_at(&self, pos: usize) -> Option<(KeyRef<'_>, &Value)> {
        let inner = self.inner();
        if pos >= inner.used as usize {
            return None;
        }
        let pos = pos as u32;
        let value = inner.value(pos);
        (!value.is_undef()).then(|| (inner.key(pos), value))
    }

    /// The element's value at `pos` for writing; `None` at a hole and past the end. The array
    /// must not be shared, or positions may change: see [`PhpArray::separate`].
    #[inline]
    pub fn entry_at_mut(&mut self, pos: usize) -> Option<&mut Value> {
        let inner = self.write();
        if pos >= inner.used as usize || inner.is_hole(pos as u32) {
            return None;
        }
        Some(inner.value_mut(pos as u32))
    }

    /// Removes the element at `pos`, if there is one.
    pub fn remove_at(&mut self, pos: usize) -> Option<Value> {
        let key = self.entry_at(pos)?.0.to_key();
        self.remove(&key)
    }

    /// The internal pointer, normalised to an element or [`PhpArray::pos_end`].
    #[inline]
    pub fn cursor(&self) -> usize {
        self.pos_valid(self.inner().cursor as usize)
    }

    /// Sets the internal pointer.
    #[inline]
    pub fn set_cursor(&mut self, pos: usize) {
        if self.inner().cursor as usize != pos {
            let inner = self.write();
            inner.cursor = (inner.used as usize).min(pos) as u32;
        }
    }

    /// Registers an iterator at `pos`; its handle. It is kept right through all changes, and
    /// copies of the array know it too.
    pub fn iter_register(&mut self, pos: usize) -> u32 {
        let handle = NEXT_HANDLE.get();
        NEXT_HANDLE.set(handle.wrapping_add(1));
        self.iter_set_pos(handle, pos);
        handle
    }

    /// Where the iterator is, normalised to an element or [`PhpArray::pos_end`]; `None` if the
    /// array does not know it.
    #[inline]
    pub fn iter_pos(&self, handle: u32) -> Option<usize> {
        let positions = self.inner().positions.as_ref()?;
        let &(_, pos) = positions.0.iter().find(|&&(known, _)| known == handle)?;
        Some(self.pos_valid(pos as usize))
    }

    /// Moves the iterator, registering it if the array does not know it.
    #[inline]
    pub fn iter_set_pos(&mut self, handle: u32, pos: usize) {
        let inner = self.write();
        let pos = pos.min(inner.used as usize) as u32;
        let positions = inner.positions.get_or_insert_default();
        match positions.0.iter_mut().find(|(known, _)| *known == handle) {
            Some(entry) => entry.1 = pos,
            None => positions.0.push((handle, pos)),
        }
    }

    /// The iterators that the array knows, each with its position.
    pub fn iterators(&self) -> Vec<(u32, usize)> {
        let known = self.inner().positions.as_ref();
        known.map_or_else(Vec::new, |p| p.0.iter().map(|&(h, pos)| (h, pos as usize)).collect())
    }

    /// Forgets an iterator; nothing if the array does not know it.
    pub fn iter_release(&mut self, handle: u32) {
        if self.iter_pos(handle).is_none() {
            return;
        }
        let inner = self.write();
        if let Some(positions) = &mut inner.positions {
            positions.0.retain(|&(known, _)| known != handle);
            if positions.0.is_empty() {
                inner.positions = None;
            }
        }
    }
}
