//! A BLOB as a stream.

use crate::blob::Blob;
use outlast_ext_standard::stream::{Backend, Chunk, Io, Make, Stat, Stream};
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::{self, SeekFrom};
use std::rc::Rc;

struct BlobBackend {
    /// `None` once closed.
    blob: RefCell<Option<Rc<Blob>>>,
    label: &'static str,
    position: Cell<usize>,
    writable: bool,
}

/// The resource of a stream over a BLOB.
pub fn blob_stream(cx: &mut Cx, blob: Blob, label: &'static str, writable: bool) -> Value {
    let backend = Rc::new(BlobBackend {
        blob: RefCell::new(Some(Rc::new(blob))),
        label,
        position: Cell::new(0),
        writable,
    });
    let mode = if writable { b"r+b".as_slice() } else { b"rb" };
    Stream::new(cx, Make { backend, wrapper: "", mode, uri: None }).into_value(cx)
}

impl BlobBackend {
    fn blob(&self) -> Option<Rc<Blob>> {
        self.blob.borrow().clone()
    }
}

fn refused() -> io::Error {
    io::Error::other("SQLite refused")
}

impl Backend for BlobBackend {
    fn label(&self) -> &'static str {
        self.label
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        let Some(blob) = self.blob() else { return Ok(Err(refused())) };
        let at = self.position.get();
        let left = blob.size().saturating_sub(at);
        let count = count.min(left);
        if count == 0 {
            return Ok(Ok(Chunk { bytes: Vec::new(), end: true }));
        }
        match blob.read(cx, at, count)? {
            Ok(bytes) => {
                self.position.set(at + count);
                Ok(Ok(Chunk { bytes, end: count == left }))
            }
            Err(_) => Ok(Err(refused())),
        }
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        if !self.writable {
            cx.warning("Can't write to blob stream: is open as read only")?;
            return Ok(Err(refused()));
        }
        let Some(blob) = self.blob() else { return Ok(Err(refused())) };
        let at = self.position.get();
        if at + bytes.len() > blob.size() {
            cx.warning("It is not possible to increase the size of a BLOB")?;
            return Ok(Err(refused()));
        }
        if blob.write(cx, at, bytes)? != crate::codes::SQLITE_OK {
            return Ok(Err(refused()));
        }
        self.position.set(at + bytes.len());
        Ok(Ok(bytes.len()))
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, _: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        let Some(blob) = self.blob() else { return Ok(None) };
        let size = blob.size() as i64;
        let to = match to {
            SeekFrom::Start(at) => at as i64,
            SeekFrom::Current(by) => self.position.get() as i64 + by,
            SeekFrom::End(by) => size + by,
        };
        if !(0..=size).contains(&to) {
            self.position.set(if to < 0 { 0 } else { size as usize });
            return Ok(None);
        }
        self.position.set(to as usize);
        Ok(Some(to as u64))
    }

    fn stat(&self, _: &mut Cx) -> Ret<Option<Stat>> {
        let mut stat = Stat::default();
        stat.fields[7] = self.blob().map_or(0, |blob| blob.size() as i64);
        Ok(Some(stat))
    }

    fn close(&self, _: &mut Cx) -> Ret<()> {
        drop(self.blob.borrow_mut().take());
        Ok(())
    }

    fn always_ready(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
