//! `SplDoublyLinkedList`, `SplQueue` and `SplStack`.

mod list_stub;

pub(crate) use list_stub::MODULE;

use crate::overrides::{native_name, overridden};
use crate::text::{serialized, unserialized, value_len};
use crate::traverse::MethodIterator;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeIterator, ObjectClass, ObjectHandlers, Ret};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

static LIST_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create),
    clone: Some(copy),
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

const DELETE: i64 = 1;
const LIFO: i64 = 2;
/// The direction may not change.
const FROZEN: i64 = 4;

#[derive(Default)]
struct List {
    values: RefCell<VecDeque<Value>>,
    flags: Cell<i64>,
    at: Cell<i64>,
}

impl ObjectData for List {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        self.values.borrow().iter().for_each(visit);
    }
    fn clear(&self) {
        let old = self.values.take();
        drop(old);
    }
}

impl List {
    fn get(&self, at: i64) -> Option<Value> {
        usize::try_from(at).ok().and_then(|i| self.values.borrow().get(i).cloned())
    }
    /// The place of an offset, which counts from the end in a stack.
    fn place(&self, offset: i64) -> Option<usize> {
        let len = self.values.borrow().len() as i64;
        if !(0..len).contains(&offset) {
            return None;
        }
        Some(if self.flags.get() & LIFO != 0 { len - 1 - offset } else { offset } as usize)
    }
    fn first(&self) -> i64 {
        if self.flags.get() & LIFO != 0 { self.values.borrow().len() as i64 - 1 } else { 0 }
    }
    /// The position behind `at`; deletes the element there if that is the mode.
    fn step(&self, at: i64) -> i64 {
        let flags = self.flags.get();
        match (flags & LIFO != 0, flags & DELETE != 0) {
            (true, delete) => {
                let old = if delete { self.values.borrow_mut().pop_back() } else { None };
                drop(old);
                at - 1
            }
            (false, true) => {
                let old = self.values.borrow_mut().pop_front();
                drop(old);
                at
            }
            (false, false) => at + 1,
        }
    }
}

fn list(this: &Object) -> &List {
    this.data::<List>().expect("every list has elements")
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = List::default();
    data.flags.set(match native_name(this).as_str() {
        "SplQueue" => FROZEN,
        "SplStack" => FROZEN | LIFO,
        _ => 0,
    });
    this.set_data(Box::new(data));
    Ok(())
}

fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let old = list(old);
    let values = old.values.borrow().clone();
    new.set_data(Box::new(List {
        values: RefCell::new(values),
        flags: old.flags.clone(),
        at: Cell::new(0),
    }));
    Ok(())
}

struct Elements {
    over: Object,
    at: i64,
}

impl NativeIterator for Elements {
    fn rewind(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at = list(&self.over).first();
        Ok(())
    }
    fn valid(&mut self, _cx: &mut Cx) -> Ret<bool> {
        Ok(list(&self.over).get(self.at).is_some())
    }
    fn current(&mut self, _cx: &mut Cx) -> Ret<Value> {
        Ok(list(&self.over).get(self.at).unwrap_or(Value::Null))
    }
    fn key(&mut self, _cx: &mut Cx) -> Ret<Value> {
        Ok(Value::Int(self.at))
    }
    fn next(&mut self, _cx: &mut Cx) -> Ret<()> {
        self.at = list(&self.over).step(self.at);
        Ok(())
    }
}

fn iterate(cx: &mut Cx, this: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    if by_ref {
        return Err(cx.throw_error("An iterator cannot be used with foreach by reference"));
    }
    const STEPS: [&[u8]; 5] = [b"rewind", b"valid", b"current", b"key", b"next"];
    if STEPS.iter().any(|step| overridden(this, step)) {
        return Ok(Box::new(MethodIterator(this.clone())));
    }
    Ok(Box::new(Elements { over: this.clone(), at: 0 }))
}

fn spl_doubly_linked_list_push(_cx: &mut Cx, this: &Object, value: &Value) -> Ret<()> {
    list(this).values.borrow_mut().push_back(value.clone());
    Ok(())
}

