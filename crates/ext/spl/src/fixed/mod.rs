//! `SplFixedArray`.

mod fixed_stub;

pub(crate) use fixed_stub::MODULE;

use crate::list::restore_members;
use crate::overrides::overridden;
use outlast_value::{Key, Object, ObjectData, PhpArray, Reference, Value};
use outlast_vm::{
    ClassRef, Cx, NativeIterator, ObjectClass, ObjectHandlers, PropertiesFor, Ret, Unwind,
};
use std::cell::RefCell;

static FIXED_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    clone: Some(copy),
    properties: Some(properties),
    read_dimension: Some(read),
    write_dimension: Some(write),
    dimension_ref: Some(element_ref),
    has_dimension: Some(has),
    unset_dimension: Some(unset),
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

#[derive(Default)]
struct Fixed(RefCell<Vec<Value>>);

impl ObjectData for Fixed {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.0.borrow().iter().for_each(visit);
    }
    fn clear(&self) {
        let old = self.0.take();
        drop(old);
    }
}

fn fixed(this: &Object) -> &RefCell<Vec<Value>> {
    &this.data::<Fixed>().expect("every fixed array has elements").0
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(Fixed::default()));
    Ok(())
}

fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let values = fixed(old).borrow().clone();
    new.set_data(Box::new(Fixed(RefCell::new(values))));
    Ok(())
}

fn values(this: &Object) -> PhpArray {
    PhpArray::from_list(fixed(this).borrow().clone())
}

fn properties(cx: &mut Cx, this: &Object, _purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut out = cx.mangled_vars(this);
    for (k, v) in values(this).iter() {
        out.insert(k, v.clone());
    }
    Ok(out)
}

fn out_of_range(cx: &mut Cx) -> Unwind {
    cx.throw("OutOfBoundsException", "Index invalid or out of range")
}

/// The place of an index, if there is one.
fn place(cx: &mut Cx, this: &Object, index: &Value) -> Ret<Option<usize>> {
    let Some(i) = crate::text::offset(index) else {
        let given = cx.value_type_name(index);
        let class = this.class().display_name();
        return Err(cx.throw_type_error(format!("Cannot access offset of type {given} on {class}")));
    };
    let len = fixed(this).borrow().len();
    Ok(usize::try_from(i).ok().filter(|i| *i < len))
}

fn place_or_throw(cx: &mut Cx, this: &Object, index: Option<&Value>) -> Ret<usize> {
    let Some(index) = index else {
        return Err(cx.throw_error("[] operator not supported for SplFixedArray"));
    };
    match place(cx, this, index)? {
        Some(at) => Ok(at),
        None => Err(out_of_range(cx)),
    }
}

fn get(this: &Object, at: usize) -> Value {
    fixed(this).borrow().get(at).map_or(Value::Null, Value::deref)
}

fn put(this: &Object, at: usize, value: Value) {
    let old = fixed(this).borrow_mut().get_mut(at).map(|place| std::mem::replace(place, value));
    drop(old);
}

fn read(cx: &mut Cx, this: &Object, key: Option<&Value>, quiet: bool) -> Ret<Value> {
    if quiet
        && let Some(key) = key
        && !has(cx, this, key, false)?
    {
        return Ok(Value::Null);
    }
    if overridden(this, b"offsetget") {
        let key = key.cloned().unwrap_or(Value::Null);
        return cx.call_method(this, "offsetGet", vec![key]);
    }
    let at = place_or_throw(cx, this, key)?;
    Ok(get(this, at))
}

fn write(cx: &mut Cx, this: &Object, key: Option<&Value>, value: Value) -> Ret<()> {
    if overridden(this, b"offsetset") {
        let key = key.cloned().unwrap_or(Value::Null);
        return cx.call_method(this, "offsetSet", vec![key, value]).map(drop);
    }
    let at = place_or_throw(cx, this, key)?;
    put(this, at, value);
    Ok(())
}

fn element_ref(cx: &mut Cx, this: &Object, key: Option<&Value>) -> Ret<Reference> {
    if overridden(this, b"offsetget") {
        let key = key.cloned().unwrap_or(Value::Null);
        return Ok(match cx.call_method(this, "offsetGet", vec![key])? {
            Value::Ref(r) => r,
            v => Reference::new(v),
        });
    }
    let at = place_or_throw(cx, this, key)?;
    let reference = fixed(this).borrow_mut().get_mut(at).map(Value::make_ref);
    Ok(reference.unwrap_or_else(|| Reference::new(Value::Null)))
}

fn has(cx: &mut Cx, this: &Object, key: &Value, empty: bool) -> Ret<bool> {
    if overridden(this, b"offsetexists") {
        let exists = cx.call_method(this, "offsetExists", vec![key.clone()])?;
        let exists = cx.to_bool(&exists)?;
        if !exists || !empty {
            return Ok(exists);
        }
    }
    let Some(at) = place(cx, this, key)? else { return Ok(false) };
    let value = get(this, at);
    if empty { cx.to_bool(&value) } else { Ok(!value.is_null()) }
}

fn unset(cx: &mut Cx, this: &Object, key: &Value) -> Ret<()> {
    if overridden(this, b"offsetunset") {
        return cx.call_method(this, "offsetUnset", vec![key.clone()]).map(drop);
    }
    let at = place_or_throw(cx, this, Some(key))?;
    put(this, at, Value::Null);
    Ok(())
}

