//! Wrappers of the script's own: classes with `stream_open` and so on
//! (manual: class.streamwrapper).

use super::backend::{Backend, Chunk, Io, STAT_NAMES, Stat};
use super::registry::UserWrapper;
use outlast_value::{Object, Reference, Resource, Value};
use outlast_vm::{Cx, ObjectClass, Ret};
use std::any::Any;
use std::cell::Cell;
use std::io::{self, SeekFrom};
use std::time::Duration;

/// An object of a wrapper class: one per open stream or operation.
pub struct UserStream {
    object: Object,
    directory: bool,
    seekable: Cell<bool>,
}

fn failed<T>() -> Io<T> {
    Ok(Err(io::Error::from(io::ErrorKind::Other)))
}

/// Makes an object of the wrapper's class.
pub fn make(cx: &mut Cx, wrapper: &UserWrapper, context: Option<&Resource>) -> Ret<Object> {
    let object = cx.instantiate(wrapper.class)?;
    let context = context.map_or(Value::Null, |c| Value::Resource(c.clone()));
    cx.write_prop(&object, &"context".into(), context)?;
    if wrapper.class.method(b"__construct").is_some() {
        cx.call_method(&object, "__construct", Vec::new())?;
    }
    Ok(object)
}

/// Calls a method if there is one.
pub fn call(cx: &mut Cx, object: &Object, name: &str, args: Vec<Value>) -> Ret<Option<Value>> {
    let class = object.class();
    if class.method(name.as_bytes()).is_none() && class.magic.call.is_none() {
        return Ok(None);
    }
    Ok(Some(cx.call_method(object, name, args)?.into_deref()))
}

impl UserStream {
    /// Opens a URL; `Err`: the text behind "Failed to open stream: ".
    pub fn open(
        cx: &mut Cx,
        wrapper: &UserWrapper,
        path: &[u8],
        mode: &[u8],
        options: i64,
        context: Option<&Resource>,
    ) -> Ret<Result<UserStream, String>> {
        let object = make(cx, wrapper, context)?;
        let opened = Reference::new(Value::Null);
        let args =
            vec![Value::str(path), Value::str(mode), Value::Int(options), Value::Ref(opened)];
        let result = call(cx, &object, "stream_open", args)?;
        if result.is_some_and(|v| v.truthy()) {
            return Ok(Ok(UserStream { object, directory: false, seekable: Cell::new(true) }));
        }
        let class = wrapper.class.display_name();
        Ok(Err(format!("\"{class}::stream_open\" call failed")))
    }

    /// Opens a folder.
    pub fn open_directory(
        cx: &mut Cx,
        wrapper: &UserWrapper,
        path: &[u8],
        options: i64,
        context: Option<&Resource>,
    ) -> Ret<Result<UserStream, String>> {
        let object = make(cx, wrapper, context)?;
        let args = vec![Value::str(path), Value::Int(options)];
        if call(cx, &object, "dir_opendir", args)?.is_some_and(|v| v.truthy()) {
            return Ok(Ok(UserStream { object, directory: true, seekable: Cell::new(true) }));
        }
        let class = wrapper.class.display_name();
        Ok(Err(format!("\"{class}::dir_opendir\" call failed")))
    }

    /// The wrapper object, for `wrapper_data`.
    pub fn object(&self) -> &Object {
        &self.object
    }

    fn missing(&self, cx: &mut Cx, method: &str) -> Ret<()> {
        let class = self.object.class().display_name();
        cx.warning(format!("{class}::{method} is not implemented!"))
    }

    fn call(&self, cx: &mut Cx, name: &str, args: Vec<Value>) -> Ret<Option<Value>> {
        call(cx, &self.object, name, args)
    }

    fn set_option(&self, cx: &mut Cx, option: i64, one: i64, two: Value) -> Ret<bool> {
        let args = vec![Value::Int(option), Value::Int(one), two];
        match self.call(cx, "stream_set_option", args)? {
            Some(v) => Ok(v.truthy()),
            None => {
                self.missing(cx, "stream_set_option")?;
                Ok(false)
            }
        }
    }
}

