//! Encodings of East Asia, by the tables of the WHATWG.

use super::{BAD, Encoder, Substitute};
use crate::encodings::Kind;
use encoding_rs::{DecoderResult, EncoderResult, Encoding};

pub fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Vec<u32> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() * 3 + 16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        text.clear();
        let (result, read) = decoder.decode_to_string_without_replacement(rest, &mut text, true);
        rest = &rest[read..];
        out.extend(text.chars().map(u32::from));
        match result {
            DecoderResult::InputEmpty => return out,
            DecoderResult::OutputFull => text.reserve(rest.len() * 3 + 16),
            DecoderResult::Malformed(..) => out.push(BAD),
        }
    }
}

/// The same where the first byte of a character tells its length: what is wrong with it is one
/// mistake.
pub fn decode_by_lead(
    encoding: &'static Encoding,
    bytes: &[u8],
    lead: fn(u8) -> usize,
) -> Vec<u32> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        if first < 0x80 {
            out.push(u32::from(first));
            rest = &rest[1..];
            continue;
        }
        let (character, behind) = rest.split_at(lead(first).min(rest.len()));
        match encoding.decode_without_bom_handling_and_without_replacement(character) {
            Some(text) => out.extend(text.chars().map(u32::from)),
            None => out.push(BAD),
        }
        rest = behind;
    }
    out
}

/// Is it a character of everyday Chinese or Japanese?
pub fn is_common_han(c: u32) -> bool {
    let lead = |encoding| {
        let mut bytes = Vec::new();
        put(encoding, &mut bytes, c).then(|| bytes.first().copied().unwrap_or(0))
    };
    lead(encoding_rs::SHIFT_JIS).is_some_and(|b| b < 0x98)
        || lead(encoding_rs::GBK).is_some_and(|b| (0xb0..=0xd7).contains(&b))
}

/// Does the meaning of bytes depend on escapes before them?
pub fn is_stateful(encoding: &'static Encoding) -> bool {
    encoding == encoding_rs::ISO_2022_JP
}

pub fn put(encoding: &'static Encoding, out: &mut Vec<u8>, c: u32) -> bool {
    let Some(c) = char::from_u32(c) else { return false };
    let mut text = [0; 4];
    let mut bytes = [0; 16];
    let (result, _, written) = encoding.new_encoder().encode_from_utf8_without_replacement(
        c.encode_utf8(&mut text),
        &mut bytes,
        true,
    );
    let done = result == EncoderResult::InputEmpty;
    if done {
        out.extend_from_slice(&bytes[..written]);
    }
    done
}

pub fn encode_stateful(
    encoding: &'static Encoding,
    chars: &[u32],
    substitute: Substitute,
) -> (Vec<u8>, i64) {
    // What can be written is found first; then all is written in one go.
    let mut text = String::new();
    let mut errors = 0;
    for c in chars {
        let known = *c != BAD && put(encoding, &mut Vec::new(), *c);
        match char::from_u32(*c).filter(|_| known) {
            Some(c) => text.push(c),
            None => {
                let mut ascii =
                    Encoder { kind: Kind::SevenBit, substitute, out: Vec::new(), errors: 0 };
                ascii.add(*c);
                errors += 1;
                text.push_str(&String::from_utf8_lossy(&ascii.out));
            }
        }
    }
    (encoding.encode(&text).0.into_owned(), errors)
}
