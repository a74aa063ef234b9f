//! Folders (manual: book.dir).

use crate::file::{check_path, pattern};
use crate::stream::backend::{Backend, Chunk, Io, error_text};
use crate::stream::context::context_arg;
use crate::stream::registry::{Wrapper, change_directory, place};
use crate::stream::user::UserStream;
use crate::stream::{Make, Stream, basedir, locate, stream_of};
use outlast_value::{Object, PhpArray, PhpString, Resource, Value};
use outlast_vm::{Cx, OrFalse, Ret, Unwind};
use std::any::Any;
use std::cell::Cell;
use std::io::{self, SeekFrom};
use std::rc::Rc;

mod dir_stub;
pub use dir_stub::MODULE;

/// Names that were found when a folder was opened.
struct Listing {
    label: &'static str,
    names: Vec<Vec<u8>>,
    at: Cell<usize>,
}

impl Backend for Listing {
    fn label(&self) -> &'static str {
        self.label
    }

    fn read(&self, cx: &mut Cx, _count: usize) -> Io<Chunk> {
        Ok(match self.entry(cx)? {
            Some(bytes) => Ok(Chunk { bytes, end: false }),
            None => Ok(Chunk { bytes: Vec::new(), end: true }),
        })
    }

    fn write(&self, _cx: &mut Cx, _bytes: &[u8]) -> Io<usize> {
        Ok(Err(io::ErrorKind::Unsupported.into()))
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, _cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        Ok(match to {
            SeekFrom::Start(at) => {
                self.at.set((at as usize).min(self.names.len()));
                Some(at)
            }
            _ => None,
        })
    }

    fn entry(&self, _cx: &mut Cx) -> Ret<Option<Vec<u8>>> {
        let name = self.names.get(self.at.get()).cloned();
        if name.is_some() {
            self.at.set(self.at.get() + 1);
        }
        Ok(name)
    }

    fn rewind_entries(&self, _cx: &mut Cx) -> Ret<()> {
        self.at.set(0);
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The folder that functions without a handle use.
#[derive(Default)]
struct Last(Option<Resource>);

/// Why a folder was not opened: text and number.
type Refused = (String, Option<i32>);

/// Opens a folder; `Err`: the reason.
fn open(cx: &mut Cx, path: &[u8], context: &Resource) -> Ret<Result<Rc<Stream>, Refused>> {
    let (wrapper, local) = locate(cx, path, false)?;
    let (backend, wrapper, data): (Rc<dyn Backend>, &'static str, Value) = match wrapper {
        Wrapper::Builtin("file") if basedir::forbids(cx, local)? => {
            return Ok(Err(("Operation not permitted".to_owned(), Some(1))));
        }
        Wrapper::Builtin("file") => match place(cx).names(local) {
            Ok(names) => {
                let listing = Listing { label: "dir", names, at: Cell::new(0) };
                (Rc::new(listing), "plainfile", Value::Undef)
            }
            Err(error) => return Ok(Err((error_text(&error), error.raw_os_error()))),
        },
        Wrapper::Builtin("glob") => {
            let target = path[7..].to_vec();
            let names = pattern::find(cx, &target, 0);
            let names = names
                .into_iter()
                .map(|p| {
                    p.iter().rposition(|b| *b == b'/').map_or(p.clone(), |at| p[at + 1..].to_vec())
                })
                .collect();
            let listing = Listing { label: "glob", names, at: Cell::new(0) };
            (Rc::new(listing), "glob", Value::Undef)
        }
        Wrapper::User(user) => {
            let opened = UserStream::open_directory(cx, &user, path, 0, Some(context))?;
            match opened {
                Ok(stream) => {
                    let object = stream.object().clone();
                    (Rc::new(stream), "user-space", Value::Object(object))
                }
                Err(reason) => return Ok(Err((reason, None))),
            }
        }
        Wrapper::Builtin(_) => return Ok(Err(("not implemented".to_owned(), None))),
    };
    let stream = Stream::directory(cx, Make { backend, wrapper, mode: b"r", uri: None });
    *stream.wrapper_data.borrow_mut() = data;
    *stream.context.borrow_mut() = Some(context.clone());
    Ok(Ok(stream))
}

fn open_reporting(
    cx: &mut Cx,
    path: &PhpString,
    context: &Value,
    n: usize,
) -> Ret<Option<Rc<Stream>>> {
    check_path(cx, 1, path)?;
    let context = context_arg(cx, n, Some(context))?;
    if path.is_empty() {
        return Ok(None);
    }
    match open(cx, path, &context)? {
        Ok(stream) => Ok(Some(stream)),
        Err((reason, _)) => {
            cx.warning_about(path, format!("Failed to open directory: {reason}"))?;
            Ok(None)
        }
    }
}

/// A folder to list, with `opendir()`'s warning if it cannot be opened.
pub fn open_listing(cx: &mut Cx, path: &PhpString) -> Ret<Option<Rc<Stream>>> {
    open_reporting(cx, path, &Value::Null, 2)
}

/// The next name in a folder; `None` at the end.
pub fn next_entry(cx: &mut Cx, stream: &Rc<Stream>) -> Ret<Option<Vec<u8>>> {
    entry(cx, stream).map(|entry| entry.0)
}

/// The value of an opened folder, which later calls without a handle use.
fn remember(cx: &mut Cx, stream: Rc<Stream>) -> Value {
    let value = stream.into_value(cx);
    if let Value::Resource(resource) = &value {
        cx.state::<Last>().0 = Some(resource.clone());
    }
    value
}

/// `opendir()`
pub fn opendir(cx: &mut Cx, directory: &PhpString, context: &Value) -> Ret<Value> {
    Ok(match open_reporting(cx, directory, context, 2)? {
        Some(stream) => remember(cx, stream),
        None => Value::Bool(false),
    })
}

/// `dir()`
pub fn dir(cx: &mut Cx, directory: &PhpString, context: &Value) -> Ret<OrFalse<Object>> {
    let Some(stream) = open_reporting(cx, directory, context, 2)? else {
        return Ok(OrFalse(None));
    };
    let handle = remember(cx, stream);
    let class = cx.class_or_throw(&"Directory".into())?;
    let object = cx.instantiate(class)?;
    for (slot, value) in [Value::Str(directory.clone()), handle].into_iter().enumerate() {
        object.set_slot(slot, value);
    }
    Ok(OrFalse(Some(object)))
}

fn not_directory(cx: &mut Cx, n: usize) -> Unwind {
    cx.arg_type_error(n, "must be a valid Directory resource")
}

/// The folder of an optional argument.
fn handle_arg(cx: &mut Cx, value: &Value) -> Ret<(Rc<Stream>, Resource)> {
    let resource = match value {
        Value::Null => match &cx.state::<Last>().0 {
            Some(resource) => resource.clone(),
            None => return Err(cx.throw_type_error("No resource supplied")),
        },
        Value::Resource(resource) => resource.clone(),
        other => {
            let given = cx.value_type_name(other);
            let text = format!("must be of type resource or null, {given} given");
            return Err(cx.arg_type_error(1, &text));
        }
    };
    match stream_of(&resource) {
        Some(stream) if !stream.is_open() => Err(crate::stream::not_a_stream(cx, "Directory")),
        Some(stream) if stream.is_directory => Ok((stream, resource)),
        Some(_) => Err(not_directory(cx, 1)),
        None => Err(crate::stream::not_a_stream(cx, "Directory")),
    }
}

fn entry(cx: &mut Cx, stream: &Rc<Stream>) -> Ret<OrFalse<Vec<u8>>> {
    let Some(backend) = stream.backend() else { return Ok(OrFalse(None)) };
    let entry = backend.entry(cx)?;
    if entry.is_none() {
        stream.end.set(true);
    }
    Ok(OrFalse(entry))
}

/// Back to the first name.
pub fn rewind_entries(cx: &mut Cx, stream: &Rc<Stream>) -> Ret<()> {
    match stream.backend() {
        Some(backend) => backend.rewind_entries(cx),
        None => Ok(()),
    }
}

fn close_handle(cx: &mut Cx, stream: &Rc<Stream>, resource: &Resource) -> Ret<()> {
    let last = &mut cx.state::<Last>().0;
    if last.as_ref().is_some_and(|last| last.ptr_eq(resource)) {
        *last = None;
    }
    stream.close_resource(cx, resource)
}

/// `readdir()`
pub fn readdir(cx: &mut Cx, dir_handle: &Value) -> Ret<OrFalse<Vec<u8>>> {
    let (stream, _) = handle_arg(cx, dir_handle)?;
    entry(cx, &stream)
}

/// `rewinddir()`
pub fn rewinddir(cx: &mut Cx, dir_handle: &Value) -> Ret<()> {
    let (stream, _) = handle_arg(cx, dir_handle)?;
    rewind_entries(cx, &stream)
}

/// `closedir()`
pub fn closedir(cx: &mut Cx, dir_handle: &Value) -> Ret<()> {
    let (stream, resource) = handle_arg(cx, dir_handle)?;
    close_handle(cx, &stream, &resource)
}

/// The folder of a `Directory` object.
fn of_object(cx: &mut Cx, this: &Object) -> Ret<(Rc<Stream>, Resource)> {
    match this.slot(1).deref() {
        Value::Resource(resource) => match stream_of(&resource) {
            Some(stream) if stream.is_open() => {
                if stream.is_directory {
                    Ok((stream, resource))
                } else {
                    Err(cx.throw_error("Internal directory stream has been altered"))
                }
            }
            _ => Err(crate::stream::not_a_stream(cx, "Directory")),
        },
        _ => Err(cx.throw_error("Unable to find my handle property")),
    }
}

/// `Directory::read()`
pub fn directory_read(cx: &mut Cx, this: &Object) -> Ret<OrFalse<Vec<u8>>> {
    let (stream, _) = of_object(cx, this)?;
    entry(cx, &stream)
}

/// `Directory::rewind()`
pub fn directory_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    let (stream, _) = of_object(cx, this)?;
    rewind_entries(cx, &stream)
}

