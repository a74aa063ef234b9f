//! Calls and returns of machine code.

use super::helpers::{guard, settle, step};
use super::{CALLED, ENDED, LEFT, RETURNED};
use crate::Cx;
use crate::call::{Called, SPECIAL_FRAME};
use crate::exec::LEAVING;
use crate::frame::frame_flags;
use crate::function::{ByRef, CacheEntry};
use outlast_bytecode::{NO_CACHE, NO_SLOT, Op, Slot};
use outlast_value::Value;
use std::sync::atomic::Ordering;

/// What begins or makes a call.
pub type Begin = unsafe extern "C" fn(&mut Cx, *mut Value, *const Op) -> usize;

/// The cache of the running function with that number.
#[inline(always)]
pub(super) fn cache<'a>(cx: &Cx, number: u16) -> Option<&'a mut CacheEntry> {
    if number == NO_CACHE {
        return None;
    }
    let frame = cx.frame();
    // SAFETY: cache numbers are the compiler's; one script runs at a time, and no borrow survives
    // the op.
    Some(unsafe { &mut *(*(*frame.code).caches_at.get().add(number as usize)).get() })
}

#[inline(always)]
fn locals(cx: &Cx) -> Slot {
    // SAFETY: PHP code runs.
    unsafe { (*cx.frame().code).locals }
}

/// Bit of [`begun`]: arguments are not simply to be written.
pub const ARGUMENTS_NOT_PLAIN: usize = 1;
/// Bit of [`begun`]: it takes more than entering the frame.
pub const CALL_NOT_PLAIN: usize = 2;

/// How a call was begun, for machine code: the address of the slots for its arguments, and the bits
/// above.
#[inline(always)]
fn begun(cx: &Cx) -> usize {
    let frame = cx.pending();
    let flags = frame.flags & !frame_flags::CONSTRUCTOR;
    let special = flags & SPECIAL_FRAME != 0;
    let arguments = special || flags & frame_flags::BY_VALUE == 0;
    let call = special || flags & frame_flags::PLAIN == 0;
    frame.base as usize
        + usize::from(arguments) * ARGUMENTS_NOT_PLAIN
        + usize::from(call) * CALL_NOT_PLAIN
}

/// Begins a call as the interpreter does.
#[inline(never)]
unsafe fn begin(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise.
    match unsafe { step(cx, base, op) } {
        RETURNED => begun(cx),
        word => word as usize,
    }
}

/// `InitFn`: how the call was begun (see `begun`), or the word to leave with.
///
/// # Safety
/// As for [`step`]; the op is of that kind. The same goes for those below.
pub unsafe extern "C" fn init_fn(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::InitFn { argc, cache: number, .. } = *op
            && let Some(CacheEntry::Func(f, _)) = cache(cx, number)
        {
            let f = f.clone();
            cx.push_call(f, u32::from(argc), None, None, 0);
            return begun(cx);
        }
        begin(cx, base, op)
    }
}

/// `InitMethod`
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn init_method(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::InitMethod { obj, argc, cache: number, .. } = *op
            && let Value::Object(o) = crate::exec::peek(base, obj)
            && let Some((class, f)) =
                cache(cx, number).and_then(|entry| entry.method(o.class_ptr()))
        {
            let f = f.clone();
            let object = if obj < locals(cx) {
                o.clone()
            } else {
                match (*base.add(obj as usize)).take().into_deref() {
                    Value::Object(o) => o,
                    _ => unreachable!("just seen to be an object"),
                }
            };
            cx.push_call(f, u32::from(argc), Some(object), Some(class), 0);
            return begun(cx);
        }
        begin(cx, base, op)
    }
}

