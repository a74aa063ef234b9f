//! Full and half width, hiragana and katakana.

use crate::codec::{Substitute, decode, encode};
use crate::settings::encoding_arg;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// Full-width forms of the half-width characters from U+FF61 on.
const FULL: &str = "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン゛゜";
const HALF: u32 = 0xff61;

/// The katakana that a voiced or half-voiced mark makes of another.
fn voiced(c: u32, mark: u32) -> Option<u32> {
    let voiceable = matches!(c, 0x30ab..=0x30c1 if c % 2 == 1)
        || matches!(c, 0x30c4 | 0x30c6 | 0x30c8)
        || matches!(c, 0x30cf | 0x30d2 | 0x30d5 | 0x30d8 | 0x30db);
    match mark {
        0xff9e if c == 0x30a6 => Some(0x30f4),
        0xff9e if voiceable => Some(c + 1),
        0xff9f if matches!(c, 0x30cf | 0x30d2 | 0x30d5 | 0x30d8 | 0x30db) => Some(c + 2),
        _ => None,
    }
}

fn full_of(half: u32) -> Option<u32> {
    let place = half.checked_sub(HALF).filter(|i| *i < 63)?;
    FULL.chars().nth(place as usize).map(u32::from)
}

fn half_of(full: u32) -> Option<Vec<u32>> {
    let place = |c: u32| FULL.chars().position(|f| u32::from(f) == c).map(|i| HALF + i as u32);
    if let Some(half) = place(full) {
        return Some(vec![half]);
    }
    for (mark, back) in [(0xff9e, 1), (0xff9f, 2)] {
        let base = if full == 0x30f4 { 0x30a6 } else { full - back.min(full) };
        if voiced(base, mark) == Some(full) {
            return place(base).map(|half| vec![half, mark]);
        }
    }
    None
}

/// Flags that contradict each other.
const PAIRS: &[(u8, u8)] = &[
    (b'R', b'r'),
    (b'N', b'n'),
    (b'A', b'a'),
    (b'A', b'r'),
    (b'A', b'n'),
    (b'a', b'R'),
    (b'a', b'N'),
    (b'S', b's'),
    (b'K', b'k'),
    (b'K', b'H'),
    (b'k', b'h'),
    (b'C', b'c'),
    (b'k', b'C'),
    (b'h', b'c'),
    (b'H', b'h'),
    (b'M', b'm'),
];

pub fn mb_convert_kana(
    cx: &mut Cx,
    string: &PhpString,
    mode: &PhpString,
    encoding: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    if let Some(bad) = mode.iter().find(|b| !b"aArRnNsSkKhHcCVmM".contains(b)) {
        let text = format!("contains invalid flag: '{}'", char::from(*bad));
        return Err(cx.arg_value_error(2, &text));
    }
    let has = |flag: u8| mode.contains(&flag);
    if let Some((a, b)) = PAIRS.iter().find(|(a, b)| has(*a) && has(*b)) {
        let (a, b) = (char::from(*a), char::from(*b));
        let text = format!("must not combine '{a}' and '{b}' flags");
        return Err(cx.arg_value_error(2, &text));
    }
    let encoding = encoding_arg(cx, 3, encoding)?;
    let chars = decode(encoding, string);
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let to_hiragana = |c: u32| if (0x30a1..=0x30f3).contains(&c) { c - 0x60 } else { c };
        match c {
            0x21..=0x7e if !matches!(c, 0x22 | 0x27 | 0x5c | 0x7e) => {
                let b = c as u8;
                let widen = has(b'A')
                    || has(b'R') && b.is_ascii_alphabetic()
                    || has(b'N') && b.is_ascii_digit();
                out.push(if widen { c + 0xfee0 } else { c });
            }
            0x20 if has(b'S') => out.push(0x3000),
            0x3000 if has(b's') => out.push(0x20),
            0xff01..=0xff5d if !matches!(c, 0xff02 | 0xff07 | 0xff3c) => {
                let b = (c - 0xfee0) as u8;
                let narrow = has(b'a')
                    || has(b'r') && b.is_ascii_alphabetic()
                    || has(b'n') && b.is_ascii_digit();
                out.push(if narrow { c - 0xfee0 } else { c });
            }
            0xff61..=0xff9f if has(b'K') || has(b'H') => {
                let mut full = full_of(c).unwrap_or(c);
                if has(b'V')
                    && let Some(joined) = chars.get(at).and_then(|mark| voiced(full, *mark))
                {
                    full = joined;
                    at += 1;
                }
                out.push(if has(b'H') { to_hiragana(full) } else { full });
            }
            0x3041..=0x3093 if has(b'h') => match half_of(c + 0x60) {
                Some(half) => out.extend(half),
                None => out.push(c),
            },
            0x3041..=0x3093 if has(b'C') => out.push(c + 0x60),
            0x30a1..=0x30f3 if has(b'c') => out.push(c - 0x60),
            0x3001..=0x30fc if has(b'k') || has(b'h') && c < 0x3041 => match half_of(c) {
                Some(half) => out.extend(half),
                None => out.push(c),
            },
            _ => out.push(c),
        }
    }
    Ok(encode(encoding, &out, Substitute::Char(0x3f)).0)
}
