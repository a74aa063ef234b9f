//! Upper, lower, title and folded case.

use crate::codec::{BAD, decode, encode};
use crate::data::case::{FOLD, FOLD_SIMPLE, LOWER_SIMPLE, TITLE, TITLE_SIMPLE, UPPER_SIMPLE};
use crate::data::{case_ignorable::CASE_IGNORABLE, within};
use crate::encodings::Encoding;
use crate::settings::{encoding_arg, substitute};
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// `MB_CASE_*`
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Upper,
    Lower,
    Title,
    Fold,
    UpperSimple,
    LowerSimple,
    TitleSimple,
    FoldSimple,
}

const MODES: [Mode; 8] = [
    Mode::Upper,
    Mode::Lower,
    Mode::Title,
    Mode::Fold,
    Mode::UpperSimple,
    Mode::LowerSimple,
    Mode::TitleSimple,
    Mode::FoldSimple,
];

fn listed(table: &'static [(u32, &'static str)], c: u32) -> Option<&'static str> {
    table.binary_search_by_key(&c, |(c, _)| *c).ok().map(|i| table[i].1)
}

/// Appends a character in a case.
fn put(out: &mut Vec<u32>, c: u32, mode: Mode, turkish: bool) {
    let up = matches!(mode, Mode::Upper | Mode::UpperSimple | Mode::Title | Mode::TitleSimple);
    match c {
        // The dot makes the difference between two letters.
        0x69 if turkish && up => return out.push(0x130),
        0x49 if turkish && !up => return out.push(0x131),
        0x130 if turkish && !up => return out.push(0x69),
        _ => {}
    }
    if c < 0x80 {
        let b = c as u8;
        out.push(u32::from(if up { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() }));
        return;
    }
    let Some(plain) = char::from_u32(c) else {
        out.push(c);
        return;
    };
    let own: Option<&str> = match mode {
        Mode::Upper | Mode::Lower => None,
        Mode::Title => listed(TITLE, c),
        Mode::Fold => listed(FOLD, c),
        Mode::UpperSimple => listed(UPPER_SIMPLE, c),
        Mode::LowerSimple => listed(LOWER_SIMPLE, c),
        Mode::TitleSimple => listed(TITLE_SIMPLE, c).or_else(|| listed(TITLE, c)),
        Mode::FoldSimple => listed(FOLD_SIMPLE, c).or_else(|| listed(FOLD, c)),
    };
    match own {
        Some(text) => out.extend(text.chars().map(u32::from)),
        None if up => out.extend(plain.to_uppercase().map(u32::from)),
        None => out.extend(plain.to_lowercase().map(u32::from)),
    }
}

/// Folds the case of one character to one character.
pub fn fold_simple(c: u32) -> u32 {
    let mut out = Vec::with_capacity(1);
    put(&mut out, c, Mode::FoldSimple, false);
    out.first().copied().unwrap_or(c)
}

fn is_ignorable(c: u32) -> bool {
    within(CASE_IGNORABLE, c)
}

fn is_cased(c: u32) -> bool {
    // Digraphs with a capital first letter, and Greek with an iota, are of title case alone.
    let title = matches!(c, 0x1c5 | 0x1c8 | 0x1cb | 0x1f2 | 0x1f88..=0x1f8f | 0x1f98..=0x1f9f
        | 0x1fa8..=0x1faf | 0x1fbc | 0x1fcc | 0x1ffc);
    title || char::from_u32(c).is_some_and(|c| c.is_lowercase() || c.is_uppercase())
}

const CAPITAL_SIGMA: u32 = 0x3a3;
const FINAL_SIGMA: u32 = 0x3c2;

/// Does the sigma at `at` end a word?
fn is_final(chars: &[u32], at: usize) -> bool {
    let cased = |c: Option<&u32>| c.is_some_and(|c| is_cased(*c));
    let mut before = chars[..at].iter().rev().skip_while(|c| is_ignorable(**c));
    let mut after = chars[at + 1..].iter().skip_while(|c| is_ignorable(**c));
    cased(before.next()) && !cased(after.next())
}

