//! Prepared statements.

use crate::codes::{SQLITE_MISUSE, SQLITE_OK};
use crate::connection::Connection;
use crate::value::{SqlValue, bytes, take_text, text};
use libsqlite3_sys as sys;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

/// A prepared statement; finalized when dropped or when its connection is closed.
pub struct Statement {
    connection: Connection,
    raw: Cell<*mut sys::sqlite3_stmt>,
    /// A step is under way.
    stepping: Cell<bool>,
    /// To be finalized when the step under way is done.
    doomed: Cell<bool>,
}

impl Drop for Statement {
    fn drop(&mut self) {
        self.finalize();
    }
}

impl Statement {
    /// Prepares the first statement of `sql`; also how many bytes it took, with what stands in front. No
    /// statement: there were only blanks and comments.
    ///
    /// # Errors
    /// The inner error is a code of the library.
    pub fn prepare_first(
        cx: &mut Cx,
        connection: &Connection,
        sql: &[u8],
    ) -> Ret<Result<(Option<Statement>, usize), i32>> {
        let Ok(length) = c_int::try_from(sql.len()) else {
            return Ok(Err(sys::SQLITE_TOOBIG));
        };
        let (code, raw, used) = connection.call(cx, |db| {
            let mut raw = ptr::null_mut();
            let mut tail = ptr::null();
            // SAFETY: the connection is open; the library reads no more than `length` bytes and sets `tail`
            // to a place in them.
            let code = unsafe {
                sys::sqlite3_prepare_v2(db, sql.as_ptr().cast(), length, &mut raw, &mut tail)
            };
            let used = if tail.is_null() {
                sql.len()
            } else {
                (tail as usize).saturating_sub(sql.as_ptr() as usize).min(sql.len())
            };
            (code, raw, used)
        })?;
        if code != SQLITE_OK {
            return Ok(Err(code));
        }
        let statement = (!raw.is_null()).then(|| Statement {
            connection: connection.clone(),
            raw: Cell::new(raw),
            stepping: Cell::new(false),
            doomed: Cell::new(false),
        });
        // Nothing but blanks: whatever follows is more of them.
        let used = if statement.is_none() || used == 0 { sql.len() } else { used };
        Ok(Ok((statement, used)))
    }

    /// The connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Null when finalized or its connection closed.
    fn raw(&self) -> *mut sys::sqlite3_stmt {
        if self.connection.is_open() && !self.doomed.get() {
            self.raw.get()
        } else {
            ptr::null_mut()
        }
    }

    /// Whether it can be used.
    pub fn is_open(&self) -> bool {
        !self.raw().is_null()
    }

    /// Gives it up; behind the step that is under way, if one is.
    pub fn finalize(&self) {
        if self.stepping.get() {
            self.doomed.set(true);
            return;
        }
        let raw = self.raw.replace(ptr::null_mut());
        if self.connection.is_open() && !raw.is_null() {
            // SAFETY: it was prepared, and its connection, open, has not finalized it.
            unsafe { sys::sqlite3_finalize(raw) };
        }
    }

    /// Goes to the next row; false: there is none.
    ///
    /// # Errors
    /// The inner error is a code of the library; `SQLITE_MISUSE` from within a callback of this very step.
    pub fn step(&self, cx: &mut Cx) -> Ret<Result<bool, i32>> {
        let raw = self.raw();
        if raw.is_null() || self.stepping.get() {
            return Ok(Err(SQLITE_MISUSE));
        }
        self.stepping.set(true);
        // SAFETY: the statement is open, and is finalized only when no step is under way.
        let result = self.connection.call(cx, |_| unsafe { sys::sqlite3_step(raw) });
        self.stepping.set(false);
        if self.doomed.get() {
            self.finalize();
        }
        match result {
            Ok(sys::SQLITE_ROW) => Ok(Ok(true)),
            Ok(sys::SQLITE_DONE) => Ok(Ok(false)),
            Ok(code) => Ok(Err(code)),
            Err(unwind) => {
                self.reset();
                Err(unwind)
            }
        }
    }

    /// The open statement, unless it is in a step.
    fn resting(&self) -> Option<*mut sys::sqlite3_stmt> {
        let raw = self.raw();
        (!raw.is_null() && !self.stepping.get()).then_some(raw)
    }

    /// Back to before the first row; the code of the last step.
    pub fn reset(&self) -> i32 {
        // SAFETY: the statement is open and rests.
        self.resting().map_or(SQLITE_MISUSE, |raw| unsafe { sys::sqlite3_reset(raw) })
    }

    /// Forgets all bindings; a code of the library.
    pub fn clear_bindings(&self) -> i32 {
        // SAFETY: the statement is open and rests.
        self.resting().map_or(SQLITE_MISUSE, |raw| unsafe { sys::sqlite3_clear_bindings(raw) })
    }

