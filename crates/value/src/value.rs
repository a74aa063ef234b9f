//! The 16-byte value.

use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

use crate::header::Header;
use crate::{Object, PhpArray, PhpString, Reference, Resource};

/// A PHP value: a tag at offset 0 and a payload at offset 8.
#[repr(C, u8)]
#[derive(Default)]
pub enum Value {
    /// No value: an empty slot. Never seen by a script.
    #[default]
    Undef,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// A byte string.
    Str(PhpString),
    /// An array.
    Array(PhpArray),
    /// An object.
    Object(Object),
    /// A reference: a slot shared by several variables.
    Ref(Reference),
    /// A resource: a handle of something outside the language.
    Resource(Resource),
}

const TAG_BOOL: u8 = 2;
const TAG_STR: u8 = 5;

// `repr(C, u8)` lays a value out as the tag byte and a union of the payloads; aligned to eight,
// the union begins at offset 8.
const _: () = {
    assert!(size_of::<Value>() == 16);
    assert!(align_of::<Value>() == 8);
    assert!(size_of::<Option<Value>>() == 16);
};

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Self {
        if self.tag() >= TAG_STR {
            // SAFETY: from `Str` on the payload is a pointer to a live box that begins with a
            // header; the count taken here is the copy's.
            unsafe { (**self.payload().cast::<*const Header>()).retain() }
        }
        // SAFETY: scalars are plain bits; a counted payload got its count above.
        unsafe { self.bits() }
    }
}

impl Value {
    /// The tag byte, in the order of the variants.
    #[inline(always)]
    pub fn tag(&self) -> u8 {
        // SAFETY: `repr(C, u8)` puts the tag at offset 0.
        unsafe { *ptr::from_ref(self).cast::<u8>() }
    }

    #[inline(always)]
    fn payload(&self) -> *const u8 {
        // SAFETY: the payload lies at offset 8 of 16, as argued there.
        unsafe { ptr::from_ref(self).cast::<u8>().add(8) }
    }

    /// The value's bits, read as they were written: the tag and the payload each by itself. A
    /// processor forwards a store to a load of the same bytes at once; a single load of all
    /// sixteen bytes right behind two stores has to wait for both.
    ///
    /// # Safety
    /// As for [`ptr::read`]: of a counted value, one of the two is to be forgotten.
    #[inline(always)]
    pub unsafe fn bits(&self) -> Value {
        let mut copy = MaybeUninit::<Value>::uninit();
        let from = ptr::from_ref(self).cast::<u8>();
        let to = copy.as_mut_ptr().cast::<u8>();
        // SAFETY: tag and payload lie at offsets 0 and 8 of 16 bytes; the bytes between are
        // padding, and the payload of a variant that has none may be uninitialised.
        unsafe {
            to.write(from.read());
            let payload = from.add(8).cast::<MaybeUninit<u64>>().read();
            to.add(8).cast::<MaybeUninit<u64>>().write(payload);
            copy.assume_init()
        }
    }

    /// Writes the value to a place, whose old content is not dropped: tag and payload each by
    /// itself, without the bytes between them.
    ///
    /// # Safety
    /// As for [`ptr::write`].
    #[inline(always)]
    pub unsafe fn store(self, place: *mut Value) {
        let value = ManuallyDrop::new(self);
        let from = ptr::from_ref(&*value).cast::<u8>();
        let to = place.cast::<u8>();
        // SAFETY: as in `bits`; the place can be written by the caller's promise.
        unsafe {
            to.write(from.read());
            let payload = from.add(8).cast::<MaybeUninit<u64>>().read();
            to.add(8).cast::<MaybeUninit<u64>>().write(payload);
        }
    }

    /// Drops the value; one without a payload that is counted costs nothing.
    #[inline(always)]
    pub fn discard(self) {
        if self.is_counted() {
            drop(self);
        } else {
            std::mem::forget(self);
        }
    }

    /// One owner more, of what is counted.
    #[inline(always)]
    pub fn retain(&self) {
        std::mem::forget(self.clone());
    }

    /// Makes the slot the empty one; what was there is not dropped.
    #[inline(always)]
    pub fn clear_tag(&mut self) {
        // SAFETY: `Undef` is the tag 0, whatever the payload holds.
        unsafe { ptr::from_mut(self).cast::<u8>().write(0) }
    }

