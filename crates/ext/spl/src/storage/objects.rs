//! `SplObjectStorage`: objects in order, each with a value.

use crate::list::restore_members;
use crate::overrides::overridden;
use crate::text::{serialized, unserialized, value_len};
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret};
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;

pub(super) static STORAGE_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    clone: Some(copy),
    compare: Some(compare),
    ..ObjectHandlers::STANDARD
};

#[derive(Default)]
struct Storage {
    /// The objects, by address or by what getHash() gives.
    objects: RefCell<PhpArray>,
    /// Their values, by the same keys.
    infos: RefCell<PhpArray>,
    handle: Cell<Option<u32>>,
    index: Cell<i64>,
}

impl ObjectData for Storage {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.objects.borrow().values().for_each(&mut *visit);
        self.infos.borrow().values().for_each(visit);
    }
    fn clear(&self) {
        let old = (self.objects.take(), self.infos.take());
        drop(old);
    }
}

impl Storage {
    fn contains(&self, key: &Key) -> bool {
        self.objects.borrow().contains_key(key)
    }

    fn put(&self, key: Key, object: &Object, info: Value) {
        let old = self.objects.borrow_mut().insert(key.clone(), Value::Object(object.clone()));
        let old = (old, self.infos.borrow_mut().insert(key, info));
        drop(old);
    }

    fn remove(&self, key: &Key) {
        let old = self.objects.borrow_mut().remove(key);
        let old = (old, self.infos.borrow_mut().remove(key));
        drop(old);
    }

    fn position(&self) -> (u32, usize) {
        let mut objects = self.objects.borrow_mut();
        let begin = objects.pos_begin();
        match self.handle.get() {
            Some(handle) => match objects.iter_pos(handle) {
                Some(at) => (handle, at),
                None => {
                    objects.iter_set_pos(handle, begin);
                    (handle, begin)
                }
            },
            None => {
                let handle = objects.iter_register(begin);
                self.handle.set(Some(handle));
                (handle, begin)
            }
        }
    }

    fn rewind(&self) {
        let (handle, _) = self.position();
        let mut objects = self.objects.borrow_mut();
        let begin = objects.pos_begin();
        objects.iter_set_pos(handle, begin);
        self.index.set(0);
    }

    fn forward(&self) {
        let (handle, at) = self.position();
        let mut objects = self.objects.borrow_mut();
        let next = objects.pos_next(at);
        objects.iter_set_pos(handle, next);
        self.index.set(self.index.get() + 1);
    }

    fn entry(&self) -> Option<(Key, Value)> {
        let (_, at) = self.position();
        self.objects.borrow().entry_at(at).map(|(k, v)| (k.to_key(), v.clone()))
    }

    /// Key, object and value of each entry.
    fn entries(&self) -> Vec<(Key, Object, Value)> {
        let objects = self.objects.borrow();
        let infos = self.infos.borrow();
        let entry = |(k, v): (Key, &Value)| {
            let info = infos.get(&k).map_or(Value::Null, Value::deref);
            v.as_object().map(|o| (k, o.clone(), info))
        };
        objects.iter().filter_map(entry).collect()
    }
}

fn storage(this: &Object) -> &Storage {
    this.data::<Storage>().expect("every storage has entries")
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(Storage::default()));
    Ok(())
}

fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let old = storage(old);
    new.set_data(Box::new(Storage {
        objects: RefCell::new(old.objects.borrow().clone()),
        infos: RefCell::new(old.infos.borrow().clone()),
        ..Storage::default()
    }));
    Ok(())
}

fn compare(cx: &mut Cx, a: &Value, b: &Value) -> Ret<Option<Ordering>> {
    let (Value::Object(x), Value::Object(y)) = (a, b) else { return Ok(None) };
    let (Some(p), Some(q)) = (x.data::<Storage>(), y.data::<Storage>()) else { return Ok(None) };
    let infos = (Value::Array(p.infos.borrow().clone()), Value::Array(q.infos.borrow().clone()));
    if !cx.loose_equal(&infos.0, &infos.1)? {
        return Ok(None);
    }
    let members = (Value::Array(cx.mangled_vars(x)), Value::Array(cx.mangled_vars(y)));
    Ok(cx.loose_equal(&members.0, &members.1)?.then_some(Ordering::Equal))
}

/// The key of an object.
fn key(cx: &mut Cx, this: &Object, object: &Object) -> Ret<Key> {
    if overridden(this, b"gethash") {
        let hash = cx.call_method(this, "getHash", vec![Value::Object(object.clone())])?;
        return Ok(Key::Str(cx.to_str(&hash)?));
    }
    Ok(Key::Int(object.ptr_id() as i64))
}

fn object_argument(cx: &mut Cx, value: &Value) -> Ret<Object> {
    match value.deref() {
        Value::Object(o) => Ok(o),
        v => {
            let given = cx.value_type_name(&v);
            Err(cx.arg_type_error(1, &format!("must be of type object, {given} given")))
        }
    }
}

