//! `SplFileInfo`: a path, and what the file system says about it.

#[path = "info_stub.rs"]
mod info_stub;
pub(crate) use info_stub::MODULE;

use super::{FILE_HANDLERS, class_arg, data, path_of, path_or_throw};
use outlast_ext_standard::file::{manage, status};
use outlast_ext_standard::string::path as names;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, OrFalse, Ret};

/// What failures of the functions below become.
const FAILURE: &str = "RuntimeException";

/// A path without the slashes at its end, and the folder it is in.
pub(super) fn split(path: &[u8]) -> (PhpString, PhpString) {
    let end = path.iter().rposition(|&b| b != b'/').map_or(1, |at| at + 1);
    let path = &path[..end.min(path.len())];
    let folder = path.iter().rposition(|&b| b == b'/').map_or(&b""[..], |at| &path[..at]);
    (PhpString::new(path), PhpString::new(folder))
}

/// Gives an object its path.
pub(super) fn set_path(this: &Object, path: &[u8]) {
    let (path, folder) = split(path);
    let file = data(this);
    *file.name.borrow_mut() = Some(path);
    *file.folder.borrow_mut() = folder;
}

/// The last part of the path; of a folder: its current entry.
pub(super) fn name_of(this: &Object) -> Option<PhpString> {
    let file = data(this);
    if let Some(listing) = &*file.listing.borrow() {
        return Some(listing.entry().unwrap_or_default());
    }
    let path = file.name.borrow().clone()?;
    let folder = file.folder.borrow().len();
    if folder == 0 || folder >= path.len() {
        return Some(path);
    }
    Some(PhpString::new(&path[folder + 1..]))
}

fn name_or_throw(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    name_of(this).ok_or_else(|| super::not_initialized(cx))
}

pub(super) fn spl_file_info_construct(cx: &mut Cx, this: &Object, filename: &PhpString) -> Ret<()> {
    outlast_ext_standard::file::check_path(cx, 1, filename)?;
    set_path(this, filename);
    Ok(())
}

fn spl_file_info_get_path(_cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let file = data(this);
    if let Some(listing) = &*file.listing.borrow() {
        return Ok(listing.folder());
    }
    Ok(file.folder.borrow().clone())
}

pub(super) fn spl_file_info_get_filename(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    name_or_throw(cx, this)
}

pub(super) fn spl_file_info_get_extension(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let name = name_or_throw(cx, this)?;
    let name = names::basename(cx, &name, &PhpString::default())?;
    let dot = name.iter().rposition(|&b| b == b'.');
    Ok(dot.map_or(PhpString::default(), |at| PhpString::new(&name[at + 1..])))
}

pub(super) fn spl_file_info_get_basename(
    cx: &mut Cx,
    this: &Object,
    suffix: &PhpString,
) -> Ret<PhpString> {
    let name = name_or_throw(cx, this)?;
    names::basename(cx, &name, suffix)
}

pub(super) fn spl_file_info_get_pathname(_cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(path_of(this).unwrap_or_default())
}

/// Asks a function about the path.
fn ask<T>(cx: &mut Cx, this: &Object, question: fn(&mut Cx, &PhpString) -> Ret<T>) -> Ret<T> {
    let path = path_or_throw(cx, this)?;
    cx.throwing_warnings(FAILURE, |cx| question(cx, &path))
}

fn spl_file_info_get_perms(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::fileperms)
}

fn spl_file_info_get_inode(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::fileinode)
}

fn spl_file_info_get_size(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::filesize)
}

fn spl_file_info_get_owner(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::fileowner)
}

fn spl_file_info_get_group(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::filegroup)
}

fn spl_file_info_get_a_time(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::fileatime)
}

fn spl_file_info_get_m_time(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::filemtime)
}

fn spl_file_info_get_c_time(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    ask(cx, this, status::filectime)
}

fn spl_file_info_get_type(cx: &mut Cx, this: &Object) -> Ret<OrFalse<&'static str>> {
    ask(cx, this, status::filetype)
}

fn spl_file_info_is_writable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_writable)
}

fn spl_file_info_is_readable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_readable)
}

fn spl_file_info_is_executable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_executable)
}

fn spl_file_info_is_file(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_file)
}

fn spl_file_info_is_dir(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_dir)
}

fn spl_file_info_is_link(cx: &mut Cx, this: &Object) -> Ret<bool> {
    ask(cx, this, status::is_link)
}

