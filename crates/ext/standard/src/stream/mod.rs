//! Streams: buffered reading and writing of anything that a wrapper, a socket or a child process
//! opens (manual: book.stream).
//!
//! A stream is a resource whose payload is a [`Handle`]. What stands behind it is a [`Backend`].

pub mod backend;
pub mod basedir;
pub mod bucket;
pub mod builtin_filters;
pub mod context;
pub mod context_functions;
pub mod filter;
pub mod functions;
pub mod http;
pub mod memory;
mod openers;
pub mod output;
pub mod pipe;
pub mod plain;
pub mod provided;
pub mod registry;
pub mod select;
pub mod socket;
pub mod sockets;
pub mod user;
mod write;

pub use backend::{Backend, Chunk, Io, Stat};
pub use openers::{
    Opened, include_source, is_user_path, locate, open, open_quietly, scheme_of, standard_streams,
};
pub use registry::{Streams, Wrapper};

use filter::{Flow, Link, Outcome};
use outlast_value::{PhpString, Resource, Value};
use outlast_vm::{Cx, Ret};
use std::cell::{Cell, RefCell};
use std::io::{self, SeekFrom};
use std::rc::Rc;

/// What is read from a backend at once, unless told otherwise.
pub const CHUNK: usize = 8192;

/// An open stream.
pub struct Stream {
    backend: RefCell<Option<Rc<dyn Backend>>>,
    /// Its resource's number.
    pub id: i64,
    /// `wrapper_type`; empty: none.
    pub wrapper: &'static str,
    /// As given to `fopen()`.
    pub mode: RefCell<PhpString>,
    /// What was opened.
    pub uri: RefCell<Option<PhpString>>,
    /// The context it was opened with.
    pub context: RefCell<Option<Resource>>,
    /// `wrapper_data`
    pub wrapper_data: RefCell<Value>,
    buffer: RefCell<Vec<u8>>,
    /// Where unread bytes start in `buffer`.
    start: Cell<usize>,
    position: Cell<i64>,
    /// The end was seen.
    pub end: Cell<bool>,
    /// Bytes read at once.
    pub chunk: Cell<usize>,
    /// Reads go on until all is there.
    greedy: bool,
    /// Reads are not buffered.
    pub unbuffered: Cell<bool>,
    /// It lists a folder.
    pub is_directory: bool,
    /// Filters of what is read.
    pub(crate) read_filters: RefCell<Vec<Link>>,
    /// Filters of what is written.
    pub(crate) write_filters: RefCell<Vec<Link>>,
    written: Cell<bool>,
}

/// The payload of a stream's resource. Streams that run PHP code when closed are queued when the
/// resource is dropped, since that cannot happen there.
pub struct Handle {
    stream: Rc<Stream>,
    dropped: Rc<RefCell<Vec<Rc<Stream>>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.stream.is_open() {
            self.dropped.borrow_mut().push(self.stream.clone());
        }
    }
}

/// The payload of a second resource of a stream, which does not own it (in filters).
pub struct Alias(pub Rc<Stream>);

/// How a stream is made.
pub struct Make<'a> {
    /// What stands behind.
    pub backend: Rc<dyn Backend>,
    /// `wrapper_type`
    pub wrapper: &'static str,
    /// Mode shown.
    pub mode: &'a [u8],
    /// URI shown.
    pub uri: Option<&'a [u8]>,
}

impl Stream {
    /// A new stream; takes the next resource number.
    pub fn new(cx: &mut Cx, make: Make<'_>) -> Rc<Stream> {
        Stream::build(cx, make, false)
    }

    /// One that lists a folder.
    pub fn directory(cx: &mut Cx, make: Make<'_>) -> Rc<Stream> {
        Stream::build(cx, make, true)
    }

    fn build(cx: &mut Cx, make: Make<'_>, is_directory: bool) -> Rc<Stream> {
        let id = cx.next_resource;
        cx.next_resource += 1;
        let label = make.backend.label();
        Rc::new(Stream {
            greedy: make.wrapper == "plainfile" || matches!(label, "MEMORY" | "TEMP" | "RFC2397"),
            backend: RefCell::new(Some(make.backend)),
            id,
            wrapper: make.wrapper,
            mode: RefCell::new(PhpString::new(make.mode)),
            uri: RefCell::new(make.uri.map(PhpString::new)),
            context: RefCell::default(),
            wrapper_data: RefCell::new(Value::Undef),
            buffer: RefCell::default(),
            start: Cell::new(0),
            position: Cell::new(0),
            end: Cell::new(false),
            chunk: Cell::new(CHUNK),
            unbuffered: Cell::new(false),
            is_directory,
            read_filters: RefCell::default(),
            write_filters: RefCell::default(),
            written: Cell::new(false),
        })
    }

