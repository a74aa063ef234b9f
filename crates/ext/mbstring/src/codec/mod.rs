//! Between bytes and characters.

mod legacy;
mod transfer;
mod unicode;
mod utf7;

use crate::encodings::{Encoding, Kind};

/// Stands for bytes that mean nothing.
pub const BAD: u32 = u32::MAX;

/// What takes the place of characters that an encoding lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Substitute {
    /// Nothing.
    None,
    Char(u32),
    /// `U+65E5`; the character for bytes that mean nothing.
    Long(u32),
    /// `&#x65E5;`; the same.
    Entity(u32),
}

/// The characters of some bytes; [`BAD`] where there are none.
pub fn decode(encoding: &Encoding, bytes: &[u8]) -> Vec<u32> {
    match encoding.kind {
        Kind::Utf8 => unicode::decode_utf8(bytes),
        Kind::Utf16(order) => unicode::decode_utf16(bytes, order),
        Kind::Utf32(order) => unicode::decode_wide(bytes, 4, order, true),
        Kind::Wide(size, order) => unicode::decode_wide(bytes, size, order, false),
        Kind::Utf7 => utf7::decode(bytes, utf7::Form::Mail),
        Kind::Utf7Imap => utf7::decode(bytes, utf7::Form::Imap),
        Kind::SevenBit => {
            bytes.iter().map(|b| if *b < 0x80 { u32::from(*b) } else { BAD }).collect()
        }
        Kind::EightBit => bytes.iter().map(|b| u32::from(*b)).collect(),
        Kind::Single(table) => bytes.iter().map(|b| of_single(table, *b)).collect(),
        Kind::Legacy(legacy, _) => match encoding.lead_len() {
            Some(lead) => legacy::decode_by_lead(legacy, bytes, lead),
            None => legacy::decode(legacy, bytes),
        },
        Kind::Base64 => bytes_as_chars(&transfer::decode_base64(bytes)),
        Kind::QuotedPrintable => {
            bytes_as_chars(&outlast_text::encode::quoted_printable_decode(bytes))
        }
        Kind::Uuencode => bytes_as_chars(&transfer::decode_uuencode(bytes)),
        Kind::HtmlEntities => transfer::decode_html(bytes),
    }
}

fn bytes_as_chars(bytes: &[u8]) -> Vec<u32> {
    bytes.iter().map(|b| u32::from(*b)).collect()
}

fn of_single(table: &[u16; 128], byte: u8) -> u32 {
    match byte.checked_sub(0x80) {
        None => u32::from(byte),
        Some(high) => match table[usize::from(high)] {
            0xffff => BAD,
            c => u32::from(c),
        },
    }
}

/// Is it a Han character that is seldom used?
pub fn is_rare_han(c: u32) -> bool {
    matches!(c, 0x3400..=0x9fff | 0xf900..=0xfaff) && !legacy::is_common_han(c)
}

/// Are the bytes what the encoding allows?
pub fn is_valid(encoding: &Encoding, bytes: &[u8]) -> bool {
    match encoding.kind {
        Kind::Utf8 => std::str::from_utf8(bytes).is_ok(),
        Kind::EightBit => true,
        Kind::SevenBit => bytes.is_ascii(),
        _ => !decode(encoding, bytes).contains(&BAD),
    }
}

/// Writes characters one after the other.
pub struct Encoder {
    kind: Kind,
    substitute: Substitute,
    pub out: Vec<u8>,
    /// How many characters the encoding lacked.
    pub errors: i64,
}

impl Encoder {
    pub fn new(encoding: &Encoding, substitute: Substitute) -> Encoder {
        Encoder { kind: encoding.kind, substitute, out: Vec::new(), errors: 0 }
    }

    /// Writes a character; false: the encoding lacks it.
    fn put(&mut self, c: u32) -> bool {
        match self.kind {
            Kind::Utf8 => unicode::put_utf8(&mut self.out, c),
            Kind::Utf16(order) => unicode::put_utf16(&mut self.out, c, order),
            Kind::Utf32(order) => {
                char::from_u32(c).is_some() && unicode::put_wide(&mut self.out, c, 4, order)
            }
            Kind::Wide(size, order) => unicode::put_wide(&mut self.out, c, size, order),
            Kind::SevenBit if c < 0x80 => {
                self.out.push(c as u8);
                true
            }
            Kind::EightBit | Kind::Base64 | Kind::QuotedPrintable | Kind::Uuencode if c < 0x100 => {
                self.out.push(c as u8);
                true
            }
            Kind::Single(table) => {
                let high = || table.iter().position(|t| u32::from(*t) == c && *t != 0xffff);
                let byte = if c < 0x80 { Some(c as usize) } else { high().map(|i| i + 0x80) };
                byte.map(|b| self.out.push(b as u8)).is_some()
            }
            Kind::Legacy(legacy, _) => legacy::put(legacy, &mut self.out, c),
            Kind::HtmlEntities => transfer::put_html(&mut self.out, c),
            _ => false,
        }
    }

    /// Writes a substitute, or a question mark if the encoding lacks that, too.
    fn put_or_mark(&mut self, with: u32, lacking: u32) {
        if with == lacking || !self.put(with) {
            self.put(u32::from(b'?'));
        }
    }