    /// Writes a bool with a payload of eight bytes, which [`Value::bits`] reads without waiting;
    /// what was there is not dropped.
    ///
    /// # Safety
    /// `place` can be written and holds nothing that needs dropping.
    #[inline(always)]
    pub unsafe fn write_bool(place: *mut Value, value: bool) {
        // SAFETY: `false` and `true` are the bytes 0 and 1; on a machine of either byte order the
        // word below has its byte at offset 8 of the value.
        unsafe {
            place.cast::<u8>().write(TAG_BOOL);
            place.cast::<u8>().add(8).cast::<u64>().write(u64::from(value).to_le());
        }
    }

    /// Whether both are the same variant with the same bits: the same pointer for counted ones.
    #[inline]
    pub fn same_bits(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Undef, Value::Undef) | (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
            (Value::Str(a), Value::Str(b)) => a.ptr_eq(b),
            (Value::Array(a), Value::Array(b)) => a.ptr_eq(b),
            (Value::Object(a), Value::Object(b)) => a.ptr_eq(b),
            (Value::Ref(a), Value::Ref(b)) => a.ptr_eq(b),
            (Value::Resource(a), Value::Resource(b)) => a.ptr_eq(b),
            _ => false,
        }
    }

    /// A string value of these bytes.
    #[inline]
    pub fn str(bytes: impl AsRef<[u8]>) -> Value {
        Value::Str(PhpString::new(bytes.as_ref()))
    }

    /// The empty string.
    #[inline]
    pub fn empty_str() -> Value {
        Value::Str(PhpString::empty())
    }

    /// The empty array.
    #[inline]
    pub fn empty_array() -> Value {
        Value::Array(PhpArray::new())
    }

    /// Takes the value, leaving `Undef`.
    #[inline(always)]
    pub fn take(&mut self) -> Value {
        // SAFETY: the original is overwritten without being dropped.
        unsafe {
            let taken = self.bits();
            ptr::write(self, Value::Undef);
            taken
        }
    }

    /// `Undef` becomes `Null`.
    #[inline(always)]
    pub fn or_null(self) -> Value {
        if let Value::Undef = self { Value::Null } else { self }
    }

    /// What `gettype()` says. References tell of the value behind.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Undef | Value::Null => "NULL",
            Value::Bool(_) => "boolean",
            Value::Int(_) => "integer",
            Value::Float(_) => "double",
            Value::Str(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Resource(resource) if resource.is_closed() => "resource (closed)",
            Value::Resource(_) => "resource",
            Value::Ref(reference) => reference.with(Value::type_name),
        }
    }

    /// What `get_debug_type()` says of all but objects, which answer `object`: their class has
    /// the name.
    pub fn debug_type_name(&self) -> &'static str {
        match self {
            Value::Undef | Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
            Value::Resource(_) => "resource",
            Value::Ref(reference) => reference.with(Value::debug_type_name),
        }
    }

    /// The value itself, or the one behind a reference.
    #[inline(always)]
    pub fn deref(&self) -> Value {
        match self {
            Value::Ref(reference) => reference.get(),
            other => other.clone(),
        }
    }

    /// Like [`Value::deref`], by move: a reference that is the last one gives up its value.
    #[inline(always)]
    pub fn into_deref(self) -> Value {
        match self {
            Value::Ref(reference) => reference.into_value(),
            other => other,
        }
    }

    /// Calls `f` with the value itself or the one behind a reference.
    #[inline]
    pub fn with_deref<R>(&self, f: impl FnOnce(&Value) -> R) -> R {
        match self {
            Value::Ref(reference) => reference.with(f),
            other => f(other),
        }
    }

    /// Whether it is the empty slot.
    #[inline(always)]
    pub fn is_undef(&self) -> bool {
        matches!(self, Value::Undef)
    }

    /// Whether it is `null` (or no value at all).
    #[inline(always)]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null | Value::Undef)
    }

    /// Whether it is a bool.
    #[inline(always)]
    pub fn is_bool(&self) -> bool {
        matches!(self, Value::Bool(_))
    }

    /// Whether it is an int.
    #[inline(always)]
    pub fn is_int(&self) -> bool {
        matches!(self, Value::Int(_))
    }

    /// Whether it is a float.
    #[inline(always)]
    pub fn is_float(&self) -> bool {
        matches!(self, Value::Float(_))
    }

    /// Whether it is a string.
    #[inline(always)]
    pub fn is_str(&self) -> bool {
        matches!(self, Value::Str(_))
    }

    /// Whether it is an array.
    #[inline(always)]
    pub fn is_array(&self) -> bool {
        matches!(self, Value::Array(_))
    }

    /// Whether it is an object.
    #[inline(always)]
    pub fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    /// Whether it is a reference.
    #[inline(always)]
    pub fn is_ref(&self) -> bool {
        matches!(self, Value::Ref(_))
    }

    /// Whether it is a bool, a number or a string.
    #[inline(always)]
    pub fn is_scalar(&self) -> bool {
        matches!(self, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_))
    }

    /// Whether the payload is a counted pointer.
    #[inline(always)]
    pub fn is_counted(&self) -> bool {
        self.tag() >= TAG_STR
    }

    /// The int, if it is one.
    #[inline(always)]
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(int) = self { Some(*int) } else { None }
    }

    /// The float, if it is one.
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        if let Value::Float(float) = self { Some(*float) } else { None }
    }

    /// The bool, if it is one.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(bool) = self { Some(*bool) } else { None }
    }

    /// The string, if it is one.
    #[inline(always)]
    pub fn as_str(&self) -> Option<&PhpString> {
        if let Value::Str(string) = self { Some(string) } else { None }
    }

    /// The array, if it is one.
    #[inline(always)]
    pub fn as_array(&self) -> Option<&PhpArray> {
        if let Value::Array(array) = self { Some(array) } else { None }
    }

    /// The array, if it is one, for writing.
    #[inline(always)]
    pub fn as_array_mut(&mut self) -> Option<&mut PhpArray> {
        if let Value::Array(array) = self { Some(array) } else { None }
    }

    /// The object, if it is one.
    #[inline(always)]
    pub fn as_object(&self) -> Option<&Object> {
        if let Value::Object(object) = self { Some(object) } else { None }
    }

    /// The resource, if it is one.
    #[inline(always)]
    pub fn as_resource(&self) -> Option<&Resource> {
        if let Value::Resource(resource) = self { Some(resource) } else { None }
    }

    /// The reference, if it is one.
    #[inline(always)]
    pub fn as_reference(&self) -> Option<&Reference> {
        if let Value::Ref(reference) = self { Some(reference) } else { None }
    }

    /// PHP's conversion to bool. Objects are true.
    #[inline]
    pub fn truthy(&self) -> bool {
        match self {
            Value::Undef | Value::Null => false,
            Value::Bool(bool) => *bool,
            Value::Int(int) => *int != 0,
            Value::Float(float) => *float != 0.0,
            Value::Str(string) => string.truthy(),
            Value::Array(array) => !array.is_empty(),
            Value::Object(_) | Value::Resource(_) => true,
            Value::Ref(reference) => reference.with(Value::truthy),
        }
    }

    /// Turns the slot into a reference to what it held, if it is not one yet; the reference.
    #[inline]
    pub fn make_ref(&mut self) -> Reference {
        if let Value::Ref(reference) = self {
            return reference.clone();
        }
        let reference = Reference::new(self.take().or_null());
        *self = Value::Ref(reference.clone());
        reference
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Undef => out.write_str("undef"),
            Value::Null => out.write_str("null"),
            Value::Bool(bool) => bool.fmt(out),
            Value::Int(int) => int.fmt(out),
            Value::Float(float) => float.fmt(out),
            Value::Str(string) => string.fmt(out),
            Value::Array(array) => array.fmt(out),
            Value::Object(object) => write!(out, "object#{}", object.id()),
            Value::Ref(_) => out.write_str("&"),
            Value::Resource(resource) => write!(out, "resource#{}", resource.id()),
        }
    }
}

macro_rules! from {
    ($($type:ty, $value:ident => $make:expr;)*) => {$(
        impl From<$type> for Value {
            #[inline]
            fn from($value: $type) -> Value {
                $make
            }
        }
    )*};
}

from! {
    bool, value => Value::Bool(value);
    i64, value => Value::Int(value);
    i32, value => Value::Int(i64::from(value));
    u32, value => Value::Int(i64::from(value));
    f64, value => Value::Float(value);
    PhpString, value => Value::Str(value);
    PhpArray, value => Value::Array(value);
    Object, value => Value::Object(value);
    Reference, value => Value::Ref(value);
    Resource, value => Value::Resource(value);
    &str, value => Value::Str(PhpString::from(value));
    &[u8], value => Value::Str(PhpString::from(value));
    String, value => Value::Str(PhpString::from(value.as_bytes()));
    Vec<u8>, value => Value::Str(PhpString::from(value));
    (), _value => Value::Null;
}

impl<T: Into<Value>> From<Option<T>> for Value {
    #[inline]
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}
