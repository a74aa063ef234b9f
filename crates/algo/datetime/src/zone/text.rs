//! A time zone at some place of a text.

use super::{Zone, find_zone, lookup_abbreviation};

/// What was read as a time zone.
#[derive(Clone, Debug)]
pub struct ZoneText {
    /// The zone; for an offset that is not well formed it is UTC.
    pub zone: Option<Zone>,
    /// Whether the text is a zone.
    pub known: bool,
    /// The abbreviation it was written with, in upper case, when the text has one.
    pub abbreviation: Option<String>,
}

/// Reads a time zone in any of its three forms, with parentheses around it, and moves `position`
/// past it.
pub fn parse_zone_text(text: &[u8], position: &mut usize) -> ZoneText {
    let start = *position;
    skip(text, position, |byte| matches!(byte, b' ' | b'\t' | b'('));
    let mut parentheses = text[start..*position].iter().filter(|byte| **byte == b'(').count();
    let rest = &text[*position..];
    if rest.starts_with(b"GMT") && matches!(rest.get(3), Some(b'+' | b'-')) {
        *position += 3;
    }
    let found = match text.get(*position) {
        Some(sign @ (b'+' | b'-')) => {
            *position += 1;
            let negative = *sign == b'-';
            let offset = offset_seconds(text, position);
            let offset = offset.map(|offset| if negative { -offset } else { offset });
            ZoneText {
                zone: Some(Zone::Offset(offset.unwrap_or(0))),
                known: offset.is_some(),
                abbreviation: None,
            }
        }
        _ => named(text, position),
    };
    while parentheses > 0 && text.get(*position) == Some(&b')') {
        *position += 1;
        parentheses -= 1;
    }
    found
}

fn skip(text: &[u8], position: &mut usize, wanted: impl Fn(u8) -> bool) -> usize {
    let count = text[*position..].iter().take_while(|byte| wanted(**byte)).count();
    *position += count;
    count
}

fn named(text: &[u8], position: &mut usize) -> ZoneText {
    let start = *position;
    skip(text, position, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+')
    });
    let word = &text[start..*position];
    let abbreviation = lookup_abbreviation(word);
    let name = abbreviation.as_ref().map(|found| found.name.clone());
    let zone = match abbreviation {
        Some(found) if word != b"UTC" => Some(Zone::Abbreviation(found)),
        _ => find_zone(word).map(Zone::Identifier),
    };
    ZoneText { known: zone.is_some(), zone, abbreviation: name }
}

/// Reads the digits and colons after a sign; `None` when they are no offset.
fn offset_seconds(text: &[u8], position: &mut usize) -> Option<i32> {
    let start = *position;
    skip(text, position, |byte| byte.is_ascii_digit() || byte == b':');
    let digits = &text[start..*position];
    let number = |from: usize| -> i32 {
        let digits = digits.get(from..).unwrap_or_default().iter();
        digits
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0, |value, digit| value * 10 + i32::from(digit - b'0'))
    };
    let colon = |at: usize| digits.get(at) == Some(&b':');
    Some(match digits.len() {
        1 | 2 => number(0) * 3600,
        3 | 4 if colon(1) => number(0) * 3600 + number(2) * 60,
        3 | 4 if colon(2) => number(0) * 3600 + number(3) * 60,
        3 | 4 => number(0) / 100 * 3600 + number(0) % 100 * 60,
        5 if colon(2) => number(0) * 3600 + number(3) * 60,
        6 => number(0) / 10_000 * 3600 + number(0) / 100 % 100 * 60 + number(0) % 100,
        8 if colon(2) && colon(5) => number(0) * 3600 + number(3) * 60 + number(6),
        _ => return None,
    })
}