fn spl_doubly_linked_list_unshift(_cx: &mut Cx, this: &Object, value: &Value) -> Ret<()> {
    list(this).values.borrow_mut().push_front(value.clone());
    Ok(())
}

fn spl_doubly_linked_list_pop(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let value = list(this).values.borrow_mut().pop_back();
    value.ok_or_else(|| cx.throw("RuntimeException", "Can't pop from an empty datastructure"))
}

fn spl_doubly_linked_list_shift(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let value = list(this).values.borrow_mut().pop_front();
    value.ok_or_else(|| cx.throw("RuntimeException", "Can't shift from an empty datastructure"))
}

fn spl_doubly_linked_list_top(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let value = list(this).values.borrow().back().cloned();
    value.ok_or_else(|| cx.throw("RuntimeException", "Can't peek at an empty datastructure"))
}

fn spl_doubly_linked_list_bottom(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let value = list(this).values.borrow().front().cloned();
    value.ok_or_else(|| cx.throw("RuntimeException", "Can't peek at an empty datastructure"))
}

fn spl_doubly_linked_list_count(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(list(this).values.borrow().len() as i64)
}

fn spl_doubly_linked_list_is_empty(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let count = cx.call_method(this, "count", Vec::new())?;
    Ok(!count.truthy())
}

fn spl_doubly_linked_list_set_iterator_mode(cx: &mut Cx, this: &Object, mode: i64) -> Ret<i64> {
    let l = list(this);
    let flags = l.flags.get();
    if flags & FROZEN != 0 && flags & LIFO != mode & LIFO {
        return Err(cx.throw(
            "RuntimeException",
            "Iterators' LIFO/FIFO modes for SplStack/SplQueue objects are frozen",
        ));
    }
    l.flags.set(mode & (DELETE | LIFO) | flags & FROZEN);
    Ok(l.flags.get())
}

fn spl_doubly_linked_list_get_iterator_mode(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(list(this).flags.get())
}

/// The offset as a number.
fn offset(cx: &mut Cx, index: &Value) -> Ret<i64> {
    match crate::text::offset(index) {
        Some(i) => Ok(i),
        None => {
            let given = cx.value_type_name(index);
            Err(cx.arg_type_error(1, &format!("must be of type int, {given} given")))
        }
    }
}

fn place(cx: &mut Cx, this: &Object, index: &Value) -> Ret<usize> {
    let i = offset(cx, index)?;
    match list(this).place(i) {
        Some(at) => Ok(at),
        None => Err(cx.arg_error("OutOfRangeException", 1, "is out of range")),
    }
}

fn spl_doubly_linked_list_offset_exists(cx: &mut Cx, this: &Object, index: &Value) -> Ret<bool> {
    let i = offset(cx, index)?;
    Ok(list(this).place(i).is_some())
}

fn spl_doubly_linked_list_offset_get(cx: &mut Cx, this: &Object, index: &Value) -> Ret<Value> {
    let at = place(cx, this, index)?;
    Ok(list(this).get(at as i64).unwrap_or(Value::Null))
}

fn spl_doubly_linked_list_offset_set(
    cx: &mut Cx,
    this: &Object,
    index: &Value,
    value: &Value,
) -> Ret<()> {
    if index.is_null() {
        return spl_doubly_linked_list_push(cx, this, value);
    }
    let at = place(cx, this, index)?;
    let old = std::mem::replace(&mut list(this).values.borrow_mut()[at], value.clone());
    drop(old);
    Ok(())
}

fn spl_doubly_linked_list_offset_unset(cx: &mut Cx, this: &Object, index: &Value) -> Ret<()> {
    let at = place(cx, this, index)?;
    let old = list(this).values.borrow_mut().remove(at);
    drop(old);
    Ok(())
}

fn spl_doubly_linked_list_add(cx: &mut Cx, this: &Object, index: i64, value: &Value) -> Ret<()> {
    let l = list(this);
    let len = l.values.borrow().len();
    if index < 0 || index > len as i64 {
        return Err(cx.arg_error("OutOfRangeException", 1, "is out of range"));
    }
    match l.place(index) {
        None => l.values.borrow_mut().push_back(value.clone()),
        Some(at) => l.values.borrow_mut().insert(at, value.clone()),
    }
    Ok(())
}

