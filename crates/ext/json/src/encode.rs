//! `json_encode`

use crate::error::JsonError;
use crate::flags;
use outlast_number as number;
use outlast_value::{KeyRef, Object, PhpArray, PhpString, Value};
use outlast_vm::convert::digits;
use outlast_vm::{Cx, ObjectClass, PropertiesFor, Ret};

/// An encoding under way.
pub struct Encoder {
    flags: i64,
    max_depth: i64,
    depth: i64,
    /// The text so far.
    pub out: Vec<u8>,
    /// The first error; the text is then complete only with `JSON_PARTIAL_OUTPUT_ON_ERROR`.
    pub error: JsonError,
}

/// Containers under way, by identity, of all encodings of the script: an object's `jsonSerialize()`
/// may begin another one.
#[derive(Default)]
pub struct OpenContainers(pub Vec<usize>);

impl Encoder {
    pub fn new(flags: i64, max_depth: i64) -> Encoder {
        Encoder { flags, max_depth, depth: 0, out: Vec::new(), error: JsonError::None }
    }

    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    fn fail(&mut self, error: JsonError, instead: &[u8]) {
        self.error = error;
        self.out.extend_from_slice(instead);
    }

    fn stopped(&self) -> bool {
        self.error != JsonError::None && !self.has(flags::PARTIAL_OUTPUT)
    }

    /// Appends a value.
    pub fn value(&mut self, cx: &mut Cx, value: &Value) -> Ret<()> {
        match value {
            Value::Array(_) | Value::Object(_) | Value::Ref(_) => {
                cx.recurse(|cx| self.value_here(cx, value))
            }
            _ => self.value_here(cx, value),
        }
    }

    fn value_here(&mut self, cx: &mut Cx, value: &Value) -> Ret<()> {
        match value {
            Value::Undef | Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(true) => self.out.extend_from_slice(b"true"),
            Value::Bool(false) => self.out.extend_from_slice(b"false"),
            Value::Int(i) => self.out.extend_from_slice(digits(*i, &mut [0; 20])),
            Value::Float(f) => self.float(cx, *f),
            Value::Str(s) => self.string(cx, s),
            Value::Array(a) => {
                if a.is_list() && !self.has(flags::FORCE_OBJECT) {
                    self.list(cx, a)?;
                } else {
                    self.table(cx, a, a.ptr_id())?;
                }
            }
            Value::Object(o) => self.object(cx, o)?,
            Value::Resource(_) => self.fail(JsonError::UnsupportedType, b"null"),
            Value::Ref(r) => self.value(cx, &r.get())?,
        }
        Ok(())
    }

    fn float(&mut self, cx: &Cx, f: f64) {
        if !f.is_finite() {
            self.fail(JsonError::InfOrNan, b"0");
            return;
        }
        let text = number::json_float(f, cx.ini.serialize_precision());
        self.out.extend_from_slice(&text);
        if self.has(flags::ZERO_FRACTION) && !text.iter().any(|b| matches!(b, b'.' | b'e' | b'E')) {
            self.out.extend_from_slice(b".0");
        }
    }

    fn newline(&mut self) {
        if self.has(flags::PRETTY_PRINT) {
            self.out.push(b'\n');
            for _ in 0..self.depth {
                self.out.extend_from_slice(b"    ");
            }
        }
    }

    /// Opens a container; false if it is open already.
    fn enter(&mut self, cx: &mut Cx, id: usize) -> bool {
        let open = &mut cx.state::<OpenContainers>().0;
        if open.contains(&id) {
            self.fail(JsonError::Recursion, b"null");
            return false;
        }
        open.push(id);
        self.depth += 1;
        true
    }

    fn leave(&mut self, cx: &mut Cx, empty: bool, close: u8) {
        cx.state::<OpenContainers>().0.pop();
        if self.depth > self.max_depth {
            self.error = JsonError::Depth;
        }
        self.depth -= 1;
        if !empty {
            self.newline();
        }
        self.out.push(close);
    }

