//! Making arrays from values and from other arrays.

use super::sort::maybe_numeric;
use super::util::{append, element, put_renumbered};
use outlast_value::{Key, KeyRef, PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

/// Most elements an array may have.
pub const MOST: i64 = 0x4000_0000;

/// `array_fill()`
pub fn array_fill(cx: &mut Cx, start_index: i64, count: i64, value: &Value) -> Ret<PhpArray> {
    if count < 0 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    }
    if count >= MOST {
        return Err(cx.arg_value_error(2, "is too large"));
    }
    if count == 0 {
        return Ok(PhpArray::new());
    }
    if start_index == 0 {
        return Ok(PhpArray::list_of(std::iter::repeat_n(value.clone(), count as usize)));
    }
    let mut out = PhpArray::with_capacity(count as usize);
    out.insert(Key::Int(start_index), value.clone());
    for _ in 1..count {
        append(cx, &mut out, value.clone())?;
    }
    Ok(out)
}

/// A value as a key by its text, as `array_fill_keys` and `array_combine` take it.
fn key_of(cx: &mut Cx, v: &Value) -> Ret<Key> {
    Ok(match v {
        Value::Int(i) => Key::Int(*i),
        Value::Ref(r) => return key_of(cx, &r.get()),
        v => Key::from_string(cx.to_str(v)?),
    })
}

/// An empty array with room for elements whose keys are these values.
fn room_for(keys: &PhpArray) -> PhpArray {
    match keys.values().next() {
        Some(Value::Str(_)) => PhpArray::with_hashed_capacity(keys.len()),
        _ => PhpArray::with_capacity(keys.len()),
    }
}

/// `array_fill_keys()`
pub fn array_fill_keys(cx: &mut Cx, keys: PhpArray, value: &Value) -> Ret<PhpArray> {
    let mut out = room_for(&keys);
    for v in keys.values() {
        let key = key_of(cx, v)?;
        out.insert(key, value.clone());
    }
    Ok(out)
}

/// `array_combine()`
pub fn array_combine(cx: &mut Cx, keys: PhpArray, values: PhpArray) -> Ret<PhpArray> {
    if keys.len() != values.len() {
        return Err(cx.throw_value_error(
            "array_combine(): Argument #1 ($keys) and argument #2 ($values) must have the same \
             number of elements",
        ));
    }
    let mut out = room_for(&keys);
    for (k, v) in keys.values().zip(values.values()) {
        let key = key_of(cx, k)?;
        out.insert(key, element(v));
    }
    Ok(out)
}

/// `array_pad()`
pub fn array_pad(cx: &mut Cx, array: PhpArray, length: i64, value: &Value) -> Ret<PhpArray> {
    let wanted = length.unsigned_abs();
    if wanted >= MOST as u64 {
        return Err(cx.arg_value_error(2, "must not exceed the maximum allowed array size"));
    }
    if wanted <= array.len() as u64 {
        return Ok(array);
    }
    let more = wanted as usize - array.len();
    let mut out = PhpArray::with_capacity(wanted as usize);
    if length < 0 {
        for _ in 0..more {
            append(cx, &mut out, value.clone())?;
        }
    }
    for (k, v) in array.iter_refs() {
        put_renumbered(&mut out, k, element(v));
    }
    if length > 0 {
        for _ in 0..more {
            append(cx, &mut out, value.clone())?;
        }
    }
    Ok(out)
}

/// `array_chunk()`
pub fn array_chunk(
    cx: &mut Cx,
    array: PhpArray,
    length: i64,
    preserve_keys: bool,
) -> Ret<PhpArray> {
    if length < 1 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let size = (length as u64).min(array.len() as u64) as usize;
    let mut out = PhpArray::new();
    let mut chunk = PhpArray::new();
    for (k, v) in &array {
        if preserve_keys {
            chunk.insert(k, element(v));
        } else {
            append(cx, &mut chunk, element(v))?;
        }
        if chunk.len() == size {
            append(cx, &mut out, Value::Array(std::mem::take(&mut chunk)))?;
        }
    }
    if !chunk.is_empty() {
        append(cx, &mut out, Value::Array(chunk))?;
    }
    Ok(out)
}

