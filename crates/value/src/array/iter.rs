//! Iterating over arrays.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use super::storage::ArrBox;
use super::{Key, KeyRef, PhpArray};
use crate::{PhpString, Value};

/// Elements with borrowed keys, in order.
#[derive(Clone)]
pub struct ArrayRefs<'a> {
    array: &'a ArrBox,
    front: u32,
    back: u32,
    left: usize,
}

impl<'a> Iterator for ArrayRefs<'a> {
    type Item = (KeyRef<'a>, &'a Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.front < self.back {
            let pos = self.front;
            self.front += 1;
            let value = self.array.value(pos);
            if !value.is_undef() {
                self.left -= 1;
                return Some((self.array.key(pos), value));
            }
        }
        None
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for ArrayRefs<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        while self.front < self.back {
            self.back -= 1;
            let value = self.array.value(self.back);
            if !value.is_undef() {
                self.left -= 1;
                return Some((self.array.key(self.back), value));
            }
        }
        None
    }
}

impl ExactSizeIterator for ArrayRefs<'_> {}
impl FusedIterator for ArrayRefs<'_> {}

/// Elements with owned keys, in order.
#[derive(Clone)]
pub struct ArrayIter<'a>(ArrayRefs<'a>);

impl<'a> Iterator for ArrayIter<'a> {
    type Item = (Key, &'a Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.to_key(), value))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl DoubleEndedIterator for ArrayIter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(key, value)| (key.to_key(), value))
    }
}

impl ExactSizeIterator for ArrayIter<'_> {}
impl FusedIterator for ArrayIter<'_> {}

/// Elements for writing, in order. Storing `Undef` is not allowed.
pub struct ArrayIterMut<'a> {
    array: *mut ArrBox,
    pos: u32,
    left: usize,
    borrow: PhantomData<&'a mut ArrBox>,
}

impl<'a> Iterator for ArrayIterMut<'a> {
    type Item = (Key, &'a mut Value);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: the array is borrowed mutably for 'a and does not change its form meanwhile;
        // only shared borrows of the box are made here, and each slot is handed out once.
        let array = unsafe { &*self.array };
        while self.pos < array.used {
            let pos = self.pos;
            self.pos += 1;
            // SAFETY: as above; the slot is below `used`.
            let value = unsafe { &mut *array.slot(pos) };
            if !value.is_undef() {
                self.left -= 1;
                return Some((array.key(pos).to_key(), value));
            }
        }
        None
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for ArrayIterMut<'_> {}
impl FusedIterator for ArrayIterMut<'_> {}

impl PhpArray {
    /// The elements with owned keys.
    #[inline]
    pub fn iter(&self) -> ArrayIter<'_> {
        ArrayIter(self.iter_refs())
    }

    /// The elements with borrowed keys.
    #[inline]
    pub fn iter_refs(&self) -> ArrayRefs<'_> {
        let array = self.inner();
        ArrayRefs { array, front: 0, back: array.used, left: array.len as usize }
    }

    /// The keys.
    #[inline]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = Key> + ExactSizeIterator + '_ {
        self.iter_refs().map(|(key, _)| key.to_key())
    }

    /// The values.
    #[inline]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + '_ {
        self.iter_refs().map(|(_, value)| value)
    }

    /// The elements with owned keys, for writing.
    #[inline]
    pub fn iter_mut(&mut self) -> ArrayIterMut<'_> {
        let array = self.write();
        let left = array.len as usize;
        ArrayIterMut { array, pos: 0, left, borrow: PhantomData }
    }

    /// The values for writing.
    #[inline]
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Value> + '_ {
        self.iter_mut().map(|(_, value)| value)
    }

    /// The elements owned: moved out where this handle is the only owner, else cloned.
    pub fn into_entries(mut self) -> Vec<(Key, Value)> {
        if !self.is_unique() {
            return self.iter().map(|(key, value)| (key, value.clone())).collect();
        }
        let inner = self.write();
        let mut entries = Vec::with_capacity(inner.len as usize);
        for pos in 0..inner.used {
            if !inner.is_hole(pos) {
                let key = inner.key(pos).to_key();
                entries.push((key, inner.value_mut(pos).take()));
            }
        }
        entries
    }

    /// The values owned: moved out where this handle is the only owner, else cloned.
    pub fn into_values(mut self) -> Vec<Value> {
        if !self.is_unique() {
            return self.values().cloned().collect();
        }
        self.values_mut().map(Value::take).collect()
    }
}

impl<'a> IntoIterator for &'a PhpArray {
    type Item = (Key, &'a Value);
    type IntoIter = ArrayIter<'a>;

    #[inline]
    fn into_iter(self) -> ArrayIter<'a> {
        self.iter()
    }
}

impl FromIterator<Value> for PhpArray {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Self {
        let values = values.into_iter();
        let mut array = PhpArray::with_capacity(values.size_hint().0);
        for value in values {
            // A list as long as memory allows never takes the greatest key.
            let _ = array.push(value);
        }
        array
    }
}

impl FromIterator<(Key, Value)> for PhpArray {
    fn from_iter<T: IntoIterator<Item = (Key, Value)>>(entries: T) -> Self {
        let mut array = PhpArray::new();
        for (key, value) in entries {
            array.insert(key, value);
        }
        array
    }
}

impl From<Vec<Value>> for PhpArray {
    fn from(values: Vec<Value>) -> Self {
        PhpArray::from_list(values)
    }
}

impl<const N: usize> From<[(&str, Value); N]> for PhpArray {
    /// Keys are taken as they are, as by [`PhpArray::insert_str`].
    fn from(entries: [(&str, Value); N]) -> Self {
        let mut array = PhpArray::with_hashed_capacity(N);
        for (key, value) in entries {
            array.insert_str(PhpString::from(key), value);
        }
        array
    }
}
