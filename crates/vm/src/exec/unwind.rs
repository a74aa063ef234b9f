//! Unwinding: from a throw, exit or stop to whatever handles it.

use super::fast::Leaving;
use crate::cx::NO_FRAME;
use crate::frame::frame_flags;
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::{HandlerKind, Slot};
use outlast_value::{Object, Value};

impl Cx {
    /// Finds the handler of what was thrown, dropping frames on the way. `Ok`: the current frame
    /// goes on at its pc. `Err`: the boundary of the native caller was reached.
    #[cold]
    pub(crate) fn unwind(&mut self, mut u: Unwind) -> Ret<()> {
        loop {
            let current = self.current;
            debug_assert!(current != NO_FRAME);
            while self.frames.len() as u32 - 1 > current {
                if matches!(u, Unwind::Stop(_) | Unwind::Fatal) {
                    self.abandon_pending();
                } else {
                    self.constructor_failed();
                    self.pop_pending();
                }
            }
            if self.frame().func.user().is_some() {
                u = match self.handle_here(u) {
                    Ok(()) => return Ok(()),
                    Err(u) => u,
                };
            }
            self.constructor_failed();
            let f = self.frame();
            let boundary = f.has(frame_flags::BOUNDARY);
            if f.has(frame_flags::GENERATOR) {
                self.generator_failed();
            } else if matches!(u, Unwind::Stop(_) | Unwind::Fatal) {
                self.abandon_frame();
            } else {
                self.pop_frame();
            }
            if crate::pending::is_due()
                && matches!(u, Unwind::Throw | Unwind::Exit)
                && let Err(v) = self.run_pending_work()
            {
                u = v;
            }
            if boundary {
                return Err(u);
            }
        }
    }

    /// What the topmost frame was to construct is not destructed.
    #[cold]
    pub(crate) fn constructor_failed(&mut self) {
        let f = self.frames.last().expect("a frame");
        if f.has(frame_flags::CONSTRUCTOR)
            && let Some(this) = &f.this
        {
            this.set_flag(Object::DESTRUCTOR_CALLED);
        }
    }

    fn abandon_pending(&mut self) {
        let current = self.current;
        self.abandon_frame();
        self.current = current;
    }

    /// Tries the handlers of the current frame.
    fn handle_here(&mut self, u: Unwind) -> Ret<()> {
        let f = self.frame();
        let at = f.pc().saturating_sub(1);
        let base = f.base;
        let func = f.func.clone();
        let decl = func.user().expect("PHP code").decl();
        for h in &decl.handlers {
            if at < h.start || at >= h.end {
                continue;
            }
            match h.kind {
                HandlerKind::Catch { target } => {
                    if u != Unwind::Throw {
                        continue;
                    }
                    self.clear_temporaries(base, h.clear_from, decl.slots);
                    self.frame_mut().set_pc(target);
                    return Ok(());
                }
                HandlerKind::Finally { target, slot } => {
                    // `exit` passes finally blocks by, as do stops.
                    if !matches!(u, Unwind::Throw | Unwind::Destroy) {
                        continue;
                    }
                    self.clear_temporaries(base, h.clear_from, decl.slots);
                    let (held, kind) = match u {
                        Unwind::Throw => {
                            let e = self.exception.take().expect("an exception is pending");
                            (Value::Object(e), -1)
                        }
                        _ => (Value::Null, -2),
                    };
                    // SAFETY: the completion slots lie within the frame.
                    unsafe {
                        *base.add(slot as usize) = held;
                        *base.add(slot as usize + 1) = Value::Int(kind);
                    }
                    self.frame_mut().set_pc(target);
                    return Ok(());
                }
                HandlerKind::FinallyBody { slot } => {
                    // SAFETY: as above.
                    let (held, kind) = unsafe {
                        ((*base.add(slot as usize)).take(), (*base.add(slot as usize + 1)).clone())
                    };
                    if let (Value::Object(previous), Value::Int(-1), Unwind::Throw) =
                        (held, kind, u)
                    {
                        self.chain_previous(previous);
                    }
                }
                HandlerKind::Silence { slot } => {
                    // SAFETY: as above.
                    let level = unsafe { (*base.add(slot as usize)).take() };
                    self.end_silence(&level);
                }
            }
        }
        Err(u)
    }

    fn clear_temporaries(&mut self, base: *mut Value, from: Slot, slots: u32) {
        for i in from as usize..slots as usize {
            // SAFETY: the range lies within the frame.
            unsafe {
                let p = base.add(i);
                if (*p).is_counted() {
                    drop((*p).take());
                }
            }
        }
    }

    /// Ends the current frame with a value.
    #[inline]
    pub(crate) fn leave_frame(&mut self, value: Value) -> Leaving {
        const NATIVE: u16 = frame_flags::GENERATOR | frame_flags::BOUNDARY;
        let f = self.frame();
        let flags = f.flags;
        let ret = f.ret;
        if flags & NATIVE != 0 {
            if flags & frame_flags::GENERATOR != 0 {
                self.generator_returned(value);
                return Leaving::Native(Value::Undef);
            }
            self.pop_frame();
            return Leaving::Native(value);
        }
        self.pop_frame();
        if flags & frame_flags::CONSTRUCTOR == 0 && ret != outlast_bytecode::NO_SLOT {
            let base = self.frame().base;
            // SAFETY: `ret` is a free temporary of the caller.
            unsafe { std::ptr::write(base.add(ret as usize), value) };
        }
        Leaving::Caller
    }
}
