//! Making, moving, removing and changing files and folders.

use super::{check_path, shown};
use crate::stream::backend::{error_text, host};
use crate::stream::context::context_arg;
use crate::stream::registry::{UserWrapper, Wrapper, label_of, place};
use crate::stream::{basedir, locate, user};
use outlast_value::{PhpArray, PhpString, Resource, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[path = "manage_stub.rs"]
mod manage_stub;
pub use manage_stub::MODULE;

/// Asks a wrapper of the script.
fn ask(
    cx: &mut Cx,
    wrapper: &UserWrapper,
    context: Option<&Resource>,
    method: &str,
    args: Vec<Value>,
) -> Ret<bool> {
    Ok(user::operate(cx, wrapper, context, method, args)?.is_some_and(|v| v.truthy()))
}

/// Reports a wrapper that cannot do something.
fn cannot(cx: &mut Cx, wrapper: &str, what: &str) -> Ret<bool> {
    let name = label_of(wrapper);
    cx.warning(format!("{name} does not allow {what}"))?;
    Ok(false)
}

/// `unlink()`
pub fn unlink(cx: &mut Cx, filename: &PhpString, context: &Value) -> Ret<bool> {
    check_path(cx, 1, filename)?;
    let context = context_arg(cx, 2, Some(context))?;
    match locate(cx, filename, false)? {
        (Wrapper::Builtin("file"), local) if basedir::forbids(cx, local)? => Ok(false),
        (Wrapper::Builtin("file"), local) => match place(cx).remove_file(local) {
            Ok(()) => Ok(true),
            Err(error) => {
                cx.warning_about(filename, error_text(&error))?;
                Ok(false)
            }
        },
        (Wrapper::User(wrapper), _) => {
            let args = vec![Value::Str(filename.clone())];
            ask(cx, &wrapper, Some(&context), "unlink", args)
        }
        (Wrapper::Builtin(name), _) => cannot(cx, name, "unlinking"),
    }
}

/// `rename()`
pub fn rename(cx: &mut Cx, from: &PhpString, to: &PhpString, context: &Value) -> Ret<bool> {
    check_path(cx, 1, from)?;
    check_path(cx, 2, to)?;
    let context = context_arg(cx, 3, Some(context))?;
    let (wrapper, local) = locate(cx, from, false)?;
    let (other, target) = locate(cx, to, false)?;
    match (wrapper, other) {
        (Wrapper::Builtin("file"), Wrapper::Builtin("file")) => {
            if basedir::forbids(cx, local)? || basedir::forbids(cx, target)? {
                return Ok(false);
            }
            let place = place(cx);
            match host(cx, "rename", || place.rename(local, target))? {
                Ok(()) => Ok(true),
                Err(error) => {
                    let both = [local, b",", target].concat();
                    cx.warning_about(&both, error_text(&error))?;
                    Ok(false)
                }
            }
        }
        (Wrapper::User(one), Wrapper::User(two)) if one.scheme == two.scheme => {
            let args = vec![Value::Str(from.clone()), Value::Str(to.clone())];
            ask(cx, &one, Some(&context), "rename", args)
        }
        (Wrapper::Builtin(one), _) if one != "file" => {
            let label = label_of(one);
            cx.warning(format!("{label} wrapper does not support renaming"))?;
            Ok(false)
        }
        _ => {
            cx.warning("Cannot rename a file across wrapper types")?;
            Ok(false)
        }
    }
}

/// `mkdir()`
pub fn mkdir(
    cx: &mut Cx,
    directory: &PhpString,
    permissions: i64,
    recursive: bool,
    context: &Value,
) -> Ret<bool> {
    check_path(cx, 1, directory)?;
    let context = context_arg(cx, 4, Some(context))?;
    match locate(cx, directory, false)? {
        (Wrapper::Builtin("file"), local) if basedir::forbids(cx, local)? => Ok(false),
        (Wrapper::Builtin("file"), local) => {
            let made = place(cx).make_directory(local, permissions as u32 & 0o7777, recursive);
            warn_failed(cx, made)
        }
        (Wrapper::User(wrapper), _) => {
            // The option to report, and that to make parents.
            let options = 8 | i64::from(recursive);
            let args =
                vec![Value::Str(directory.clone()), Value::Int(permissions), Value::Int(options)];
            ask(cx, &wrapper, Some(&context), "mkdir", args)
        }
        (Wrapper::Builtin(_), _) => Ok(false),
    }
}

fn warn_failed(cx: &mut Cx, result: std::io::Result<()>) -> Ret<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) => {
            cx.warning(error_text(&error))?;
            Ok(false)
        }
    }
}

