//! Functions that call back for each element.

use super::util::{append, arrays, element, not_array};
use outlast_value::{Key, Object, PhpArray, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};

/// `array_map()`
pub fn array_map(
    cx: &mut Cx,
    callback: Option<&Callable>,
    array: PhpArray,
    given: &[Value],
) -> Ret<PhpArray> {
    let more = arrays(cx, 3, given)?;
    if more.is_empty() {
        let Some(callback) = callback else { return Ok(array) };
        let list = array.is_packed() && array.is_list();
        let mut out = PhpArray::with_capacity(if list { array.len() } else { 0 });
        for (k, v) in &array {
            let result = cx.call_resolved(callback, vec![element(v)])?.into_deref();
            if list {
                append(cx, &mut out, result)?;
            } else {
                out.insert(k, result);
            }
        }
        return Ok(out);
    }
    let mut all = vec![array];
    all.extend(more);
    let longest = all.iter().map(PhpArray::len).max().unwrap_or(0);
    let mut rows: Vec<_> = all.iter().map(PhpArray::values).collect();
    let mut out = PhpArray::with_capacity(longest);
    for _ in 0..longest {
        let row = rows.iter_mut().map(|r| r.next().map_or(Value::Null, element)).collect();
        let result = match callback {
            Some(callback) => cx.call_resolved(callback, row)?.into_deref(),
            None => Value::Array(PhpArray::from_list(row)),
        };
        append(cx, &mut out, result)?;
    }
    Ok(out)
}

/// `array_filter()`
pub fn array_filter(
    cx: &mut Cx,
    array: PhpArray,
    callback: Option<&Callable>,
    mode: i64,
) -> Ret<PhpArray> {
    const USE_BOTH: i64 = 1;
    const USE_KEY: i64 = 2;
    let mut out = PhpArray::new();
    for (k, v) in &array {
        let keep = match callback {
            None => match v {
                Value::Ref(r) => cx.to_bool(&r.get())?,
                v => cx.to_bool(v)?,
            },
            Some(callback) => {
                let args = match mode {
                    USE_KEY => vec![k.to_value()],
                    USE_BOTH => vec![element(v), k.to_value()],
                    _ => vec![element(v)],
                };
                let result = cx.call_resolved(callback, args)?.into_deref();
                cx.to_bool(&result)?
            }
        };
        if keep {
            out.insert(k, element(v));
        }
    }
    Ok(out)
}

/// `array_reduce()`
pub fn array_reduce(
    cx: &mut Cx,
    array: PhpArray,
    callback: &Callable,
    initial: &Value,
) -> Ret<Value> {
    let mut carry = initial.clone();
    for v in array.values() {
        carry = cx.call_resolved(callback, vec![carry, element(v)])?.into_deref();
    }
    Ok(carry)
}

/// The first element for which the callback's truth is `wanted`.
fn first_where(
    cx: &mut Cx,
    array: &PhpArray,
    callback: &Callable,
    wanted: bool,
) -> Ret<Option<(Key, Value)>> {
    for (k, v) in array {
        let result = cx.call_resolved(callback, vec![element(v), k.to_value()])?.into_deref();
        if cx.to_bool(&result)? == wanted {
            return Ok(Some((k, v.deref())));
        }
    }
    Ok(None)
}

/// `array_find()`
pub fn array_find(cx: &mut Cx, array: PhpArray, callback: &Callable) -> Ret<Option<Value>> {
    Ok(first_where(cx, &array, callback, true)?.map(|(_, v)| v))
}

/// `array_find_key()`
pub fn array_find_key(cx: &mut Cx, array: PhpArray, callback: &Callable) -> Ret<Option<Value>> {
    Ok(first_where(cx, &array, callback, true)?.map(|(k, _)| k.into_value()))
}

/// `array_any()`
pub fn array_any(cx: &mut Cx, array: PhpArray, callback: &Callable) -> Ret<bool> {
    Ok(first_where(cx, &array, callback, true)?.is_some())
}

/// `array_all()`
pub fn array_all(cx: &mut Cx, array: PhpArray, callback: &Callable) -> Ret<bool> {
    Ok(first_where(cx, &array, callback, false)?.is_none())
}

/// `array_walk()`
pub fn array_walk(
    cx: &mut Cx,
    array: &Reference,
    callback: &Callable,
    arg: Option<&Value>,
) -> Ret<bool> {
    match array.get() {
        Value::Array(_) => walk(cx, array, callback, arg, false)?,
        Value::Object(o) => walk_object(cx, &o, callback, arg, false)?,
        other => return Err(not_array(cx, 1, &other.or_null())),
    }
    Ok(true)
}

