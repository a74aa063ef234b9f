//! Elements, properties and iterations of machine code.

use super::calls::cache;
use super::helpers::{guard, settle, step};
use super::{RETURNED, TAKEN};
use crate::Cx;
use crate::exec::{Next, fast, peek};
use crate::function::{CacheEntry, CachedProp};
use outlast_bytecode::{NO_SLOT, Op, Slot};
use outlast_value::{PhpArray, Value};

/// Among the variants a property may be given: it may be written to, or what it holds.
pub const WRITABLE: u16 = crate::exec::WRITABLE;

#[inline(always)]
fn locals(cx: &Cx) -> Slot {
    // SAFETY: PHP code runs.
    unsafe { (*cx.frame().code).locals }
}

/// Stores a result in a temporary, or in a variable that holds nothing to be dropped.
#[inline(always)]
unsafe fn put(cx: &mut Cx, base: *mut Value, op: *const Op, dst: Slot, value: Value) -> u32 {
    // SAFETY: `dst` is a slot of the frame.
    unsafe {
        let place = base.add(dst as usize);
        if dst >= locals(cx) || !(*place).is_counted() {
            value.store(place);
            return RETURNED;
        }
        guard(cx, |cx| {
            cx.stands_behind(op);
            cx.assign_local(base, dst, value)?;
            settle(cx)
        })
    }
}

/// Drops a temporary that held an array or object.
#[inline(always)]
unsafe fn drop_temporary(cx: &Cx, base: *mut Value, slot: Slot) {
    if slot >= locals(cx) {
        // SAFETY: by the caller's promise a slot of the frame.
        drop(unsafe { (*base.add(slot as usize)).take() });
    }
}

/// `FetchDim` and `FetchDimConst`
///
/// # Safety
/// As for [`step`]; the op is of that kind. The same goes for those below.
pub unsafe extern "C" fn fetch_dim(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise; nothing runs while the element is borrowed.
    unsafe {
        let (dst, from, key, temporary) = match *op {
            Op::FetchDim { dst, base: from, key } => {
                (dst, from, base.add(key as usize).cast_const(), Some(key))
            }
            Op::FetchDimConst { dst, base: from, key } => {
                (dst, from, (*cx.frame().code).consts_at.get().add(key as usize), None)
            }
            _ => unreachable!("an element is fetched"),
        };
        let found = match (peek(base, from), &*key) {
            (Value::Array(a), Value::Int(i)) => a.get_int(*i).map(Value::deref),
            (Value::Array(a), Value::Str(k)) => a.get_key_str(k).map(Value::deref),
            (Value::Str(t), Value::Int(i)) => fast::offset(t, *i),
            _ => None,
        };
        let Some(v) = found else { return step(cx, base, op) };
        if let Some(key) = temporary {
            drop_temporary(cx, base, key);
        }
        drop_temporary(cx, base, from);
        put(cx, base, op, dst, v)
    }
}

/// `AssignDim`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn assign_dim(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::AssignDim { dst: NO_SLOT, base: array, key, val } = *op
            && let Some(old) = fast::assign_dim(base, locals(cx), array, key, val)
        {
            return released(cx, op, old);
        }
        step(cx, base, op)
    }
}

/// What a place held is dropped.
#[inline(always)]
unsafe fn released(cx: &mut Cx, op: *const Op, old: Value) -> u32 {
    if !old.is_counted() {
        std::mem::forget(old);
        return RETURNED;
    }
    drop(old);
    if !crate::pending::is_due() {
        return RETURNED;
    }
    guard(cx, |cx| {
        cx.stands_behind(op);
        settle(cx)
    })
}

