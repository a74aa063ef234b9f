//! Byte strings: counted, bytes inline behind the header, hash cached.

mod builder;

use std::alloc::Layout;
use std::borrow::{Borrow, Cow};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::ptr::{self, NonNull};

use crate::hash::hash_bytes;
use crate::header::{Header, Kind};
use crate::heap;

pub use builder::StringBuilder;

/// What precedes the bytes.
#[repr(C)]
pub(crate) struct StrBox {
    head: Header,
    /// Zero while not computed.
    hash: Cell<u64>,
    pub(crate) len: usize,
    cap: usize,
}

const HEAD: usize = size_of::<StrBox>();
/// Longer strings cannot be made, whatever the limit.
const MAX_LEN: usize = isize::MAX as usize - 4096;

/// An immortal string of at most eight bytes, laid out at compile time.
#[repr(C)]
struct StaticStr {
    head: StrBox,
    bytes: [u8; 8],
}

// SAFETY: immortal and with its hash computed: never written.
unsafe impl Sync for StaticStr {}

const fn static_str(bytes: &[u8]) -> StaticStr {
    let mut inline = [0; 8];
    let mut at = 0;
    while at < bytes.len() {
        inline[at] = bytes[at];
        at += 1;
    }
    let head = StrBox {
        head: Header::immortal(Kind::Str),
        hash: Cell::new(hash_bytes(bytes)),
        len: bytes.len(),
        cap: bytes.len(),
    };
    StaticStr { head, bytes: inline }
}

static EMPTY: StaticStr = static_str(b"");
static ONE_CHAR: [StaticStr; 256] = {
    let mut all = [const { static_str(b"x") }; 256];
    let mut byte = 0;
    while byte < 256 {
        all[byte] = static_str(&[byte as u8]);
        byte += 1;
    }
    all
};

/// A PHP string: any bytes.
#[repr(transparent)]
pub struct PhpString(NonNull<StrBox>);

#[inline]
fn layout(cap: usize) -> Layout {
    if cap > MAX_LEN {
        panic!("string of {cap} bytes: callers check sizes with the fallible versions");
    }
    // SAFETY: the alignment is a power of two and the size does not overflow `isize`.
    unsafe { Layout::from_size_align_unchecked(HEAD + cap, 8) }
}

/// The capacity that fills the allocation for `len` bytes.
#[inline]
fn round(len: usize) -> usize {
    (len + 7) & !7
}

/// The capacity to grow to for `need` bytes: half as much again, less for big ones.
#[inline]
pub(crate) fn grown(need: usize) -> usize {
    let spare = if need < 1 << 20 { need / 2 } else { need / 8 };
    round((need + spare).max(24))
}

impl PhpString {
    /// A string of these bytes.
    #[inline]
    pub fn new(bytes: &[u8]) -> PhpString {
        match bytes {
            [] => PhpString::empty(),
            [byte] => PhpString::one_char(*byte),
            _ => {
                let string = PhpString::allocate(round(bytes.len()));
                // SAFETY: the fresh box has room for the bytes and belongs to us alone.
                unsafe {
                    ptr::copy_nonoverlapping(bytes.as_ptr(), string.data(), bytes.len());
                    (*string.0.as_ptr()).len = bytes.len();
                }
                string
            }
        }
    }

    /// The empty string.
    #[inline]
    pub fn empty() -> PhpString {
        PhpString(NonNull::from(&EMPTY).cast())
    }

    /// The string of one byte, never allocated.
    #[inline]
    pub fn one_char(byte: u8) -> PhpString {
        PhpString(NonNull::from(&ONE_CHAR[byte as usize]).cast())
    }

    /// A string that is never counted and never freed, for literals; sharing it between threads
    /// is sound, since it never changes.
    pub fn immortal(bytes: &[u8]) -> PhpString {
        PhpString::new(bytes).into_immortal()
    }

