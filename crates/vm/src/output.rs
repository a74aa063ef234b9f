//! Output: the stack of buffers, and what leaves for the client.
//!
//! As in PHP, an operation is handed down the stack: each buffer stores what it gets, or runs its
//! callback and passes the result to the one below.

mod buffers;
mod client;
mod handlers;
mod headers;
mod status;

pub use handlers::{OutputHandler, provide_handlers};
pub use headers::{Headers, PHP_VERSION};

use crate::ini::{Ini, parse_bool};
use crate::{Cx, Ret};
use outlast_value::{PhpString, Value};

/// Operations and flags (`PHP_OUTPUT_HANDLER_*`).
pub mod handler_flags {
    /// First call of the callback.
    pub const START: u32 = 1;
    /// Store or hand on.
    pub const WRITE: u32 = 0;
    /// The data is thrown away after the callback.
    pub const CLEAN: u32 = 2;
    /// The data is handed on.
    pub const FLUSH: u32 = 4;
    /// Last call of the callback.
    pub const FINAL: u32 = 8;
    /// `ob_clean` is allowed.
    pub const CLEANABLE: u32 = 0x10;
    /// `ob_flush` is allowed.
    pub const FLUSHABLE: u32 = 0x20;
    /// `ob_end_*` is allowed.
    pub const REMOVABLE: u32 = 0x40;
    /// All three.
    pub const STDFLAGS: u32 = 0x70;
    /// The callback has run.
    pub const STARTED: u32 = 0x1000;
    /// The callback failed and is not called any more.
    pub const DISABLED: u32 = 0x2000;
    /// The callback has produced output.
    pub const PROCESSED: u32 = 0x4000;
    /// The callback is the script's.
    pub(crate) const USER: u32 = 1;
}

/// A native output callback; `None` means that it failed and is to be disabled.
pub trait NativeHandler {
    /// Turns data into what is handed on. `op`: bits of [`handler_flags`].
    fn handle(&mut self, cx: &mut Cx, data: &[u8], op: u32) -> Ret<Option<Vec<u8>>>;
}

/// Who processes the data of a buffer.
enum Callback {
    /// Nobody.
    None,
    /// A callable of the script.
    User(Value),
    /// Absent while it runs.
    Native(Option<Box<dyn NativeHandler>>),
}

/// One level of output buffering.
struct Buffer {
    name: PhpString,
    callback: Callback,
    flags: u32,
    chunk: usize,
    level: usize,
    data: Vec<u8>,
    /// What PHP's buffer would have allocated (`buffer_size`).
    size: usize,
    /// What of it is counted as the script's memory.
    accounted: usize,
}

const ALIGN: usize = 0x1000;
const DEFAULT_SIZE: usize = 0x4000;

/// What PHP allocates for `n` bytes.
fn initial_size(n: usize) -> usize {
    if n > 1 { n.next_multiple_of(ALIGN) } else { DEFAULT_SIZE }
}

impl Buffer {
    fn new(name: PhpString, callback: Callback, chunk: usize, flags: u32) -> Buffer {
        let user = u32::from(!matches!(callback, Callback::None | Callback::Native(_)));
        Buffer {
            name,
            callback,
            flags: (flags & !0xf) | user,
            chunk,
            level: 0,
            data: Vec::new(),
            size: initial_size(chunk),
            accounted: 0,
        }
    }

    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Stores bytes; returns by how much the buffer grew.
    fn append(&mut self, bytes: &[u8]) -> usize {
        let before = self.size;
        let room = self.size - self.data.len().min(self.size);
        if room <= bytes.len() {
            self.size += initial_size(self.chunk).max(initial_size(bytes.len() - room));
        }
        self.data.extend_from_slice(bytes);
        let grown = self.size - before;
        self.accounted += grown;
        grown
    }
}

/// Output buffers and headers.
pub struct Output {
    /// Outermost first.
    stack: Vec<Buffer>,
    /// Level of the buffer whose callback runs.
    running: Option<usize>,
    /// Nothing leaves any more.
    closed: bool,
    implicit_flush: bool,
    /// Status and headers.
    pub headers: Headers,
}

impl Output {
    /// No buffers, no headers.
    pub fn new(ini: &Ini) -> Output {
        Output {
            stack: Vec::new(),
            running: None,
            closed: false,
            implicit_flush: ini.implicit_flush(),
            headers: Headers::default(),
        }
    }

    /// The buffer that `output_buffering` asks for.
    fn start_default(&mut self, ini: &Ini) {
        let text = ini.bytes("output_buffering");
        let size = ini.int("output_buffering");
        if size > 0 || parse_bool(text) {
            let chunk = usize::try_from(size).unwrap_or(0);
            self.push(Buffer::new(
                status::default_name(),
                Callback::None,
                if chunk > 1 { chunk } else { 0 },
                handler_flags::STDFLAGS,
            ));
        }
    }

    fn push(&mut self, mut buffer: Buffer) {
        buffer.level = self.stack.len();
        self.stack.push(buffer);
    }

    /// `ob_implicit_flush`
    pub fn set_implicit_flush(&mut self, on: bool) {
        self.implicit_flush = on;
    }

    /// `ob_get_level`
    pub fn level(&self) -> usize {
        self.stack.len()
    }

    /// A fatal error that is not shown makes the response a 500, if it can still be one.
    pub(crate) fn fail_response(&mut self) {
        if !self.headers.sent && matches!(self.headers.code, 0 | 200) {
            self.headers.code = 500;
            self.headers.reason = None;
        }
    }
}

impl Cx {
    /// Writes output: into the innermost buffer, or to the client.
    #[inline]
    pub fn echo(&mut self, bytes: &[u8]) -> Ret<()> {
        if let [buffer] = self.out.stack.as_mut_slice()
            && (buffer.chunk == 0
                || buffer.data.len() + bytes.len() < buffer.chunk && self.out.running.is_none())
            && buffer.flags & handler_flags::DISABLED == 0
        {
            let grown = buffer.append(bytes);
            if grown > 0 {
                self.heap.account(grown);
            }
            return Ok(());
        }
        self.output_op(handler_flags::WRITE, bytes)
    }
}