/// `AppendDim`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn append_dim(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::AppendDim { dst: NO_SLOT, base: array, val } = *op
            && !(*base.add(val as usize)).is_undef()
            && let Some(a) = fast::array_of(base.add(array as usize))
            && a.has_room()
        {
            let v = fast::get(base, locals(cx), val);
            // There is room, as was just seen.
            a.push(v).ok();
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// `IssetDim`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn isset_dim(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::IssetDim { dst, base: array, key } = *op
            && let Some(set) = fast::isset_dim(base, locals(cx), array, key)
        {
            Value::write_bool(base.add(dst as usize), set);
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// `FetchDimQuiet`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn fetch_dim_quiet(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::FetchDimQuiet { dst, base: array, key } = *op
            && let Some(v) = fast::dim_quiet(base, locals(cx), array, key)
        {
            v.store(base.add(dst as usize));
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// `FetchProp`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn fetch_prop(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise; slots of a class are slots of its objects.
    unsafe {
        if let Op::FetchProp { dst, obj, cache: number, .. } = *op
            && let Value::Object(o) = peek(base, obj)
            && let Some(CachedProp { slot, .. }) =
                cache(cx, number).and_then(|entry| entry.prop(o.class_ptr()))
            && let v = &*o.slot_ptr(*slot as usize)
            && !v.is_undef()
        {
            let v = v.deref();
            drop_temporary(cx, base, obj);
            let word = put(cx, base, op, dst, v);
            if word != RETURNED || !crate::pending::is_due() {
                return word;
            }
            return guard(cx, |cx| {
                cx.stands_behind(op);
                settle(cx)
            });
        }
        step(cx, base, op)
    }
}

/// `FetchThisProp`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn fetch_this_prop(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: as in `fetch_prop`.
    unsafe {
        if let Op::FetchThisProp { dst, cache: number, .. } = *op
            && let Some(o) = &cx.frame().this
            && let Some(CachedProp { slot, .. }) =
                cache(cx, number).and_then(|entry| entry.prop(o.class_ptr()))
            && let v = &*o.slot_ptr(*slot as usize)
            && !v.is_undef()
        {
            let v = v.deref();
            return put(cx, base, op, dst, v);
        }
        step(cx, base, op)
    }
}

/// `AssignProp` and `AssignThisProp`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn assign_prop(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: as in `fetch_prop`; the old value is dropped after the store.
    unsafe {
        let (object, obj, val, number) = match *op {
            Op::AssignProp { obj, val, cache, .. } => match peek(base, obj) {
                Value::Object(o) => (o, Some(obj), val, cache),
                _ => return step(cx, base, op),
            },
            Op::AssignThisProp { val, cache, .. } => match &cx.frame().this {
                Some(o) => (o, None, val, cache),
                None => return step(cx, base, op),
            },
            _ => unreachable!("a property is assigned"),
        };
        if let Some(prop) = cache(cx, number).and_then(|entry| entry.prop(object.class_ptr()))
            && let place = object.slot_ptr(prop.slot as usize)
            && fast::takes(prop, object, &*base.add(val as usize), place)
        {
            let v = fast::get(base, locals(cx), val);
            let old = (*place).take();
            v.store(place);
            if let Some(obj) = obj.filter(|obj| *obj >= locals(cx)) {
                drop_temporary(cx, base, obj);
                if crate::pending::is_due() {
                    drop(old);
                    return guard(cx, |cx| {
                        cx.stands_behind(op);
                        settle(cx)
                    });
                }
            }
            return released(cx, op, old);
        }
        step(cx, base, op)
    }
}

/// `IterNext` and `IterNextKey`: `TAKEN` at the end.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn iter_next(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise; nothing runs while the array is borrowed.
    unsafe {
        let (iter, val, key) = match *op {
            Op::IterNext { iter, val, .. } => (iter, val, None),
            Op::IterNextKey { iter, val, key, .. } => (iter, val, Some(key)),
            _ => unreachable!("an iteration"),
        };
        let (Value::Array(a), Value::Int(at)) =
            (&*base.add(iter as usize), &mut *base.add(iter as usize + 1))
        else {
            return step(cx, base, op);
        };
        let position = a.pos_valid(*at as usize);
        let Some((k, v)) = a.entry_at(position) else { return TAKEN };
        let v = v.deref();
        *at = position as i64 + 1;
        if let Some(key) = key {
            k.to_value().store(base.add(key as usize));
        }
        put(cx, base, op, val, v)
    }
}

