//! Functions of streams, wrappers and filters.

use super::registry::{BUILTIN, UserWrapper, Wrapper};
use super::select::select;
use super::{Stream, Streams, filter, openers, provided, stream_arg};
use crate::file::whole::pump;
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::rc::Rc;
use std::time::Duration;

#[path = "functions_stub.rs"]
mod functions_stub;
pub use functions_stub::MODULE;

/// `stream_get_contents()`
pub fn stream_get_contents(
    cx: &mut Cx,
    stream: &Value,
    length: Option<i64>,
    offset: i64,
) -> Ret<OrFalse<Vec<u8>>> {
    let limit = match length {
        None | Some(-1) => None,
        Some(length) if length < 0 => {
            return Err(cx.arg_value_error(2, "must be greater than or equal to -1"));
        }
        Some(length) => Some(length as usize),
    };
    let stream = stream_arg(cx, 1, stream)?;
    if offset >= 0 {
        let at = stream.position();
        let moved = if at >= 0 && offset > at {
            stream.seek(cx, offset - at, 1)?
        } else if offset != at {
            stream.seek(cx, offset, 0)?
        } else {
            true
        };
        if !moved {
            cx.warning(format!("Failed to seek to position {offset} in the stream"))?;
            return Ok(OrFalse(None));
        }
    }
    if limit == Some(0) {
        return Ok(OrFalse(Some(Vec::new())));
    }
    Ok(OrFalse(Some(stream.contents(cx, limit)?)))
}

/// `stream_copy_to_stream()`
pub fn stream_copy_to_stream(
    cx: &mut Cx,
    from: &Value,
    to: &Value,
    length: Option<i64>,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    let from = stream_arg(cx, 1, from)?;
    let to = stream_arg(cx, 2, to)?;
    if offset > 0 && !from.seek(cx, offset, 0)? {
        cx.warning(format!("Failed to seek to position {offset} in the stream"))?;
        return Ok(OrFalse(None));
    }
    let limit = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    Ok(OrFalse(pump(cx, &from, &to, limit)?))
}

/// `stream_get_line()`
pub fn stream_get_line(
    cx: &mut Cx,
    stream: &Value,
    length: i64,
    ending: &PhpString,
) -> Ret<OrFalse<Vec<u8>>> {
    let Ok(length) = usize::try_from(length) else {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    };
    let stream = stream_arg(cx, 1, stream)?;
    Ok(OrFalse(stream.record(cx, length, ending)?))
}

/// `stream_get_meta_data()`
pub fn stream_get_meta_data(cx: &mut Cx, stream: &Value) -> Ret<PhpArray> {
    let stream = stream_arg(cx, 1, stream)?;
    let mut data = PhpArray::new();
    let Some(backend) = stream.backend() else { return Ok(data) };
    for (name, value) in backend.meta() {
        data.insert_str(PhpString::from(name.as_str()), value);
    }
    if let Some((timed_out, blocked)) = backend.status() {
        data.insert_str("timed_out".into(), Value::Bool(timed_out));
        data.insert_str("blocked".into(), Value::Bool(blocked));
        data.insert_str("eof".into(), Value::Bool(stream.at_end()));
    }
    let extra = stream.wrapper_data.borrow().clone();
    if !extra.is_undef() {
        data.insert_str("wrapper_data".into(), extra);
    }
    if !stream.wrapper.is_empty() {
        data.insert_str("wrapper_type".into(), Value::str(stream.wrapper));
    }
    data.insert_str("stream_type".into(), Value::str(backend.label()));
    data.insert_str("mode".into(), Value::Str(stream.mode.borrow().clone()));
    data.insert_str("unread_bytes".into(), Value::Int(stream.unread() as i64));
    data.insert_str("seekable".into(), Value::Bool(backend.seekable()));
    if let Some(uri) = &*stream.uri.borrow() {
        data.insert_str("uri".into(), Value::Str(uri.clone()));
    }
    Ok(data)
}

