//! A connection to a database.

use crate::callbacks::Authorizer;
use crate::codes::{SQLITE_BUSY, SQLITE_MISUSE, SQLITE_OK};
use crate::value::{take_text, text};
use crate::waiting;
use libsqlite3_sys as sys;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret, Unwind};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_int};
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

unsafe extern "C" {
    /// The bindings leave it out: closes once the last BLOB is closed too.
    fn sqlite3_close_v2(raw: *mut sys::sqlite3) -> c_int;
}

/// Stack for the library: its parser recurses as deep as an expression is nested.
const STACK: usize = 1 << 20;

/// A code of SQLite with its message.
#[derive(Clone, Debug)]
pub struct Failure {
    /// As `sqlite3_errcode()` tells.
    pub code: i32,
    /// As `sqlite3_errmsg()` tells.
    pub message: PhpString,
}

/// A connection. Clones are handles of the same one; it is closed with the last of them, or earlier
/// ([`Connection::close`]). An open transaction is rolled back then.
#[derive(Clone)]
pub struct Connection(pub(crate) Rc<Inner>);

pub(crate) struct Inner {
    /// Null once closed.
    pub raw: Cell<*mut sys::sqlite3>,
    /// The context of the innermost call; null outside of calls.
    pub cx: Cell<*mut Cx>,
    /// Calls under way.
    pub depth: Cell<u32>,
    /// Suspended in a handler, where SQLite allows no call.
    pub suspended: Cell<bool>,
    /// Why the call under way must fail, whatever the library says.
    pub failure: Cell<Option<Unwind>>,
    /// How long to wait for a lock.
    pub timeout: Cell<Duration>,
    /// The wait for a lock that is under way.
    pub lock_wait: Cell<Option<waiting::LockWait>>,
    /// The file, by the name that all connections to it know; nothing where there is none.
    pub path: Arc<[u8]>,
    /// Not zero: the script is wanted elsewhere.
    pub interrupt: Arc<AtomicU32>,
    pub authorizer: RefCell<Option<Rc<Authorizer>>>,
    /// `PRAGMA busy_timeout` has replaced our handler.
    pub handler_lost: Cell<bool>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shut();
    }
}

impl Inner {
    /// Finalizes what is prepared and closes; rolls back what is open.
    fn shut(&self) -> c_int {
        let raw = self.raw.replace(ptr::null_mut());
        if raw.is_null() {
            return SQLITE_OK;
        }
        // SAFETY: the connection is open and no call is under way, nor any with its statements, whose
        // handles see by the null that they are gone. BLOBs stay valid: the library keeps what they need.
        unsafe {
            loop {
                let statement = sys::sqlite3_next_stmt(raw, ptr::null_mut());
                if statement.is_null() {
                    break;
                }
                sys::sqlite3_finalize(statement);
            }
            let code = sqlite3_close_v2(raw);
            outlast_host::queue::freed(&self.path);
            code
        }
    }
}

/// The library's version, as text.
pub fn version() -> &'static str {
    sys::SQLITE_VERSION.to_str().unwrap_or_default()
}

/// The library's version, as a number.
pub fn version_number() -> i64 {
    i64::from(sys::SQLITE_VERSION_NUMBER)
}

/// The path of a connection's database file, as the library has resolved it.
fn file_name(raw: *mut sys::sqlite3) -> Vec<u8> {
    // SAFETY: the connection has been made; the library answers with a text or null, also where opening failed.
    let name = unsafe { text(sys::sqlite3_db_filename(raw, c"main".as_ptr())) };
    name.map(|name| name.as_bytes().to_vec()).unwrap_or_default()
}

/// A text for the library: up to its first zero byte, as C sees it.
pub(crate) fn c_text(bytes: &[u8]) -> CString {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    CString::new(&bytes[..end]).unwrap_or_default()
}

