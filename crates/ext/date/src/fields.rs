//! Arrays with named elements.

use outlast_value::{Key, PhpArray, PhpString, Value};

/// An array of these elements, in order.
pub(crate) fn record<const N: usize>(entries: [(&str, Value); N]) -> PhpArray {
    let mut array = PhpArray::with_hashed_capacity(N);
    for (name, value) in entries {
        put(&mut array, name, value);
    }
    array
}

/// Sets an element.
pub(crate) fn put(array: &mut PhpArray, name: &str, value: Value) {
    array.insert(Key::Str(PhpString::from(name)), value);
}
