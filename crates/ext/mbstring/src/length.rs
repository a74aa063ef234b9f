//! Lengths, widths and parts of strings.

use crate::codec::{Substitute, decode, encode};
use crate::data::{wide::WIDE, within};
use crate::encodings::{Encoding, Kind};
use crate::settings::encoding_arg;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Where the characters of a string start, if bytes tell without decoding; each unit of so many
/// bytes is one where the encoding has those.
pub enum Cut {
    Lead(fn(u8) -> usize),
    Units(usize),
    /// Only decoding tells.
    None,
}

impl Cut {
    /// For some text: that which is not UTF-8 has to be decoded to tell its characters.
    fn of_text(encoding: &Encoding, bytes: &[u8]) -> Cut {
        if encoding.is_utf8() && std::str::from_utf8(bytes).is_err() {
            return Cut::None;
        }
        Cut::of(encoding)
    }

    fn of(encoding: &Encoding) -> Cut {
        match (encoding.lead_len(), encoding.kind) {
            (Some(lead), _) => Cut::Lead(lead),
            (None, Kind::Wide(size, _)) => Cut::Units(size),
            (None, Kind::Utf32(_)) => Cut::Units(4),
            _ => Cut::None,
        }
    }

    /// The end of the character at `at`.
    fn next(&self, bytes: &[u8], at: usize) -> usize {
        let len = match self {
            Cut::Lead(lead) => lead(bytes[at]),
            Cut::Units(size) => *size,
            Cut::None => 1,
        };
        (at + len).min(bytes.len())
    }

    /// Where `count` characters from `at` on end.
    fn skip(&self, bytes: &[u8], mut at: usize, count: usize) -> usize {
        for _ in 0..count {
            if at >= bytes.len() {
                break;
            }
            at = self.next(bytes, at);
        }
        at
    }
}

/// Number of characters.
pub fn length(encoding: &Encoding, bytes: &[u8]) -> usize {
    if encoding.is_utf8() && std::str::from_utf8(bytes).is_ok() {
        return bytes.iter().filter(|b| *b & 0xc0 != 0x80).count();
    }
    match Cut::of_text(encoding, bytes) {
        Cut::Units(size) => bytes.len() / size,
        Cut::None => decode(encoding, bytes).len(),
        cut => {
            let (mut at, mut n) = (0, 0);
            while at < bytes.len() {
                at = cut.next(bytes, at);
                n += 1;
            }
            n
        }
    }
}

pub fn mb_strlen(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<usize> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    Ok(length(encoding, string))
}

/// Characters `from` to `from + count`.
pub fn part(encoding: &Encoding, bytes: &[u8], from: usize, count: usize) -> Vec<u8> {
    match Cut::of_text(encoding, bytes) {
        Cut::None => {
            let chars = decode(encoding, bytes);
            let from = from.min(chars.len());
            let to = from.saturating_add(count).min(chars.len());
            encode(encoding, &chars[from..to], Substitute::Char(0x3f)).0
        }
        cut => {
            let start = cut.skip(bytes, 0, from);
            let end = cut.skip(bytes, start, count);
            bytes[start..end].to_vec()
        }
    }
}

/// Start and length of a part, negative ones counted from the end.
fn bounds(len: usize, start: i64, length: Option<i64>) -> (usize, usize) {
    let size = len as i64;
    let from = if start < 0 { size.saturating_add(start).max(0) } else { start.min(size) };
    let count = match length {
        None => size - from,
        Some(n) if n < 0 => (size - from).saturating_add(n).max(0),
        Some(n) => n.min(size - from),
    };
    (from as usize, count as usize)
}

pub fn mb_substr(
    cx: &mut Cx,
    string: &PhpString,
    start: i64,
    count: Option<i64>,
    encoding: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    for (n, value) in [(2, Some(start)), (3, count)] {
        if value == Some(i64::MIN) {
            let text = format!("must be between {} and {}", -i64::MAX, i64::MAX);
            return Err(cx.arg_value_error(n, &text));
        }
    }
    let encoding = encoding_arg(cx, 4, encoding)?;
    let (from, count) = match count {
        Some(count) if start >= 0 && count >= 0 => (start as usize, count as usize),
        None if start >= 0 => (start as usize, usize::MAX),
        _ => bounds(length(encoding, string), start, count),
    };
    // More than there are bytes cannot be wanted.
    Ok(part(encoding, string, from.min(string.len()), count.min(string.len())))
}

