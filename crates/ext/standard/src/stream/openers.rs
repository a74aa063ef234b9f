//! Opening URLs and paths.

use super::backend::error_text;
use super::memory::Memory;
use super::output::Output;
use super::plain::Plain;
use super::provided::Opening;
use super::registry::{self, UserWrapper, Wrapper, place};
use super::user::UserStream;
use super::{Backend, Make, Stream, Streams, basedir, builtin_filters, filter, provided};
use outlast_host::files::{File, Mode};
use outlast_text::encode::base64_decode;
use outlast_text::url::urldecode;
use outlast_value::{PhpString, Resource, Value};
use outlast_vm::sapi::IncludeSource;
use outlast_vm::{Cx, Ret};
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

/// How something is opened.
#[derive(Clone, Copy, Default)]
pub struct Opened<'a> {
    /// Relative paths are looked for along `include_path`.
    pub include_path: bool,
    /// The code of an include is wanted.
    pub include: bool,
    /// The body of a response is not wanted.
    pub headers_only: bool,
    /// Nothing is reported.
    pub quiet: bool,
    /// The context.
    pub context: Option<&'a Resource>,
}

/// Splits `scheme://rest`; `data:` needs no slashes.
pub fn scheme_of(path: &[u8]) -> Option<&[u8]> {
    let length =
        path.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
    if length == 0 || path.get(length) != Some(&b':') {
        return None;
    }
    let scheme = &path[..length];
    if path[length + 1..].starts_with(b"//") || scheme.eq_ignore_ascii_case(b"data") {
        Some(scheme)
    } else {
        None
    }
}

/// What opens a path, and the path without `file://`.
pub fn locate<'p>(cx: &mut Cx, path: &'p [u8], quiet: bool) -> Ret<(Wrapper, &'p [u8])> {
    let Some(scheme) = scheme_of(path) else {
        return Ok((plain_wrapper(cx), path));
    };
    match cx.state::<Streams>().wrapper(scheme) {
        Some(Wrapper::Builtin("file")) => {
            let rest = &path[scheme.len() + 3..];
            let rest = match rest.strip_prefix(b"localhost/") {
                Some(_) => &rest[9..],
                None => rest,
            };
            if !rest.starts_with(b"/") {
                if !quiet {
                    let shown = String::from_utf8_lossy(path).into_owned();
                    cx.warning(format!("Remote host file access not supported, {shown}"))?;
                }
                return Ok((Wrapper::Builtin(""), path));
            }
            Ok((Wrapper::Builtin("file"), rest))
        }
        Some(wrapper) if wrapper.is_url() && !cx.ini.bool("allow_url_fopen") => {
            if !quiet {
                let scheme = String::from_utf8_lossy(scheme);
                cx.warning(format!(
                    "{scheme}:// wrapper is disabled in the server configuration by allow_url_fopen=0"
                ))?;
            }
            Ok((Wrapper::Builtin(""), path))
        }
        Some(wrapper) => Ok((wrapper, path)),
        None => {
            if !quiet {
                let name = String::from_utf8_lossy(&scheme[..scheme.len().min(32)]).into_owned();
                cx.warning(format!(
                    "Unable to find the wrapper \"{name}\" - did you forget to enable it when you configured PHP?"
                ))?;
            }
            Ok((plain_wrapper(cx), path))
        }
    }
}

/// Whether a class of the script opens this.
pub fn is_user_path(cx: &mut Cx, path: &[u8]) -> bool {
    let scheme = scheme_of(path).unwrap_or(b"file");
    matches!(cx.state::<Streams>().wrapper(scheme), Some(Wrapper::User(_)))
}

/// What opens plain paths: a script may have replaced `file`.
fn plain_wrapper(cx: &mut Cx) -> Wrapper {
    match cx.state::<Streams>().wrapper(b"file") {
        Some(wrapper @ Wrapper::User(_)) => wrapper,
        _ => Wrapper::Builtin("file"),
    }
}