/// `InitThisMethod`
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn init_this_method(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::InitThisMethod { argc, cache: number, .. } = *op
            && let Some(o) = &cx.frame().this
            && let Some((class, f)) =
                cache(cx, number).and_then(|entry| entry.method(o.class_ptr()))
        {
            let (f, o) = (f.clone(), o.clone());
            cx.push_call(f, u32::from(argc), Some(o), Some(class), 0);
            return begun(cx);
        }
        begin(cx, base, op)
    }
}

/// The other ops that begin a call.
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn init(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise; the interpreter keeps these ops out of its loop.
    match unsafe { super::places::rare(cx, base, op) } {
        RETURNED => begun(cx),
        word => word as usize,
    }
}

/// `SendVal`, `SendResult`, `SendVar`
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn send(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::SendVal { n, src } | Op::SendResult { n, src } | Op::SendVar { n, var: src } =
            *op
            && cx.pending().has(frame_flags::BY_VALUE)
        {
            let place = &mut *base.add(src as usize);
            let value = if src < locals(cx) {
                match place {
                    Value::Ref(r) => r.get(),
                    v => v.clone(),
                }
            } else {
                place.take().into_deref()
            };
            if !value.is_undef() {
                cx.set_arg(n, value);
                return RETURNED;
            }
        }
        step(cx, base, op)
    }
}

/// `SendConst`
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn send_const(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::SendConst { n, k } = *op
            && cx.pending().has(frame_flags::BY_VALUE)
        {
            let v = (*(*cx.frame().code).consts_at.get().add(k as usize)).clone();
            cx.set_arg(n, v);
            return RETURNED;
        }
        step(cx, base, op)
    }
}

/// `DoCall`: done, if a native function ran. Else the address of the machine code of the function
/// whose frame is the current one now, or `CALLED` if there is none.
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn do_call(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    let mut address = 0;
    let word = guard(cx, |cx| {
        // SAFETY: by the caller's promise.
        let Op::DoCall { dst } = (unsafe { *op }) else { unreachable!("a call") };
        cx.stands_behind(op);
        if cx.interrupt.load(Ordering::Relaxed) != 0 {
            cx.interrupted()?;
        }
        match cx.do_call(dst)? {
            Called::Entered => {
                // SAFETY: PHP code was called; its tier lives.
                let tier = unsafe { &*(*cx.frame().code).tier };
                address = tier.address() as usize;
                if address == 0 && tier.warm() == cx.machine_threshold {
                    cx.make_machine_code();
                    address = tier.address() as usize;
                }
                Ok(CALLED)
            }
            Called::Done(v) => {
                if dst == NO_SLOT {
                    v.discard();
                } else {
                    // SAFETY: `dst` is a free temporary.
                    unsafe { v.store(base.add(dst as usize)) };
                }
                settle(cx)
            }
        }
    });
    if address != 0 { address } else { word as usize }
}

/// `DoCall` of a call whose arguments were simply written: as [`do_call`].
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn do_plain_call(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise; the pending call is of PHP code, whose tier lives.
    unsafe {
        if cx.interrupt.load(Ordering::Relaxed) != 0 {
            return do_call(cx, base, op);
        }
        let Op::DoCall { dst } = *op else { unreachable!("a call") };
        cx.stands_behind(op);
        let index = cx.frames.len() - 1;
        let frame = cx.frames.get_unchecked_mut(index);
        frame.ret = dst;
        frame.caller = cx.current;
        let code = &*frame.code;
        let tier = &*code.tier;
        cx.current = index as u32;
        code.address.set(tier.address());
        match tier.address() as usize {
            0 => {
                if tier.warm() == cx.machine_threshold {
                    cx.make_machine_code();
                }
                CALLED as usize
            }
            address => address,
        }
    }
}

/// The slots of the running frame.
pub extern "C" fn base(cx: &Cx) -> *mut Value {
    cx.frame().base
}