/// `AssignOp` that appends to a string.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn append(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::AssignOp { dst: NO_SLOT, var, val, .. } = *op
            && var != val
            && let (Value::Str(x), Value::Str(y)) =
                (&mut *base.add(var as usize), &*base.add(val as usize))
            && x.try_append(y).is_ok()
        {
            drop_temporary(cx, base, val);
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// `Concat` and `ConcatN`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn concat(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        // SAFETY: by the caller's promise.
        let (dst, v) = match unsafe { *op } {
            Op::Concat { dst, a, b } => (dst, cx.concat_operands(base, a, b)?),
            Op::ConcatN { dst, first, count } => (dst, cx.concat_n(base, first, count)?),
            _ => unreachable!("strings are joined"),
        };
        // SAFETY: as above.
        Ok(unsafe { put(cx, base, op, dst, v) })
    })
}

/// `PathAssign`, `PathAssignOp`, `PathIncDec`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn path(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        match *op {
            Op::PathAssign { dst, path, val } => match cx.assign_in_place(base, path, val, dst) {
                Some(old) => released(cx, op, old),
                None => step(cx, base, op),
            },
            Op::PathAssignOp { dst, path, val, op: by }
                if cx.assign_op_in_place(base, path, val, by, dst) =>
            {
                RETURNED
            }
            Op::PathIncDec { dst, path, kind } if cx.inc_dec_in_place(base, path, kind, dst) => {
                RETURNED
            }
            _ => step(cx, base, op),
        }
    }
}

/// `CallKnown`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn call_known(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::CallKnown { dst, src, known, .. } = *op
            && cx.all_functions
            && let Some(v) = fast::known(known, peek(base, src))
        {
            drop_temporary(cx, base, src);
            v.store(base.add(dst as usize));
            if !crate::pending::is_due() {
                return RETURNED;
            }
            return guard(cx, |cx| {
                cx.stands_behind(op);
                settle(cx)
            });
        }
        step(cx, base, op)
    }
}

/// `LoadConst`, `AssignConst` and `FetchConst` of what is counted.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn load_const(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let consts = (*cx.frame().code).consts_at.get();
        match *op {
            Op::LoadConst { dst, k } => {
                (*consts.add(k as usize)).clone().store(base.add(dst as usize));
                RETURNED
            }
            Op::AssignConst { var, k } => {
                let v = (*consts.add(k as usize)).clone();
                put(cx, base, op, var, v)
            }
            Op::FetchConst { dst, cache: number, .. }
            | Op::FetchConstNs { dst, cache: number, .. } => match cache(cx, number) {
                Some(CacheEntry::Const(v)) => {
                    v.clone().store(base.add(dst as usize));
                    RETURNED
                }
                _ => step(cx, base, op),
            },
            _ => step(cx, base, op),
        }
    }
}

/// `LoadThis`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn load_this(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        match (*op, &cx.frame().this) {
            (Op::LoadThis { dst }, Some(o)) => {
                Value::Object(o.clone()).store(base.add(dst as usize));
                RETURNED
            }
            _ => step(cx, base, op),
        }
    }
}

/// `ArrayPush`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn array_push(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::ArrayPush { array, val } = *op
            && !matches!(&*base.add(val as usize), Value::Undef | Value::Ref(_))
            && let Value::Array(a) = &mut *base.add(array as usize)
            && a.has_room()
        {
            let v = fast::get(base, locals(cx), val);
            // There is room, as was just seen.
            a.push(v).ok();
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// Ops that the interpreter keeps out of its loop, without a detour through that: none of them
/// changes the frame.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn rare(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        // SAFETY: by the caller's promise.
        let next = cx.rare_op(base, unsafe { *op })?;
        settle(cx)?;
        Ok(if matches!(next, Next::Jump(_)) { TAKEN } else { RETURNED })
    })
}

/// `Assign` of what is no plain copy.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn assign(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        // SAFETY: by the caller's promise.
        let Op::Assign { dst, var, val } = (unsafe { *op }) else { unreachable!("an assignment") };
        let v = cx.operand(base, val)?;
        if dst == NO_SLOT {
            cx.assign_local(base, var, v)?;
        } else {
            cx.assign_for_result(base, dst, var, v)?;
        }
        settle(cx)
    })
}

