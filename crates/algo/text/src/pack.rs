//! `pack()` and `unpack()`.

use crate::args::{Arguments, Failure, Notice};

/// A value `unpack()` read.
#[derive(Clone, Debug, PartialEq)]
pub enum Unpacked {
    /// From the integer codes.
    Int(i64),
    /// From the float codes.
    Float(f64),
    /// From `a`, `A`, `Z`, `h` and `H`.
    Text(Vec<u8>),
}

/// One code of a pack format; a count below 0 is `*`.
struct Directive {
    code: u8,
    count: i64,
}

fn read_count(format: &[u8], at: &mut usize) -> Option<i64> {
    match format.get(*at) {
        Some(b'*') => {
            *at += 1;
            Some(-1)
        }
        Some(b'0'..=b'9') => {
            let mut value = 0i64;
            while let Some(digit @ b'0'..=b'9') = format.get(*at) {
                value = value.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
                *at += 1;
            }
            Some(value)
        }
        _ => None,
    }
}

/// How many bytes one value of an integer or float code takes.
fn value_size(code: u8) -> Option<usize> {
    Some(match code {
        b'c' | b'C' => 1,
        b's' | b'S' | b'n' | b'v' => 2,
        b'i' | b'I' | b'l' | b'L' | b'N' | b'V' | b'f' | b'g' | b'G' => 4,
        b'q' | b'Q' | b'J' | b'P' | b'd' | b'e' | b'E' => 8,
        _ => return None,
    })
}

fn is_big_endian(code: u8) -> bool {
    matches!(code, b'n' | b'N' | b'J' | b'G' | b'E')
}

/// `pack($format, ...$values)`.
pub fn pack<A: Arguments>(format: &[u8], args: &mut A) -> Result<Vec<u8>, Failure<A::Error>> {
    let directives = plan(format, args)?;
    let mut out = Vec::new();
    let mut next = 0;
    for Directive { code, count } in directives {
        let amount = count.max(0) as usize;
        match code {
            b'a' | b'A' | b'Z' => {
                let text = args.text(next)?;
                next += 1;
                let size = match (count, code) {
                    (..0, b'Z') => text.len() + 1,
                    (..0, _) => text.len(),
                    _ => amount,
                };
                let most = if code == b'Z' { size.saturating_sub(1) } else { size };
                let end = out.len() + size;
                out.extend_from_slice(&text[..text.len().min(most)]);
                out.resize(end, if code == b'A' { b' ' } else { 0 });
            }
            b'h' | b'H' => {
                let text = args.text(next)?;
                next += 1;
                let mut nibbles = if count < 0 { text.len() } else { amount };
                if nibbles > text.len() {
                    warn(
                        args,
                        format!("Type {}: not enough characters in string", char::from(code)),
                    );
                    nibbles = text.len();
                }
                pack_hex(&mut out, code, &text[..nibbles], args);
            }
            b'x' => out.resize(out.len() + amount, 0),
            b'X' => {
                if amount > out.len() {
                    warn(args, format!("Type {}: outside of string", char::from(code)));
                }
                out.truncate(out.len().saturating_sub(amount));
            }
            b'@' => out.resize(amount, 0),
            _ => {
                for _ in 0..count {
                    pack_value(&mut out, code, args, next)?;
                    next += 1;
                }
            }
        }
    }
    Ok(out)
}

fn warn<A: Arguments>(args: &mut A, message: String) {
    args.report(Notice::warning(message));
}

/// Parses a format and checks that there are arguments for all of it.
fn plan<A: Arguments>(format: &[u8], args: &mut A) -> Result<Vec<Directive>, Failure<A::Error>> {
    let mut directives = Vec::new();
    let mut at = 0;
    let mut used = 0i64;
    let available = args.count() as i64;
    while at < format.len() {
        let code = format[at];
        let name = char::from(code);
        at += 1;
        let mut count = read_count(format, &mut at).unwrap_or(1);
        match code {
            b'x' | b'X' | b'@' => {
                if count < 0 {
                    warn(args, format!("Type {name}: '*' ignored"));
                    count = 1;
                }
            }
            b'a' | b'A' | b'Z' | b'h' | b'H' => {
                if used >= available {
                    return Err(Failure::Value(format!("Type {name}: not enough arguments")));
                }
                used += 1;
            }
            _ if value_size(code).is_some() => {
                if count < 0 {
                    count = available - used;
                }
                if count > available - used {
                    return Err(Failure::Value(format!("Type {name}: too few arguments")));
                }
                used += count;
            }
            _ => return Err(Failure::Value(format!("Type {name}: unknown format code"))),
        }
        if count > i64::from(i32::MAX) {
            return Err(Failure::Value(format!("Type {name}: integer overflow in format string")));
        }
        directives.push(Directive { code, count });
    }
    if used < available {
        warn(args, format!("{} arguments unused", available - used));
    }
    Ok(directives)
}