/// Where the code of `include $path` comes from.
pub fn include_source(cx: &mut Cx, path: &[u8]) -> Ret<IncludeSource> {
    let (wrapper, _) = locate(cx, path, false)?;
    if let Wrapper::Builtin("file" | "") = &wrapper {
        let Some(found) = cx.resolve_include(path) else { return Ok(IncludeSource::File) };
        if !basedir::forbids(cx, &found)? {
            return Ok(IncludeSource::File);
        }
        cx.warning_about(path, "Failed to open stream: Operation not permitted")?;
        return Ok(IncludeSource::Failed);
    }
    if wrapper.is_url() && !cx.ini.bool("allow_url_include") {
        let scheme = scheme_of(path).unwrap_or(b"file");
        let scheme = String::from_utf8_lossy(scheme).into_owned();
        cx.warning(format!(
            "{scheme}:// wrapper is disabled in the server configuration by allow_url_include=0"
        ))?;
        cx.warning_about(path, "Failed to open stream: no suitable wrapper could be found")?;
        return Ok(IncludeSource::Failed);
    }
    let Some(stream) = open(cx, path, b"rb", Opened { include: true, ..Opened::default() })? else {
        return Ok(IncludeSource::Failed);
    };
    stream.stat(cx)?;
    let contents = stream.contents(cx, None);
    stream.close(cx)?;
    contents.map(IncludeSource::Text)
}

/// Opens a URL or path, with PHP's warnings.
pub fn open(cx: &mut Cx, path: &[u8], mode: &[u8], how: Opened<'_>) -> Ret<Option<Rc<Stream>>> {
    registry::close_dropped(cx)?;
    if path.is_empty() {
        return Err(cx.throw_value_error("Path must not be empty"));
    }
    let (wrapper, local) = locate(cx, path, how.quiet)?;
    let opened = match &wrapper {
        Wrapper::User(user) => open_user(cx, user, path, mode, how)?,
        Wrapper::Builtin("php") => open_php(cx, path, mode, how)?,
        Wrapper::Builtin("data") => open_data(cx, path),
        Wrapper::Builtin("http") => super::http::open(cx, path, mode, how)?,
        Wrapper::Builtin("file") if basedir::forbids(cx, local)? => {
            Err("Operation not permitted".to_owned())
        }
        Wrapper::Builtin("file") => open_plain(cx, local, path, mode, how),
        Wrapper::Builtin("") => Err("no suitable wrapper could be found".to_owned()),
        Wrapper::Builtin(name) => match provided::wrapper(name) {
            Some(wrapper) => (wrapper.open)(cx, path, mode, how)?,
            None => Err("wrapper does not support stream open".to_owned()),
        },
    };
    match opened {
        Ok(stream) => {
            *stream.context.borrow_mut() = how.context.cloned();
            Ok(Some(stream))
        }
        Err(reason) => {
            if !how.quiet {
                cx.warning_about(path, format!("Failed to open stream: {reason}"))?;
            }
            Ok(None)
        }
    }
}

/// The same without reports.
pub fn open_quietly(cx: &mut Cx, path: &[u8], mode: &[u8]) -> Ret<Option<Rc<Stream>>> {
    if path.is_empty() {
        return Ok(None);
    }
    open(cx, path, mode, Opened { quiet: true, ..Opened::default() })
}

fn open_user(
    cx: &mut Cx,
    wrapper: &UserWrapper,
    path: &[u8],
    mode: &[u8],
    how: Opened<'_>,
) -> Ret<Opening> {
    // STREAM_USE_PATH, STREAM_OPEN_FOR_INCLUDE
    let options = if how.include { 1 | 128 } else { i64::from(how.include_path) };
    let opened = UserStream::open(cx, wrapper, path, mode, options, how.context)?;
    Ok(opened.map(|user| {
        let object = user.object().clone();
        let make = Make { backend: Rc::new(user), wrapper: "user-space", mode, uri: Some(path) };
        let stream = Stream::new(cx, make);
        *stream.wrapper_data.borrow_mut() = Value::Object(object);
        stream
    }))
}

