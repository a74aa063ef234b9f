//! The interpreter loop: fetch, dispatch, the fast paths of the hot ops.
//!
//! What it has to be careful about:
//! - A value is read by its tag byte and its payload word each by itself ([`Value::bits`]):
//!   loads of sixteen bytes would wait for the two stores right before them.
//! - An op is matched where it lies: its fields are loaded as they are needed.
//! - What is slow leaves through calls that are not inlined, and an error breaks out to the one
//!   place that unwinds, so that the registers of the loop stay registers.
//! - `dst` of the ops that `Function::retarget` of the compiler knows may be a local variable:
//!   those ops store by `store!`, the others by `put!`.

use super::fast::{self, Leaving};
use super::{Next, peek};
use crate::call::Called;
use crate::frame::frame_flags;
use crate::function::{CacheEntry, CachedProp};
use crate::machine::Ran;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{BinOp, NO_CACHE, NO_ENTRY, NO_SLOT, Op, Slot, Tier};
use outlast_value::{PhpArray, PhpString, Value};
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, Ordering};

/// The registers of the loop: where the current frame stands.
struct Regs {
    /// The op that runs. One address is all that is kept from op to op: the next is behind it.
    ip: *const Op,
    base: *mut Value,
    code: *const Op,
    consts: *const Value,
    caches: *const UnsafeCell<CacheEntry>,
    locals: Slot,
    tier: *const Tier,
}

impl Regs {
    #[inline(always)]
    fn load(cx: &Cx) -> Regs {
        let f = cx.frame();
        // SAFETY: the running frame is one of PHP code.
        let code = unsafe { &*f.code };
        Regs {
            ip: f.ip.wrapping_sub(1),
            base: f.base,
            code: code.ops,
            consts: code.consts_at.get(),
            caches: code.caches_at.get(),
            locals: code.locals,
            tier: code.tier,
        }
    }
}

impl Cx {
    /// Runs the current frame (flag `BOUNDARY`) until it returns or unwinds.
    pub(crate) fn run(&mut self) -> Ret<Value> {
        self.run_ops::<false>()
    }

    /// Runs the op at which the current frame stands. It is none that leaves the frame for a caller.
    pub(crate) fn step(&mut self) -> Ret<()> {
        self.run_ops::<true>().map(drop)
    }