/// `array_flip()`
pub fn array_flip(cx: &mut Cx, array: PhpArray) -> Ret<PhpArray> {
    let mut out = room_for(&array);
    for (k, v) in &array {
        match v.deref() {
            Value::Int(i) => drop(out.insert(Key::Int(i), k.into_value())),
            Value::Str(s) => drop(out.insert(Key::from_string(s), k.into_value())),
            _ => cx.warning("Can only flip string and integer values, entry skipped")?,
        }
    }
    Ok(out)
}

/// `array_count_values()`
pub fn array_count_values(cx: &mut Cx, array: PhpArray) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for v in array.values() {
        let key = match v.deref() {
            Value::Int(i) => Key::Int(i),
            Value::Str(s) => Key::from_string(s),
            _ => {
                cx.warning("Can only count string and integer values, entry skipped")?;
                continue;
            }
        };
        let slot = out.get_or_insert(&key);
        *slot = Value::Int(slot.as_int().unwrap_or(0) + 1);
    }
    Ok(out)
}

/// `array_change_key_case()`
pub fn array_change_key_case(_cx: &mut Cx, array: PhpArray, case: i64) -> Ret<PhpArray> {
    let mut out = PhpArray::with_capacity(array.len());
    for (k, v) in &array {
        let key = match k {
            Key::Str(s) if case != 0 => Key::Str(PhpString::from(s.to_ascii_uppercase())),
            Key::Str(s) => Key::Str(PhpString::from(s.to_ascii_lowercase())),
            k => k,
        };
        out.insert(key, element(v));
    }
    Ok(out)
}

/// `array_reverse()`
pub fn array_reverse(_cx: &mut Cx, array: PhpArray, preserve_keys: bool) -> Ret<PhpArray> {
    if let (Some(list), false) = (array.as_packed_slice(), preserve_keys) {
        return Ok(PhpArray::list_of(list.iter().rev().map(element)));
    }
    let mut out = PhpArray::with_capacity(array.len());
    for (k, v) in array.iter_refs().rev() {
        match k {
            KeyRef::Int(_) if !preserve_keys => drop(out.push(element(v))),
            k => drop(out.insert(k.to_key(), element(v))),
        }
    }
    Ok(out)
}

/// `array_values()`
pub fn array_values(_cx: &mut Cx, array: PhpArray) -> Ret<PhpArray> {
    if array.is_list() && array.next_free() == array.len() as i64 {
        return Ok(array);
    }
    Ok(PhpArray::list_of(array.values().map(element)))
}

/// `array_keys()`
pub fn array_keys(
    cx: &mut Cx,
    array: PhpArray,
    filter_value: Option<&Value>,
    strict: bool,
) -> Ret<PhpArray> {
    let Some(wanted) = filter_value else {
        return Ok(PhpArray::list_of(array.keys().map(Key::into_value)));
    };
    let mut out = PhpArray::new();
    for (k, v) in &array {
        let v = v.deref();
        let same =
            if strict { outlast_value::identical(&v, wanted) } else { cx.loose_equal(wanted, &v)? };
        if same {
            let _ = out.push(k.into_value());
        }
    }
    Ok(out)
}

/// A column of `array_column`: as a key of arrays and as a name of properties.
struct Column {
    key: Key,
    name: PhpString,
}

impl Column {
    /// The column that an argument names; `None` for null.
    fn named(cx: &mut Cx, argument: &Value) -> Ret<Option<Column>> {
        if argument.is_null() {
            return Ok(None);
        }
        let name = cx.to_str(argument)?;
        let key = match argument {
            Value::Int(i) => Key::Int(*i),
            _ => Key::from_string(name.clone()),
        };
        Ok(Some(Column { key, name }))
    }

