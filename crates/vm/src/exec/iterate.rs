//! `foreach` and everything else that iterates.
//!
//! An iteration owns three temporaries: what is iterated, where it stands, and what else it needs.
//! - array by value: the array, the next position;
//! - array by reference: the reference, the handle of a registered position;
//! - iterator object: the iterator, `true` once it was advanced past the first element;
//! - plain object: the object, the next position in the list of its property names, that list.

use crate::class::ObjectClass;
use crate::native::NativeIterator;
use crate::{Cx, PropertiesFor, Ret};
use outlast_bytecode::{NO_SLOT, Slot};
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Reference, Value};
use std::cell::RefCell;

/// A native iterator in an iteration's slot.
struct NativeIteration(RefCell<Box<dyn NativeIterator>>);

impl ObjectData for NativeIteration {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

impl Cx {
    fn iter_slot(&mut self, base: *mut Value, slot: Slot) -> &mut Value {
        // SAFETY: operands lie within the frame; callers end the borrow before running code.
        unsafe { &mut *base.add(slot as usize) }
    }

    /// The three slots of an iteration.
    fn iter_slots(&mut self, base: *mut Value, iter: Slot) -> &mut [Value; 3] {
        // SAFETY: the compiler gives an iteration three adjacent slots of the frame; callers end
        // the borrow before running code.
        unsafe { &mut *base.add(iter as usize).cast() }
    }

    /// Starts an iteration by value; false if there is nothing to iterate.
    pub(crate) fn iter_init(&mut self, base: *mut Value, iter: Slot, src: Value) -> Ret<bool> {
        match src {
            Value::Array(a) => {
                let empty = a.is_empty();
                *self.iter_slot(base, iter) = Value::Array(a);
                *self.iter_slot(base, iter + 1) = Value::Int(0);
                *self.iter_slot(base, iter + 2) = Value::Undef;
                if empty {
                    *self.iter_slot(base, iter) = Value::Undef;
                }
                Ok(!empty)
            }
            Value::Object(o) => self.iter_init_object(base, iter, &o, false),
            v => {
                let name = self.value_type_name(&v);
                self.raise_warning(format!(
                    "foreach() argument must be of type array|object, {name} given"
                ))?;
                Ok(false)
            }
        }
    }

    /// Starts an iteration by reference.
    pub(crate) fn iter_init_ref(&mut self, base: *mut Value, iter: Slot, src: Value) -> Ret<bool> {
        match src {
            Value::Ref(r) => {
                let inner = r.get();
                match inner {
                    Value::Array(a) => {
                        if a.is_empty() {
                            return Ok(false);
                        }
                        drop(a);
                        // SAFETY: nothing else touches the reference meanwhile.
                        let handle = match unsafe { &mut *r.as_ptr() } {
                            Value::Array(a) => a.iter_register(0),
                            _ => unreachable!("just seen to be an array"),
                        };
                        *self.iter_slot(base, iter) = Value::Ref(r);
                        *self.iter_slot(base, iter + 1) = Value::Int(i64::from(handle));
                        Ok(true)
                    }
                    Value::Object(o) => self.iter_init_object(base, iter, &o, true),
                    v => {
                        let name = self.value_type_name(&v);
                        self.raise_warning(format!(
                            "foreach() argument must be of type array|object, {name} given"
                        ))?;
                        Ok(false)
                    }
                }
            }
            Value::Object(o) => self.iter_init_object(base, iter, &o, true),
            v => self.iter_init(base, iter, v),
        }
    }

    fn iter_init_object(
        &mut self,
        base: *mut Value,
        iter: Slot,
        o: &Object,
        by_ref: bool,
    ) -> Ret<bool> {
        let mut object = o.clone();
        let mut class = object.class();
        loop {
            if let Some(iterate) = class.handlers.iterate {
                let mut it = iterate(self, &object, by_ref)?;
                it.rewind(self)?;
                if !it.valid(self)? {
                    return Ok(false);
                }
                let holder = self.closure_class();
                let holder = Object::with_flags(holder.ptr(), 0, Object::DESTRUCTOR_CALLED);
                holder.set_data(Box::new(NativeIteration(RefCell::new(it))));
                *self.iter_slot(base, iter) = Value::Object(holder);
                *self.iter_slot(base, iter + 1) = Value::Bool(false);
                *self.iter_slot(base, iter + 2) = Value::Object(object);
                return Ok(true);
            }
            if class.iteration != 2 {
                break;
            }
            object = self.get_iterator(&object)?;
            class = object.class();
        }
        if class.iteration == 1 {
            if by_ref {
                return Err(
                    self.throw_error("An iterator cannot be used with foreach by reference")
                );
            }
            self.call_method(&object, "rewind", Vec::new())?;
            let valid = self.call_method(&object, "valid", Vec::new())?;
            if !self.to_bool(&valid)? {
                return Ok(false);
            }
            *self.iter_slot(base, iter) = Value::Object(object);
            *self.iter_slot(base, iter + 1) = Value::Bool(false);
            *self.iter_slot(base, iter + 2) = Value::Undef;
            return Ok(true);
        }
        // A plain object: the names of its visible properties, looked up as they are reached.
        let object = self.realize(&object)?;
        let names = self.visible_names(&object)?;
        if names.is_empty() {
            return Ok(false);
        }
        *self.iter_slot(base, iter) = Value::Object(object);
        *self.iter_slot(base, iter + 1) = Value::Int(0);
        *self.iter_slot(base, iter + 2) = Value::Array(names);
        Ok(true)
    }