impl Connection {
    /// Opens a database with `SQLITE_OPEN_…` flags. Foreign keys are not enforced, as SQLite has it by
    /// default; locks are waited for up to `timeout`.
    pub fn open(
        cx: &mut Cx,
        path: &[u8],
        flags: i32,
        timeout: Duration,
    ) -> Result<Connection, Failure> {
        // Of a file a cache of one's own shows the same; databases in memory would not be shared.
        let has = |part: &[u8]| path.windows(part.len()).any(|window| window == part);
        if path.starts_with(b"file:")
            && has(b"cache=shared")
            && (has(b":memory:") || has(b"mode=memory"))
        {
            let message = PhpString::new(b"databases in memory cannot share a cache");
            return Err(Failure { code: SQLITE_MISUSE, message });
        }
        let path = c_text(path);
        let mut raw = ptr::null_mut();
        // One thread uses a connection, and scripts that share it take no part in it.
        let flags = flags | sys::SQLITE_OPEN_NOMUTEX;
        // SAFETY: the path ends with a zero byte; the library writes one pointer.
        let code = unsafe { sys::sqlite3_open_v2(path.as_ptr(), &mut raw, flags, ptr::null()) };
        if raw.is_null() {
            return Err(Failure { code, message: PhpString::new(b"out of memory") });
        }
        let inner = Rc::new(Inner {
            raw: Cell::new(raw),
            cx: Cell::new(ptr::null_mut()),
            depth: Cell::new(0),
            suspended: Cell::new(false),
            failure: Cell::new(None),
            timeout: Cell::new(timeout),
            lock_wait: Cell::new(None),
            path: if code == SQLITE_OK { file_name(raw) } else { Vec::new() }.into(),
            interrupt: cx.lifecycle.interrupt_word(),
            authorizer: RefCell::new(None),
            handler_lost: Cell::new(false),
        });
        let connection = Connection(inner);
        if code != SQLITE_OK {
            let message = connection.message();
            return Err(Failure { code, message });
        }
        connection.configure(sys::SQLITE_DBCONFIG_ENABLE_FKEY, false);
        waiting::install(&connection.0);
        Ok(connection)
    }

    /// Sets a switch of `sqlite3_db_config()`.
    fn configure(&self, option: c_int, on: bool) -> c_int {
        // SAFETY: these options take an int and a pointer that may be null.
        unsafe {
            sys::sqlite3_db_config(
                self.0.raw.get(),
                option,
                c_int::from(on),
                ptr::null_mut::<c_int>(),
            )
        }
    }

    /// Protects the database file and the schema against SQL that corrupts them.
    pub fn set_defensive(&self, on: bool) {
        self.configure(sys::SQLITE_DBCONFIG_DEFENSIVE, on);
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        !self.0.raw.get().is_null()
    }

    /// Finalizes all statements and closes. A code of the library: `SQLITE_BUSY` while one of its calls is
    /// under way.
    pub fn close(&self) -> i32 {
        if self.0.depth.get() > 0 {
            return SQLITE_BUSY;
        }
        self.0.shut()
    }

    /// Lets `f` call the library. Callbacks get `cx`; what they fail with is returned.
    ///
    /// # Errors
    /// An `Error` where the connection is suspended (in a callback of `Outlast\on_abort`) or closed.
    pub(crate) fn call<R>(&self, cx: &mut Cx, f: impl FnOnce(*mut sys::sqlite3) -> R) -> Ret<R> {
        let inner = self.0.clone();
        if inner.suspended.get() {
            return Err(cx.throw_error(
                "The connection to the SQLite database waits in a call that is under way",
            ));
        }
        if inner.raw.get().is_null() {
            return Err(cx.throw_error("The connection to the SQLite database is closed"));
        }
        let outer = inner.cx.replace(cx);
        inner.depth.set(inner.depth.get() + 1);
        let result = outlast_vm::on_large_stack(STACK, || f(inner.raw.get()));
        inner.depth.set(inner.depth.get() - 1);
        if inner.depth.get() == 0 {
            inner.call_ended();
        }
        inner.cx.set(outer);
        if inner.handler_lost.replace(false) {
            waiting::install(&inner);
        }
        match inner.failure.take() {
            Some(unwind) => Err(unwind),
            None => Ok(result),
        }
    }

    /// How long to wait for a lock from now on.
    pub fn set_timeout(&self, timeout: Duration) {
        self.0.timeout.set(timeout);
    }