pub(super) fn spl_object_storage_attach(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
    info: &Value,
) -> Ret<()> {
    let k = key(cx, this, object)?;
    storage(this).put(k, object, info.clone());
    Ok(())
}

pub(super) fn spl_object_storage_offset_set(
    cx: &mut Cx,
    this: &Object,
    object: &Value,
    info: &Value,
) -> Ret<()> {
    let object = object_argument(cx, object)?;
    spl_object_storage_attach(cx, this, &object, info)
}

pub(super) fn spl_object_storage_detach(cx: &mut Cx, this: &Object, object: &Object) -> Ret<()> {
    let k = key(cx, this, object)?;
    storage(this).remove(&k);
    storage(this).rewind();
    Ok(())
}

pub(super) fn spl_object_storage_offset_unset(
    cx: &mut Cx,
    this: &Object,
    object: &Value,
) -> Ret<()> {
    let object = object_argument(cx, object)?;
    let k = key(cx, this, &object)?;
    storage(this).remove(&k);
    Ok(())
}

pub(super) fn spl_object_storage_contains(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<bool> {
    let k = key(cx, this, object)?;
    Ok(storage(this).contains(&k))
}

pub(super) fn spl_object_storage_offset_exists(
    cx: &mut Cx,
    this: &Object,
    object: &Value,
) -> Ret<bool> {
    let object = object_argument(cx, object)?;
    spl_object_storage_contains(cx, this, &object)
}

pub(super) fn spl_object_storage_offset_get(
    cx: &mut Cx,
    this: &Object,
    object: &Value,
) -> Ret<Value> {
    let object = object_argument(cx, object)?;
    let k = key(cx, this, &object)?;
    let info = storage(this).infos.borrow().get(&k).map(Value::deref);
    info.ok_or_else(|| cx.throw("UnexpectedValueException", "Object not found"))
}

pub(super) fn spl_object_storage_add_all(cx: &mut Cx, this: &Object, other: &Object) -> Ret<i64> {
    for (_, object, info) in storage(other).entries() {
        spl_object_storage_attach(cx, this, &object, &info)?;
    }
    spl_object_storage_count(cx, this, 0)
}

pub(super) fn spl_object_storage_remove_all(
    cx: &mut Cx,
    this: &Object,
    other: &Object,
) -> Ret<i64> {
    for (_, object, _) in storage(other).entries() {
        let k = key(cx, this, &object)?;
        storage(this).remove(&k);
    }
    storage(this).rewind();
    spl_object_storage_count(cx, this, 0)
}

pub(super) fn spl_object_storage_remove_all_except(
    cx: &mut Cx,
    this: &Object,
    other: &Object,
) -> Ret<i64> {
    for (k, object, _) in storage(this).entries() {
        if !spl_object_storage_contains(cx, other, &object)? {
            storage(this).remove(&k);
        }
    }
    storage(this).rewind();
    spl_object_storage_count(cx, this, 0)
}

pub(super) fn spl_object_storage_get_info(_cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    let s = storage(this);
    Ok(s.entry().and_then(|(k, _)| s.infos.borrow().get(&k).map(Value::deref)))
}

pub(super) fn spl_object_storage_set_info(_cx: &mut Cx, this: &Object, info: &Value) -> Ret<()> {
    let s = storage(this);
    if let Some((k, _)) = s.entry() {
        let old = s.infos.borrow_mut().insert(k, info.clone());
        drop(old);
    }
    Ok(())
}

pub(super) fn spl_object_storage_count(cx: &mut Cx, this: &Object, mode: i64) -> Ret<i64> {
    if mode == 1 {
        let shown = Value::Array(cx.mangled_vars(this));
        let count = cx.call(&Value::str("count"), vec![shown, Value::Int(1)])?;
        return cx.to_int(&count);
    }
    Ok(storage(this).objects.borrow().len() as i64)
}

pub(super) fn spl_object_storage_rewind(_cx: &mut Cx, this: &Object) -> Ret<()> {
    storage(this).rewind();
    Ok(())
}

pub(super) fn spl_object_storage_valid(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(storage(this).entry().is_some())
}

pub(super) fn spl_object_storage_key(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(storage(this).index.get())
}

pub(super) fn spl_object_storage_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    match storage(this).entry() {
        Some((_, object)) => Ok(object),
        None => Err(cx.throw("RuntimeException", "Called current() on invalid iterator")),
    }
}

pub(super) fn spl_object_storage_next(_cx: &mut Cx, this: &Object) -> Ret<()> {
    if storage(this).entry().is_some() {
        storage(this).forward();
    }
    Ok(())
}

