//! What stops a compilation.

use outlast_bytecode::Unit;
use std::sync::Arc;

/// An error PHP reports as `Fatal error` while compiling.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// The text.
    pub message: Vec<u8>,
    /// The line it is reported for.
    pub line: u32,
    /// What was compiled before it: [`Unit::early`] comes first, and may fail itself.
    pub before: Option<Arc<Unit>>,
}

/// An error of parsing or compiling.
#[derive(Clone, Debug)]
pub enum Error {
    /// `PHP Parse error`
    Parse(CompileError),
    /// `PHP Fatal error`
    Compile(CompileError),
}

impl From<CompileError> for Error {
    fn from(e: CompileError) -> Self {
        Error::Compile(e)
    }
}

/// Result of compiling.
pub(crate) type R<T> = Result<T, CompileError>;

/// A piece of a message.
pub(crate) trait Piece {
    fn put(&self, out: &mut Vec<u8>);
}
impl Piece for [u8] {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}
impl Piece for str {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}
impl Piece for Vec<u8> {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}
impl Piece for Box<[u8]> {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}
impl Piece for outlast_syntax::ast::Bytes {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}
impl Piece for u32 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
    }
}
impl Piece for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.to_string().as_bytes());
    }
}
impl<T: Piece + ?Sized> Piece for &T {
    fn put(&self, out: &mut Vec<u8>) {
        (**self).put(out);
    }
}

/// Joins pieces of bytes, text and numbers.
macro_rules! cat {
    ($($piece:expr),+ $(,)?) => {{
        let mut out: Vec<u8> = Vec::new();
        $($crate::error::Piece::put(&$piece, &mut out);)+
        out
    }};
}
/// Returns a compile error for the current line.
macro_rules! fail {
    ($c:expr, $($piece:expr),+ $(,)?) => {{
        let message = $crate::error::cat!($($piece),+);
        return Err($c.error(message))
    }};
}
pub(crate) use cat;
pub(crate) use fail;
