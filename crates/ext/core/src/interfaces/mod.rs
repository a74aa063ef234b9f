//! The interfaces that the engine knows, and `stdClass`.

mod interfaces_stub;

pub(crate) use interfaces_stub::MODULE;
