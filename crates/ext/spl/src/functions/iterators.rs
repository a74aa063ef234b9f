//! `iterator_*`.

use crate::traverse::Traversal;
use outlast_value::{Key, Object, PhpArray, Value};
use outlast_vm::{Callable, Cx, Ret};

pub(super) fn iterator_to_array(
    cx: &mut Cx,
    iterator: &Value,
    preserve_keys: bool,
) -> Ret<PhpArray> {
    if let Value::Array(a) = iterator {
        if preserve_keys {
            return Ok(a.clone());
        }
        return Ok(PhpArray::from_list(a.values().cloned().collect()));
    }
    let mut out = PhpArray::new();
    let mut t = Traversal::of_value(cx, iterator)?;
    t.rewind(cx)?;
    while t.valid(cx)? {
        let value = t.current(cx)?.into_deref();
        if preserve_keys {
            let key = t.key(cx)?.into_deref();
            let Some(k) = cx.to_key(&key)? else {
                let given = cx.value_type_name(&key);
                return Err(
                    cx.throw_type_error(format!("Cannot access offset of type {given} on array"))
                );
            };
            out.insert(k, value);
        } else {
            out.push(value).ok();
        }
        t.next(cx)?;
    }
    Ok(out)
}

pub(super) fn iterator_count(cx: &mut Cx, iterator: &Value) -> Ret<i64> {
    if let Value::Array(a) = iterator {
        return Ok(a.len() as i64);
    }
    let mut count = 0;
    let mut t = Traversal::of_value(cx, iterator)?;
    t.rewind(cx)?;
    while t.valid(cx)? {
        count += 1;
        t.next(cx)?;
    }
    Ok(count)
}

pub(super) fn iterator_apply(
    cx: &mut Cx,
    iterator: &Object,
    callback: &Callable,
    args: Option<PhpArray>,
) -> Ret<i64> {
    let (mut list, mut named) = (Vec::new(), Vec::new());
    for (k, v) in args.iter().flat_map(PhpArray::iter) {
        match k {
            Key::Str(name) => named.push((name, v.clone())),
            Key::Int(_) => list.push(v.clone()),
        }
    }
    let mut count = 0;
    let mut t = Traversal::of(cx, iterator)?;
    t.rewind(cx)?;
    while t.valid(cx)? {
        count += 1;
        let go_on = cx.call_named(callback, list.clone(), named.clone())?;
        if !matches!(go_on.into_deref(), Value::Bool(true)) {
            break;
        }
        t.next(cx)?;
    }
    Ok(count)
}
