//! The error that `preg_last_error` tells.

use crate::engine;
use outlast_vm::Cx;

/// `PREG_*_ERROR`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PregError {
    #[default]
    None = 0,
    Internal = 1,
    BacktrackLimit = 2,
    RecursionLimit = 3,
    BadUtf8 = 4,
    BadUtf8Offset = 5,
    JitStackLimit = 6,
}

impl PregError {
    /// What an error of the engine is to PHP.
    pub fn of_engine(code: i32) -> PregError {
        match code {
            engine::PCRE2_ERROR_MATCHLIMIT => PregError::BacktrackLimit,
            engine::PCRE2_ERROR_DEPTHLIMIT => PregError::RecursionLimit,
            engine::PCRE2_ERROR_BADUTFOFFSET => PregError::BadUtf8Offset,
            engine::PCRE2_ERROR_JIT_STACKLIMIT => PregError::JitStackLimit,
            engine::PCRE2_ERROR_UTF8_ERR21..=engine::PCRE2_ERROR_UTF8_ERR1 => PregError::BadUtf8,
            _ => PregError::Internal,
        }
    }

    /// What `preg_last_error_msg()` says.
    pub fn message(self) -> &'static str {
        match self {
            PregError::None => "No error",
            PregError::Internal => "Internal error",
            PregError::BacktrackLimit => "Backtrack limit exhausted",
            PregError::RecursionLimit => "Recursion limit exhausted",
            PregError::BadUtf8 => "Malformed UTF-8 characters, possibly incorrectly encoded",
            PregError::BadUtf8Offset => {
                "The offset did not correspond to the beginning of a valid UTF-8 code point"
            }
            PregError::JitStackLimit => "JIT stack limit exhausted",
        }
    }
}

#[derive(Default)]
struct LastError(PregError);

/// The error of the last call.
pub fn last(cx: &mut Cx) -> PregError {
    cx.state::<LastError>().0
}

/// Keeps an error for `preg_last_error`.
pub fn set(cx: &mut Cx, error: PregError) {
    cx.state::<LastError>().0 = error;
}
