//! Coroutines inside a script: the ground under PHP's `Fiber`.

use crate::frame::{FRAME, Frame, Signal, leave, started};
use crate::script::park;
use crate::stack::PooledStack;
use corosensei::CoroutineResult;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Where a coroutine stands after it ran.
#[derive(Debug, PartialEq, Eq)]
pub enum Progress<R> {
    /// It called [`suspend`].
    Suspended,
    /// It ended.
    Done(R),
}

/// A nested coroutine. Values go in and out through cells of the caller's own.
///
/// A [`crate::wait`] inside suspends the whole script, at any depth of nesting. End a suspended coroutine
/// by resuming it with an error of your own; dropping it suspended unwinds its stack by force, which aborts
/// the process if a C library's frames are on it.
pub struct Coroutine<R: 'static> {
    inner: Option<corosensei::Coroutine<(), Signal, std::thread::Result<R>, PooledStack>>,
    frame: Frame,
}

impl<R: 'static> Coroutine<R> {
    /// A coroutine that will run `body` when first resumed. Fails when there is no memory for its stack.
    pub fn new(body: impl FnOnce() -> R + 'static) -> io::Result<Coroutine<R>> {
        let stack = PooledStack::take()?;
        let frame = Frame::on(stack.floor(), true);
        let inner = corosensei::Coroutine::with_stack(stack, move |suspender, ()| {
            started(suspender);
            catch_unwind(AssertUnwindSafe(body))
        });
        Ok(Coroutine { inner: Some(inner), frame })
    }

    /// Whether it was resumed at least once.
    pub fn is_started(&self) -> bool {
        self.inner.as_ref().is_none_or(corosensei::Coroutine::started)
    }

    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        self.inner.is_none()
    }

    /// Runs it until it calls [`suspend`] or ends. A panic inside goes on in the caller.
    ///
    /// # Panics
    /// If it has ended.
    pub fn resume(&mut self) -> Progress<R> {
        let inner = self.inner.as_mut().expect("a coroutine is not resumed after its end");
        loop {
            let outer = FRAME.replace(self.frame);
            let result = inner.resume(());
            self.frame = FRAME.replace(outer);
            match result {
                // A wait inside: suspend what runs us (a coroutine again, or the script), then go on.
                CoroutineResult::Yield(Signal::Wait) => park(),
                CoroutineResult::Yield(Signal::Suspend) => return Progress::Suspended,
                CoroutineResult::Return(result) => {
                    if let Some(inner) = self.inner.take() {
                        inner.into_stack().used_down_to(self.frame.lowest);
                    }
                    return match result {
                        Ok(value) => Progress::Done(value),
                        Err(panic) => resume_unwind(panic),
                    };
                }
            }
        }
    }
}

impl<R: 'static> Drop for Coroutine<R> {
    fn drop(&mut self) {
        if let Some(inner) = self.inner.take() {
            // The unwinding code must see the floor of its own stack and must not suspend.
            let mut frame = self.frame;
            frame.suspender = std::ptr::null();
            frame.nested = false;
            let outer = FRAME.replace(frame);
            drop(inner);
            FRAME.set(outer);
        }
    }
}

/// Whether the caller runs inside a [`Coroutine`].
pub fn in_coroutine() -> bool {
    FRAME.get().nested
}

/// Goes back to whoever resumed the innermost [`Coroutine`]; returns when it is resumed again.
///
/// # Panics
/// Outside of a coroutine.
pub fn suspend() {
    assert!(in_coroutine(), "suspend() outside of a coroutine");
    leave(Signal::Suspend);
}
