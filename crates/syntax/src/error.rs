//! Errors and notices of the parser.

use std::fmt;

/// Which class of error PHP raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `ParseError`, shown as `PHP Parse error: ...`.
    Parse,
    /// `CompileError`, shown as `PHP Fatal error: ...`.
    Compile,
}

/// Why a file cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The message without a prefix.
    pub message: Vec<u8>,
    /// The line PHP reports.
    pub line: u32,
    /// Its class.
    pub kind: ErrorKind,
    /// What was noticed before it.
    pub notices: Vec<Notice>,
}

impl ParseError {
    /// A `ParseError`.
    pub fn parse(message: impl Into<Vec<u8>>, line: u32) -> Self {
        ParseError { message: message.into(), line, kind: ErrorKind::Parse, notices: Vec::new() }
    }

    /// A `CompileError`.
    pub fn compile(message: impl Into<Vec<u8>>, line: u32) -> Self {
        ParseError { message: message.into(), line, kind: ErrorKind::Compile, notices: Vec::new() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on line {}", String::from_utf8_lossy(&self.message), self.line)
    }
}

impl std::error::Error for ParseError {}

/// How PHP reports a [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeLevel {
    /// `E_COMPILE_WARNING`
    Warning,
    /// `E_DEPRECATED`
    Deprecated,
}

/// A diagnostic raised while parsing that does not stop it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its level.
    pub level: NoticeLevel,
    /// The message.
    pub message: String,
    /// The line PHP reports.
    pub line: u32,
    /// Offset of the expression that it is about, where PHP reports it as it compiles that one.
    pub at: Option<u32>,
}
