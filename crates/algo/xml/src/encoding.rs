//! From the encoding of a document to UTF-8, and back.

use encoding_rs::Encoding;

/// The encoding a document says it has, and its text in UTF-8.
pub struct Decoded {
    /// The text.
    pub text: Vec<u8>,
    /// The encoding by its byte order mark, or as told.
    pub detected: Option<&'static str>,
}

/// Is the encoding known?
pub fn known(label: &[u8]) -> bool {
    is_utf8(label) || is_ascii(label) || lookup(label).is_some()
}

fn is_utf8(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"utf-8") || label.eq_ignore_ascii_case(b"utf8")
}

fn is_ascii(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"us-ascii") || label.eq_ignore_ascii_case(b"ascii")
}

fn is_latin1(label: &[u8]) -> bool {
    label.eq_ignore_ascii_case(b"iso-8859-1")
        || label.eq_ignore_ascii_case(b"latin1")
        || label.eq_ignore_ascii_case(b"iso-latin-1")
}

fn lookup(label: &[u8]) -> Option<&'static Encoding> {
    if label.eq_ignore_ascii_case(b"utf-16") {
        return Some(encoding_rs::UTF_16LE);
    }
    Encoding::for_label(label)
}

/// The text in UTF-8. A byte order mark decides, else `told`, else the declaration in the text.
/// Text in an unknown encoding stays as it is: the parser reports the encoding by its name.
pub fn decode(source: &[u8], told: Option<&[u8]>) -> Decoded {
    if let Some(rest) = source.strip_prefix(b"\xEF\xBB\xBF") {
        return Decoded { text: rest.to_vec(), detected: None };
    }
    if source.starts_with(b"\xFF\xFE") || source.starts_with(b"<\0?\0") {
        let (text, ..) = encoding_rs::UTF_16LE.decode(source);
        return Decoded { text: text.into_owned().into_bytes(), detected: Some("UTF-16") };
    }
    if source.starts_with(b"\xFE\xFF") || source.starts_with(b"\0<\0?") {
        let (text, ..) = encoding_rs::UTF_16BE.decode(source);
        return Decoded { text: text.into_owned().into_bytes(), detected: Some("UTF-16") };
    }
    let declared = told.map(<[u8]>::to_vec).or_else(|| declared(source));
    let text = match declared {
        Some(label) if !is_utf8(&label) && !label.to_ascii_lowercase().starts_with(b"utf-16") => {
            to_utf8(source, &label).unwrap_or_else(|| source.to_vec())
        }
        _ => source.to_vec(),
    };
    Decoded { text, detected: None }
}

/// Bytes in an encoding as UTF-8; `None`: the encoding is not known.
pub fn to_utf8(bytes: &[u8], label: &[u8]) -> Option<Vec<u8>> {
    if is_utf8(label) || is_ascii(label) {
        return Some(bytes.to_vec());
    }
    if is_latin1(label) {
        return Some(bytes.iter().map(|b| char::from(*b)).collect::<String>().into_bytes());
    }
    let (text, ..) = lookup(label)?.decode_without_bom_handling(bytes);
    Some(text.into_owned().into_bytes())
}

/// The encoding in `<?xml … encoding="…"?>`.
fn declared(source: &[u8]) -> Option<Vec<u8>> {
    if !source.starts_with(b"<?xml") {
        return None;
    }
    let end = source.windows(2).position(|w| w == b"?>")?;
    let head = &source[..end];
    let at = head.windows(8).position(|w| w == b"encoding")?;
    let rest = head[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *rest.first()?;
    let len = rest[1..].iter().position(|b| *b == quote)?;
    Some(rest[1..=len].to_vec())
}

/// UTF-8 in an encoding, what it lacks as numeric references; `None`: the encoding is not known.
pub fn from_utf8(text: &[u8], label: &[u8]) -> Option<Vec<u8>> {
    if is_utf8(label) {
        return Some(text.to_vec());
    }
    let text = String::from_utf8_lossy(text);
    if is_latin1(label) || is_ascii(label) {
        let limit = if is_ascii(label) { 0x80 } else { 0x100 };
        let mut out = Vec::with_capacity(text.len());
        for c in text.chars() {
            match u32::from(c) {
                n if n < limit => out.push(n as u8),
                n => out.extend_from_slice(format!("&#{n};").as_bytes()),
            }
        }
        return Some(out);
    }
    if label.to_ascii_lowercase().starts_with(b"utf-16") {
        let big = label.to_ascii_lowercase().ends_with(b"be");
        let mark = label.len() == 6;
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        return Some(
            units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect(),
        );
    }
    let (bytes, ..) = lookup(label)?.encode(&text);
    Some(bytes.into_owned())
}