    /// Makes this string immortal. It must not be in use as another handle's unique string:
    /// other handles simply become immortal too.
    pub fn into_immortal(self) -> PhpString {
        let inner = self.inner();
        if !inner.head.is_immortal() {
            self.hash();
            heap::disown(HEAD + inner.cap);
            inner.head.set_count(crate::header::IMMORTAL);
        }
        self
    }

    /// An empty unique string with room for `cap` bytes.
    #[inline]
    pub fn with_capacity(cap: usize) -> PhpString {
        PhpString::allocate(round(cap))
    }

    /// Like [`PhpString::with_capacity`]; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_with_capacity(cap: usize) -> Result<PhpString, usize> {
        check_room(cap)?;
        Ok(PhpString::with_capacity(cap))
    }

    /// A builder for a string made in steps.
    pub fn builder() -> StringBuilder {
        StringBuilder::new()
    }

    fn allocate(cap: usize) -> PhpString {
        let ptr = heap::allocate(layout(cap)).cast::<StrBox>();
        let head = StrBox { head: Header::new(Kind::Str), hash: Cell::new(0), len: 0, cap };
        // SAFETY: freshly allocated with room for the head.
        unsafe { ptr.as_ptr().write(head) };
        PhpString(ptr)
    }

    #[inline(always)]
    fn inner(&self) -> &StrBox {
        // SAFETY: the handle owns a count; nobody has `&mut` to the box while it is shared.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    fn data(&self) -> *mut u8 {
        // SAFETY: the bytes follow the head in the same allocation (or static).
        unsafe { self.0.as_ptr().cast::<u8>().add(HEAD) }
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `len` bytes behind the head are initialised; they change only through `&mut`.
        unsafe { std::slice::from_raw_parts(self.data(), self.inner().len) }
    }

    /// The length in bytes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.inner().len
    }

    /// Whether it is the empty string.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.inner().len == 0
    }

    /// The text, with what is not UTF-8 replaced.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }

    /// The hash, computed once.
    #[inline]
    pub fn hash(&self) -> u64 {
        let hash = self.inner().hash.get();
        if hash != 0 {
            return hash;
        }
        let hash = hash_bytes(self.as_bytes());
        self.inner().hash.set(hash);
        hash
    }

    /// False for the empty string and `"0"`.
    #[inline]
    pub fn truthy(&self) -> bool {
        !matches!(self.as_bytes(), [] | [b'0'])
    }

    /// Whether both handles are of the same box.
    #[inline(always)]
    pub fn ptr_eq(&self, other: &PhpString) -> bool {
        self.0 == other.0
    }

    /// The address of the box, as an identity.
    pub fn ptr_id(&self) -> usize {
        self.0.as_ptr() as usize
    }

    /// Whether this handle is the only owner.
    #[inline(always)]
    pub fn is_unique(&self) -> bool {
        self.inner().head.count() == 1
    }

    /// Whether the string is never counted nor freed.
    pub fn is_immortal(&self) -> bool {
        self.inner().head.is_immortal()
    }

    /// How many handles there are (of a mortal string).
    pub fn count(&self) -> u32 {
        self.inner().head.count()
    }

    /// Appends, in place where this handle is the only owner.
    #[inline]
    pub fn append(&mut self, bytes: &[u8]) {
        let inner = self.inner();
        let len = inner.len;
        if self.is_unique() && inner.cap - len >= bytes.len() {
            // SAFETY: unique, with room; `bytes` cannot borrow from a unique string we hold
            // `&mut` to.
            unsafe {
                ptr::copy_nonoverlapping(bytes.as_ptr(), self.data().add(len), bytes.len());
                let inner = &mut *self.0.as_ptr();
                inner.len = len + bytes.len();
                inner.hash.set(0);
            }
        } else {
            self.append_slow(bytes);
        }
    }

    #[inline(never)]
    fn append_slow(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.is_empty() {
            *self = PhpString::new(bytes);
            return;
        }
        self.reserve(bytes.len());
        self.append(bytes);
    }

    /// Appends a string; an empty one takes it over without copying.
    #[inline]
    pub fn append_string(&mut self, other: &PhpString) {
        if self.is_empty() && !self.is_unique() {
            *self = other.clone();
        } else {
            self.append(other);
        }
    }

    /// Like [`PhpString::append`]; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_append(&mut self, bytes: &[u8]) -> Result<(), usize> {
        if !self.is_unique() || self.inner().cap - self.len() < bytes.len() {
            check_room(self.len().saturating_add(bytes.len()))?;
        }
        self.append(bytes);
        Ok(())
    }

    /// Makes the string unique with room for `more` bytes.
    pub fn reserve(&mut self, more: usize) {
        let (len, cap) = (self.len(), self.inner().cap);
        let need = len.saturating_add(more);
        if !self.is_unique() {
            let mut copy = PhpString::allocate(if more == 0 { round(len) } else { grown(need) });
            copy.append(self);
            *self = copy;
        } else if cap < need {
            self.resize(grown(need));
        }
    }

    /// Moves the unique box to a capacity of `cap`, at least its length.
    fn resize(&mut self, cap: usize) {
        debug_assert!(self.is_unique() && cap >= self.len());
        let (old, new) = (layout(self.inner().cap), layout(cap));
        // SAFETY: unique, and allocated with that layout.
        unsafe {
            let ptr = heap::reallocate(self.0.as_ptr().cast(), old, new.size()).cast::<StrBox>();
            (*ptr.as_ptr()).cap = cap;
            self.0 = ptr;
        }
    }

    /// The parts in one string.
    pub fn concat(parts: &[&[u8]]) -> PhpString {
        let len = parts.iter().map(|part| part.len()).sum();
        if len < 2 {
            let byte = parts.iter().find_map(|part| part.first());
            return byte.map_or_else(PhpString::empty, |&byte| PhpString::one_char(byte));
        }
        let mut string = PhpString::with_capacity(len);
        for part in parts {
            string.append(part);
        }
        string
    }

    /// Like [`PhpString::concat`]; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_concat(parts: &[&[u8]]) -> Result<PhpString, usize> {
        check_room(parts.iter().fold(0, |len: usize, part| len.saturating_add(part.len())))?;
        Ok(PhpString::concat(parts))
    }

    /// `bytes` over and over; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_repeat(bytes: &[u8], times: usize) -> Result<PhpString, usize> {
        let len = bytes.len().saturating_mul(times);
        check_room(len)?;
        if len < 2 {
            return Ok(if len == 0 { PhpString::empty() } else { PhpString::new(bytes) });
        }
        let mut string = PhpString::with_capacity(len);
        // SAFETY: unique, with room for `len` bytes, each written before `len` is set; the
        // copies double and never overlap.
        unsafe {
            let data = string.data();
            if let [byte] = bytes {
                data.write_bytes(*byte, len);
            } else {
                ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
                let mut done = bytes.len();
                while done < len {
                    let step = done.min(len - done);
                    ptr::copy_nonoverlapping(data, data.add(done), step);
                    done += step;
                }
            }
            string.0.as_mut().len = len;
        }
        Ok(string)
    }

    /// A part of the string; the whole is shared, not copied.
    ///
    /// # Panics
    /// If the range does not lie within the string.
    #[inline]
    pub fn slice(&self, range: std::ops::Range<usize>) -> PhpString {
        if range.start == 0 && range.end == self.len() {
            return self.clone();
        }
        PhpString::new(&self.as_bytes()[range])
    }

    /// The bytes for writing: unshares and forgets the hash.
    pub fn make_mut(&mut self) -> &mut [u8] {
        if !self.is_unique() {
            self.reserve(0);
        }
        self.inner().hash.set(0);
        // SAFETY: unique now; borrowed mutably through `self`.
        unsafe { std::slice::from_raw_parts_mut(self.data(), self.len()) }
    }

    /// Shortens to `len` bytes; nothing if it is shorter already.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            if self.is_unique() {
                // SAFETY: unique; fewer bytes stay initialised.
                unsafe { self.0.as_mut() }.len = len;
                self.inner().hash.set(0);
            } else {
                *self = PhpString::new(&self.as_bytes()[..len]);
            }
        }
    }

    /// The integer this string stands for as an array key: canonical decimal only.
    #[inline]
    pub fn as_int_key(&self) -> Option<i64> {
        int_key(self.as_bytes())
    }
}