/// Text in a case.
fn convert(chars: &[u32], mode: Mode, turkish: bool) -> Vec<u32> {
    let mut out = Vec::with_capacity(chars.len());
    let lower = |out: &mut Vec<u32>, at: usize, mode: Mode| {
        let full = mode == Mode::Lower;
        if full && chars[at] == CAPITAL_SIGMA && is_final(chars, at) {
            out.push(FINAL_SIGMA);
        } else {
            put(out, chars[at], mode, turkish);
        }
    };
    let mut in_word = false;
    for (at, c) in chars.iter().enumerate() {
        match mode {
            _ if *c == BAD => out.push(BAD),
            Mode::Lower => lower(&mut out, at, mode),
            Mode::Title | Mode::TitleSimple => {
                if in_word {
                    let to = if mode == Mode::Title { Mode::Lower } else { Mode::LowerSimple };
                    lower(&mut out, at, to);
                } else {
                    put(&mut out, *c, mode, turkish);
                }
                if !is_ignorable(*c) {
                    in_word = is_cased(*c);
                }
            }
            mode => put(&mut out, *c, mode, turkish),
        }
    }
    out
}

fn is_turkish(encoding: &Encoding) -> bool {
    encoding.name == "ISO-8859-9"
}

fn convert_bytes(cx: &mut Cx, string: &PhpString, mode: Mode, encoding: &Encoding) -> PhpString {
    let upper = matches!(mode, Mode::Upper | Mode::UpperSimple);
    let title = matches!(mode, Mode::Title | Mode::TitleSimple);
    if encoding.keeps_ascii() && !is_turkish(encoding) && !title && string.is_ascii() {
        let changed = |b: &u8| if upper { b.is_ascii_lowercase() } else { b.is_ascii_uppercase() };
        if !string.iter().any(changed) {
            return string.clone();
        }
        let bytes = if upper { string.to_ascii_uppercase() } else { string.to_ascii_lowercase() };
        return PhpString::from(bytes);
    }
    let substitute = substitute(cx);
    let chars = convert(&decode(encoding, string), mode, is_turkish(encoding));
    PhpString::from(encode(encoding, &chars, substitute).0)
}

pub fn mb_convert_case(
    cx: &mut Cx,
    string: &PhpString,
    mode: i64,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 3, encoding)?;
    let mode = usize::try_from(mode).ok().and_then(|n| MODES.get(n));
    match mode {
        Some(mode) => Ok(convert_bytes(cx, string, *mode, encoding)),
        None => Err(cx.arg_value_error(2, "must be one of the MB_CASE_* constants")),
    }
}

pub fn mb_strtoupper(
    cx: &mut Cx,
    string: &PhpString,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    Ok(convert_bytes(cx, string, Mode::Upper, encoding))
}

pub fn mb_strtolower(
    cx: &mut Cx,
    string: &PhpString,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    Ok(convert_bytes(cx, string, Mode::Lower, encoding))
}

/// Changes the first character alone.
fn convert_first(
    cx: &mut Cx,
    string: &PhpString,
    mode: Mode,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 2, encoding)?;
    let chars = decode(encoding, string);
    let Some((first, rest)) = chars.split_first() else { return Ok(PhpString::empty()) };
    let mut changed = convert(&[*first], mode, is_turkish(encoding));
    if changed == [*first] {
        return Ok(string.clone());
    }
    changed.extend_from_slice(rest);
    let substitute = substitute(cx);
    Ok(PhpString::from(encode(encoding, &changed, substitute).0))
}

pub fn mb_ucfirst(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<PhpString> {
    convert_first(cx, string, Mode::Title, encoding)
}

pub fn mb_lcfirst(cx: &mut Cx, string: &PhpString, encoding: Option<&PhpString>) -> Ret<PhpString> {
    convert_first(cx, string, Mode::Lower, encoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_case(text: &str, mode: Mode) -> String {
        let chars: Vec<u32> = text.chars().map(u32::from).collect();
        convert(&chars, mode, false).iter().filter_map(|c| char::from_u32(*c)).collect()
    }

    #[test]
    fn cases_follow_unicode() {
        assert_eq!(in_case("ßﬁ", Mode::Upper), "SSFI");
        assert_eq!(in_case("ΑΣ ΑΣΑ", Mode::Lower), "ας ασα");
        assert_eq!(in_case("ǆ it's o'neil ß", Mode::Title), "ǅ It's O'neil Ss");
        assert_eq!(in_case("ßẞſ", Mode::Fold), "sssss");
        assert_eq!(in_case("ß", Mode::UpperSimple), "ß");
    }
}
