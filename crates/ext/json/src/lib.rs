//! PHP's extension `json` (manual: book.json).

mod decode;
mod encode;
mod error;
mod json_stub;

use error::JsonError;
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, NativeModule, OrFalse, Ret};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&json_stub::MODULE];

/// Flags of the functions, as the stub's constants.
mod flags {
    pub const HEX_TAG: i64 = 1;
    pub const HEX_AMP: i64 = 2;
    pub const HEX_APOS: i64 = 4;
    pub const HEX_QUOT: i64 = 8;
    pub const FORCE_OBJECT: i64 = 16;
    pub const NUMERIC_CHECK: i64 = 32;
    pub const UNESCAPED_SLASHES: i64 = 64;
    pub const PRETTY_PRINT: i64 = 128;
    pub const UNESCAPED_UNICODE: i64 = 256;
    pub const PARTIAL_OUTPUT: i64 = 512;
    pub const ZERO_FRACTION: i64 = 1024;
    pub const LINE_TERMINATORS: i64 = 2048;
    pub const OBJECT_AS_ARRAY: i64 = 1;
    pub const BIGINT_AS_STRING: i64 = 2;
    pub const INVALID_IGNORE: i64 = 1 << 20;
    pub const INVALID_SUBSTITUTE: i64 = 1 << 21;
    pub const THROW: i64 = 1 << 22;
}

/// The error that `json_last_error` tells.
#[derive(Default)]
struct LastError(JsonError);

fn settle(cx: &mut Cx, flags: i64, error: JsonError) -> Ret<()> {
    if flags & flags::THROW != 0 {
        if error != JsonError::None {
            return Err(cx.throw_with_code("JsonException", error.message(), error as i64));
        }
    } else {
        cx.state::<LastError>().0 = error;
    }
    Ok(())
}

fn json_encode(cx: &mut Cx, value: &Value, flags: i64, depth: i64) -> Ret<OrFalse<PhpString>> {
    let mut encoder = encode::Encoder::new(flags, depth);
    let open = cx.state::<encode::OpenContainers>().0.len();
    let result = encoder.value(cx, value);
    cx.state::<encode::OpenContainers>().0.truncate(open);
    result?;
    let error = encoder.error;
    let partial = flags & flags::PARTIAL_OUTPUT != 0;
    settle(cx, if partial { flags & !flags::THROW } else { flags }, error)?;
    if error != JsonError::None && !partial {
        return Ok(OrFalse(None));
    }
    Ok(OrFalse(Some(PhpString::from(encoder.out))))
}

fn json_decode(
    cx: &mut Cx,
    json: &PhpString,
    associative: Option<bool>,
    depth: i64,
    flags: i64,
) -> Ret<Value> {
    if flags & flags::THROW == 0 {
        cx.state::<LastError>().0 = JsonError::None;
    }
    if json.is_empty() {
        settle(cx, flags, JsonError::Syntax)?;
        return Ok(Value::Null);
    }
    check_depth(cx, depth, 3)?;
    let arrays = associative.unwrap_or(flags & flags::OBJECT_AS_ARRAY != 0);
    match decode::decode(cx, json, arrays, depth as usize, flags)? {
        Ok(v) => Ok(v),
        Err(e) => {
            settle(cx, flags, e)?;
            Ok(Value::Null)
        }
    }
}

fn check_depth(cx: &mut Cx, depth: i64, n: usize) -> Ret<()> {
    if depth <= 0 {
        return Err(cx.arg_value_error(n, "must be greater than 0"));
    }
    if depth > i64::from(i32::MAX) {
        return Err(cx.arg_value_error(n, "must be less than 2147483647"));
    }
    Ok(())
}

fn json_validate(cx: &mut Cx, json: &PhpString, depth: i64, flags: i64) -> Ret<bool> {
    if flags != 0 && flags != flags::INVALID_IGNORE {
        return Err(
            cx.arg_value_error(3, "must be a valid flag (allowed flags: JSON_INVALID_UTF8_IGNORE)")
        );
    }
    if json.is_empty() {
        cx.state::<LastError>().0 = JsonError::Syntax;
        return Ok(false);
    }
    cx.state::<LastError>().0 = JsonError::None;
    check_depth(cx, depth, 2)?;
    Ok(match decode::decode(cx, json, true, depth as usize, flags)? {
        Ok(_) => true,
        Err(e) => {
            cx.state::<LastError>().0 = e;
            false
        }
    })
}

fn json_last_error(cx: &mut Cx) -> Ret<i64> {
    Ok(cx.state::<LastError>().0 as i64)
}

fn json_last_error_msg(cx: &mut Cx) -> Ret<&'static str> {
    Ok(cx.state::<LastError>().0.message())
}
