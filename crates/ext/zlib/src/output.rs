//! Compressed output: `ob_gzhandler` and `zlib.output_compression`.

use crate::codec::{Code, DEFLATE, Encoder, GZIP, Settings};
use outlast_value::{PhpString, Value};
use outlast_vm::ini::{IniDef, access, parse_quantity};
use outlast_vm::output::handler_flags::{CLEAN, FINAL, FLUSH, START, STDFLAGS};
use outlast_vm::output::{NativeHandler, OutputHandler};
use outlast_vm::{Cx, OrFalse, Ret};
use std::os::unix::ffi::OsStringExt;
use zlib_rs::DeflateFlush;

/// php.ini's settings.
pub static SETTINGS: &[IniDef] = &[
    IniDef::new("zlib.output_compression", Some("0"), access::ALL).checked(compression_changes),
    IniDef::new("zlib.output_compression_level", Some("-1"), access::ALL),
    IniDef::new("zlib.output_handler", Some(""), access::ALL).checked(handler_changes),
];

const COMPRESSION_NAME: &str = "zlib output compression";
const GZHANDLER_NAME: &str = "ob_gzhandler";
const CONFLICTS: &[&str] = &[COMPRESSION_NAME, GZHANDLER_NAME, "mb_output_handler", "URL-Rewriter"];

/// The handler that `zlib.output_compression` starts.
pub static COMPRESSION: OutputHandler =
    OutputHandler { name: COMPRESSION_NAME, make: make_handler, conflicts: CONFLICTS };

/// The handler of `ob_start("ob_gzhandler")`.
pub static GZHANDLER: OutputHandler =
    OutputHandler { name: GZHANDLER_NAME, make: make_handler, conflicts: CONFLICTS };

/// The size of a buffer where none is given.
const DEFAULT_SIZE: i64 = 0x4000;

/// What a client takes.
#[derive(Clone, Copy, PartialEq)]
enum Coding {
    Gzip,
    Deflate,
}

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        }
    }

    fn bits(self) -> i64 {
        match self {
            Coding::Gzip => GZIP,
            Coding::Deflate => DEFLATE,
        }
    }
}

/// The state of a script.
#[derive(Default)]
struct Compressing {
    /// Known once it was asked for.
    coding: Option<Coding>,
    /// The size of the buffer; 0: nothing is compressed.
    size: i64,
    /// Of calls of `ob_gzhandler()` as a function.
    called: Option<Encoder>,
}

/// What is chosen of what the client accepts.
fn coding(cx: &mut Cx) -> Option<Coding> {
    if let Some(known) = cx.state::<Compressing>().coding {
        return Some(known);
    }
    let accepted = if cx.sapi.is_web() {
        let headers = cx.sapi.request_headers();
        let named = |(name, _): &(String, Vec<u8>)| name.eq_ignore_ascii_case("accept-encoding");
        headers.into_iter().find(named)?.1
    } else {
        std::env::var_os("HTTP_ACCEPT_ENCODING")?.into_vec()
    };
    let accepted = String::from_utf8_lossy(&accepted);
    let coding = if accepted.contains("gzip") {
        Some(Coding::Gzip)
    } else if accepted.contains("deflate") {
        Some(Coding::Deflate)
    } else {
        None
    };
    cx.state::<Compressing>().coding = coding;
    coding
}

fn level(cx: &Cx) -> i64 {
    cx.ini.int("zlib.output_compression_level")
}

/// One operation of a buffer; `None`: it cannot be done.
fn compress(
    slot: &mut Option<Encoder>,
    settings: Settings,
    data: &[u8],
    op: u32,
) -> Option<Vec<u8>> {
    if op & START != 0 {
        *slot = Encoder::new(settings);
    }
    let encoder = slot.as_mut()?;
    if op & CLEAN != 0 {
        if op & FINAL != 0 {
            *slot = None;
        } else {
            encoder.reset();
        }
        return Some(Vec::new());
    }
    let flush = match op {
        op if op & FINAL != 0 => DeflateFlush::Finish,
        op if op & FLUSH != 0 => DeflateFlush::FullFlush,
        _ => DeflateFlush::SyncFlush,
    };
    let mut out = Vec::new();
    let result = encoder.run(data, flush, &mut out);
    if op & FINAL != 0 || result.is_err() {
        *slot = None;
    }
    matches!(result, Ok(Code::Ok | Code::StreamEnd)).then_some(out)
}