    /// The resource that a script gets. To be called once.
    pub fn into_value(self: Rc<Stream>, cx: &mut Cx) -> Value {
        let dropped = registry::watch(cx, &self);
        let id = self.id;
        Value::Resource(Resource::new(id, "stream", Box::new(Handle { stream: self, dropped })))
    }

    /// What stands behind, unless closed.
    pub fn backend(&self) -> Option<Rc<dyn Backend>> {
        self.backend.borrow().clone()
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.backend.borrow().is_some()
    }

    /// `ftell()`
    pub fn position(&self) -> i64 {
        self.position.get()
    }

    /// Sets the position that `ftell()` tells (of streams opened to append).
    pub fn set_position(&self, position: i64) {
        self.position.set(position);
    }

    /// Bytes read ahead.
    pub fn unread(&self) -> usize {
        self.buffer.borrow().len() - self.start.get()
    }

    fn take(&self, count: usize) -> Vec<u8> {
        let mut buffer = self.buffer.borrow_mut();
        let start = self.start.get();
        let end = (start + count).min(buffer.len());
        let bytes = if start == 0 && end == buffer.len() {
            self.start.set(0);
            std::mem::take(&mut *buffer)
        } else {
            let bytes = buffer[start..end].to_vec();
            self.start.set(end);
            if end == buffer.len() {
                buffer.clear();
                self.start.set(0);
            }
            bytes
        };
        self.position.set(self.position.get() + bytes.len() as i64);
        bytes
    }

    fn drop_buffer(&self) {
        self.buffer.borrow_mut().clear();
        self.start.set(0);
    }

