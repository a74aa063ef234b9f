//! `WeakMap`: values that last as long as the objects that are their keys.
//!
//! The VM tells of the end of a key behind the op that released it; the entry goes then. Entries of
//! dead keys that it has not told yet are not seen.

use crate::internal_iterator;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Reference, Value, WeakObject};
use outlast_vm::pending::watch_key;
use outlast_vm::{Cx, NativeIterator, ObjectHandlers, PropertiesFor, Ret};
use std::cell::RefCell;
use std::collections::HashMap;

pub(super) static MAP_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    clone: Some(copy),
    properties: Some(properties),
    read_dimension: Some(read),
    write_dimension: Some(write),
    dimension_ref: Some(element_ref),
    has_dimension: Some(has),
    unset_dimension: Some(unset),
    count: Some(count),
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

#[derive(Default)]
struct MapData(RefCell<Entries>);

#[derive(Default, Clone)]
struct Entries {
    /// Values in order, by the address of their keys.
    values: PhpArray,
    keys: HashMap<i64, WeakObject>,
}

impl ObjectData for MapData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        for v in self.0.borrow().values.values() {
            visit(v);
        }
    }
    fn clear(&self) {
        let entries = std::mem::take(&mut *self.0.borrow_mut());
        drop(entries);
    }
}

impl MapData {
    /// Is it a key? (Its address may have been that of another.)
    fn contains(&self, key: &Object) -> bool {
        let entries = self.0.borrow();
        let found = entries.keys.get(&address(key)).and_then(WeakObject::upgrade);
        found.is_some_and(|k| k.ptr_eq(key))
    }

    /// Drops the entry of a key, if that is dead.
    fn forget(&self, id: i64) {
        let mut entries = self.0.borrow_mut();
        if entries.keys.get(&id).is_some_and(|key| key.upgrade().is_none()) {
            entries.keys.remove(&id);
            let value = entries.values.remove_int(id);
            drop(entries);
            drop(value);
        }
    }

    /// Is there a key of that address, alive?
    fn has_address(&self, id: i64) -> bool {
        self.0.borrow().keys.get(&id).is_some_and(|key| key.upgrade().is_some())
    }

    fn get(&self, key: &Object) -> Option<Value> {
        if !self.contains(key) {
            return None;
        }
        self.0.borrow().values.get_int(address(key)).map(Value::deref)
    }

    fn set(&self, key: &Object, value: Value) {
        let id = address(key);
        let known = self.contains(key);
        let mut entries = self.0.borrow_mut();
        let old = match entries.values.get_int(id) {
            Some(Value::Ref(r)) if known => {
                let r = r.clone();
                drop(entries);
                r.set(value);
                return;
            }
            _ if known => entries.values.insert_int(id, value),
            _ => {
                entries.keys.insert(id, key.weak());
                let old = entries.values.remove_int(id);
                entries.values.insert_int(id, value);
                old
            }
        };
        // Values die when the map is no longer borrowed: their end may come back to it.
        drop(entries);
        drop(old);
    }

    fn reference(&self, key: &Object) -> Option<Reference> {
        if !self.contains(key) {
            return None;
        }
        let mut entries = self.0.borrow_mut();
        entries.values.get_int_mut(address(key)).map(Value::make_ref)
    }

    fn remove(&self, key: &Object) {
        let id = address(key);
        let old = {
            let mut entries = self.0.borrow_mut();
            entries.keys.remove(&id);
            entries.values.remove_int(id)
        };
        drop(old);
    }

    /// Live keys in order.
    fn live(&self) -> Vec<Object> {
        let entries = self.0.borrow();
        entries
            .values
            .keys()
            .filter_map(|k| match k {
                Key::Int(id) => entries.keys.get(&id)?.upgrade(),
                Key::Str(_) => None,
            })
            .collect()
    }
}

/// The maps of a script, by the addresses of their keys.
#[derive(Default)]
struct Maps(HashMap<usize, Vec<WeakObject>>);

/// Notes that `key` is one of `map`.
fn watch(cx: &mut Cx, map: &Object, key: &Object) {
    watch_key(key);
    cx.weak_keys_died = Some(keys_died);
    let maps = cx.state::<Maps>().0.entry(key.ptr_id()).or_default();
    let map = map.weak();
    if !maps.iter().any(|m| m.ptr_eq(&map)) {
        maps.push(map);
    }
}

fn keys_died(cx: &mut Cx, ids: &[usize]) {
    for id in ids {
        for map in cx.state::<Maps>().0.remove(id).unwrap_or_default() {
            if let Some(map) = map.upgrade()
                && let Some(data) = map.data::<MapData>()
            {
                data.forget(*id as i64);
                // A new object may have the address already.
                if data.has_address(*id as i64) {
                    cx.state::<Maps>().0.entry(*id).or_default().push(map.weak());
                }
            }
        }
    }
}

fn address(object: &Object) -> i64 {
    object.ptr_id() as i64
}

/// The entries of a map.
fn data(map: &Object) -> &MapData {
    map.data::<MapData>().expect("every WeakMap has entries")
}

fn create(_cx: &mut Cx, map: &Object) -> Ret<()> {
    map.set_data(Box::new(MapData::default()));
    Ok(())
}

fn copy(cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let old = data(old);
    let entries = old.0.borrow().clone();
    new.set_data(Box::new(MapData(RefCell::new(entries))));
    for key in old.live() {
        watch(cx, new, &key);
    }
    Ok(())
}

