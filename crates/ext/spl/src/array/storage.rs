//! Where the elements of an ArrayObject live: in itself, in another one, or as the properties of
//! an object.

use outlast_bytecode::member_flags;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Reference, Value};
use outlast_vm::{ClassRef, Cx, ObjectClass, Ret};
use std::cell::{Cell, RefCell};

/// Properties are the object's own, not the elements.
pub(super) const STD_PROP_LIST: i64 = 1;
/// Elements are read and written as properties too.
pub(super) const ARRAY_AS_PROPS: i64 = 2;
/// Objects are no children of a RecursiveArrayIterator.
pub(super) const CHILD_ARRAYS_ONLY: i64 = 4;

/// The elements.
#[derive(Clone)]
pub(super) enum Storage {
    Array(PhpArray),
    /// Those of this object.
    Object(Object),
    /// Its own properties.
    Own,
}

/// The payload.
pub(super) struct ArrayData {
    pub(super) storage: RefCell<Storage>,
    pub(super) flags: Cell<i64>,
    pub(super) iterator_class: Cell<Option<ClassRef>>,
    /// Handle of the position in the array.
    handle: Cell<Option<u32>>,
    /// Position among properties.
    at: Cell<usize>,
    /// A sort runs.
    pub(super) sorting: Cell<bool>,
}

impl ArrayData {
    pub(super) fn new(storage: Storage, flags: i64, iterator_class: Option<ClassRef>) -> Self {
        ArrayData {
            storage: RefCell::new(storage),
            flags: Cell::new(flags),
            iterator_class: Cell::new(iterator_class),
            handle: Cell::new(None),
            at: Cell::new(0),
            sorting: Cell::new(false),
        }
    }

    /// Replaces the storage; the position is lost.
    pub(super) fn set_storage(&self, storage: Storage) {
        self.release();
        self.at.set(0);
        let old = self.storage.replace(storage);
        drop(old);
    }

    /// Forgets the position in an array that others hold too.
    fn release(&self) {
        let Some(handle) = self.handle.take() else { return };
        let other = match &*self.storage.borrow() {
            Storage::Object(o) => o.clone(),
            _ => return,
        };
        if let Root::Array(holder) = root(&other) {
            edit(&holder, |a| a.iter_release(handle));
        }
    }
}

impl Drop for ArrayData {
    fn drop(&mut self) {
        self.release();
    }
}

impl ObjectData for ArrayData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        match &*self.storage.borrow() {
            Storage::Array(a) => visit(&Value::Array(a.clone())),
            Storage::Object(o) => visit(&Value::Object(o.clone())),
            Storage::Own => {}
        }
    }
    fn clear(&self) {
        self.set_storage(Storage::Own);
    }
}

/// The payload of an ArrayObject or ArrayIterator.
pub(super) fn data(this: &Object) -> &ArrayData {
    this.data::<ArrayData>().expect("every ArrayObject has storage")
}

/// Who holds the elements in the end.
pub(super) enum Root {
    /// The array of this ArrayObject.
    Array(Object),
    /// The properties of this object.
    Props(Object),
}

pub(super) fn root(this: &Object) -> Root {
    let mut o = this.clone();
    loop {
        let Some(data) = o.data::<ArrayData>() else { return Root::Props(o) };
        let next = match &*data.storage.borrow() {
            Storage::Array(_) => None,
            Storage::Own => return Root::Props(o.clone()),
            Storage::Object(next) => Some(next.clone()),
        };
        match next {
            Some(next) => o = next,
            None => return Root::Array(o),
        }
    }
}

/// Works on the array that `holder` holds.
fn edit<R>(holder: &Object, f: impl FnOnce(&mut PhpArray) -> R) -> R {
    match &mut *data(holder).storage.borrow_mut() {
        Storage::Array(a) => f(a),
        _ => f(&mut PhpArray::new()),
    }
}

/// The public properties of an object.
fn public_properties(cx: &mut Cx, o: &Object) -> PhpArray {
    let mut all = cx.mangled_vars(o);
    if all.keys().any(|k| matches!(&k, Key::Str(s) if s.first() == Some(&0))) {
        all.retain(|k, _| !matches!(k, outlast_value::KeyRef::Str(s) if s.first() == Some(&0)));
    }
    all
}

/// All elements.
pub(super) fn table(cx: &mut Cx, this: &Object) -> PhpArray {
    match root(this) {
        Root::Array(h) => edit(&h, |a| a.clone()),
        Root::Props(o) => public_properties(cx, &o),
    }
}

pub(super) fn len(cx: &mut Cx, this: &Object) -> usize {
    match root(this) {
        Root::Array(h) => edit(&h, |a| a.len()),
        Root::Props(o) => public_properties(cx, &o).len(),
    }
}

fn property_name(key: &Key) -> PhpString {
    match key {
        Key::Int(i) => PhpString::from(i.to_string()),
        Key::Str(s) => s.clone(),
    }
}

fn is_declared(o: &Object, name: &PhpString) -> bool {
    o.class().props.get(name).is_some_and(|p| {
        p.flags & (member_flags::PRIVATE | member_flags::PROTECTED | member_flags::STATIC) == 0
    })
}

