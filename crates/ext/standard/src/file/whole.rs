//! Functions that read or write a whole file.

use super::handle::{make_temporary, pass_through};
use super::{check_path, shown};
use crate::stream::context::context_arg;
use crate::stream::{Opened, Stream, Wrapper, basedir, locate, open, stream_arg};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::rc::Rc;

#[path = "whole_stub.rs"]
mod whole_stub;
pub use whole_stub::MODULE;

/// All that a URL or path holds; `None`: it could not be opened, which was reported.
pub fn contents_of(cx: &mut Cx, path: &[u8], how: Opened<'_>) -> Ret<Option<Vec<u8>>> {
    let Some(stream) = open(cx, path, b"rb", how)? else { return Ok(None) };
    let contents = stream.contents(cx, None);
    stream.close(cx)?;
    contents.map(Some)
}

/// `file_get_contents()`
pub fn file_get_contents(
    cx: &mut Cx,
    filename: &PhpString,
    use_include_path: bool,
    context: &Value,
    offset: i64,
    length: Option<i64>,
) -> Ret<OrFalse<Vec<u8>>> {
    check_path(cx, 1, filename)?;
    if length.is_some_and(|length| length < 0) {
        return Err(cx.arg_value_error(5, "must be greater than or equal to 0"));
    }
    let context = context_arg(cx, 3, Some(context))?;
    let how =
        Opened { include_path: use_include_path, context: Some(&context), ..Opened::default() };
    let Some(stream) = open(cx, filename, b"rb", how)? else { return Ok(OrFalse(None)) };
    if offset != 0 {
        // A negative offset counts from the end.
        let whence = if offset > 0 { 0 } else { 2 };
        if !stream.seek(cx, offset, whence)? {
            cx.warning(format!("Failed to seek to position {offset} in the stream"))?;
            stream.close(cx)?;
            return Ok(OrFalse(None));
        }
    }
    let contents = match length {
        Some(0) => Ok(Vec::new()),
        length => stream.contents(cx, length.map(|n| n as usize)),
    };
    stream.close(cx)?;
    contents.map(|bytes| OrFalse(Some(bytes)))
}

/// `file_put_contents()`
pub fn file_put_contents(
    cx: &mut Cx,
    filename: &PhpString,
    data: &Value,
    flags: i64,
    context: &Value,
) -> Ret<OrFalse<i64>> {
    check_path(cx, 1, filename)?;
    let source = match data {
        Value::Resource(_) => Some(stream_arg(cx, 2, data)?),
        _ => None,
    };
    let context = context_arg(cx, 4, Some(context))?;
    let lock = flags & 2 != 0;
    let mode: &[u8] = if flags & 8 != 0 {
        b"ab"
    } else if lock {
        let scheme = crate::stream::scheme_of(filename);
        if scheme.is_some_and(|s| !s.eq_ignore_ascii_case(b"file")) {
            let user = crate::stream::is_user_path(cx, filename);
            if !user {
                cx.warning("Exclusive locks may only be set for regular files")?;
                return Ok(OrFalse(None));
            }
        }
        b"cb"
    } else {
        b"wb"
    };
    let how = Opened { include_path: flags & 1 != 0, context: Some(&context), ..Opened::default() };
    let Some(stream) = open(cx, filename, mode, how)? else { return Ok(OrFalse(None)) };
    if lock {
        let locked = match stream.backend() {
            Some(backend) => backend.lockable(cx)? && matches!(backend.lock(cx, 2)?, Some(Ok(()))),
            None => false,
        };
        if !locked {
            stream.close(cx)?;
            cx.warning("Exclusive locks are not supported for this stream")?;
            return Ok(OrFalse(None));
        }
        if mode == b"cb"
            && let Some(backend) = stream.backend()
        {
            backend.truncate(cx, 0)?;
        }
    }
    let written = put(cx, &stream, data, source);
    stream.close(cx)?;
    written.map(OrFalse)
}

fn put(
    cx: &mut Cx,
    stream: &Rc<Stream>,
    data: &Value,
    source: Option<Rc<Stream>>,
) -> Ret<Option<i64>> {
    if let Some(source) = source {
        let bytes = source.contents(cx, None)?;
        return Ok(stream.write(cx, &bytes)?.map(|n| n as i64));
    }
    if let Value::Array(list) = data {
        let mut total = 0;
        for (_, item) in list.iter() {
            let text = cx.to_str(&item.deref())?;
            match put_text(cx, stream, &text)? {
                Some(count) => total += count,
                None => return Ok(None),
            }
        }
        return Ok(Some(total));
    }
    let text = cx.to_str(data)?;
    put_text(cx, stream, &text)
}

fn put_text(cx: &mut Cx, stream: &Rc<Stream>, text: &PhpString) -> Ret<Option<i64>> {
    match stream.write(cx, text)? {
        Some(count) if count == text.len() => Ok(Some(count as i64)),
        count => {
            if let Some(count) = count {
                let all = text.len();
                cx.warning(format!(
                    "Only {count} of {all} bytes written, possibly out of free disk space"
                ))?;
            }
            Ok(None)
        }
    }
}

