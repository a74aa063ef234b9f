//! Identity (`===`).

use crate::{KeyRef, PhpArray, Value};

/// Whether two values are identical: same type and value; arrays with the same keys and values
/// in the same order; objects by identity; references by what they refer to. Depth is limited by
/// memory only.
#[inline]
pub fn identical(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Undef | Value::Null, Value::Undef | Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Object(a), Value::Object(b)) => a.ptr_eq(b),
        (Value::Resource(a), Value::Resource(b)) => a.ptr_eq(b),
        (Value::Array(a), Value::Array(b)) => identical_arrays(a, b),
        (Value::Ref(a), Value::Ref(b)) if a.ptr_eq(b) => {
            a.with(|value| !matches!(value, Value::Float(float) if float.is_nan()))
        }
        (Value::Ref(a), b) => a.with(|a| b.with_deref(|b| identical(a, b))),
        (a, Value::Ref(b)) => b.with(|b| identical(a, b)),
        _ => false,
    }
}

/// Compares without recursion, so that depth costs memory and no stack.
fn identical_arrays(a: &PhpArray, b: &PhpArray) -> bool {
    let mut pairs = vec![(a.clone(), b.clone())];
    // An array that contains itself by reference would never end; PHP stops with a fatal error,
    // here a pair under comparison is taken for identical.
    let mut seen: Vec<(usize, usize)> = Vec::new();
    while let Some((a, b)) = pairs.pop() {
        if a.ptr_eq(&b) {
            continue;
        }
        if a.len() != b.len() {
            return false;
        }
        let deeper = pairs.len();
        for ((key_a, a), (key_b, b)) in a.iter_refs().zip(b.iter_refs()) {
            let same_key = match (key_a, key_b) {
                (KeyRef::Int(a), KeyRef::Int(b)) => a == b,
                (KeyRef::Str(a), KeyRef::Str(b)) => a == b,
                _ => false,
            };
            if !same_key {
                return false;
            }
            match (a, b) {
                (Value::Array(a), Value::Array(b)) => pairs.push((a.clone(), b.clone())),
                (Value::Ref(_), _) | (_, Value::Ref(_)) => match (a.deref(), b.deref()) {
                    (Value::Array(a), Value::Array(b)) => {
                        let pair = (a.ptr_id(), b.ptr_id());
                        if !seen.contains(&pair) {
                            seen.push(pair);
                            pairs.push((a, b));
                        }
                    }
                    (a, b) if !identical(&a, &b) => return false,
                    _ => {}
                },
                (a, b) if !identical(a, b) => return false,
                _ => {}
            }
        }
        // Left to right, as the elements stand.
        pairs[deeper..].reverse();
    }
    true
}

#[cfg(test)]
mod tests;