    /// Raw read of the backend, with PHP's notice.
    fn read_backend(&self, cx: &mut Cx, count: usize) -> Ret<Option<Vec<u8>>> {
        let Some(backend) = self.backend() else { return Ok(None) };
        match backend.read(cx, count)? {
            Ok(chunk) => {
                self.end.set(chunk.end);
                Ok(Some(chunk.bytes))
            }
            Err(error) => {
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) {
                    return Ok(Some(Vec::new()));
                }
                if let (Some(code), "STDIO") = (error.raw_os_error(), backend.label()) {
                    let text = outlast_host::strerror(code);
                    cx.notice(format!("Read of {count} bytes failed with errno={code} {text}"))?;
                    if code != BAD_DESCRIPTOR {
                        self.end.set(true);
                    }
                } else {
                    self.end.set(true);
                }
                Ok(None)
            }
        }
    }

    /// Reads ahead so that `want` bytes are there, if one read gives them. False: it failed.
    fn fill(self: &Rc<Self>, cx: &mut Cx, want: usize) -> Ret<bool> {
        let has_filters = !self.read_filters.borrow().is_empty();
        if !has_filters {
            if self.unread() >= want {
                return Ok(true);
            }
            let Some(bytes) = self.read_backend(cx, self.chunk.get())? else { return Ok(false) };
            self.put(bytes);
            return Ok(true);
        }
        while !self.end.get() && self.unread() < want {
            let Some(bytes) = self.read_backend(cx, self.chunk.get())? else { return Ok(false) };
            if bytes.is_empty() && !self.end.get() {
                break;
            }
            let flow = if self.end.get() { Flow::Close } else { Flow::Normal };
            match filter::run(cx, self, false, 0, bytes, flow)? {
                Outcome::Pass(bytes) => self.put(bytes),
                Outcome::Fatal => {
                    self.end.set(true);
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn put(&self, bytes: Vec<u8>) {
        let mut buffer = self.buffer.borrow_mut();
        if self.start.get() == buffer.len() {
            self.start.set(0);
            *buffer = bytes;
        } else {
            if self.start.get() > CHUNK {
                buffer.drain(..self.start.replace(0));
            }
            buffer.extend_from_slice(&bytes);
        }
    }

    /// Takes what was read ahead, for a new filter; the position stays.
    pub(super) fn take_ahead(&self) -> Vec<u8> {
        let start = self.start.replace(0);
        let mut buffer = std::mem::take(&mut *self.buffer.borrow_mut());
        buffer.drain(..start);
        buffer
    }

    /// Puts filtered bytes in its place.
    pub(super) fn put_ahead(&self, bytes: Vec<u8>) {
        *self.buffer.borrow_mut() = bytes;
        self.start.set(0);
    }

    /// Adds bytes that a filter gave up.
    pub(super) fn append_ahead(&self, bytes: Vec<u8>) {
        self.put(bytes);
    }

    /// `fread()`; `None`: it failed.
    pub fn read(self: &Rc<Self>, cx: &mut Cx, count: usize) -> Ret<Option<Vec<u8>>> {
        let mut out = Vec::new();
        while out.len() < count {
            if self.unread() > 0 {
                out.append(&mut self.take(count - out.len()));
                if out.len() == count {
                    break;
                }
                if !self.greedy {
                    break;
                }
            }
            let rest = count - out.len();
            let direct = self.read_filters.borrow().is_empty()
                && (self.unbuffered.get() || self.chunk.get() == 1);
            if direct {
                match self.read_backend(cx, rest)? {
                    None if out.is_empty() => return Ok(None),
                    None => break,
                    Some(bytes) => {
                        if bytes.is_empty() {
                            break;
                        }
                        self.position.set(self.position.get() + bytes.len() as i64);
                        out.extend_from_slice(&bytes);
                    }
                }
            } else {
                if !self.fill(cx, rest)? {
                    if out.is_empty() {
                        return Ok(None);
                    }
                    break;
                }
                if self.unread() == 0 {
                    break;
                }
                out.append(&mut self.take(rest));
            }
            if !self.greedy {
                break;
            }
        }
        Ok(Some(out))
    }

    /// What `read` would give, left there.
    pub fn peek(self: &Rc<Self>, cx: &mut Cx, count: usize) -> Ret<Option<Vec<u8>>> {
        if self.unread() == 0 && !self.fill(cx, 1)? {
            return Ok(None);
        }
        let buffer = self.buffer.borrow();
        let unread = &buffer[self.start.get()..];
        Ok(Some(unread[..count.min(unread.len())].to_vec()))
    }

    /// One line with its end, at most `limit` bytes; `None` at the end.
    pub fn line(self: &Rc<Self>, cx: &mut Cx, limit: Option<usize>) -> Ret<Option<Vec<u8>>> {
        let mut out = Vec::new();
        loop {
            let have = self.unread();
            if have > 0 {
                let room = limit.map_or(have, |limit| (limit - out.len()).min(have));
                let found = {
                    let buffer = self.buffer.borrow();
                    let start = self.start.get();
                    buffer[start..start + room].iter().position(|b| *b == b'\n')
                };
                let count = found.map_or(room, |at| at + 1);
                out.append(&mut self.take(count));
                if found.is_some() || limit.is_some_and(|limit| out.len() >= limit) {
                    break;
                }
            } else if self.end.get() {
                break;
            } else {
                let want = limit.map_or(self.chunk.get(), |limit| limit - out.len());
                if !self.fill(cx, want.max(1))? || self.unread() == 0 {
                    break;
                }
            }
        }
        Ok((!out.is_empty()).then_some(out))
    }

    /// `stream_get_line()`: up to `ending`, which is taken off; `None` at the end.
    pub fn record(
        self: &Rc<Self>,
        cx: &mut Cx,
        limit: usize,
        ending: &[u8],
    ) -> Ret<Option<Vec<u8>>> {
        let limit = if limit == 0 { CHUNK } else { limit };
        let find = |from: usize| {
            let buffer = self.buffer.borrow();
            let unread = &buffer[self.start.get()..];
            if ending.is_empty() || from > unread.len() {
                return None;
            }
            unread[from..].windows(ending.len()).position(|w| w == ending).map(|at| at + from)
        };
        let mut found = find(0);
        while found.is_none() && self.unread() < limit {
            let before = self.unread();
            let want = before.saturating_add((limit - before).min(self.chunk.get()));
            if !self.fill(cx, want)? || self.unread() == before {
                break;
            }
            found = find(before.saturating_sub(ending.len().saturating_sub(1)));
        }
        if let Some(at) = found.filter(|at| *at <= limit) {
            let bytes = self.take(at);
            self.take(ending.len());
            return Ok(Some(bytes));
        }
        let count = self.unread().min(limit);
        // Without the ending, a part is a record only at the end or at the limit.
        if count == 0 || (count < limit && !self.end.get()) {
            return Ok(None);
        }
        Ok(Some(self.take(count)))
    }

    /// All that follows, at most `limit` bytes.
    pub fn contents(self: &Rc<Self>, cx: &mut Cx, limit: Option<usize>) -> Ret<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            let want = limit.map_or(self.chunk.get(), |limit| limit - out.len());
            if want == 0 || (self.end.get() && self.unread() == 0 && !out.is_empty()) {
                break;
            }
            match self.read(cx, want)? {
                Some(bytes) if !bytes.is_empty() => out.extend_from_slice(&bytes),
                Some(_) if !self.at_end() && self.blocks() && !self.timed_out() => {
                    // A filter may need more before it gives anything.
                    if self.read_filters.borrow().is_empty() {
                        break;
                    }
                }
                _ => break,
            }
        }
        Ok(out)
    }

    fn blocks(&self) -> bool {
        self.backend().and_then(|b| b.status()).is_none_or(|(_, blocking)| blocking)
    }

    fn timed_out(&self) -> bool {
        self.backend().and_then(|b| b.status()).is_some_and(|(timed_out, _)| timed_out)
    }

    /// `feof()`
    pub fn at_end(&self) -> bool {
        if self.unread() > 0 {
            return false;
        }
        if !self.end.get() && self.backend().is_some_and(|b| b.hung_up()) {
            self.end.set(true);
        }
        self.end.get()
    }

    /// Whether it can be positioned.
    pub fn seekable(&self) -> bool {
        self.backend().is_some_and(|b| b.seekable())
    }

    /// `fseek()`; false: it failed.
    pub fn seek(self: &Rc<Self>, cx: &mut Cx, offset: i64, whence: i64) -> Ret<bool> {
        if self.written.get() {
            self.flush(cx, false)?;
        }
        let unread = self.unread() as i64;
        let ahead = match whence {
            1 if offset > 0 && offset <= unread => Some(offset),
            0 if offset > self.position.get() && offset <= self.position.get() + unread => {
                Some(offset - self.position.get())
            }
            _ => None,
        };
        if let Some(ahead) = ahead {
            self.take(ahead as usize);
            self.end.set(false);
            return Ok(true);
        }
        let Some(backend) = self.backend() else { return Ok(false) };
        if backend.seekable() {
            let to = match whence {
                0 if offset < 0 => None,
                0 => Some(SeekFrom::Start(offset as u64)),
                1 => u64::try_from(self.position.get() + offset).ok().map(SeekFrom::Start),
                2 => Some(SeekFrom::End(offset)),
                _ => None,
            };
            let moved = match to {
                Some(to) => backend.seek(cx, to)?,
                None => None,
            };
            return Ok(match moved {
                Some(position) => {
                    self.drop_buffer();
                    self.position.set(position as i64);
                    self.end.set(false);
                    true
                }
                None => false,
            });
        }
        if whence == 1 && offset >= 0 {
            let mut rest = offset as usize;
            while rest > 0 {
                match self.read(cx, rest.min(CHUNK))? {
                    Some(bytes) if !bytes.is_empty() => rest -= bytes.len(),
                    _ => return Ok(false),
                }
            }
            self.end.set(false);
            return Ok(true);
        }
        Ok(false)
    }

    /// `fstat()`
    pub fn stat(&self, cx: &mut Cx) -> Ret<Option<Stat>> {
        match self.backend() {
            Some(backend) => backend.stat(cx),
            None => Ok(None),
        }
    }
}

/// `EBADF`
const BAD_DESCRIPTOR: i32 = 9;

/// The stream of an argument, or PHP's TypeError.
pub fn stream_arg(cx: &mut Cx, n: usize, value: &Value) -> Ret<Rc<Stream>> {
    registry::close_dropped(cx)?;
    let Value::Resource(resource) = value else {
        let given = cx.value_type_name(value);
        return Err(cx.arg_type_error(n, &format!("must be of type resource, {given} given")));
    };
    match stream_of(resource) {
        Some(stream) if stream.is_open() => Ok(stream),
        _ => Err(not_a_stream(cx, "stream")),
    }
}

/// The stream of a resource.
pub fn stream_of(resource: &Resource) -> Option<Rc<Stream>> {
    resource
        .with(|handle: &Handle| handle.stream.clone())
        .or_else(|| resource.with(|alias: &Alias| alias.0.clone()))
}

/// TypeError of a resource that is something else.
pub fn not_a_stream(cx: &mut Cx, what: &str) -> outlast_vm::Unwind {
    let function = registry::running_function(cx);
    cx.throw_type_error(format!("{function}(): supplied resource is not a valid {what} resource"))
}
