//! What is known about files without opening them.

use super::{check_path, shown};
use crate::stream::backend::error_text;
use crate::stream::registry::{Wrapper, path_of, place};
use crate::stream::{Stat, basedir, locate, user};
use outlast_value::{PhpArray, PhpString};
use outlast_vm::{Cx, OrFalse, Ret};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

#[path = "status_stub.rs"]
mod status_stub;
pub use status_stub::MODULE;

const S_IFMT: u32 = 0o170_000;

/// `stat()` or `lstat()` of a path or URL, without reports about a missing file.
pub fn url_stat(cx: &mut Cx, path: &[u8], follow: bool, quiet: bool) -> Ret<Option<Stat>> {
    if path.is_empty() || path.contains(&0) || forbidden(cx, path)? {
        return Ok(None);
    }
    allowed_stat(cx, path, follow, quiet)
}

/// Whether `open_basedir` forbids a file, which is reported.
fn forbidden(cx: &mut Cx, path: &[u8]) -> Ret<bool> {
    match locate(cx, path, true)? {
        (Wrapper::Builtin("file"), local) => basedir::forbids(cx, local),
        _ => Ok(false),
    }
}

fn allowed_stat(cx: &mut Cx, path: &[u8], follow: bool, quiet: bool) -> Ret<Option<Stat>> {
    let (wrapper, local) = locate(cx, path, false)?;
    match wrapper {
        Wrapper::Builtin("file") => Ok(place(cx).stat(local, follow).ok().map(|m| Stat::from(&m))),
        Wrapper::User(wrapper) => {
            let flags = i64::from(!follow) | if quiet { 2 } else { 0 };
            user::url_stat(cx, &wrapper, path, flags)
        }
        Wrapper::Builtin(_) => Ok(None),
    }
}

/// The same with PHP's warning.
fn loud_stat(cx: &mut Cx, path: &PhpString, follow: bool) -> Ret<Option<Stat>> {
    if path.is_empty() {
        return Ok(None);
    }
    if path.contains(&0) {
        cx.warning("Filename contains null byte")?;
        return Ok(None);
    }
    if forbidden(cx, path)? {
        return Ok(None);
    }
    let stat = allowed_stat(cx, path, follow, false)?;
    if stat.is_none() {
        let word = if follow { "stat" } else { "Lstat" };
        cx.warning(format!("{word} failed for {}", shown(path)))?;
    }
    Ok(stat)
}

fn field(cx: &mut Cx, path: &PhpString, at: usize) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(loud_stat(cx, path, true)?.map(|stat| stat.fields[at])))
}

/// `fileatime()`
pub fn fileatime(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 8)
}
/// `filectime()`
pub fn filectime(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 10)
}
/// `filegroup()`
pub fn filegroup(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 5)
}
/// `fileinode()`
pub fn fileinode(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 1)
}
/// `filemtime()`
pub fn filemtime(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 9)
}
/// `fileowner()`
pub fn fileowner(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 4)
}
/// `fileperms()`
pub fn fileperms(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 2)
}
/// `filesize()`
pub fn filesize(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<i64>> {
    field(cx, filename, 7)
}

/// `filetype()`
pub fn filetype(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<&'static str>> {
    let Some(stat) = loud_stat(cx, filename, false)? else { return Ok(OrFalse(None)) };
    Ok(OrFalse(Some(match stat.mode() & S_IFMT {
        0o120_000 => "link",
        0o010_000 => "fifo",
        0o020_000 => "char",
        0o040_000 => "dir",
        0o060_000 => "block",
        0o100_000 => "file",
        _ => "unknown",
    })))
}

/// `file_exists()`
pub fn file_exists(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    Ok(url_stat(cx, filename, true, true)?.is_some())
}

fn may(cx: &mut Cx, path: &PhpString, mode: i32, bits: u32) -> Ret<bool> {
    if path.is_empty() || path.contains(&0) {
        return Ok(false);
    }
    let (wrapper, local) = locate(cx, path, false)?;
    if let Wrapper::Builtin("file") = wrapper {
        return Ok(!basedir::forbids(cx, local)? && place(cx).access(local, mode).is_ok());
    }
    // What a wrapper tells about its files counts for us as for their owner.
    let Some(stat) = url_stat(cx, path, true, true)? else { return Ok(false) };
    let (user, group) = outlast_host::system::user_and_group();
    let mode = stat.mode();
    Ok(if stat.fields[4] == i64::from(user) {
        mode & bits << 6 != 0
    } else if stat.fields[5] == i64::from(group) {
        mode & bits << 3 != 0
    } else {
        mode & bits != 0 || (user == 0 && bits != 1)
    })
}

/// `is_writable()`
pub fn is_writable(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    may(cx, filename, 2, 2)
}
/// `is_readable()`
pub fn is_readable(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    may(cx, filename, 4, 4)
}
/// `is_executable()`
pub fn is_executable(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    may(cx, filename, 1, 1)
}

fn is_type(cx: &mut Cx, path: &PhpString, follow: bool, wanted: u32) -> Ret<bool> {
    Ok(url_stat(cx, path, follow, true)?.is_some_and(|s| s.mode() & S_IFMT == wanted))
}

/// `is_file()`
pub fn is_file(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    is_type(cx, filename, true, 0o100_000)
}
/// `is_dir()`
pub fn is_dir(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    is_type(cx, filename, true, 0o040_000)
}
/// `is_link()`
pub fn is_link(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    is_type(cx, filename, false, 0o120_000)
}

/// `stat()`
pub fn stat(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<PhpArray>> {
    Ok(OrFalse(loud_stat(cx, filename, true)?.map(Stat::to_array)))
}
/// `lstat()`
pub fn lstat(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<PhpArray>> {
    Ok(OrFalse(loud_stat(cx, filename, false)?.map(Stat::to_array)))
}

/// `clearstatcache()`: nothing is cached.
pub fn clearstatcache(_cx: &mut Cx, _realpath: bool, _filename: &PhpString) -> Ret<()> {
    Ok(())
}

/// `realpath_cache_get()`: nothing is cached.
pub fn realpath_cache_get(_cx: &mut Cx) -> Ret<PhpArray> {
    Ok(PhpArray::new())
}

/// `realpath_cache_size()`
pub fn realpath_cache_size(_cx: &mut Cx) -> Ret<i64> {
    Ok(0)
}

/// `realpath()`
pub fn realpath(cx: &mut Cx, path: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    check_path(cx, 1, path)?;
    let real = place(cx).real_path(path).ok();
    if let Some(real) = &real
        && basedir::forbids(cx, real.as_os_str().as_bytes())?
    {
        return Ok(OrFalse(None));
    }
    Ok(OrFalse(real.map(|path| path.into_os_string().into_vec())))
}

fn space(cx: &mut Cx, directory: &PhpString) -> Ret<Option<(u64, u64)>> {
    check_path(cx, 1, directory)?;
    let path = path_of(cx, directory);
    match outlast_host::system::disk_space(&path) {
        Ok(both) => Ok(Some(both)),
        Err(error) => {
            cx.warning(error_text(&error))?;
            Ok(None)
        }
    }
}

/// `disk_total_space()`
pub fn disk_total_space(cx: &mut Cx, directory: &PhpString) -> Ret<OrFalse<f64>> {
    Ok(OrFalse(space(cx, directory)?.map(|(_, total)| total as f64)))
}

/// `disk_free_space()`
pub fn disk_free_space(cx: &mut Cx, directory: &PhpString) -> Ret<OrFalse<f64>> {
    Ok(OrFalse(space(cx, directory)?.map(|(free, _)| free as f64)))
}
