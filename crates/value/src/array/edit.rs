//! Writing into arrays.

use std::mem;

use super::{Full, Key, KeyRef, PhpArray};
use crate::string::int_key;
use crate::{PhpString, Value};

impl PhpArray {
    /// The value of a key for writing. Unshares only if the key is there.
    #[inline]
    pub fn get_mut(&mut self, key: &Key) -> Option<&mut Value> {
        match key {
            Key::Int(int) => self.get_int_mut(*int),
            Key::Str(string) => self.get_string_mut(string),
        }
    }

    /// The value of an integer key for writing.
    #[inline]
    pub fn get_int_mut(&mut self, key: i64) -> Option<&mut Value> {
        if self.is_unique() && self.is_packed() {
            let inner = self.write();
            let there = (key as u64) < u64::from(inner.used) && !inner.is_hole(key as u32);
            return if there { Some(inner.value_mut(key as u32)) } else { None };
        }
        self.find_int_mut(key)
    }

    #[inline(never)]
    fn find_int_mut(&mut self, key: i64) -> Option<&mut Value> {
        let pos = self.inner().find_int(key)?;
        // A copy has other positions where it leaves out holes.
        let unique = self.is_unique();
        let inner = self.write();
        let pos = if unique { pos } else { inner.find_int(key)? };
        Some(inner.value_mut(pos))
    }

    /// The value of the key a string stands for, for writing.
    #[inline]
    pub fn get_key_str_mut(&mut self, key: &PhpString) -> Option<&mut Value> {
        match int_key(key) {
            Some(int) => self.get_int_mut(int),
            None => self.get_string_mut(key),
        }
    }

    /// The value of a string key, taken as it is, for writing.
    #[inline]
    pub fn get_string_mut(&mut self, key: &PhpString) -> Option<&mut Value> {
        if !self.is_unique() {
            self.inner().find_string(key)?;
        }
        let inner = self.write();
        inner.find_string(key).map(|pos| inner.value_mut(pos))
    }

    /// The value of a key for writing, `Null` if it was not there.
    #[inline]
    pub fn get_or_insert(&mut self, key: &Key) -> &mut Value {
        self.get_or_insert_new(key).0
    }

    /// As [`PhpArray::get_or_insert`]; whether the key is new.
    #[inline]
    pub fn get_or_insert_new(&mut self, key: &Key) -> (&mut Value, bool) {
        match key {
            Key::Int(int) => self.write().slot_int(*int),
            Key::Str(string) => self.write().slot_string(string),
        }
    }

    /// As [`PhpArray::get_or_insert_new`], for an integer key.
    #[inline]
    pub fn get_or_insert_int(&mut self, key: i64) -> (&mut Value, bool) {
        self.write().slot_int(key)
    }

    /// As [`PhpArray::get_or_insert_new`], for a string key taken as it is.
    #[inline]
    pub fn get_or_insert_string(&mut self, key: &PhpString) -> (&mut Value, bool) {
        self.write().slot_string(key)
    }