/// `Free` and `IterFree` of an array that is iterated by value.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn release(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let slot = match *op {
            Op::IterFree { iter } if matches!(*base.add(iter as usize), Value::Array(_)) => iter,
            Op::Free { src } => src,
            _ => return rare(cx, base, op),
        };
        let old = (*base.add(slot as usize)).take();
        released(cx, op, old)
    }
}

/// `IterInit` of an array in a variable.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn iter_init(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::IterInit { iter, src, .. } = *op
            && let Value::Array(_) = peek(base, src)
            && let Value::Array(a) = fast::get(base, locals(cx), src)
        {
            if a.is_empty() {
                (*base.add(iter as usize)).clear_tag();
                drop(a);
                return TAKEN;
            }
            Value::Array(a).store(base.add(iter as usize));
            Value::Int(0).store(base.add(iter as usize + 1));
            (*base.add(iter as usize + 2)).clear_tag();
            return RETURNED;
        }
        rare(cx, base, op)
    }
}

/// `JmpNotNull`: `TAKEN` if there is a value.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn jump_not_null(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let Op::JmpNotNull { dst, src, .. } = *op else { unreachable!("`??`") };
        let v = fast::get(base, locals(cx), src);
        if v.is_null() {
            return RETURNED;
        }
        v.store(base.add(dst as usize));
        TAKEN
    }
}

/// `JmpIdentical` and `JmpNotIdentical`, `Identical` and `NotIdentical` of what is no number:
/// `TAKEN` if the values are identical.
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn identical(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        // SAFETY: by the caller's promise.
        let (a, b) = match unsafe { *op } {
            Op::JmpIdentical { a, b, .. }
            | Op::JmpNotIdentical { a, b, .. }
            | Op::Identical { a, b, .. }
            | Op::NotIdentical { a, b, .. } => (a, b),
            _ => unreachable!("a comparison for identity"),
        };
        let same = cx.slow_identical(base, a, b)?;
        settle(cx)?;
        Ok(if same { TAKEN } else { RETURNED })
    })
}

/// `Echo`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn echo(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        // SAFETY: by the caller's promise.
        match unsafe { *op } {
            Op::Echo { src } => {
                let v = cx.operand(base, src)?;
                let text = cx.to_str(&v)?;
                cx.echo(&text)?;
            }
            // SAFETY: as above.
            Op::EchoConst { k } => unsafe {
                let constant = &*(*cx.frame().code).consts_at.get().add(k as usize);
                if let Value::Str(text) = constant {
                    cx.echo(text)?;
                }
            },
            _ => unreachable!("output"),
        }
        settle(cx)
    })
}

/// `NewArray`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn new_array(_cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let Op::NewArray { dst, capacity } = *op else { unreachable!("an array is made") };
        Value::Array(PhpArray::with_capacity(capacity as usize)).store(base.add(dst as usize));
    }
    RETURNED
}

/// `FetchClassConst` and `FetchStaticProp`
///
/// # Safety
/// See [`fetch_dim`].
pub unsafe extern "C" fn fetch_of_class(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise; nothing runs while the caches are borrowed.
    unsafe {
        let (dst, v) = match *op {
            Op::FetchClassConst { dst, class, cache: number, .. } => match cache(cx, number) {
                Some(CacheEntry::ClassConst(c, v)) if cx.known_class(class) == Some(*c) => {
                    (dst, v.clone())
                }
                _ => return rare(cx, base, op),
            },
            Op::FetchStaticProp { dst, class, cache: number, .. } => match cache(cx, number) {
                Some(CacheEntry::Static(c, r)) if cx.known_class(class) == Some(*c) => {
                    (dst, r.get())
                }
                _ => return rare(cx, base, op),
            },
            _ => unreachable!("something of a class is fetched"),
        };
        if v.is_undef() {
            return rare(cx, base, op);
        }
        v.store(base.add(dst as usize));
        RETURNED
    }
}