/// `fopen()`'s mode; what PHP ignores is left out.
pub fn parse_mode(mode: &[u8]) -> Option<Mode> {
    let first = *mode.first()?;
    let text = if mode.contains(&b'+') { vec![first, b'+'] } else { vec![first] };
    Mode::parse(&text)
}

fn open_plain(cx: &mut Cx, local: &[u8], path: &[u8], mode: &[u8], how: Opened<'_>) -> Opening {
    let Some(parsed) = parse_mode(mode) else {
        return Err(format!("`{}' is not a valid mode for fopen", String::from_utf8_lossy(mode)));
    };
    let place = place(cx);
    let found;
    let mut local = local;
    if how.include_path
        && !local.starts_with(b"/")
        && let Some(path) = include_path_of(cx, local)
    {
        found = path;
        local = &found;
    }
    // `..` is taken off before links are looked at, as PHP does.
    let mut clean = local.to_vec();
    if local.windows(2).any(|w| w == b"..") {
        clean = place.absolute(local).as_os_str().as_bytes().to_vec();
        if local.ends_with(b"/") {
            clean.push(b'/');
        }
    }
    match place.open(&clean, parsed) {
        Ok(file) => {
            let make = Make {
                backend: Rc::new(Plain::new(file)),
                wrapper: "plainfile",
                mode,
                uri: Some(path),
            };
            Ok(Stream::new(cx, make))
        }
        Err(error) => Err(error.text()),
    }
}

/// A path looked for along `include_path`.
pub fn include_path_of(cx: &mut Cx, path: &[u8]) -> Option<Vec<u8>> {
    let place = place(cx);
    if path.starts_with(b"./") || path.starts_with(b"../") || path.starts_with(b"/") {
        return place
            .stat(path, true)
            .ok()
            .map(|_| place.absolute(path).as_os_str().as_bytes().to_vec());
    }
    let dirs = cx.ini.get("include_path").unwrap_or_default();
    // What is behind a last colon is no entry.
    let mut candidates: Vec<Vec<u8>> = dirs
        .strip_suffix(b":")
        .unwrap_or(&dirs)
        .split(|b| *b == b':')
        .map(|dir| if dir.is_empty() { path.to_vec() } else { [dir, b"/", path].concat() })
        .collect();
    let (file, _) = cx.position();
    if let Some(at) = file.iter().rposition(|b| *b == b'/') {
        candidates.push([&file[..at], b"/", path].concat());
    }
    candidates
        .into_iter()
        .find(|path| place.stat(path, true).is_ok())
        .map(|path| place.absolute(&path).as_os_str().as_bytes().to_vec())
}

fn make(
    cx: &mut Cx,
    backend: Rc<dyn Backend>,
    wrapper: &'static str,
    mode: &[u8],
    uri: &[u8],
) -> Rc<Stream> {
    Stream::new(cx, Make { backend, wrapper, mode, uri: Some(uri) })
}

/// The mode in which `php://memory` and `php://temp` show themselves.
fn memory_mode(mode: &[u8]) -> (&'static [u8], bool, bool) {
    if mode.contains(&b'a') {
        (b"a+b", false, true)
    } else if mode.contains(&b'+') || mode.contains(&b'w') {
        (b"w+b", false, false)
    } else {
        (b"rb", true, false)
    }
}

