//! What machine code has done for it. Each helper gets the context, the slots of the frame and the
//! op, and says `RETURNED` for done, `TAKEN` for a condition that holds, or what to leave with.

use super::{LEFT, Left, RETURNED, TAKEN, THROWN};
use crate::exec::peek;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::Op;
use outlast_value::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A helper.
pub type Helper = unsafe extern "C" fn(&mut Cx, *mut Value, *const Op) -> u32;

/// Runs a helper's body: an error becomes a word, and so does a panic, which machine code cannot
/// let through.
#[inline(always)]
pub(super) fn guard(cx: &mut Cx, body: impl FnOnce(&mut Cx) -> Result<u32, Unwind>) -> u32 {
    match catch_unwind(AssertUnwindSafe(|| body(cx))) {
        Ok(Ok(word)) => word,
        Ok(Err(unwind)) => threw(cx, Left::Unwind(unwind)),
        Err(panic) => threw(cx, Left::Panic(panic)),
    }
}

#[cold]
#[inline(never)]
fn threw(cx: &mut Cx, why: Left) -> u32 {
    cx.machine_unwind = Some(why);
    THROWN
}

/// Destructors and the like that became due.
#[inline(always)]
pub(super) fn settle(cx: &mut Cx) -> Ret<u32> {
    if crate::pending::is_due() {
        cx.run_pending_work()?;
    }
    Ok(RETURNED)
}

/// Does one op as the interpreter does it. `TAKEN` if it jumped, `LEFT` if another frame runs now.
///
/// # Safety
/// `op` is an op of the running function and leaves its frame only for one that it calls.
pub unsafe extern "C" fn step(cx: &mut Cx, _base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        let index = cx.current;
        cx.frame_mut().ip = op;
        cx.step()?;
        if cx.current != index {
            return Ok(LEFT);
        }
        Ok(if cx.frame().ip == op.wrapping_add(1) { RETURNED } else { TAKEN })
    })
}

/// The interpreter goes on with this op.
///
/// # Safety
/// `op` is an op of the running function.
pub unsafe extern "C" fn leave(cx: &mut Cx, _base: *mut Value, op: *const Op) -> u32 {
    cx.frame_mut().ip = op;
    LEFT
}

/// The interpreter goes on with this op, because its operands are not what they were guessed to be.
///
/// # Safety
/// `op` is an op of the running function.
pub unsafe extern "C" fn mispredicted(cx: &mut Cx, _base: *mut Value, op: *const Op) -> u32 {
    let frame = cx.frame_mut();
    frame.ip = op;
    // SAFETY: PHP code runs; its tier lives.
    unsafe { (*(*frame.code).tier).mispredicted() };
    LEFT
}

/// The interrupt word is set, at a jump backwards.
///
/// # Safety
/// `op` is an op of the running function.
pub unsafe extern "C" fn interrupted(cx: &mut Cx, _base: *mut Value, op: *const Op) -> u32 {
    guard(cx, |cx| {
        cx.stands_behind(op);
        cx.interrupted()?;
        Ok(RETURNED)
    })
}

/// Drops what the slot numbered `slot` holds and leaves it empty.
///
/// # Safety
/// `slot` is one of the frame at `base`.
pub unsafe extern "C" fn free(cx: &mut Cx, base: *mut Value, op: *const Op, slot: u32) -> u32 {
    guard(cx, |cx| {
        // SAFETY: by the caller's promise.
        let old = unsafe { (*base.add(slot as usize)).take() };
        drop(old);
        if crate::pending::is_due() {
            cx.stands_behind(op);
            cx.run_pending_work()?;
        }
        Ok(RETURNED)
    })
}

/// `Switch` on a string: the op to go to plus one, 0 for the next.
///
/// # Safety
/// As for [`step`]; the op is of that kind.
pub unsafe extern "C" fn switch_on_string(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let Op::Switch { src, table } = *op else { unreachable!("a switch") };
        let consts = (*cx.frame().code).consts_at.get();
        cx.switch_target(peek(base, src), table, consts).map_or(0, |target| target + 1)
    }
}
