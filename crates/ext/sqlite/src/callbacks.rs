//! What SQLite calls back: functions, aggregates, collations, the authorizer.

use crate::codes::{SQLITE_DENY, SQLITE_OK};
use crate::connection::{Connection, Inner, c_text};
use crate::value::{SqlValue, bytes};
use libsqlite3_sys as sys;
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::rc::{Rc, Weak};

/// A function: from its arguments to its result; an inner error is the text of an SQL error.
pub type Function = Box<dyn Fn(&mut Cx, Vec<SqlValue>) -> Ret<Result<SqlValue, &'static str>>>;
/// A collation: less than, equal to or greater than zero.
pub type Collation = Box<dyn Fn(&mut Cx, &[u8], &[u8]) -> Ret<i32>>;
/// Says whether an action (`SQLITE_…`) with its up to four arguments is allowed: `SQLITE_OK`, `…_DENY` or
/// `…_IGNORE`.
pub type Authorizer = Box<dyn Fn(&mut Cx, i32, [Option<&[u8]>; 4]) -> Ret<i32>>;

/// What an aggregate keeps of the rows of a group.
pub struct AggregateState {
    /// What the last step returned.
    pub value: Value,
    /// Rows so far.
    pub rows: i64,
}

impl Default for AggregateState {
    fn default() -> Self {
        AggregateState { value: Value::Null, rows: 0 }
    }
}

/// Both halves of an aggregate.
pub trait Aggregates {
    /// A row; an inner error is the text of an SQL error.
    fn step(
        &self,
        cx: &mut Cx,
        state: &mut AggregateState,
        args: Vec<SqlValue>,
    ) -> Ret<Result<(), &'static str>>;
    /// The result of a group.
    fn finish(&self, cx: &mut Cx, state: AggregateState) -> Ret<Result<SqlValue, &'static str>>;
}

/// What is registered with the library, with the way to the connection.
struct Registered<T> {
    inner: Weak<Inner>,
    callback: T,
}

impl<T> Registered<T> {
    fn boxed(connection: &Connection, callback: T) -> *mut c_void {
        let inner = Rc::downgrade(&connection.0);
        Box::into_raw(Box::new(Registered { inner, callback })).cast()
    }

    /// Runs `f` in the call under way; `None` where there is none, where one has failed already, or where
    /// this one fails, which the call then returns.
    fn run<R>(&self, f: impl FnOnce(&T, &mut Cx) -> Ret<R>) -> Option<R> {
        let inner = self.inner.upgrade()?;
        inner.run(|cx| f(&self.callback, cx))
    }
}

impl Inner {
    fn run<R>(&self, f: impl FnOnce(&mut Cx) -> Ret<R>) -> Option<R> {
        let pointer = self.cx.get();
        let failure = self.failure.take();
        if pointer.is_null() || failure.is_some() {
            self.failure.set(failure);
            return None;
        }
        // SAFETY: the call under way borrows the context and does not use it until it returns.
        match f(unsafe { &mut *pointer }) {
            Ok(result) => Some(result),
            Err(unwind) => {
                self.failure.set(Some(unwind));
                // SAFETY: a call with the connection is under way, so that it is open.
                unsafe { sys::sqlite3_interrupt(self.raw.get()) };
                None
            }
        }
    }
}

/// Frees what was registered.
unsafe extern "C" fn forget<T>(data: *mut c_void) {
    // SAFETY: the library calls this once, with what `Registered::boxed` gave it.
    drop(unsafe { Box::from_raw(data.cast::<Registered<T>>()) });
}

/// # Safety
/// The library calls a function of ours with `count` arguments.
unsafe fn arguments(count: c_int, values: *mut *mut sys::sqlite3_value) -> Vec<SqlValue> {
    // SAFETY: the library hands over that many protected values.
    (0..usize::try_from(count).unwrap_or(0))
        .map(|at| unsafe { SqlValue::of(*values.add(at)) })
        .collect()
}

/// # Safety
/// `context` is that of a function that the library is calling.
unsafe fn answer(
    context: *mut sys::sqlite3_context,
    result: Option<Result<SqlValue, &'static str>>,
) {
    let text = match result {
        // SAFETY: as the caller promises.
        Some(Ok(value)) => return unsafe { value.give(context) },
        Some(Err(text)) => text,
        None => "the callback failed",
    };
    // SAFETY: the library copies the text, of this length.
    unsafe { sys::sqlite3_result_error(context, text.as_ptr().cast(), text.len() as c_int) };
}

unsafe extern "C" fn call_function(
    context: *mut sys::sqlite3_context,
    count: c_int,
    values: *mut *mut sys::sqlite3_value,
) {
    // SAFETY: the library calls this with the data of the registration, which it keeps meanwhile.
    unsafe {
        let data = &*sys::sqlite3_user_data(context).cast::<Registered<Function>>();
        let args = arguments(count, values);
        answer(context, data.run(|function, cx| function(cx, args)));
    }
}

type AnyAggregates = Box<dyn Aggregates>;

