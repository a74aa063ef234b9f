//! Names of database files, as a script gives them.

use crate::Connection;
use crate::codes::{SQLITE_ATTACH, SQLITE_DENY, SQLITE_OK};
use outlast_value::PhpString;
use outlast_vm::Cx;
use std::path::{Component, Path, PathBuf};

/// Characters that stand for themselves in a URI's path.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-_.~!$&'()*+,;=:@".contains(&byte)
}

/// The name to open: relative ones are made absolute, since the library knows nothing of the script's
/// current directory. `None`: `open_basedir` forbids it.
pub fn located(cx: &mut Cx, name: &[u8]) -> Option<Vec<u8>> {
    if name.is_empty() || name == b":memory:" {
        return Some(name.to_vec());
    }
    let Some(uri) = name.strip_prefix(b"file:") else {
        let path = cx.absolute_path(name);
        return allowed(cx, &path).then_some(path);
    };
    let end = uri.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(uri.len());
    let (path, rest) = uri.split_at(end);
    if path == b":memory:" || path.is_empty() {
        return Some(name.to_vec());
    }
    let path = path.strip_prefix(b"//".as_slice()).map_or(path, |tail| {
        let slash = tail.iter().position(|b| *b == b'/').unwrap_or(tail.len());
        &tail[slash..]
    });
    let absolute = path.starts_with(b"/");
    let full = if absolute { path.to_vec() } else { cx.absolute_path(path) };
    if !allowed(cx, &full) {
        return None;
    }
    if absolute {
        return Some(name.to_vec());
    }
    let folder = cx.absolute_path(b".");
    let mut located = b"file:".to_vec();
    for byte in folder {
        if is_plain(byte) {
            located.push(byte);
        } else {
            located.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    located.push(b'/');
    located.extend_from_slice(path);
    located.extend_from_slice(rest);
    Some(located)
}

fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            other => clean.push(other),
        }
    }
    clean
}

fn as_path(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// Does `open_basedir` allow a path?
fn allowed(cx: &mut Cx, path: &[u8]) -> bool {
    let Some(setting) = cx.ini.get("open_basedir").filter(|s| !s.is_empty()) else { return true };
    let path = clean(as_path(path));
    setting.split(|b| *b == b':').filter(|base| !base.is_empty()).any(|base| {
        let base = cx.absolute_path(base);
        path.starts_with(clean(as_path(&base)))
    })
}

/// What PHP says about a path that `open_basedir` forbids.
pub fn restriction(cx: &mut Cx, path: &[u8]) -> Vec<u8> {
    let setting = cx.ini.get("open_basedir").unwrap_or_default();
    let full = cx.absolute_path(path);
    [
        b"open_basedir restriction in effect. File(".as_slice(),
        &full,
        b") is not within the allowed path(s): (",
        &setting,
        b")",
    ]
    .concat()
}

/// With `open_basedir`, statements may attach only files that it allows.
pub fn confine(cx: &mut Cx, connection: &Connection) {
    if cx.ini.get("open_basedir").is_some_and(|setting: PhpString| !setting.is_empty()) {
        connection.set_authorizer(Some(Box::new(|cx, action, args| {
            Ok(if action == SQLITE_ATTACH { attaching(cx, args[0]) } else { SQLITE_OK })
        })));
    }
}

/// May a file be attached?
pub fn attaching(cx: &mut Cx, name: Option<&[u8]>) -> i32 {
    match name {
        Some(name) if located(cx, name).is_some() => SQLITE_OK,
        _ => SQLITE_DENY,
    }
}