    /// Names of the properties of an object that the running scope sees.
    fn visible_names(&mut self, o: &Object) -> Ret<PhpArray> {
        let scope = self.scope();
        let vars = if o.class().handlers.properties.is_some() {
            self.props_for(o, PropertiesFor::ArrayCast)?
        } else {
            self.iterable_vars(o, scope)?
        };
        Ok(PhpArray::from_list(vars.iter().map(|(k, _)| k.to_value()).collect()))
    }

    /// IteratorAggregate::getIterator, followed until it gives an Iterator.
    pub fn get_iterator(&mut self, o: &Object) -> Ret<Object> {
        let v = self.call_method(o, "getIterator", Vec::new())?;
        match v.into_deref() {
            Value::Object(it) if it.class().iteration != 0 || it.class().handlers.iterate.is_some() => {
                Ok(it)
            }
            _ => Err(self.throw(
                "Exception",
                format!(
                    "Objects returned by {}::getIterator() must be traversable or implement interface Iterator",
                    o.class().display_name()
                ),
            )),
        }
    }

    /// Next element by value into `val` (and `key` unless `NO_SLOT`); false at the end.
    pub(crate) fn iter_next(
        &mut self,
        base: *mut Value,
        iter: Slot,
        val: Slot,
        key: Slot,
    ) -> Ret<bool> {
        let (k, v) = match self.iter_slots(base, iter) {
            [Value::Array(a), Value::Int(pos), _] => {
                let at = a.pos_valid(*pos as usize);
                match a.entry_at(at) {
                    Some((k, v)) => {
                        let k = if key == NO_SLOT { Value::Undef } else { k.to_value() };
                        let v = v.deref();
                        *pos = at as i64 + 1;
                        (k, v)
                    }
                    None => return Ok(false),
                }
            }
            [Value::Object(o), Value::Bool(_), _] => {
                let o = o.clone();
                match self.iter_next_object(base, iter, &o, key != NO_SLOT)? {
                    Some((k, v)) => (k, v.into_deref()),
                    None => return Ok(false),
                }
            }
            [Value::Object(o), Value::Int(_), _] => {
                let o = o.clone();
                match self.iter_next_property(base, iter, &o)? {
                    Some((k, name)) => (k, self.iterated_property(&o, &name)?),
                    None => return Ok(false),
                }
            }
            _ => return Ok(false),
        };
        if key != NO_SLOT {
            *self.iter_slot(base, key) = k;
        }
        if val < self.locals() {
            self.assign_local(base, val, v)?;
        } else {
            *self.iter_slot(base, val) = v;
        }
        Ok(true)
    }

    /// Value of a property met by foreach.
    fn iterated_property(&mut self, o: &Object, name: &PhpString) -> Ret<Value> {
        if o.class().handlers.properties.is_some() {
            let all = self.props_for(o, PropertiesFor::ArrayCast)?;
            return Ok(all.get_key_str(name).map(Value::deref).unwrap_or(Value::Null));
        }
        self.read_prop(o, name)
    }

