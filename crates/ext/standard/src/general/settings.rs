//! Settings (manual: ini.core and the `ini_*` functions).

use crate::stream::basedir;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::ini::{IniDef, access};
use outlast_vm::{Cx, OrFalse, Ret};

#[path = "settings_stub.rs"]
mod settings_stub;
pub use settings_stub::MODULE;

/// Where session ids are put by default.
const SESSION_TAGS: &str = "a=href,area=href,frame=src,form=";

fn check_session_hosts(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !value.is_empty() {
        cx.deprecated("Usage of session.trans_sid_hosts INI setting is deprecated")?;
    }
    Ok(true)
}

fn check_session_tags(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if value != SESSION_TAGS.as_bytes() {
        cx.deprecated("Usage of session.trans_sid_tags INI setting is deprecated")?;
    }
    Ok(true)
}

/// Settings of the extension.
pub static SETTINGS: &[IniDef] = &[
    IniDef::all("assert.active", "1"),
    IniDef::all("assert.bail", "0"),
    IniDef::new("assert.callback", None, access::ALL),
    IniDef::all("assert.exception", "1"),
    IniDef::all("assert.warning", "1"),
    IniDef::all("auto_detect_line_endings", "0"),
    IniDef::all("default_socket_timeout", "60"),
    IniDef::new("from", None, access::ALL),
    IniDef::all("session.trans_sid_hosts", "").checked(check_session_hosts),
    IniDef::all("session.trans_sid_tags", SESSION_TAGS).checked(check_session_tags),
    IniDef::all("unserialize_max_depth", "4096"),
    IniDef::all("url_rewriter.hosts", ""),
    IniDef::all("url_rewriter.tags", "form="),
    IniDef::new("user_agent", None, access::ALL),
];

/// `ini_get()`
pub fn ini_get(cx: &mut Cx, option: &PhpString) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(std::str::from_utf8(option).ok().and_then(|name| cx.ini.get(name))))
}

/// `ini_get_all()`
pub fn ini_get_all(
    cx: &mut Cx,
    extension: Option<&PhpString>,
    details: bool,
) -> Ret<OrFalse<PhpArray>> {
    if let Some(wanted) = extension {
        let known = wanted.eq_ignore_ascii_case(b"core")
            || cx.modules().iter().any(|m| wanted.eq_ignore_ascii_case(m.extension.as_bytes()));
        if !known {
            let shown = wanted.to_str_lossy().into_owned();
            cx.warning(format!("Extension \"{shown}\" cannot be found"))?;
            return Ok(OrFalse(None));
        }
    }
    let value = |value: Option<PhpString>| value.map_or(Value::Null, Value::Str);
    let mut all = PhpArray::new();
    for row in cx.ini.all() {
        if extension.is_some_and(|e| !e.eq_ignore_ascii_case(row.extension.as_bytes())) {
            continue;
        }
        let shown = if details {
            Value::Array(PhpArray::from([
                ("global_value", value(row.global)),
                ("local_value", value(row.local)),
                ("access", Value::Int(i64::from(row.access))),
            ]))
        } else {
            value(row.local)
        };
        all.insert_str(row.name.into(), shown);
    }
    Ok(OrFalse(Some(all)))
}

/// `ini_set()`
pub fn ini_set(cx: &mut Cx, option: &PhpString, value: &Value) -> Ret<OrFalse<PhpString>> {
    let mut value = cx.to_str(value)?;
    if **option == *b"open_basedir" {
        if value.is_empty() {
            return Ok(OrFalse(None));
        }
        let Some(folders) = basedir::narrowed(cx, &value) else { return Ok(OrFalse(None)) };
        value = PhpString::from(folders);
    }
    cx.ini_set(option, value).map(OrFalse)
}

/// `ini_restore()`
pub fn ini_restore(cx: &mut Cx, option: &PhpString) -> Ret<()> {
    cx.ini_restore(option)
}

/// `ini_parse_quantity()`
pub fn ini_parse_quantity(cx: &mut Cx, shorthand: &PhpString) -> Ret<i64> {
    let quantity = outlast_ini::parse_quantity(shorthand);
    if let Some(warning) = quantity.warning {
        cx.raise_warning(warning)?;
    }
    Ok(quantity.value)
}

/// `set_include_path()`
pub fn set_include_path(cx: &mut Cx, include_path: &PhpString) -> Ret<OrFalse<PhpString>> {
    crate::file::check_path(cx, 1, include_path)?;
    cx.ini_set(b"include_path", include_path.clone()).map(OrFalse)
}

/// `get_include_path()`
pub fn get_include_path(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(cx.ini.get("include_path")))
}

/// `get_cfg_var()`
pub fn get_cfg_var(cx: &mut Cx, option: &PhpString) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(cx.ini.base().config(option).map(PhpString::new)))
}

/// `php_ini_loaded_file()`
pub fn php_ini_loaded_file(cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(cx.ini.base().config(b"cfg_file_path").map(PhpString::new)))
}

/// `php_ini_scanned_files()`
pub fn php_ini_scanned_files(_cx: &mut Cx) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(None))
}
