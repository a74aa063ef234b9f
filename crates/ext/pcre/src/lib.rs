//! PHP's extension `pcre` (manual: book.pcre.php), over PCRE2.

mod engine;
mod error;
mod matching;
mod pattern;
mod pcre_stub;
mod replace;
mod scan;
mod split;

use matching::{preg_grep, preg_match, preg_match_all};
use outlast_value::{PhpString, Value};
use outlast_vm::ini::IniDef;
use outlast_vm::{Cx, NativeModule, Ret};
use replace::{preg_filter, preg_replace, preg_replace_callback, preg_replace_callback_array};
use split::preg_split;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&pcre_stub::MODULE];

static SETTINGS: &[IniDef] = &[
    IniDef::all("pcre.backtrack_limit", "1000000"),
    IniDef::all("pcre.recursion_limit", "100000"),
    IniDef::all("pcre.jit", "1"),
];

fn pcre_version(_: &mut Cx) -> Value {
    Value::str(engine::version())
}

/// A part of the version's number.
fn version_part(part: usize) -> Value {
    let version = engine::version();
    let number = version.split(' ').next().and_then(|v| v.split('.').nth(part));
    Value::Int(number.and_then(|n| n.parse().ok()).unwrap_or(0))
}

fn pcre_version_major(_: &mut Cx) -> Value {
    version_part(0)
}

fn pcre_version_minor(_: &mut Cx) -> Value {
    version_part(1)
}

fn pcre_jit_support(_: &mut Cx) -> Value {
    Value::Bool(engine::has_jit())
}

fn preg_last_error(cx: &mut Cx) -> Ret<i64> {
    Ok(error::last(cx) as i64)
}

fn preg_last_error_msg(cx: &mut Cx) -> Ret<&'static str> {
    Ok(error::last(cx).message())
}

fn preg_quote(_: &mut Cx, text: &PhpString, delimiter: Option<&PhpString>) -> Ret<PhpString> {
    let delimiter = delimiter.and_then(|d| d.first().copied());
    let special = |b: u8| b".\\+*?[^]$(){}=!<>|:-#\0".contains(&b) || Some(b) == delimiter;
    let more = text.iter().filter(|b| special(**b)).count();
    if more == 0 {
        return Ok(text.clone());
    }
    let mut out = Vec::with_capacity(text.len() + more);
    for &b in text.iter() {
        match b {
            0 => out.extend_from_slice(b"\\000"),
            _ if special(b) => out.extend_from_slice(&[b'\\', b]),
            _ => out.push(b),
        }
    }
    Ok(PhpString::from(out))
}
