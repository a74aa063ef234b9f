//! PHP's extension `ctype`: character classes of the C locale (manual: book.ctype).

mod ctype_stub;

use outlast_value::Value;
use outlast_vm::{Cx, NativeModule, Ret};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&ctype_stub::MODULE];

/// Tests all bytes of a string, or an int as a character (-128 to 255) or as its digits.
fn all(cx: &mut Cx, text: &Value, name: &str, test: fn(u8) -> bool) -> Ret<bool> {
    let digits = match text {
        Value::Str(s) => return Ok(!s.is_empty() && s.iter().all(|&b| test(b))),
        Value::Int(n @ 0..=255) => return reported(cx, text, name).map(|()| test(*n as u8)),
        Value::Int(n @ -128..=-1) => {
            return reported(cx, text, name).map(|()| test((*n + 256) as u8));
        }
        Value::Int(n) => n.to_string(),
        _ => return reported(cx, text, name).map(|()| false),
    };
    reported(cx, text, name)?;
    Ok(digits.bytes().all(test))
}

fn reported(cx: &mut Cx, text: &Value, name: &str) -> Ret<()> {
    let given = match text {
        Value::Bool(_) => "bool".into(),
        other => cx.value_type_name(other),
    };
    cx.raise_deprecated(format!(
        "{name}(): Argument of type {given} will be interpreted as string in the future"
    ))
}

macro_rules! classes {
    ($($name:ident: $test:expr;)*) => {
        $(fn $name(cx: &mut Cx, text: &Value) -> Ret<bool> {
            all(cx, text, stringify!($name), $test)
        })*
    };
}

classes! {
    ctype_alnum: |b| b.is_ascii_alphanumeric();
    ctype_alpha: |b| b.is_ascii_alphabetic();
    ctype_cntrl: |b| b.is_ascii_control();
    ctype_digit: |b| b.is_ascii_digit();
    ctype_lower: |b| b.is_ascii_lowercase();
    ctype_graph: |b| b.is_ascii_graphic();
    ctype_print: |b| b.is_ascii_graphic() || b == b' ';
    ctype_punct: |b| b.is_ascii_punctuation();
    ctype_space: |b| b.is_ascii_whitespace() || b == 0x0b;
    ctype_upper: |b| b.is_ascii_uppercase();
    ctype_xdigit: |b| b.is_ascii_hexdigit();
}