/// Room for a string of `len` bytes, or the size PHP would name.
fn check_room(len: usize) -> Result<(), usize> {
    let size = len.saturating_add(HEAD);
    if len <= MAX_LEN && heap::current().has_room(size) { Ok(()) } else { Err(size) }
}

/// The integer a key's bytes stand for: canonical decimal, without `-0` and overflow.
#[inline]
pub(crate) fn int_key(bytes: &[u8]) -> Option<i64> {
    match bytes.first()? {
        b'0'..=b'9' => {}
        b'-' => {}
        _ => return None,
    }
    int_key_slow(bytes)
}

fn int_key_slow(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [] => return None,
        [b'0'] if !negative => return Some(0),
        [b'0', ..] => return None,
        _ if digits.len() > 19 => return None,
        _ => {}
    }
    let mut value: u64 = 0;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        // Nineteen digits fit in 64 bits without a sign.
        value = value * 10 + u64::from(digit - b'0');
    }
    if !negative { i64::try_from(value).ok() } else { 0i64.checked_sub_unsigned(value) }
}

impl Clone for PhpString {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.inner().head.retain();
        PhpString(self.0)
    }
}

impl Drop for PhpString {
    #[inline(always)]
    fn drop(&mut self) {
        let head = &self.inner().head;
        let count = head.count();
        if count == 1 {
            free(self.0);
        } else if count as i32 > 1 {
            head.set_count(count - 1);
        }
    }
}