pub(super) fn get(cx: &mut Cx, this: &Object, key: &Key) -> Option<Value> {
    match root(this) {
        Root::Array(h) => edit(&h, |a| a.get(key).map(Value::deref)),
        Root::Props(o) => public_properties(cx, &o).get(key).map(Value::deref),
    }
}

pub(super) fn set(cx: &mut Cx, this: &Object, key: Key, value: Value) -> Ret<()> {
    match root(this) {
        Root::Array(h) => {
            let reference = edit(&h, |a| match a.get(&key) {
                Some(Value::Ref(r)) => Some(r.clone()),
                _ => None,
            });
            let old = match reference {
                Some(r) => Some(r.replace(value)),
                None => edit(&h, |a| a.insert(key, value)),
            };
            drop(old);
        }
        Root::Props(o) => {
            let name = property_name(&key);
            if is_declared(&o, &name) || !o.ptr_eq(this) && o.data::<ArrayData>().is_none() {
                return cx.write_prop(&o, &name, value);
            }
            let old =
                o.dynamic_mut(|t| t.get_or_insert_with(PhpArray::new).insert_str(name, value));
            drop(old);
        }
    }
    Ok(())
}

/// Adds an element behind the others; false if that cannot be.
pub(super) fn push(this: &Object, value: Value) -> bool {
    match root(this) {
        Root::Array(h) => edit(&h, |a| a.push(value).is_ok()),
        Root::Props(_) => false,
    }
}

pub(super) fn remove(cx: &mut Cx, this: &Object, key: &Key) -> Ret<()> {
    match root(this) {
        Root::Array(h) => {
            let old = edit(&h, |a| a.remove(key));
            drop(old);
        }
        Root::Props(o) => {
            let name = property_name(key);
            if is_declared(&o, &name) || !o.ptr_eq(this) && o.data::<ArrayData>().is_none() {
                return cx.unset_prop(&o, &name);
            }
            let old = o.dynamic_mut(|t| t.as_mut().and_then(|t| t.remove_str(&name)));
            drop(old);
        }
    }
    Ok(())
}

/// A reference to an element, which is made if it is not there; tells whether it was.
pub(super) fn reference(cx: &mut Cx, this: &Object, key: Option<&Key>) -> Ret<Option<Reference>> {
    match root(this) {
        Root::Array(h) => Ok(edit(&h, |a| {
            let place = match key {
                Some(key) => a.get_or_insert(key),
                None => a.push_mut().ok()?,
            };
            if place.is_undef() {
                *place = Value::Null;
            }
            Some(place.make_ref())
        })),
        Root::Props(o) => match key {
            Some(key) => {
                let name = property_name(key);
                if is_declared(&o, &name) || !o.ptr_eq(this) && o.data::<ArrayData>().is_none() {
                    return cx.prop_ref(&o, &name).map(Some);
                }
                Ok(Some(o.dynamic_mut(|t| {
                    let t = t.get_or_insert_with(PhpArray::new);
                    if t.get_str(&name).is_none() {
                        t.insert_str(name.clone(), Value::Null);
                    }
                    t.get_string_mut(&name)
                        .map_or_else(|| Reference::new(Value::Null), Value::make_ref)
                })))
            }
            None => Ok(None),
        },
    }
}

// ---- the position

/// The position in the array, registered there.
fn position(data: &ArrayData, a: &mut PhpArray) -> (u32, usize) {
    if let Some(handle) = data.handle.get() {
        if let Some(pos) = a.iter_pos(handle) {
            return (handle, pos);
        }
        let begin = a.pos_begin();
        a.iter_set_pos(handle, begin);
        return (handle, begin);
    }
    let begin = a.pos_begin();
    let handle = a.iter_register(begin);
    data.handle.set(Some(handle));
    (handle, begin)
}

pub(super) fn rewind(this: &Object) {
    let d = data(this);
    match root(this) {
        Root::Array(h) => edit(&h, |a| {
            let begin = a.pos_begin();
            let (handle, _) = position(d, a);
            a.iter_set_pos(handle, begin);
        }),
        Root::Props(_) => d.at.set(0),
    }
}

pub(super) fn forward(this: &Object) {
    let d = data(this);
    match root(this) {
        Root::Array(h) => edit(&h, |a| {
            let (handle, pos) = position(d, a);
            let next = a.pos_next(pos);
            a.iter_set_pos(handle, next);
        }),
        Root::Props(_) => d.at.set(d.at.get() + 1),
    }
}

/// Key and value at the position.
pub(super) fn entry(cx: &mut Cx, this: &Object) -> Option<(Key, Value)> {
    let d = data(this);
    match root(this) {
        Root::Array(h) => edit(&h, |a| {
            let (_, pos) = position(d, a);
            a.entry_at(pos).map(|(k, v)| (k.to_key(), v.deref()))
        }),
        Root::Props(o) => {
            let all = public_properties(cx, &o);
            all.iter().nth(d.at.get()).map(|(k, v)| (k, v.deref()))
        }
    }
}