pub(super) fn spl_object_storage_seek(cx: &mut Cx, this: &Object, offset: i64) -> Ret<()> {
    let s = storage(this);
    let len = s.objects.borrow().len() as i64;
    if !(0..len).contains(&offset) {
        return Err(
            cx.throw("OutOfBoundsException", format!("Seek position {offset} is out of range"))
        );
    }
    s.rewind();
    for _ in 0..offset {
        s.forward();
    }
    Ok(())
}

pub(super) fn spl_object_storage_get_hash(
    _cx: &mut Cx,
    _this: &Object,
    object: &Object,
) -> Ret<String> {
    Ok(crate::functions::hash(object))
}

pub(super) fn spl_object_storage_serialize(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let entries = storage(this).entries();
    let mut out = format!("x:i:{};", entries.len()).into_bytes();
    for (_, object, info) in entries {
        out.extend_from_slice(&serialized(cx, Value::Object(object))?);
        out.push(b',');
        out.extend_from_slice(&serialized(cx, info)?);
        out.push(b';');
    }
    out.extend_from_slice(b"m:");
    let members = Value::Array(cx.mangled_vars(this));
    out.extend_from_slice(&serialized(cx, members)?);
    Ok(out)
}

pub(super) fn spl_object_storage_unserialize(
    cx: &mut Cx,
    this: &Object,
    text: &PhpString,
) -> Ret<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut at = 0;
    match parse(cx, this, text, &mut at)? {
        Some(()) => Ok(()),
        None => Err(cx.throw(
            "UnexpectedValueException",
            format!("Error at offset {at} of {} bytes", text.len()),
        )),
    }
}

/// Takes the value at `at`.
fn take(cx: &mut Cx, text: &[u8], at: &mut usize) -> Ret<Option<Value>> {
    let Some(len) = text.get(*at..).and_then(value_len) else { return Ok(None) };
    let part = &text[*at..*at + len];
    *at += len;
    unserialized(cx, part).map(Some)
}

/// Reads `x:i:N;OBJECT,INFO;…m:MEMBERS`; `None` where the text is something else.
fn parse(cx: &mut Cx, this: &Object, text: &[u8], at: &mut usize) -> Ret<Option<()>> {
    if !text.starts_with(b"x:") {
        *at = if text.first() == Some(&b'x') { 1 } else { 0 };
        return Ok(None);
    }
    *at = 2;
    let Some(Value::Int(count)) = take(cx, text, at)? else { return Ok(None) };
    for _ in 0..count {
        let Some(Value::Object(object)) = take(cx, text, at)? else { return Ok(None) };
        let mut info = Value::Null;
        if text.get(*at) == Some(&b',') {
            *at += 1;
            match take(cx, text, at)? {
                Some(v) => info = v,
                None => return Ok(None),
            }
        }
        if text.get(*at) != Some(&b';') {
            return Ok(None);
        }
        *at += 1;
        spl_object_storage_attach(cx, this, &object, &info)?;
    }
    if text.get(*at..*at + 2) != Some(b"m:") {
        return Ok(None);
    }
    *at += 2;
    let Some(Value::Array(members)) = take(cx, text, at)? else { return Ok(None) };
    restore_members(cx, this, &members)?;
    Ok(Some(()))
}

pub(super) fn spl_object_storage_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut list = Vec::new();
    for (_, object, info) in storage(this).entries() {
        list.push(Value::Object(object));
        list.push(info);
    }
    let members = Value::Array(cx.mangled_vars(this));
    Ok(PhpArray::from_list(vec![Value::Array(PhpArray::from_list(list)), members]))
}

pub(super) fn spl_object_storage_magic_unserialize(
    cx: &mut Cx,
    this: &Object,
    data: PhpArray,
) -> Ret<()> {
    let parts = (data.get_int(0), data.get_int(1));
    let (Some(Value::Array(list)), Some(Value::Array(members))) = parts else {
        return Err(
            cx.throw("UnexpectedValueException", "Incomplete or ill-typed serialization data")
        );
    };
    if list.len() % 2 != 0 {
        return Err(cx.throw("UnexpectedValueException", "Odd number of elements"));
    }
    let values: Vec<Value> = list.values().map(Value::deref).collect();
    for pair in values.chunks(2) {
        let Value::Object(object) = &pair[0] else {
            return Err(cx.throw("UnexpectedValueException", "Non-object key"));
        };
        spl_object_storage_attach(cx, this, object, &pair[1])?;
    }
    restore_members(cx, this, members)
}

pub(super) fn spl_object_storage_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    let pairs = storage(this).entries().into_iter().map(|(_, o, info)| pair(o, info)).collect();
    out.insert_str(PhpString::from("\0SplObjectStorage\0storage"), Value::Array(pairs));
    Ok(out)
}

/// An entry as `var_dump` shows it.
pub(super) fn pair(object: Object, info: Value) -> Value {
    let mut pair = PhpArray::new();
    pair.insert_str(PhpString::from("obj"), Value::Object(object));
    pair.insert_str(PhpString::from("inf"), info);
    Value::Array(pair)
}
