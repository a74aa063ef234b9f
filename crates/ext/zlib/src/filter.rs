//! The stream filters `zlib.deflate` and `zlib.inflate`.

use crate::codec::{Code, Decoder, Encoder, Settings};
use crate::context::{number, options_of};
use outlast_ext_standard::stream::Stream;
use outlast_ext_standard::stream::filter::{Filter, Flow, Outcome};
use outlast_ext_standard::stream::provided::ProvidedFilters;
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use zlib_rs::{DeflateFlush, InflateFlush};

/// Both of them.
pub const FILTERS: ProvidedFilters = ProvidedFilters { pattern: "zlib.*", make };

fn make(cx: &mut Cx, name: &[u8], params: &Value) -> Ret<Option<Rc<dyn Filter>>> {
    Ok(match name {
        b"zlib.deflate" => deflate(cx, params)?.map(|filter| Rc::new(filter) as Rc<dyn Filter>),
        b"zlib.inflate" => inflate(cx, params)?.map(|filter| Rc::new(filter) as Rc<dyn Filter>),
        _ => None,
    })
}

/// A parameter within its bounds; what is not is complained of and left out.
fn bounded(
    cx: &mut Cx,
    value: Option<i64>,
    (least, most): (i64, i64),
    complaint: &str,
) -> Ret<Option<i64>> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            cx.warning(format!("{complaint} ({value})"))?;
            Ok(None)
        }
        value => Ok(value),
    }
}

const WINDOW: &str = "Invalid parameter given for window size";

fn deflate(cx: &mut Cx, params: &Value) -> Ret<Option<Deflating>> {
    let mut settings = Settings::new(-1, -15);
    let level = match params {
        Value::Null | Value::Undef => None,
        Value::Array(_) | Value::Object(_) => {
            let options = options_of(cx, params)?;
            let memory = number(cx, &options, b"memory")?;
            let complaint = "Invalid parameter given for memory level";
            if let Some(memory) = bounded(cx, memory, (1, 9), complaint)? {
                settings.memory = memory;
            }
            let window = number(cx, &options, b"window")?;
            if let Some(bits) = bounded(cx, window, (-15, 31), WINDOW)? {
                settings.bits = bits;
            }
            number(cx, &options, b"level")?
        }
        Value::Str(_) | Value::Float(_) | Value::Int(_) => Some(cx.to_int(params)?),
        _ => {
            cx.warning("Invalid filter parameter, ignored")?;
            None
        }
    };
    let complaint = "Invalid compression level specified.";
    if let Some(level) = bounded(cx, level, (-1, 9), complaint)? {
        settings.level = level;
    }
    Ok(Encoder::new(settings).map(|encoder| Deflating {
        encoder: RefCell::new(Some(encoder)),
        unflushed: Cell::new(false),
    }))
}

fn inflate(cx: &mut Cx, params: &Value) -> Ret<Option<Inflating>> {
    let options = options_of(cx, params)?;
    let window = number(cx, &options, b"window")?;
    let bits = bounded(cx, window, (-15, 47), WINDOW)?.unwrap_or(-15);
    Ok(Decoder::new(bits).map(|decoder| Inflating(RefCell::new(Some(decoder)))))
}

/// Compresses until its stream has ended.
struct Deflating {
    encoder: RefCell<Option<Encoder>>,
    /// Something came since the last flush.
    unflushed: Cell<bool>,
}

impl Filter for Deflating {
    fn run(&self, cx: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let mut slot = self.encoder.borrow_mut();
        let Some(encoder) = &mut *slot else { return Ok(Outcome::Pass(Vec::new())) };
        let unflushed = self.unflushed.get() || !bytes.is_empty();
        self.unflushed.set(unflushed && flow == Flow::Normal);
        if flow == Flow::Flush && !unflushed {
            return Ok(Outcome::Pass(Vec::new()));
        }
        let flush = match flow {
            Flow::Normal => DeflateFlush::NoFlush,
            Flow::Flush => DeflateFlush::SyncFlush,
            Flow::Close => DeflateFlush::Finish,
        };
        let mut out = Vec::new();
        let result = encoder.run(&bytes, flush, &mut out);
        if result != Ok(Code::Ok) {
            *slot = None;
        }
        drop(slot);
        match result {
            Ok(_) => Ok(Outcome::Pass(out)),
            Err(code) => failed(cx, code),
        }
    }
}

/// Decompresses; what follows the end is dropped.
struct Inflating(RefCell<Option<Decoder>>);

impl Filter for Inflating {
    fn run(&self, cx: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let mut slot = self.0.borrow_mut();
        let Some(decoder) = &mut *slot else { return Ok(Outcome::Pass(Vec::new())) };
        let mut out = Vec::new();
        let flush = match flow {
            Flow::Close => InflateFlush::Finish,
            _ => InflateFlush::SyncFlush,
        };
        let code = decoder.run(&bytes, flush, &mut out).code;
        if !matches!(code, Code::Ok | Code::BufferError) {
            *slot = None;
        }
        drop(slot);
        match code {
            Code::Ok | Code::BufferError | Code::StreamEnd => Ok(Outcome::Pass(out)),
            code => failed(cx, code),
        }
    }
}

fn failed(cx: &mut Cx, code: Code) -> Ret<Outcome> {
    cx.notice(format!("zlib: {}", code.text()))?;
    Ok(Outcome::Fatal)
}