fn pack_hex<A: Arguments>(out: &mut Vec<u8>, code: u8, digits: &[u8], args: &mut A) {
    for pair in digits.chunks(2) {
        let mut byte = 0;
        for (place, &digit) in pair.iter().enumerate() {
            let nibble = char::from(digit).to_digit(16).unwrap_or_else(|| {
                warn(
                    args,
                    format!("Type {}: illegal hex digit {}", char::from(code), char::from(digit)),
                );
                0
            }) as u8;
            let high = (place == 0) == (code == b'H');
            byte |= if high { nibble << 4 } else { nibble };
        }
        out.push(byte);
    }
}

fn pack_value<A: Arguments>(
    out: &mut Vec<u8>,
    code: u8,
    args: &mut A,
    index: usize,
) -> Result<(), A::Error> {
    match code {
        b'f' | b'g' => out.extend_from_slice(&(args.float(index)? as f32).to_le_bytes()),
        b'G' => out.extend_from_slice(&(args.float(index)? as f32).to_be_bytes()),
        b'd' | b'e' => out.extend_from_slice(&args.float(index)?.to_le_bytes()),
        b'E' => out.extend_from_slice(&args.float(index)?.to_be_bytes()),
        _ => {
            let value = args.int(index)?;
            let size = value_size(code).unwrap_or(1);
            if is_big_endian(code) {
                out.extend_from_slice(&value.to_be_bytes()[8 - size..]);
            } else {
                out.extend_from_slice(&value.to_le_bytes()[..size]);
            }
        }
    }
    Ok(())
}

/// What `unpack()` stopped at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnpackError {
    /// A `ValueError` with its message.
    Value(String),
    /// A warning, and `false` as the result.
    Warning(String),
}

/// What `unpack()` read: keys and values in order (later keys replace equal ones), and the
/// warnings raised on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unpack {
    /// The elements by key, a decimal key being an int key.
    pub elements: Vec<(Vec<u8>, Unpacked)>,
    /// Messages of warnings.
    pub warnings: Vec<String>,
}

/// `unpack($format, $data)`, `data` already starting at the offset.
pub fn unpack(format: &[u8], data: &[u8]) -> Result<Unpack, UnpackError> {
    let mut result = Unpack::default();
    let mut at = 0;
    let mut position = 0usize;
    while at < format.len() {
        let code = format[at];
        at += 1;
        let count = read_count(format, &mut at).unwrap_or(1);
        if count > i64::from(i32::MAX) {
            return Err(UnpackError::Value(format!("Type {}: integer overflow", char::from(code))));
        }
        let rest = &format[at..];
        let name_length = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
        let name = &rest[..name_length.min(200)];
        at += name_length + 1;
        unpack_directive(&mut result, code, count, name, data, &mut position)?;
    }
    Ok(result)
}