    /// Runs one op, or all of them.
    fn run_ops<const ONE: bool>(&mut self) -> Ret<Value> {
        let interrupt = self.interrupt.clone();
        let word: &AtomicU32 = &interrupt;
        let mut s = Regs::load(self);

        /// The running frame, for as long as no other is pushed.
        macro_rules! frame {
            () => {
                // SAFETY: `current` is the index of the running frame.
                unsafe { &mut *self.frames.as_mut_ptr().add(self.current as usize) }
            };
        }
        /// The address of a slot.
        macro_rules! at {
            ($i:expr) => {
                s.base.wrapping_add($i as usize)
            };
        }
        /// A slot, for reading and writing.
        macro_rules! slot {
            ($i:expr) => {
                // SAFETY: operands lie within the frame, whose slots are initialised; the borrow ends
                // within the op.
                unsafe { &mut *at!($i) }
            };
        }
        /// A slot, for reading, references not followed.
        macro_rules! raw {
            ($i:expr) => {
                // SAFETY: as `slot!`.
                unsafe { &*at!($i).cast_const() }
            };
        }
        /// The value in a slot, references followed.
        macro_rules! val {
            ($i:expr) => {
                // SAFETY: as `slot!`; uses end before the slot is written.
                unsafe { peek(s.base, $i) }
            };
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
        /// Writes a temporary, which holds nothing that needs dropping.
        macro_rules! put {
            ($dst:expr, $v:expr) => {{
                let v = $v;
                // SAFETY: as `slot!`; a free temporary owns nothing.
                unsafe { v.store(at!($dst)) }
            }};
        }

        if !ONE {
            match self.run_machine_code() {
                Ok(Ran::On) => {}
                Ok(Ran::Ended(v)) => return Ok(v),
                Err(thrown) => self.unwind(thrown)?,
            }
            s = Regs::load(self);
        }
        loop {
            let thrown: Unwind = 'op: loop {
                /// Something that can throw: saves the place first, goes to unwind on error.
                macro_rules! slow {
                    ($e:expr) => {{
                        frame!().ip = s.ip.wrapping_add(1);
                        match $e {
                            Ok(v) => v,
                            Err(u) => break 'op u,
                        }
                    }};
                }
                /// Goes on in machine code for as long as there is some.
                macro_rules! go_in_machine_code {
                    () => {
                        match slow!(self.run_machine_code()) {
                            Ran::On => s = Regs::load(self),
                            Ran::Ended(v) => return Ok(v),
                        }
                    };
                }
                /// Runs what became due: destructors, memory limit, garbage collection.
                macro_rules! settle {
                    () => {
                        if crate::pending::is_due() {
                            slow!(self.run_pending_work());
                        }
                    };
                }
                /// Writes a temporary or a local variable.
                macro_rules! store {
                    ($dst:expr, $v:expr) => {{
                        let v = $v;
                        if raw!($dst).is_counted() {
                            slow!(self.replace_local(s.base, $dst, v));
                            settle!();
                        } else {
                            // SAFETY: as `slot!`; the slot holds nothing that needs dropping.
                            unsafe { v.store(at!($dst)) }
                        }
                    }};
                }
                macro_rules! store_bool {
                    ($dst:expr, $v:expr) => {{
                        let v: bool = $v;
                        if raw!($dst).is_counted() {
                            slow!(self.replace_local(s.base, $dst, Value::Bool(v)));
                            settle!();
                        } else {
                            // SAFETY: as `store!`.
                            unsafe { Value::write_bool(at!($dst), v) }
                        }
                    }};
                }
                /// Drops an operand if it is a temporary.
                macro_rules! consume {
                    ($i:expr) => {
                        if $i >= s.locals && raw!($i).is_counted() {
                            drop(slot!($i).take());
                            settle!();
                        }
                    };
                }
                /// The value of an operand that is not undefined: locals copied, temporaries taken.
                macro_rules! get {
                    ($i:expr) => {
                        if $i < s.locals {
                            match raw!($i) {
                                Value::Ref(_) => val!($i).clone(),
                                v => v.clone(),
                            }
                        } else {
                            slot!($i).take().into_deref()
                        }
                    };
                }
                macro_rules! jump {
                    ($target:expr) => {{
                        let to = s.code.wrapping_add($target as usize).wrapping_sub(1);
                        let back = to < s.ip;
                        s.ip = to;
                        if back && !ONE {
                            if word.load(Ordering::Relaxed) != 0 {
                                slow!(self.interrupted());
                            }
                            // SAFETY: the tier lives in the unit of the running function; entries
                            // are as many as ops, and the target of a jump is one.
                            let (tier, at) = (unsafe { &*s.tier }, $target as usize);
                            if tier.address().is_null() {
                                if tier.warm() == self.machine_threshold {
                                    self.make_machine_code();
                                }
                            // SAFETY: as above.
                            } else if unsafe { *tier.entries().add(at) } != NO_ENTRY {
                                go_in_machine_code!();
                            }
                        }
                    }};
                }
                macro_rules! arith {
                    ($dst:expr, $a:expr, $b:expr, $checked:ident, $float:tt, $slow:expr) => {
                        match ($a, $b) {
                            (Value::Int(x), Value::Int(y)) => match x.$checked(*y) {
                                Some(z) => store!($dst, Value::Int(z)),
                                None => store!($dst, Value::Float(*x as f64 $float *y as f64)),
                            },
                            (Value::Float(x), Value::Float(y)) => {
                                store!($dst, Value::Float(x $float y))
                            }
                            _ => {
                                let v = slow!($slow);
                                store!($dst, v)
                            }
                        }
                    };
                }
                macro_rules! divide {
                    ($dst:expr, $a:expr, $b:expr, $slow:expr) => {
                        match ($a, $b) {
                            (Value::Float(x), Value::Float(y)) if *y != 0.0 => {
                                store!($dst, Value::Float(x / y))
                            }
                            (Value::Int(x), Value::Float(y)) if *y != 0.0 => {
                                store!($dst, Value::Float(*x as f64 / y))
                            }
                            (Value::Float(x), Value::Int(y)) if *y != 0 => {
                                store!($dst, Value::Float(x / *y as f64))
                            }
                            _ => {
                                let v = slow!($slow);
                                store!($dst, v)
                            }
                        }
                    };
                }
                /// A comparison as a bool; operands consumed.
                macro_rules! cmp {
                    ($a:expr, $b:expr, $op:tt, $slow:expr) => {
                        match ($a, $b) {
                            (Value::Int(x), Value::Int(y)) => x $op y,
                            (Value::Float(x), Value::Float(y)) => x $op y,
                            _ => slow!($slow) $op 0,
                        }
                    };
                }
                macro_rules! equal {
                    ($a:expr, $b:expr) => {
                        match (raw!($a), raw!($b)) {
                            (Value::Int(x), Value::Int(y)) => x == y,
                            _ => slow!(self.slow_equal(s.base, $a, $b)),
                        }
                    };
                }
                macro_rules! same {
                    ($a:expr, $b:expr) => {
                        match (raw!($a), raw!($b)) {
                            (Value::Int(x), Value::Int(y)) => x == y,
                            (Value::Null, Value::Null) => true,
                            (Value::Array(_) | Value::Object(_), Value::Null) if $a < s.locals => {
                                false
                            }
                            _ => slow!(self.slow_identical(s.base, $a, $b)),
                        }
                    };
                }
                macro_rules! branch {
                    ($on:expr, $target:expr) => {
                        if $on {
                            jump!($target)
                        }
                    };
                }
                /// A comparison with a small integer; the operand consumed.
                macro_rules! cmp_int {
                    ($a:expr, $imm:expr, $op:tt) => {
                        match raw!($a) {
                            Value::Int(x) => *x $op i64::from($imm),
                            Value::Float(x) => *x $op f64::from($imm),
                            _ => slow!(self.slow_order_int(s.base, $a, $imm)) $op 0,
                        }
                    };
                }
                macro_rules! truth {
                    ($i:expr) => {
                        match raw!($i) {
                            Value::Bool(b) => *b,
                            Value::Int(i) => *i != 0,
                            Value::Null => false,
                            _ => slow!(self.slow_truth(s.base, $i)),
                        }
                    };
                }
                /// Whether the value is an object of the class in the cache.
                macro_rules! class_cached {
                    ($cache:expr, $v:expr) => {
                        $cache != NO_CACHE
                            && matches!(
                                ($v, &*cache!($cache)),
                                (Value::Object(o), CacheEntry::Class(c)) if c.ptr() == o.class_ptr()
                            )
                    };
                }
                /// Goes on in machine code behind a call that returned, where there is some.
                macro_rules! resume_machine {
                    () => {
                        // SAFETY: the tier lives in the unit of the running function.
                        if !ONE && !unsafe { (*s.tier).address() }.is_null() {
                            go_in_machine_code!();
                        }
                    };
                }
                /// Runs a function just called in machine code, where there is some.
                macro_rules! machine {
                    () => {
                        if !ONE {
                            // SAFETY: as above.
                            let tier = unsafe { &*s.tier };
                            if tier.address().is_null() && tier.warm() == self.machine_threshold {
                                self.make_machine_code();
                            }
                            if !tier.address().is_null() {
                                go_in_machine_code!();
                            }
                        }
                    };
                }
                /// Runs the pending call.
                macro_rules! enter {
                    ($dst:expr) => {{
                        if word.load(Ordering::Relaxed) != 0 {
                            slow!(self.interrupted());
                        }
                        match slow!(self.do_call($dst)) {
                            Called::Entered => {
                                s = Regs::load(self);
                                machine!();
                            }
                            Called::Done(v) => {
                                if $dst != NO_SLOT {
                                    put!($dst, v);
                                } else {
                                    v.discard();
                                }
                                settle!();
                            }
                        }
                    }};
                }
                /// Leaves the frame with a value.
                macro_rules! leave {
                    ($v:expr) => {{
                        let v: Value = $v;
                        let f = frame!();
                        if f.flags & fast::LEAVING == 0 {
                            let ret = f.ret;
                            self.pop_running();
                            s = Regs::load(self);
                            if ret != NO_SLOT {
                                // SAFETY: `ret` is a free temporary of the caller.
                                unsafe { v.store(at!(ret)) }
                            } else {
                                v.discard();
                            }
                            settle!();
                            resume_machine!();
                        } else {
                            match self.leave_frame(v) {
                                Leaving::Caller => {
                                    s = Regs::load(self);
                                    settle!();
                                    resume_machine!();
                                }
                                Leaving::Native(v) => return Ok(v),
                            }
                        }
                    }};
                }

                s.ip = s.ip.wrapping_add(1);
                // SAFETY: jumps stay within the code, which ends in a return.
                let op = unsafe { &*s.ip };
                match *op {
                    Op::Nop {} => {}
                    Op::LoadConst { dst, k } => put!(dst, konst!(k).clone()),
                    Op::LoadInt { dst, value } => put!(dst, Value::Int(i64::from(value))),
                    Op::Copy { dst, src } => match raw!(src) {
                        Value::Undef | Value::Ref(_) => {
                            let v = slow!(self.no_operand(s.base, src));
                            put!(dst, v)
                        }
                        _ => put!(dst, get!(src)),
                    },
                    Op::CopyKeep { dst, src } => put!(dst, val!(src).clone().or_null()),
                    Op::Move { dst, src } => put!(dst, slot!(src).take()),
                    Op::Free { src } => {
                        if raw!(src).is_counted() {
                            drop(slot!(src).take());
                            settle!();
                        }
                    }
                    Op::Assign { dst, var, val } => {
                        let v = match val!(val) {
                            Value::Undef | Value::Ref(_) => slow!(self.no_operand(s.base, val)),
                            _ => get!(val),
                        };
                        if dst != NO_SLOT {
                            slow!(self.assign_for_result(s.base, dst, var, v));
                            settle!();
                        } else {
                            store!(var, v)
                        }
                    }
                    Op::AssignConst { var, k } => store!(var, konst!(k).clone()),
                    Op::Add { dst, a, b } => {
                        let slow = |cx: &mut Cx| cx.slow_binary(s.base, a, b, BinOp::Add);
                        arith!(dst, raw!(a), raw!(b), checked_add, +, slow(self))
                    }
                    Op::Sub { dst, a, b } => {
                        let slow = |cx: &mut Cx| cx.slow_binary(s.base, a, b, BinOp::Sub);
                        arith!(dst, raw!(a), raw!(b), checked_sub, -, slow(self))
                    }
                    Op::Mul { dst, a, b } => {
                        let slow = |cx: &mut Cx| cx.slow_binary(s.base, a, b, BinOp::Mul);
                        arith!(dst, raw!(a), raw!(b), checked_mul, *, slow(self))
                    }
                    Op::Div { dst, a, b } => {
                        let slow = |cx: &mut Cx| cx.slow_binary(s.base, a, b, BinOp::Div);
                        divide!(dst, raw!(a), raw!(b), slow(self))
                    }
                    Op::AddConst { dst, a, k } => {
                        let slow = |cx: &mut Cx| cx.slow_binary_const(s.base, a, k, BinOp::Add);
                        arith!(dst, raw!(a), konst!(k), checked_add, +, slow(self))
                    }
                    Op::SubConst { dst, a, k } => {
                        let slow = |cx: &mut Cx| cx.slow_binary_const(s.base, a, k, BinOp::Sub);
                        arith!(dst, raw!(a), konst!(k), checked_sub, -, slow(self))
                    }
                    Op::MulConst { dst, a, k } => {
                        let slow = |cx: &mut Cx| cx.slow_binary_const(s.base, a, k, BinOp::Mul);
                        arith!(dst, raw!(a), konst!(k), checked_mul, *, slow(self))
                    }
                    Op::DivConst { dst, a, k } => {
                        let slow = |cx: &mut Cx| cx.slow_binary_const(s.base, a, k, BinOp::Div);
                        divide!(dst, raw!(a), konst!(k), slow(self))
                    }
                    Op::ConstAdd { dst, k, b } => {
                        let slow = |cx: &mut Cx| cx.slow_const_binary(s.base, k, b, BinOp::Add);
                        arith!(dst, konst!(k), raw!(b), checked_add, +, slow(self))
                    }
                    Op::ConstSub { dst, k, b } => {
                        let slow = |cx: &mut Cx| cx.slow_const_binary(s.base, k, b, BinOp::Sub);
                        arith!(dst, konst!(k), raw!(b), checked_sub, -, slow(self))
                    }
                    Op::ConstMul { dst, k, b } => {
                        let slow = |cx: &mut Cx| cx.slow_const_binary(s.base, k, b, BinOp::Mul);
                        arith!(dst, konst!(k), raw!(b), checked_mul, *, slow(self))
                    }
                    Op::ConstDiv { dst, k, b } => {
                        let slow = |cx: &mut Cx| cx.slow_const_binary(s.base, k, b, BinOp::Div);
                        divide!(dst, konst!(k), raw!(b), slow(self))
                    }
                    Op::AddInt { dst, a, imm } => match raw!(a) {
                        Value::Int(x) => match x.checked_add(i64::from(imm)) {
                            Some(z) => store!(dst, Value::Int(z)),
                            None => store!(dst, Value::Float(*x as f64 + f64::from(imm))),
                        },
                        Value::Float(x) => store!(dst, Value::Float(x + f64::from(imm))),
                        _ => {
                            let v = slow!(self.slow_binary_int(s.base, a, imm, BinOp::Add));
                            store!(dst, v)
                        }
                    },
                    Op::SubInt { dst, a, imm } => match raw!(a) {
                        Value::Int(x) => match x.checked_sub(i64::from(imm)) {
                            Some(z) => store!(dst, Value::Int(z)),
                            None => store!(dst, Value::Float(*x as f64 - f64::from(imm))),
                        },
                        Value::Float(x) => store!(dst, Value::Float(x - f64::from(imm))),
                        _ => {
                            let v = slow!(self.slow_binary_int(s.base, a, imm, BinOp::Sub));
                            store!(dst, v)
                        }
                    },
                    Op::Binary { dst, a, b, op } => {
                        let v = match (raw!(a), raw!(b)) {
                            (Value::Int(x), Value::Int(y)) => fast::integers(op, *x, *y),
                            _ => None,
                        };
                        match v {
                            Some(v) => store!(dst, Value::Int(v)),
                            None => {
                                let v = slow!(self.slow_binary(s.base, a, b, op));
                                store!(dst, v)
                            }
                        }
                    }
                    Op::BinaryInt { dst, a, imm, op } => {
                        let v = match raw!(a) {
                            Value::Int(x) => fast::integers(op, *x, i64::from(imm)),
                            _ => None,
                        };
                        match v {
                            Some(v) => store!(dst, Value::Int(v)),
                            None => {
                                let v = slow!(self.slow_binary_int(s.base, a, imm, op));
                                store!(dst, v)
                            }
                        }
                    }
                    Op::Concat { dst, a, b } => {
                        let v = slow!(self.concat_operands(s.base, a, b));
                        store!(dst, v)
                    }
                    Op::ConcatN { dst, first, count } => {
                        let v = slow!(self.concat_n(s.base, first, count));
                        put!(dst, v)
                    }
                    Op::AssignOp { dst, var, val, op } => {
                        match (op, slot!(var), raw!(val)) {
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
                            (BinOp::Concat, Value::Str(x), Value::Str(y)) if var != val => {
                                if x.try_append(y).is_err() {
                                    slow!(self.assign_op(s.base, var, val, op));
                                }
                                consume!(val);
                            }
                            _ => {
                                slow!(self.assign_op(s.base, var, val, op));
                                settle!();
                            }
                        }
                        if dst != NO_SLOT {
                            put!(dst, val!(var).clone());
                        }
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
                        store_bool!(dst, cmp!(raw!(a), raw!(b), <, self.slow_order(s.base, a, b)))
                    }
                    Op::LessEqual { dst, a, b } => {
                        store_bool!(dst, cmp!(raw!(a), raw!(b), <=, self.slow_order(s.base, a, b)))
                    }
                    Op::Greater { dst, a, b } => {
                        let r = match (raw!(a), raw!(b)) {
                            (Value::Int(x), Value::Int(y)) => x > y,
                            (Value::Float(x), Value::Float(y)) => x > y,
                            _ => slow!(self.slow_order_swapped(s.base, a, b)) < 0,
                        };
                        store_bool!(dst, r)
                    }
                    Op::GreaterEqual { dst, a, b } => {
                        let r = match (raw!(a), raw!(b)) {
                            (Value::Int(x), Value::Int(y)) => x >= y,
                            (Value::Float(x), Value::Float(y)) => x >= y,
                            _ => slow!(self.slow_order_swapped(s.base, a, b)) <= 0,
                        };
                        store_bool!(dst, r)
                    }
                    Op::Equal { dst, a, b } => store_bool!(dst, equal!(a, b)),
                    Op::NotEqual { dst, a, b } => store_bool!(dst, !equal!(a, b)),
                    Op::Identical { dst, a, b } => store_bool!(dst, same!(a, b)),
                    Op::NotIdentical { dst, a, b } => store_bool!(dst, !same!(a, b)),
                    Op::Not { dst, src } => store_bool!(dst, !truth!(src)),
                    Op::ToBool { dst, src } => store_bool!(dst, truth!(src)),
                    Op::Jmp { target } => jump!(target),
                    Op::JmpIf { src, target } => branch!(truth!(src), target),
                    Op::JmpIfNot { src, target } => branch!(!truth!(src), target),
                    Op::JmpIfBool { dst, src, target } => {
                        let r = truth!(src);
                        put!(dst, Value::Bool(r));
                        branch!(r, target)
                    }
                    Op::JmpIfNotBool { dst, src, target } => {
                        let r = truth!(src);
                        put!(dst, Value::Bool(r));
                        branch!(!r, target)
                    }
                    Op::JmpNotNull { dst, src, target } => {
                        let v = get!(src);
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
                        branch!(cmp!(raw!(a), raw!(b), <, self.slow_order(s.base, a, b)), target)
                    }
                    Op::JmpNotLess { a, b, target } => {
                        branch!(!cmp!(raw!(a), raw!(b), <, self.slow_order(s.base, a, b)), target)
                    }
                    Op::JmpLessEqual { a, b, target } => {
                        branch!(cmp!(raw!(a), raw!(b), <=, self.slow_order(s.base, a, b)), target)
                    }
                    Op::JmpNotLessEqual { a, b, target } => {
                        branch!(!cmp!(raw!(a), raw!(b), <=, self.slow_order(s.base, a, b)), target)
                    }
                    Op::JmpEqual { a, b, target } => branch!(equal!(a, b), target),
                    Op::JmpNotEqual { a, b, target } => branch!(!equal!(a, b), target),
                    Op::JmpIdentical { a, b, target } => branch!(same!(a, b), target),
                    Op::JmpNotIdentical { a, b, target } => branch!(!same!(a, b), target),
                    Op::JmpLessInt { a, imm, target } => branch!(cmp_int!(a, imm, <), target),
                    Op::JmpNotLessInt { a, imm, target } => branch!(!cmp_int!(a, imm, <), target),
                    Op::JmpLessEqualInt { a, imm, target } => {
                        branch!(cmp_int!(a, imm, <=), target)
                    }
                    Op::JmpNotLessEqualInt { a, imm, target } => {
                        branch!(!cmp_int!(a, imm, <=), target)
                    }
                    Op::JmpGreaterInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x > i64::from(imm),
                            _ => slow!(self.slow_int_order(s.base, imm, a)) < 0,
                        };
                        branch!(r, target)
                    }
                    Op::JmpNotGreaterInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x > i64::from(imm),
                            _ => slow!(self.slow_int_order(s.base, imm, a)) < 0,
                        };
                        branch!(!r, target)
                    }
                    Op::JmpGreaterEqualInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x >= i64::from(imm),
                            _ => slow!(self.slow_int_order(s.base, imm, a)) <= 0,
                        };
                        branch!(r, target)
                    }
                    Op::JmpNotGreaterEqualInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x >= i64::from(imm),
                            _ => slow!(self.slow_int_order(s.base, imm, a)) <= 0,
                        };
                        branch!(!r, target)
                    }
                    Op::JmpEqualInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x == i64::from(imm),
                            _ => slow!(self.slow_equal_int(s.base, a, imm)),
                        };
                        branch!(r, target)
                    }
                    Op::JmpNotEqualInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x == i64::from(imm),
                            _ => slow!(self.slow_equal_int(s.base, a, imm)),
                        };
                        branch!(!r, target)
                    }
                    Op::JmpIdenticalInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x == i64::from(imm),
                            _ => slow!(self.slow_identical_int(s.base, a, imm)),
                        };
                        branch!(r, target)
                    }
                    Op::JmpNotIdenticalInt { a, imm, target } => {
                        let r = match raw!(a) {
                            Value::Int(x) => *x == i64::from(imm),
                            _ => slow!(self.slow_identical_int(s.base, a, imm)),
                        };
                        branch!(!r, target)
                    }
                    Op::FetchDim { dst, base, key } => {
                        let found = match (val!(base), raw!(key)) {
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
                                    settle!();
                                }
                                store!(dst, v);
                            }
                            None if let (Value::Str(t), Value::Int(i)) =
                                (val!(base), raw!(key))
                                && let Some(v) = fast::offset(t, *i) =>
                            {
                                consume!(base);
                                store!(dst, v);
                            }
                            None => {
                                let v = slow!(self.fetch_dim(s.base, base, key));
                                store!(dst, v);
                                settle!();
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
                                    settle!();
                                }
                                store!(dst, v);
                            }
                            None if let (Value::Str(t), Value::Int(i)) =
                                (val!(base), konst!(key))
                                && let Some(v) = fast::offset(t, *i) =>
                            {
                                consume!(base);
                                store!(dst, v);
                            }
                            None => {
                                let key = konst!(key).clone();
                                let v = slow!(self.fetch_dim_value(s.base, base, &key));
                                store!(dst, v);
                                settle!();
                            }
                        }
                    }
                    Op::IssetDim { dst, base, key } => {
                        // SAFETY: operands lie within the frame.
                        match unsafe { fast::isset_dim(s.base, s.locals, base, key) } {
                            Some(set) => put!(dst, Value::Bool(set)),
                            None => {
                                slow!(self.full_op(s.base, *op));
                                settle!();
                            }
                        }
                    }
                    Op::FetchDimQuiet { dst, base, key } => {
                        // SAFETY: operands lie within the frame.
                        match unsafe { fast::dim_quiet(s.base, s.locals, base, key) } {
                            Some(v) => put!(dst, v),
                            None => {
                                slow!(self.full_op(s.base, *op));
                                settle!();
                            }
                        }
                    }
                    Op::AssignDim { dst, base, key, val } => {
                        // SAFETY: operands lie within the frame.
                        if dst == NO_SLOT
                            && let Some(old) =
                                unsafe { fast::assign_dim(s.base, s.locals, base, key, val) }
                        {
                            if old.is_counted() {
                                drop(old);
                                settle!();
                            } else {
                                std::mem::forget(old);
                            }
                        } else {
                            slow!(self.assign_dim(s.base, dst, base, key, val));
                            settle!();
                        }
                    }
                    Op::AppendDim { dst, base, val } => {
                        if dst == NO_SLOT
                            // SAFETY: operands lie within the frame.
                            && let Some(a) = unsafe { fast::array_of(at!(base)) }
                            && (val >= s.locals || !matches!(raw!(val), Value::Undef))
                        {
                            let v = get!(val);
                            if a.push(v).is_err() {
                                slow!(self.array_full());
                            }
                        } else {
                            slow!(self.append_dim(s.base, dst, base, val));
                            settle!();
                        }
                    }
                    Op::NewArray { dst, capacity } => {
                        put!(dst, Value::Array(PhpArray::with_capacity(capacity as usize)))
                    }
                    Op::ArrayPush { array, val } => {
                        let v = match raw!(val) {
                            Value::Undef | Value::Ref(_) => slow!(self.no_operand(s.base, val)),
                            _ => get!(val),
                        };
                        if let Value::Array(a) = slot!(array)
                            && a.push(v).is_err()
                        {
                            slow!(self.array_full());
                        }
                    }
                    Op::FetchProp { dst, obj, cache, name } => {
                        if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                            && let Some(CachedProp { slot: index, .. }) =
                                cache!(cache).prop(o.class_ptr())
                            // SAFETY: slots of a class are slots of its objects; the borrow ends
                            // before anything else runs.
                            && let v = unsafe { &*o.slot_ptr(*index as usize) }
                            && !v.is_undef()
                        {
                            let v = v.deref();
                            if obj >= s.locals {
                                drop(slot!(obj).take());
                                store!(dst, v);
                                settle!();
                            } else {
                                store!(dst, v);
                            }
                        } else {
                            let v = slow!(self.fetch_prop(s.base, obj, cache, name));
                            store!(dst, v);
                            settle!();
                        }
                    }
                    Op::FetchThisProp { dst, cache, name } => {
                        if let (Some(o), true) = (&frame!().this, cache != NO_CACHE)
                            && let Some(CachedProp { slot: index, .. }) =
                                cache!(cache).prop(o.class_ptr())
                            // SAFETY: as in `FetchProp`.
                            && let v = unsafe { &*o.slot_ptr(*index as usize) }
                            && !v.is_undef()
                        {
                            store!(dst, v.deref());
                        } else {
                            let v = slow!(self.fetch_this_prop(cache, name));
                            store!(dst, v);
                        }
                    }
                    Op::AssignProp { obj, val, cache, name } => {
                        if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                            && let Some(prop) = cache!(cache).prop(o.class_ptr())
                            // SAFETY: as in `FetchProp`.
                            && let place = unsafe { o.slot_ptr(prop.slot as usize) }
                            && fast::takes(prop, o, raw!(val), place)
                        {
                            let v = get!(val);
                            // SAFETY: as in `FetchProp`; the old value is dropped after the store.
                            let old = unsafe { (*place).take() };
                            unsafe { v.store(place) };
                            consume!(obj);
                            if old.is_counted() {
                                drop(old);
                                settle!();
                            } else {
                                std::mem::forget(old);
                            }
                        } else {
                            slow!(self.assign_prop(s.base, obj, val, cache, name));
                            settle!();
                        }
                    }
                    Op::AssignThisProp { val, cache, name } => {
                        if let (Some(o), true) = (&frame!().this, cache != NO_CACHE)
                            && let Some(prop) = cache!(cache).prop(o.class_ptr())
                            // SAFETY: as in `FetchProp`.
                            && let place = unsafe { o.slot_ptr(prop.slot as usize) }
                            && fast::takes(prop, o, raw!(val), place)
                        {
                            let v = get!(val);
                            // SAFETY: as in `AssignProp`.
                            let old = unsafe { (*place).take() };
                            unsafe { v.store(place) };
                            if old.is_counted() {
                                drop(old);
                                settle!();
                            } else {
                                std::mem::forget(old);
                            }
                        } else {
                            slow!(self.assign_this_prop(s.base, val, cache, name));
                            settle!();
                        }
                    }
                    Op::LoadThis { dst } => {
                        let v = match &frame!().this {
                            Some(o) => Value::Object(o.clone()),
                            None => slow!(self.no_this()),
                        };
                        put!(dst, v)
                    }
                    Op::FetchConst { dst, cache, name } => {
                        if cache != NO_CACHE
                            && let CacheEntry::Const(v) = cache!(cache)
                        {
                            put!(dst, v.clone())
                        } else {
                            let v = slow!(self.fetch_const(cache, name, false));
                            put!(dst, v);
                            settle!();
                        }
                    }
                    Op::FetchConstNs { dst, cache, name } => {
                        if cache != NO_CACHE
                            && let CacheEntry::Const(v) = cache!(cache)
                        {
                            put!(dst, v.clone())
                        } else {
                            let v = slow!(self.fetch_const(cache, name, true));
                            put!(dst, v);
                            settle!();
                        }
                    }
                    Op::FetchStaticProp { dst, class, cache, .. } => {
                        if cache != NO_CACHE
                            && let CacheEntry::Static(c, r) = cache!(cache)
                            && self.known_class(class) == Some(*c)
                            && let v = r.get()
                            && !v.is_undef()
                        {
                            put!(dst, v)
                        } else {
                            slow!(self.full_op(s.base, *op));
                            settle!();
                        }
                    }
                    Op::FetchClassConst { dst, class, cache, .. } => {
                        if cache != NO_CACHE
                            && let CacheEntry::ClassConst(c, v) = cache!(cache)
                            && self.known_class(class) == Some(*c)
                        {
                            put!(dst, v.clone())
                        } else {
                            slow!(self.full_op(s.base, *op));
                            settle!();
                        }
                    }
                    Op::InitFn { argc, cache, name } => {
                        if cache != NO_CACHE
                            && let CacheEntry::Func(f, _) = cache!(cache)
                        {
                            let f = f.clone();
                            self.push_call(f, u32::from(argc), None, None, 0);
                        } else {
                            let f = slow!(self.find_function(konst!(name), None));
                            if cache != NO_CACHE {
                                *cache!(cache) = CacheEntry::func(f.clone());
                            }
                            self.push_call(f, u32::from(argc), None, None, 0);
                        }
                    }
                    Op::InitMethod { obj, argc, cache, name } => {
                        if let (Value::Object(o), true) = (val!(obj), cache != NO_CACHE)
                            && let Some((class, f)) = cache!(cache).method(o.class_ptr())
                        {
                            let f = f.clone();
                            let Value::Object(o) = get!(obj) else {
                                unreachable!("just seen to be an object")
                            };
                            self.push_call(f, u32::from(argc), Some(o), Some(class), 0);
                        } else {
                            slow!(self.init_method(s.base, obj, argc, cache, name));
                        }
                    }
                    Op::InitThisMethod { argc, cache, name } => {
                        if let (Some(o), true) = (&frame!().this, cache != NO_CACHE)
                            && let Some((class, f)) = cache!(cache).method(o.class_ptr())
                        {
                            let (f, o) = (f.clone(), o.clone());
                            self.push_call(f, u32::from(argc), Some(o), Some(class), 0);
                        } else {
                            slow!(self.init_this_method(argc, cache, name));
                        }
                    }
                    Op::InitNew { dst, class, argc } => {
                        // SAFETY: behind the start of a call there is more.
                        let next = unsafe { &*s.ip.add(1) };
                        let called = argc == 0 && matches!(next, Op::DoCall { .. });
                        let (o, pending) = slow!(self.init_new(s.base, class, argc, called));
                        put!(dst, Value::Object(o));
                        if !pending {
                            // Past the call of a constructor there is not.
                            s.ip = s.ip.wrapping_add(1);
                        }
                        settle!();
                    }
                    Op::SendVal { n, src } => {
                        if self.pending().has(frame_flags::BY_VALUE)
                            && !matches!(raw!(src), Value::Undef)
                        {
                            self.set_arg(n, get!(src));
                        } else {
                            slow!(self.send_val(s.base, n, src));
                        }
                    }
                    Op::SendConst { n, k } => {
                        let v = konst!(k).clone();
                        if self.pending().has(frame_flags::BY_VALUE) {
                            self.set_arg(n, v);
                        } else {
                            slow!(self.send_const(n, v));
                        }
                    }
                    Op::SendVar { n, var } => {
                        if self.pending().has(frame_flags::BY_VALUE) && !val!(var).is_undef() {
                            self.set_arg(n, val!(var).clone());
                        } else {
                            slow!(self.send_var(s.base, n, var));
                        }
                    }
                    Op::SendResult { n, src } => {
                        if self.pending().has(frame_flags::BY_VALUE) {
                            self.set_arg(n, slot!(src).take().into_deref());
                        } else {
                            slow!(self.send_result(s.base, n, src));
                        }
                    }
                    Op::CallKnown { dst, name, src, known } => {
                        let v =
                            if self.all_functions { fast::known(known, val!(src)) } else { None };
                        if let Some(v) = v {
                            consume!(src);
                            put!(dst, v)
                        } else {
                            slow!(self.push_known(s.base, name, src));
                            enter!(dst)
                        }
                    }
                    Op::DoCall { dst } => enter!(dst),
                    Op::RecvOpt { n, target } => branch!(!raw!(n).is_undef(), target),
                    Op::CheckParam { n, tags, cache } => {
                        if !fast::has_tag(tags, raw!(n)) && !class_cached!(cache, raw!(n)) {
                            slow!(self.check_param(s.base, n, cache));
                            settle!();
                        }
                    }
                    Op::CheckReturn { src, tags, cache } => {
                        if !fast::has_tag(tags, raw!(src)) && !class_cached!(cache, raw!(src)) {
                            slow!(self.check_return(s.base, src, cache));
                            settle!();
                        }
                    }
                    Op::Return { src } => {
                        let v = match raw!(src) {
                            Value::Undef | Value::Ref(_) => slow!(self.no_operand(s.base, src)),
                            // What no reference shares dies with the frame: move it out.
                            _ => slot!(src).take(),
                        };
                        leave!(v)
                    }
                    Op::ReturnConst { k } => leave!(konst!(k).clone()),
                    Op::ReturnRef { src } => leave!(slot!(src).take()),
                    Op::IterNext { iter, val, target } => {
                        if let (Value::Array(a), Value::Int(pos)) = (raw!(iter), slot!(iter + 1)) {
                            match a.next_entry(*pos as usize) {
                                Some((at, v)) => {
                                    let v = v.deref();
                                    *pos = at as i64 + 1;
                                    store!(val, v)
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
                        if let (Value::Array(a), Value::Int(pos)) = (raw!(iter), slot!(iter + 1)) {
                            let at = a.pos_valid(*pos as usize);
                            match a.entry_at(at) {
                                Some((k, v)) => {
                                    let (k, v) = (k.to_value(), v.deref());
                                    *pos = at as i64 + 1;
                                    store!(key, k);
                                    store!(val, v)
                                }
                                None => jump!(target),
                            }
                        } else if !slow!(self.iter_next(s.base, iter, val, key)) {
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
                        branch!(self.arg_by_ref(n as usize) == crate::function::ByRef::No, target)
                    }
                    Op::JmpLocalSet { dst, var, target } => {
                        let v = val!(var);
                        if !v.is_null() {
                            put!(dst, v.clone());
                            jump!(target)
                        }
                    }
                    Op::PathAssign { dst, path, val } => {
                        match self.assign_in_place(s.base, path, val, dst) {
                            Some(old) => {
                                if old.is_counted() {
                                    drop(old);
                                    settle!();
                                } else {
                                    std::mem::forget(old);
                                }
                            }
                            None => {
                                slow!(self.full_op(s.base, *op));
                                settle!();
                            }
                        }
                    }
                    Op::PathAssignOp { dst, path, val, op: by } => {
                        if !self.assign_op_in_place(s.base, path, val, by, dst) {
                            slow!(self.full_op(s.base, *op));
                            settle!();
                        }
                    }
                    Op::PathIncDec { dst, path, kind } => {
                        if !self.inc_dec_in_place(s.base, path, kind, dst) {
                            slow!(self.full_op(s.base, *op));
                            settle!();
                        }
                    }
                    Op::Yield { .. } | Op::YieldRef { .. } => {
                        slow!(self.yield_value(s.base, *op));
                        return Ok(Value::Undef);
                    }
                    _ => {
                        // Rare ops: each is a call; some change the place or the frame.
                        match slow!(self.rare_op(s.base, *op)) {
                            Next::Go => {}
                            Next::Jump(target) => jump!(target),
                            Next::Leave(v) => leave!(v),
                            Next::Stop(v) => return Ok(v),
                        }
                        settle!();
                    }
                }
                if ONE {
                    frame!().ip = s.ip.wrapping_add(1);
                    return Ok(Value::Undef);
                }
            };
            if ONE {
                return Err(thrown);
            }
            self.unwind(thrown)?;
            s = Regs::load(self);
        }
    }
}