/// `stream_supports_lock()`
pub fn stream_supports_lock(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    match stream.backend() {
        Some(backend) => backend.lockable(cx),
        None => Ok(false),
    }
}

/// `stream_is_local()`
pub fn stream_is_local(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    if let Value::Resource(_) = stream {
        let stream = stream_arg(cx, 1, stream)?;
        let is_url = stream.uri.borrow().as_ref().is_some_and(|uri| is_url(cx, uri));
        return Ok(!is_url);
    }
    let path = cx.to_str(stream)?;
    Ok(!is_url(cx, &path))
}

fn is_url(cx: &mut Cx, path: &[u8]) -> bool {
    let Some(scheme) = openers::scheme_of(path) else { return false };
    cx.state::<Streams>().wrapper(scheme).is_some_and(|wrapper| wrapper.is_url())
}

/// `stream_isatty()`
pub fn stream_isatty(cx: &mut Cx, stream: &Value) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    let Some(backend) = stream.backend() else { return Ok(false) };
    Ok(backend.descriptor().is_some_and(|fd| std::io::IsTerminal::is_terminal(&fd)))
}

fn set_buffer(cx: &mut Cx, stream: &Value, option: i64, size: i64) -> Ret<i64> {
    let stream = stream_arg(cx, 1, stream)?;
    let Some(backend) = stream.backend() else { return Ok(-1) };
    backend.set_buffer(cx, option, size)
}

/// `stream_set_write_buffer()`
pub fn stream_set_write_buffer(cx: &mut Cx, stream: &Value, size: i64) -> Ret<i64> {
    set_buffer(cx, stream, 3, size)
}

/// `stream_set_read_buffer()`
pub fn stream_set_read_buffer(cx: &mut Cx, stream: &Value, size: i64) -> Ret<i64> {
    let open = stream_arg(cx, 1, stream)?;
    open.unbuffered.set(size == 0);
    match open.backend() {
        Some(backend) if backend.label() == "user-space" => backend.set_buffer(cx, 2, size),
        _ => Ok(0),
    }
}

/// `stream_set_chunk_size()`
pub fn stream_set_chunk_size(cx: &mut Cx, stream: &Value, size: i64) -> Ret<i64> {
    if size <= 0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    if size > i64::from(i32::MAX) {
        return Err(cx.arg_value_error(2, "is too large"));
    }
    let stream = stream_arg(cx, 1, stream)?;
    Ok(stream.chunk.replace(size as usize) as i64)
}

/// `stream_set_blocking()`
pub fn stream_set_blocking(cx: &mut Cx, stream: &Value, enable: bool) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    match stream.backend() {
        Some(backend) => backend.set_blocking(cx, enable),
        None => Ok(false),
    }
}

/// `stream_set_timeout()`
pub fn stream_set_timeout(
    cx: &mut Cx,
    stream: &Value,
    seconds: i64,
    microseconds: i64,
) -> Ret<bool> {
    let stream = stream_arg(cx, 1, stream)?;
    let limit = u64::try_from(seconds).ok().map(|seconds| {
        Duration::from_secs(seconds) + Duration::from_micros(microseconds.max(0) as u64)
    });
    match stream.backend() {
        Some(backend) => backend.set_timeout(cx, limit),
        None => Ok(false),
    }
}

/// `stream_resolve_include_path()`
pub fn stream_resolve_include_path(cx: &mut Cx, filename: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    crate::file::check_path(cx, 1, filename)?;
    if filename.is_empty() {
        return Ok(OrFalse(None));
    }
    Ok(OrFalse(openers::include_path_of(cx, filename)))
}

/// `stream_get_wrappers()`
pub fn stream_get_wrappers(cx: &mut Cx) -> Ret<PhpArray> {
    let wrappers = &cx.state::<Streams>().wrappers;
    Ok(wrappers.iter().map(|(name, _)| Value::Str(name.clone())).collect())
}

/// `stream_get_transports()`
pub fn stream_get_transports(_cx: &mut Cx) -> Ret<PhpArray> {
    Ok(["tcp", "udp", "unix"].iter().map(Value::str).collect())
}

