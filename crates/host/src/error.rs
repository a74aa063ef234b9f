//! How calls to the system fail.

use outlast_fiber::Interrupted;
use std::{fmt, io};

/// A call that failed.
#[derive(Debug)]
pub enum HostError {
    /// The script must stop; unwind, do not report.
    Interrupted,
    /// It took longer than allowed.
    TimedOut,
    /// The system says no.
    Io(io::Error),
}

/// The result of a call that may park.
pub type Result<T> = std::result::Result<T, HostError>;

impl HostError {
    /// The system's error number, if it has one.
    pub fn code(&self) -> Option<i32> {
        match self {
            HostError::Io(error) => error.raw_os_error(),
            HostError::TimedOut => Some(libc::ETIMEDOUT),
            HostError::Interrupted => None,
        }
    }

    /// The text that C's `strerror` has for it.
    pub fn text(&self) -> String {
        match self.code() {
            Some(code) => strerror(code),
            None => self.to_string(),
        }
    }
}

/// The system's text for an error number, as PHP's messages quote it.
pub fn strerror(code: i32) -> String {
    let text = io::Error::from_raw_os_error(code).to_string();
    text.rfind(" (os error").map_or(text.clone(), |end| text[..end].to_owned())
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::Interrupted => f.write_str("interrupted"),
            HostError::TimedOut => f.write_str("timed out"),
            HostError::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HostError {}

impl From<io::Error> for HostError {
    fn from(error: io::Error) -> HostError {
        HostError::Io(error)
    }
}

impl From<Interrupted> for HostError {
    fn from(_: Interrupted) -> HostError {
        HostError::Interrupted
    }
}
