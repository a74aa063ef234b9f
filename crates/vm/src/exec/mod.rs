//! The interpreter loop: fetch, dispatch, the fast paths of the hot ops. Everything slow or rare
//! lives in the sibling modules, one family of ops each.

mod access;
mod calls;
pub(crate) use calls::Found;
pub mod closures;
mod control;
mod data;
mod iterate;
mod locals;
mod params;
mod parent_hooks;
pub(crate) mod path;
mod unwind;

use crate::call::Called;
use crate::function::CacheEntry;
use crate::{Cx, Ret};
use outlast_bytecode::{BinOp, NO_CACHE, NO_SLOT, Op, Slot};
use outlast_value::{PhpArray, PhpString, Value};
use std::cell::UnsafeCell;
use std::sync::atomic::Ordering;

/// The value in a slot, references followed.
///
/// # Safety
/// `base + slot` is an initialised slot of a live frame; the borrow must end before anything that
/// may write the slot or the reference.
#[inline(always)]
pub(crate) unsafe fn peek<'a>(base: *mut Value, slot: Slot) -> &'a Value {
    // SAFETY: see above.
    unsafe {
        match &*base.add(slot as usize) {
            Value::Ref(r) => &*r.as_ptr(),
            v => v,
        }
    }
}

/// The registers of the loop: where the current frame stands.
struct Regs {
    base: *mut Value,
    code: *const Op,
    consts: *const Value,
    caches: *const UnsafeCell<CacheEntry>,
    pc: usize,
    locals: Slot,
}

impl Regs {
    #[inline(always)]
    fn load(cx: &Cx) -> Regs {
        let f = cx.frame();
        Regs {
            base: f.base,
            code: f.code,
            consts: f.consts,
            caches: f.caches,
            pc: f.pc as usize,
            locals: f.locals,
        }
    }
}