unsafe extern "C" fn call_step(
    context: *mut sys::sqlite3_context,
    count: c_int,
    values: *mut *mut sys::sqlite3_value,
) {
    // SAFETY: as in `call_function`. The memory of a group is zeroed when first asked for; it holds the
    // state's address from the first step to the finish, which takes it.
    unsafe {
        let data = &*sys::sqlite3_user_data(context).cast::<Registered<AnyAggregates>>();
        let place = sys::sqlite3_aggregate_context(context, size_of::<usize>() as c_int)
            .cast::<*mut AggregateState>();
        if place.is_null() {
            return sys::sqlite3_result_error_nomem(context);
        }
        if (*place).is_null() {
            *place = Box::into_raw(Box::default());
        }
        let state = &mut **place;
        let args = arguments(count, values);
        match data.run(|aggregates, cx| aggregates.step(cx, state, args)) {
            Some(Ok(())) => {}
            Some(Err(text)) => answer(context, Some(Err(text))),
            None => answer(context, None),
        }
    }
}

unsafe extern "C" fn call_finish(context: *mut sys::sqlite3_context) {
    // SAFETY: as in `call_step`; a group without rows has no memory.
    unsafe {
        let data = &*sys::sqlite3_user_data(context).cast::<Registered<AnyAggregates>>();
        let place = sys::sqlite3_aggregate_context(context, 0).cast::<*mut AggregateState>();
        let state = if place.is_null() || (*place).is_null() {
            AggregateState::default()
        } else {
            *Box::from_raw(std::mem::replace(&mut *place, std::ptr::null_mut()))
        };
        answer(context, data.run(|aggregates, cx| aggregates.finish(cx, state)));
    }
}

unsafe extern "C" fn call_collation(
    data: *mut c_void,
    left_length: c_int,
    left: *const c_void,
    right_length: c_int,
    right: *const c_void,
) -> c_int {
    // SAFETY: as in `call_function`; both texts are as long as said.
    unsafe {
        let data = &*data.cast::<Registered<Collation>>();
        let (left, right) = (bytes(left.cast(), left_length), bytes(right.cast(), right_length));
        data.run(|collation, cx| collation(cx, left, right)).unwrap_or(0)
    }
}

/// The authorizer of every connection.
pub(crate) unsafe extern "C" fn authorize(
    data: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    third: *const c_char,
    fourth: *const c_char,
) -> c_int {
    // SAFETY: `data` is what the handlers were installed with (see `waiting::install`); each text is null
    // or ends with a zero byte, and stays while this runs.
    let (inner, args) = unsafe {
        let of = |text: *const c_char| {
            if text.is_null() { None } else { Some(CStr::from_ptr(text).to_bytes()) }
        };
        (&*data.cast::<Inner>(), [of(first), of(second), of(third), of(fourth)])
    };
    if action == sys::SQLITE_PRAGMA
        && args[0].is_some_and(|name| name.eq_ignore_ascii_case(b"busy_timeout"))
    {
        // SQLite's own handler would block the worker.
        inner.handler_lost.set(true);
        let number = args[1].and_then(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
        if let Some(milliseconds) = number {
            inner.timeout.set(std::time::Duration::from_millis(milliseconds));
        }
    }
    let authorizer = inner.authorizer.borrow().clone();
    let Some(authorizer) = authorizer else { return SQLITE_OK };
    inner.run(|cx| authorizer(cx, action, args)).unwrap_or(SQLITE_DENY)
}

impl Connection {
    /// Defines a function; `count` arguments, -1: any number. A code of the library.
    pub fn create_function(
        &self,
        cx: &mut Cx,
        name: &[u8],
        count: i32,
        flags: i32,
        function: Function,
    ) -> Ret<i32> {
        let name = c_text(name);
        let data = Registered::boxed(self, function);
        // SAFETY: the connection is open; the library owns `data`, also when this fails.
        self.call(cx, |raw| unsafe {
            sys::sqlite3_create_function_v2(
                raw,
                name.as_ptr(),
                count,
                sys::SQLITE_UTF8 | flags,
                data,
                Some(call_function),
                None,
                None,
                Some(forget::<Function>),
            )
        })
    }

    /// Defines an aggregate.
    pub fn create_aggregate(
        &self,
        cx: &mut Cx,
        name: &[u8],
        count: i32,
        aggregates: Box<dyn Aggregates>,
    ) -> Ret<i32> {
        let name = c_text(name);
        let data = Registered::<AnyAggregates>::boxed(self, aggregates);
        // SAFETY: as above.
        self.call(cx, |raw| unsafe {
            sys::sqlite3_create_function_v2(
                raw,
                name.as_ptr(),
                count,
                sys::SQLITE_UTF8,
                data,
                None,
                Some(call_step),
                Some(call_finish),
                Some(forget::<AnyAggregates>),
            )
        })
    }

    /// Defines a collation.
    pub fn create_collation(&self, cx: &mut Cx, name: &[u8], collation: Collation) -> Ret<i32> {
        let name = c_text(name);
        let data = Registered::boxed(self, collation);
        self.call(cx, |raw| {
            // SAFETY: the connection is open; here the library does not free `data` when it fails.
            unsafe {
                let code = sys::sqlite3_create_collation_v2(
                    raw,
                    name.as_ptr(),
                    sys::SQLITE_UTF8,
                    data,
                    Some(call_collation),
                    Some(forget::<Collation>),
                );
                if code != SQLITE_OK {
                    forget::<Collation>(data);
                }
                code
            }
        })
    }
}
