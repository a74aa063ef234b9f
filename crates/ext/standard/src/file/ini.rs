//! `parse_ini_file()` and `parse_ini_string()`.

use super::{check_path, shown};
use crate::stream::Opened;
use outlast_ini::{Directive, Lookup, Mode, parse};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::cell::RefCell;

#[path = "ini_stub.rs"]
mod ini_stub;
pub use ini_stub::MODULE;

/// Constants and settings of the running script.
struct Names<'a>(RefCell<&'a mut Cx>);

impl Lookup for Names<'_> {
    fn constant(&self, name: &[u8]) -> Option<Vec<u8>> {
        let mut cx = self.0.borrow_mut();
        let value = cx.global_constant(name)?;
        cx.to_str(&value).ok().map(|s| s.to_vec())
    }

    fn variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        let mut cx = self.0.borrow_mut();
        let setting = std::str::from_utf8(name).ok().and_then(|name| cx.ini.get(name));
        match setting {
            Some(value) => Some(value.to_vec()),
            None => crate::general::environment::variable(&mut cx, name),
        }
    }
}

fn value_of(value: outlast_ini::Value) -> Value {
    match value {
        outlast_ini::Value::Null => Value::Null,
        outlast_ini::Value::Bool(b) => Value::Bool(b),
        outlast_ini::Value::Int(n) => Value::Int(n),
        outlast_ini::Value::Float(f) => Value::Float(f),
        outlast_ini::Value::Text(text) => Value::str(text),
    }
}

/// A key as PHP's ini callback makes it: plain ints without leading zeros are ints.
fn key(name: &[u8]) -> Key {
    Key::from_bytes(name)
}

fn parsed(
    cx: &mut Cx,
    text: &[u8],
    file: &str,
    sections: bool,
    mode: i64,
) -> Ret<Option<PhpArray>> {
    let mode = match mode {
        0 => Mode::Normal,
        1 => Mode::Raw,
        2 => Mode::Typed,
        _ => {
            cx.raise_warning("Invalid scanner mode")?;
            return Ok(None);
        }
    };
    let result = parse(text, mode, &Names(RefCell::new(cx)));
    if let Some(error) = &result.error {
        cx.raise_warning(error.warning(file))?;
        return Ok(None);
    }
    let mut all = PhpArray::new();
    let mut section: Option<(Key, PhpArray)> = None;
    for directive in result.directives {
        let target = match &mut section {
            Some((_, array)) if sections => array,
            _ => &mut all,
        };
        match directive {
            Directive::Section(name) => {
                if let Some((key, array)) = section.take() {
                    all.insert(key, Value::Array(array));
                }
                if sections {
                    section = Some((key(&name), PhpArray::new()));
                }
            }
            Directive::Entry(name, Some(value)) => {
                target.insert(key(&name), value_of(value));
            }
            Directive::Entry(_, None) => {}
            Directive::ArrayEntry(name, offset, value) => {
                let slot = target.get_or_insert(&key(&name));
                if !slot.is_array() {
                    *slot = Value::empty_array();
                }
                if let Some(array) = slot.as_array_mut() {
                    if offset.is_empty() {
                        let _full = array.push(value_of(value));
                    } else {
                        array.insert(key(&offset), value_of(value));
                    }
                }
            }
        }
    }
    if let Some((key, array)) = section {
        all.insert(key, Value::Array(array));
    }
    Ok(Some(all))
}

/// `parse_ini_file()`
pub fn parse_ini_file(
    cx: &mut Cx,
    filename: &PhpString,
    process_sections: bool,
    scanner_mode: i64,
) -> Ret<OrFalse<PhpArray>> {
    check_path(cx, 1, filename)?;
    if filename.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let how = Opened { include_path: true, ..Opened::default() };
    let Some(text) = super::whole::contents_of(cx, filename, how)? else {
        return Ok(OrFalse(None));
    };
    let file = shown(filename);
    Ok(OrFalse(parsed(cx, &text, &file, process_sections, scanner_mode)?))
}

/// `parse_ini_string()`
pub fn parse_ini_string(
    cx: &mut Cx,
    ini_string: &PhpString,
    process_sections: bool,
    scanner_mode: i64,
) -> Ret<OrFalse<PhpArray>> {
    Ok(OrFalse(parsed(cx, ini_string, "Unknown", process_sections, scanner_mode)?))
}
