//! The errors and exceptions of the extension.

mod exceptions_stub;

pub(crate) use exceptions_stub::MODULE;