fn open_php(cx: &mut Cx, path: &[u8], mode: &[u8], how: Opened<'_>) -> Ret<Opening> {
    let rest = &path[6..];
    let lower = rest.to_ascii_lowercase();
    let standard = |cx: &mut Cx, number: i32| -> Opening {
        match File::standard(number) {
            Ok(file) => {
                let plain = Plain::standard(file, number);
                Ok(make(cx, Rc::new(plain), "PHP", mode, path))
            }
            Err(error) => Err(error_text(&error)),
        }
    };
    Ok(match lower.as_slice() {
        b"memory" => {
            let (shown, readonly, append) = memory_mode(mode);
            let memory = Memory::new("MEMORY", readonly, append);
            Ok(make(cx, Rc::new(memory), "PHP", shown, path))
        }
        name if name == b"temp" || name.starts_with(b"temp/") => {
            if let Some(limit) = name.strip_prefix(b"temp/maxmemory:") {
                let limit: i64 = String::from_utf8_lossy(limit).parse().unwrap_or(0);
                if limit < 0 {
                    return Err(
                        cx.throw_value_error("Max memory must be greater than or equal to 0")
                    );
                }
            }
            let (shown, readonly, append) = memory_mode(mode);
            let memory = Memory::new("TEMP", readonly, append);
            let stream = make(cx, Rc::new(memory), "PHP", shown, path);
            // PHP's has a stream inside.
            cx.next_resource += 1;
            Ok(stream)
        }
        b"output" => {
            let mode: &[u8] = if mode.starts_with(b"r") { mode } else { b"wb" };
            Ok(make(cx, Rc::new(Output), "PHP", mode, path))
        }
        b"input" => {
            let body = cx.sapi.body();
            let memory = Memory::holding("Input", body, true, Vec::new());
            Ok(make(cx, Rc::new(memory), "PHP", b"rb", path))
        }
        b"stdin" => standard(cx, 0),
        b"stdout" => standard(cx, 1),
        b"stderr" => standard(cx, 2),
        name if name.starts_with(b"fd/") => {
            let number: Option<i32> =
                std::str::from_utf8(&name[3..]).ok().and_then(|t| t.parse().ok());
            match number {
                Some(number @ 0..=2) => standard(cx, number),
                Some(number) if number >= 0 => {
                    // Descriptors of this process belong to no script.
                    Err(format!(
                        "Error duping file descriptor {number}; possibly it doesn't exist: [9]: Bad file descriptor"
                    ))
                }
                Some(_) => {
                    Err("The file descriptors must be non-negative numbers smaller than 1048576"
                        .to_owned())
                }
                None => {
                    Err("php://fd/ stream must be specified in the form php://fd/<orig fd>"
                        .to_owned())
                }
            }
        }
        name if name.starts_with(b"filter/") => return open_filtered(cx, path, mode, how),
        _ => {
            if !how.quiet {
                cx.warning("Invalid php:// URL specified")?;
            }
            Err("operation failed".to_owned())
        }
    })
}

/// `php://filter/read=…/write=…/resource=…`
fn open_filtered(cx: &mut Cx, path: &[u8], mode: &[u8], how: Opened<'_>) -> Ret<Opening> {
    let spec = &path[b"php://filter/".len()..];
    let mark = b"resource=";
    let Some(at) = spec.windows(mark.len()).position(|w| w == mark) else {
        return Err(cx.throw_error("No URL resource specified"));
    };
    let target = &spec[at + mark.len()..];
    let Some(stream) = open(cx, target, mode, how)? else {
        return Ok(Err("operation failed".to_owned()));
    };
    let readable = mode.starts_with(b"r") || mode.contains(&b'+');
    let writable = mode.contains(&b'+') || mode.iter().any(|b| b"waxc".contains(b));
    for part in spec[..at].split(|b| *b == b'/').filter(|p| !p.is_empty()) {
        let (names, read, write) = if let Some(names) = part.strip_prefix(b"read=") {
            (names, true, false)
        } else if let Some(names) = part.strip_prefix(b"write=") {
            (names, false, true)
        } else {
            (part, readable, writable)
        };
        for name in names.split(|b| *b == b'|') {
            let name = PhpString::from(urldecode(name));
            for (wanted, writing) in [(read, false), (write, true)] {
                if !wanted {
                    continue;
                }
                match make_filter(cx, &name, &Value::Null)? {
                    Some(made) => {
                        filter::attach(cx, &stream, made, writing, true)?;
                    }
                    None => {
                        let shown = name.to_str_lossy().into_owned();
                        cx.warning(format!("Unable to create filter ({shown})"))?;
                    }
                }
            }
        }
    }
    *stream.uri.borrow_mut() = Some(PhpString::new(path));
    Ok(Ok(stream))
}