fn spl_doubly_linked_list_rewind(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let l = list(this);
    l.at.set(l.first());
    Ok(())
}

fn spl_doubly_linked_list_valid(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(list(this).get(list(this).at.get()).is_some())
}

fn spl_doubly_linked_list_current(_cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    Ok(list(this).get(list(this).at.get()))
}

fn spl_doubly_linked_list_key(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(list(this).at.get())
}

fn spl_doubly_linked_list_next(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let l = list(this);
    l.at.set(l.step(l.at.get()));
    Ok(())
}

fn spl_doubly_linked_list_prev(_cx: &mut Cx, this: &Object) -> Ret<()> {
    let l = list(this);
    let back = if l.flags.get() & LIFO != 0 { 1 } else { -1 };
    l.at.set(l.at.get() + back);
    Ok(())
}

fn values(this: &Object) -> PhpArray {
    list(this).values.borrow().iter().cloned().collect()
}

fn spl_doubly_linked_list_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    let flags = Value::Int(list(this).flags.get());
    out.insert_str(PhpString::from("\0SplDoublyLinkedList\0flags"), flags);
    let values = Value::Array(values(this));
    out.insert_str(PhpString::from("\0SplDoublyLinkedList\0dllist"), values);
    for (k, v) in cx.mangled_vars(this).iter() {
        out.insert(k, v.clone());
    }
    Ok(out)
}

fn spl_doubly_linked_list_serialize(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let mut out = format!("i:{};", list(this).flags.get()).into_bytes();
    for v in values(this).values() {
        out.push(b':');
        out.extend_from_slice(&serialized(cx, v.clone())?);
    }
    Ok(out)
}

fn spl_doubly_linked_list_unserialize(cx: &mut Cx, this: &Object, text: &PhpString) -> Ret<()> {
    if text.is_empty() {
        return Ok(());
    }
    let l = list(this);
    let mut at = 0;
    let mut first = true;
    while at < text.len() {
        let part = &text[at + usize::from(!first)..];
        let separated = first || text[at] == b':';
        let Some(len) = value_len(part).filter(|_| separated && (!first || part[0] == b'i')) else {
            return Err(cx.throw(
                "UnexpectedValueException",
                format!("Error at offset {at} of {} bytes", text.len()),
            ));
        };
        let value = unserialized(cx, &part[..len])?;
        at += len + usize::from(!first);
        if first {
            l.flags.set(value.as_int().unwrap_or(0));
            first = false;
        } else {
            l.values.borrow_mut().push_back(value);
        }
    }
    Ok(())
}

fn spl_doubly_linked_list_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(PhpArray::from_list(vec![
        Value::Int(list(this).flags.get()),
        Value::Array(values(this)),
        Value::Array(cx.mangled_vars(this)),
    ]))
}

fn spl_doubly_linked_list_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let parts = (data.get_int(0), data.get_int(1), data.get_int(2));
    let (Some(Value::Int(flags)), Some(Value::Array(all)), Some(Value::Array(members))) = parts
    else {
        return Err(
            cx.throw("UnexpectedValueException", "Incomplete or ill-typed serialization data")
        );
    };
    let l = list(this);
    l.flags.set(*flags);
    l.values.borrow_mut().extend(all.values().cloned());
    restore_members(cx, this, members)
}

/// Gives an object its properties back.
pub(crate) fn restore_members(cx: &mut Cx, this: &Object, members: &PhpArray) -> Ret<()> {
    for (k, v) in members.iter() {
        let name = match k {
            Key::Int(i) => PhpString::from(i.to_string()),
            Key::Str(s) => s,
        };
        let bare = name.iter().rposition(|&b| b == 0).map_or(&name[..], |at| &name[at + 1..]);
        let scope = Some(this.class());
        cx.write_prop_scoped(this, &PhpString::new(bare), v.clone(), scope, false)?;
    }
    Ok(())
}