    /// Writes a character or what stands for it.
    pub fn add(&mut self, c: u32) {
        if c != BAD && self.put(c) {
            return;
        }
        self.errors += 1;
        let text = match self.substitute {
            Substitute::None => return,
            Substitute::Char(with) => return self.put_or_mark(with, c),
            Substitute::Long(with) | Substitute::Entity(with) if c == BAD => {
                return self.put_or_mark(with, c);
            }
            Substitute::Long(_) => format!("U+{c:X}"),
            Substitute::Entity(_) => format!("&#x{c:X};"),
        };
        for b in text.bytes() {
            self.put(u32::from(b));
        }
    }
}

/// The bytes of characters, and how many the encoding lacked.
pub fn encode(encoding: &Encoding, chars: &[u32], substitute: Substitute) -> (Vec<u8>, i64) {
    if let Some(result) = encode_whole(encoding, chars, substitute) {
        return result;
    }
    let mut encoder = Encoder::new(encoding, substitute);
    encoder.out.reserve(chars.len());
    for c in chars {
        encoder.add(*c);
    }
    (encoder.out, encoder.errors)
}

/// Encodings whose text does not consist of characters that stand for themselves.
fn encode_whole(
    encoding: &Encoding,
    chars: &[u32],
    substitute: Substitute,
) -> Option<(Vec<u8>, i64)> {
    let bytes = |chars: &[u32]| {
        let mut encoder = Encoder { kind: Kind::EightBit, substitute, out: Vec::new(), errors: 0 };
        // Text that is not of bytes is taken as UTF-8.
        for c in chars {
            match c {
                0..=0xff | &BAD => encoder.add(*c),
                c => {
                    if !unicode::put_utf8(&mut encoder.out, *c) {
                        encoder.add(BAD);
                    }
                }
            }
        }
        (encoder.out, encoder.errors)
    };
    Some(match encoding.kind {
        Kind::Utf7 => utf7::encode(chars, utf7::Form::Mail, substitute),
        Kind::Utf7Imap => utf7::encode(chars, utf7::Form::Imap, substitute),
        Kind::Legacy(legacy, _) if legacy::is_stateful(legacy) => {
            legacy::encode_stateful(legacy, chars, substitute)
        }
        Kind::Base64 => {
            let (bytes, errors) = bytes(chars);
            (transfer::encode_base64(&bytes), errors)
        }
        Kind::QuotedPrintable => {
            let (bytes, errors) = bytes(chars);
            (transfer::encode_quoted_printable(&bytes), errors)
        }
        Kind::Uuencode => {
            let (bytes, errors) = bytes(chars);
            (transfer::encode_uuencode(&bytes), errors)
        }
        _ => return None,
    })
}

/// Text from one encoding to another; bytes that stand for bytes (Base64 and the like) stay bytes.
pub fn convert(
    bytes: &[u8],
    from: &Encoding,
    to: &Encoding,
    substitute: Substitute,
) -> (Vec<u8>, i64) {
    if from.is_utf8() && to.is_utf8() && std::str::from_utf8(bytes).is_ok() {
        return (bytes.to_vec(), 0);
    }
    let of_bytes = |kind| matches!(kind, Kind::Base64 | Kind::QuotedPrintable | Kind::Uuencode);
    let eight_bit = crate::encodings::find(b"8bit").expect("it is in the list");
    if of_bytes(to.kind) {
        return encode(to, &decode(eight_bit, bytes), substitute);
    }
    let chars = decode(from, bytes);
    if of_bytes(from.kind) {
        return encode(eight_bit, &chars, substitute);
    }
    encode(to, &chars, substitute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encodings::find;

    fn conv(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
        let (from, to) = (find(from.as_bytes()).unwrap(), find(to.as_bytes()).unwrap());
        convert(bytes, from, to, Substitute::Char(0x3f)).0
    }

    #[test]
    fn text_is_converted() {
        assert_eq!(conv("é日".as_bytes(), "UTF-8", "ISO-8859-1"), b"\xe9?");
        assert_eq!(conv("é".as_bytes(), "UTF-8", "UTF-7"), b"+AOk-");
        assert_eq!(conv(b"+AOk-", "UTF-7", "UTF-8"), "é".as_bytes());
        assert_eq!(conv("é&".as_bytes(), "UTF-8", "UTF7-IMAP"), b"&AOk-&-");
        assert_eq!(conv("é".as_bytes(), "UTF-8", "UTF-16"), b"\0\xe9");
        assert_eq!(conv(b"\xff\xfea\0", "UTF-16", "UTF-8"), b"a");
        assert_eq!(conv("é&<日".as_bytes(), "UTF-8", "HTML"), b"&eacute;&<&#26085;");
        assert_eq!(conv("é=".as_bytes(), "UTF-8", "Quoted-Printable"), b"=C3=A9=3D");
        assert_eq!(conv(b"\x82\xa0", "SJIS", "UTF-8"), "あ".as_bytes());
        assert_eq!(conv(b"abc", "UTF-8", "UUENCODE"), b"begin 0644 filename\n#86)C\n");
    }

    #[test]
    fn malformed_utf8_is_one_bad_for_each_part() {
        let bad = decode(find(b"UTF-8").unwrap(), b"a\xf0\x90\x80b\xff");
        assert_eq!(bad, [0x61, BAD, 0x62, BAD]);
    }
}
