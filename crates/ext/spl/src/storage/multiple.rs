//! `MultipleIterator`: several iterators side by side.

use super::objects::pair;
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value, identical};
use outlast_vm::{Cx, ObjectHandlers, Ret};
use std::cell::{Cell, RefCell};

pub(super) static MULTIPLE_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(create), clone: Some(copy), ..ObjectHandlers::STANDARD };

const NEED_ALL: i64 = 1;
const KEYS_ASSOC: i64 = 2;

struct Multiple {
    flags: Cell<i64>,
    iterators: RefCell<Vec<(Object, Value)>>,
}

impl ObjectData for Multiple {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for (o, _) in self.iterators.borrow().iter() {
            visit(&Value::Object(o.clone()));
        }
    }
    fn clear(&self) {
        let old = self.iterators.take();
        drop(old);
    }
}

fn data(this: &Object) -> &Multiple {
    this.data::<Multiple>().expect("every MultipleIterator has a list")
}

fn list(this: &Object) -> Vec<(Object, Value)> {
    data(this).iterators.borrow().clone()
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(Multiple { flags: Cell::new(NEED_ALL), iterators: RefCell::default() }));
    Ok(())
}

fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    new.set_data(Box::new(Multiple {
        flags: data(old).flags.clone(),
        iterators: RefCell::new(list(old)),
    }));
    Ok(())
}

pub(super) fn multiple_iterator_construct(_cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    data(this).flags.set(flags);
    Ok(())
}

pub(super) fn multiple_iterator_get_flags(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(data(this).flags.get())
}

pub(super) fn multiple_iterator_set_flags(_cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    data(this).flags.set(flags);
    Ok(())
}

pub(super) fn multiple_iterator_attach_iterator(
    cx: &mut Cx,
    this: &Object,
    iterator: &Object,
    info: &Value,
) -> Ret<()> {
    if !matches!(info, Value::Null | Value::Int(_) | Value::Str(_)) {
        let given = cx.value_type_name(info);
        return Err(
            cx.arg_type_error(2, &format!("must be of type string|int|null, {given} given"))
        );
    }
    if !info.is_null() && list(this).iter().any(|(_, known)| identical(known, info)) {
        return Err(cx.throw("InvalidArgumentException", "Key duplication error"));
    }
    let mut iterators = data(this).iterators.borrow_mut();
    match iterators.iter_mut().find(|(o, _)| o.ptr_eq(iterator)) {
        Some(entry) => entry.1 = info.clone(),
        None => iterators.push((iterator.clone(), info.clone())),
    }
    Ok(())
}

pub(super) fn multiple_iterator_detach_iterator(
    _cx: &mut Cx,
    this: &Object,
    iterator: &Object,
) -> Ret<()> {
    let mut iterators = data(this).iterators.borrow_mut();
    let at = iterators.iter().position(|(o, _)| o.ptr_eq(iterator));
    let old = at.map(|at| iterators.remove(at));
    drop(iterators);
    drop(old);
    Ok(())
}

pub(super) fn multiple_iterator_contains_iterator(
    _cx: &mut Cx,
    this: &Object,
    iterator: &Object,
) -> Ret<bool> {
    Ok(list(this).iter().any(|(o, _)| o.ptr_eq(iterator)))
}

pub(super) fn multiple_iterator_count_iterators(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(data(this).iterators.borrow().len() as i64)
}

pub(super) fn multiple_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    for (o, _) in list(this) {
        cx.call_method(&o, "rewind", Vec::new())?;
    }
    Ok(())
}

pub(super) fn multiple_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    for (o, _) in list(this) {
        cx.call_method(&o, "next", Vec::new())?;
    }
    Ok(())
}

fn is_valid(cx: &mut Cx, iterator: &Object) -> Ret<bool> {
    let valid = cx.call_method(iterator, "valid", Vec::new())?;
    cx.to_bool(&valid)
}

pub(super) fn multiple_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let all = list(this);
    let need_all = data(this).flags.get() & NEED_ALL != 0;
    for (o, _) in &all {
        if is_valid(cx, o)? != need_all {
            return Ok(!need_all);
        }
    }
    Ok(need_all && !all.is_empty())
}

/// What `method` of each iterator gives.
fn collect(cx: &mut Cx, this: &Object, method: &str) -> Ret<PhpArray> {
    let all = list(this);
    if all.is_empty() {
        return Err(
            cx.throw("RuntimeException", format!("Called {method}() on an invalid iterator"))
        );
    }
    let flags = data(this).flags.get();
    let mut out = PhpArray::new();
    for (o, info) in all {
        let value = if is_valid(cx, &o)? {
            cx.call_method(&o, method, Vec::new())?.into_deref()
        } else if flags & NEED_ALL != 0 {
            return Err(cx.throw(
                "RuntimeException",
                format!("Called {method}() with non valid sub iterator"),
            ));
        } else {
            Value::Null
        };
        if flags & KEYS_ASSOC == 0 {
            out.push(value).ok();
            continue;
        }
        match cx.to_key(&info)?.filter(|_| !info.is_null()) {
            Some(key) => drop(out.insert(key, value)),
            None => {
                return Err(
                    cx.throw("InvalidArgumentException", "Sub-Iterator is associated with NULL")
                );
            }
        }
    }
    Ok(out)
}

pub(super) fn multiple_iterator_current(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    collect(cx, this, "current")
}

pub(super) fn multiple_iterator_key(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    collect(cx, this, "key")
}

pub(super) fn multiple_iterator_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    let pairs = list(this).into_iter().map(|(o, info)| pair(o, info)).collect();
    out.insert_str(PhpString::from("\0SplObjectStorage\0storage"), Value::Array(pairs));
    Ok(out)
}