fn announce(cx: &mut Cx, coding: Coding) -> Ret<()> {
    let line = format!("Content-Encoding: {}", coding.name());
    cx.header(line.as_bytes(), true, 0)?;
    vary(cx)
}

fn vary(cx: &mut Cx) -> Ret<()> {
    cx.header(b"Vary: Accept-Encoding", false, 0).map(|_| ())
}

/// A buffer that compresses.
#[derive(Default)]
struct Compression(Option<Encoder>);

impl NativeHandler for Compression {
    fn handle(&mut self, cx: &mut Cx, data: &[u8], op: u32) -> Ret<Option<Vec<u8>>> {
        let Some(coding) = coding(cx) else {
            if op & START != 0 && op != START | CLEAN | FINAL {
                vary(cx)?;
            }
            return Ok(None);
        };
        let settings = Settings::new(level(cx), coding.bits());
        let Some(out) = compress(&mut self.0, settings, data, op) else { return Ok(None) };
        if op & START != 0 && op & CLEAN == 0 {
            if cx.out.headers.are_sent() || cx.state::<Compressing>().size == 0 {
                self.0 = None;
                return Ok(None);
            }
            announce(cx, coding)?;
            cx.keep_output_handler();
        }
        Ok(Some(out))
    }
}

fn make_handler(cx: &mut Cx, chunk: usize) -> Box<dyn NativeHandler> {
    let state = cx.state::<Compressing>();
    if state.size == 0 {
        state.size = if chunk > 0 { chunk as i64 } else { DEFAULT_SIZE };
    }
    Box::new(Compression::default())
}

/// The value of `zlib.output_compression`: a size, 1 for on.
fn size_of(text: &[u8]) -> i64 {
    if text.eq_ignore_ascii_case(b"on") {
        1
    } else if text.eq_ignore_ascii_case(b"off") {
        0
    } else {
        parse_quantity(text).0
    }
}

/// Starts what `zlib.output_compression` asks for: as a script begins.
pub fn start(cx: &mut Cx) -> Ret<()> {
    let size = size_of(cx.ini.bytes("zlib.output_compression"));
    if size == 0 { Ok(()) } else { start_with(cx, size) }
}

fn start_with(cx: &mut Cx, size: i64) -> Ret<()> {
    let size = if size == 1 { DEFAULT_SIZE } else { size };
    cx.state::<Compressing>().size = size;
    if coding(cx).is_none() {
        return Ok(());
    }
    let chunk = usize::try_from(size).unwrap_or(0);
    if cx.ob_start_native(&COMPRESSION, chunk, STDFLAGS)? {
        let handler = PhpString::new(cx.ini.bytes("zlib.output_handler"));
        if !handler.is_empty() {
            cx.ob_start(Some(Value::Str(handler)), size, i64::from(STDFLAGS))?;
        }
    }
    Ok(())
}

/// A script sets `zlib.output_compression`.
fn compression_changes(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    let size = size_of(value);
    if size != 0 && !cx.ini.bytes("output_handler").is_empty() {
        let text = "Cannot use both zlib.output_compression and output_handler together!!";
        return Err(cx.fatal(text));
    }
    if cx.out.headers.are_sent() {
        cx.warning("Cannot change zlib.output_compression - headers already sent")?;
        return Ok(false);
    }
    cx.state::<Compressing>().size = size;
    if size != 0 && !cx.output_handler_started(COMPRESSION.name) {
        start_with(cx, size)?;
    }
    Ok(true)
}

/// A script sets `zlib.output_handler`.
fn handler_changes(cx: &mut Cx, _: &[u8]) -> Ret<bool> {
    if cx.out.headers.are_sent() {
        cx.warning("Cannot change zlib.output_handler - headers already sent")?;
        return Ok(false);
    }
    Ok(true)
}

pub fn zlib_get_coding_type(cx: &mut Cx) -> Ret<OrFalse<&'static str>> {
    Ok(OrFalse(cx.state::<Compressing>().coding.map(Coding::name)))
}

/// `ob_gzhandler()` called by its name, not as the callback of a buffer.
pub fn ob_gzhandler(cx: &mut Cx, data: &PhpString, flags: i64) -> Ret<OrFalse<Vec<u8>>> {
    let Some(coding) = coding(cx) else { return Ok(OrFalse(None)) };
    let op = flags as u32;
    if op & START != 0 {
        announce(cx, coding)?;
    }
    let settings = Settings::new(level(cx), coding.bits());
    let called = &mut cx.state::<Compressing>().called;
    Ok(OrFalse(compress(called, settings, data, op)))
}