    /// Stores a value; the old one. Replaces a reference, does not write through it.
    #[inline]
    pub fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        match key {
            Key::Int(int) => self.insert_int(int, value),
            Key::Str(string) => self.insert_str(string, value),
        }
    }

    /// Stores a value under an integer key; the old one.
    #[inline]
    pub fn insert_int(&mut self, key: i64, value: Value) -> Option<Value> {
        store(self.write().slot_int(key), value)
    }

    /// Stores a value under a string key, taken as it is; the old one.
    #[inline]
    pub fn insert_str(&mut self, key: PhpString, value: Value) -> Option<Value> {
        store(self.write().slot_string(&key), value)
    }

    /// Stores a value under the key a string stands for; the old one.
    #[inline]
    pub fn insert_key_str(&mut self, key: PhpString, value: Value) -> Option<Value> {
        match int_key(&key) {
            Some(int) => self.insert_int(int, value),
            None => self.insert_str(key, value),
        }
    }

    /// Adds a value under the next free key.
    #[inline]
    pub fn push(&mut self, value: Value) -> Result<(), Full> {
        debug_assert!(!value.is_undef(), "no value in an array");
        let inner = self.write();
        let first = inner.used == 0 && inner.next_free == i64::MIN;
        if inner.is_packed() && (first || inner.next_free == i64::from(inner.used)) {
            inner.append_packed(value);
            return Ok(());
        }
        *self.push_slot()? = value;
        Ok(())
    }

    /// Whether there is a key for the next element pushed.
    #[inline(always)]
    pub fn has_room(&self) -> bool {
        self.inner().next_free < i64::MAX
    }

    /// Adds `Null` under the next free key, for writing.
    #[inline]
    pub fn push_mut(&mut self) -> Result<&mut Value, Full> {
        self.write();
        self.push_slot()
    }

    #[inline(never)]
    fn push_slot(&mut self) -> Result<&mut Value, Full> {
        let key = self.next_free();
        match self.write().slot_int(key) {
            (slot, true) => Ok(slot),
            _ => Err(Full),
        }
    }

    /// Makes room for `more` elements of a list.
    pub fn reserve(&mut self, more: usize) {
        let inner = self.write();
        let need = inner.used as usize + more;
        if need <= inner.cap as usize {
            return;
        }
        if inner.is_packed() {
            let cap = super::checked_cap(need);
            inner.resize_packed(cap);
        } else {
            inner.resize_hashed(super::storage::hashed_cap(need));
        }
    }

    /// Removes a key; its value.
    #[inline]
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        self.remove_ref(key.as_key_ref())
    }

    /// Removes an integer key; its value.
    #[inline]
    pub fn remove_int(&mut self, key: i64) -> Option<Value> {
        self.remove_ref(KeyRef::Int(key))
    }

    /// Removes a string key, taken as it is; its value.
    #[inline]
    pub fn remove_str(&mut self, key: &PhpString) -> Option<Value> {
        self.remove_ref(KeyRef::Str(key))
    }

    fn remove_ref(&mut self, key: KeyRef<'_>) -> Option<Value> {
        let mut pos = self.inner().find_key(key)?;
        if !self.is_unique() {
            // A copy has no holes: positions change.
            self.separate();
            pos = self.inner().find_key(key)?;
        }
        Some(self.write().remove_at(pos))
    }

    /// Removes the last element and resets the internal pointer, as `array_pop()`; its value.
    pub fn pop(&mut self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        let inner = self.write();
        let last = inner.valid_before(inner.used)?;
        if let KeyRef::Int(key) = inner.key(last)
            && key.checked_add(1) == Some(inner.next_free)
        {
            inner.next_free = key;
        }
        let value = inner.remove_at(last);
        inner.cursor = 0;
        Some(value)
    }

    /// Removes the first element, renumbers integer keys and resets the internal pointer, as
    /// `array_shift()`; its value.
    pub fn shift(&mut self) -> Option<Value> {
        if self.is_empty() {
            return None;
        }
        let inner = self.write();
        let value = if inner.is_packed() {
            inner.shift_packed()
        } else {
            let first = inner.valid(0);
            let value = inner.remove_at(first);
            inner.renumber();
            value
        };
        inner.cursor = 0;
        Some(value)
    }

    /// Puts values in front, renumbers integer keys and resets the internal pointer, as
    /// `array_unshift()`.
    pub fn unshift(&mut self, values: Vec<Value>) {
        let old = mem::take(self);
        let count = values.len();
        let mut new = PhpArray::with_capacity(count + old.len());
        for value in values {
            let _ = new.push(value);
        }
        let positions = old.inner().shifted_positions(count as u32);
        for (key, value) in old.into_entries() {
            match key {
                // The keys start from zero, so the greatest is never taken.
                Key::Int(_) => drop(new.push(value)),
                Key::Str(key) => drop(new.insert_str(key, value)),
            }
        }
        if positions.is_some() {
            new.write().positions = positions;
        }
        *self = new;
    }

    /// Removes all elements.
    pub fn clear(&mut self) {
        drop(mem::take(self));
    }

    /// Keeps the elements for which `keep` holds. While it runs, the array is empty.
    pub fn retain(&mut self, mut keep: impl FnMut(KeyRef<'_>, &Value) -> bool) {
        let mut array = mem::take(self);
        let first = array.iter_refs().position(|(key, value)| !keep(key, value));
        if let Some(first) = first {
            array.separate();
            let mut pos = array.pos_begin();
            for _ in 0..first {
                pos = array.pos_next(pos);
            }
            // The first to go is known already.
            drop(array.write().remove_at(pos as u32));
            pos = array.pos_next(pos);
            while let Some((key, value)) = array.entry_at(pos) {
                if !keep(key, value) {
                    drop(array.write().remove_at(pos as u32));
                }
                pos = array.pos_next(pos);
            }
        }
        *self = array;
    }
}

#[inline]
fn store((slot, new): (&mut Value, bool), value: Value) -> Option<Value> {
    debug_assert!(!value.is_undef(), "no value in an array");
    let old = mem::replace(slot, value);
    if new { None } else { Some(old) }
}