struct Elements {
    over: Object,
    at: usize,
}

impl NativeIterator for Elements {
    fn rewind(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at = 0;
        Ok(())
    }
    fn valid(&mut self, _cx: &mut Cx) -> Ret<bool> {
        Ok(self.at < fixed(&self.over).borrow().len())
    }
    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        read(cx, &self.over, Some(&Value::Int(self.at as i64)), false)
    }
    fn key(&mut self, _cx: &mut Cx) -> Ret<Value> {
        Ok(Value::Int(self.at as i64))
    }
    fn next(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at += 1;
        Ok(())
    }
}

fn iterate(cx: &mut Cx, this: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    if by_ref {
        return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
    }
    Ok(Box::new(Elements { over: this.clone(), at: 0 }))
}

fn spl_fixed_array_construct(cx: &mut Cx, this: &Object, size: i64) -> Ret<()> {
    if size < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    if fixed(this).borrow().is_empty() {
        fixed(this).borrow_mut().resize(size as usize, Value::Null);
    }
    Ok(())
}

fn spl_fixed_array_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    if fixed(this).borrow().is_empty() {
        let members = cx.mangled_vars(this);
        *fixed(this).borrow_mut() = members.values().cloned().collect();
        this.set_dynamic(None);
    }
    Ok(())
}

fn spl_fixed_array_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = values(this);
    for (k, v) in cx.mangled_vars(this).iter() {
        if matches!(k, Key::Str(_)) {
            out.insert(k, v.clone());
        }
    }
    Ok(out)
}

fn spl_fixed_array_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let mut members = PhpArray::new();
    let mut list = Vec::new();
    for (k, v) in data.iter() {
        match k {
            Key::Int(_) => list.push(v.clone()),
            k => drop(members.insert(k, v.clone())),
        }
    }
    let old = fixed(this).replace(list);
    drop(old);
    restore_members(cx, this, &members)
}

fn spl_fixed_array_count(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(fixed(this).borrow().len() as i64)
}

fn spl_fixed_array_get_size(cx: &mut Cx, this: &Object) -> Ret<i64> {
    spl_fixed_array_count(cx, this)
}

fn spl_fixed_array_to_array(_cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(values(this))
}

fn spl_fixed_array_json_serialize(_cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(values(this))
}

fn spl_fixed_array_from_array(
    cx: &mut Cx,
    called: Option<ClassRef>,
    array: PhpArray,
    preserve_keys: bool,
) -> Ret<Object> {
    let mut list = Vec::new();
    if preserve_keys {
        for (k, v) in array.iter() {
            let Key::Int(i @ 0..) = k else {
                return Err(cx.throw(
                    "InvalidArgumentException",
                    "array must contain only positive integer keys",
                ));
            };
            let at = i as usize;
            if i == i64::MAX {
                return Err(cx.throw("InvalidArgumentException", "integer overflow detected"));
            }
            let bytes = at.saturating_sub(list.len()).saturating_mul(size_of::<Value>());
            if !cx.heap.has_room(bytes) {
                return Err(cx.memory_exhausted(bytes));
            }
            if list.len() <= at {
                list.resize(at + 1, Value::Null);
            }
            list[at] = v.deref();
        }
    } else {
        list.extend(array.values().map(Value::deref));
    }
    let class = match called {
        Some(class) => class,
        None => cx.class(b"SplFixedArray").expect("it is declared here"),
    };
    let object = cx.instantiate(class)?;
    *fixed(&object).borrow_mut() = list;
    Ok(object)
}

fn spl_fixed_array_set_size(cx: &mut Cx, this: &Object, size: i64) -> Ret<bool> {
    if size < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    let size = size as usize;
    let mut values = fixed(this).borrow_mut();
    let cut = if size < values.len() { values.split_off(size) } else { Vec::new() };
    values.resize(size, Value::Null);
    // Elements die when the array is no longer borrowed.
    drop(values);
    drop(cut);
    Ok(true)
}

fn spl_fixed_array_offset_exists(cx: &mut Cx, this: &Object, index: &Value) -> Ret<bool> {
    let at = place(cx, this, index)?;
    Ok(at.is_some_and(|at| !get(this, at).is_null()))
}

fn spl_fixed_array_offset_get(cx: &mut Cx, this: &Object, index: &Value) -> Ret<Value> {
    let at = place_or_throw(cx, this, Some(index))?;
    Ok(get(this, at))
}

fn spl_fixed_array_offset_set(cx: &mut Cx, this: &Object, index: &Value, value: &Value) -> Ret<()> {
    let at = place_or_throw(cx, this, Some(index).filter(|i| !i.is_null()))?;
    put(this, at, value.clone());
    Ok(())
}

fn spl_fixed_array_offset_unset(cx: &mut Cx, this: &Object, index: &Value) -> Ret<()> {
    let at = place_or_throw(cx, this, Some(index))?;
    put(this, at, Value::Null);
    Ok(())
}

fn spl_fixed_array_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let iterator = iterate(cx, this, false)?;
    outlast_ext_core::internal_iterator(cx, this, iterator)
}
