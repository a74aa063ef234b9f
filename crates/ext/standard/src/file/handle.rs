//! Functions of open streams.

use super::check_path;
use crate::stream::context::context_arg;
use crate::stream::plain::Plain;
use crate::stream::registry::place;
use crate::stream::{Make, Opened, Stream, open, stream_arg};
use outlast_host::files::Mode;
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::rc::Rc;

#[path = "handle_stub.rs"]
mod handle_stub;
pub use handle_stub::MODULE;

/// `fopen()`
pub fn fopen(
    cx: &mut Cx,
    filename: &PhpString,
    mode: &PhpString,
    use_include_path: bool,
    context: &Value,
) -> Ret<Value> {
    check_path(cx, 1, filename)?;
    let context = context_arg(cx, 4, Some(context))?;
    let how =
        Opened { include_path: use_include_path, context: Some(&context), ..Opened::default() };
    Ok(match open(cx, filename, mode, how)? {
        Some(stream) => stream.into_value(cx),
        None => Value::Bool(false),
    })
}

/// A name for a new file in a folder.
pub fn unique_name(directory: &[u8], prefix: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut number = outlast_host::random::number().unwrap_or(0);
    let mut name = [directory, if directory.ends_with(b"/") { b"" } else { b"/" }, prefix].concat();
    for _ in 0..6 {
        name.push(LETTERS[(number % 62) as usize]);
        number /= 62;
    }
    name
}

/// Makes a new file that nobody has; only we may read it.
pub fn make_temporary(
    cx: &mut Cx,
    directory: &[u8],
    prefix: &[u8],
) -> Option<(Vec<u8>, outlast_host::files::File)> {
    let place = place(cx);
    let mode = Mode { read: true, write: true, create: true, exclusive: true, ..Mode::default() };
    for _ in 0..100 {
        let name = unique_name(directory, prefix);
        if let Ok(file) = place.open(&name, mode) {
            let _left_readable = place.set_mode(&name, 0o600);
            return Some((name, file));
        }
        if !place.stat(directory, true).is_ok_and(|m| m.is_dir()) {
            return None;
        }
    }
    None
}

/// `tmpfile()`
pub fn tmpfile(cx: &mut Cx) -> Ret<Value> {
    let directory = crate::general::system::temporary_directory(cx);
    let Some((name, file)) = make_temporary(cx, &directory, b"php") else {
        return Ok(Value::Bool(false));
    };
    let path = crate::stream::registry::path_of(cx, &name);
    let make = Make {
        backend: Rc::new(Plain::temporary(file, path)),
        wrapper: "plainfile",
        mode: b"r+b",
        uri: Some(&name),
    };
    Ok(Stream::new(cx, make).into_value(cx))
}

/// `fclose()`
pub fn fclose(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    let open = stream_arg(cx, 1, stream)?;
    if let Value::Resource(resource) = stream {
        open.close_resource(cx, resource)?;
    }
    Ok(true)
}

/// `feof()`
pub fn feof(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    Ok(stream_arg(cx, 1, stream)?.at_end())
}

/// `fgetc()`
pub fn fgetc(cx: &mut Cx, stream: &Value) -> Ret<OrFalse<Vec<u8>>> {
    let stream = stream_arg(cx, 1, stream)?;
    Ok(OrFalse(stream.read(cx, 1)?.filter(|bytes| !bytes.is_empty())))
}

/// `fgets()`
pub fn fgets(cx: &mut Cx, stream: &Value, length: Option<i64>) -> Ret<OrFalse<Vec<u8>>> {
    let stream = stream_arg(cx, 1, stream)?;
    let limit = match length {
        None => None,
        Some(length) if length <= 0 => {
            return Err(cx.arg_value_error(2, "must be greater than 0"));
        }
        // One byte would be the null of C.
        Some(1) => return Ok(OrFalse(None)),
        Some(length) => Some(length as usize - 1),
    };
    Ok(OrFalse(stream.line(cx, limit)?))
}

/// `fread()`
pub fn fread(cx: &mut Cx, stream: &Value, length: i64) -> Ret<OrFalse<Vec<u8>>> {
    let stream = stream_arg(cx, 1, stream)?;
    if length <= 0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    Ok(OrFalse(stream.read(cx, length as usize)?))
}

/// `fwrite()`
pub fn fwrite(
    cx: &mut Cx,
    stream: &Value,
    data: &PhpString,
    length: Option<i64>,
) -> Ret<OrFalse<usize>> {
    let count = match length {
        None => data.len(),
        Some(length) => usize::try_from(length).unwrap_or(0).min(data.len()),
    };
    if count == 0 && length.is_some() {
        return Ok(OrFalse(Some(0)));
    }
    let stream = stream_arg(cx, 1, stream)?;
    Ok(OrFalse(stream.write(cx, &data[..count])?))
}

/// `fflush()`
pub fn fflush(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    stream.flush(cx, false)
}

fn sync(cx: &mut Cx, stream: &Value, data_only: bool) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    let Some(backend) = stream.backend() else { return Ok(false) };
    match backend.sync(cx, data_only)? {
        Some(done) => Ok(done),
        None => {
            cx.warning("Can't fsync this stream!")?;
            Ok(false)
        }
    }
}

