//! Array keys.

use std::fmt;

use crate::string::int_key;
use crate::{PhpString, Value};

/// An array key: an integer or a string.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// An integer key.
    Int(i64),
    /// A string key. In arrays a script can see, never one that stands for an integer.
    Str(PhpString),
}

/// A borrowed array key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyRef<'a> {
    /// An integer key.
    Int(i64),
    /// A string key.
    Str(&'a PhpString),
}

impl Key {
    /// The key a string stands for: canonical decimal integers become integers.
    #[inline]
    pub fn from_string(string: PhpString) -> Key {
        match string.as_int_key() {
            Some(int) => Key::Int(int),
            None => Key::Str(string),
        }
    }

    /// The key these bytes stand for.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Key {
        match int_key(bytes) {
            Some(int) => Key::Int(int),
            None => Key::Str(PhpString::new(bytes)),
        }
    }

    /// The key as a value.
    #[inline]
    pub fn to_value(&self) -> Value {
        self.as_key_ref().to_value()
    }

    /// The key as a value, by move.
    #[inline]
    pub fn into_value(self) -> Value {
        match self {
            Key::Int(int) => Value::Int(int),
            Key::Str(string) => Value::Str(string),
        }
    }

    /// The key borrowed.
    #[inline]
    pub fn as_key_ref(&self) -> KeyRef<'_> {
        match self {
            Key::Int(int) => KeyRef::Int(*int),
            Key::Str(string) => KeyRef::Str(string),
        }
    }
}

impl KeyRef<'_> {
    /// The key owned.
    #[inline]
    pub fn to_key(self) -> Key {
        match self {
            KeyRef::Int(int) => Key::Int(int),
            KeyRef::Str(string) => Key::Str(string.clone()),
        }
    }

    /// The key as a value.
    #[inline]
    pub fn to_value(self) -> Value {
        match self {
            KeyRef::Int(int) => Value::Int(int),
            KeyRef::Str(string) => Value::Str(string.clone()),
        }
    }
}

impl From<i64> for Key {
    #[inline]
    fn from(int: i64) -> Key {
        Key::Int(int)
    }
}

impl From<PhpString> for Key {
    /// Normalises, as [`Key::from_string`].
    #[inline]
    fn from(string: PhpString) -> Key {
        Key::from_string(string)
    }
}

impl From<&str> for Key {
    /// Normalises, as [`Key::from_bytes`].
    #[inline]
    fn from(text: &str) -> Key {
        Key::from_bytes(text.as_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_key_ref().fmt(out)
    }
}

impl fmt::Debug for KeyRef<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyRef::Int(int) => int.fmt(out),
            KeyRef::Str(string) => string.fmt(out),
        }
    }
}
