//! `php://memory`, `php://temp` and what `data:` URLs hold.

use super::backend::{Backend, Chunk, Io, Stat};
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io::{self, SeekFrom};

/// Bytes in memory.
pub struct Memory {
    label: &'static str,
    bytes: RefCell<Vec<u8>>,
    position: Cell<usize>,
    readonly: bool,
    append: bool,
    meta: Vec<(String, Value)>,
}

impl Memory {
    /// `MEMORY` or `TEMP`.
    pub fn new(label: &'static str, readonly: bool, append: bool) -> Memory {
        Memory {
            label,
            bytes: RefCell::default(),
            position: Cell::new(0),
            readonly,
            append,
            meta: Vec::new(),
        }
    }

    /// One that begins with bytes.
    pub fn holding(
        label: &'static str,
        bytes: Vec<u8>,
        readonly: bool,
        meta: Vec<(String, Value)>,
    ) -> Memory {
        Memory { bytes: RefCell::new(bytes), meta, ..Memory::new(label, readonly, false) }
    }
}

impl Backend for Memory {
    fn label(&self) -> &'static str {
        self.label
    }

    fn read(&self, _cx: &mut Cx, count: usize) -> Io<Chunk> {
        let bytes = self.bytes.borrow();
        let at = self.position.get();
        if at >= bytes.len() {
            return Ok(Ok(Chunk { bytes: Vec::new(), end: true }));
        }
        let end = at.saturating_add(count).min(bytes.len());
        self.position.set(end);
        Ok(Ok(Chunk {
            bytes: bytes[at..end].to_vec(),
            end: self.label != "MEMORY" && end == bytes.len(),
        }))
    }

    fn write(&self, _cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        if self.readonly {
            return Ok(Err(io::Error::from_raw_os_error(9)));
        }
        let mut all = self.bytes.borrow_mut();
        let at = if self.append { all.len() } else { self.position.get() };
        if at > all.len() {
            all.resize(at, 0);
        }
        let end = at + bytes.len();
        if end > all.len() {
            all.resize(end, 0);
        }
        all[at..end].copy_from_slice(bytes);
        self.position.set(end);
        Ok(Ok(bytes.len()))
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, _cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        let length = self.bytes.borrow().len() as i64;
        let to = match to {
            SeekFrom::Start(at) => at as i64,
            SeekFrom::Current(by) => self.position.get() as i64 + by,
            SeekFrom::End(by) => length + by,
        };
        if to < 0 {
            self.position.set(0);
            return Ok(None);
        }
        self.position.set(to as usize);
        Ok(Some(to as u64))
    }

    fn stat(&self, _cx: &mut Cx) -> Ret<Option<Stat>> {
        let mut stat = Stat::default();
        stat.fields[0] = 0xC;
        stat.fields[2] = if self.readonly { 0o100_444 } else { 0o100_666 };
        stat.fields[3] = 1;
        stat.fields[6] = -1;
        stat.fields[7] = self.bytes.borrow().len() as i64;
        stat.fields[11] = -1;
        stat.fields[12] = -1;
        Ok(Some(stat))
    }

    fn truncate(&self, cx: &mut Cx, size: u64) -> Ret<Option<bool>> {
        if self.readonly {
            return Ok(Some(false));
        }
        let mut bytes = self.bytes.borrow_mut();
        let more = (size as usize).saturating_sub(bytes.len());
        if !cx.heap.has_room(more) || bytes.try_reserve_exact(more).is_err() {
            return Err(cx.memory_exhausted(more));
        }
        bytes.resize(size as usize, 0);
        if self.position.get() > size as usize {
            self.position.set(size as usize);
        }
        Ok(Some(true))
    }

    fn can_truncate(&self, _cx: &mut Cx) -> Ret<bool> {
        Ok(true)
    }

    fn status(&self) -> Option<(bool, bool)> {
        (self.label == "MEMORY").then_some((false, true))
    }

    fn always_ready(&self) -> bool {
        true
    }

    fn meta(&self) -> Vec<(String, Value)> {
        self.meta.clone()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