fn spl_file_info_get_link_target(cx: &mut Cx, this: &Object) -> Ret<OrFalse<Vec<u8>>> {
    let path = path_or_throw(cx, this)?;
    match manage::link_target(cx, &path) {
        Ok(target) => Ok(OrFalse(Some(target))),
        Err(reason) => {
            let shown = String::from_utf8_lossy(&path).into_owned();
            Err(cx.throw(FAILURE, format!("Unable to read link {shown}, error: {reason}")))
        }
    }
}

fn spl_file_info_get_real_path(cx: &mut Cx, this: &Object) -> Ret<OrFalse<Vec<u8>>> {
    match path_of(this) {
        Some(path) => status::realpath(cx, &path),
        None => Ok(OrFalse(None)),
    }
}

/// A new object of `class` about a path, made by its own constructor if it has one.
pub(super) fn about(cx: &mut Cx, this: &Object, class: ClassRef, path: &PhpString) -> Ret<Object> {
    let made = cx.new_object(class, vec![Value::Str(path.clone())])?;
    if let Some(file) = made.data::<super::FileData>() {
        file.info_class.set(data(this).info_class.get());
        file.file_class.set(data(this).file_class.get());
    }
    Ok(made)
}

/// The path of what the object stands for, which must be there.
pub(super) fn path_to_open(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let at_end = data(this).listing.borrow().as_ref().is_some_and(|l| l.entry().is_none());
    if at_end {
        return Err(cx.throw(FAILURE, "Could not open file"));
    }
    path_or_throw(cx, this)
}

fn spl_file_info_get_file_info(
    cx: &mut Cx,
    this: &Object,
    class: Option<&PhpString>,
) -> Ret<Object> {
    let class = class_arg(cx, class, true, data(this).info_class.get(), "SplFileInfo")?;
    let path = path_to_open(cx, this)?;
    about(cx, this, class, &path)
}

fn spl_file_info_get_path_info(
    cx: &mut Cx,
    this: &Object,
    class: Option<&PhpString>,
) -> Ret<Option<Object>> {
    let class = class_arg(cx, class, true, data(this).info_class.get(), "SplFileInfo")?;
    let Some(path) = path_of(this).filter(|path| !path.is_empty()) else { return Ok(None) };
    let folder = names::dirname(cx, &path, 1)?;
    if folder.is_empty() {
        return Ok(None);
    }
    about(cx, this, class, &folder).map(Some)
}

fn spl_file_info_open_file(
    cx: &mut Cx,
    this: &Object,
    mode: &PhpString,
    use_include_path: bool,
    context: &Value,
) -> Ret<Object> {
    let class = class_arg(cx, None, false, data(this).file_class.get(), "SplFileObject")?;
    let path = path_to_open(cx, this)?;
    let args =
        vec![Value::Str(path), Value::Str(mode.clone()), use_include_path.into(), context.clone()];
    cx.new_object(class, args)
}

fn spl_file_info_set_file_class(cx: &mut Cx, this: &Object, class: &PhpString) -> Ret<()> {
    let class = class_arg(cx, Some(class), false, None, "SplFileObject")?;
    data(this).file_class.set(Some(class));
    Ok(())
}

fn spl_file_info_set_info_class(cx: &mut Cx, this: &Object, class: &PhpString) -> Ret<()> {
    let class = class_arg(cx, Some(class), false, None, "SplFileInfo")?;
    data(this).info_class.set(Some(class));
    Ok(())
}

fn spl_file_info_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    spl_file_info_get_pathname(cx, this)
}

fn spl_file_info_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(super::shown(cx, this))
}

fn spl_file_info_bad_state_ex(cx: &mut Cx, _this: &Object) -> Ret<()> {
    Err(cx.throw_error("The parent constructor was not called: the object is in an invalid state"))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn paths_lose_slashes_at_the_end() {
        let parts = |path: &str| {
            let (path, folder) = split(path.as_bytes());
            (path.to_vec(), folder.to_vec())
        };
        assert_eq!(parts("/a/b//"), (b"/a/b".to_vec(), b"/a".to_vec()));
        assert_eq!(parts("b"), (b"b".to_vec(), Vec::new()));
        assert_eq!(parts("/"), (b"/".to_vec(), Vec::new()));
        assert_eq!(parts(""), (Vec::new(), Vec::new()));
    }
}