    /// Binds a value to the parameter `index` (from 1); a code of the library.
    pub fn bind(&self, index: i32, value: &SqlValue) -> i32 {
        // SAFETY: the statement is open and rests.
        self.resting().map_or(SQLITE_MISUSE, |raw| unsafe { value.bind(raw, index) })
    }

    /// The index of a named parameter, its first character included; 0: there is none.
    pub fn parameter_index(&self, name: &[u8]) -> i32 {
        let name = crate::connection::c_text(name);
        let raw = self.raw();
        if raw.is_null() {
            return 0;
        }
        // SAFETY: the statement is open; the name ends with a zero byte.
        unsafe { sys::sqlite3_bind_parameter_index(raw, name.as_ptr()) }
    }

    /// How many parameters it has.
    pub fn parameter_count(&self) -> i32 {
        // SAFETY: the statement is open, or null, which the library allows here.
        unsafe { sys::sqlite3_bind_parameter_count(self.raw()) }
    }

    /// How many columns its rows have.
    pub fn column_count(&self) -> usize {
        // SAFETY: as above.
        usize::try_from(unsafe { sys::sqlite3_column_count(self.raw()) }).unwrap_or(0)
    }

    /// How many columns the current row has; 0 without a row.
    pub fn data_count(&self) -> usize {
        // SAFETY: as above.
        usize::try_from(unsafe { sys::sqlite3_data_count(self.raw()) }).unwrap_or(0)
    }

    fn column_text(
        &self,
        column: usize,
        of: unsafe extern "C" fn(*mut sys::sqlite3_stmt, c_int) -> *const std::ffi::c_char,
    ) -> Option<PhpString> {
        let raw = self.raw();
        if raw.is_null() || column >= self.column_count() {
            return None;
        }
        // SAFETY: the statement is open and has the column; the text is copied at once.
        unsafe { text(of(raw, column as c_int)) }
    }

    /// The name of a column.
    pub fn column_name(&self, column: usize) -> Option<PhpString> {
        self.column_text(column, sys::sqlite3_column_name)
    }

    /// The type a column was declared with.
    pub fn declared_type(&self, column: usize) -> Option<PhpString> {
        self.column_text(column, sys::sqlite3_column_decltype)
    }

    /// The table a column comes from.
    pub fn table_name(&self, column: usize) -> Option<PhpString> {
        self.column_text(column, sys::sqlite3_column_table_name)
    }

    /// `SQLITE_INTEGER` and so on, of the current row's value.
    pub fn column_type(&self, column: usize) -> i32 {
        if column >= self.data_count() {
            return sys::SQLITE_NULL;
        }
        // SAFETY: the statement is open and has a row with this column.
        unsafe { sys::sqlite3_column_type(self.raw(), column as c_int) }
    }

    /// A value of the current row; `Null` without a row.
    pub fn column(&self, column: usize) -> SqlValue {
        if column >= self.data_count() || self.stepping.get() {
            return SqlValue::Null;
        }
        let (raw, index) = (self.raw(), column as c_int);
        // SAFETY: the statement is open and has a row with this column; text and blobs are copied at once.
        unsafe {
            match sys::sqlite3_column_type(raw, index) {
                sys::SQLITE_INTEGER => SqlValue::Int(sys::sqlite3_column_int64(raw, index)),
                sys::SQLITE_FLOAT => SqlValue::Float(sys::sqlite3_column_double(raw, index)),
                sys::SQLITE_TEXT => {
                    let data = sys::sqlite3_column_text(raw, index);
                    let data = bytes(data, sys::sqlite3_column_bytes(raw, index));
                    SqlValue::Text(PhpString::new(data))
                }
                sys::SQLITE_BLOB => {
                    let data = sys::sqlite3_column_blob(raw, index).cast();
                    let data = bytes(data, sys::sqlite3_column_bytes(raw, index));
                    SqlValue::Blob(PhpString::new(data))
                }
                _ => SqlValue::Null,
            }
        }
    }

    /// Whether it changes nothing.
    pub fn is_readonly(&self) -> bool {
        // SAFETY: the statement is open, or null, which the library allows here.
        unsafe { sys::sqlite3_stmt_readonly(self.raw()) != 0 }
    }

    /// Whether it has begun and not ended.
    pub fn is_busy(&self) -> bool {
        // SAFETY: as above.
        unsafe { sys::sqlite3_stmt_busy(self.raw()) != 0 }
    }

    /// Its text.
    pub fn sql(&self) -> Option<PhpString> {
        let raw = self.raw();
        // SAFETY: the statement is open; the text is copied at once.
        if raw.is_null() { None } else { unsafe { text(sys::sqlite3_sql(raw)) } }
    }

    /// Its text with the bound values in place.
    pub fn expanded_sql(&self) -> Option<PhpString> {
        let raw = self.raw();
        if raw.is_null() {
            return None;
        }
        // SAFETY: the statement is open; the text is ours to free.
        unsafe { take_text(sys::sqlite3_expanded_sql(raw)) }
    }
}
