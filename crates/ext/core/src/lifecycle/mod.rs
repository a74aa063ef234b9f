//! Functions about the connection and the end of the script (manual: features.connection-handling).

mod finish_stub;
mod lifecycle_stub;

pub(crate) static MODULES: [&NativeModule; 2] = [&lifecycle_stub::MODULE, &finish_stub::MODULE];

use outlast_value::Value;
use outlast_vm::{Callable, Cx, NativeModule, Ret};

/// The bit of `connection_status()` that says the client went.
const ABORTED: u32 = 1;

fn connection_status(cx: &mut Cx) -> Ret<i64> {
    Ok(i64::from(cx.lifecycle.connection_status()))
}

fn connection_aborted(cx: &mut Cx) -> Ret<i64> {
    Ok(i64::from(cx.lifecycle.connection_status() & ABORTED))
}

fn ignore_user_abort(cx: &mut Cx, enable: Option<bool>) -> Ret<i64> {
    let before = match enable {
        Some(enable) => cx.lifecycle.set_ignore_user_abort(enable),
        None => cx.lifecycle.ignore_user_abort(),
    };
    Ok(i64::from(before))
}

fn register_shutdown_function(cx: &mut Cx, callback: &Callable, args: &[Value]) -> Ret<()> {
    let callback = as_found(cx, callback);
    cx.register_shutdown_function(callback, args.to_vec());
    Ok(())
}

/// The callable as a value that means the same from any scope.
pub(crate) fn as_found(cx: &mut Cx, callable: &Callable) -> Value {
    Value::Object(match callable.clone() {
        Callable { closure: Some(closure), .. } => closure,
        Callable { func, this, static_class, closure: None, magic_name } => {
            cx.closure_of(func, this, static_class, magic_name)
        }
    })
}

fn set_time_limit(cx: &mut Cx, seconds: i64) -> Ret<bool> {
    cx.lifecycle.set_time_limit(u64::try_from(seconds).unwrap_or(0));
    Ok(true)
}

fn flush(cx: &mut Cx) -> Ret<()> {
    cx.flush()
}

fn fastcgi_finish_request(cx: &mut Cx) -> Ret<bool> {
    cx.finish_request()
}
