//! What many array functions need.

use outlast_value::{KeyRef, PhpArray, Reference, Value};
use outlast_vm::{Cx, Ret, Unwind};

/// A value as it goes into another array: references nobody else holds are dissolved.
#[inline]
pub fn element(v: &Value) -> Value {
    match v {
        Value::Ref(r) if r.count() == 1 => r.get(),
        v => v.clone(),
    }
}

/// TypeError for a by-reference argument that is no array.
#[cold]
pub fn not_array(cx: &mut Cx, position: usize, v: &Value) -> Unwind {
    let given = cx.value_type_name(v);
    cx.arg_type_error(position, &format!("must be of type array, {given} given"))
}

/// Takes the array out of a by-reference argument, so that changing it needs no copy.
/// The caller puts one back.
pub fn take_array(cx: &mut Cx, r: &Reference) -> Ret<PhpArray> {
    match r.replace(Value::Null) {
        Value::Array(a) => Ok(a),
        other => {
            r.set(other.clone());
            Err(not_array(cx, 1, &other.or_null()))
        }
    }
}

/// The array in a by-reference argument, shared.
pub fn shared_array(cx: &mut Cx, r: &Reference) -> Ret<PhpArray> {
    match r.get() {
        Value::Array(a) => Ok(a),
        other => Err(not_array(cx, 1, &other.or_null())),
    }
}

/// Appends; the Error of a full array.
pub fn append(cx: &mut Cx, a: &mut PhpArray, v: Value) -> Ret<()> {
    a.push(v).map_err(|_| {
        cx.throw_error("Cannot add element to the array as the next element is already occupied")
    })
}

/// Stores under a string key as it is or a new number for an integer key.
pub fn put_renumbered(out: &mut PhpArray, key: KeyRef<'_>, v: Value) {
    match key {
        // A list of what was in memory never reaches the greatest key.
        KeyRef::Int(_) => drop(out.push(v)),
        KeyRef::Str(s) => drop(out.insert_str(s.clone(), v)),
    }
}

/// Each argument as an array; TypeError with the argument's position, counted from `first`.
pub fn arrays(cx: &mut Cx, first: usize, values: &[Value]) -> Ret<Vec<PhpArray>> {
    let mut out = Vec::with_capacity(values.len());
    for (i, v) in values.iter().enumerate() {
        match v.deref() {
            Value::Array(a) => out.push(a),
            other => {
                let given = cx.value_type_name(&other);
                let text = format!("must be of type array, {given} given");
                return Err(cx.arg_type_error(first + i, &text));
            }
        }
    }
    Ok(out)
}
