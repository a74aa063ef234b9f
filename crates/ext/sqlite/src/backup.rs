//! Copying one database into another.

use crate::codes::{SQLITE_BUSY, SQLITE_LOCKED, SQLITE_OK};
use crate::connection::{Connection, c_text};
use libsqlite3_sys as sys;
use outlast_vm::{Cx, Ret};
use std::sync::atomic::Ordering;

/// Pages copied between two safe points.
const PAGES: i32 = 256;

/// How a copy ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    Done,
    /// It could not begin: the destination knows why.
    NotStarted,
    /// The source is in use.
    SourceBusy,
    /// The source is locked.
    SourceLocked,
    /// It failed: the source knows why.
    Failed,
}

/// Copies the database `from.1` of a connection over `to.1` of another.
pub fn backup(cx: &mut Cx, from: (&Connection, &[u8]), to: (&Connection, &[u8])) -> Ret<Backup> {
    let names = (c_text(from.1), c_text(to.1));
    // The handlers of both may run.
    to.0.clone().call(cx, |destination| {
        let pointer = to.0.0.cx.get();
        // SAFETY: the call around this borrows the context and does not use it meanwhile.
        let cx = unsafe { &mut *pointer };
        // SAFETY: both connections are open while their calls are under way; the names end with zero bytes.
        let copy = from.0.call(cx, |source| unsafe {
            sys::sqlite3_backup_init(destination, names.1.as_ptr(), source, names.0.as_ptr())
        })?;
        if copy.is_null() {
            return Ok(Backup::NotStarted);
        }
        let mut result = Ok(SQLITE_OK);
        while matches!(result, Ok(SQLITE_OK)) {
            // SAFETY: the backup is under way.
            result = from.0.call(cx, |_| unsafe { sys::sqlite3_backup_step(copy, PAGES) });
            if from.0.0.interrupt.load(Ordering::Relaxed) != 0 {
                result = result.and_then(|code| cx.interrupted().map(|()| code));
            }
        }
        // SAFETY: finished once, with both connections open.
        let code = from.0.call(cx, |_| unsafe { sys::sqlite3_backup_finish(copy) });
        result?;
        Ok(match code? {
            SQLITE_OK => Backup::Done,
            SQLITE_BUSY => Backup::SourceBusy,
            SQLITE_LOCKED => Backup::SourceLocked,
            _ => Backup::Failed,
        })
    })?
}