fn unpack_directive(
    result: &mut Unpack,
    code: u8,
    count: i64,
    name: &[u8],
    data: &[u8],
    position: &mut usize,
) -> Result<(), UnpackError> {
    let letter = char::from(code);
    let left = data.len() - *position;
    match code {
        b'X' => {
            if count < 0 {
                result.warnings.push(format!("Type {letter}: '*' ignored"));
            }
            *position = position.saturating_sub(count.unsigned_abs() as usize);
            return Ok(());
        }
        b'@' => {
            if count.unsigned_abs() as usize <= data.len() {
                *position = count.max(0) as usize;
            } else {
                result.warnings.push(format!("Type {letter}: outside of string"));
            }
            return Ok(());
        }
        b'a' | b'A' | b'Z' | b'h' | b'H' => {
            let hex = matches!(code, b'h' | b'H');
            let wanted = if count < 0 {
                left
            } else if hex {
                (count as usize).div_ceil(2)
            } else {
                count as usize
            };
            if wanted > left {
                return Err(too_short(letter, wanted, left));
            }
            let bytes = &data[*position..*position + wanted];
            let text = if hex {
                let odd = count > 0 && count % 2 == 1;
                unpack_hex(bytes, code, bytes.len() * 2 - usize::from(odd))
            } else {
                trim_text(bytes, code).to_vec()
            };
            if hex && count < 0 {
                // `*` counts as minus one byte here.
                *position = position.saturating_sub(1);
            } else {
                *position += wanted;
            }
            let key = if name.is_empty() { b"1" } else { name };
            insert(result, key.to_vec(), Unpacked::Text(text));
            return Ok(());
        }
        _ => {}
    }
    let size = match value_size(code) {
        Some(size) => size,
        None if code == b'x' => 1,
        None => {
            return Err(UnpackError::Value(format!("Invalid format type {letter}")));
        }
    };
    let mut done = 0i64;
    while done != count {
        let left = data.len() - *position;
        if left < size {
            if count < 0 {
                break;
            }
            return Err(too_short(letter, size, left));
        }
        let bytes = &data[*position..*position + size];
        *position += size;
        done += 1;
        if code == b'x' {
            continue;
        }
        let key = if count == 1 && !name.is_empty() {
            name.to_vec()
        } else {
            [name, done.to_string().as_bytes()].concat()
        };
        insert(result, key, unpack_value(code, bytes));
    }
    Ok(())
}

fn insert(result: &mut Unpack, key: Vec<u8>, value: Unpacked) {
    match result.elements.iter_mut().find(|(k, _)| *k == key) {
        Some((_, old)) => *old = value,
        None => result.elements.push((key, value)),
    }
}

fn too_short(letter: char, wanted: usize, left: usize) -> UnpackError {
    let verb = if left == 1 { "was" } else { "were" };
    UnpackError::Warning(format!(
        "Type {letter}: not enough input values, need {wanted} values but only {left} {verb} provided"
    ))
}

fn trim_text(bytes: &[u8], code: u8) -> &[u8] {
    match code {
        b'A' => {
            let kept = bytes
                .iter()
                .rposition(|b| !matches!(b, 0 | b'\t' | b'\r' | b'\n' | b' '))
                .map_or(0, |last| last + 1);
            &bytes[..kept]
        }
        b'Z' => {
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            &bytes[..end]
        }
        _ => bytes,
    }
}

fn unpack_hex(bytes: &[u8], code: u8, nibbles: usize) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut out = Vec::with_capacity(bytes.len() * 2);
    for &byte in bytes {
        let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]);
        out.extend_from_slice(&if code == b'H' { [high, low] } else { [low, high] });
    }
    out.truncate(nibbles);
    out
}

fn unpack_value(code: u8, bytes: &[u8]) -> Unpacked {
    let mut wide = [0u8; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    if is_big_endian(code) {
        wide[..bytes.len()].reverse();
    }
    let raw = u64::from_le_bytes(wide);
    match code {
        b'f' | b'g' | b'G' => Unpacked::Float(f64::from(f32::from_bits(raw as u32))),
        b'd' | b'e' | b'E' => Unpacked::Float(f64::from_bits(raw)),
        b'c' => Unpacked::Int(i64::from(raw as i8)),
        b's' => Unpacked::Int(i64::from(raw as i16)),
        b'i' | b'l' => Unpacked::Int(i64::from(raw as i32)),
        _ => Unpacked::Int(raw as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(format: &str, data: &[u8]) -> Vec<(String, Unpacked)> {
        unpack(format.as_bytes(), data)
            .unwrap()
            .elements
            .into_iter()
            .map(|(key, value)| (String::from_utf8(key).unwrap(), value))
            .collect()
    }

    #[test]
    fn unpacks() {
        assert_eq!(
            unpacked("Nlen/a2name", b"\0\0\0\x05ab"),
            [("len".into(), Unpacked::Int(5)), ("name".into(), Unpacked::Text(b"ab".to_vec())),]
        );
        assert_eq!(unpacked("C*", b"ab").len(), 2);
        assert_eq!(unpacked("H3x", b"ab"), [("x".into(), Unpacked::Text(b"616".to_vec()))]);
        assert_eq!(
            unpack(b"N", b"abc"),
            Err(UnpackError::Warning(
                "Type N: not enough input values, need 4 values but only 3 were provided".into()
            ))
        );
    }
}