/// `stream_wrapper_register()`
pub fn stream_wrapper_register(
    cx: &mut Cx,
    protocol: &PhpString,
    class: &PhpString,
    flags: i64,
) -> Ret<bool> {
    let Some(found) = cx.lookup_class(class, true)? else {
        let shown = class.to_str_lossy().into_owned();
        let text = format!("must be a valid class name, {shown} given");
        return Err(cx.arg_type_error(2, &text));
    };
    let shown = protocol.to_str_lossy().into_owned();
    let valid = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
    if cx.state::<Streams>().wrapper(protocol).is_some() {
        cx.warning(format!("Protocol {shown}:// is already defined."))?;
        return Ok(false);
    }
    if protocol.is_empty() || !protocol.iter().all(valid) {
        let class = found.display_name();
        cx.warning(format!(
            "Invalid protocol scheme specified. Unable to register wrapper class {class} to {shown}://"
        ))?;
        return Ok(false);
    }
    let wrapper = UserWrapper { scheme: protocol.clone(), class: found, is_url: flags & 1 != 0 };
    cx.state::<Streams>().wrappers.push((protocol.clone(), Wrapper::User(wrapper)));
    Ok(true)
}

/// `stream_wrapper_unregister()`
pub fn stream_wrapper_unregister(cx: &mut Cx, protocol: &PhpString) -> Ret<bool> {
    let wrappers = &mut cx.state::<Streams>().wrappers;
    match wrappers.iter().position(|(name, _)| name == protocol) {
        Some(at) => {
            wrappers.remove(at);
            Ok(true)
        }
        None => {
            let shown = protocol.to_str_lossy().into_owned();
            cx.warning(format!("Unable to unregister protocol {shown}://"))?;
            Ok(false)
        }
    }
}

/// `stream_wrapper_restore()`
pub fn stream_wrapper_restore(cx: &mut Cx, protocol: &PhpString) -> Ret<bool> {
    let shown = protocol.to_str_lossy().into_owned();
    let known = provided::wrappers().map(|wrapper| wrapper.scheme).chain(BUILTIN);
    let Some(name) = known.into_iter().find(|name| name.as_bytes() == protocol.as_bytes()) else {
        cx.warning(format!("{shown}:// never existed, nothing to restore"))?;
        return Ok(false);
    };
    if let Some(Wrapper::Builtin(_)) = cx.state::<Streams>().wrapper(protocol) {
        cx.notice(format!("{shown}:// was never changed, nothing to restore"))?;
        return Ok(true);
    }
    let wrappers = &mut cx.state::<Streams>().wrappers;
    wrappers.retain(|(name, _)| name != protocol);
    wrappers.push((protocol.clone(), Wrapper::Builtin(name)));
    Ok(true)
}

fn add_filter(
    cx: &mut Cx,
    stream: &Value,
    name: &PhpString,
    mode: i64,
    params: Option<&Value>,
    append: bool,
) -> Ret<Value> {
    let stream = stream_arg(cx, 1, stream)?;
    let shown = stream.mode.borrow().clone();
    let both = shown.contains(&b'+');
    let (mut read, mut write) = (mode & 1 != 0, mode & 2 != 0);
    if mode & 3 == 0 {
        read = shown.contains(&b'r') || both;
        write = both || shown.iter().any(|b| b"waxc".contains(b));
    }
    let params = params.cloned().unwrap_or_default().or_null();
    let mut made = Value::Bool(false);
    for (wanted, writing) in [(read, false), (write, true)] {
        if !wanted {
            continue;
        }
        let Some(filter) = openers::make_filter(cx, name, &params)? else {
            return Ok(Value::Bool(false));
        };
        made = Value::Resource(filter::attach(cx, &stream, filter, writing, append)?);
    }
    Ok(made)
}

