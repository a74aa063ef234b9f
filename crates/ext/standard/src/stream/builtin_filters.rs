//! PHP's own filters.

use super::Stream;
use super::filter::{Filter, Flow, Outcome};
use outlast_text::encode as text;
use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Names of PHP's own filters, as `stream_get_filters()` lists them.
pub const NAMES: [&str; 6] =
    ["string.rot13", "string.toupper", "string.tolower", "convert.*", "consumed", "dechunk"];

/// Makes a filter by name; `Err`: the name is known but the parameters are not right.
pub fn make(name: &[u8], params: &Value) -> Option<Rc<dyn Filter>> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_slice() {
        b"string.rot13" => Rc::new(Map(rot13)),
        b"string.toupper" => Rc::new(Map(|b| b.to_ascii_uppercase())),
        b"string.tolower" => Rc::new(Map(|b| b.to_ascii_lowercase())),
        b"convert.base64-encode" => Rc::new(Base64Encode {
            held: RefCell::default(),
            line: line_of(params),
            column: Cell::new(0),
        }),
        b"convert.base64-decode" => Rc::new(Base64Decode::default()),
        b"convert.quoted-printable-encode" => Rc::new(QuotedEncode {
            line: line_of(params),
            binary: option(params, b"binary").is_some_and(|v| v.truthy()),
            column: Cell::new(0),
        }),
        b"convert.quoted-printable-decode" => Rc::new(QuotedDecode::default()),
        b"consumed" => Rc::new(Map(|b| b)),
        b"dechunk" => Rc::new(Dechunk::default()),
        _ => return None,
    })
}

fn option(params: &Value, name: &[u8]) -> Option<Value> {
    params.as_array()?.get_str(name).map(Value::deref)
}

/// `line-length` and `line-break-chars`
fn line_of(params: &Value) -> Option<(usize, Vec<u8>)> {
    let params: &PhpArray = params.as_array()?;
    let length = match params.get_str(b"line-length")?.deref() {
        Value::Int(n) => n,
        Value::Str(s) => s.to_str_lossy().parse().ok()?,
        _ => return None,
    };
    let ending = match params.get_str(b"line-break-chars").map(Value::deref) {
        Some(Value::Str(s)) => s.to_vec(),
        _ => b"\r\n".to_vec(),
    };
    usize::try_from(length).ok().filter(|n| *n > 0).map(|n| (n, ending))
}

/// Each byte on its own.
struct Map(fn(Vec<u8>) -> Vec<u8>);

impl Filter for Map {
    fn run(&self, _: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, _: Flow) -> Ret<Outcome> {
        Ok(Outcome::Pass(self.0(bytes)))
    }
}

fn rot13(bytes: Vec<u8>) -> Vec<u8> {
    bytes
        .into_iter()
        .map(|b| match b {
            b'a'..=b'z' => (b - b'a' + 13) % 26 + b'a',
            b'A'..=b'Z' => (b - b'A' + 13) % 26 + b'A',
            b => b,
        })
        .collect()
}

/// Breaks what is added into lines.
fn broken(bytes: Vec<u8>, line: Option<&(usize, Vec<u8>)>, column: &Cell<usize>) -> Vec<u8> {
    let Some((length, ending)) = line else { return bytes };
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / length * ending.len());
    for byte in bytes {
        if column.get() == *length {
            out.extend_from_slice(ending);
            column.set(0);
        }
        out.push(byte);
        column.set(column.get() + 1);
    }
    out
}

struct Base64Encode {
    held: RefCell<Vec<u8>>,
    line: Option<(usize, Vec<u8>)>,
    column: Cell<usize>,
}

impl Filter for Base64Encode {
    fn run(&self, _: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let mut held = self.held.borrow_mut();
        held.extend_from_slice(&bytes);
        let whole = if flow != Flow::Close { held.len() / 3 * 3 } else { held.len() };
        let ready: Vec<u8> = held.drain(..whole).collect();
        Ok(Outcome::Pass(broken(text::base64_encode(&ready), self.line.as_ref(), &self.column)))
    }
}

#[derive(Default)]
struct Base64Decode {
    held: RefCell<Vec<u8>>,
    ended: Cell<bool>,
}

