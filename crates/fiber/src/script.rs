//! A script: a coroutine driven as a future.

use crate::frame::{FRAME, Frame, Signal, leave, started};
use crate::stack::PooledStack;
use crate::watchdog;
use corosensei::{Coroutine, CoroutineResult};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The payload of a panic inside a script.
pub type Panic = Box<dyn Any + Send>;

/// A wait ended early because the script must stop. Unwind to the engine by error values; do not try to
/// recover: the engine asks the request's state for the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script was interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// What the scheduler tells the request's state, and asks it.
pub trait Hooks {
    /// The script starts to run on this thread (CPU time counts from here).
    fn resumed(&self);
    /// The script has left the thread.
    fn suspended(&self);
    /// Whether a wait must return [`Interrupted`] now. Asked only after an [`InterruptHandle::interrupt`].
    fn stops_wait(&self) -> bool;
    /// The script's future is dropped while it is suspended: make it stop at its next safe point.
    fn abandoned(&self);
}

/// Hooks for code that no request stands behind.
pub struct NoHooks;

impl Hooks for NoHooks {
    fn resumed(&self) {}
    fn suspended(&self) {}
    fn stops_wait(&self) -> bool {
        false
    }
    fn abandoned(&self) {}
}

/// Shared by the script, its future and its interrupt handles.
struct Shared {
    hooks: Rc<dyn Hooks>,
    /// The context of the poll that is running the script; null while it is suspended.
    context: Cell<*mut Context<'static>>,
    /// The innermost stack at the last suspension.
    frame: Cell<Frame>,
    waker: RefCell<Option<Waker>>,
    interrupted: Cell<bool>,
    /// The future was dropped: every wait returns at once.
    abandoned: Cell<bool>,
    waits: RefCell<Option<Rc<dyn Waits>>>,
    exchange: RefCell<Option<Rc<dyn Fn()>>>,
}

impl Shared {
    fn exchange(&self) {
        let exchange = self.exchange.borrow().clone();
        if let Some(exchange) = exchange {
            exchange();
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Shared>>> = const { RefCell::new(None) };
}

fn current() -> Option<Rc<Shared>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Whether the caller runs inside a script.
pub fn in_script() -> bool {
    CURRENT.with_borrow(Option::is_some)
}

/// Wakes one script from outside (on the same thread): its wait looks at the request's state.
#[derive(Clone)]
pub struct InterruptHandle(Rc<Shared>);

impl InterruptHandle {
    /// The request's state has changed: wake the script if it waits.
    pub fn interrupt(&self) {
        self.0.interrupted.set(true);
        let waker = self.0.waker.borrow_mut().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The handle of the running script.
pub fn current_handle() -> Option<InterruptHandle> {
    current().map(InterruptHandle)
}

/// What is told of a script's waits, on the script's own stack.
pub trait Waits {
    /// The script is about to be suspended in a [`wait`]; said once a wait, and not if it need not wait.
    /// Must not wait itself.
    fn parks(&self);
    /// An interrupt came, and nobody has asked yet whether the script must stop. May wait. If it says true
    /// the wait ends with [`Interrupted`] all the same.
    fn interrupted(&self) -> bool;
}

/// Sets who is told of the running script's waits.
pub fn on_wait(waits: Option<Rc<dyn Waits>>) {
    if let Some(shared) = current() {
        *shared.waits.borrow_mut() = waits;
    }
}

/// Sets what exchanges the thread's state with the script's own (a current heap, say): it is called each
/// time the script leaves the thread and each time it is back.
pub fn on_switch(exchange: Option<Rc<dyn Fn()>>) {
    if let Some(shared) = current() {
        *shared.exchange.borrow_mut() = exchange;
    }
}

/// A stackful coroutine as a future. Poll it on the thread that made it; it runs until its end or its
/// first pending [`wait`] on each poll.
pub struct Script<R: 'static> {
    coroutine: Option<Coroutine<(), Signal, Result<R, Panic>, PooledStack>>,
    shared: Rc<Shared>,
}

impl<R: 'static> Script<R> {
    /// A script that will run `body`. Fails when the OS has no memory for its stack.
    pub fn new(hooks: Rc<dyn Hooks>, body: impl FnOnce() -> R + 'static) -> io::Result<Script<R>> {
        let stack = PooledStack::take()?;
        let shared = Rc::new(Shared {
            hooks,
            context: Cell::new(std::ptr::null_mut()),
            frame: Cell::new(Frame::on(stack.floor(), false)),
            waker: RefCell::new(None),
            interrupted: Cell::new(false),
            abandoned: Cell::new(false),
            waits: RefCell::new(None),
            exchange: RefCell::new(None),
        });
        let coroutine = Coroutine::with_stack(stack, move |suspender, ()| {
            started(suspender);
            catch_unwind(AssertUnwindSafe(body))
        });
        Ok(Script { coroutine: Some(coroutine), shared })
    }

    /// A handle that wakes this script.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(self.shared.clone())
    }

    /// Runs the script until it suspends or ends.
    fn run(&mut self, context: *mut Context<'static>) -> Option<Result<R, Panic>> {
        let coroutine = self.coroutine.as_mut().expect("a script is not polled after its end");
        let shared = &self.shared;
        shared.context.set(context);
        let outer_script = CURRENT.replace(Some(shared.clone()));
        let outer_frame = FRAME.replace(shared.frame.get());
        watchdog::script_runs();
        shared.hooks.resumed();
        shared.exchange();
        let result = coroutine.resume(());
        shared.exchange();
        shared.hooks.suspended();
        watchdog::script_rests();
        shared.frame.set(FRAME.replace(outer_frame));
        CURRENT.replace(outer_script);
        shared.context.set(std::ptr::null_mut());
        match result {
            CoroutineResult::Yield(_) => None,
            CoroutineResult::Return(result) => {
                if let Some(coroutine) = self.coroutine.take() {
                    coroutine.into_stack().used_down_to(shared.frame.get().lowest);
                }
                shared.waits.replace(None);
                shared.exchange.replace(None);
                Some(result)
            }
        }
    }
}

impl<R: 'static> Future for Script<R> {
    type Output = Result<R, Panic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        {
            let mut waker = self.shared.waker.borrow_mut();
            if !waker.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                *waker = Some(cx.waker().clone());
            }
        }
        let context = (&raw mut *cx).cast::<Context<'static>>();
        match self.run(context) {
            Some(result) => Poll::Ready(result),
            None => Poll::Pending,
        }
    }
}

