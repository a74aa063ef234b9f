//! `DirectoryIterator`, `FilesystemIterator`, `RecursiveDirectoryIterator`, `GlobIterator`.

#[path = "directory_stub.rs"]
mod directory_stub;
pub(crate) use directory_stub::MODULE;

use super::info::{
    about, path_to_open, spl_file_info_get_basename, spl_file_info_get_extension,
    spl_file_info_get_filename,
};
use super::listing::{Listing, join};
use super::{class_arg, data, not_initialized};
use outlast_ext_standard::file::status;
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, Ret};
use std::rc::Rc;

pub(super) const SKIP_DOTS: i64 = 4096;
const CURRENT_AS_SELF: i64 = 16;
const CURRENT_AS_PATHNAME: i64 = 32;
const CURRENT_MODE_MASK: i64 = 240;
const KEY_AS_FILENAME: i64 = 256;
const FOLLOW_SYMLINKS: i64 = 16384;
/// `KEY_MODE_MASK`, `CURRENT_MODE_MASK` and `OTHER_MODE_MASK`.
const ALL_MODES: i64 = 3840 | CURRENT_MODE_MASK | 28672;

fn listing(cx: &mut Cx, this: &Object) -> Ret<Rc<Listing>> {
    let listing = data(this).listing.borrow().clone();
    listing.ok_or_else(|| not_initialized(cx))
}

fn open(cx: &mut Cx, this: &Object, path: &PhpString, flags: i64) -> Ret<()> {
    outlast_ext_standard::file::check_path(cx, 1, path)?;
    if path.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if data(this).listing.borrow().is_some() {
        return Err(cx.throw_error("Directory object is already initialized"));
    }
    let listing = Listing::open(cx, path, flags)?;
    *data(this).listing.borrow_mut() = Some(Rc::new(listing));
    Ok(())
}

fn directory_iterator_construct(cx: &mut Cx, this: &Object, directory: &PhpString) -> Ret<()> {
    open(cx, this, directory, CURRENT_AS_SELF)
}

fn directory_iterator_get_filename(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    spl_file_info_get_filename(cx, this)
}

fn directory_iterator_get_extension(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    spl_file_info_get_extension(cx, this)
}

fn directory_iterator_get_basename(
    cx: &mut Cx,
    this: &Object,
    suffix: &PhpString,
) -> Ret<PhpString> {
    spl_file_info_get_basename(cx, this, suffix)
}

fn directory_iterator_is_dot(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(listing(cx, this)?.is_dot())
}

fn directory_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    listing(cx, this)?.rewind(cx)
}

fn directory_iterator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(listing(cx, this)?.entry().is_some())
}

fn directory_iterator_key(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(listing(cx, this)?.index.get())
}

fn directory_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Object> {
    listing(cx, this)?;
    Ok(this.clone())
}

fn directory_iterator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    listing(cx, this)?.next(cx)
}

fn directory_iterator_seek(cx: &mut Cx, this: &Object, offset: i64) -> Ret<()> {
    let listing = listing(cx, this)?;
    if listing.index.get() > offset {
        cx.call_method(this, "rewind", Vec::new())?;
    }
    while listing.index.get() < offset {
        let valid = cx.call_method(this, "valid", Vec::new())?;
        if !cx.to_bool(&valid)? {
            let text = format!("Seek position {offset} is out of range");
            return Err(cx.throw("OutOfBoundsException", text));
        }
        cx.call_method(this, "next", Vec::new())?;
    }
    Ok(())
}

fn directory_iterator_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    spl_file_info_get_filename(cx, this)
}

fn filesystem_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    directory: &PhpString,
    flags: i64,
) -> Ret<()> {
    open(cx, this, directory, flags)
}

fn filesystem_iterator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    listing(cx, this)?.rewind(cx)
}

fn filesystem_iterator_key(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let listing = listing(cx, this)?;
    let key = if listing.flags.get() & KEY_AS_FILENAME != 0 {
        listing.entry()
    } else {
        listing.current_path()
    };
    Ok(key.unwrap_or_default())
}

fn filesystem_iterator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let listing = listing(cx, this)?;
    match listing.flags.get() & CURRENT_MODE_MASK {
        CURRENT_AS_PATHNAME => Ok(Value::Str(listing.current_path().unwrap_or_default())),
        0 => {
            let class = class_arg(cx, None, false, data(this).info_class.get(), "SplFileInfo")?;
            let path = path_to_open(cx, this)?;
            about(cx, this, class, &path).map(Value::Object)
        }
        _ => Ok(Value::Object(this.clone())),
    }
}

fn filesystem_iterator_get_flags(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(listing(cx, this)?.flags.get() & ALL_MODES)
}

fn filesystem_iterator_set_flags(cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    let listing = listing(cx, this)?;
    listing.flags.set((listing.flags.get() & !ALL_MODES) | (flags & ALL_MODES));
    Ok(())
}

fn recursive_directory_iterator_construct(
    cx: &mut Cx,
    this: &Object,
    directory: &PhpString,
    flags: i64,
) -> Ret<()> {
    open(cx, this, directory, flags)
}

fn recursive_directory_iterator_has_children(
    cx: &mut Cx,
    this: &Object,
    allow_links: bool,
) -> Ret<bool> {
    let listing = listing(cx, this)?;
    let Some(path) = listing.current_path().filter(|_| !listing.is_dot()) else {
        return Ok(false);
    };
    let follows = allow_links || listing.flags.get() & FOLLOW_SYMLINKS != 0;
    if !follows && status::is_link(cx, &path)? {
        return Ok(false);
    }
    status::is_dir(cx, &path)
}

fn recursive_directory_iterator_get_children(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let listing = listing(cx, this)?;
    let path = listing.current_path().unwrap_or_default();
    let args = vec![Value::Str(path), Value::Int(listing.flags.get())];
    let children = cx.new_object(this.class(), args)?;
    let (own, below) = (data(this), data(&children));
    below.info_class.set(own.info_class.get());
    below.file_class.set(own.file_class.get());
    if let Some(below) = &*below.listing.borrow() {
        let name = listing.entry().unwrap_or_default();
        *below.sub_path.borrow_mut() = join(&listing.sub_path.borrow(), &name);
    }
    Ok(children)
}

fn recursive_directory_iterator_get_sub_path(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(listing(cx, this)?.sub_path.borrow().clone())
}

fn recursive_directory_iterator_get_sub_pathname(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let listing = listing(cx, this)?;
    let name = listing.entry().unwrap_or_default();
    Ok(join(&listing.sub_path.borrow(), &name))
}

fn glob_iterator_construct(cx: &mut Cx, this: &Object, pattern: &PhpString, flags: i64) -> Ret<()> {
    if pattern.is_empty() || pattern.starts_with(b"glob://") {
        return open(cx, this, pattern, flags);
    }
    let pattern = PhpString::from([b"glob://", &pattern[..]].concat());
    open(cx, this, &pattern, flags)
}

fn glob_iterator_count(cx: &mut Cx, this: &Object) -> Ret<usize> {
    let listing = listing(cx, this)?;
    Ok(listing.matches().unwrap_or(0))
}
