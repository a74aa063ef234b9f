//! How the engine sees ArrayObjects: as arrays.

use super::iterator::iterate;
use super::storage::{
    ARRAY_AS_PROPS, ArrayData, Root, STD_PROP_LIST, Storage, data, get, len, push, reference,
    remove, root, set, table,
};
use crate::overrides::overridden;
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectClass, ObjectHandlers, PropertiesFor, Ret, Unwind};
use std::cmp::Ordering;

pub(super) static OBJECT_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    clone: Some(copy_object),
    compare: Some(compare),
    properties: Some(properties),
    read_dimension: Some(read),
    write_dimension: Some(write),
    dimension_ref: Some(element_ref),
    has_dimension: Some(has),
    unset_dimension: Some(unset),
    read_property: Some(read_property),
    write_property: Some(write_property),
    has_property: Some(has_property),
    unset_property: Some(unset_property),
    count: Some(count),
    ..ObjectHandlers::STANDARD
};

pub(super) static ITERATOR_HANDLERS: ObjectHandlers =
    ObjectHandlers { clone: Some(copy_object), iterate: Some(iterate), ..OBJECT_HANDLERS };

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(ArrayData::new(Storage::Array(PhpArray::new()), 0, None)));
    Ok(())
}

fn copy_object(cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let own = matches!(&*data(old).storage.borrow(), Storage::Own);
    let storage = if own { Storage::Own } else { Storage::Array(table(cx, old)) };
    let old = data(old);
    new.set_data(Box::new(ArrayData::new(storage, old.flags.get(), old.iterator_class.get())));
    Ok(())
}

fn compare(cx: &mut Cx, a: &Value, b: &Value) -> Ret<Option<Ordering>> {
    let (Value::Object(x), Value::Object(y)) = (a, b) else { return Ok(None) };
    if x.data::<ArrayData>().is_none() || y.data::<ArrayData>().is_none() {
        return Ok(None);
    }
    let tables = (Value::Array(table(cx, x)), Value::Array(table(cx, y)));
    let order = cx.compare(&tables.0, &tables.1)?;
    if order != 0 {
        return Ok(Some(order.cmp(&0)));
    }
    let members = (Value::Array(cx.mangled_vars(x)), Value::Array(cx.mangled_vars(y)));
    Ok(Some(cx.compare(&members.0, &members.1)?.cmp(&0)))
}

fn properties(cx: &mut Cx, this: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    if purpose == PropertiesFor::Debug {
        return super::serialize::array_object_magic_debug_info(cx, this);
    }
    if data(this).flags.get() & STD_PROP_LIST != 0 || purpose == PropertiesFor::Serialize {
        return Ok(cx.mangled_vars(this));
    }
    Ok(table(cx, this))
}

/// The key, or the TypeError about it.
pub(super) fn key_for(cx: &mut Cx, this: &Object, key: &Value, how: How) -> Ret<Key> {
    match cx.to_key(key)? {
        Some(k) => Ok(k),
        None => Err(illegal(cx, this, key, how)),
    }
}

/// What the key is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Access,
    Test,
    Unset,
}

fn illegal(cx: &mut Cx, this: &Object, key: &Value, how: How) -> Unwind {
    let given = cx.value_type_name(key);
    let class = this.class().display_name();
    cx.throw_type_error(match how {
        How::Access => format!("Cannot access offset of type {given} on {class}"),
        How::Test => format!("Cannot access offset of type {given} in isset or empty"),
        How::Unset => format!("Cannot unset offset of type {given} on {class}"),
    })
}

pub(super) fn undefined(cx: &mut Cx, key: &Key) -> Ret<()> {
    let mut message = b"Undefined array key ".to_vec();
    match key {
        Key::Int(i) => message.extend_from_slice(i.to_string().as_bytes()),
        Key::Str(s) => {
            message.push(b'"');
            message.extend_from_slice(s);
            message.push(b'"');
        }
    }
    cx.raise_warning(message)
}

pub(super) fn read_own(cx: &mut Cx, this: &Object, key: &Value, quiet: bool) -> Ret<Value> {
    let k = key_for(cx, this, key, if quiet { How::Test } else { How::Access })?;
    match get(cx, this, &k) {
        Some(v) => Ok(v),
        None if quiet => Ok(Value::Null),
        None => {
            undefined(cx, &k)?;
            Ok(Value::Null)
        }
    }
}

fn read(cx: &mut Cx, this: &Object, key: Option<&Value>, quiet: bool) -> Ret<Value> {
    let key = key.cloned().unwrap_or(Value::Null);
    if quiet && overridden(this, b"offsetexists") {
        let exists = cx.call_method(this, "offsetExists", vec![key.clone()])?;
        if !cx.to_bool(&exists)? {
            return Ok(Value::Null);
        }
    }
    if overridden(this, b"offsetget") {
        return cx.call_method(this, "offsetGet", vec![key]);
    }
    read_own(cx, this, &key, quiet)
}