    fn iter_next_object(
        &mut self,
        base: *mut Value,
        iter: Slot,
        o: &Object,
        want_key: bool,
    ) -> Ret<Option<(Value, Value)>> {
        let advanced = matches!(self.iter_slot(base, iter + 1), Value::Bool(true));
        *self.iter_slot(base, iter + 1) = Value::Bool(true);
        if let Some(native) = o.data::<NativeIteration>() {
            // The iterator is taken out while it runs PHP code that may end this very loop.
            let mut it = std::mem::replace(&mut *native.0.borrow_mut(), Box::new(Ended));
            let result = (|| {
                if advanced {
                    it.next(self)?;
                    if !it.valid(self)? {
                        return Ok(None);
                    }
                }
                let v = it.current(self)?;
                let k = if want_key { it.key(self)? } else { Value::Undef };
                Ok(Some((k, v)))
            })();
            *native.0.borrow_mut() = it;
            return result;
        }
        if advanced {
            self.call_method(o, "next", Vec::new())?;
            let valid = self.call_method(o, "valid", Vec::new())?;
            if !self.to_bool(&valid)? {
                return Ok(None);
            }
        }
        let v = self.call_method(o, "current", Vec::new())?;
        let k = if want_key {
            self.call_method(o, "key", Vec::new())?.into_deref()
        } else {
            Value::Undef
        };
        Ok(Some((k, v)))
    }

    /// The next property that still exists: its key and name.
    fn iter_next_property(
        &mut self,
        base: *mut Value,
        iter: Slot,
        o: &Object,
    ) -> Ret<Option<(Value, PhpString)>> {
        loop {
            let [_, Value::Int(pos), Value::Array(names)] = self.iter_slots(base, iter) else {
                return Ok(None);
            };
            let Some(k) = names.get_int(*pos).cloned() else {
                // Properties added meanwhile come last.
                let seen = names.clone();
                let now = self.visible_names(o)?;
                let fresh: Vec<Value> = now
                    .values()
                    .filter(|v| !seen.values().any(|s| outlast_value::identical(s, v)))
                    .cloned()
                    .collect();
                if fresh.is_empty() {
                    return Ok(None);
                }
                if let Value::Array(names) = self.iter_slot(base, iter + 2) {
                    for v in fresh {
                        names.push(v).ok();
                    }
                }
                continue;
            };
            *pos += 1;
            let name = match &k {
                Value::Int(i) => crate::convert::int_to_string(*i),
                Value::Str(s) => s.clone(),
                _ => continue,
            };
            if self.still_iterable(o, &name)? {
                return Ok(Some((k, name)));
            }
        }
    }

    fn still_iterable(&mut self, o: &Object, name: &PhpString) -> Ret<bool> {
        if o.class().handlers.properties.is_some() {
            return Ok(true);
        }
        let scope = self.scope();
        Ok(match self.lookup_prop(o.class(), name, scope) {
            crate::props::PropLookup::Slot(info) if info.has_hooks() => info.get.is_some(),
            crate::props::PropLookup::Slot(info) => {
                !o.with_slot(info.slot as usize, Value::is_undef)
            }
            _ => o.with_dynamic(|t| {
                t.is_some_and(|t| t.get_str(name).is_some() || t.get_key_str(name).is_some())
            }),
        })
    }

    /// Next element by reference; `None` at the end.
    pub(crate) fn iter_next_ref(
        &mut self,
        base: *mut Value,
        iter: Slot,
        key: Slot,
    ) -> Ret<Option<Reference>> {
        let (k, r) = match self.iter_slots(base, iter) {
            [Value::Ref(r), Value::Int(handle), _] => {
                let (r, handle) = (r.clone(), *handle as u32);
                // SAFETY: nothing else touches the reference while the array is stepped.
                let place = unsafe { &mut *r.as_ptr() };
                let Value::Array(a) = place else {
                    let name = self.value_type_name(&r.get());
                    self.raise_warning(format!(
                        "foreach() argument must be of type array|object, {name} given"
                    ))?;
                    return Ok(None);
                };
                let pos = match a.iter_pos(handle) {
                    Some(p) => p,
                    None => {
                        // Another array was assigned: start over in it.
                        let h = a.iter_register(a.cursor());
                        *self.iter_slot(base, iter + 1) = Value::Int(i64::from(h));
                        a.pos_valid(a.cursor())
                    }
                };
                let at = a.pos_valid(pos);
                let Some((k, _)) = a.entry_at(at) else { return Ok(None) };
                let k = k.to_value();
                a.separate();
                let element = a.entry_at_mut(at).expect("just seen");
                let r = element.make_ref();
                let next = a.pos_next(at);
                let handle = match self.iter_slot(base, iter + 1) {
                    Value::Int(h) => *h as u32,
                    _ => handle,
                };
                a.iter_set_pos(handle, next);
                (k, r)
            }
            [Value::Object(o), Value::Bool(_), _] => {
                let o = o.clone();
                match self.iter_next_object(base, iter, &o, key != NO_SLOT)? {
                    Some((k, Value::Ref(r))) => (k, r),
                    Some((k, v)) => (k, Reference::new(v)),
                    None => return Ok(None),
                }
            }
            [Value::Object(o), Value::Int(_), _] => {
                let o = o.clone();
                match self.iter_next_property(base, iter, &o)? {
                    Some((k, name)) => (k, self.foreach_prop_ref(&o, &name)?),
                    None => return Ok(None),
                }
            }
            [Value::Array(_), ..] => {
                // A temporary array iterated "by reference".
                let (k, v) = match self.iter_slots(base, iter) {
                    [Value::Array(a), Value::Int(pos), _] => {
                        let at = a.pos_valid(*pos as usize);
                        match a.entry_at(at) {
                            Some((k, v)) => {
                                *pos = at as i64 + 1;
                                (k.to_value(), v.clone())
                            }
                            None => return Ok(None),
                        }
                    }
                    _ => return Ok(None),
                };
                match v {
                    Value::Ref(r) => (k, r),
                    v => (k, Reference::new(v)),
                }
            }
            _ => return Ok(None),
        };
        if key != NO_SLOT {
            *self.iter_slot(base, key) = k;
        }
        Ok(Some(r))
    }

