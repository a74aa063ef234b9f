//! Arrays as stacks and queues; cutting pieces out of them.

use super::util::{append, element, put_renumbered, take_array};
use outlast_value::{KeyRef, PhpArray, Reference, Value};
use outlast_vm::{Cx, Ret};

/// `array_push()`
pub fn array_push(cx: &mut Cx, array: &Reference, values: &[Value]) -> Ret<usize> {
    let mut a = take_array(cx, array)?;
    let mut result = Ok(());
    for v in values {
        if a.push(v.clone()).is_err() {
            result = Err(cx.throw_error(
                "Cannot add element to the array as the next element is already occupied",
            ));
            break;
        }
    }
    let len = a.len();
    array.set(Value::Array(a));
    result.map(|()| len)
}

/// `array_pop()`
pub fn array_pop(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    let mut a = take_array(cx, array)?;
    let v = a.pop();
    array.set(Value::Array(a));
    Ok(v.map_or(Value::Null, Value::into_deref))
}

/// `array_shift()`
pub fn array_shift(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    let mut a = take_array(cx, array)?;
    let v = a.shift();
    array.set(Value::Array(a));
    Ok(v.map_or(Value::Null, Value::into_deref))
}

/// `array_unshift()`
pub fn array_unshift(cx: &mut Cx, array: &Reference, values: &[Value]) -> Ret<usize> {
    let mut a = take_array(cx, array)?;
    a.unshift(values.to_vec());
    let len = a.len();
    array.set(Value::Array(a));
    Ok(len)
}

/// Offset and length as a range of positions, PHP's way with negative ones.
fn window(len: usize, offset: i64, length: Option<i64>) -> (usize, usize) {
    let len = len as i64;
    let start = if offset > len {
        len
    } else if offset < 0 {
        (len + offset).max(0)
    } else {
        offset
    };
    let rest = len - start;
    let count = match length {
        None => rest,
        Some(n) if n < 0 => (rest + n).max(0),
        Some(n) => n.min(rest),
    };
    (start as usize, count as usize)
}

/// `array_slice()`
pub fn array_slice(
    cx: &mut Cx,
    array: PhpArray,
    offset: i64,
    length: Option<i64>,
    preserve_keys: bool,
) -> Ret<PhpArray> {
    if offset > array.len() as i64 {
        return Ok(PhpArray::new());
    }
    let (start, count) = window(array.len(), offset, length);
    if start == 0 && count == array.len() && (preserve_keys || array.is_list()) {
        return Ok(array);
    }
    if let (Some(list), false) = (array.as_packed_slice(), preserve_keys) {
        return Ok(PhpArray::list_of(list[start..start + count].iter().map(element)));
    }
    let mut out = PhpArray::with_capacity(count);
    for (k, v) in array.iter_refs().skip(start).take(count) {
        match k {
            KeyRef::Int(_) if !preserve_keys => append(cx, &mut out, element(v))?,
            k => drop(out.insert(k.to_key(), element(v))),
        }
    }
    Ok(out)
}

/// `array_splice()`
pub fn array_splice(
    cx: &mut Cx,
    array: &Reference,
    offset: i64,
    length: Option<i64>,
    replacement: &Value,
) -> Ret<PhpArray> {
    let replacement = match replacement {
        Value::Array(a) => a.clone(),
        v => cx.to_array(v)?,
    };
    let a = take_array(cx, array)?;
    let (start, count) = window(a.len(), offset, length);
    let mut removed = PhpArray::with_capacity(count);
    let mut out = PhpArray::with_capacity(a.len() - count + replacement.len());
    let mut inserted = false;
    for (i, (k, v)) in a.into_entries().into_iter().enumerate() {
        if i >= start && !inserted {
            inserted = true;
            for v in replacement.values() {
                append(cx, &mut out, element(v))?;
            }
        }
        let into = if i >= start && i < start + count { &mut removed } else { &mut out };
        let v = match v {
            Value::Ref(r) if r.count() == 1 => r.into_value(),
            v => v,
        };
        put_renumbered(into, k.as_key_ref(), v);
    }
    if !inserted {
        for v in replacement.values() {
            append(cx, &mut out, element(v))?;
        }
    }
    array.set(Value::Array(out));
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn offsets_count_from_either_end() {
        assert_eq!(window(5, 1, None), (1, 4));
        assert_eq!(window(5, -2, Some(1)), (3, 1));
        assert_eq!(window(5, -9, Some(-1)), (0, 4));
        assert_eq!(window(5, 9, Some(3)), (5, 0));
        assert_eq!(window(5, 4, Some(-3)), (4, 0));
    }
}