impl<R: 'static> Drop for Script<R> {
    /// A script whose future goes away early ends by error values, never by forced unwinding: that would
    /// abort the process where a C library's frames are on the stack.
    fn drop(&mut self) {
        let Some(coroutine) = &mut self.coroutine else { return };
        if !coroutine.started() {
            return;
        }
        self.shared.abandoned.set(true);
        self.shared.hooks.abandoned();
        let ended = self.run(std::ptr::null_mut());
        debug_assert!(ended.is_some(), "an abandoned script cannot suspend");
    }
}

/// Waits for `future`; the script is suspended meanwhile and others run.
///
/// Returns [`Interrupted`] if the request's state says that the script must stop. Outside of a script the
/// thread itself waits, on a small runtime of its own (so make timers and sockets inside the future, as in
/// `wait(async { sleep(d).await })`).
///
/// # Panics
/// When called outside of a script by code that a runtime is driving, where waiting would block all others.
pub fn wait<F: Future>(future: F) -> Result<F::Output, Interrupted> {
    let Some(shared) = current() else {
        return Ok(crate::standalone::block_on(future));
    };
    let mut future = pin!(future);
    let mut told = false;
    loop {
        if shared.abandoned.get() {
            return Err(Interrupted);
        }
        // SAFETY: the script is running, so the poll that runs it is on this thread's stack below us and its
        // context is alive; the reference ends before the script is suspended.
        let context = unsafe { &mut *shared.context.get() };
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Ok(output);
        }
        if shared.interrupted.replace(false) {
            let waits = shared.waits.borrow().clone();
            if waits.is_some_and(|waits| waits.interrupted()) {
                return Err(Interrupted);
            }
            if shared.hooks.stops_wait() {
                // Stays raised until the engine has taken the reason: a library in between may swallow the error.
                shared.interrupted.set(true);
                return Err(Interrupted);
            }
            // The callback may have suspended us, so the future must be polled with the newest context.
            continue;
        }
        if !told {
            told = true;
            let waits = shared.waits.borrow().clone();
            if let Some(waits) = waits {
                waits.parks();
            }
        }
        leave(Signal::Wait);
    }
}

/// Suspends the running script until it is polled again.
pub(crate) fn park() {
    match current() {
        Some(shared) if shared.abandoned.get() => {}
        Some(_) => leave(Signal::Wait),
        None => unreachable!("only a script waits"),
    }
}

/// The waker of the running script, unless it must not suspend any more.
pub(crate) fn current_waker() -> Option<Waker> {
    let shared = current()?;
    let context = shared.context.get();
    if context.is_null() {
        return None;
    }
    // SAFETY: as in `wait`: not null means that the poll is running.
    Some(unsafe { (*context).waker().clone() })
}
