//! The hashed form: buckets in insertion order, found by chains.

use std::ptr;

use super::storage::{ArrBox, Bucket, NONE, hashed_cap, hashed_layout, packed_layout};
use crate::{PhpString, Value, heap};

/// Folds a hash for use under a mask. Small integers stay in order.
#[inline(always)]
fn spread(hash: u64) -> u32 {
    (hash ^ (hash >> 15) ^ (hash >> 32)) as u32
}

impl ArrBox {
    /// Links from each bucket to the next of its chain.
    #[inline(always)]
    fn links(&self) -> *mut u32 {
        // SAFETY: the links follow the buckets in the same storage.
        unsafe { self.buckets().add(self.mask as usize + 1).cast() }
    }

    /// The head of the chain of a hash.
    #[inline(always)]
    fn chain(&self, hash: u64) -> *mut u32 {
        let cap = self.mask as usize + 1;
        // SAFETY: the heads follow the links; the masked hash is below their number.
        unsafe { self.links().add(cap + (spread(hash) & self.mask) as usize) }
    }

    #[inline(always)]
    fn find_where(&self, hash: u64, test: impl Fn(&Bucket) -> bool) -> Option<u32> {
        // SAFETY: chains hold positions below `used`, whose buckets are initialised, and end.
        unsafe {
            let mut pos = *self.chain(hash);
            while pos != NONE {
                let bucket = &*self.buckets().add(pos as usize);
                if bucket.hash == hash && test(bucket) {
                    return Some(pos);
                }
                pos = *self.links().add(pos as usize);
            }
        }
        None
    }

    #[inline]
    pub(super) fn find_hashed_int(&self, key: i64) -> Option<u32> {
        self.find_where(key as u64, |bucket| bucket.key.is_none())
    }

    #[inline]
    pub(super) fn find_hashed(&self, hash: u64, key: &[u8]) -> Option<u32> {
        self.find_where(hash, |bucket| match &bucket.key {
            Some(found) => {
                let found = found.as_bytes();
                ptr::eq(found, key) || found == key
            }
            None => false,
        })
    }

    /// Adds an absent key with `Null` to the hashed form.
    pub(super) fn add_hashed(&mut self, hash: u64, key: Option<PhpString>) -> u32 {
        if self.used == self.cap {
            self.make_room();
        }
        let pos = self.used;
        // SAFETY: below the capacity and not initialised.
        unsafe {
            let bucket = Bucket { value: Value::Null, hash, key };
            self.buckets().add(pos as usize).write(bucket);
            let chain = self.chain(hash);
            *self.links().add(pos as usize) = *chain;
            *chain = pos;
        }
        self.used += 1;
        self.len += 1;
        pos
    }

    /// Takes the bucket at `pos` out of its chain and its key out of the bucket.
    pub(super) fn unlink(&mut self, pos: u32) -> Option<PhpString> {
        // SAFETY: `pos` is below `used` and no hole, so it is in the chain of its hash.
        unsafe {
            let bucket = &mut *self.buckets().add(pos as usize);
            let mut link = self.chain(bucket.hash);
            while *link != pos {
                link = self.links().add(*link as usize);
            }
            *link = *self.links().add(pos as usize);
            bucket.key.take()
        }
    }

    /// Turns packed into hashed; positions stay.
    pub(super) fn make_hashed(&mut self) {
        if !self.is_packed() {
            return;
        }
        let (old, old_cap) = (self.packed_ptr(), self.cap);
        let cap = hashed_cap(old_cap.max(self.used + 1) as usize);
        self.data = heap::allocate(hashed_layout(cap));
        self.cap = cap;
        self.mask = cap - 1;
        for pos in 0..self.used as usize {
            // SAFETY: moves each value from the old storage into the new.
            unsafe {
                let value = old.add(pos).read();
                self.buckets().add(pos).write(Bucket { value, hash: pos as u64, key: None });
            }
        }
        self.rebuild_chains();
        if old_cap != 0 {
            // SAFETY: allocated with that layout; its values were moved out.
            unsafe { heap::deallocate(old.cast(), packed_layout(old_cap)) };
        }
    }

