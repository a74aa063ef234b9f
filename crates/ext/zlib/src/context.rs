//! Compressing and decompressing bit by bit: `deflate_init()`, `inflate_init()` and what they make.

use crate::codec::{self, Code, Decoder, Encoder, Settings, flush_of};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, Ret, Unwind};
use std::any::Any;
use std::cell::RefCell;
use zlib_rs::{DeflateFlush, InflateFlush, Strategy};

pub static DEFLATE: ObjectHandlers =
    ObjectHandlers { create: Some(refuse_deflate), uncloneable: true, ..ObjectHandlers::STANDARD };

pub static INFLATE: ObjectHandlers =
    ObjectHandlers { create: Some(refuse_inflate), uncloneable: true, ..ObjectHandlers::STANDARD };

/// What a `DeflateContext` holds.
struct Deflating(RefCell<Encoder>);

/// What an `InflateContext` holds.
struct Inflating(RefCell<Inflation>);

struct Inflation {
    decoder: Decoder,
    /// Until it is asked for.
    dictionary: Option<Vec<u8>>,
    status: Code,
    /// The header in front of a dictionary: zlib does not count it as read.
    uncounted: u64,
}

impl ObjectData for Deflating {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl ObjectData for Inflating {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn refuse_deflate(cx: &mut Cx, _: &Object) -> Ret<()> {
    let text = "Cannot directly construct DeflateContext, use deflate_init() instead";
    Err(cx.throw_error(text))
}

fn refuse_inflate(cx: &mut Cx, _: &Object) -> Ret<()> {
    let text = "Cannot directly construct InflateContext, use inflate_init() instead";
    Err(cx.throw_error(text))
}

/// An object of one of our classes, which `new` cannot make.
fn object(cx: &mut Cx, class: &[u8], data: Box<dyn ObjectData>) -> Object {
    let class = cx.class(class).expect("it is declared here");
    let object = Object::with_flags(class.ptr(), 0, 0);
    object.set_data(data);
    object
}

/// Options as an array, of an object too.
pub fn options_of(cx: &mut Cx, options: &Value) -> Ret<PhpArray> {
    match options {
        Value::Array(array) => Ok(array.clone()),
        Value::Object(object) => cx.object_vars(object, None),
        _ => Ok(PhpArray::new()),
    }
}

/// A number among the options.
pub fn number(cx: &mut Cx, options: &PhpArray, name: &[u8]) -> Ret<Option<i64>> {
    match options.get_str(name).map(Value::deref) {
        Some(value) => cx.to_int(&value).map(Some),
        None => Ok(None),
    }
}

/// The option `dictionary`: a string, or strings that zlib is given with a null behind each.
fn dictionary(cx: &mut Cx, options: &PhpArray) -> Ret<Option<Vec<u8>>> {
    let list = match options.get_str(b"dictionary").map(Value::deref) {
        None => return Ok(None),
        Some(Value::Str(text)) => return Ok(Some(text.to_vec())),
        Some(Value::Array(list)) => list,
        Some(other) => {
            let given = cx.value_type_name(&other);
            let text = format!("must be of type zero-terminated string or array, {given} given");
            return Err(cx.arg_type_error(2, &text));
        }
    };
    let mut joined = Vec::new();
    for (_, item) in list.iter() {
        let text = cx.to_str(&item.deref())?;
        if text.is_empty() {
            return Err(cx.arg_value_error(2, "must not contain empty strings"));
        }
        if text.contains(&0) {
            return Err(cx.arg_value_error(2, "must not contain strings with null bytes"));
        }
        joined.extend_from_slice(&text);
        joined.push(0);
    }
    Ok((!joined.is_empty()).then_some(joined))
}

/// An option of `deflate_init()` within its bounds.
fn bounded(
    cx: &mut Cx,
    options: &PhpArray,
    name: &str,
    default: i64,
    (least, most): (i64, i64),
) -> Ret<i64> {
    let value = number(cx, options, name.as_bytes())?.unwrap_or(default);
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let text = format!("deflate_init(): \"{name}\" option must be between {least} and {most}");
    Err(cx.throw_value_error(text))
}

fn strategy(cx: &mut Cx, options: &PhpArray) -> Ret<Strategy> {
    Ok(match number(cx, options, b"strategy")?.unwrap_or(0) {
        0 => Strategy::Default,
        1 => Strategy::Filtered,
        2 => Strategy::HuffmanOnly,
        3 => Strategy::Rle,
        4 => Strategy::Fixed,
        _ => {
            return Err(cx.throw_value_error(
                "deflate_init(): \"strategy\" option must be one of ZLIB_FILTERED, \
                 ZLIB_HUFFMAN_ONLY, ZLIB_RLE, ZLIB_FIXED, or ZLIB_DEFAULT_STRATEGY",
            ));
        }
    })
}

/// zlib's window bits for a window in one of PHP's encodings.
fn with_window(encoding: i64, window: i64) -> i64 {
    if encoding < 0 { encoding + 15 - window } else { encoding - 15 + window }
}

fn is_encoding(encoding: i64) -> bool {
    matches!(encoding, codec::RAW | codec::GZIP | codec::DEFLATE)
}

pub fn deflate_init(cx: &mut Cx, encoding: i64, options: &Value) -> Ret<OrFalse<Object>> {
    let options = options_of(cx, options)?;
    let level = bounded(cx, &options, "level", -1, (-1, 9))?;
    let memory = bounded(cx, &options, "memory", 8, (1, 9))?;
    let window = bounded(cx, &options, "window", 15, (8, 15))?;
    let strategy = strategy(cx, &options)?;
    let dictionary = dictionary(cx, &options)?;
    if !is_encoding(encoding) {
        return Err(cx.arg_value_error(
            1,
            "must be one of ZLIB_ENCODING_RAW, ZLIB_ENCODING_GZIP, or ZLIB_ENCODING_DEFLATE",
        ));
    }
    let bits = with_window(encoding, window);
    let Some(mut encoder) = Encoder::new(Settings { level, bits, memory, strategy }) else {
        cx.warning("Failed allocating zlib.deflate context")?;
        return Ok(OrFalse(None));
    };
    if let Some(dictionary) = dictionary {
        // In gzip there is none; PHP does not say so.
        encoder.set_dictionary(&dictionary);
    }
    let data = Box::new(Deflating(RefCell::new(encoder)));
    Ok(OrFalse(Some(object(cx, b"DeflateContext", data))))
}

fn checked_flush(cx: &mut Cx, mode: i64) -> Ret<DeflateFlush> {
    flush_of(mode).ok_or_else(|| {
        cx.arg_value_error(
            3,
            "must be one of ZLIB_NO_FLUSH, ZLIB_PARTIAL_FLUSH, ZLIB_SYNC_FLUSH, ZLIB_FULL_FLUSH, \
             ZLIB_BLOCK, or ZLIB_FINISH",
        )
    })
}

/// A context without what only these functions give it.
fn invalid(cx: &mut Cx, name: &str) -> Unwind {
    cx.throw_error(format!("Invalid {name}"))
}

pub fn deflate_add(
    cx: &mut Cx,
    context: &Object,
    data: &PhpString,
    flush_mode: i64,
) -> Ret<OrFalse<Vec<u8>>> {
    let flush = checked_flush(cx, flush_mode)?;
    let Some(deflating) = context.data::<Deflating>() else {
        return Err(invalid(cx, "DeflateContext"));
    };
    if data.is_empty() && flush != DeflateFlush::Finish {
        return Ok(OrFalse(Some(Vec::new())));
    }
    let mut out = Vec::new();
    let mut encoder = deflating.0.borrow_mut();
    match encoder.run(data, flush, &mut out) {
        Ok(code) => {
            if code == Code::StreamEnd {
                encoder.reset();
            }
            Ok(OrFalse(Some(out)))
        }
        Err(code) => {
            drop(encoder);
            cx.warning(format!("zlib error ({})", code.text()))?;
            Ok(OrFalse(None))
        }
    }
}

const MISMATCH: &str = "Dictionary does not match expected dictionary (incorrect adler32 hash)";

pub fn inflate_init(cx: &mut Cx, encoding: i64, options: &Value) -> Ret<OrFalse<Object>> {
    let options = options_of(cx, options)?;
    let window = number(cx, &options, b"window")?.unwrap_or(15);
    if !(8..=15).contains(&window) {
        let text = format!("zlib window size (logarithm) ({window}) must be within 8..15");
        return Err(cx.throw_value_error(text));
    }
    let mut dictionary = dictionary(cx, &options)?;
    if !is_encoding(encoding) {
        return Err(cx.throw_value_error(
            "Encoding mode must be ZLIB_ENCODING_RAW, ZLIB_ENCODING_GZIP or ZLIB_ENCODING_DEFLATE",
        ));
    }
    let Some(mut decoder) = Decoder::new(with_window(encoding, window)) else {
        cx.warning("Failed allocating zlib.inflate context")?;
        return Ok(OrFalse(None));
    };
    if encoding == codec::RAW
        && let Some(dictionary) = dictionary.take()
        && decoder.set_dictionary(&dictionary) != Code::Ok
    {
        cx.warning(MISMATCH)?;
        return Ok(OrFalse(None));
    }
    let inflation = Inflation { decoder, dictionary, status: Code::Ok, uncounted: 0 };
    let data = Box::new(Inflating(RefCell::new(inflation)));
    Ok(OrFalse(Some(object(cx, b"InflateContext", data))))
}

impl Inflation {
    /// Decompresses; what is to be complained of otherwise.
    fn add(&mut self, mut data: &[u8], flush: InflateFlush) -> Result<Vec<u8>, &'static str> {
        let mut out = Vec::new();
        loop {
            let step = self.decoder.run(data, flush, &mut out);
            data = &data[step.taken..];
            self.status = step.code;
            match step.code {
                Code::Ok | Code::StreamEnd | Code::BufferError => return Ok(out),
                Code::NeedDictionary => {
                    let Some(dictionary) = self.dictionary.take() else {
                        return Err(
                            "Inflating this data requires a preset dictionary, please specify it \
                             in the options array of inflate_init()",
                        );
                    };
                    self.uncounted += step.taken as u64;
                    if self.decoder.set_dictionary(&dictionary) != Code::Ok {
                        self.dictionary = Some(dictionary);
                        return Err(MISMATCH);
                    }
                }
                code => return Err(code.text()),
            }
        }
    }
}

pub fn inflate_add(
    cx: &mut Cx,
    context: &Object,
    data: &PhpString,
    flush_mode: i64,
) -> Ret<OrFalse<Vec<u8>>> {
    let flush = match checked_flush(cx, flush_mode)? {
        DeflateFlush::NoFlush => InflateFlush::NoFlush,
        DeflateFlush::Finish => InflateFlush::Finish,
        DeflateFlush::Block => InflateFlush::Block,
        _ => InflateFlush::SyncFlush,
    };
    let Some(inflating) = context.data::<Inflating>() else {
        return Err(invalid(cx, "InflateContext"));
    };
    let mut inflation = inflating.0.borrow_mut();
    // A stream that has ended stays to be asked about until the next begins.
    if inflation.status == Code::StreamEnd {
        inflation.status = Code::Ok;
        inflation.uncounted = 0;
        inflation.decoder.reset();
    }
    if data.is_empty() && flush != InflateFlush::Finish {
        return Ok(OrFalse(Some(Vec::new())));
    }
    let result = inflation.add(data, flush);
    drop(inflation);
    match result {
        Ok(out) => Ok(OrFalse(Some(out))),
        Err(complaint) => {
            cx.warning(complaint)?;
            Ok(OrFalse(None))
        }
    }
}

pub fn inflate_get_status(cx: &mut Cx, context: &Object) -> Ret<i64> {
    match context.data::<Inflating>() {
        Some(inflating) => Ok(inflating.0.borrow().status as i64),
        None => Err(invalid(cx, "InflateContext")),
    }
}

pub fn inflate_get_read_len(cx: &mut Cx, context: &Object) -> Ret<i64> {
    match context.data::<Inflating>() {
        Some(inflating) => {
            let inflation = inflating.0.borrow();
            Ok((inflation.decoder.total_in() - inflation.uncounted) as i64)
        }
        None => Err(invalid(cx, "InflateContext")),
    }
}