/// `file()`
pub fn file(
    cx: &mut Cx,
    filename: &PhpString,
    flags: i64,
    context: &Value,
) -> Ret<OrFalse<PhpArray>> {
    check_path(cx, 1, filename)?;
    if !(0..=(1 | 2 | 4 | 16)).contains(&flags) || flags & 8 != 0 {
        return Err(cx.arg_value_error(2, "must be a valid flag value"));
    }
    let context = context_arg(cx, 3, Some(context))?;
    let how = Opened { include_path: flags & 1 != 0, context: Some(&context), ..Opened::default() };
    let Some(bytes) = contents_of(cx, filename, how)? else { return Ok(OrFalse(None)) };
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if flags & 2 == 0 {
            lines.push(Value::str(line));
            continue;
        }
        let line = line.strip_suffix(b"\n").map_or(line, |l| l.strip_suffix(b"\r").unwrap_or(l));
        if flags & 4 == 0 || !line.is_empty() {
            lines.push(Value::str(line));
        }
    }
    Ok(OrFalse(Some(PhpArray::from_list(lines))))
}

/// `readfile()`
pub fn readfile(
    cx: &mut Cx,
    filename: &PhpString,
    use_include_path: bool,
    context: &Value,
) -> Ret<OrFalse<i64>> {
    check_path(cx, 1, filename)?;
    let context = context_arg(cx, 3, Some(context))?;
    let how =
        Opened { include_path: use_include_path, context: Some(&context), ..Opened::default() };
    let Some(stream) = open(cx, filename, b"rb", how)? else { return Ok(OrFalse(None)) };
    let count = pass_through(cx, &stream);
    stream.close(cx)?;
    count.map(|n| OrFalse(Some(n)))
}

/// `copy()`
pub fn copy(cx: &mut Cx, from: &PhpString, to: &PhpString, context: &Value) -> Ret<bool> {
    check_path(cx, 1, from)?;
    check_path(cx, 2, to)?;
    let context = context_arg(cx, 3, Some(context))?;
    let how = Opened { context: Some(&context), ..Opened::default() };
    if let (Wrapper::Builtin("file"), local) = locate(cx, from, true)?
        && basedir::forbids(cx, local)?
    {
        return Ok(false);
    }
    let (source, target) = (
        super::status::url_stat(cx, from, true, true)?,
        super::status::url_stat(cx, to, true, true)?,
    );
    let is_dir =
        |s: Option<crate::stream::Stat>| s.is_some_and(|s| s.mode() & 0o170_000 == 0o040_000);
    if is_dir(source) {
        cx.warning("The first argument to copy() function cannot be a directory")?;
        return Ok(false);
    }
    if is_dir(target) {
        cx.warning("The second argument to copy() function cannot be a directory")?;
        return Ok(false);
    }
    if let (Some(source), Some(target)) = (source, target) {
        let same = source.fields[1] != 0
            && source.fields[0] == target.fields[0]
            && source.fields[1] == target.fields[1];
        if same {
            return Ok(false);
        }
    }
    let Some(source) = open(cx, from, b"rb", how)? else { return Ok(false) };
    let Some(target) = open(cx, to, b"wb", how)? else {
        source.close(cx)?;
        return Ok(false);
    };
    let copied = pump(cx, &source, &target, None);
    source.close(cx)?;
    target.close(cx)?;
    Ok(copied?.is_some())
}

/// Copies what follows from one stream to another; `None`: a write failed.
pub fn pump(
    cx: &mut Cx,
    from: &Rc<Stream>,
    to: &Rc<Stream>,
    limit: Option<usize>,
) -> Ret<Option<usize>> {
    let mut total = 0;
    loop {
        let want = limit.map_or(from.chunk.get(), |limit| (limit - total).min(from.chunk.get()));
        if want == 0 {
            return Ok(Some(total));
        }
        match from.read(cx, want)? {
            Some(bytes) if !bytes.is_empty() => match to.write(cx, &bytes)? {
                Some(count) => {
                    total += count;
                    if count < bytes.len() {
                        return Ok(Some(total));
                    }
                }
                None => return Ok(None),
            },
            _ => return Ok(Some(total)),
        }
    }
}

/// `tempnam()`
pub fn tempnam(cx: &mut Cx, directory: &PhpString, prefix: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    check_path(cx, 1, directory)?;
    check_path(cx, 2, prefix)?;
    let base = prefix.iter().rposition(|b| *b == b'/').map_or(&prefix[..], |at| &prefix[at + 1..]);
    let base = &base[..base.len().min(63)];
    if !directory.is_empty() && basedir::forbids(cx, directory)? {
        return Ok(OrFalse(None));
    }
    if !directory.is_empty() {
        let folder = crate::stream::registry::path_of(cx, directory);
        let folder = std::fs::canonicalize(folder).ok();
        let folder = folder.map(|f| std::os::unix::ffi::OsStringExt::into_vec(f.into_os_string()));
        if let Some(folder) = folder
            && let Some((name, _)) = make_temporary(cx, &folder, base)
        {
            return Ok(OrFalse(Some(name)));
        }
        cx.notice("file created in the system's temporary directory")?;
    }
    let folder = crate::general::system::temporary_directory(cx);
    let made = make_temporary(cx, &folder, base);
    if made.is_none() {
        cx.warning(format!("Unable to create a file in {}", shown(&folder)))?;
    }
    Ok(OrFalse(made.map(|(name, _)| name)))
}
