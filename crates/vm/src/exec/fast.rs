//! What the loop does in place: parts of ops that need neither the context nor other code.

use super::{INITIABLE, UNUSUAL};
use crate::frame::frame_flags;
use crate::function::CachedProp;
use outlast_bytecode::{BinOp, Known, Slot};
use outlast_value::{Object, PhpArray, PhpString, Value};

/// Frames that take more than being popped when they return.
pub(crate) const LEAVING: u16 = frame_flags::GENERATOR
    | frame_flags::BOUNDARY
    | frame_flags::CONSTRUCTOR
    | frame_flags::GLOBAL_SCOPE;

/// How a frame was left.
pub(crate) enum Leaving {
    /// The caller's frame is the current one and has the result.
    Caller,
    /// The loop returns this to native code.
    Native(Value),
}

/// An operator on integers where the result is an integer and nothing goes wrong.
#[inline(always)]
pub(crate) fn integers(op: BinOp, x: i64, y: i64) -> Option<i64> {
    Some(match op {
        BinOp::BitAnd => x & y,
        BinOp::BitOr => x | y,
        BinOp::BitXor => x ^ y,
        BinOp::Mod if y > 0 => {
            // A division of half the width takes a fraction of the time.
            match (u32::try_from(x), u32::try_from(y)) {
                (Ok(x), Ok(y)) => i64::from(x % y),
                _ => x % y,
            }
        }
        BinOp::ShiftLeft if (0..64).contains(&y) => x << y,
        BinOp::ShiftRight if (0..64).contains(&y) => x >> y,
        BinOp::Mul => return x.checked_mul(y),
        BinOp::Div if y != 0 && y != -1 && x % y == 0 => x / y,
        _ => return None,
    })
}

/// What a known function makes of an argument that is usual for it.
#[inline]
pub(crate) fn known(known: Known, v: &Value) -> Option<Value> {
    Some(match (known, v) {
        (_, Value::Undef) => return None,
        (Known::Abs, Value::Int(i)) => Value::Int(i.checked_abs()?),
        (Known::Abs, Value::Float(f)) => Value::Float(f.abs()),
        (Known::Chr, Value::Int(i @ 0..256)) => Value::Str(PhpString::one_char(*i as u8)),
        (Known::Count, Value::Array(a)) => Value::Int(a.len() as i64),
        (Known::Intval, Value::Int(i)) => Value::Int(*i),
        (Known::IsArray, v) => Value::Bool(v.is_array()),
        (Known::IsBool, v) => Value::Bool(v.is_bool()),
        (Known::IsFloat, v) => Value::Bool(v.is_float()),
        (Known::IsInt, v) => Value::Bool(v.is_int()),
        (Known::IsNull, v) => Value::Bool(v.is_null()),
        (Known::IsObject, v) => Value::Bool(v.is_object()),
        (Known::IsString, v) => Value::Bool(v.is_str()),
        (Known::Ord, Value::Str(s)) => Value::Int(s.first().map_or(0, |&b| i64::from(b))),
        (Known::Sqrt, Value::Float(f)) => Value::Float(f.sqrt()),
        (Known::Sqrt, Value::Int(i)) => Value::Float((*i as f64).sqrt()),
        (Known::Strlen, Value::Str(s)) => Value::Int(s.len() as i64),
        _ => return None,
    })
}

/// The byte of a string at an offset within it, as a string.
#[inline(always)]
pub(crate) fn offset(s: &PhpString, at: i64) -> Option<Value> {
    let at = if at < 0 { at + s.len() as i64 } else { at };
    let byte = s.as_bytes().get(usize::try_from(at).ok()?)?;
    Some(Value::Str(PhpString::one_char(*byte)))
}

/// Whether the value's tag is among `tags`, bit by bit.
#[inline(always)]
pub(crate) fn has_tag(tags: u16, value: &Value) -> bool {
    tags >> value.tag() & 1 != 0
}

/// Whether a property of an object takes a value as it is.
#[inline(always)]
pub(crate) fn takes(prop: &CachedProp, object: &Object, value: &Value, place: *mut Value) -> bool {
    let right = has_tag(prop.tags, value)
        || matches!((value, prop.fits), (Value::Object(o), Some(c)) if o.class_ptr() == c.ptr());
    // SAFETY: the place is a slot of a live object.
    right
        && match unsafe { &*place } {
            Value::Ref(_) => false,
            Value::Undef => prop.tags & INITIABLE != 0 && !object.has_flag(UNUSUAL),
            _ => true,
        }
}

