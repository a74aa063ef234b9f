//! `php://output`, and standard output and error of a script that is not on the command line.

use super::backend::{Backend, Chunk, Io};
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::io;

/// Writes to the script's output.
pub struct Output;

impl Backend for Output {
    fn label(&self) -> &'static str {
        "Output"
    }

    fn read(&self, _cx: &mut Cx, _count: usize) -> Io<Chunk> {
        Ok(Err(io::Error::from_raw_os_error(9)))
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        cx.echo(bytes)?;
        Ok(Ok(bytes.len()))
    }

    fn flush(&self, _cx: &mut Cx) -> Ret<bool> {
        Ok(true)
    }

    fn status(&self) -> Option<(bool, bool)> {
        Some((false, true))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
