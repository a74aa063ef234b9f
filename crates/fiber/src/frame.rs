//! What a thread knows about the stack it is running on.

use corosensei::Yielder;
use std::cell::Cell;

/// What a stack says when it is left before its end.
pub(crate) enum Signal {
    /// A future is pending: suspend the whole script.
    Wait,
    /// `suspend()`: back to whoever resumed this coroutine.
    Suspend,
}

pub(crate) type Suspender = Yielder<(), Signal>;

/// The innermost stack that is running, or was running when its script was suspended.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// How to leave it; null on a thread's own stack.
    pub(crate) suspender: *const Suspender,
    /// Lowest usable address of the segment; 0 on a thread's own stack until asked for.
    pub(crate) floor: usize,
    /// Lowest stack pointer noticed.
    pub(crate) lowest: usize,
    /// Whether it belongs to a [`crate::Coroutine`].
    pub(crate) nested: bool,
}

impl Frame {
    pub(crate) const fn outside() -> Frame {
        Frame { suspender: std::ptr::null(), floor: 0, lowest: usize::MAX, nested: false }
    }

    pub(crate) fn on(floor: usize, nested: bool) -> Frame {
        Frame { suspender: std::ptr::null(), floor, lowest: usize::MAX, nested }
    }
}

/// Bytes below the stack pointer that parking itself uses.
const BELOW_PARKED: usize = 1024;

thread_local! {
    pub(crate) static FRAME: Cell<Frame> = const { Cell::new(Frame::outside()) };
}

/// Stores how to leave the stack that has just started.
pub(crate) fn started(suspender: &Suspender) {
    let mut frame = FRAME.get();
    frame.suspender = suspender;
    FRAME.set(frame);
}

/// Leaves the running stack. Returns when it is resumed.
pub(crate) fn leave(signal: Signal) {
    let mut frame = FRAME.get();
    assert!(!frame.suspender.is_null(), "cannot suspend a thread's own stack");
    let here = crate::depth::stack_pointer();
    if frame.lowest == usize::MAX && !frame.nested {
        // A script parks for the first time, and may park for long: what its start touched below
        // here (compiling, superglobals) is given back.
        crate::stack::trim(frame.floor, here - BELOW_PARKED);
    }
    frame.lowest = frame.lowest.min(here);
    FRAME.set(frame);
    // SAFETY: `suspender` was stored by `started` when the running stack was entered. It lives at that
    // stack's bottom until its function returns, which has not happened since we run on it.
    unsafe { (*frame.suspender).suspend(signal) };
}