/// `rmdir()`
pub fn rmdir(cx: &mut Cx, directory: &PhpString, context: &Value) -> Ret<bool> {
    check_path(cx, 1, directory)?;
    let context = context_arg(cx, 2, Some(context))?;
    match locate(cx, directory, false)? {
        (Wrapper::Builtin("file"), local) if basedir::forbids(cx, local)? => Ok(false),
        (Wrapper::Builtin("file"), local) => match place(cx).remove_directory(local) {
            Ok(()) => Ok(true),
            Err(error) => {
                cx.warning_about(directory, error_text(&error))?;
                Ok(false)
            }
        },
        (Wrapper::User(wrapper), _) => {
            let args = vec![Value::Str(directory.clone()), Value::Int(8)];
            ask(cx, &wrapper, Some(&context), "rmdir", args)
        }
        (Wrapper::Builtin(_), _) => Ok(false),
    }
}

/// Whether `open_basedir` forbids one end of a link, which is reported.
fn link_forbidden(cx: &mut Cx, target: &[u8], link: &[u8], hard: bool) -> Ret<bool> {
    let link = place(cx).absolute(link);
    let target = if hard || target.starts_with(b"/") {
        place(cx).absolute(target)
    } else {
        let folder = link.parent().unwrap_or(&link).as_os_str().as_bytes();
        place(cx).absolute(&[folder, b"/", target].concat())
    };
    Ok(basedir::forbids(cx, target.as_os_str().as_bytes())?
        || basedir::forbids(cx, link.as_os_str().as_bytes())?)
}

/// `symlink()`
pub fn symlink(cx: &mut Cx, target: &PhpString, link: &PhpString) -> Ret<bool> {
    check_path(cx, 1, target)?;
    check_path(cx, 2, link)?;
    if link_forbidden(cx, target, link, false)? {
        return Ok(false);
    }
    let made = place(cx).link(target, link, false);
    warn_failed(cx, made)
}

/// `link()`
pub fn link(cx: &mut Cx, target: &PhpString, link: &PhpString) -> Ret<bool> {
    check_path(cx, 1, target)?;
    check_path(cx, 2, link)?;
    if link_forbidden(cx, target, link, true)? {
        return Ok(false);
    }
    let made = place(cx).link(target, link, true);
    warn_failed(cx, made)
}

/// `readlink()`
pub fn readlink(cx: &mut Cx, path: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    check_path(cx, 1, path)?;
    if basedir::forbids(cx, path)? {
        return Ok(OrFalse(None));
    }
    match link_target(cx, path) {
        Ok(target) => Ok(OrFalse(Some(target))),
        Err(reason) => {
            cx.warning(reason)?;
            Ok(OrFalse(None))
        }
    }
}

/// Where a symbolic link leads, or the system's words for why that cannot be told.
pub fn link_target(cx: &mut Cx, path: &[u8]) -> Result<Vec<u8>, String> {
    let target = place(cx).read_link(path).map_err(|error| error_text(&error))?;
    Ok(target.into_os_string().into_vec())
}

/// `linkinfo()`
pub fn linkinfo(cx: &mut Cx, path: &PhpString) -> Ret<i64> {
    check_path(cx, 1, path)?;
    if basedir::forbids(cx, path)? {
        return Ok(-1);
    }
    match place(cx).stat(path, false) {
        Ok(metadata) => Ok(std::os::unix::fs::MetadataExt::dev(&metadata) as i64),
        Err(error) => {
            cx.warning(error_text(&error))?;
            Ok(-1)
        }
    }
}

fn time_of(seconds: i64) -> SystemTime {
    let length = Duration::from_secs(seconds.unsigned_abs());
    if seconds >= 0 { UNIX_EPOCH + length } else { UNIX_EPOCH - length }
}

/// `touch()`
pub fn touch(
    cx: &mut Cx,
    filename: &PhpString,
    modified: Option<i64>,
    accessed: Option<i64>,
) -> Ret<bool> {
    check_path(cx, 1, filename)?;
    if filename.is_empty() {
        return Ok(false);
    }
    if modified.is_none() && accessed.is_some() {
        return Err(cx.arg_value_error(2, "cannot be null when argument #3 ($atime) is an integer"));
    }
    match locate(cx, filename, false)? {
        (Wrapper::Builtin("file"), local) if basedir::forbids(cx, local)? => Ok(false),
        (Wrapper::Builtin("file"), local) => {
            let now = SystemTime::now();
            let modified = modified.map_or(now, time_of);
            let accessed = accessed.map_or(modified, time_of);
            let place = place(cx);
            let existed = place.stat(local, true).is_ok();
            match host(cx, "touch", || place.touch(local, modified, accessed))? {
                Ok(()) => Ok(true),
                Err(error) => {
                    let text = error_text(&error);
                    let shown = shown(filename);
                    if existed {
                        cx.warning(format!("Utime failed: {text}"))?;
                    } else {
                        cx.warning(format!("Unable to create file {shown} because {text}"))?;
                    }
                    Ok(false)
                }
            }
        }
        (Wrapper::User(wrapper), _) => {
            let times = match (modified, accessed) {
                (None, _) => PhpArray::new(),
                (Some(m), a) => {
                    PhpArray::from_list(vec![Value::Int(m), Value::Int(a.unwrap_or(m))])
                }
            };
            metadata(cx, &wrapper, filename, 1, Value::Array(times))
        }
        (Wrapper::Builtin(_), _) => {
            cx.warning("Can not call touch() for a non-standard stream")?;
            Ok(false)
        }
    }
}

