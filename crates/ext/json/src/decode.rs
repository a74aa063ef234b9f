//! `json_decode` and `json_validate`

use crate::error::JsonError;
use crate::flags;
use outlast_number as number;
use outlast_number::Number;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// A container being filled.
enum Open {
    List(PhpArray),
    /// The table and the key whose value comes next.
    Table(PhpArray, Option<PhpString>),
}

struct Decoder<'a> {
    text: &'a [u8],
    at: usize,
    flags: i64,
}

type Step<T> = Result<T, JsonError>;

/// Decodes a document. The stack of open containers is explicit: depth costs memory only.
pub fn decode(
    cx: &mut Cx,
    text: &[u8],
    arrays: bool,
    max_depth: usize,
    flags: i64,
) -> Ret<Step<Value>> {
    let mut d = Decoder { text, at: 0, flags };
    let mut open: Vec<Open> = Vec::new();
    loop {
        // A value is expected here.
        let value = match d.start(&mut open, max_depth) {
            Err(e) => return Ok(Err(e)),
            Ok(None) => continue,
            Ok(Some(Value::Undef)) => table(cx, PhpArray::new(), arrays)?,
            Ok(Some(v)) => v,
        };
        // Put it where it belongs, closing what it completes.
        let mut value = value;
        loop {
            match open.last_mut() {
                None => {
                    d.space();
                    return Ok(if d.at == text.len() { Ok(value) } else { Err(d.unexpected()) });
                }
                Some(Open::List(a)) => {
                    a.push(value).ok();
                    d.space();
                    match d.next() {
                        Some(b',') => break,
                        Some(b']') => {}
                        Some(b'}') => return Ok(Err(JsonError::StateMismatch)),
                        _ => return Ok(Err(d.unexpected_before())),
                    }
                }
                Some(Open::Table(a, key)) => {
                    let key = key.take().unwrap_or_default();
                    if arrays {
                        a.insert(Key::from_string(key), value);
                    } else {
                        a.insert(Key::Str(key), value);
                    }
                    d.space();
                    match d.next() {
                        Some(b',') => {
                            match d.key(arrays) {
                                Ok(k) => {
                                    if let Some(Open::Table(_, key)) = open.last_mut() {
                                        *key = Some(k);
                                    }
                                }
                                Err(e) => return Ok(Err(e)),
                            }
                            break;
                        }
                        Some(b'}') => {}
                        Some(b']') => return Ok(Err(JsonError::StateMismatch)),
                        _ => return Ok(Err(d.unexpected_before())),
                    }
                }
            }
            value = match open.pop() {
                Some(Open::List(a)) => Value::Array(a),
                Some(Open::Table(a, _)) => table(cx, a, arrays)?,
                None => unreachable!("a container was just closed"),
            };
        }
    }
}