/// A filter by name; reports what is wrong.
pub fn make_filter(
    cx: &mut Cx,
    name: &PhpString,
    params: &Value,
) -> Ret<Option<Rc<dyn filter::Filter>>> {
    if let Some(made) = builtin_filters::make(name, params) {
        return Ok(Some(made));
    }
    let shown = name.to_str_lossy().into_owned();
    let lower = name.to_ascii_lowercase();
    if let Some(family) = provided::filters_of(&lower) {
        let made = (family.make)(cx, &lower, params)?;
        if made.is_none() {
            cx.warning(format!("Unable to create or locate filter \"{shown}\""))?;
        }
        return Ok(made);
    }
    match super::bucket::make(cx, name, params)? {
        Some(Some(made)) => Ok(Some(made)),
        Some(None) => {
            cx.warning(format!("Unable to create or locate filter \"{shown}\""))?;
            Ok(None)
        }
        None => {
            cx.warning(format!("Unable to locate filter \"{shown}\""))?;
            Ok(None)
        }
    }
}

/// `data:` (RFC 2397)
fn open_data(cx: &mut Cx, path: &[u8]) -> Opening {
    let rest = &path[5..];
    let rest = rest.strip_prefix(b"//").unwrap_or(rest);
    let Some(comma) = rest.iter().position(|b| *b == b',') else {
        return Err("rfc2397: no comma in URL".to_owned());
    };
    let (head, data) = (&rest[..comma], &rest[comma + 1..]);
    let mut meta: Vec<(String, Value)> = Vec::new();
    let mut parameters = Vec::new();
    let mut base64 = false;
    let mut mediatype = None;
    if !head.is_empty() {
        let mut parts = head.split(|b| *b == b';');
        let first = parts.next().unwrap_or_default();
        let slash = first.contains(&b'/');
        if slash {
            mediatype = Some(first.to_vec());
        } else if head != b";base64" {
            return Err("rfc2397: illegal media type".to_owned());
        }
        for part in parts {
            if part == b"base64" {
                base64 = true;
            } else if let Some(at) = part.iter().position(|b| *b == b'=') {
                parameters.push((part[..at].to_vec(), part[at + 1..].to_vec()));
            } else {
                return Err("rfc2397: illegal parameter".to_owned());
            }
        }
    }
    if let Some(mediatype) = mediatype {
        meta.push(("mediatype".to_owned(), Value::str(mediatype)));
    }
    for (name, value) in parameters {
        meta.push((String::from_utf8_lossy(&name).into_owned(), Value::str(value)));
    }
    let bytes = if base64 {
        let decoded = base64_decode(data, true);
        decoded.ok_or_else(|| "rfc2397: unable to decode".to_owned())?
    } else {
        urldecode(data)
    };
    meta.push(("base64".to_owned(), Value::Bool(base64)));
    let memory = Memory::holding("RFC2397", bytes, true, meta);
    let stream = make(cx, Rc::new(memory), "RFC2397", b"r", path);
    // PHP's has a stream inside.
    cx.next_resource += 1;
    Ok(stream)
}

/// The values of `STDIN`, `STDOUT` and `STDERR`, made as a script of the command line starts.
pub fn standard_streams(cx: &mut Cx) -> [(&'static str, Value); 3] {
    let next = std::mem::replace(&mut cx.next_resource, 1);
    let all = [("STDIN", 0, "stdin"), ("STDOUT", 1, "stdout"), ("STDERR", 2, "stderr")];
    let values = all.map(|(name, number, url)| {
        let mode: &[u8] = if number == 0 { b"rb" } else { b"wb" };
        let value = match File::standard(number) {
            Ok(file) => {
                let plain = Rc::new(Plain::standard(file, number));
                let url = format!("php://{url}");
                make(cx, plain, "PHP", mode, url.as_bytes()).into_value(cx)
            }
            Err(_) => {
                cx.next_resource += 1;
                Value::Null
            }
        };
        (name, value)
    });
    cx.next_resource = next.max(4);
    values
}
