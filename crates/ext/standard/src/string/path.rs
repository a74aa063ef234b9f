//! Parts of paths.

use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

const DIRNAME: i64 = 1;
const BASENAME: i64 = 2;
const EXTENSION: i64 = 4;
const FILENAME: i64 = 8;
const ALL: i64 = 15;

fn without_trailing_slashes(path: &[u8]) -> &[u8] {
    let slashes = path.iter().rev().take_while(|b| **b == b'/').count();
    &path[..path.len() - slashes]
}

fn base<'a>(path: &'a [u8], suffix: &[u8]) -> &'a [u8] {
    let path = without_trailing_slashes(path);
    let name = match memchr::memrchr(b'/', path) {
        Some(slash) => &path[slash + 1..],
        None => path,
    };
    match name.strip_suffix(suffix) {
        Some(rest) if !rest.is_empty() => rest,
        _ => name,
    }
}

fn parent(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return path;
    }
    let name = without_trailing_slashes(path);
    if name.is_empty() {
        return b"/";
    }
    match memchr::memrchr(b'/', name) {
        None => b".",
        Some(slash) => match without_trailing_slashes(&name[..slash]) {
            [] => b"/",
            directory => directory,
        },
    }
}

pub fn basename(_cx: &mut Cx, path: &PhpString, suffix: &PhpString) -> Ret<PhpString> {
    Ok(PhpString::new(base(path, suffix)))
}

pub fn dirname(cx: &mut Cx, path: &PhpString, levels: i64) -> Ret<PhpString> {
    if levels < 1 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 1"));
    }
    let mut at = path.as_bytes();
    for _ in 0..levels {
        let up = parent(at);
        let done = up.len() >= at.len();
        at = up;
        if done {
            break;
        }
    }
    Ok(PhpString::new(at))
}

pub fn pathinfo(_cx: &mut Cx, path: &PhpString, flags: i64) -> Ret<Value> {
    let mut parts = PhpArray::new();
    let mut add = |name: &str, value: &[u8]| {
        parts.insert_str(PhpString::from(name), Value::str(value));
    };
    if flags & DIRNAME != 0 {
        let directory = parent(path);
        if !directory.is_empty() {
            add("dirname", directory);
        }
    }
    let name = base(path, b"");
    if flags & BASENAME != 0 {
        add("basename", name);
    }
    let dot = memchr::memrchr(b'.', name);
    if let Some(dot) = dot
        && flags & EXTENSION != 0
    {
        add("extension", &name[dot + 1..]);
    }
    if flags & FILENAME != 0 {
        add("filename", &name[..dot.unwrap_or(name.len())]);
    }
    if flags == ALL {
        return Ok(Value::Array(parts));
    }
    Ok(parts.first().map_or_else(Value::empty_str, |(_, value)| value.clone()))
}
