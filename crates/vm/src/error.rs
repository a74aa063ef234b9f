//! How a script is unwound.

use outlast_lifecycle::Stop;

/// Why execution does not go on in the ordinary way.
///
/// The thrown object itself is in [`crate::Cx::exception`]. Everything but `Throw` unwinds past
/// `catch` and `finally`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwind {
    /// An exception was thrown.
    Throw,
    /// `exit`
    Exit,
    /// A fatal error was reported (PHP's bailout).
    Fatal,
    /// The client went, a time limit passed or somebody stopped the script.
    Stop(Stop),
    /// A fiber is being destroyed, or a suspended generator: its frames unwind with `finally` but
    /// nothing is caught.
    Destroy,
}

/// The result of whatever may run PHP code or raise an error.
pub type Ret<T> = Result<T, Unwind>;

/// Error levels.
pub mod level {
    pub const ERROR: u32 = 1;
    pub const WARNING: u32 = 2;
    pub const PARSE: u32 = 4;
    pub const NOTICE: u32 = 8;
    pub const CORE_ERROR: u32 = 16;
    pub const CORE_WARNING: u32 = 32;
    pub const COMPILE_ERROR: u32 = 64;
    pub const COMPILE_WARNING: u32 = 128;
    pub const USER_ERROR: u32 = 256;
    pub const USER_WARNING: u32 = 512;
    pub const USER_NOTICE: u32 = 1024;
    pub const STRICT: u32 = 2048;
    pub const RECOVERABLE_ERROR: u32 = 4096;
    pub const DEPRECATED: u32 = 8192;
    pub const USER_DEPRECATED: u32 = 16384;
    pub const ALL: u32 = 30719;
}
