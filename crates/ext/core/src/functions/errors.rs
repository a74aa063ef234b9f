//! Functions about errors, their handlers and the stack.

use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::errors::backtrace_options;
use outlast_vm::{Callable, Cx, Ret, level};

pub(super) fn error_reporting(cx: &mut Cx, levels: Option<i64>) -> Ret<i64> {
    let before = i64::from(cx.ini.error_reporting());
    if let Some(levels) = levels {
        cx.ini.set_error_reporting(levels as u32);
    }
    Ok(before)
}

pub(super) fn trigger_error(cx: &mut Cx, message: &PhpString, error_level: i64) -> Ret<bool> {
    const USER: [u32; 4] =
        [level::USER_ERROR, level::USER_WARNING, level::USER_NOTICE, level::USER_DEPRECATED];
    let Some(error_level) = USER.into_iter().find(|l| i64::from(*l) == error_level) else {
        return Err(cx.arg_value_error(
            2,
            "must be one of E_USER_ERROR, E_USER_WARNING, E_USER_NOTICE, or E_USER_DEPRECATED",
        ));
    };
    if error_level == level::USER_ERROR {
        cx.raise_deprecated(
            "Passing E_USER_ERROR to trigger_error() is deprecated since 8.4, throw an exception \
             or call exit with a string message instead",
        )?;
    }
    cx.raise(error_level, message)?;
    Ok(true)
}

pub(super) fn set_error_handler(
    cx: &mut Cx,
    callback: Option<&Callable>,
    levels: i64,
) -> Ret<Value> {
    let callback = callback.map(|_| cx.native_argument(0));
    Ok(cx.set_error_handler(callback, levels as u32))
}

pub(super) fn restore_error_handler(cx: &mut Cx) -> Ret<bool> {
    cx.restore_error_handler();
    Ok(true)
}

pub(super) fn set_exception_handler(cx: &mut Cx, callback: Option<&Callable>) -> Ret<Value> {
    let callback = callback.map(|_| cx.native_argument(0));
    Ok(cx.set_exception_handler(callback))
}

pub(super) fn restore_exception_handler(cx: &mut Cx) -> Ret<bool> {
    cx.restore_exception_handler();
    Ok(true)
}

pub(super) fn debug_backtrace(cx: &mut Cx, options: i64, limit: i64) -> Ret<PhpArray> {
    Ok(cx.debug_backtrace(options, limit.max(0) as usize))
}

pub(super) fn debug_print_backtrace(cx: &mut Cx, options: i64, limit: i64) -> Ret<()> {
    let options = options & !backtrace_options::PROVIDE_OBJECT;
    let trace = cx.debug_backtrace(options, limit.max(0) as usize);
    let text = cx.trace_lines(&trace)?;
    cx.echo(&text)
}
