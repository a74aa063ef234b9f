//! What the parser complains about.

/// How bad an error is, with libxml2's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The document can be used.
    Warning = 1,
    /// It can be used, but means less than it says.
    Error = 2,
    /// It is not well-formed.
    Fatal = 3,
}

/// One complaint.
#[derive(Debug, Clone)]
pub struct XmlError {
    /// How bad it is.
    pub level: Level,
    /// libxml2's number of the error (`xmlParserErrors`).
    pub code: i64,
    /// The text, with the newline at its end.
    pub message: Vec<u8>,
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}
