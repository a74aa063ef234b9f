//! What stands behind a stream.

use outlast_host::HostError;
use outlast_host::pipe::Pollable;
use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret, Unwind};
use std::any::Any;
use std::io::{self, SeekFrom};
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// The result of a call that may run PHP code or stop the script, and may fail as the system says.
pub type Io<T> = Ret<Result<T, io::Error>>;

/// Some bytes, and whether the end was seen while they were read.
#[derive(Default)]
pub struct Chunk {
    /// What was read.
    pub bytes: Vec<u8>,
    /// There is no more.
    pub end: bool,
}

/// What `stat()` tells, in its order.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stat {
    /// dev, ino, mode, nlink, uid, gid, rdev, size, atime, mtime, ctime, blksize, blocks.
    pub fields: [i64; 13],
}

/// Names of the fields of [`Stat`].
pub const STAT_NAMES: [&str; 13] = [
    "dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "atime", "mtime", "ctime",
    "blksize", "blocks",
];

impl Stat {
    /// `st_mode`
    pub fn mode(&self) -> u32 {
        self.fields[2] as u32
    }

    /// The array that `stat()` returns.
    pub fn to_array(self) -> PhpArray {
        let mut array = PhpArray::with_hashed_capacity(26);
        for (at, value) in self.fields.iter().enumerate() {
            array.insert_int(at as i64, Value::Int(*value));
        }
        for (name, value) in STAT_NAMES.iter().zip(self.fields) {
            array.insert_str((*name).into(), Value::Int(value));
        }
        array
    }
}

impl From<&std::fs::Metadata> for Stat {
    fn from(m: &std::fs::Metadata) -> Stat {
        use std::os::unix::fs::MetadataExt;
        Stat {
            fields: [
                m.dev() as i64,
                m.ino() as i64,
                i64::from(m.mode()),
                m.nlink() as i64,
                i64::from(m.uid()),
                i64::from(m.gid()),
                m.rdev() as i64,
                m.size() as i64,
                m.atime(),
                m.mtime(),
                m.ctime(),
                m.blksize() as i64,
                m.blocks() as i64,
            ],
        }
    }
}

/// What stands behind a stream. All through `&self`: a user wrapper may touch its own stream.
pub trait Backend: Any {
    /// `stream_type` of `stream_get_meta_data`.
    fn label(&self) -> &'static str;
    /// Reads up to `count` bytes.
    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk>;
    /// Writes some bytes.
    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize>;
    /// Whether it can be positioned.
    fn seekable(&self) -> bool {
        false
    }
    /// Moves; the new position, or `None` if that failed.
    fn seek(&self, cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        let _ = (cx, to);
        Ok(None)
    }
    /// Hands on what it buffers itself.
    fn flush(&self, cx: &mut Cx) -> Ret<bool> {
        let _ = cx;
        Ok(true)
    }
    /// Closes it; called once.
    fn close(&self, cx: &mut Cx) -> Ret<()> {
        let _ = cx;
        Ok(())
    }
    /// `fstat()`
    fn stat(&self, cx: &mut Cx) -> Ret<Option<Stat>> {
        let _ = cx;
        Ok(None)
    }
    /// `ftruncate()`; `None`: it cannot be done at all.
    fn truncate(&self, cx: &mut Cx, size: u64) -> Ret<Option<bool>> {
        let _ = (cx, size);
        Ok(None)
    }
    /// Whether `truncate` can be done.
    fn can_truncate(&self, cx: &mut Cx) -> Ret<bool> {
        let _ = cx;
        Ok(false)
    }
    /// `flock()` with PHP's operation; `None`: it cannot be locked; `Some(Err(true))`: would block.
    fn lock(&self, cx: &mut Cx, operation: i64) -> Ret<Option<Result<(), bool>>> {
        let _ = (cx, operation);
        Ok(None)
    }
    /// Whether it can be locked.
    fn lockable(&self, cx: &mut Cx) -> Ret<bool> {
        let _ = cx;
        Ok(false)
    }
    /// `fsync()`; `None`: it has nothing to do with a disk.
    fn sync(&self, cx: &mut Cx, data_only: bool) -> Ret<Option<bool>> {
        let _ = (cx, data_only);
        Ok(None)
    }
    /// `stream_set_blocking()`; false: it cannot be changed.
    fn set_blocking(&self, cx: &mut Cx, blocking: bool) -> Ret<bool> {
        let _ = (cx, blocking);
        Ok(false)
    }
    /// `stream_set_timeout()`; false: it has none.
    fn set_timeout(&self, cx: &mut Cx, limit: Option<Duration>) -> Ret<bool> {
        let _ = (cx, limit);
        Ok(false)
    }
    /// `stream_set_write_buffer()` and its kin; the result PHP returns.
    fn set_buffer(&self, cx: &mut Cx, option: i64, size: i64) -> Ret<i64> {
        let _ = (cx, option, size);
        Ok(-1)
    }
    /// `timed_out`, `blocked` and `eof` of the meta data; `None`: none of the three is shown.
    fn status(&self) -> Option<(bool, bool)> {
        Some((false, true))
    }
    /// Whether the other side has closed, asked of sockets by `feof()`.
    fn hung_up(&self) -> bool {
        false
    }
    /// For `stream_select`.
    fn pollable(&self) -> Option<&dyn Pollable> {
        None
    }
    /// Always ready, as regular files are.
    fn always_ready(&self) -> bool {
        false
    }
    /// The descriptor, for children and `stream_isatty`.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
    /// Additional entries in front of the meta data.
    fn meta(&self) -> Vec<(String, Value)> {
        Vec::new()
    }
    /// `readdir()`
    fn entry(&self, cx: &mut Cx) -> Ret<Option<Vec<u8>>> {
        let _ = cx;
        Ok(None)
    }
    /// `rewinddir()`
    fn rewind_entries(&self, cx: &mut Cx) -> Ret<()> {
        let _ = cx;
        Ok(())
    }
    /// For downcasting.
    fn as_any(&self) -> &dyn Any;
}

/// Makes a call of the host that may park the script, which then waits for what `wait` names in one word.
pub fn host<T>(
    cx: &mut Cx,
    wait: &'static str,
    call: impl FnOnce() -> outlast_host::Result<T>,
) -> Io<T> {
    match cx.parked(wait, call)? {
        Ok(value) => Ok(Ok(value)),
        // What cut the wait short is acted on here. If it has gone meanwhile, there is no way on from here.
        Err(HostError::Interrupted) => Err(cx.interrupted().err().unwrap_or(Unwind::Fatal)),
        Err(HostError::TimedOut) => Ok(Err(io::ErrorKind::TimedOut.into())),
        Err(HostError::Io(error)) => Ok(Err(error)),
    }
}

/// The system's text for an error.
pub fn error_text(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => outlast_host::strerror(code),
        None => match error.kind() {
            io::ErrorKind::TimedOut => "Connection timed out".to_owned(),
            io::ErrorKind::InvalidInput => "Invalid argument".to_owned(),
            _ => error.to_string(),
        },
    }
}
