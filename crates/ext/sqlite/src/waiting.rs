//! Where SQLite waits or works long: the script parks, or is interrupted.

use crate::connection::Inner;
use libsqlite3_sys as sys;
use outlast_vm::Cx;
use std::ffi::{c_int, c_void};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Steps of SQLite's machine between two looks at the interrupt word: some ten microseconds.
const STEPS: c_int = 2000;
/// The longest sleep between two tries to get a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

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

    /// Sleeps a little; true: try again.
    fn wait_for_lock(&self, tries: c_int) -> bool {
        let since = match self.waiting_since.get() {
            Some(since) if tries > 0 => since,
            _ => Instant::now(),
        };
        self.waiting_since.set(Some(since));
        let Some(left) = self.timeout.get().checked_sub(since.elapsed()) else { return false };
        if left.is_zero() {
            return false;
        }
        let pause = Duration::from_millis(1 + tries.unsigned_abs() as u64 / 2);
        let pause = pause.min(LONGEST_PAUSE).min(left);
        self.suspended(|cx| {
            let slept = cx.parked("SQLite lock", || outlast_host::blocking::sleep(pause))?;
            match slept {
                Ok(()) => Ok(()),
                Err(_) => cx.interrupted(),
            }
        })
    }

    /// A safe point of the script, inside a query.
    fn look_up(&self) -> bool {
        self.suspended(Cx::interrupted)
    }
}
