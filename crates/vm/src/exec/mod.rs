//! Running code: the interpreter loop in `run`, everything slow or rare in the other modules, one
//! family of ops each.

mod access;
mod calls;
pub(crate) use calls::Found;
pub mod closures;
mod control;
mod data;
pub(crate) mod fast;
mod in_place;
mod iterate;
mod locals;
mod numbers;
mod params;
mod parent_hooks;
pub(crate) mod path;
pub(crate) use access::{INITIABLE, UNUSUAL, WRITABLE};
pub(crate) use fast::LEAVING;
mod run;
mod unwind;

use outlast_bytecode::Slot;
use outlast_value::Value;

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
