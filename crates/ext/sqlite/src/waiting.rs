//! Where SQLite waits or works long: the script parks, or is interrupted.

use crate::connection::Inner;
use libsqlite3_sys as sys;
use outlast_host::queue::Place;
use outlast_vm::Cx;
use std::ffi::{c_int, c_void};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// Steps of SQLite's machine between two looks at the interrupt word: some ten microseconds.
const STEPS: c_int = 2000;

/// The wait for a lock that a call is in.
pub(crate) struct LockWait {
    since: Instant,
    place: Place,
}

/// Installs the handlers; again whenever the library has replaced them.
pub(crate) fn install(inner: &Rc<Inner>) {
    let data = Rc::as_ptr(inner).cast_mut().cast::<c_void>();
    let raw = inner.raw.get();
    // SAFETY: the connection is open, and the handlers run only in calls through `Connection`, which hold
    // a count of what `data` points to.
    unsafe {
        sys::sqlite3_busy_handler(raw, Some(busy), data);
        sys::sqlite3_progress_handler(raw, STEPS, Some(progress), data);
        sys::sqlite3_set_authorizer(raw, Some(crate::callbacks::authorize), data);
    }
}

unsafe extern "C" fn busy(data: *mut c_void, tries: c_int) -> c_int {
    // SAFETY: see `install`.
    let inner = unsafe { &*data.cast::<Inner>() };
    c_int::from(inner.wait_for_lock(tries))
}

unsafe extern "C" fn progress(data: *mut c_void) -> c_int {
    // SAFETY: see `install`.
    let inner = unsafe { &*data.cast::<Inner>() };
    if inner.interrupt.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    c_int::from(!inner.look_up())
}

impl Inner {
    /// Runs `f` with the context of the call under way, the connection being closed to others. False if it
    /// failed, or if there is no such context (while the connection is being closed).
    fn suspended(&self, f: impl FnOnce(&mut Cx) -> outlast_vm::Ret<()>) -> bool {
        let pointer = self.cx.get();
        if pointer.is_null() {
            return false;
        }
        // SAFETY: the call under way borrows the context and does not use it until it returns.
        let cx = unsafe { &mut *pointer };
        self.suspended.set(true);
        let result = f(cx);
        self.suspended.set(false);
        if let Err(unwind) = result {
            self.failure.set(Some(unwind));
            return false;
        }
        true
    }

    /// Waits for its turn; true: try again.
    fn wait_for_lock(&self, tries: c_int) -> bool {
        let wait = self.lock_wait.take().filter(|_| tries > 0);
        let wait = wait
            .unwrap_or_else(|| LockWait { since: Instant::now(), place: Place::take(&self.path) });
        let Some(left) = self.timeout.get().checked_sub(wait.since.elapsed()) else { return false };
        if left.is_zero() {
            return false;
        }
        let again =
            self.suspended(|cx| match cx.parked("SQLite lock", || wait.place.wait(left))? {
                Ok(()) => Ok(()),
                Err(_) => cx.interrupted(),
            });
        self.lock_wait.set(Some(wait));
        again
    }

    /// A call has ended: it waits no more, and where it holds no lock now, others may have their turn.
    pub(crate) fn call_ended(&self) {
        self.lock_wait.take();
        // SAFETY: the connection is open, or null, which is told apart.
        if self.raw.get().is_null() || unsafe { sys::sqlite3_get_autocommit(self.raw.get()) } != 0 {
            outlast_host::queue::freed(&self.path);
        }
    }

    /// A safe point of the script, inside a query.
    fn look_up(&self) -> bool {
        self.suspended(Cx::interrupted)
    }
}