/// `Directory::close()`
pub fn directory_close(cx: &mut Cx, this: &Object) -> Ret<()> {
    let (stream, resource) = of_object(cx, this)?;
    close_handle(cx, &stream, &resource)
}

/// `chdir()`
pub fn chdir(cx: &mut Cx, directory: &PhpString) -> Ret<bool> {
    check_path(cx, 1, directory)?;
    if basedir::forbids(cx, directory)? {
        return Ok(false);
    }
    match change_directory(cx, directory) {
        Ok(()) => Ok(true),
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(0);
            cx.warning(format!("{} (errno {code})", error_text(&error)))?;
            Ok(false)
        }
    }
}

/// `getcwd()`
pub fn getcwd(cx: &mut Cx) -> Ret<OrFalse<Vec<u8>>> {
    Ok(OrFalse(Some(cx.cwd.clone())))
}

/// `scandir()`
pub fn scandir(
    cx: &mut Cx,
    directory: &PhpString,
    sorting_order: i64,
    context: &Value,
) -> Ret<OrFalse<PhpArray>> {
    check_path(cx, 1, directory)?;
    if directory.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let context = context_arg(cx, 3, Some(context))?;
    let stream = match open(cx, directory, &context)? {
        Ok(stream) => stream,
        Err((reason, code)) => {
            cx.warning_about(directory, format!("Failed to open directory: {reason}"))?;
            let code = code.unwrap_or(2);
            let text = outlast_host::strerror(code);
            cx.warning(format!("(errno {code}): {text}"))?;
            return Ok(OrFalse(None));
        }
    };
    let mut names = Vec::new();
    while let OrFalse(Some(name)) = entry(cx, &stream)? {
        names.push(name);
    }
    stream.close(cx)?;
    match sorting_order {
        0 => names.sort(),
        2 => {}
        _ => names.sort_by(|a, b| b.cmp(a)),
    }
    Ok(OrFalse(Some(names.into_iter().map(Value::str).collect())))
}