impl Filter for Base64Decode {
    fn run(&self, cx: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let mut held = self.held.borrow_mut();
        let mut padding = self.ended.get();
        for byte in bytes {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if !padding => {
                    held.push(byte);
                }
                b'=' => padding = true,
                b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => {
                    cx.warning("Stream filter (convert.base64-decode): invalid byte sequence")?;
                    return Ok(Outcome::Fatal);
                }
            }
        }
        self.ended.set(padding);
        let whole = if padding || flow == Flow::Close { held.len() } else { held.len() / 4 * 4 };
        let ready: Vec<u8> = held.drain(..whole).collect();
        Ok(Outcome::Pass(text::base64_decode(&ready, false).unwrap_or_default()))
    }
}

struct QuotedEncode {
    line: Option<(usize, Vec<u8>)>,
    binary: bool,
    column: Cell<usize>,
}

impl Filter for QuotedEncode {
    fn run(&self, _: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, _: Flow) -> Ret<Outcome> {
        let mut out = Vec::new();
        for (at, &byte) in bytes.iter().enumerate() {
            let is_break = matches!(byte, b'\r' | b'\n') && !self.binary;
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~' | b' ') || is_break;
            let width = if plain { 1 } else { 3 };
            if let Some((length, ending)) = &self.line
                && !is_break
                && self.column.get() + width > length.saturating_sub(1)
            {
                out.push(b'=');
                out.extend_from_slice(ending);
                self.column.set(0);
            }
            let _ = at;
            if plain {
                out.push(byte);
            } else {
                out.extend_from_slice(format!("={byte:02X}").as_bytes());
            }
            self.column.set(if byte == b'\n' && plain { 0 } else { self.column.get() + width });
        }
        Ok(Outcome::Pass(out))
    }
}

#[derive(Default)]
struct QuotedDecode {
    held: RefCell<Vec<u8>>,
}

impl Filter for QuotedDecode {
    fn run(&self, _: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, flow: Flow) -> Ret<Outcome> {
        let mut held = self.held.borrow_mut();
        held.extend_from_slice(&bytes);
        // An escape that is not complete waits for the rest.
        let whole = match held.iter().rposition(|b| *b == b'=') {
            Some(at) if flow == Flow::Normal && held.len() - at < 3 => at,
            _ => held.len(),
        };
        let ready: Vec<u8> = held.drain(..whole).collect();
        Ok(Outcome::Pass(text::quoted_printable_decode(&ready)))
    }
}

/// Where a chunked text stands.
#[derive(Clone, Copy, Default, PartialEq)]
enum Part {
    #[default]
    Size,
    SizeEnd,
    Body,
    BodyEnd,
    Trailer,
    Broken,
}

#[derive(Default)]
struct Dechunk {
    part: Cell<Part>,
    size: Cell<usize>,
    digits: Cell<bool>,
}

impl Filter for Dechunk {
    fn run(&self, _: &mut Cx, _: &Rc<Stream>, bytes: Vec<u8>, _: Flow) -> Ret<Outcome> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.part.get() {
                Part::Size => {
                    if let Some(digit) = char::from(byte).to_digit(16) {
                        self.size.set(self.size.get() << 4 | digit as usize);
                        self.digits.set(true);
                        at += 1;
                    } else if self.digits.get() {
                        self.part.set(Part::SizeEnd);
                    } else {
                        self.part.set(Part::Broken);
                    }
                }
                Part::SizeEnd => {
                    if byte == b'\n' {
                        let last = self.size.get() == 0;
                        self.part.set(if last { Part::Trailer } else { Part::Body });
                    }
                    at += 1;
                }
                Part::Body => {
                    let count = self.size.get().min(bytes.len() - at);
                    out.extend_from_slice(&bytes[at..at + count]);
                    at += count;
                    self.size.set(self.size.get() - count);
                    if self.size.get() == 0 {
                        self.part.set(Part::BodyEnd);
                    }
                }
                Part::BodyEnd => match byte {
                    b'\r' => at += 1,
                    b'\n' => {
                        at += 1;
                        self.digits.set(false);
                        self.part.set(Part::Size);
                    }
                    _ => self.part.set(Part::Broken),
                },
                Part::Trailer => break,
                Part::Broken => {
                    out.extend_from_slice(&bytes[at..]);
                    break;
                }
            }
        }
        Ok(Outcome::Pass(out))
    }
}