    /// The message of the last call that failed.
    pub fn message(&self) -> PhpString {
        // SAFETY: the connection is open or null, which the library answers with a message too; the text is
        // copied at once.
        unsafe { text(sys::sqlite3_errmsg(self.0.raw.get())) }.unwrap_or_default()
    }

    /// The code of the last call that failed.
    pub fn code(&self) -> i32 {
        // SAFETY: the connection is open or null.
        unsafe { sys::sqlite3_errcode(self.0.raw.get()) }
    }

    /// Its extended code.
    pub fn extended_code(&self) -> i32 {
        // SAFETY: the connection is open or null.
        unsafe { sys::sqlite3_extended_errcode(self.0.raw.get()) }
    }

    /// The last call's failure.
    pub fn failure(&self) -> Failure {
        Failure { code: self.code(), message: self.message() }
    }

    /// Whether codes are extended ones.
    pub fn set_extended_codes(&self, on: bool) -> bool {
        self.is_open()
            // SAFETY: the connection is open.
            && unsafe { sys::sqlite3_extended_result_codes(self.0.raw.get(), c_int::from(on)) }
                == SQLITE_OK
    }

    /// `sqlite3_changes()`
    pub fn changes(&self) -> i64 {
        if !self.is_open() {
            return 0;
        }
        // SAFETY: the connection is open.
        unsafe { sys::sqlite3_changes64(self.0.raw.get()) }
    }

    /// `sqlite3_last_insert_rowid()`
    pub fn last_insert_id(&self) -> i64 {
        if !self.is_open() {
            return 0;
        }
        // SAFETY: the connection is open.
        unsafe { sys::sqlite3_last_insert_rowid(self.0.raw.get()) }
    }

    /// Whether a transaction is open.
    pub fn in_transaction(&self) -> bool {
        // SAFETY: the connection is open.
        self.is_open() && unsafe { sys::sqlite3_get_autocommit(self.0.raw.get()) } == 0
    }

    /// Rolls back what is open, without any of a script's code being run. True if the connection is as one that was
    /// just opened: no call is under way, no statement is left.
    pub fn roll_back_now(&self) -> bool {
        if !self.is_open() || self.0.depth.get() > 0 {
            return false;
        }
        let raw = self.0.raw.get();
        // SAFETY: the connection is open and no call is under way; outside of one, handlers do nothing. A rollback waits
        // for no lock.
        let code = match self.in_transaction() {
            true => unsafe {
                sys::sqlite3_exec(raw, c"ROLLBACK".as_ptr(), None, ptr::null_mut(), ptr::null_mut())
            },
            false => SQLITE_OK,
        };
        outlast_host::queue::freed(&self.0.path);
        // SAFETY: the connection is open.
        code == SQLITE_OK && unsafe { sys::sqlite3_next_stmt(raw, ptr::null_mut()) }.is_null()
    }

    /// Sets what says which actions statements may do, `None`: all.
    pub fn set_authorizer(&self, authorizer: Option<Authorizer>) {
        *self.0.authorizer.borrow_mut() = authorizer.map(Rc::new);
    }

    /// Loads an extension of SQLite; the library's message if that fails.
    pub fn load_extension(&self, cx: &mut Cx, path: &[u8]) -> Ret<Result<(), PhpString>> {
        let path = c_text(path);
        self.call(cx, |raw| {
            let enable = sys::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION;
            self.configure(enable, true);
            let mut message = ptr::null_mut();
            // SAFETY: the connection is open; the message is the library's to give away.
            let (code, message) = unsafe {
                let code =
                    sys::sqlite3_load_extension(raw, path.as_ptr(), ptr::null(), &mut message);
                (code, take_text(message))
            };
            self.configure(enable, false);
            if code == SQLITE_OK { Ok(()) } else { Err(message.unwrap_or_default()) }
        })
    }
}

/// The library's text for a code.
pub fn code_text(code: i32) -> &'static CStr {
    // SAFETY: the library returns a static text for any code.
    unsafe { CStr::from_ptr(sys::sqlite3_errstr(code)) }
}
