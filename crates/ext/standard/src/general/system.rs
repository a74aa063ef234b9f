//! What a script is told about the system and itself.

use crate::output::headers::callback_value;
use outlast_host::system;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Callable, Cx, OrFalse, Ret};
use std::os::unix::fs::MetadataExt;

#[path = "system_stub.rs"]
mod system_stub;
pub use system_stub::MODULE;

/// The folder for temporary files.
pub fn temporary_directory(cx: &mut Cx) -> Vec<u8> {
    let set = cx.ini.get("sys_temp_dir").filter(|dir| !dir.is_empty());
    let dir = match set {
        Some(dir) => dir.to_vec(),
        None => super::environment::variable(cx, b"TMPDIR")
            .filter(|dir| !dir.is_empty())
            .unwrap_or_else(|| b"/tmp".to_vec()),
    };
    match dir.strip_suffix(b"/") {
        Some(dir) if !dir.is_empty() => dir.to_vec(),
        _ => dir,
    }
}

/// `sys_get_temp_dir()`
pub fn sys_get_temp_dir(cx: &mut Cx) -> Ret<Vec<u8>> {
    Ok(temporary_directory(cx))
}

/// `sys_getloadavg()`
pub fn sys_getloadavg(_cx: &mut Cx) -> Ret<OrFalse<PhpArray>> {
    let loads = system::load_average();
    Ok(OrFalse(loads.map(|loads| loads.into_iter().map(Value::Float).collect())))
}

/// `getmypid()`
pub fn getmypid(_cx: &mut Cx) -> Ret<i64> {
    Ok(i64::from(system::process_id()))
}

/// What is known of the main script's file.
fn script(cx: &mut Cx) -> Option<std::fs::Metadata> {
    let path = cx.script_path.clone();
    crate::stream::registry::place(cx).stat(&path, true).ok()
}

/// `getmyuid()`
pub fn getmyuid(cx: &mut Cx) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(script(cx).map(|m| i64::from(m.uid()))))
}
/// `getmygid()`
pub fn getmygid(cx: &mut Cx) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(script(cx).map(|m| i64::from(m.gid()))))
}
/// `getmyinode()`
pub fn getmyinode(cx: &mut Cx) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(script(cx).map(|m| m.ino() as i64)))
}
/// `getlastmod()`
pub fn getlastmod(cx: &mut Cx) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(script(cx).map(|m| m.mtime())))
}

/// `get_current_user()`
pub fn get_current_user(cx: &mut Cx) -> Ret<String> {
    let user = script(cx).map_or(system::user_and_group().0, |m| m.uid());
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)? == &user.to_string()).then(|| fields[0].to_owned())
    });
    Ok(name.unwrap_or_default())
}

/// `gethostname()`
pub fn gethostname(_cx: &mut Cx) -> Ret<String> {
    Ok(system::name().node)
}

/// `php_sapi_name()`
pub fn php_sapi_name(cx: &mut Cx) -> Ret<&'static str> {
    Ok(cx.sapi.name())
}

/// `php_uname()`
pub fn php_uname(cx: &mut Cx, mode: &PhpString) -> Ret<String> {
    if mode.len() != 1 {
        return Err(cx.arg_value_error(1, "must be a single character"));
    }
    let name = system::name();
    Ok(match mode[0] {
        b's' => name.system,
        b'n' => name.node,
        b'r' => name.release,
        b'v' => name.version,
        b'm' => name.machine,
        b'a' => [name.system, name.node, name.release, name.version, name.machine].join(" "),
        _ => {
            return Err(
                cx.arg_value_error(1, "must be one of \"a\", \"m\", \"n\", \"r\", \"s\", or \"v\"")
            );
        }
    })
}

/// `phpversion()`
pub fn phpversion(cx: &mut Cx, extension: Option<&PhpString>) -> Ret<Value> {
    let known = match extension {
        None => true,
        Some(wanted) => {
            wanted.eq_ignore_ascii_case(b"core")
                || cx.modules().iter().any(|m| wanted.eq_ignore_ascii_case(m.extension.as_bytes()))
        }
    };
    if !known {
        return Ok(Value::Bool(false));
    }
    Ok(cx.global_constant(b"PHP_VERSION").unwrap_or(Value::Bool(false)))
}

/// `register_tick_function()`
pub fn register_tick_function(cx: &mut Cx, callback: &Callable, args: &[Value]) -> Ret<bool> {
    cx.tick_functions.push((callback_value(callback), args.to_vec()));
    Ok(true)
}

/// `unregister_tick_function()`
pub fn unregister_tick_function(cx: &mut Cx, callback: &Callable) -> Ret<()> {
    let gone = callback_value(callback);
    cx.tick_functions.retain(|(known, _)| !outlast_value::identical(known, &gone));
    Ok(())
}