    fn list(&mut self, cx: &mut Cx, a: &PhpArray) -> Ret<()> {
        if a.is_empty() {
            self.out.extend_from_slice(b"[]");
            return Ok(());
        }
        if !self.enter(cx, a.ptr_id()) {
            return Ok(());
        }
        self.out.push(b'[');
        for (i, v) in a.values().enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            self.newline();
            self.value(cx, v)?;
            if self.stopped() {
                self.depth -= 1;
                return Ok(());
            }
        }
        self.leave(cx, false, b']');
        Ok(())
    }

    fn table(&mut self, cx: &mut Cx, a: &PhpArray, id: usize) -> Ret<()> {
        if !self.enter(cx, id) {
            return Ok(());
        }
        self.out.push(b'{');
        let mut first = true;
        for (k, v) in a.iter_refs() {
            if let KeyRef::Str(s) = k {
                // Names of properties that are not public.
                if s.first() == Some(&0) && id != a.ptr_id() {
                    continue;
                }
            }
            if !first {
                self.out.push(b',');
            }
            first = false;
            self.newline();
            match k {
                KeyRef::Int(i) => {
                    self.out.push(b'"');
                    self.out.extend_from_slice(digits(i, &mut [0; 20]));
                    self.out.push(b'"');
                }
                KeyRef::Str(s) => {
                    let numeric = self.flags & flags::NUMERIC_CHECK;
                    self.flags &= !flags::NUMERIC_CHECK;
                    let failed = self.error;
                    let start = self.out.len();
                    self.string(cx, s);
                    self.flags |= numeric;
                    if self.error != failed && self.out[start..] == *b"null" {
                        self.out.truncate(start);
                        self.out.extend_from_slice(b"\"\"");
                    }
                }
            }
            if self.stopped() {
                self.depth -= 1;
                return Ok(());
            }
            self.out.push(b':');
            if self.has(flags::PRETTY_PRINT) {
                self.out.push(b' ');
            }
            self.value(cx, v)?;
            if self.stopped() {
                self.depth -= 1;
                return Ok(());
            }
        }
        self.leave(cx, first, b'}');
        Ok(())
    }

    fn object(&mut self, cx: &mut Cx, o: &Object) -> Ret<()> {
        let class = o.class();
        let serializable = cx.class(b"JsonSerializable").expect("declared here");
        if class.is_subclass_of_or_same(serializable) {
            return self.serializable(cx, o);
        }
        if class.is_enum() {
            if class.backing == 0 {
                self.fail(JsonError::NonBackedEnum, b"0");
                return Ok(());
            }
            let value = cx.read_prop(o, &PhpString::from("value"))?;
            return self.value(cx, &value);
        }
        let props = if class.handlers.properties.is_some() {
            cx.props_for(o, PropertiesFor::Json)?
        } else {
            cx.object_vars(o, None)?
        };
        self.table(cx, &props, o.ptr_id())
    }

    fn serializable(&mut self, cx: &mut Cx, o: &Object) -> Ret<()> {
        let open = &mut cx.state::<OpenContainers>().0;
        if open.contains(&o.ptr_id()) {
            self.fail(JsonError::Recursion, b"null");
            return Ok(());
        }
        open.push(o.ptr_id());
        let value = cx.call_method(o, "jsonSerialize", Vec::new())?.into_deref();
        let done = match &value {
            Value::Object(p) if p.ptr_eq(o) => {
                let props = cx.object_vars(o, None)?;
                cx.state::<OpenContainers>().0.pop();
                return self.table(cx, &props, o.ptr_id());
            }
            v => self.value(cx, v),
        };
        cx.state::<OpenContainers>().0.pop();
        done
    }

    fn string(&mut self, cx: &Cx, s: &[u8]) {
        if self.has(flags::NUMERIC_CHECK)
            && let Some(n) = number::parse_numeric(s, false).filter(|n| !n.trailing_data)
            && n.number.to_float().is_finite()
        {
            match n.number {
                number::Number::Int(i) => self.out.extend_from_slice(digits(i, &mut [0; 20])),
                number::Number::Float(f) => {
                    let text = number::json_float(f, cx.ini.serialize_precision());
                    self.out.extend_from_slice(&text);
                }
            }
            return;
        }
        let start = self.out.len();
        self.out.push(b'"');
        let mut rest = s;
        loop {
            let plain = rest.iter().position(|byte| !PLAIN[usize::from(*byte)]);
            let (run, behind) = rest.split_at(plain.unwrap_or(rest.len()));
            self.out.extend_from_slice(run);
            rest = behind;
            let Some(&b) = rest.first() else { break };
            if b < 0x80 {
                self.ascii(b);
                rest = &rest[1..];
                continue;
            }
            match next_char(rest) {
                Some((c, len)) => {
                    self.unicode(c, &rest[..len]);
                    rest = &rest[len..];
                }
                None if self.has(flags::INVALID_IGNORE) => rest = &rest[invalid_len(rest)..],
                None if self.has(flags::INVALID_SUBSTITUTE) => {
                    self.unicode(0xfffd, "\u{fffd}".as_bytes());
                    rest = &rest[invalid_len(rest)..];
                }
                None => {
                    self.out.truncate(start);
                    self.fail(JsonError::Utf8, b"null");
                    return;
                }
            }
        }
        self.out.push(b'"');
    }

    fn ascii(&mut self, b: u8) {
        let hex = |flag| self.flags & flag != 0;
        let text: &[u8] = match b {
            b'"' if hex(flags::HEX_QUOT) => b"\\u0022",
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'/' if !hex(flags::UNESCAPED_SLASHES) => b"\\/",
            8 => b"\\b",
            12 => b"\\f",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            b'<' if hex(flags::HEX_TAG) => b"\\u003C",
            b'>' if hex(flags::HEX_TAG) => b"\\u003E",
            b'&' if hex(flags::HEX_AMP) => b"\\u0026",
            b'\'' if hex(flags::HEX_APOS) => b"\\u0027",
            0..=31 => {
                self.out.extend_from_slice(format!("\\u{b:04x}").as_bytes());
                return;
            }
            b => {
                self.out.push(b);
                return;
            }
        };
        self.out.extend_from_slice(text);
    }

    fn unicode(&mut self, c: u32, bytes: &[u8]) {
        let separator = c == 0x2028 || c == 0x2029;
        if self.has(flags::UNESCAPED_UNICODE) && (!separator || self.has(flags::LINE_TERMINATORS)) {
            self.out.extend_from_slice(bytes);
            return;
        }
        let text = if c >= 0x10000 {
            let c = c - 0x10000;
            format!("\\u{:04x}\\u{:04x}", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff))
        } else {
            format!("\\u{c:04x}")
        };
        self.out.extend_from_slice(text.as_bytes());
    }
}

/// Printable ASCII that stands for itself whatever the flags.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= 0x7f {
        plain[byte as usize] = !matches!(byte, b'"' | b'\\' | b'/' | b'<' | b'>' | b'&' | b'\'');
        byte += 1;
    }
    plain
};

/// How many bytes PHP takes for one character where there is none: those that might have followed.
fn invalid_len(bytes: &[u8]) -> usize {
    let wanted = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return 1,
    };
    let starts = |byte: &u8| matches!(byte, 0..=0x7f | 0xc2..=0xf4);
    let present = &bytes[..wanted.min(bytes.len())];
    present[1..].iter().position(starts).map_or(present.len(), |at| at + 1)
}

/// The UTF-8 character at the start, with its length.
fn next_char(bytes: &[u8]) -> Option<(u32, usize)> {
    let len = match bytes[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let text = std::str::from_utf8(bytes.get(..len)?).ok()?;
    text.chars().next().map(|c| (c as u32, len))
}