    /// Ends an iteration.
    pub(crate) fn iter_free(&mut self, base: *mut Value, iter: Slot) {
        if let [Value::Ref(r), Value::Int(handle), _] = self.iter_slots(base, iter) {
            // SAFETY: nothing else touches the reference meanwhile.
            if let Value::Array(a) = unsafe { &mut *r.as_ptr() } {
                a.iter_release(*handle as u32);
            }
        }
        for i in 0..3 {
            let v = self.iter_slot(base, iter + i).take();
            drop(v);
        }
    }

    /// Iterates any iterable for native code: calls `f` with key and value until it returns false.
    pub fn iterate(
        &mut self,
        iterable: &Value,
        f: &mut dyn FnMut(&mut Cx, Value, Value) -> Ret<bool>,
    ) -> Ret<()> {
        match iterable {
            Value::Array(a) => {
                let a = a.clone();
                for (k, v) in a.iter() {
                    if !f(self, k.to_value(), v.clone())? {
                        break;
                    }
                }
                Ok(())
            }
            Value::Ref(r) => self.iterate(&r.get(), f),
            Value::Object(o) => {
                let mut o = o.clone();
                loop {
                    if let Some(iterate) = o.class().handlers.iterate {
                        let mut it = iterate(self, &o, false)?;
                        it.rewind(self)?;
                        while it.valid(self)? {
                            let v = it.current(self)?;
                            let k = it.key(self)?;
                            if !f(self, k, v)? {
                                break;
                            }
                            it.next(self)?;
                        }
                        return Ok(());
                    }
                    if o.class().iteration != 2 {
                        break;
                    }
                    o = self.get_iterator(&o)?;
                }
                if o.class().iteration != 1 {
                    return Err(self.throw_type_error("Argument must be of type Traversable|array"));
                }
                self.call_method(&o, "rewind", Vec::new())?;
                loop {
                    let valid = self.call_method(&o, "valid", Vec::new())?;
                    if !self.to_bool(&valid)? {
                        return Ok(());
                    }
                    let v = self.call_method(&o, "current", Vec::new())?.into_deref();
                    let k = self.call_method(&o, "key", Vec::new())?.into_deref();
                    if !f(self, k, v)? {
                        return Ok(());
                    }
                    self.call_method(&o, "next", Vec::new())?;
                }
            }
            v => {
                let name = self.value_type_name(v);
                Err(self.throw_type_error(format!(
                    "Argument must be of type Traversable|array, {name} given"
                )))
            }
        }
    }

    /// A key from an iterator as an array key.
    pub fn key_of(&mut self, key: &Value) -> Ret<Option<Key>> {
        self.to_key(key)
    }
}

/// Stands in for an iterator that is running.
struct Ended;

impl NativeIterator for Ended {
    fn rewind(&mut self, _: &mut Cx) -> Ret<()> {
        Ok(())
    }
    fn valid(&mut self, _: &mut Cx) -> Ret<bool> {
        Ok(false)
    }
    fn current(&mut self, _: &mut Cx) -> Ret<Value> {
        Ok(Value::Null)
    }
    fn key(&mut self, _: &mut Cx) -> Ret<Value> {
        Ok(Value::Null)
    }
    fn next(&mut self, _: &mut Cx) -> Ret<()> {
        Ok(())
    }
}
