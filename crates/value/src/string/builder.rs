//! Building a string in steps.

use std::fmt;
use std::io;

use super::{PhpString, check_room};

/// Gathers bytes, then becomes a [`PhpString`] without copying them.
pub struct StringBuilder {
    /// Unique, or the empty string as long as nothing was written.
    string: PhpString,
}

impl Default for StringBuilder {
    fn default() -> Self {
        StringBuilder::new()
    }
}

impl StringBuilder {
    /// An empty builder; allocates with the first byte.
    #[inline]
    pub fn new() -> Self {
        StringBuilder { string: PhpString::empty() }
    }

    /// An empty builder with room for `cap` bytes.
    #[inline]
    pub fn with_capacity(cap: usize) -> Self {
        StringBuilder { string: PhpString::with_capacity(cap) }
    }

    /// Like [`StringBuilder::with_capacity`]; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_with_capacity(cap: usize) -> Result<Self, usize> {
        Ok(StringBuilder { string: PhpString::try_with_capacity(cap)? })
    }

    /// Appends one byte.
    #[inline]
    pub fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    /// Appends bytes.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        if !self.string.is_unique() {
            self.string = PhpString::with_capacity(bytes.len().max(24));
        }
        self.string.append(bytes);
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.extend(text.as_bytes());
    }

    /// Appends one byte `times` over.
    pub fn push_repeat(&mut self, byte: u8, times: usize) {
        let len = self.len();
        self.reserve(times);
        // SAFETY: unique with room for `times` bytes more, all written before `len` is set.
        unsafe {
            self.string.data().add(len).write_bytes(byte, times);
            self.string.0.as_mut().len = len + times;
        }
    }

    /// Makes room for `more` bytes.
    pub fn reserve(&mut self, more: usize) {
        self.string.reserve(more);
    }

    /// Makes room for `more` bytes; `Err(bytes)` if that would pass the heap's limit.
    pub fn try_reserve(&mut self, more: usize) -> Result<(), usize> {
        check_room(self.len().saturating_add(more))?;
        self.reserve(more);
        Ok(())
    }

    /// Bytes so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.string.len()
    }

    /// Whether nothing was written.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.string.is_empty()
    }

    /// The bytes so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.string.as_bytes()
    }

    /// The bytes so far, for writing.
    pub fn as_bytes_mut(&mut self) -> &mut [u8] {
        if self.string.is_empty() { &mut [] } else { self.string.make_mut() }
    }

    /// Shortens to `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            self.string.truncate(len);
        }
    }

    /// Forgets what was written, keeping the room.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// The string. Gives back room that would lie idle.
    pub fn finish(mut self) -> PhpString {
        let len = self.string.len();
        if len < 2 {
            return PhpString::new(&self.string);
        }
        let spare = self.string.inner().cap - len;
        if spare > 64 && spare > len / 4 {
            self.string.resize(super::round(len));
        }
        self.string
    }
}

impl io::Write for StringBuilder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for StringBuilder {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.extend(text.as_bytes());
        Ok(())
    }
}

impl Extend<u8> for StringBuilder {
    fn extend<T: IntoIterator<Item = u8>>(&mut self, bytes: T) {
        for byte in bytes {
            self.push(byte);
        }
    }
}