/// `stream_filter_append()`
pub fn stream_filter_append(
    cx: &mut Cx,
    stream: &Value,
    filter_name: &PhpString,
    mode: i64,
    params: Option<&Value>,
) -> Ret<Value> {
    add_filter(cx, stream, filter_name, mode, params, true)
}

/// `stream_filter_prepend()`
pub fn stream_filter_prepend(
    cx: &mut Cx,
    stream: &Value,
    filter_name: &PhpString,
    mode: i64,
    params: Option<&Value>,
) -> Ret<Value> {
    add_filter(cx, stream, filter_name, mode, params, false)
}

/// `stream_filter_remove()`
pub fn stream_filter_remove(cx: &mut Cx, stream_filter: &Value) -> Ret<bool> {
    let Value::Resource(resource) = stream_filter else {
        let given = cx.value_type_name(stream_filter);
        return Err(cx.arg_type_error(1, &format!("must be of type resource, {given} given")));
    };
    if filter::detach(cx, resource)? {
        Ok(true)
    } else {
        Err(super::not_a_stream(cx, "stream filter"))
    }
}

/// The streams of an array argument of `stream_select()`.
fn streams_of(
    cx: &mut Cx,
    list: &Reference,
    n: usize,
) -> Ret<Vec<(outlast_value::Key, Value, Rc<Stream>)>> {
    let array = match list.get() {
        Value::Array(array) => array,
        Value::Null => return Ok(Vec::new()),
        other => {
            let given = cx.value_type_name(&other);
            return Err(cx.arg_type_error(n, &format!("must be of type ?array, {given} given")));
        }
    };
    let mut streams = Vec::new();
    for (key, value) in array.iter() {
        let value = value.deref();
        let stream = stream_arg(cx, n, &value)?;
        streams.push((key, value, stream));
    }
    Ok(streams)
}

/// `stream_select()`
pub fn stream_select(
    cx: &mut Cx,
    read: &Reference,
    write: &Reference,
    except: &Reference,
    seconds: Option<i64>,
    microseconds: Option<i64>,
) -> Ret<OrFalse<i64>> {
    let reading = streams_of(cx, read, 1)?;
    let writing = streams_of(cx, write, 2)?;
    let excepting = streams_of(cx, except, 3)?;
    if reading.is_empty() && writing.is_empty() && excepting.is_empty() {
        return Err(cx.throw_value_error("No stream arrays were passed"));
    }
    let limit = match seconds {
        None => {
            if microseconds.is_some_and(|m| m != 0) {
                return Err(
                    cx.arg_value_error(5, "must be null when argument #4 ($seconds) is null")
                );
            }
            None
        }
        Some(seconds) if seconds < 0 => {
            return Err(cx.arg_value_error(4, "must be greater than or equal to 0"));
        }
        Some(seconds) => {
            let micros = microseconds.unwrap_or(0);
            if micros < 0 {
                return Err(cx.arg_value_error(5, "must be greater than or equal to 0"));
            }
            Some(Duration::from_secs(seconds as u64) + Duration::from_micros(micros as u64))
        }
    };
    let only = |all: &[(outlast_value::Key, Value, Rc<Stream>)]| -> Vec<Rc<Stream>> {
        all.iter().map(|(_, _, stream)| stream.clone()).collect()
    };
    let Some((readable, writable)) = select(cx, &only(&reading), &only(&writing), limit)? else {
        return Ok(OrFalse(None));
    };
    let mut count = 0;
    let mut keep =
        |list: &Reference, all: Vec<(outlast_value::Key, Value, Rc<Stream>)>, ready: &[bool]| {
            if !matches!(list.get(), Value::Array(_)) {
                return;
            }
            let mut kept = PhpArray::new();
            for ((key, value, _), ready) in all.into_iter().zip(ready) {
                if *ready {
                    kept.insert(key, value);
                    count += 1;
                }
            }
            list.set(Value::Array(kept));
        };
    keep(read, reading, &readable);
    keep(write, writing, &writable);
    let nothing = vec![false; excepting.len()];
    keep(except, excepting, &nothing);
    Ok(OrFalse(Some(count)))
}