    /// What a row has there; `None`: nothing.
    fn of(&self, cx: &mut Cx, row: &Value) -> Ret<Option<Value>> {
        match row {
            Value::Array(a) => Ok(a.get(&self.key).map(Value::deref)),
            Value::Object(o) => {
                if cx.isset_prop(o, &self.name, false)? {
                    return Ok(Some(cx.read_prop(o, &self.name)?));
                }
                // A visible property that is null counts, too.
                let scope = cx.scope();
                Ok(cx.object_vars(o, scope)?.get_key_str(&self.name).map(Value::deref))
            }
            _ => Ok(None),
        }
    }
}

/// `array_column()`
pub fn array_column(
    cx: &mut Cx,
    array: PhpArray,
    column_key: &Value,
    index_key: &Value,
) -> Ret<PhpArray> {
    let (column, indices) = (Column::named(cx, column_key)?, Column::named(cx, index_key)?);
    let mut out = PhpArray::new();
    let mut shared;
    for mut row in array.values() {
        if let Value::Ref(r) = row {
            shared = r.get();
            row = &shared;
        }
        let value = match &column {
            None => Some(row.clone()),
            Some(column) => column.of(cx, row)?,
        };
        let Some(value) = value else { continue };
        let index = match &indices {
            None => None,
            Some(indices) => indices.of(cx, row)?,
        };
        match index {
            Some(index) => {
                let key = index_of(cx, &index)?;
                out.insert(key, value);
            }
            None => append(cx, &mut out, value)?,
        }
    }
    Ok(out)
}

/// An index of `array_column` as a key.
fn index_of(cx: &mut Cx, v: &Value) -> Ret<Key> {
    match cx.to_key(v)? {
        Some(key) => Ok(key),
        None => {
            let given = cx.value_type_name(v);
            Err(cx.throw_type_error(format!("Cannot access offset of type {given} on array")))
        }
    }
}

/// `array_key_first()`
pub fn array_key_first(_cx: &mut Cx, array: PhpArray) -> Ret<Option<Value>> {
    Ok(array.first().map(|(k, _)| k.to_value()))
}

/// `array_key_last()`
pub fn array_key_last(_cx: &mut Cx, array: PhpArray) -> Ret<Option<Value>> {
    Ok(array.last().map(|(k, _)| k.to_value()))
}

/// `array_is_list()`
pub fn array_is_list(_cx: &mut Cx, array: PhpArray) -> Ret<bool> {
    Ok(array.is_list())
}

/// `array_search()`
pub fn array_search(
    cx: &mut Cx,
    needle: &Value,
    haystack: PhpArray,
    strict: bool,
) -> Ret<OrFalse<Value>> {
    Ok(OrFalse(find(cx, needle, &haystack, strict)?.map(Key::into_value)))
}

/// `in_array()`
pub fn in_array(cx: &mut Cx, needle: &Value, haystack: PhpArray, strict: bool) -> Ret<bool> {
    Ok(find(cx, needle, &haystack, strict)?.is_some())
}

fn find(cx: &mut Cx, needle: &Value, haystack: &PhpArray, strict: bool) -> Ret<Option<Key>> {
    // Strings are equal by their bytes unless both can be numbers.
    let by_bytes = strict || matches!(needle, Value::Str(text) if !maybe_numeric(text));
    for (k, v) in haystack.iter_refs() {
        let same = match (needle, v) {
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Str(a), Value::Str(b)) if by_bytes => a.as_bytes() == b.as_bytes(),
            (_, v) if strict => v.with_deref(|v| outlast_value::identical(needle, v)),
            (_, Value::Ref(r)) => cx.loose_equal(needle, &r.get())?,
            (_, v) => cx.loose_equal(needle, v)?,
        };
        if same {
            return Ok(Some(k.to_key()));
        }
    }
    Ok(None)
}

/// `array_key_exists()`
pub fn array_key_exists(cx: &mut Cx, key: &Value, array: PhpArray) -> Ret<bool> {
    let key = index_of(cx, key)?;
    Ok(array.contains_key(&key))
}