/// `fsync()`
pub fn fsync(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    sync(cx, stream, false)
}

/// `fdatasync()`
pub fn fdatasync(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    sync(cx, stream, true)
}

/// `ftruncate()`
pub fn ftruncate(cx: &mut Cx, stream: &Value, size: i64) -> Ret<bool> {
    if size < 0 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    }
    let stream = stream_arg(cx, 1, stream)?;
    let Some(backend) = stream.backend() else { return Ok(false) };
    if !backend.can_truncate(cx)? {
        cx.warning("Can't truncate this stream!")?;
        return Ok(false);
    }
    truncate(cx, &stream, 2, size)
}

/// Gives a stream that can be truncated a size, which is argument `n`.
pub fn truncate(cx: &mut Cx, stream: &Stream, n: usize, size: i64) -> Ret<bool> {
    let Ok(size) = u64::try_from(size) else {
        return Err(cx.arg_value_error(n, "must be greater than or equal to 0"));
    };
    let Some(backend) = stream.backend() else { return Ok(false) };
    Ok(backend.truncate(cx, size)?.unwrap_or(false))
}

/// `fstat()`
pub fn fstat(cx: &mut Cx, stream: &Value) -> Ret<OrFalse<PhpArray>> {
    let stream = stream_arg(cx, 1, stream)?;
    Ok(OrFalse(stream.stat(cx)?.map(|stat| stat.to_array())))
}

/// `fseek()`
pub fn fseek(cx: &mut Cx, stream: &Value, offset: i64, whence: i64) -> Ret<i64> {
    let stream = stream_arg(cx, 1, stream)?;
    Ok(if stream.seek(cx, offset, whence)? { 0 } else { -1 })
}

/// `ftell()`
pub fn ftell(cx: &mut Cx, stream: &Value) -> Ret<OrFalse<i64>> {
    let position = stream_arg(cx, 1, stream)?.position();
    Ok(OrFalse((position >= 0).then_some(position)))
}

/// `rewind()`
pub fn rewind(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    stream.seek(cx, 0, 0)
}

/// `flock()`
pub fn flock(
    cx: &mut Cx,
    stream: &Value,
    operation: i64,
    would_block: Option<&Reference>,
) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    lock(cx, &stream, 2, operation, would_block)
}

/// Locks or unlocks a stream; argument `n` is the operation.
pub fn lock(
    cx: &mut Cx,
    stream: &Stream,
    n: usize,
    operation: i64,
    would_block: Option<&Reference>,
) -> Ret<bool> {
    if !(1..=3).contains(&(operation & 3)) {
        return Err(cx.arg_value_error(n, "must be one of LOCK_SH, LOCK_EX, or LOCK_UN"));
    }
    if let Some(would_block) = would_block {
        would_block.set(Value::Int(0));
    }
    let Some(backend) = stream.backend() else { return Ok(false) };
    Ok(match backend.lock(cx, operation)? {
        Some(Ok(())) => true,
        Some(Err(blocked)) => {
            if let (true, Some(would_block)) = (blocked, would_block) {
                would_block.set(Value::Int(1));
            }
            false
        }
        None => false,
    })
}

/// `fpassthru()`
pub fn fpassthru(cx: &mut Cx, stream: &Value) -> Ret<i64> {
    let stream = stream_arg(cx, 1, stream)?;
    pass_through(cx, &stream)
}

/// Writes what follows to the output; how much that was.
pub fn pass_through(cx: &mut Cx, stream: &Rc<Stream>) -> Ret<i64> {
    let mut count = 0;
    loop {
        match stream.read(cx, stream.chunk.get())? {
            Some(bytes) if !bytes.is_empty() => {
                count += bytes.len() as i64;
                cx.echo(&bytes)?;
            }
            _ => return Ok(count),
        }
    }
}

/// `fscanf()`
pub fn fscanf(cx: &mut Cx, stream: &Value, format: &PhpString, vars: &[Value]) -> Ret<Value> {
    let stream = match stream {
        Value::Resource(resource) if crate::stream::stream_of(resource).is_none() => {
            return Err(crate::stream::not_a_stream(cx, "File-Handle"));
        }
        _ => stream_arg(cx, 1, stream)?,
    };
    let Some(line) = stream.line(cx, None)? else { return Ok(Value::Bool(false)) };
    let mut args = vec![Value::str(line), Value::Str(format.clone())];
    args.extend_from_slice(vars);
    cx.call(&Value::str("sscanf"), args)
}

/// `fprintf()`
pub fn fprintf(cx: &mut Cx, stream: &Value, format: &PhpString, values: &[Value]) -> Ret<i64> {
    let list = PhpArray::from_list(values.to_vec());
    vfprintf(cx, stream, format, list)
}

/// `vfprintf()`
pub fn vfprintf(cx: &mut Cx, stream: &Value, format: &PhpString, values: PhpArray) -> Ret<i64> {
    let stream = stream_arg(cx, 1, stream)?;
    let args = vec![Value::Str(format.clone()), Value::Array(values)];
    let text = cx.call(&Value::str("vsprintf"), args)?;
    let text = cx.to_str(&text)?;
    stream.write(cx, &text)?;
    Ok(text.len() as i64)
}
