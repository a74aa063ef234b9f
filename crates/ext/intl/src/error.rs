//! The last error, by ICU's numbers.

use outlast_vm::{Cx, Ret};

pub(crate) const ILLEGAL_ARGUMENT: i64 = 1;
pub(crate) const INVALID_CHAR: i64 = 10;

/// What `intl_get_error_code()` tells.
#[derive(Default)]
struct LastError {
    code: i64,
    message: &'static str,
}

/// Notes an error.
pub(crate) fn set(cx: &mut Cx, code: i64, message: &'static str) {
    *cx.state::<LastError>() = LastError { code, message };
}

/// Forgets the last error, as each function does at its start.
pub(crate) fn reset(cx: &mut Cx) {
    *cx.state::<LastError>() = LastError::default();
}

fn name(code: i64) -> &'static str {
    match code {
        0 => "U_ZERO_ERROR",
        ILLEGAL_ARGUMENT => "U_ILLEGAL_ARGUMENT_ERROR",
        INVALID_CHAR => "U_INVALID_CHAR_FOUND",
        _ => "[BOGUS UErrorCode]",
    }
}

pub(crate) fn intl_get_error_code(cx: &mut Cx) -> Ret<i64> {
    Ok(cx.state::<LastError>().code)
}

pub(crate) fn intl_get_error_message(cx: &mut Cx) -> Ret<String> {
    let error = cx.state::<LastError>();
    Ok(match error.code {
        0 => name(0).to_owned(),
        code => format!("{}: {}", error.message, name(code)),
    })
}

pub(crate) fn intl_is_failure(_cx: &mut Cx, code: i64) -> Ret<bool> {
    Ok(code > 0)
}

pub(crate) fn intl_error_name(_cx: &mut Cx, code: i64) -> Ret<&'static str> {
    Ok(name(code))
}
