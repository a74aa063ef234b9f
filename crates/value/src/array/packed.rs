//! The packed form: values only, the key being the position.

use super::storage::{ArrBox, MIN_CAP, checked_cap, packed_layout};
use crate::{Value, heap};

impl ArrBox {
    /// Adds an absent key with `Null` if the packed form can take it in order.
    pub(super) fn add_packed(&mut self, key: i64) -> bool {
        // A hole before the end would put the new element out of order.
        if key < i64::from(self.used) {
            return false;
        }
        let reach = u64::from(self.cap.max(MIN_CAP));
        if key as u64 >= reach && (key as u64 >= reach * 2 || u64::from(self.len) <= reach / 2) {
            return false;
        }
        let pos = key as u32;
        if pos >= self.cap {
            let cap = (self.cap as usize * 2).max(if pos < 4 { 4 } else { 8 });
            self.resize_packed(checked_cap(cap.max(pos as usize + 1)));
        }
        let values = self.packed_ptr();
        // SAFETY: positions up to `pos` lie within the capacity; from `used` on nothing is
        // initialised that would need dropping.
        unsafe {
            for hole in self.used..pos {
                values.add(hole as usize).write(Value::Undef);
            }
            values.add(pos as usize).write(Value::Null);
        }
        self.used = pos + 1;
        self.len += 1;
        self.used_int(key);
        true
    }

    /// Moves the values to storage for `cap`, at least `used`.
    pub(super) fn resize_packed(&mut self, cap: u32) {
        debug_assert!(self.is_packed() && cap >= self.used && cap > 0);
        let layout = packed_layout(cap);
        self.data = if self.cap == 0 {
            heap::allocate(layout)
        } else {
            let (data, old) = (self.data.as_ptr(), packed_layout(self.cap));
            // SAFETY: allocated with that layout.
            unsafe { heap::reallocate(data, old, layout.size()) }
        };
        self.cap = cap;
    }

    /// Appends a value at `used`, which must be the next free key.
    #[inline]
    pub(super) fn append_packed(&mut self, value: Value) {
        if self.used == self.cap {
            self.resize_packed(checked_cap((self.cap as usize * 2).max(4)));
        }
        // SAFETY: below the capacity and not initialised.
        unsafe { value.store(self.packed_ptr().add(self.used as usize)) };
        self.used += 1;
        self.len += 1;
        self.next_free = i64::from(self.used);
    }

    /// Appends values at `used`, which must be the next free key.
    #[inline]
    pub(super) fn append_all(&mut self, values: impl ExactSizeIterator<Item = Value>) {
        let need = self.used as usize + values.len();
        if need > self.cap as usize {
            let twice = if self.used == 0 { 0 } else { self.cap as usize * 2 };
            self.resize_packed(checked_cap(need.max(twice)));
        }
        // SAFETY: `used` is within the storage.
        let end = unsafe { self.packed_ptr().add(self.used as usize) };
        let mut added = 0;
        // No more than there is room for, whatever the iterator says of its length.
        for value in values.take((self.cap - self.used) as usize) {
            debug_assert!(!value.is_undef(), "no value in an array");
            // SAFETY: below the capacity and not initialised.
            unsafe { value.store(end.add(added)) };
            added += 1;
        }
        self.used += added as u32;
        self.len += added as u32;
        self.next_free = i64::from(self.used);
    }

    /// The slots in use, holes included.
    #[inline(always)]
    pub(super) fn packed_slots(&self) -> &[Value] {
        debug_assert!(self.is_packed());
        // SAFETY: slots below `used` are initialised and written through `&mut self` only.
        unsafe { std::slice::from_raw_parts(self.packed_ptr(), self.used as usize) }
    }

    pub(super) fn copy_packed(&self, copy: &mut ArrBox) {
        if self.used == 0 {
            return;
        }
        copy.resize_packed(self.used);
        let values = copy.packed_ptr();
        for (pos, value) in self.packed_slots().iter().enumerate() {
            // SAFETY: below the fresh capacity; a value that is not counted is its bits.
            unsafe {
                let copy = if value.is_counted() { self.copied(value) } else { value.bits() };
                values.add(pos).write(copy);
            }
        }
        copy.used = self.used;
        copy.len = self.len;
    }

    /// Takes the first element away and moves the others down; holes vanish.
    pub(super) fn shift_packed(&mut self) -> Value {
        let first = self.valid(0);
        let value = self.value_mut(first).take();
        self.len -= 1;
        if self.len + first + 1 == self.used {
            let values = self.packed_ptr();
            // SAFETY: moves the initialised slots behind the emptied first ones down; those hold
            // `Undef`, which needs no dropping.
            unsafe {
                let from = values.add(first as usize + 1);
                std::ptr::copy(from, values, self.len as usize);
            }
            self.map_positions(|pos| pos.saturating_sub(first + 1));
            self.used = self.len;
        } else {
            self.compact_packed();
        }
        self.next_free = i64::from(self.used);
        value
    }

    /// Moves the values together over the holes: keys change.
    fn compact_packed(&mut self) {
        self.compact_positions();
        let values = self.packed_ptr();
        let mut to = 0;
        for from in 0..self.used as usize {
            // SAFETY: both below `used`; what is moved from is not looked at again.
            unsafe {
                if !(*values.add(from)).is_undef() {
                    if from != to {
                        values.add(to).write(values.add(from).read());
                    }
                    to += 1;
                }
            }
        }
        self.used = to as u32;
    }
}
