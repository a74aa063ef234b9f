//! Guessing the encoding of a string.

use crate::codec::{BAD, decode, is_rare_han};
use crate::encodings::{Encoding, Kind};
use crate::settings::{detect_order, encodings_arg};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

/// How unlikely it is that text has the character.
fn demerits(c: u32) -> u32 {
    match c {
        BAD => 1000,
        0x09 | 0x0a | 0x0d | 0x20 => 0,
        0x21..=0x2f => 6,
        0x00..=0x1f | 0x7f..=0x9f => 31,
        0xe000..=0xf8ff | 0xfff0..=0xffff => 40,
        // Half-width katakana and signs are seldom used.
        0xff61..=0xff9f | 0x2500..=0x25ff | 0xa1..=0xbf | 0xd7 | 0xf7 => 31,
        c if c > 0xffff => 40,
        c if is_rare_han(c) => 30,
        _ => 1,
    }
}

/// The most likely of the candidates; in strict mode only those without a mistake count.
pub fn detect(
    bytes: &[u8],
    candidates: &[&'static Encoding],
    strict: bool,
) -> Option<&'static Encoding> {
    let mut best: Option<(&'static Encoding, u64, f64)> = None;
    for (place, encoding) in candidates.iter().enumerate() {
        let byte_encoding =
            matches!(encoding.kind, Kind::Base64 | Kind::QuotedPrintable | Kind::Uuencode);
        let chars = decode(encoding, bytes);
        let errors = chars.iter().filter(|c| **c == BAD).count() as u64;
        if strict && errors > 0 || byte_encoding && best.is_some() {
            continue;
        }
        let sum: u32 = chars.iter().filter(|c| **c != BAD).map(|c| demerits(*c)).sum();
        // Of equals the first is taken; what stands further back has to be a little better.
        let score = f64::from(sum) * (1.0 + 0.01 * place as f64);
        let better = best
            .is_none_or(|(_, least, lowest)| errors < least || errors == least && score < lowest);
        if better {
            best = Some((encoding, errors, score));
        }
    }
    let (encoding, errors, _) = best?;
    // Nothing fits text that is wrong in every candidate, if one had to be chosen strictly.
    (!strict || errors == 0).then_some(encoding)
}

pub fn mb_detect_encoding(
    cx: &mut Cx,
    string: &PhpString,
    encodings: &Value,
    strict: Option<bool>,
) -> Ret<OrFalse<&'static str>> {
    let candidates =
        if encodings.is_null() { detect_order(cx) } else { encodings_arg(cx, 2, encodings)? };
    let strict = strict.unwrap_or_else(|| cx.ini.bool("mbstring.strict_detection"));
    Ok(OrFalse(detect(string, &candidates, strict).map(|e| e.name)))
}