/// `Return`, of what is no reference, and `ReturnConst`.
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn leave_frame(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise; what no reference shares dies with the frame and is moved
    // out.
    unsafe {
        let frame = cx.frame();
        const RARE: u16 = LEAVING & !(frame_flags::CONSTRUCTOR | frame_flags::BOUNDARY);
        if frame.flags & RARE != 0 {
            cx.frame_mut().ip = op;
            return LEFT;
        }
        let boundary = frame.flags & frame_flags::BOUNDARY != 0;
        let value = match *op {
            Op::Return { src } => {
                let place = base.add(src as usize);
                if matches!(*place, Value::Undef | Value::Ref(_)) {
                    cx.frame_mut().ip = op;
                    return LEFT;
                }
                place
            }
            Op::ReturnConst { k } => {
                let constant = (*frame.code).consts_at.get().add(k as usize);
                (*constant).retain();
                constant.cast_mut()
            }
            _ => unreachable!("a return"),
        };
        // The result goes where the caller wants it before the frame goes: it is moved once, and
        // that by its two parts.
        let (ret, caller) = (frame.ret, frame.caller);
        let mut unwanted = Value::Undef;
        if boundary {
            cx.machine_result = (*value).bits();
        } else if ret == NO_SLOT || frame.flags & frame_flags::CONSTRUCTOR != 0 {
            // Variables go first.
            unwanted = (*value).bits();
        } else {
            let to = (*cx.frames.as_mut_ptr().add(caller as usize)).base.add(ret as usize);
            (*value).bits().store(to);
        }
        if matches!(*op, Op::Return { .. }) {
            (*value).clear_tag();
        }
        cx.pop_running();
        unwanted.discard();
        if boundary {
            // Whoever called from native code sees to what became due.
            return ENDED;
        }
        if crate::pending::is_due() {
            return guard(cx, |cx| cx.run_pending_work().map(|()| RETURNED));
        }
        RETURNED
    }
}

/// `SendVar` of a number: where that is passed by reference, the interpreter goes on.
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn send_number(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        let Op::SendVar { n, var } = *op else { unreachable!("a variable is sent") };
        if cx.arg_by_ref(n as usize) != ByRef::No {
            cx.frame_mut().ip = op;
            return LEFT;
        }
        let value = (*base.add(var as usize)).clone();
        cx.set_arg(n, value);
        RETURNED
    }
}

/// `InitNew`, with the call of a constructor behind it: see [`init_fn`].
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn init_new(cx: &mut Cx, base: *mut Value, op: *const Op) -> usize {
    // SAFETY: by the caller's promise; behind the start of a call there is more.
    unsafe {
        let Op::InitNew { dst, class, argc } = *op else { unreachable!("an object is made") };
        let mut begun_as = 0;
        let word = guard(cx, |cx| {
            cx.stands_behind(op);
            let called = argc == 0 && matches!(*op.add(1), Op::DoCall { .. });
            let (o, pending) = cx.init_new(base, class, argc, called)?;
            Value::Object(o).store(base.add(dst as usize));
            settle(cx)?;
            begun_as = if pending { begun(cx) } else { NOT_BEGUN };
            Ok(RETURNED)
        });
        if word == RETURNED { begun_as } else { word as usize }
    }
}

/// There is no constructor to call, nor are there arguments for it.
pub const NOT_BEGUN: usize = 15;

/// `CheckParam` and `CheckReturn` of objects: those of a class seen there before are right.
///
/// # Safety
/// See [`init_fn`].
pub unsafe extern "C" fn check_object(cx: &mut Cx, base: *mut Value, op: *const Op) -> u32 {
    // SAFETY: by the caller's promise.
    unsafe {
        if let Op::CheckParam { n: slot, cache: number, .. }
        | Op::CheckReturn { src: slot, cache: number, .. } = *op
            && let Value::Object(o) = &*base.add(slot as usize)
            && let Some(CacheEntry::Class(class)) = cache(cx, number)
            && class.ptr() == o.class_ptr()
        {
            return RETURNED;
        }
        step(cx, base, op)
    }
}