pub fn mb_strcut(
    cx: &mut Cx,
    string: &PhpString,
    start: i64,
    count: Option<i64>,
    encoding: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    let encoding = encoding_arg(cx, 4, encoding)?;
    let len = string.len();
    if start > len as i64 {
        return Ok(Vec::new());
    }
    let (from, count) = bounds(len, start, count);
    let end = from + count;
    let cut = Cut::of(encoding);
    if let Cut::None = cut {
        return Ok(cut_decoded(encoding, string, from, count));
    }
    let boundary = |place: usize| {
        let mut at = 0;
        while at < place {
            let next = cut.next(string, at);
            if next > place {
                break;
            }
            at = next;
        }
        at
    };
    let first = match (encoding.is_utf8(), from) {
        // In UTF-8 bytes tell whether they begin a character.
        (true, from) => (0..=from).rev().find(|i| begins_utf8(string, *i)).unwrap_or(0),
        (false, from) => boundary(from),
    };
    let last = match (encoding.is_utf8(), end) {
        (_, end) if end >= len => len,
        (true, end) => (first..=end).rev().find(|i| begins_utf8(string, *i)).unwrap_or(first),
        (false, end) => boundary(end),
    };
    Ok(string[first..last.max(first)].to_vec())
}

fn begins_utf8(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|b| b & 0xc0 != 0x80)
}

/// As many whole characters from byte `from` on as fit `count` bytes.
fn cut_decoded(encoding: &Encoding, bytes: &[u8], from: usize, count: usize) -> Vec<u8> {
    let chars = decode(encoding, bytes);
    let bytes_of = |chars: &[u32]| encode(encoding, chars, Substitute::Char(0x3f)).0;
    let mut first = 0;
    while first < chars.len() && bytes_of(&chars[..first + 1]).len() <= from {
        first += 1;
    }
    let mut last = first;
    while last < chars.len() && bytes_of(&chars[first..last + 1]).len() <= count {
        last += 1;
    }
    bytes_of(&chars[first..last])
}

pub fn mb_str_split(
    cx: &mut Cx,
    string: &PhpString,
    size: i64,
    encoding: Option<&PhpString>,
) -> Ret<PhpArray> {
    if size <= 0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let encoding = encoding_arg(cx, 3, encoding)?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    match Cut::of(encoding) {
        Cut::None => {
            let chars = decode(encoding, string);
            let piece = |chars: &[u32]| {
                Value::Str(PhpString::from(encode(encoding, chars, Substitute::Char(0x3f)).0))
            };
            Ok(chars.chunks(size).map(piece).collect())
        }
        cut => {
            let mut out = PhpArray::new();
            let mut at = 0;
            while at < string.len() {
                let end = cut.skip(string, at, size);
                out.push(Value::Str(PhpString::new(&string[at..end]))).ok();
                at = end;
            }
            Ok(out)
        }
    }
}

/// Columns of a character.
fn width_of(c: u32) -> usize {
    if c >= 0x1100 && within(WIDE, c) { 2 } else { 1 }
}

fn width(chars: &[u32]) -> usize {
    chars.iter().map(|c| width_of(*c)).sum()
}

pub fn mb_strwidth(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<usize> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    Ok(width(&decode(encoding, string)))
}

pub fn mb_strimwidth(
    cx: &mut Cx,
    string: &PhpString,
    start: i64,
    columns: i64,
    marker: &PhpString,
    encoding: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    let encoding = encoding_arg(cx, 5, encoding)?;
    let chars = decode(encoding, string);
    let (mut start, mut columns) = (start, columns);
    let all = width(&chars) as i64;
    if start < 0 {
        start += all;
        if start < 0 {
            return Err(cx.arg_value_error(2, "is out of range"));
        }
    }
    if columns < 0 {
        cx.deprecated("passing a negative integer to argument #3 ($width) is deprecated")?;
        columns += all - start;
        if columns < 0 {
            return Err(cx.arg_value_error(3, "is out of range"));
        }
    }
    if start > string.len() as i64 {
        return Err(cx.arg_value_error(2, "is out of range"));
    }
    let rest = &chars[(start as usize).min(chars.len())..];
    let columns = columns as usize;
    let write = |chars: &[u32]| encode(encoding, chars, Substitute::Char(0x3f)).0;
    if width(rest) <= columns {
        return Ok(write(rest));
    }
    let marker_width = width(&decode(encoding, marker));
    let Some(room) = columns.checked_sub(marker_width) else { return Ok(marker.to_vec()) };
    let mut used = 0;
    let fitting = rest
        .iter()
        .take_while(|c| {
            used += width_of(**c);
            used <= room
        })
        .count();
    let mut out = write(&rest[..fitting]);
    out.extend_from_slice(marker);
    Ok(out)
}