#[inline(never)]
fn free(ptr: NonNull<StrBox>) {
    // SAFETY: called with the last count; allocated with the layout of its capacity.
    unsafe { heap::deallocate(ptr.as_ptr().cast(), layout(ptr.as_ref().cap)) };
}

impl Default for PhpString {
    #[inline]
    fn default() -> Self {
        PhpString::empty()
    }
}

impl Deref for PhpString {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl AsRef<[u8]> for PhpString {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<[u8]> for PhpString {
    #[inline]
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&str> for PhpString {
    #[inline]
    fn from(text: &str) -> Self {
        PhpString::new(text.as_bytes())
    }
}

impl From<&[u8]> for PhpString {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        PhpString::new(bytes)
    }
}

impl<const N: usize> From<&[u8; N]> for PhpString {
    #[inline]
    fn from(bytes: &[u8; N]) -> Self {
        PhpString::new(bytes)
    }
}

impl From<Vec<u8>> for PhpString {
    fn from(bytes: Vec<u8>) -> Self {
        PhpString::new(&bytes)
    }
}

impl From<String> for PhpString {
    fn from(text: String) -> Self {
        PhpString::new(text.as_bytes())
    }
}

impl PartialEq for PhpString {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        if self.ptr_eq(other) {
            return true;
        }
        let (a, b) = (self.inner().hash.get(), other.inner().hash.get());
        if a != 0 && b != 0 && a != b {
            return false;
        }
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for PhpString {}

impl PartialEq<[u8]> for PhpString {
    #[inline]
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes() == other
    }
}

impl PartialEq<str> for PhpString {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialEq<&str> for PhpString {
    #[inline]
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl PartialOrd for PhpString {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PhpString {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for PhpString {
    /// As a byte slice hashes, since strings borrow as one.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for PhpString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl fmt::Display for PhpString {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_str_lossy())
    }
}

#[cfg(test)]
mod tests;
