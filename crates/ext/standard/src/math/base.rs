//! Numbers in other bases.

use outlast_number::base::{from_base, to_base, to_base_unsigned};
use outlast_value::{PhpString, Value};
use outlast_vm::convert::number_value;
use outlast_vm::{Cx, Ret};

fn read(cx: &mut Cx, text: &PhpString, base: u32) -> Ret<outlast_number::Number> {
    let space = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
    let start = text.iter().position(|b| !space(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !space(b)).map_or(start, |i| i + 1);
    let read = from_base(&text[start..end], base);
    if read.invalid {
        cx.raise_deprecated(
            "Invalid characters passed for attempted conversion, these have been ignored",
        )?;
    }
    Ok(read.number)
}

/// `bindec()`
pub fn bindec(cx: &mut Cx, binary_string: &PhpString) -> Ret<Value> {
    Ok(number_value(read(cx, binary_string, 2)?))
}

/// `octdec()`
pub fn octdec(cx: &mut Cx, octal_string: &PhpString) -> Ret<Value> {
    Ok(number_value(read(cx, octal_string, 8)?))
}

/// `hexdec()`
pub fn hexdec(cx: &mut Cx, hex_string: &PhpString) -> Ret<Value> {
    Ok(number_value(read(cx, hex_string, 16)?))
}

/// `decbin()`
pub fn decbin(_cx: &mut Cx, num: i64) -> Ret<Vec<u8>> {
    Ok(to_base_unsigned(num, 2))
}

/// `decoct()`
pub fn decoct(_cx: &mut Cx, num: i64) -> Ret<Vec<u8>> {
    Ok(to_base_unsigned(num, 8))
}

/// `dechex()`
pub fn dechex(_cx: &mut Cx, num: i64) -> Ret<Vec<u8>> {
    Ok(to_base_unsigned(num, 16))
}

/// `base_convert()`
pub fn base_convert(cx: &mut Cx, num: &PhpString, from_base: i64, to: i64) -> Ret<Vec<u8>> {
    for (position, base) in [(2, from_base), (3, to)] {
        if !(2..=36).contains(&base) {
            return Err(cx.arg_value_error(position, "must be between 2 and 36 (inclusive)"));
        }
    }
    let number = read(cx, num, from_base as u32)?;
    match to_base(number, to as u32) {
        Some(text) => Ok(text),
        None => {
            Err(cx.throw_value_error(format!("An infinite value cannot be converted to base {to}")))
        }
    }
}