    /// Makes an empty form hashed with room for `need`.
    pub(super) fn init_hashed(&mut self, need: usize) {
        debug_assert!(self.cap == 0);
        let cap = hashed_cap(need);
        self.data = heap::allocate(hashed_layout(cap));
        self.cap = cap;
        self.mask = cap - 1;
        self.rebuild_chains();
    }

    fn make_room(&mut self) {
        if self.used > self.len + self.len / 32 {
            self.compact_hashed();
        } else {
            self.resize_hashed(hashed_cap(self.cap as usize + 1));
        }
    }

    /// Moves the buckets to storage for `cap`, a power of two and at least `used`.
    pub(super) fn resize_hashed(&mut self, cap: u32) {
        let (old, old_cap) = (self.data, self.cap);
        self.data = heap::allocate(hashed_layout(cap));
        // SAFETY: moves the initialised buckets, then frees the storage they left.
        unsafe {
            let buckets = self.data.as_ptr().cast::<Bucket>();
            ptr::copy_nonoverlapping(old.as_ptr().cast(), buckets, self.used as usize);
            heap::deallocate(old.as_ptr(), hashed_layout(old_cap));
        }
        self.cap = cap;
        self.mask = cap - 1;
        self.rebuild_chains();
    }

    /// Moves the buckets together over the holes.
    fn compact_hashed(&mut self) {
        self.compact_positions();
        let buckets = self.buckets();
        let mut to = 0;
        for from in 0..self.used as usize {
            // SAFETY: both below `used`; holes need no dropping, their keys were taken.
            unsafe {
                if !(*buckets.add(from)).value.is_undef() {
                    if from != to {
                        buckets.add(to).write(buckets.add(from).read());
                    }
                    to += 1;
                }
            }
        }
        self.used = to as u32;
        self.rebuild_chains();
    }

    /// Closes the holes and numbers the integer keys from zero.
    pub(super) fn renumber(&mut self) {
        let mut next: u64 = 0;
        for pos in 0..self.used as usize {
            // SAFETY: below `used`: initialised. The chains are built anew below.
            let bucket = unsafe { &mut *self.buckets().add(pos) };
            if !bucket.value.is_undef() && bucket.key.is_none() {
                bucket.hash = next;
                next += 1;
            }
        }
        self.next_free = next as i64;
        self.compact_hashed();
    }

    /// Links all buckets anew.
    pub(super) fn rebuild_chains(&mut self) {
        let links = self.links();
        // SAFETY: heads and links lie within the storage; buckets below `used` are initialised.
        unsafe {
            let heads = links.add(self.mask as usize + 1);
            // `NONE` is all ones.
            heads.write_bytes(0xff, self.mask as usize + 1);
            for pos in 0..self.used {
                let bucket = &*self.buckets().add(pos as usize);
                if !bucket.value.is_undef() {
                    let chain = self.chain(bucket.hash);
                    *links.add(pos as usize) = *chain;
                    *chain = pos;
                }
            }
        }
    }

    pub(super) fn copy_hashed(&self, copy: &mut ArrBox) {
        // Emptied by removals: a copy starts small.
        let cap = if self.has_holes() { hashed_cap(self.len as usize) } else { self.cap };
        copy.data = heap::allocate(hashed_layout(cap));
        copy.cap = cap;
        copy.mask = cap - 1;
        copy.len = self.len;
        let target = copy.buckets();
        let mut to = 0;
        for from in 0..self.used as usize {
            // SAFETY: `from` is below `used`; at most `len` buckets are written, which fit.
            unsafe {
                let bucket = &*self.buckets().add(from);
                if !bucket.value.is_undef() {
                    let value = self.copied(&bucket.value);
                    let key = bucket.key.clone();
                    target.add(to).write(Bucket { value, hash: bucket.hash, key });
                    to += 1;
                }
            }
        }
        copy.used = to as u32;
        if cap == self.cap && !self.has_holes() {
            // SAFETY: links and heads have the same size in both and positions are the same.
            unsafe {
                ptr::copy_nonoverlapping(self.links(), copy.links(), cap as usize * 2);
            }
        } else {
            copy.rebuild_chains();
        }
    }
}
