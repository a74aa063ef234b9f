//! The methods of `ArrayIterator` and `RecursiveArrayIterator`, and `foreach` over them.

use super::object::storage_for;
use super::storage::{CHILD_ARRAYS_ONLY, data, entry, forward, len, reference, rewind};
use crate::overrides::overridden;
use crate::traverse::MethodIterator;
use outlast_value::{Key, Object, PhpArray, Value};
use outlast_vm::{Cx, NativeIterator, ObjectClass, Ret};

pub(super) fn array_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    source: &Value,
    flags: i64,
) -> Ret<()> {
    let storage = storage_for(cx, this, source)?;
    data(this).flags.set(flags);
    data(this).set_storage(storage);
    Ok(())
}

pub(super) fn array_iterator_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut list = super::serialize::array_object_magic_serialize(cx, this)?;
    list.pop();
    Ok(list)
}

pub(super) fn array_iterator_rewind(_cx: &mut Cx, this: &Object) -> Ret<()> {
    rewind(this);
    Ok(())
}

pub(super) fn array_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(entry(cx, this).is_some())
}

pub(super) fn array_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    Ok(entry(cx, this).map(|(_, v)| v))
}

pub(super) fn array_iterator_key(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    Ok(entry(cx, this).map(|(k, _)| k.into_value()))
}

pub(super) fn array_iterator_next(_cx: &mut Cx, this: &Object) -> Ret<()> {
    forward(this);
    Ok(())
}

pub(super) fn array_iterator_seek(cx: &mut Cx, this: &Object, offset: i64) -> Ret<()> {
    if offset >= 0 && (offset as usize) < len(cx, this) {
        rewind(this);
        for _ in 0..offset {
            forward(this);
        }
        return Ok(());
    }
    Err(cx.throw("OutOfBoundsException", format!("Seek position {offset} is out of range")))
}

pub(super) fn recursive_array_iterator_has_children(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(match entry(cx, this) {
        Some((_, Value::Array(_))) => true,
        Some((_, Value::Object(_))) => data(this).flags.get() & CHILD_ARRAYS_ONLY == 0,
        _ => false,
    })
}

pub(super) fn recursive_array_iterator_get_children(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    let Some((_, child)) = entry(cx, this) else { return Ok(None) };
    if let Value::Object(o) = &child {
        if data(this).flags.get() & CHILD_ARRAYS_ONLY != 0 {
            return Ok(None);
        }
        if o.class().is_subclass_of_or_same(this.class()) {
            return Ok(Some(o.clone()));
        }
    }
    let flags = Value::Int(data(this).flags.get());
    cx.new_object(this.class(), vec![child, flags]).map(Some)
}

/// `foreach` without calling methods.
struct Elements {
    over: Object,
    by_ref: bool,
}

impl NativeIterator for Elements {
    fn rewind(&mut self, _cx: &mut Cx) -> Ret<()> {
        rewind(&self.over);
        Ok(())
    }
    fn valid(&mut self, cx: &mut Cx) -> Ret<bool> {
        Ok(entry(cx, &self.over).is_some())
    }
    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        let Some((key, value)) = entry(cx, &self.over) else { return Ok(Value::Null) };
        if self.by_ref {
            return Ok(reference(cx, &self.over, Some(&key))?.map_or(value, Value::Ref));
        }
        Ok(value)
    }
    fn key(&mut self, cx: &mut Cx) -> Ret<Value> {
        Ok(entry(cx, &self.over).map_or(Value::Null, |(k, _): (Key, Value)| k.into_value()))
    }
    fn next(&mut self, _cx: &mut Cx) -> Ret<()> {
        forward(&self.over);
        Ok(())
    }
}

pub(super) fn iterate(cx: &mut Cx, this: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    const STEPS: [&[u8]; 5] = [b"rewind", b"valid", b"current", b"key", b"next"];
    if STEPS.iter().any(|step| overridden(this, step)) {
        if by_ref {
            return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
        }
        return Ok(Box::new(MethodIterator(this.clone())));
    }
    Ok(Box::new(Elements { over: this.clone(), by_ref }))
}