impl Cx {
    /// Runs the current frame (flag `BOUNDARY`) until it returns or unwinds.
    pub(crate) fn run(&mut self) -> Ret<Value> {
        let word = self.interrupt.clone();
        let mut s = Regs::load(self);

        /// A slot.
        macro_rules! slot {
            ($i:expr) => {
                // SAFETY: the verifier-checked operand lies within the frame.
                unsafe { &mut *s.base.add($i as usize) }
            };
        }
        /// The value in a slot, references followed.
        macro_rules! val {
            ($i:expr) => {
                // SAFETY: as `slot!`; uses end before the slot is written.
                unsafe { peek(s.base, $i) }
            };
        }
        /// Writes a temporary, which holds nothing that needs dropping.
        macro_rules! put {
            ($dst:expr, $v:expr) => {{
                let v = $v;
                // SAFETY: as `slot!`; a free temporary owns nothing.
                unsafe { std::ptr::write(s.base.add($dst as usize), v) }
            }};
        }
        macro_rules! konst {
            ($k:expr) => {
                // SAFETY: constant indexes are checked by the compiler.
                unsafe { &*s.consts.add($k as usize) }
            };
        }
        macro_rules! cache {
            ($c:expr) => {
                // SAFETY: one script runs at a time and no borrow survives the op.
                unsafe { &mut *(*s.caches.add($c as usize)).get() }
            };
        }
        /// Something that can throw: saves the pc first, unwinds on error.
        macro_rules! slow {
            ($e:expr) => {{
                self.frames[self.current as usize].pc = s.pc as u32;
                match $e {
                    Ok(v) => v,
                    Err(u) => {
                        self.unwind(u)?;
                        s = Regs::load(self);
                        continue;
                    }
                }
            }};
        }
        /// Runs what became due: destructors, memory limit, garbage collection.
        macro_rules! settle {
            () => {
                if crate::pending::is_due() {
                    slow!(self.run_pending_work());
                }
            };
        }
        /// Drops an operand if it is a temporary.
        macro_rules! consume {
            ($i:expr) => {
                if $i >= s.locals && slot!($i).is_counted() {
                    drop(slot!($i).take());
                    settle!();
                }
            };
        }
        macro_rules! jump {
            ($target:expr) => {{
                let target = $target as usize;
                let back = target < s.pc;
                s.pc = target;
                if back && word.load(Ordering::Relaxed) != 0 {
                    slow!(self.interrupted());
                }
            }};
        }
        macro_rules! arith {
            ($dst:expr, $a:expr, $b:expr, $checked:ident, $float:tt, $op:expr) => {{
                match (val!($a), val!($b)) {
                    (Value::Int(x), Value::Int(y)) => match x.$checked(*y) {
                        Some(z) => put!($dst, Value::Int(z)),
                        None => put!($dst, Value::Float(*x as f64 $float *y as f64)),
                    },
                    (Value::Float(x), Value::Float(y)) => put!($dst, Value::Float(x $float y)),
                    (Value::Int(x), Value::Float(y)) => put!($dst, Value::Float(*x as f64 $float y)),
                    (Value::Float(x), Value::Int(y)) => put!($dst, Value::Float(x $float *y as f64)),
                    _ => {
                        let v = slow!(self.slow_binary(s.base, $a, $b, $op));
                        put!($dst, v)
                    }
                }
            }};
        }
        /// A comparison as a bool; operands consumed.
        macro_rules! cmp {
            ($a:expr, $b:expr, $op:tt) => {
                match (val!($a), val!($b)) {
                    (Value::Int(x), Value::Int(y)) => x $op y,
                    (Value::Float(x), Value::Float(y)) => x $op y,
                    (Value::Int(x), Value::Float(y)) => (*x as f64) $op *y,
                    (Value::Float(x), Value::Int(y)) => *x $op (*y as f64),
                    _ => slow!(self.slow_order(s.base, $a, $b)) $op 0,
                }
            };
        }
        macro_rules! equal {
            ($a:expr, $b:expr) => {
                match (val!($a), val!($b)) {
                    (Value::Int(x), Value::Int(y)) => x == y,
                    _ => slow!(self.slow_equal(s.base, $a, $b)),
                }
            };
        }
        macro_rules! same {
            ($a:expr, $b:expr) => {
                match (val!($a), val!($b)) {
                    (Value::Int(x), Value::Int(y)) => x == y,
                    (Value::Null, Value::Null) => true,
                    _ => slow!(self.slow_identical(s.base, $a, $b)),
                }
            };
        }
        macro_rules! truth {
            ($i:expr) => {
                match val!($i) {
                    Value::Bool(b) => *b,
                    Value::Int(i) => *i != 0,
                    _ => slow!(self.slow_truth(s.base, $i)),
                }
            };
        }
        macro_rules! enter {
            ($dst:expr) => {{
                if word.load(Ordering::Relaxed) != 0 {
                    slow!(self.interrupted());
                }
                match slow!(self.do_call($dst)) {
                    Called::Done(v) => {
                        if $dst != NO_SLOT {
                            put!($dst, v);
                        } else {
                            drop(v);
                        }
                        settle!();
                    }
                    Called::Entered => s = Regs::load(self),
                }
            }};
        }
        /// Leaves the frame with a value.
        macro_rules! leave {
            ($v:expr) => {{
                let v = $v;
                match self.leave_frame(v) {
                    Some(v) => return Ok(v),
                    None => {
                        s = Regs::load(self);
                        settle!();
                    }
                }
            }};
        }

        loop {
            // SAFETY: jumps stay within the code, which ends in a return.
            let op = unsafe { *s.code.add(s.pc) };
            s.pc += 1;
            match op {
                Op::Nop {} => {}
                Op::LoadConst { dst, k } => put!(dst, konst!(k).clone()),
                Op::LoadInt { dst, value } => put!(dst, Value::Int(i64::from(value))),
                Op::Copy { dst, src } => match val!(src) {
                    Value::Undef => {
                        let v = slow!(self.operand(s.base, src));
                        put!(dst, v)
                    }
                    v if src < s.locals => put!(dst, v.clone()),
                    _ => {
                        let v = slot!(src).take().into_deref();
                        put!(dst, v)
                    }
                },
                Op::CopyKeep { dst, src } => put!(dst, val!(src).clone().or_null()),
                Op::Move { dst, src } => {
                    let v = slot!(src).take();
                    put!(dst, v)
                }
                Op::Free { src } => {
                    if slot!(src).is_counted() {
                        drop(slot!(src).take());
                        settle!();
                    }
                }
                Op::Assign { dst, var, val } => {
                    let v = match val!(val) {
                        Value::Undef => slow!(self.operand(s.base, val)),
                        v if val < s.locals => v.clone(),
                        _ => slot!(val).take().into_deref(),
                    };
                    if dst != NO_SLOT {
                        if slot!(var).is_ref() {
                            slow!(self.assign_local(s.base, var, v));
                            put!(dst, val!(var).clone());
                        } else {
                            put!(dst, v.clone());
                            let old = std::mem::replace(slot!(var), v);
                            if old.is_counted() {
                                drop(old);
                                settle!();
                            }
                        }
                    } else if slot!(var).is_counted() {
                        slow!(self.assign_local(s.base, var, v));
                        settle!();
                    } else {
                        put!(var, v);
                    }
                }
                Op::AssignConst { var, k } => {
                    let v = konst!(k).clone();
                    if slot!(var).is_counted() {
                        slow!(self.assign_local(s.base, var, v));
                        settle!();
                    } else {
                        put!(var, v);
                    }
                }
                Op::Add { dst, a, b } => arith!(dst, a, b, checked_add, +, BinOp::Add),
                Op::Sub { dst, a, b } => arith!(dst, a, b, checked_sub, -, BinOp::Sub),
                Op::Mul { dst, a, b } => arith!(dst, a, b, checked_mul, *, BinOp::Mul),
                Op::AddInt { dst, a, imm } => match val!(a) {
                    Value::Int(x) => match x.checked_add(i64::from(imm)) {
                        Some(z) => put!(dst, Value::Int(z)),
                        None => put!(dst, Value::Float(*x as f64 + f64::from(imm))),
                    },
                    Value::Float(x) => put!(dst, Value::Float(x + f64::from(imm))),
                    _ => {
                        let v = slow!(self.slow_binary_int(s.base, a, imm, BinOp::Add));
                        put!(dst, v)
                    }
                },
                Op::SubInt { dst, a, imm } => match val!(a) {
                    Value::Int(x) => match x.checked_sub(i64::from(imm)) {
                        Some(z) => put!(dst, Value::Int(z)),
                        None => put!(dst, Value::Float(*x as f64 - f64::from(imm))),
                    },
                    Value::Float(x) => put!(dst, Value::Float(x - f64::from(imm))),
                    _ => {
                        let v = slow!(self.slow_binary_int(s.base, a, imm, BinOp::Sub));
                        put!(dst, v)
                    }
                },
                Op::Binary { dst, a, b, op } => {
                    let v = match (op, val!(a), val!(b)) {
                        (BinOp::BitAnd, Value::Int(x), Value::Int(y)) => Value::Int(x & y),
                        (BinOp::BitOr, Value::Int(x), Value::Int(y)) => Value::Int(x | y),
                        (BinOp::BitXor, Value::Int(x), Value::Int(y)) => Value::Int(x ^ y),
                        (BinOp::Mod, Value::Int(x), Value::Int(y)) if *y > 0 => Value::Int(x % y),
                        (BinOp::ShiftLeft, Value::Int(x), Value::Int(y @ 0..64)) => {
                            Value::Int(x << y)
                        }
                        (BinOp::ShiftRight, Value::Int(x), Value::Int(y @ 0..64)) => {
                            Value::Int(x >> y)
                        }
                        (BinOp::Div, Value::Float(x), Value::Float(y)) if *y != 0.0 => {
                            Value::Float(x / y)
                        }
                        _ => slow!(self.slow_binary(s.base, a, b, op)),
                    };
                    put!(dst, v)
                }
                Op::Concat { dst, a, b } => {
                    let v = slow!(self.concat_operands(s.base, a, b));
                    put!(dst, v)
                }
                Op::ConcatN { dst, first, count } => {
                    let v = slow!(self.concat_n(s.base, first, count));
                    put!(dst, v)
                }
                Op::AssignOp { dst, var, val, op } => {
                    match (op, slot!(var), val!(val)) {
                        (BinOp::Add, Value::Int(x), Value::Int(y)) => match x.checked_add(*y) {
                            Some(z) => *x = z,
                            None => slow!(self.assign_op(s.base, var, val, op)),
                        },
                        (BinOp::Sub, Value::Int(x), Value::Int(y)) => match x.checked_sub(*y) {
                            Some(z) => *x = z,
                            None => slow!(self.assign_op(s.base, var, val, op)),
                        },
                        (BinOp::Add, Value::Float(x), Value::Float(y)) => *x += *y,
                        (BinOp::Sub, Value::Float(x), Value::Float(y)) => *x -= *y,
                        (BinOp::Mul, Value::Float(x), Value::Float(y)) => *x *= *y,
                        _ => slow!(self.assign_op(s.base, var, val, op)),
                    }
                    if dst != NO_SLOT {
                        put!(dst, val!(var).clone());
                    }
                    settle!();
                }
                Op::IncDecLocal { dst, var, kind } => {
                    use outlast_bytecode::IncDec::*;
                    match (slot!(var), kind) {
                        (Value::Int(x), PreInc | PostInc) if *x < i64::MAX => {
                            let old = *x;
                            *x += 1;
                            if dst != NO_SLOT {
                                let new = old + 1;
                                put!(dst, Value::Int(if kind == PreInc { new } else { old }));
                            }
                        }
                        (Value::Int(x), PreDec | PostDec) if *x > i64::MIN => {
                            let old = *x;
                            *x -= 1;
                            if dst != NO_SLOT {
                                let new = old - 1;
                                put!(dst, Value::Int(if kind == PreDec { new } else { old }));
                            }
                        }
                        _ => {
                            let v = slow!(self.inc_dec_local(s.base, var, kind));
                            if dst != NO_SLOT {
                                put!(dst, v);
                            }
                        }
                    }
                }
                Op::Less { dst, a, b } => {
                    let r = cmp!(a, b, <);
                    put!(dst, Value::Bool(r))
                }
                Op::LessEqual { dst, a, b } => {
                    let r = cmp!(a, b, <=);
                    put!(dst, Value::Bool(r))
                }
                Op::Greater { dst, a, b } => {
                    let r = match (val!(a), val!(b)) {
                        (Value::Int(x), Value::Int(y)) => x > y,
                        (Value::Float(x), Value::Float(y)) => x > y,
                        _ => slow!(self.slow_order_swapped(s.base, a, b)) < 0,
                    };
                    put!(dst, Value::Bool(r))
                }
                Op::GreaterEqual { dst, a, b } => {
                    let r = match (val!(a), val!(b)) {
                        (Value::Int(x), Value::Int(y)) => x >= y,
                        (Value::Float(x), Value::Float(y)) => x >= y,
                        _ => slow!(self.slow_order_swapped(s.base, a, b)) <= 0,
                    };
                    put!(dst, Value::Bool(r))
                }
                Op::Equal { dst, a, b } => {
                    let r = equal!(a, b);
                    put!(dst, Value::Bool(r))
                }
                Op::NotEqual { dst, a, b } => {
                    let r = !equal!(a, b);
                    put!(dst, Value::Bool(r))
                }
                Op::Identical { dst, a, b } => {
                    let r = same!(a, b);
                    put!(dst, Value::Bool(r))
                }
                Op::NotIdentical { dst, a, b } => {
                    let r = !same!(a, b);
                    put!(dst, Value::Bool(r))
                }
                Op::Not { dst, src } => {
                    let r = !truth!(src);
                    put!(dst, Value::Bool(r))
                }
                Op::ToBool { dst, src } => {
                    let r = truth!(src);
                    put!(dst, Value::Bool(r))
                }
                Op::Jmp { target } => jump!(target),
                Op::JmpIf { src, target } => {
                    if truth!(src) {
                        jump!(target)
                    }
                }
                Op::JmpIfNot { src, target } => {
                    if !truth!(src) {
                        jump!(target)
                    }
                }
                Op::JmpIfBool { dst, src, target } => {
                    let r = truth!(src);
                    put!(dst, Value::Bool(r));
                    if r {
                        jump!(target)
                    }
                }
                Op::JmpIfNotBool { dst, src, target } => {
                    let r = truth!(src);
                    put!(dst, Value::Bool(r));
                    if !r {
                        jump!(target)
                    }
                }
                Op::JmpNotNull { dst, src, target } => {
                    let v = if src < s.locals {
                        val!(src).clone()
                    } else {
                        slot!(src).take().into_deref()
                    };
                    if !matches!(v, Value::Null | Value::Undef) {
                        put!(dst, v);
                        jump!(target)
                    }
                }
                Op::JmpTrueKeep { dst, src, target } => {
                    let v = slow!(self.operand(s.base, src));
                    if slow!(self.to_bool(&v)) {
                        put!(dst, v);
                        jump!(target)
                    } else {
                        drop(v);
                        settle!();
                    }
                }
                Op::JmpNullsafe { dst, src, target } => {
                    if matches!(val!(src), Value::Null | Value::Undef) {
                        if src < s.locals && val!(src).is_undef() {
                            slow!(self.undefined_local(src));
                        }
                        put!(dst, Value::Null);
                        jump!(target)
                    }
                }
                Op::JmpLess { a, b, target } => {
                    if cmp!(a, b, <) {
                        jump!(target)
                    }
                }
                Op::JmpNotLess { a, b, target } => {
                    if !cmp!(a, b, <) {
                        jump!(target)
                    }
                }
                Op::JmpLessEqual { a, b, target } => {
                    if cmp!(a, b, <=) {
                        jump!(target)
                    }
                }
                Op::JmpNotLessEqual { a, b, target } => {
                    if !cmp!(a, b, <=) {
                        jump!(target)
                    }
                }
                Op::JmpEqual { a, b, target } => {
                    if equal!(a, b) {
                        jump!(target)
                    }
                }
                Op::JmpNotEqual { a, b, target } => {
                    if !equal!(a, b) {
                        jump!(target)
                    }
                }
                Op::JmpIdentical { a, b, target } => {
                    if same!(a, b) {
                        jump!(target)
                    }
                }
                Op::JmpNotIdentical { a, b, target } => {
                    if !same!(a, b) {
                        jump!(target)
                    }
                }
                Op::JmpLessInt { a, imm, target } => {
                    let r = match val!(a) {
                        Value::Int(x) => *x < i64::from(imm),
                        _ => slow!(self.slow_order_int(s.base, a, imm)) < 0,
                    };
                    if r {
                        jump!(target)
                    }
                }
                Op::JmpNotLessInt { a, imm, target } => {
                    let r = match val!(a) {
                        Value::Int(x) => *x < i64::from(imm),
                        _ => slow!(self.slow_order_int(s.base, a, imm)) < 0,
                    };
                    if !r {
                        jump!(target)
                    }
                }
                Op::FetchDim { dst, base, key } => {
                    let found = match (val!(base), val!(key)) {
                        (Value::Array(a), Value::Int(i)) => a.get_int(*i),
                        (Value::Array(a), Value::Str(k)) => a.get_key_str(k),
                        _ => None,
                    };
                    match found {
                        Some(v) => {
                            let v = v.deref();
                            consume!(key);
                            if base >= s.locals {
                                drop(slot!(base).take());
                            }
                            put!(dst, v);
                        }
                        None => {
                            let v = slow!(self.fetch_dim(s.base, base, key));
                            put!(dst, v);
                        }
                    }
                }
                Op::FetchDimConst { dst, base, key } => {
                    let found = match (val!(base), konst!(key)) {
                        (Value::Array(a), Value::Int(i)) => a.get_int(*i),
                        (Value::Array(a), Value::Str(k)) => a.get_key_str(k),
                        _ => None,
                    };
                    match found {
                        Some(v) => {
                            let v = v.deref();
                            if base >= s.locals {
                                drop(slot!(base).take());
                            }
                            put!(dst, v);
                        }
                        None => {
                            let key = konst!(key).clone();
                            let v = slow!(self.fetch_dim_value(s.base, base, &key));
                            put!(dst, v);
                        }
                    }
                }
                Op::AssignDim { dst, base, key, val } => {
                    if dst == NO_SLOT && (val >= s.locals || !val!(val).is_undef()) {
                        // SAFETY: the array is written in place before anything else runs.
                        let array = unsafe {
                            match &mut *s.base.add(base as usize) {
                                Value::Array(a) => Some(a),
                                Value::Ref(r) => match &mut *r.as_ptr() {
                                    Value::Array(a) => Some(a),
                                    _ => None,
                                },
                                _ => None,
                            }
                        };
                        if let (Some(a), Value::Int(i)) = (array, val!(key)) {
                            let v = if val < s.locals {
                                val!(val).clone()
                            } else {
                                slot!(val).take().into_deref()
                            };
                            match a.get_int_mut(*i) {
                                Some(p) if !p.is_ref() => {
                                    let old = std::mem::replace(p, v);
                                    if old.is_counted() {
                                        drop(old);
                                        settle!();
                                    }
                                    continue;
                                }
                                None => {
                                    a.insert_int(*i, v);
                                    continue;
                                }
                                Some(p) => {
                                    if let Value::Ref(r) = p {
                                        let r = r.clone();
                                        slow!(self.assign_reference(&r, v));
                                    }
                                    settle!();
                                    continue;
                                }
                            }
                        }
                    }
                    slow!(self.assign_dim(s.base, dst, base, key, val));
                    settle!();
                }
                Op::AppendDim { dst, base, val } => {
                    slow!(self.append_dim(s.base, dst, base, val));
                    settle!();
                }
                Op::NewArray { dst, capacity } => {
                    put!(dst, Value::Array(PhpArray::with_capacity(capacity as usize)))
                }
                Op::ArrayPush { array, val } => {
                    let v = slow!(self.operand(s.base, val));
                    if let Value::Array(a) = slot!(array)
                        && a.push(v).is_err()
                    {
                        slow!(self.array_full());
                    }
                }
                Op::FetchProp { dst, obj, cache, name } => {
                    if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                        && let CacheEntry::Prop(class, slot_index, _) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                    {
                        let v = o.slot(*slot_index as usize);
                        if !v.is_undef() {
                            let v = v.into_deref();
                            if obj >= s.locals {
                                drop(slot!(obj).take());
                                put!(dst, v);
                                settle!();
                            } else {
                                put!(dst, v);
                            }
                            continue;
                        }
                    }
                    let v = slow!(self.fetch_prop(s.base, obj, cache, name));
                    put!(dst, v);
                    settle!();
                }
                Op::FetchThisProp { dst, cache, name } => {
                    let frame = &self.frames[self.current as usize];
                    if let (Some(o), true) = (&frame.this, cache != NO_CACHE)
                        && let CacheEntry::Prop(class, slot_index, _) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                    {
                        let v = o.slot(*slot_index as usize);
                        if !v.is_undef() {
                            put!(dst, v.into_deref());
                            continue;
                        }
                    }
                    let v = slow!(self.fetch_this_prop(cache, name));
                    put!(dst, v);
                }
                Op::AssignProp { obj, val, cache, name } => {
                    if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                        && let CacheEntry::Prop(class, i, true) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                        && !o.with_slot(*i as usize, |v| v.is_undef() || v.is_ref())
                        && !val!(val).is_undef()
                    {
                        let v = if val < s.locals {
                            val!(val).clone()
                        } else {
                            slot!(val).take().into_deref()
                        };
                        let old = o.replace_slot(*i as usize, v);
                        consume!(obj);
                        if old.is_counted() {
                            drop(old);
                            settle!();
                        }
                        continue;
                    }
                    slow!(self.assign_prop(s.base, obj, val, cache, name));
                    settle!();
                }
                Op::AssignThisProp { val, cache, name } => {
                    let frame = &self.frames[self.current as usize];
                    if let (Some(o), true) = (&frame.this, cache != NO_CACHE)
                        && let CacheEntry::Prop(class, i, true) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                        && !o.with_slot(*i as usize, |v| v.is_undef() || v.is_ref())
                        && !val!(val).is_undef()
                    {
                        let v = if val < s.locals {
                            val!(val).clone()
                        } else {
                            slot!(val).take().into_deref()
                        };
                        let old = o.replace_slot(*i as usize, v);
                        if old.is_counted() {
                            drop(old);
                            settle!();
                        }
                        continue;
                    }
                    slow!(self.assign_this_prop(s.base, val, cache, name));
                    settle!();
                }
                Op::LoadThis { dst } => {
                    let v = match &self.frames[self.current as usize].this {
                        Some(o) => Value::Object(o.clone()),
                        None => slow!(self.no_this()),
                    };
                    put!(dst, v)
                }
                Op::InitFn { argc, cache, name } => {
                    if cache != NO_CACHE
                        && let CacheEntry::Func(f) = cache!(cache)
                    {
                        let f = f.clone();
                        self.push_call(f, u32::from(argc), None, None, 0);
                        continue;
                    }
                    let f = slow!(self.find_function(konst!(name), None));
                    if cache != NO_CACHE {
                        *cache!(cache) = CacheEntry::Func(f.clone());
                    }
                    self.push_call(f, u32::from(argc), None, None, 0);
                }
                Op::InitMethod { obj, argc, cache, name } => {
                    if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                        && let CacheEntry::Method(class, f) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                    {
                        let (class, f) = (*class, f.clone());
                        let o = if obj < s.locals {
                            o.clone()
                        } else {
                            match slot!(obj).take().into_deref() {
                                Value::Object(o) => o,
                                _ => unreachable!("just seen to be an object"),
                            }
                        };
                        self.push_call(f, u32::from(argc), Some(o), Some(class), 0);
                        continue;
                    }
                    slow!(self.init_method(s.base, obj, argc, cache, name));
                }
                Op::InitThisMethod { argc, cache, name } => {
                    let frame = &self.frames[self.current as usize];
                    if let (Some(o), true) = (&frame.this, cache != NO_CACHE)
                        && let CacheEntry::Method(class, f) = cache!(cache)
                        && class.ptr() == o.class_ptr()
                    {
                        let (class, f, o) = (*class, f.clone(), o.clone());
                        self.push_call(f, u32::from(argc), Some(o), Some(class), 0);
                        continue;
                    }
                    slow!(self.init_this_method(argc, cache, name));
                }
                Op::SendVal { n, src } => {
                    let f = self.frames.last().expect("a pending call");
                    if f.ref_mask == 0 {
                        let v = if src < s.locals {
                            slow!(self.operand(s.base, src))
                        } else {
                            slot!(src).take().into_deref()
                        };
                        self.set_arg(n, v);
                    } else {
                        slow!(self.send_val(s.base, n, src));
                    }
                }
                Op::SendConst { n, k } => {
                    let v = konst!(k).clone();
                    slow!(self.send_const(n, v));
                }
                Op::SendVar { n, var } => {
                    let f = self.frames.last().expect("a pending call");
                    if f.ref_mask == 0 && !val!(var).is_undef() {
                        let v = val!(var).clone();
                        self.set_arg(n, v);
                    } else {
                        slow!(self.send_var(s.base, n, var));
                    }
                }
                Op::SendResult { n, src } => {
                    slow!(self.send_result(s.base, n, src));
                }
                Op::DoCall { dst } => enter!(dst),
                Op::Return { src } => {
                    let v = if src < s.locals {
                        match val!(src) {
                            Value::Undef => slow!(self.operand(s.base, src)),
                            // A plain local dies with the frame: move it out.
                            _ if !slot!(src).is_ref() => slot!(src).take(),
                            v => v.clone(),
                        }
                    } else {
                        slot!(src).take().into_deref()
                    };
                    leave!(v)
                }
                Op::ReturnConst { k } => leave!(konst!(k).clone()),
                Op::ReturnRef { src } => leave!(slot!(src).take()),
                Op::IterNext { iter, val, target } => {
                    if let (Value::Array(a), Value::Int(pos)) = (slot!(iter), slot!(iter + 1)) {
                        match a.next_entry(*pos as usize) {
                            Some((at, v)) => {
                                let v = v.deref();
                                *pos = at as i64 + 1;
                                if slot!(val).is_counted() {
                                    if val < s.locals {
                                        slow!(self.assign_local(s.base, val, v));
                                    } else {
                                        *slot!(val) = v;
                                    }
                                    settle!();
                                } else {
                                    put!(val, v);
                                }
                            }
                            None => jump!(target),
                        }
                    } else if !slow!(self.iter_next(s.base, iter, val, NO_SLOT)) {
                        jump!(target)
                    } else {
                        settle!();
                    }
                }
                Op::IterNextKey { iter, val, key, target } => {
                    if !slow!(self.iter_next(s.base, iter, val, key)) {
                        jump!(target)
                    } else {
                        settle!();
                    }
                }
                Op::Echo { src } => {
                    let v = slow!(self.operand(s.base, src));
                    let text: PhpString = slow!(self.to_str(&v));
                    slow!(self.echo(&text));
                    drop(v);
                    settle!();
                }
                Op::EchoConst { k } => {
                    if let Value::Str(text) = konst!(k) {
                        slow!(self.echo(text));
                    }
                }
                Op::Switch { src, table } => {
                    if let Some(target) = self.switch_target(val!(src), table, s.consts) {
                        jump!(target)
                    }
                }
                Op::JmpArgByValue { n, target } => {
                    if self.arg_by_ref(n as usize) == crate::function::ByRef::No {
                        jump!(target)
                    }
                }
                Op::Yield { .. } | Op::YieldRef { .. } => {
                    slow!(self.yield_value(s.base, op));
                    return Ok(Value::Undef);
                }
                op => {
                    // Rare ops: each is a call; some change the pc or the frame.
                    match slow!(self.rare_op(s.base, op)) {
                        Next::Go => {}
                        Next::Jump(target) => jump!(target),
                        Next::Leave(v) => leave!(v),
                        Next::Stop(v) => return Ok(v),
                    }
                    settle!();
                }
            }
        }
    }
}

/// What a rare op asks the loop to do.
pub(crate) enum Next {
    /// Go on.
    Go,
    /// Go to an op.
    Jump(u32),
    /// Return this value from the frame.
    Leave(Value),
    /// Leave the loop with this value: the frame is gone (a suspended generator).
    Stop(Value),
}
