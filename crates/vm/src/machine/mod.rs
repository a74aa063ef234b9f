//! Machine code: how the VM asks for it, enters it, and what it may be left with.
//!
//! Machine code is a faster way through the ops of a function, nothing else: all values stay in the
//! slots of the frame, frames are the interpreter's, and at every op it may be left for the
//! interpreter, which goes on there. What it does not do itself it has done by [`helpers`], of
//! which [`helpers::step`] does any op at all. Frames of machine code on the native stack are a
//! convenience: each may vanish at any call, because the frames of the VM tell all.

pub mod calls;
pub mod helpers;
pub mod layout;
pub mod places;

use crate::cx::Cx;
use crate::function::Code;
use crate::ini::Ini;
use crate::{Ret, Unwind};
use outlast_bytecode::{NO_ENTRY, Op, Unit};
use outlast_value::Value;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Machine code of a function: the context, the frame's slots, where to enter
/// (`MachineCode::entries`), how many frames of machine code lie below on the native stack, and the
/// function's code in this script. What it returns is one of the words below.
pub type Entry = unsafe extern "C" fn(&mut Cx, *mut Value, u32, u32, *const Code) -> u32;

/// The function returned: its frame is gone, the caller's is the current one and has the result.
pub const RETURNED: u32 = 0;
/// A condition held, a jump is to be taken; of a helper.
pub const TAKEN: u32 = 1;
/// The current frame, which may be another one, goes on in the interpreter.
pub const LEFT: u32 = 2;
/// The current frame was just called: it goes on where it stands, in machine code if there is any.
pub const CALLED: u32 = 3;
/// Something is thrown: `Cx::machine_unwind`.
pub const THROWN: u32 = 4;

/// A frame that native code waits for returned `Cx::machine_result`, and is gone.
pub const ENDED: u32 = 5;

/// Frames of machine code on the native stack, one in the other, before a call leaves them all.
pub const MAX_DEPTH: u32 = 24;

/// What became of the frames that ran in machine code.
pub(crate) enum Ran {
    /// The current one goes on in the interpreter.
    On,
    /// That which native code waits for returned this.
    Ended(Value),
}

/// What `THROWN` stands for.
pub(crate) enum Left {
    Unwind(Unwind),
    Panic(Box<dyn Any + Send>),
}

/// Makes machine code of a function of a unit and publishes it with the function's tier, now or,
/// unless `now`, later in another thread.
pub type Generator = fn(&Arc<Unit>, u32, now: bool);

static GENERATOR: OnceLock<Generator> = OnceLock::new();

/// Says who makes machine code. The first one stays.
pub fn set_generator(generator: Generator) {
    GENERATOR.get_or_init(|| generator);
}

/// The setting `outlast.jit_threshold`, 0 if `outlast.jit` is off.
pub(crate) fn threshold(ini: &Ini) -> u32 {
    if !ini.bool("outlast.jit") {
        return 0;
    }
    u32::try_from(ini.int("outlast.jit_threshold")).unwrap_or(u32::MAX)
}

impl Cx {
    /// The running function was called or its loops turned as often as the threshold says.
    #[cold]
    #[inline(never)]
    pub(crate) fn make_machine_code(&mut self) {
        // SAFETY: PHP code runs.
        let code = unsafe { &*self.frame().code };
        let Some(generate) = GENERATOR.get() else { return };
        // SAFETY: the code's unit, which owns the tier, lives.
        if unsafe { (*code.tier).ask() } {
            // A server's scripts wait for each other: there another thread makes the code.
            let now = !self.sapi.is_web() || self.machine_threshold <= 1;
            generate(code.unit(), code.index(), now);
        }
    }

    /// Runs machine code from where the current frame stands, and that of frames it calls or
    /// returns to, as long as there is some. Then the current frame goes on in the interpreter.
    #[inline(never)]
    pub(crate) fn run_machine_code(&mut self) -> Ret<Ran> {
        loop {
            let frame = self.frame();
            // SAFETY: PHP code runs; its tier lives in its unit, which the frame keeps. Entries are
            // as many as ops, published before the address.
            let (entry, at) = unsafe {
                let tier = &*(*frame.code).tier;
                let address = tier.address();
                if address.is_null() {
                    return Ok(Ran::On);
                }
                let at = *tier.entries().add(frame.pc() as usize);
                if at == NO_ENTRY {
                    return Ok(Ran::On);
                }
                (std::mem::transmute::<*const (), Entry>(address), at)
            };
            let (base, code) = (frame.base, frame.code);
            // SAFETY: the code was made for this function, and is entered at one of its entries.
            match unsafe { entry(self, base, u32::from(at), 0, code) } {
                RETURNED | CALLED => {}
                LEFT => return Ok(Ran::On),
                ENDED => return Ok(Ran::Ended(std::mem::take(&mut self.machine_result))),
                _ => return Err(self.machine_thrown()),
            }
        }
    }

    #[cold]
    fn machine_thrown(&mut self) -> Unwind {
        match self.machine_unwind.take() {
            Some(Left::Unwind(unwind)) => unwind,
            Some(Left::Panic(panic)) => std::panic::resume_unwind(panic),
            None => unreachable!("who leaves with THROWN says why"),
        }
    }

    /// The op behind `op` is the next of the running frame.
    #[inline(always)]
    pub(crate) fn stands_behind(&mut self, op: *const Op) {
        let index = self.current as usize;
        // SAFETY: `current` is the index of the running frame; behind an op of machine code there
        // is another.
        unsafe { (*self.frames.as_mut_ptr().add(index)).ip = op.add(1) };
    }
}
