//! Files and folders as objects: `SplFileInfo`, `DirectoryIterator` and its kin, `SplFileObject`.
//!
//! All of them are one kind of native object: a path, and for some an open folder or file.
//! <https://www.php.net/manual/en/spl.files.php>

pub(crate) mod directory;
pub(crate) mod info;
mod listing;
pub(crate) mod object;
mod reader;

use listing::Listing;
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, ObjectHandlers, Ret};
use reader::{Lines, Reader};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What objects of all these classes do.
pub(crate) const FILE_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(create), clone: Some(copy), ..ObjectHandlers::STANDARD };

/// What a file object holds.
#[derive(Default)]
pub(crate) struct FileData {
    /// Path as given, without slashes at its end; of folders: of the current entry, once asked for.
    name: RefCell<Option<PhpString>>,
    /// The folder that the name is in.
    folder: RefCell<PhpString>,
    /// `setInfoClass()`
    info_class: Cell<Option<ClassRef>>,
    /// `setFileClass()`
    file_class: Cell<Option<ClassRef>>,
    listing: RefCell<Option<Rc<Listing>>>,
    reader: RefCell<Option<Rc<Reader>>>,
    how: Lines,
}

impl ObjectData for FileData {
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        if let Some(reader) = &*self.reader.borrow() {
            reader.trace(visit);
        }
    }
    fn clear(&self) {
        let old = (self.listing.take(), self.reader.take());
        drop(old);
    }
}

fn data(this: &Object) -> &FileData {
    this.data::<FileData>().expect("every file object has its data")
}

fn create(_cx: &mut Cx, this: &Object) -> Ret<()> {
    this.set_data(Box::new(FileData::default()));
    Ok(())
}

fn copy(cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let from = data(old);
    let listing = from.listing.borrow().clone();
    let listing = match listing {
        Some(listing) => Some(Rc::new(listing.reopened(cx)?)),
        None => None,
    };
    new.set_data(Box::new(FileData {
        name: from.name.clone(),
        folder: from.folder.clone(),
        info_class: from.info_class.clone(),
        file_class: from.file_class.clone(),
        listing: RefCell::new(listing),
        ..FileData::default()
    }));
    Ok(())
}

/// A private property of one of these classes, as dumps show it.
fn private(class: &str, name: &str) -> PhpString {
    PhpString::from(format!("\0{class}\0{name}"))
}

/// What `var_dump()` shows.
fn shown(cx: &mut Cx, this: &Object) -> PhpArray {
    let mut all = cx.mangled_vars(this);
    let mut put = |class: &str, name: &str, value: Value| {
        all.insert_str(private(class, name), value);
    };
    let file = data(this);
    let (path, name) = (path_of(this), info::name_of(this));
    put("SplFileInfo", "pathName", Value::Str(path.unwrap_or_default()));
    if let Some(name) = name {
        put("SplFileInfo", "fileName", Value::Str(name));
    }
    if let Some(listing) = &*file.listing.borrow() {
        let glob = listing.glob_pattern().map_or(Value::Bool(false), Value::Str);
        put("DirectoryIterator", "glob", glob);
        put(
            "RecursiveDirectoryIterator",
            "subPathName",
            Value::Str(listing.sub_path.borrow().clone()),
        );
    }
    if let Some(reader) = &*file.reader.borrow() {
        let dialect = file.how.dialect.get();
        put("SplFileObject", "openMode", Value::Str(reader.mode.clone()));
        put("SplFileObject", "delimiter", Value::str([dialect.delimiter]));
        put("SplFileObject", "enclosure", Value::str([dialect.enclosure]));
    }
    all
}

/// The whole path; of a folder: of its current entry. `None` where there is none.
fn path_of(this: &Object) -> Option<PhpString> {
    let file = data(this);
    match &*file.listing.borrow() {
        Some(listing) => listing.current_path(),
        None => file.name.borrow().clone(),
    }
}

/// The same, or PHP's error for an object whose constructor has not run.
fn path_or_throw(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    match path_of(this) {
        Some(path) => Ok(path),
        None if data(this).listing.borrow().is_some() => Ok(PhpString::default()),
        None => Err(not_initialized(cx)),
    }
}

fn not_initialized(cx: &mut Cx) -> outlast_vm::Unwind {
    cx.throw_error("Object not initialized")
}

/// A class derived from `base`, as argument 1 names it; `None`: `chosen`, else `base` itself.
fn class_arg(
    cx: &mut Cx,
    name: Option<&PhpString>,
    nullable: bool,
    chosen: Option<ClassRef>,
    base: &str,
) -> Ret<ClassRef> {
    let base_class = cx.class_or_throw(&base.into())?;
    let Some(name) = name else { return Ok(chosen.unwrap_or(base_class)) };
    match cx.lookup_class(name, true)? {
        Some(class) if class.is_subclass_of_or_same(base_class) => Ok(class),
        _ => {
            let or_null = if nullable { " or null" } else { "" };
            let given = String::from_utf8_lossy(name).into_owned();
            let text = format!("must be a class name derived from {base}{or_null}, {given} given");
            Err(cx.arg_type_error(1, &text))
        }
    }
}
