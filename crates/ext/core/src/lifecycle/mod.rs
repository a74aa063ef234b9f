//! Functions about the connection and the end of the script (manual: features.connection-handling).

mod finish_stub;
mod lifecycle_stub;

pub(crate) static MODULES: [&NativeModule; 2] = [&lifecycle_stub::MODULE, &finish_stub::MODULE];

use outlast_value::{PhpArray, PhpString, Value};
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
    let before = cx.lifecycle.ignore_user_abort();
    if let Some(enable) = enable {
        // A value that the administrator fixed stays, in silence.
        cx.ini_set(b"ignore_user_abort", PhpString::from(if enable { "1" } else { "0" }))?;
    }
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
    let value = PhpString::from(seconds.to_string());
    Ok(cx.ini_set(b"max_execution_time", value)?.is_some())
}

fn flush(cx: &mut Cx) -> Ret<()> {
    cx.flush()
}

fn fastcgi_finish_request(cx: &mut Cx) -> Ret<bool> {
    cx.finish_request()
}

fn apache_request_headers(cx: &mut Cx) -> Ret<PhpArray> {
    let mut headers = PhpArray::new();
    for (name, value) in cx.sapi.request_headers() {
        headers.insert_key_str(PhpString::from(name.as_bytes()), Value::str(&value));
    }
    Ok(headers)
}

fn getallheaders(cx: &mut Cx) -> Ret<PhpArray> {
    apache_request_headers(cx)
}

fn apache_response_headers(cx: &mut Cx) -> Ret<PhpArray> {
    let mut headers = PhpArray::new();
    for line in cx.headers_list().values() {
        let Value::Str(line) = line else { continue };
        let mut parts = line.as_bytes().splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        headers.insert_key_str(PhpString::from(name), Value::str(value.trim_ascii_start()));
    }
    Ok(headers)
}