fn key_object(cx: &mut Cx, key: &Value) -> Ret<Object> {
    match key.deref() {
        Value::Object(o) => Ok(o),
        _ => Err(cx.throw_type_error("WeakMap key must be an object")),
    }
}

fn not_contained(cx: &mut Cx, key: &Object) -> outlast_vm::Unwind {
    let class = cx.class_name(&Value::Object(key.clone()));
    cx.throw_error(format!("Object {class}#{} not contained in WeakMap", key.id()))
}

fn read(cx: &mut Cx, map: &Object, key: Option<&Value>, quiet: bool) -> Ret<Value> {
    let Some(key) = key else { return Err(cx.throw_error("Cannot append to WeakMap")) };
    let key = key_object(cx, key)?;
    match data(map).get(&key) {
        Some(v) => Ok(v),
        None if quiet => Ok(Value::Null),
        None => Err(not_contained(cx, &key)),
    }
}

fn write(cx: &mut Cx, map: &Object, key: Option<&Value>, value: Value) -> Ret<()> {
    let Some(key) = key else { return Err(cx.throw_error("Cannot append to WeakMap")) };
    let key = key_object(cx, key)?;
    data(map).set(&key, value);
    watch(cx, map, &key);
    Ok(())
}

fn element_ref(cx: &mut Cx, map: &Object, key: Option<&Value>) -> Ret<Reference> {
    let Some(key) = key else { return Err(cx.throw_error("Cannot append to WeakMap")) };
    let key = key_object(cx, key)?;
    match data(map).reference(&key) {
        Some(r) => Ok(r),
        None => Err(not_contained(cx, &key)),
    }
}

fn has(cx: &mut Cx, map: &Object, key: &Value, empty: bool) -> Ret<bool> {
    let key = key_object(cx, key)?;
    Ok(match data(map).get(&key) {
        Some(v) if empty => v.truthy(),
        Some(v) => !v.is_null(),
        None => false,
    })
}

fn unset(cx: &mut Cx, map: &Object, key: &Value) -> Ret<()> {
    let key = key_object(cx, key)?;
    data(map).remove(&key);
    Ok(())
}

fn count(_cx: &mut Cx, map: &Object) -> Ret<i64> {
    Ok(data(map).0.borrow().values.len() as i64)
}

/// For `var_dump`: a list of pairs.
fn properties(_cx: &mut Cx, map: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut list = Vec::new();
    if purpose == PropertiesFor::Debug {
        let data = data(map);
        for key in data.live() {
            let Some(value) = data.0.borrow().values.get_int(address(&key)).cloned() else {
                continue;
            };
            // One count is the map's, one ours.
            let value = match value {
                Value::Ref(r) if r.count() <= 2 => r.get(),
                v => v,
            };
            let mut pair = PhpArray::new();
            pair.insert(Key::Str(PhpString::from("key")), Value::Object(key));
            pair.insert(Key::Str(PhpString::from("value")), value);
            list.push(Value::Array(pair));
        }
    }
    Ok(PhpArray::from_list(list))
}

/// Goes through the keys that lived when it started, as far as they still do.
struct MapIterator {
    map: Object,
    keys: Vec<WeakObject>,
    at: usize,
    by_ref: bool,
}

impl MapIterator {
    /// The current key, behind those that died or were removed.
    fn seek(&mut self) -> Option<Object> {
        let data = data(&self.map);
        while let Some(key) = self.keys.get(self.at) {
            if let Some(key) = key.upgrade()
                && data.contains(&key)
            {
                return Some(key);
            }
            self.at += 1;
        }
        None
    }
}

impl NativeIterator for MapIterator {
    fn rewind(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.keys = data(&self.map).live().iter().map(Object::weak).collect();
        self.at = 0;
        Ok(())
    }
    fn valid(&mut self, _cx: &mut Cx) -> Ret<bool> {
        Ok(self.seek().is_some())
    }
    fn current(&mut self, _cx: &mut Cx) -> Ret<Value> {
        let Some(key) = self.seek() else { return Ok(Value::Null) };
        let data = data(&self.map);
        if self.by_ref {
            return Ok(data.reference(&key).map_or(Value::Null, Value::Ref));
        }
        Ok(data.get(&key).unwrap_or(Value::Null))
    }
    fn key(&mut self, _cx: &mut Cx) -> Ret<Value> {
        Ok(self.seek().map_or(Value::Null, Value::Object))
    }
    fn next(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at += 1;
        Ok(())
    }
}

fn iterate(_cx: &mut Cx, map: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    Ok(Box::new(MapIterator { map: map.clone(), keys: Vec::new(), at: 0, by_ref }))
}

pub(super) fn weak_map_offset_get(cx: &mut Cx, this: &Object, key: &Value) -> Ret<Value> {
    read(cx, this, Some(key), false)
}

pub(super) fn weak_map_offset_set(
    cx: &mut Cx,
    this: &Object,
    key: &Value,
    value: &Value,
) -> Ret<()> {
    write(cx, this, Some(key), value.clone())
}

pub(super) fn weak_map_offset_exists(cx: &mut Cx, this: &Object, key: &Value) -> Ret<bool> {
    has(cx, this, key, false)
}

pub(super) fn weak_map_offset_unset(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    unset(cx, this, key)
}

pub(super) fn weak_map_count(cx: &mut Cx, this: &Object) -> Ret<i64> {
    count(cx, this)
}

pub(super) fn weak_map_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let iterator = iterate(cx, this, false)?;
    internal_iterator(cx, this, iterator)
}