/// Is a sort running? Then nothing may change.
pub(super) fn prohibited(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let sorting = match root(this) {
        Root::Array(h) | Root::Props(h) => {
            h.data::<ArrayData>().is_some_and(|d| d.sorting.get()) || data(this).sorting.get()
        }
    };
    if sorting {
        cx.raise_warning("Modification of ArrayObject during sorting is prohibited")?;
    }
    Ok(sorting)
}

pub(super) fn append(cx: &mut Cx, this: &Object, value: Value) -> Ret<()> {
    if matches!(root(this), Root::Props(_)) {
        let class = this.class().display_name();
        return Err(cx.throw_error(format!(
            "Cannot append properties to objects, use {class}::offsetSet() instead"
        )));
    }
    if !push(this, value) {
        return Err(cx.throw_error(
            "Cannot add element to the array as the next element is already occupied",
        ));
    }
    Ok(())
}

pub(super) fn write_own(cx: &mut Cx, this: &Object, key: Option<&Value>, value: Value) -> Ret<()> {
    if prohibited(cx, this)? {
        return Ok(());
    }
    match key {
        None | Some(Value::Null) => append(cx, this, value),
        Some(key) => {
            let k = key_for(cx, this, key, How::Access)?;
            set(cx, this, k, value)
        }
    }
}

fn write(cx: &mut Cx, this: &Object, key: Option<&Value>, value: Value) -> Ret<()> {
    if overridden(this, b"offsetset") {
        let key = key.cloned().unwrap_or(Value::Null);
        return cx.call_method(this, "offsetSet", vec![key, value]).map(drop);
    }
    write_own(cx, this, key, value)
}

fn element_ref(cx: &mut Cx, this: &Object, key: Option<&Value>) -> Ret<Reference> {
    if overridden(this, b"offsetget") {
        let class = this.class().display_name();
        let v = cx.call_method(this, "offsetGet", vec![key.cloned().unwrap_or(Value::Null)])?;
        return match v {
            Value::Ref(r) => Ok(r),
            v => {
                if !v.is_object() {
                    cx.raise_notice(format!(
                        "Indirect modification of overloaded element of {class} has no effect"
                    ))?;
                }
                Ok(Reference::new(v))
            }
        };
    }
    if prohibited(cx, this)? {
        return Ok(Reference::new(Value::Null));
    }
    let key = match key {
        Some(k) => Some(key_for(cx, this, k, How::Access)?),
        None => None,
    };
    match reference(cx, this, key.as_ref())? {
        Some(r) => Ok(r),
        None => {
            let class = this.class().display_name();
            Err(cx.throw_error(format!(
                "Cannot append properties to objects, use {class}::offsetSet() instead"
            )))
        }
    }
}

fn has(cx: &mut Cx, this: &Object, key: &Value, empty: bool) -> Ret<bool> {
    if overridden(this, b"offsetexists") {
        let exists = cx.call_method(this, "offsetExists", vec![key.clone()])?;
        if !cx.to_bool(&exists)? {
            return Ok(false);
        }
        if !empty {
            return Ok(true);
        }
        let v = read(cx, this, Some(key), true)?;
        return cx.to_bool(&v);
    }
    let k = key_for(cx, this, key, How::Test)?;
    let Some(mut v) = get(cx, this, &k) else { return Ok(false) };
    if empty {
        if overridden(this, b"offsetget") {
            v = cx.call_method(this, "offsetGet", vec![key.clone()])?;
        }
        return cx.to_bool(&v);
    }
    Ok(!v.is_null())
}

pub(super) fn unset_own(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    if prohibited(cx, this)? {
        return Ok(());
    }
    let k = key_for(cx, this, key, How::Unset)?;
    remove(cx, this, &k)
}

fn unset(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    if overridden(this, b"offsetunset") {
        return cx.call_method(this, "offsetUnset", vec![key.clone()]).map(drop);
    }
    unset_own(cx, this, key)
}

/// Is this name an element rather than a property?
fn is_element(this: &Object, name: &PhpString) -> bool {
    data(this).flags.get() & ARRAY_AS_PROPS != 0
        && !this.with_dynamic(|t| t.is_some_and(|t| t.get_str(name).is_some()))
}

fn read_property(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<Option<Value>> {
    if !is_element(this, name) {
        return Ok(None);
    }
    read(cx, this, Some(&Value::Str(name.clone())), false).map(Some)
}

fn write_property(cx: &mut Cx, this: &Object, name: &PhpString, value: &Value) -> Ret<bool> {
    if !is_element(this, name) {
        return Ok(false);
    }
    write(cx, this, Some(&Value::Str(name.clone())), value.clone())?;
    Ok(true)
}

fn has_property(cx: &mut Cx, this: &Object, name: &PhpString, empty: bool) -> Ret<Option<bool>> {
    if !is_element(this, name) {
        return Ok(None);
    }
    has(cx, this, &Value::Str(name.clone()), empty).map(Some)
}

fn unset_property(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    if !is_element(this, name) {
        return Ok(false);
    }
    unset(cx, this, &Value::Str(name.clone()))?;
    Ok(true)
}

fn count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    if overridden(this, b"count") {
        let n = cx.call_method(this, "count", Vec::new())?;
        return cx.to_int(&n);
    }
    Ok(len(cx, this) as i64)
}
