//! Pipes of child processes.

use super::backend::{Backend, Chunk, Io, Stat, host};
use outlast_host::pipe::Pollable;
use outlast_host::process::{Child, PipeEnd};
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io;

/// Our end of a pipe.
pub struct Pipe {
    end: PipeEnd,
    blocking: Cell<bool>,
    /// Whose pipe it is (`popen()`).
    pub child: RefCell<Option<Child>>,
}

impl Pipe {
    /// A stream of a pipe's end.
    pub fn new(end: PipeEnd, child: Option<Child>) -> Pipe {
        Pipe { end, blocking: Cell::new(true), child: RefCell::new(child) }
    }
}

impl Backend for Pipe {
    fn label(&self) -> &'static str {
        "STDIO"
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        let PipeEnd::Read(end) = &self.end else {
            return Ok(Err(io::Error::from_raw_os_error(9)));
        };
        let mut bytes = vec![0; count];
        let read = if self.blocking.get() {
            host(cx, "pipe", || end.read(&mut bytes, None))?
        } else {
            end.try_read(&mut bytes)
        };
        Ok(read.map(|length| {
            bytes.truncate(length);
            Chunk { end: length == 0, bytes }
        }))
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        let PipeEnd::Write(end) = &self.end else {
            return Ok(Err(io::Error::from_raw_os_error(9)));
        };
        if self.blocking.get() {
            host(cx, "pipe", || end.write(bytes, None))
        } else {
            Ok(end.try_write(bytes))
        }
    }

    fn stat(&self, _cx: &mut Cx) -> Ret<Option<Stat>> {
        let mut stat = Stat::default();
        stat.fields[2] = 0o010_600;
        stat.fields[3] = 1;
        stat.fields[11] = 4096;
        Ok(Some(stat))
    }

    fn set_blocking(&self, _cx: &mut Cx, blocking: bool) -> Ret<bool> {
        self.blocking.set(blocking);
        Ok(true)
    }

    fn status(&self) -> Option<(bool, bool)> {
        Some((false, self.blocking.get()))
    }

    fn pollable(&self) -> Option<&dyn Pollable> {
        Some(match &self.end {
            PipeEnd::Read(end) => end,
            PipeEnd::Write(end) => end,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
