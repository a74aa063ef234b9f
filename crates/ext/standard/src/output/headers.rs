//! Headers of the response.

use outlast_text::http_date::{CookieAttributes, set_cookie};
use outlast_text::url::rawurlencode;
use outlast_value::{Key, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Callable, Cx, Ret};

#[path = "headers_stub.rs"]
mod headers_stub;
pub use headers_stub::MODULE;

/// `header()`
pub fn header(cx: &mut Cx, header: &PhpString, replace: bool, code: i64) -> Ret<()> {
    cx.header(header, replace, code)?;
    Ok(())
}

/// `header_remove()`
pub fn header_remove(cx: &mut Cx, name: Option<&PhpString>) -> Ret<()> {
    cx.header_remove(name.map(|name| name.as_bytes()))
}

/// `http_response_code()`
pub fn http_response_code(cx: &mut Cx, response_code: i64) -> Ret<Value> {
    cx.http_response_code(response_code)
}

/// `headers_sent()`
pub fn headers_sent(
    cx: &mut Cx,
    filename: Option<&Reference>,
    line: Option<&Reference>,
) -> Ret<bool> {
    let (sent, file, at) = cx.headers_sent();
    if let Some(filename) = filename {
        filename.set(Value::Str(file));
    }
    if let Some(line) = line {
        line.set(Value::Int(i64::from(at)));
    }
    Ok(sent)
}

/// `headers_list()`
pub fn headers_list(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(cx.headers_list())
}

/// `header_register_callback()`
pub fn header_register_callback(cx: &mut Cx, callback: &Callable) -> Ret<bool> {
    let value = callback_value(callback);
    cx.header_register_callback(value);
    Ok(true)
}

/// A value that calls the same again.
pub fn callback_value(callback: &Callable) -> Value {
    if let Some(closure) = &callback.closure {
        return Value::Object(closure.clone());
    }
    let name = callback.magic_name.clone().unwrap_or_else(|| callback.func.name.clone());
    if let Some(this) = &callback.this {
        return Value::Array(PhpArray::from_list(vec![
            Value::Object(this.clone()),
            Value::Str(name),
        ]));
    }
    match callback.static_class {
        Some(class) => Value::Array(PhpArray::from_list(vec![
            Value::str(class.display_name()),
            Value::Str(name),
        ])),
        None => Value::Str(name),
    }
}

/// What a cookie carries, from the arguments or the array of options.
struct Options {
    expires: i64,
    path: PhpString,
    domain: PhpString,
    same_site: PhpString,
    secure: bool,
    http_only: bool,
}

const FORBIDDEN: &str = "\",\", \";\", \" \", \"\\t\", \"\\r\", \"\\n\", \"\\013\", or \"\\014\"";

fn has_forbidden(bytes: &[u8], also: &[u8]) -> bool {
    bytes.iter().any(|b| b",; \t\r\n\x0b\x0c".contains(b) || also.contains(b))
}

fn read_options(cx: &mut Cx, array: &PhpArray, options: &mut Options) -> Ret<()> {
    for (key, value) in array.iter() {
        let value = value.deref();
        let Key::Str(key) = key else {
            cx.warning("option array cannot have numeric keys")?;
            continue;
        };
        match key.to_ascii_lowercase().as_slice() {
            b"expires" => options.expires = cx.to_int(&value)?,
            b"path" => options.path = cx.to_str(&value)?,
            b"domain" => options.domain = cx.to_str(&value)?,
            b"secure" => options.secure = value.truthy(),
            b"httponly" => options.http_only = value.truthy(),
            b"samesite" => options.same_site = cx.to_str(&value)?,
            _ => {
                let shown = key.to_str_lossy().into_owned();
                cx.warning(format!("option \"{shown}\" is invalid"))?;
            }
        }
    }
    Ok(())
}

struct Cookie<'a> {
    name: &'a PhpString,
    value: &'a PhpString,
    expires_or_options: &'a Value,
    path: &'a PhpString,
    domain: &'a PhpString,
    secure: bool,
    http_only: bool,
}

fn send(cx: &mut Cx, cookie: Cookie<'_>, raw: bool) -> Ret<bool> {
    let mut options = Options {
        expires: 0,
        path: cookie.path.clone(),
        domain: cookie.domain.clone(),
        same_site: PhpString::empty(),
        secure: cookie.secure,
        http_only: cookie.http_only,
    };
    match cookie.expires_or_options {
        Value::Array(array) => read_options(cx, array, &mut options)?,
        other => options.expires = cx.to_int(other)?,
    }
    if cookie.name.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if has_forbidden(cookie.name, b"=") {
        return Err(cx.arg_value_error(1, &format!("cannot contain \"=\", {FORBIDDEN}")));
    }
    if raw && has_forbidden(cookie.value, b"") {
        return Err(cx.arg_value_error(2, &format!("cannot contain {FORBIDDEN}")));
    }
    let name = crate::stream::registry::running_function(cx);
    let is_array = matches!(cookie.expires_or_options, Value::Array(_));
    for (option, bytes, n) in [
        ("path", &options.path, 4),
        ("domain", &options.domain, 5),
        ("samesite", &options.same_site, 0),
    ] {
        if has_forbidden(bytes, b"") {
            return Err(if is_array || n == 0 {
                cx.throw_value_error(format!(
                    "{name}(): \"{option}\" option cannot contain {FORBIDDEN}"
                ))
            } else {
                cx.arg_value_error(n, &format!("cannot contain {FORBIDDEN}"))
            });
        }
    }
    // The year must have four digits.
    if options.expires >= 253_402_300_800 {
        return Err(if is_array {
            cx.throw_value_error(format!(
                "{name}(): \"expires\" option cannot have a year greater than 9999"
            ))
        } else {
            cx.arg_value_error(3, "cannot have a year greater than 9999")
        });
    }
    let value = if raw { cookie.value.to_vec() } else { rawurlencode(cookie.value) };
    let attributes = CookieAttributes {
        expires: options.expires,
        path: &options.path,
        domain: &options.domain,
        secure: options.secure,
        http_only: options.http_only,
        same_site: &options.same_site,
    };
    let now = outlast_host::clock::wall().as_secs() as i64;
    let line = set_cookie(cookie.name, &value, attributes, now);
    cx.header(&[b"Set-Cookie: ", &line[..]].concat(), false, 0)
}

/// `setcookie()`
#[expect(clippy::too_many_arguments, reason = "PHP's parameters")]
pub fn setcookie(
    cx: &mut Cx,
    name: &PhpString,
    value: &PhpString,
    expires_or_options: &Value,
    path: &PhpString,
    domain: &PhpString,
    secure: bool,
    httponly: bool,
) -> Ret<bool> {
    let cookie =
        Cookie { name, value, expires_or_options, path, domain, secure, http_only: httponly };
    send(cx, cookie, false)
}

/// `setrawcookie()`
#[expect(clippy::too_many_arguments, reason = "PHP's parameters")]
pub fn setrawcookie(
    cx: &mut Cx,
    name: &PhpString,
    value: &PhpString,
    expires_or_options: &Value,
    path: &PhpString,
    domain: &PhpString,
    secure: bool,
    httponly: bool,
) -> Ret<bool> {
    let cookie =
        Cookie { name, value, expires_or_options, path, domain, secure, http_only: httponly };
    send(cx, cookie, true)
}