/// What `url_stat` or `stream_stat` returned.
pub fn stat_of(cx: &mut Cx, value: &Value) -> Ret<Option<Stat>> {
    let Value::Array(array) = value else { return Ok(None) };
    let mut stat = Stat::default();
    for (at, name) in STAT_NAMES.iter().enumerate() {
        let entry = array.get_str(name.as_bytes()).map(Value::deref);
        if let Some(entry) = entry {
            stat.fields[at] = cx.to_int(&entry)?;
        }
    }
    Ok(Some(stat))
}

impl Backend for UserStream {
    fn label(&self) -> &'static str {
        if self.directory { "user-space-dir" } else { "user-space" }
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        let Some(result) = self.call(cx, "stream_read", vec![Value::Int(count as i64)])? else {
            self.missing(cx, "stream_read")?;
            return failed();
        };
        if matches!(result, Value::Bool(false)) {
            return failed();
        }
        let mut bytes = cx.to_str(&result)?.to_vec();
        let class = self.object.class().display_name();
        if bytes.len() > count {
            let (over, read) = (bytes.len() - count, bytes.len());
            cx.warning(format!(
                "{class}::stream_read - read {over} bytes more data than requested ({read} read, {count} max) - excess data will be lost"
            ))?;
            bytes.truncate(count);
        }
        let end = match self.call(cx, "stream_eof", Vec::new())? {
            Some(end) => end.truthy(),
            None => {
                cx.warning(format!("{class}::stream_eof is not implemented! Assuming EOF"))?;
                true
            }
        };
        Ok(Ok(Chunk { bytes, end }))
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        let Some(result) = self.call(cx, "stream_write", vec![Value::str(bytes)])? else {
            self.missing(cx, "stream_write")?;
            return failed();
        };
        if matches!(result, Value::Bool(false)) {
            return failed();
        }
        let count = usize::try_from(cx.to_int(&result)?).unwrap_or(0);
        let asked = bytes.len();
        if count > asked {
            let class = self.object.class().display_name();
            let over = count - asked;
            cx.warning(format!(
                "{class}::stream_write wrote {over} bytes more data than requested ({count} written, {asked} max)"
            ))?;
            return Ok(Ok(asked));
        }
        Ok(Ok(count))
    }

    fn seekable(&self) -> bool {
        self.seekable.get()
    }

    fn seek(&self, cx: &mut Cx, to: SeekFrom) -> Ret<Option<u64>> {
        let (offset, whence) = match to {
            SeekFrom::Start(at) => (at as i64, 0),
            SeekFrom::Current(by) => (by, 1),
            SeekFrom::End(by) => (by, 2),
        };
        let args = vec![Value::Int(offset), Value::Int(whence)];
        match self.call(cx, "stream_seek", args)? {
            None => {
                self.seekable.set(false);
                return Ok(None);
            }
            Some(v) if !v.truthy() => return Ok(None),
            Some(_) => {}
        }
        match self.call(cx, "stream_tell", Vec::new())? {
            Some(Value::Int(at)) => Ok(u64::try_from(at).ok()),
            Some(_) => Ok(None),
            None => {
                self.missing(cx, "stream_tell")?;
                Ok(None)
            }
        }
    }

    fn flush(&self, cx: &mut Cx) -> Ret<bool> {
        if self.directory {
            return Ok(true);
        }
        Ok(self.call(cx, "stream_flush", Vec::new())?.is_some_and(|v| v.truthy()))
    }

    fn close(&self, cx: &mut Cx) -> Ret<()> {
        let method = if self.directory { "dir_closedir" } else { "stream_close" };
        self.call(cx, method, Vec::new()).map(|_| ())
    }

    fn stat(&self, cx: &mut Cx) -> Ret<Option<Stat>> {
        match self.call(cx, "stream_stat", Vec::new())? {
            Some(value) => stat_of(cx, &value),
            None => {
                self.missing(cx, "stream_stat")?;
                Ok(None)
            }
        }
    }

    fn truncate(&self, cx: &mut Cx, size: u64) -> Ret<Option<bool>> {
        let class = self.object.class().display_name();
        match self.call(cx, "stream_truncate", vec![Value::Int(size as i64)])? {
            Some(Value::Bool(done)) => Ok(Some(done)),
            Some(_) => {
                cx.warning(format!("{class}::stream_truncate did not return a boolean!"))?;
                Ok(Some(false))
            }
            None => Ok(None),
        }
    }

    fn can_truncate(&self, _cx: &mut Cx) -> Ret<bool> {
        Ok(self.object.class().method(b"stream_truncate").is_some())
    }

    fn lock(&self, cx: &mut Cx, operation: i64) -> Ret<Option<Result<(), bool>>> {
        match self.call(cx, "stream_lock", vec![Value::Int(operation)])? {
            Some(v) => Ok(Some(if v.truthy() { Ok(()) } else { Err(false) })),
            None => {
                self.missing(cx, "stream_lock")?;
                Ok(None)
            }
        }
    }

    fn lockable(&self, cx: &mut Cx) -> Ret<bool> {
        Ok(self.call(cx, "stream_lock", vec![Value::Int(0)])?.is_some_and(|v| v.truthy()))
    }

    fn set_blocking(&self, cx: &mut Cx, blocking: bool) -> Ret<bool> {
        self.set_option(cx, 1, i64::from(blocking), Value::Null)
    }

    fn set_timeout(&self, cx: &mut Cx, limit: Option<Duration>) -> Ret<bool> {
        let limit = limit.unwrap_or_default();
        let micros = Value::Int(i64::from(limit.subsec_micros()));
        self.set_option(cx, 4, limit.as_secs() as i64, micros)
    }

    fn set_buffer(&self, cx: &mut Cx, option: i64, size: i64) -> Ret<i64> {
        let mode = if size == 0 { 0 } else { 2 };
        let done = self.set_option(cx, option, mode, Value::Int(size))?;
        Ok(if done { 0 } else { -1 })
    }

    fn entry(&self, cx: &mut Cx) -> Ret<Option<Vec<u8>>> {
        match self.call(cx, "dir_readdir", Vec::new())? {
            Some(Value::Bool(false)) => Ok(None),
            Some(v) => Ok(Some(cx.to_str(&v)?.to_vec())),
            None => {
                self.missing(cx, "dir_readdir")?;
                Ok(None)
            }
        }
    }

    fn rewind_entries(&self, cx: &mut Cx) -> Ret<()> {
        self.call(cx, "dir_rewinddir", Vec::new()).map(|_| ())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// An operation on a URL: `unlink`, `rename`, `mkdir`, `rmdir`, `stream_metadata`. `None`: the
/// class does not have it, which was reported.
pub fn operate(
    cx: &mut Cx,
    wrapper: &UserWrapper,
    context: Option<&Resource>,
    method: &str,
    args: Vec<Value>,
) -> Ret<Option<Value>> {
    let object = make(cx, wrapper, context)?;
    let result = call(cx, &object, method, args)?;
    if result.is_none() {
        let class = wrapper.class.display_name();
        cx.warning(format!("{class}::{method} is not implemented!"))?;
    }
    Ok(result)
}

/// `url_stat`; `flags`: `STREAM_URL_STAT_LINK`, `…_QUIET`.
pub fn url_stat(cx: &mut Cx, wrapper: &UserWrapper, path: &[u8], flags: i64) -> Ret<Option<Stat>> {
    let args = vec![Value::str(path), Value::Int(flags)];
    match operate(cx, wrapper, None, "url_stat", args)? {
        Some(value) => stat_of(cx, &value),
        None => Ok(None),
    }
}
