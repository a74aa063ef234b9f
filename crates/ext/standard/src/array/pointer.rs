//! The internal pointer: `current`, `next` and the like.

use super::util::not_array;
use outlast_value::{Object, PhpArray, Reference, Value};
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret};
use rustc_hash::FxHashMap;

/// Where the pointers of objects are, as how many properties stand before; by object id.
#[derive(Default)]
struct ObjectPointers(FxHashMap<u32, usize>);

/// How a pointer moves.
#[derive(Clone, Copy)]
enum Move {
    First,
    Last,
    Next,
    Prev,
}

fn moved(a: &PhpArray, how: Move) -> usize {
    let at = a.cursor();
    match how {
        Move::First => a.pos_begin(),
        Move::Last => a.pos_last(),
        Move::Next if at < a.pos_end() => a.pos_next(at),
        Move::Prev if at < a.pos_end() => a.pos_prev(at),
        Move::Next | Move::Prev => at,
    }
}

fn value_at(a: &PhpArray, pos: usize) -> Value {
    a.entry_at(pos).map_or(Value::Bool(false), |(_, v)| v.deref())
}

/// The properties of an object, with the pointer the object has.
fn properties(cx: &mut Cx, object: &Object, name: &str) -> Ret<PhpArray> {
    cx.deprecated(format!("Calling {name}() on an object is deprecated"))?;
    let mut a = match object.class().handlers.properties {
        Some(_) => cx.props_for(object, PropertiesFor::ArrayCast)?,
        None => {
            let object = cx.realize_for(object, PropertiesFor::ArrayCast)?;
            cx.mangled_vars(&object)
        }
    };
    let before = cx.state::<ObjectPointers>().0.get(&object.id()).copied().unwrap_or(0);
    let mut pos = a.pos_begin();
    for _ in 0..before {
        pos = a.pos_next(pos);
    }
    a.set_cursor(pos);
    Ok(a)
}

fn go(cx: &mut Cx, array: &Reference, how: Move, name: &str) -> Ret<Value> {
    match array.replace(Value::Null) {
        Value::Array(mut a) => {
            if moved(&a, how) != a.cursor() {
                // Positions may differ in a copy.
                a.separate();
            }
            let to = moved(&a, how);
            a.set_cursor(to);
            let v = value_at(&a, to);
            array.set(Value::Array(a));
            Ok(v)
        }
        Value::Object(o) => {
            array.set(Value::Object(o.clone()));
            let a = properties(cx, &o, name)?;
            let to = moved(&a, how);
            let mut before = 0;
            let mut pos = a.pos_begin();
            while pos < to && pos < a.pos_end() {
                before += 1;
                pos = a.pos_next(pos);
            }
            cx.state::<ObjectPointers>().0.insert(o.id(), before);
            Ok(value_at(&a, to))
        }
        other => {
            array.set(other.clone());
            Err(not_array(cx, 1, &other.or_null()))
        }
    }
}

/// `reset()`
pub fn reset(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    go(cx, array, Move::First, "reset")
}

/// `end()`
pub fn end(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    go(cx, array, Move::Last, "end")
}

/// `next()`
pub fn next(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    go(cx, array, Move::Next, "next")
}

/// `prev()`
pub fn prev(cx: &mut Cx, array: &Reference) -> Ret<Value> {
    go(cx, array, Move::Prev, "prev")
}

/// The array whose pointer is asked for.
fn pointed(cx: &mut Cx, v: &Value, name: &str) -> Ret<PhpArray> {
    match v {
        Value::Array(a) => Ok(a.clone()),
        Value::Object(o) => properties(cx, o, name),
        other => Err(not_array(cx, 1, other)),
    }
}

/// `current()`
pub fn current(cx: &mut Cx, array: &Value) -> Ret<Value> {
    let a = pointed(cx, array, "current")?;
    Ok(value_at(&a, a.cursor()))
}

/// `key()`
pub fn key(cx: &mut Cx, array: &Value) -> Ret<Option<Value>> {
    let a = pointed(cx, array, "key")?;
    Ok(a.entry_at(a.cursor()).map(|(k, _)| k.to_value()))
}
