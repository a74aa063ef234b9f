//! Texts in the tree.

use std::fmt;

/// Owned bytes: an identifier, a name or the value of a string literal. Most are short and stand in place.
#[derive(Clone)]
pub struct Bytes(Store);

/// What stands in place at most, so that a tag and a length fit into 24 bytes with it.
const IN_PLACE: usize = 22;

#[derive(Clone)]
enum Store {
    Short { length: u8, bytes: [u8; IN_PLACE] },
    Long(Box<[u8]>),
}

impl Bytes {
    /// Copies `bytes`.
    #[inline]
    pub fn new(text: &[u8]) -> Self {
        if text.len() > IN_PLACE {
            return Bytes(Store::Long(text.into()));
        }
        let mut bytes = [0; IN_PLACE];
        bytes[..text.len()].copy_from_slice(text);
        Bytes(Store::Short { length: text.len() as u8, bytes })
    }

    /// A copy on the heap.
    pub fn to_box(&self) -> Box<[u8]> {
        (**self).into()
    }

    /// ASCII lower case, as PHP folds the names of functions and classes.
    pub fn to_lower(&self) -> Bytes {
        let mut lower = self.clone();
        match &mut lower.0 {
            Store::Short { bytes, .. } => bytes.make_ascii_lowercase(),
            Store::Long(bytes) => bytes.make_ascii_lowercase(),
        }
        lower
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Bytes::new(b"")
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Store::Short { length, bytes } => &bytes[..usize::from(*length)],
            Store::Long(bytes) => bytes,
        }
    }
}
impl PartialEq for Bytes {
    fn eq(&self, other: &Bytes) -> bool {
        **self == **other
    }
}
impl Eq for Bytes {}
impl From<&str> for Bytes {
    fn from(s: &str) -> Self {
        Bytes::new(s.as_bytes())
    }
}
impl From<&[u8]> for Bytes {
    fn from(s: &[u8]) -> Self {
        Bytes::new(s)
    }
}
impl From<Vec<u8>> for Bytes {
    fn from(s: Vec<u8>) -> Self {
        Bytes::new(&s)
    }
}
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(self))
    }
}
