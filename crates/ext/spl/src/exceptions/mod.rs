//! The exceptions of SPL.

mod exceptions_stub;

pub(crate) use exceptions_stub::MODULE;