/// `array_walk_recursive()`
pub fn array_walk_recursive(
    cx: &mut Cx,
    array: &Reference,
    callback: &Callable,
    arg: Option<&Value>,
) -> Ret<bool> {
    match array.get() {
        Value::Array(_) => walk(cx, array, callback, arg, true)?,
        Value::Object(o) => walk_object(cx, &o, callback, arg, true)?,
        other => return Err(not_array(cx, 1, &other.or_null())),
    }
    Ok(true)
}

/// Does the callback take its first argument by reference?
fn by_ref(callback: &Callable) -> bool {
    callback.magic_name.is_none() && callback.func.by_ref(0) != outlast_vm::function::ByRef::No
}

/// Runs `f` on the array in the reference, which stays unshared meanwhile.
fn with_array<R>(r: &Reference, f: impl FnOnce(&mut PhpArray) -> R) -> Option<R> {
    match r.replace(Value::Null) {
        Value::Array(mut a) => {
            let result = f(&mut a);
            r.set(Value::Array(a));
            Some(result)
        }
        other => {
            r.set(other);
            None
        }
    }
}

/// Calls back for each element of the array in the reference, which the callback may change:
/// an iterator registered in the array keeps the place.
fn walk(
    cx: &mut Cx,
    target: &Reference,
    callback: &Callable,
    arg: Option<&Value>,
    deep: bool,
) -> Ret<()> {
    let by_ref = by_ref(callback);
    let Some(handle) = with_array(target, |a| {
        // Positions may differ in a copy.
        a.separate();
        let begin = a.pos_begin();
        a.iter_register(begin)
    }) else {
        return Ok(());
    };
    // What the array is now may not know the iterator: then it was replaced, and walking goes
    // on from its start.
    let step = |a: &mut PhpArray| {
        let pos = match a.iter_pos(handle) {
            Some(pos) => pos,
            None => {
                let begin = a.pos_begin();
                a.iter_set_pos(handle, begin);
                begin
            }
        };
        let (key, value) = a.entry_at(pos).map(|(k, v)| (k.to_key(), v.clone()))?;
        let inner = deep && value.with_deref(Value::is_array);
        let value = if by_ref || inner {
            a.entry_at_mut(pos).map_or(Value::Null, |v| Value::Ref(v.make_ref()))
        } else {
            value
        };
        let next = a.pos_next(pos);
        a.iter_set_pos(handle, next);
        Some((key, value))
    };
    let result = loop {
        match with_array(target, step) {
            Some(Some((key, value))) => {
                if let Err(u) = visit(cx, key, value, callback, arg, deep) {
                    break Err(u);
                }
            }
            Some(None) => break Ok(()),
            None => {
                break Err(cx.throw_error("Iterated value is no longer an array or object"));
            }
        }
    };
    with_array(target, |a| a.iter_release(handle));
    result
}

fn visit(
    cx: &mut Cx,
    key: Key,
    value: Value,
    callback: &Callable,
    arg: Option<&Value>,
    deep: bool,
) -> Ret<()> {
    if deep && let Value::Ref(r) = &value {
        let inner = match r.get() {
            Value::Array(a) => Some(a),
            _ => None,
        };
        if let Some(inner) = inner {
            if inner.visit_guard() {
                return Err(cx.throw_error("Recursion detected"));
            }
            drop(inner);
            with_array(r, |a| {
                a.separate();
                a.set_visit_guard(true);
            });
            let result = walk(cx, r, callback, arg, true);
            with_array(r, |a| a.set_visit_guard(false));
            return result;
        }
    }
    let mut args = vec![value, key.into_value()];
    if let Some(arg) = arg {
        args.push(arg.clone());
    }
    cx.call_resolved(callback, args)?;
    Ok(())
}

/// The same for the properties of an object.
fn walk_object(
    cx: &mut Cx,
    object: &Object,
    callback: &Callable,
    arg: Option<&Value>,
    deep: bool,
) -> Ret<()> {
    let by_ref = by_ref(callback);
    let object = &cx.realize(object)?;
    let table = cx.mangled_vars(object);
    for (k, v) in &table {
        let inner = deep && v.with_deref(Value::is_array);
        let value = match &k {
            Key::Str(name) if by_ref || inner => {
                let plain = name.iter().rposition(|&b| b == 0).map_or(0, |i| i + 1);
                let name = name.slice(plain..name.len());
                Value::Ref(cx.prop_ref(object, &name)?)
            }
            _ => element(v),
        };
        visit(cx, k, value, callback, arg, deep)?;
    }
    Ok(())
}
