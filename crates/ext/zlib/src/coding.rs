//! Compressing and decompressing strings.

use crate::codec::{self, Code};
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

/// What a string becomes, or PHP's false.
type Coded = Ret<OrFalse<Vec<u8>>>;

fn coded(cx: &mut Cx, result: Result<Vec<u8>, Code>) -> Coded {
    match result {
        Ok(bytes) => Ok(OrFalse(Some(bytes))),
        Err(code) => {
            cx.warning(code.text())?;
            Ok(OrFalse(None))
        }
    }
}

/// Compresses; `level_at` and `encoding_at` number the arguments.
fn encode(
    cx: &mut Cx,
    data: &PhpString,
    (level_at, level): (usize, i64),
    (encoding_at, encoding): (usize, i64),
) -> Coded {
    if !(-1..=9).contains(&level) {
        return Err(cx.arg_value_error(level_at, "must be between -1 and 9"));
    }
    if !matches!(encoding, codec::RAW | codec::GZIP | codec::DEFLATE) {
        return Err(cx.arg_value_error(
            encoding_at,
            "must be one of ZLIB_ENCODING_RAW, ZLIB_ENCODING_GZIP, or ZLIB_ENCODING_DEFLATE",
        ));
    }
    coded(cx, codec::encode(data, level, encoding))
}

fn decode(cx: &mut Cx, data: &PhpString, max_length: i64, encoding: i64) -> Coded {
    let Ok(max) = usize::try_from(max_length) else {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    };
    coded(cx, codec::decode(data, encoding, max))
}

pub fn zlib_encode(cx: &mut Cx, data: &PhpString, encoding: i64, level: i64) -> Coded {
    encode(cx, data, (3, level), (2, encoding))
}

pub fn gzdeflate(cx: &mut Cx, data: &PhpString, level: i64, encoding: i64) -> Coded {
    encode(cx, data, (2, level), (3, encoding))
}

pub fn gzencode(cx: &mut Cx, data: &PhpString, level: i64, encoding: i64) -> Coded {
    encode(cx, data, (2, level), (3, encoding))
}

pub fn gzcompress(cx: &mut Cx, data: &PhpString, level: i64, encoding: i64) -> Coded {
    encode(cx, data, (2, level), (3, encoding))
}

pub fn zlib_decode(cx: &mut Cx, data: &PhpString, max_length: i64) -> Coded {
    decode(cx, data, max_length, codec::ANY)
}

pub fn gzinflate(cx: &mut Cx, data: &PhpString, max_length: i64) -> Coded {
    decode(cx, data, max_length, codec::RAW)
}

pub fn gzdecode(cx: &mut Cx, data: &PhpString, max_length: i64) -> Coded {
    decode(cx, data, max_length, codec::GZIP)
}

pub fn gzuncompress(cx: &mut Cx, data: &PhpString, max_length: i64) -> Coded {
    decode(cx, data, max_length, codec::DEFLATE)
}
