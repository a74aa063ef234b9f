//! One value of a table, read and written piece by piece.

use crate::codes::SQLITE_OK;
use crate::connection::{Connection, c_text};
use libsqlite3_sys as sys;
use outlast_vm::{Cx, Ret};
use std::ffi::c_int;
use std::ptr;

/// An open BLOB. Its size is fixed.
pub struct Blob {
    raw: *mut sys::sqlite3_blob,
    connection: Connection,
}

impl Drop for Blob {
    fn drop(&mut self) {
        // SAFETY: opened by us, closed once; the library keeps its connection until then.
        unsafe { sys::sqlite3_blob_close(self.raw) };
    }
}

impl Blob {
    /// Opens the value of a column in a row; the inner error is a code of the library.
    pub fn open(
        cx: &mut Cx,
        connection: &Connection,
        place: [&[u8]; 3],
        row: i64,
        writable: bool,
    ) -> Ret<Result<Blob, i32>> {
        let [database, table, column] = place.map(c_text);
        let mut raw = ptr::null_mut();
        // SAFETY: the connection is open; the names end with zero bytes.
        let code = connection.call(cx, |db| unsafe {
            sys::sqlite3_blob_open(
                db,
                database.as_ptr(),
                table.as_ptr(),
                column.as_ptr(),
                row,
                c_int::from(writable),
                &mut raw,
            )
        })?;
        if code == SQLITE_OK {
            return Ok(Ok(Blob { raw, connection: connection.clone() }));
        }
        Ok(Err(code))
    }

    /// Bytes.
    pub fn size(&self) -> usize {
        // SAFETY: the BLOB is open.
        usize::try_from(unsafe { sys::sqlite3_blob_bytes(self.raw) }).unwrap_or(0)
    }

    /// Reads `count` bytes at `offset`, which must be there; the inner error is a code of the library.
    pub fn read(&self, cx: &mut Cx, offset: usize, count: usize) -> Ret<Result<Vec<u8>, i32>> {
        let mut bytes = vec![0u8; count];
        // SAFETY: the BLOB is open; the library writes `count` bytes or fails.
        let code = self.connection.call(cx, |_| unsafe {
            sys::sqlite3_blob_read(
                self.raw,
                bytes.as_mut_ptr().cast(),
                count as c_int,
                offset as c_int,
            )
        })?;
        Ok(if code == SQLITE_OK { Ok(bytes) } else { Err(code) })
    }

    /// Writes at `offset`, without growing it; a code of the library.
    pub fn write(&self, cx: &mut Cx, offset: usize, bytes: &[u8]) -> Ret<i32> {
        // SAFETY: the BLOB is open; the library reads as many bytes as there are.
        self.connection.call(cx, |_| unsafe {
            sys::sqlite3_blob_write(
                self.raw,
                bytes.as_ptr().cast(),
                bytes.len() as c_int,
                offset as c_int,
            )
        })
    }
}