/// `stream_metadata` of a wrapper of the script.
fn metadata(
    cx: &mut Cx,
    wrapper: &UserWrapper,
    path: &PhpString,
    option: i64,
    value: Value,
) -> Ret<bool> {
    let args = vec![Value::Str(path.clone()), Value::Int(option), value];
    ask(cx, wrapper, None, "stream_metadata", args)
}

/// `chmod()`
pub fn chmod(cx: &mut Cx, filename: &PhpString, permissions: i64) -> Ret<bool> {
    check_path(cx, 1, filename)?;
    match locate(cx, filename, false)? {
        (Wrapper::Builtin("file"), local) if basedir::forbids(cx, local)? => Ok(false),
        (Wrapper::Builtin("file"), local) => {
            let done = place(cx).set_mode(local, permissions as u32 & 0o7777);
            warn_failed(cx, done)
        }
        (Wrapper::User(wrapper), _) => metadata(cx, &wrapper, filename, 6, Value::Int(permissions)),
        (Wrapper::Builtin(_), _) => {
            cx.warning("Can not call chmod() for a non-standard stream")?;
            Ok(false)
        }
    }
}

/// The number behind a name in `/etc/passwd` or `/etc/group`.
fn number_of(file: &str, name: &[u8]) -> Option<u32> {
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()?.as_bytes() == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

fn change_owner(
    cx: &mut Cx,
    filename: &PhpString,
    owner: &Value,
    group: bool,
    follow: bool,
) -> Ret<bool> {
    check_path(cx, 1, filename)?;
    let (wrapper, local) = locate(cx, filename, false)?;
    match wrapper {
        Wrapper::Builtin("file") if basedir::forbids(cx, local)? => return Ok(false),
        Wrapper::Builtin("file") => {}
        Wrapper::User(wrapper) if follow => {
            let option = match (owner, group) {
                (Value::Int(_), false) => 3,
                (_, false) => 2,
                (Value::Int(_), true) => 5,
                (_, true) => 4,
            };
            return metadata(cx, &wrapper, filename, option, owner.clone());
        }
        _ => {
            let word = if group { "chgrp" } else { "chown" };
            cx.warning(format!("Can not call {word}() for a non-standard stream"))?;
            return Ok(false);
        }
    }
    let number = match owner {
        Value::Int(number) => *number as u32,
        other => {
            let name = cx.to_str(other)?;
            let file = if group { "/etc/group" } else { "/etc/passwd" };
            match number_of(file, &name) {
                Some(number) => number,
                None => {
                    let kind = if group { "gid" } else { "uid" };
                    cx.warning(format!("Unable to find {kind} for {}", shown(&name)))?;
                    return Ok(false);
                }
            }
        }
    };
    let (user, group) = if group { (None, Some(number)) } else { (Some(number), None) };
    let done = place(cx).set_owner(local, user, group, follow);
    warn_failed(cx, done)
}

/// `chown()`
pub fn chown(cx: &mut Cx, filename: &PhpString, user: &Value) -> Ret<bool> {
    change_owner(cx, filename, user, false, true)
}
/// `chgrp()`
pub fn chgrp(cx: &mut Cx, filename: &PhpString, group: &Value) -> Ret<bool> {
    change_owner(cx, filename, group, true, true)
}
/// `lchown()`
pub fn lchown(cx: &mut Cx, filename: &PhpString, user: &Value) -> Ret<bool> {
    change_owner(cx, filename, user, false, false)
}
/// `lchgrp()`
pub fn lchgrp(cx: &mut Cx, filename: &PhpString, group: &Value) -> Ret<bool> {
    change_owner(cx, filename, group, true, false)
}

/// `umask()`
pub fn umask(cx: &mut Cx, mask: Option<i64>) -> Ret<i64> {
    Ok(i64::from(place(cx).umask(mask.map(|mask| mask as u32))))
}