/// The array in a variable, behind a reference too if no typed property shares that.
///
/// # Safety
/// The place is a live slot; the borrow ends before anything else runs.
#[inline(always)]
pub(crate) unsafe fn array_of<'a>(place: *mut Value) -> Option<&'a mut PhpArray> {
    // SAFETY: by the caller's promise.
    unsafe {
        match &mut *place {
            Value::Array(a) => Some(a),
            Value::Ref(r) if !r.has_typed_sources() => match &mut *r.as_ptr() {
                Value::Array(a) => Some(a),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The value of an operand that is not undefined: locals copied, temporaries taken.
///
/// # Safety
/// The slot lies within the frame.
#[inline(always)]
pub(crate) unsafe fn get(base: *mut Value, locals: Slot, slot: Slot) -> Value {
    // SAFETY: by the caller's promise.
    unsafe {
        if slot < locals {
            super::peek(base, slot).clone()
        } else {
            (*base.add(slot as usize)).take().into_deref()
        }
    }
}

/// `base[key] = val` where an array stands; the old value. `None`: not as simple as that.
///
/// # Safety
/// The slots lie within the frame.
#[inline(always)]
pub(crate) unsafe fn assign_dim(
    base: *mut Value,
    locals: Slot,
    array: Slot,
    key: Slot,
    val: Slot,
) -> Option<Value> {
    // SAFETY: by the caller's promise; the array is written in place before anything else runs.
    unsafe {
        let a = array_of(base.add(array as usize))?;
        if (*base.add(val as usize)).is_undef() {
            return None;
        }
        let i = match &*base.add(key as usize) {
            Value::Int(i) => *i,
            Value::Str(_) => return assign_named(base, locals, array, key, val),
            _ => return None,
        };
        // First the value: it may be the array itself, which then is not changed but copied.
        let v = get(base, locals, val);
        match a.get_int_mut(i) {
            Some(p) if !p.is_ref() => {
                let old = p.take();
                v.store(p);
                Some(old)
            }
            Some(_) => {
                put_back(base, locals, val, v);
                None
            }
            None => {
                a.insert_int(i, v);
                Some(Value::Undef)
            }
        }
    }
}

/// The same by a string.
///
/// # Safety
/// As for `assign_dim`.
#[inline(never)]
unsafe fn assign_named(
    base: *mut Value,
    locals: Slot,
    array: Slot,
    key: Slot,
    val: Slot,
) -> Option<Value> {
    // SAFETY: by the caller's promise.
    unsafe {
        let v = get(base, locals, val);
        let a = array_of(base.add(array as usize)).expect("seen by the caller");
        let Value::Str(name) = &*base.add(key as usize) else { unreachable!("as above") };
        let old = match a.get_key_str_mut(name) {
            Some(p) if p.is_ref() => {
                put_back(base, locals, val, v);
                return None;
            }
            Some(p) => std::mem::replace(p, v),
            None => {
                a.insert_key_str(name.clone(), v);
                Value::Undef
            }
        };
        if key >= locals {
            drop((*base.add(key as usize)).take());
        }
        Some(old)
    }
}

/// Undoes `get`.
///
/// # Safety
/// As for `get`.
#[cold]
pub(crate) unsafe fn put_back(base: *mut Value, locals: Slot, slot: Slot, value: Value) {
    if slot >= locals {
        // SAFETY: by the caller's promise; the value was taken from there.
        unsafe { std::ptr::write(base.add(slot as usize), value) };
    }
}

/// `isset(base[key])` of an array in a local variable, by an integer or a string.
///
/// # Safety
/// The slots lie within the frame.
#[inline(always)]
pub(crate) unsafe fn isset_dim(
    base: *mut Value,
    locals: Slot,
    array: Slot,
    key: Slot,
) -> Option<bool> {
    // SAFETY: by the caller's promise; the temporary is dropped when nothing is borrowed.
    unsafe { lookup(base, locals, array, key, |found| found.is_some_and(|v| !is_null(v))) }
}

/// `base[key] ?? null` of an array in a local variable, by an integer or a string.
///
/// # Safety
/// The slots lie within the frame.
#[inline(always)]
pub(crate) unsafe fn dim_quiet(
    base: *mut Value,
    locals: Slot,
    array: Slot,
    key: Slot,
) -> Option<Value> {
    // SAFETY: as above.
    unsafe {
        lookup(base, locals, array, key, |found| found.map_or(Value::Null, |v| v.deref().or_null()))
    }
}

fn is_null(v: &Value) -> bool {
    v.with_deref(Value::is_null)
}

#[inline(always)]
unsafe fn lookup<R>(
    base: *mut Value,
    locals: Slot,
    array: Slot,
    key: Slot,
    with: impl FnOnce(Option<&Value>) -> R,
) -> Option<R> {
    // SAFETY: by the caller's promise.
    unsafe {
        if array >= locals {
            return None;
        }
        let Value::Array(a) = super::peek(base, array) else { return None };
        match &*base.add(key as usize) {
            Value::Int(i) => Some(with(a.get_int(*i))),
            Value::Str(k) => {
                let result = with(a.get_key_str(k));
                if key >= locals {
                    drop((*base.add(key as usize)).take());
                }
                Some(result)
            }
            _ => None,
        }
    }
}
