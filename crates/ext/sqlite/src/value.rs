//! Values as SQLite stores them.

use libsqlite3_sys as sys;
use outlast_value::PhpString;
use std::ffi::c_int;
use std::ptr;

/// A value of one of SQLite's five storage classes.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlValue {
    Null,
    Int(i64),
    Float(f64),
    Text(PhpString),
    Blob(PhpString),
}

/// The bytes at `pointer`; none if it is null.
///
/// # Safety
/// `pointer` is null or good for reading `len` bytes.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, len: c_int) -> &'a [u8] {
    if pointer.is_null() {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(pointer, usize::try_from(len).unwrap_or(0)) }
}

impl SqlValue {
    /// The value behind an argument of a function.
    ///
    /// # Safety
    /// `raw` is a protected value of the library.
    pub(crate) unsafe fn of(raw: *mut sys::sqlite3_value) -> SqlValue {
        // SAFETY: as the caller promises; text and blobs are copied before anything else is called.
        unsafe {
            match sys::sqlite3_value_type(raw) {
                sys::SQLITE_INTEGER => SqlValue::Int(sys::sqlite3_value_int64(raw)),
                sys::SQLITE_FLOAT => SqlValue::Float(sys::sqlite3_value_double(raw)),
                sys::SQLITE_TEXT => {
                    let text = sys::sqlite3_value_text(raw);
                    let text = bytes(text, sys::sqlite3_value_bytes(raw));
                    SqlValue::Text(PhpString::new(text))
                }
                sys::SQLITE_BLOB => {
                    let blob = sys::sqlite3_value_blob(raw).cast();
                    let blob = bytes(blob, sys::sqlite3_value_bytes(raw));
                    SqlValue::Blob(PhpString::new(blob))
                }
                _ => SqlValue::Null,
            }
        }
    }

    /// Makes this the result of a function.
    ///
    /// # Safety
    /// `context` is that of a function that the library is calling.
    pub(crate) unsafe fn give(&self, context: *mut sys::sqlite3_context) {
        let transient = sys::SQLITE_TRANSIENT();
        // SAFETY: as the caller promises; the library copies text and blobs (transient).
        unsafe {
            match self {
                SqlValue::Null => sys::sqlite3_result_null(context),
                SqlValue::Int(n) => sys::sqlite3_result_int64(context, *n),
                SqlValue::Float(f) => sys::sqlite3_result_double(context, *f),
                SqlValue::Text(s) => sys::sqlite3_result_text64(
                    context,
                    s.as_ptr().cast(),
                    s.len() as u64,
                    transient,
                    sys::SQLITE_UTF8 as u8,
                ),
                SqlValue::Blob(s) => sys::sqlite3_result_blob64(
                    context,
                    s.as_ptr().cast(),
                    s.len() as u64,
                    transient,
                ),
            }
        }
    }

    /// Binds this to a parameter of a statement; a code of the library.
    ///
    /// # Safety
    /// `statement` is prepared and not finalized.
    pub(crate) unsafe fn bind(&self, statement: *mut sys::sqlite3_stmt, index: c_int) -> c_int {
        let transient = sys::SQLITE_TRANSIENT();
        // SAFETY: as the caller promises; the library copies text and blobs (transient).
        unsafe {
            match self {
                SqlValue::Null => sys::sqlite3_bind_null(statement, index),
                SqlValue::Int(n) => sys::sqlite3_bind_int64(statement, index, *n),
                SqlValue::Float(f) => sys::sqlite3_bind_double(statement, index, *f),
                SqlValue::Text(s) => sys::sqlite3_bind_text64(
                    statement,
                    index,
                    s.as_ptr().cast(),
                    s.len() as u64,
                    transient,
                    sys::SQLITE_UTF8 as u8,
                ),
                SqlValue::Blob(s) if s.is_empty() => {
                    sys::sqlite3_bind_zeroblob(statement, index, 0)
                }
                SqlValue::Blob(s) => sys::sqlite3_bind_blob64(
                    statement,
                    index,
                    s.as_ptr().cast(),
                    s.len() as u64,
                    transient,
                ),
            }
        }
    }
}

/// A copy of a text of the library; `None` if it is null.
///
/// # Safety
/// `text` is null or ends with a zero byte.
pub(crate) unsafe fn text(text: *const std::ffi::c_char) -> Option<PhpString> {
    if text.is_null() {
        return None;
    }
    // SAFETY: as the caller promises.
    Some(PhpString::new(unsafe { std::ffi::CStr::from_ptr(text) }.to_bytes()))
}

/// What the library allocated, as text; it is freed.
///
/// # Safety
/// `allocated` is null or a text that the library gave away.
pub(crate) unsafe fn take_text(allocated: *mut std::ffi::c_char) -> Option<PhpString> {
    // SAFETY: as the caller promises; nobody else holds it.
    unsafe {
        let copy = text(allocated);
        if !ptr::eq(allocated, ptr::null()) {
            sys::sqlite3_free(allocated.cast());
        }
        copy
    }
}

/// A text as it stands between quotes in SQL; it ends at the first zero byte, as for the library.
pub fn escaped(text: &[u8]) -> Vec<u8> {
    let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
    let mut escaped = Vec::with_capacity(end);
    for byte in &text[..end] {
        if *byte == b'\'' {
            escaped.push(b'\'');
        }
        escaped.push(*byte);
    }
    escaped
}
