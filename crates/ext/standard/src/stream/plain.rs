//! Plain files, and the standard streams of the process.

use super::backend::{Backend, Chunk, Io, Stat, host};
use outlast_host::files::{File, Lock};
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::cell::Cell;
use std::io::SeekFrom;
use std::os::fd::{AsFd, BorrowedFd};

/// An open file.
pub struct Plain {
    file: File,
    seekable: bool,
    blocking: Cell<bool>,
    /// Removed when the stream is closed (`tmpfile()`).
    remove: Option<std::path::PathBuf>,
    /// Which of the process's own streams it is.
    standard: Option<i32>,
}

impl Plain {
    /// A stream of an open file.
    pub fn new(file: File) -> Plain {
        let seekable = file.seek(SeekFrom::Current(0)).is_ok();
        Plain { file, seekable, blocking: Cell::new(true), remove: None, standard: None }
    }

    /// One whose file goes with it.
    pub fn temporary(file: File, path: std::path::PathBuf) -> Plain {
        let mut plain = Plain::new(file);
        plain.remove = Some(path);
        plain
    }

    /// One of the process's own: 0, 1 or 2.
    pub fn standard(file: File, number: i32) -> Plain {
        let mut plain = Plain::new(file);
        plain.standard = Some(number);
        plain
    }

    /// The file.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        if let Some(path) = &self.remove {
            let _gone = std::fs::remove_file(path);
        }
    }
}

impl Backend for Plain {
    fn label(&self) -> &'static str {
        "STDIO"
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        let mut bytes = vec![0; count];
        Ok(match host(cx, "file", || self.file.read(&mut bytes))? {
            Ok(length) => {
                bytes.truncate(length);
                Ok(Chunk { end: length == 0, bytes })
            }
            Err(error) => Err(error),
        })
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        if self.standard.is_some() && cx.sapi.flush().is_err() {
            // The output's reader is gone; that is for the next output to find out.
        }
        host(cx, "file", || self.file.write(bytes))
    }

    fn seekable(&self) -> bool {
        self.seekable
    }

    fn seek(&self, _cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        Ok(self.file.seek(to).ok())
    }

    fn stat(&self, _cx: &mut Cx) -> Ret<Option<Stat>> {
        Ok(self.file.stat().ok().map(|m| Stat::from(&m)))
    }

    fn truncate(&self, _cx: &mut Cx, size: u64) -> Ret<Option<bool>> {
        Ok(Some(self.file.set_length(size).is_ok()))
    }

    fn can_truncate(&self, _cx: &mut Cx) -> Ret<bool> {
        Ok(true)
    }

    fn lock(&self, cx: &mut Cx, operation: i64) -> Ret<Option<Result<(), bool>>> {
        let lock = match operation & 3 {
            1 => Lock::Shared,
            2 => Lock::Exclusive,
            _ => Lock::None,
        };
        if operation & 4 != 0 {
            return Ok(Some(match self.file.try_lock(lock) {
                Ok(true) => Ok(()),
                Ok(false) => Err(true),
                Err(_) => Err(false),
            }));
        }
        Ok(Some(host(cx, "flock", || self.file.lock(lock))?.map_err(|_| false)))
    }

    fn lockable(&self, _cx: &mut Cx) -> Ret<bool> {
        Ok(true)
    }

    fn sync(&self, cx: &mut Cx, data_only: bool) -> Ret<Option<bool>> {
        Ok(Some(host(cx, "fsync", || self.file.sync(data_only))?.is_ok()))
    }

    fn set_blocking(&self, _cx: &mut Cx, blocking: bool) -> Ret<bool> {
        self.blocking.set(blocking);
        Ok(true)
    }

    fn set_buffer(&self, _cx: &mut Cx, _option: i64, _size: i64) -> Ret<i64> {
        Ok(-1)
    }

    fn status(&self) -> Option<(bool, bool)> {
        Some((false, self.blocking.get()))
    }

    fn always_ready(&self) -> bool {
        true
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.file.as_fd())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