/// A JSON object as an array or a stdClass.
fn table(cx: &mut Cx, table: PhpArray, arrays: bool) -> Ret<Value> {
    if arrays {
        return Ok(Value::Array(table));
    }
    let class = cx.class(b"stdClass").expect("stdClass is native");
    let o = cx.instantiate(class)?;
    if !table.is_empty() {
        o.set_dynamic(Some(table));
    }
    Ok(Value::Object(o))
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let b = self.peek();
        self.at += usize::from(b.is_some());
        b
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The error for what stands at the current place.
    fn unexpected(&self) -> JsonError {
        match self.peek() {
            Some(0) if self.at + 1 == self.text.len() => JsonError::ControlCharacter,
            Some(b) if b < 0x20 => JsonError::ControlCharacter,
            Some(b) if b >= 0x80 && std::str::from_utf8(&self.text[self.at..]).is_err() => {
                JsonError::Utf8
            }
            _ => JsonError::Syntax,
        }
    }

    /// The error for the byte just taken.
    fn unexpected_before(&self) -> JsonError {
        let at = self.at.saturating_sub(1);
        Decoder { text: self.text, at, flags: self.flags }.unexpected()
    }

    /// Starts a value: a scalar or an empty container (`Undef`: an empty object) is returned, an
    /// opened container is pushed.
    fn start(&mut self, open: &mut Vec<Open>, max_depth: usize) -> Step<Option<Value>> {
        self.space();
        let Some(b) = self.peek() else { return Err(JsonError::Syntax) };
        Ok(Some(match b {
            b'[' => {
                self.at += 1;
                if open.len() + 1 >= max_depth {
                    return Err(JsonError::Depth);
                }
                self.space();
                if self.peek() == Some(b']') {
                    self.at += 1;
                    return Ok(Some(Value::Array(PhpArray::new())));
                }
                open.push(Open::List(PhpArray::new()));
                return Ok(None);
            }
            b'{' => {
                self.at += 1;
                if open.len() + 1 >= max_depth {
                    return Err(JsonError::Depth);
                }
                self.space();
                if self.peek() == Some(b'}') {
                    self.at += 1;
                    return Ok(Some(Value::Undef));
                }
                let key = self.key(false)?;
                open.push(Open::Table(PhpArray::new(), Some(key)));
                return Ok(None);
            }
            b'"' => {
                self.at += 1;
                Value::Str(self.string()?)
            }
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        }))
    }

    fn word(&mut self) -> Step<Value> {
        for (word, value) in [
            (&b"true"[..], Value::Bool(true)),
            (b"false", Value::Bool(false)),
            (b"null", Value::Null),
        ] {
            let end = self.at + word.len();
            if self.text.get(self.at..end).is_some_and(|t| t == word) {
                self.at = end;
                return Ok(value);
            }
        }
        Err(self.unexpected())
    }

    fn number(&mut self) -> Step<Value> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(JsonError::Syntax),
        }
        let mut float = false;
        if self.peek() == Some(b'.') && self.text.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            float = true;
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let mut ahead = self.at + 1;
            if matches!(self.text.get(ahead), Some(b'+' | b'-')) {
                ahead += 1;
            }
            if self.text.get(ahead).is_some_and(u8::is_ascii_digit) {
                float = true;
                self.at = ahead;
                self.digits();
            }
        }
        let text = &self.text[start..self.at];
        if !float {
            if text == b"-0" {
                return Ok(Value::Int(0));
            }
            match number::parse_numeric(text, false).map(|n| n.number) {
                Some(Number::Int(i)) => return Ok(Value::Int(i)),
                _ if self.flags & flags::BIGINT_AS_STRING != 0 => return Ok(Value::str(text)),
                _ => {}
            }
        }
        Ok(Value::Float(number::string_to_float(text)))
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// `"key":`
    fn key(&mut self, arrays: bool) -> Step<PhpString> {
        self.space();
        match self.peek() {
            Some(b'"') => self.at += 1,
            _ => return Err(self.unexpected()),
        }
        let key = self.string()?;
        self.space();
        match self.peek() {
            Some(b':') => self.at += 1,
            _ => return Err(self.unexpected()),
        }
        if !arrays && key.first() == Some(&0) {
            return Err(JsonError::InvalidPropertyName);
        }
        Ok(key)
    }

    /// The rest of a string behind its opening quote.
    fn string(&mut self) -> Step<PhpString> {
        let mut out: Vec<u8> = Vec::new();
        loop {
            let Some(b) = self.peek() else {
                return Err(JsonError::ControlCharacter);
            };
            match b {
                b'"' => {
                    self.at += 1;
                    return Ok(PhpString::from(out));
                }
                b'\\' => {
                    self.at += 1;
                    self.escape(&mut out)?;
                }
                0..=0x1f => return Err(JsonError::ControlCharacter),
                0x20..=0x7f => {
                    out.push(b);
                    self.at += 1;
                }
                _ => self.multibyte(&mut out)?,
            }
        }
    }

    fn multibyte(&mut self, out: &mut Vec<u8>) -> Step<()> {
        let len = match self.text[self.at] {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 0,
        };
        let valid = self
            .text
            .get(self.at..self.at + len)
            .filter(|t| len > 0 && std::str::from_utf8(t).is_ok());
        match valid {
            Some(t) => {
                out.extend_from_slice(t);
                self.at += len;
            }
            None if self.flags & flags::INVALID_IGNORE != 0 => self.at += 1,
            None if self.flags & flags::INVALID_SUBSTITUTE != 0 => {
                out.extend_from_slice("\u{fffd}".as_bytes());
                self.at += 1;
            }
            None => return Err(JsonError::Utf8),
        }
        Ok(())
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Step<()> {
        let b = match self.next() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b @ (b'"' | b'\\' | b'/')) => b,
            Some(b'u') => return self.unicode(out),
            _ => return Err(JsonError::Syntax),
        };
        out.push(b);
        Ok(())
    }

    fn unicode(&mut self, out: &mut Vec<u8>) -> Step<()> {
        let first = self.hex4()?;
        let c = match first {
            0xd800..=0xdbff => {
                if self.text.get(self.at..self.at + 2) != Some(b"\\u") {
                    return Err(JsonError::Utf16);
                }
                self.at += 2;
                match self.hex4()? {
                    low @ 0xdc00..=0xdfff => 0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00),
                    _ => return Err(JsonError::Utf16),
                }
            }
            0xdc00..=0xdfff => return Err(JsonError::Utf16),
            c => c,
        };
        let c = char::from_u32(c).ok_or(JsonError::Utf16)?;
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn hex4(&mut self) -> Step<u32> {
        let text = self.text.get(self.at..self.at + 4).ok_or(JsonError::Syntax)?;
        let text = std::str::from_utf8(text).map_err(|_| JsonError::Syntax)?;
        if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(JsonError::Syntax);
        }
        self.at += 4;
        u32::from_str_radix(text, 16).map_err(|_| JsonError::Syntax)
    }
}
