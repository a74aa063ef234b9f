//! Trimming and padding.

use crate::codec::{Substitute, decode, encode};
use crate::encodings::Encoding;
use crate::settings::encoding_arg;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// What is trimmed unless the script says what.
fn is_space(c: u32) -> bool {
    matches!(
        c,
        0x20 | 0x0c | 0x0a | 0x0d | 0x09 | 0x0b | 0x00 | 0xa0 | 0x1680 | 0x2000
            ..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000 | 0x85 | 0x180e
    )
}

fn trim(
    cx: &mut Cx,
    string: &PhpString,
    characters: Option<&PhpString>,
    encoding: Option<&PhpString>,
    (left, right): (bool, bool),
) -> Ret<PhpString> {
    let encoding = encoding_arg(cx, 3, encoding)?;
    let listed = characters.map(|list| decode(encoding, list));
    let goes = |c: &u32| match &listed {
        Some(list) => list.contains(c),
        None => is_space(*c),
    };
    let chars = decode(encoding, string);
    let start = if left { chars.iter().take_while(|c| goes(c)).count() } else { 0 };
    let rest = &chars[start..];
    let cut = if right { rest.iter().rev().take_while(|c| goes(c)).count() } else { 0 };
    if start == 0 && cut == 0 {
        return Ok(string.clone());
    }
    let kept = &rest[..rest.len() - cut];
    Ok(PhpString::from(encode(encoding, kept, Substitute::Char(0x3f)).0))
}

pub fn mb_trim(
    cx: &mut Cx,
    string: &PhpString,
    characters: Option<&PhpString>,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    trim(cx, string, characters, encoding, (true, true))
}

pub fn mb_ltrim(
    cx: &mut Cx,
    string: &PhpString,
    characters: Option<&PhpString>,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    trim(cx, string, characters, encoding, (true, false))
}

pub fn mb_rtrim(
    cx: &mut Cx,
    string: &PhpString,
    characters: Option<&PhpString>,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    trim(cx, string, characters, encoding, (false, true))
}

// `STR_PAD_*`
const LEFT: i64 = 0;
const RIGHT: i64 = 1;
const BOTH: i64 = 2;

pub fn mb_str_pad(
    cx: &mut Cx,
    string: &PhpString,
    length: i64,
    pad: &PhpString,
    kind: i64,
    encoding: Option<&PhpString>,
) -> Ret<PhpString> {
    let encoding: &Encoding = encoding_arg(cx, 5, encoding)?;
    let have = crate::length::length(encoding, string);
    if length < 0 || length as usize <= have {
        return Ok(string.clone());
    }
    if pad.is_empty() {
        return Err(cx.arg_value_error(3, "must not be empty"));
    }
    let more = length as usize - have;
    let (left, right) = match kind {
        LEFT => (more, 0),
        RIGHT => (0, more),
        BOTH => (more / 2, more - more / 2),
        _ => {
            let text = "must be STR_PAD_LEFT, STR_PAD_RIGHT, or STR_PAD_BOTH";
            return Err(cx.arg_value_error(4, text));
        }
    };
    let pad = decode(encoding, pad);
    let run = |n: usize| {
        let chars: Vec<u32> = pad.iter().copied().cycle().take(n).collect();
        encode(encoding, &chars, Substitute::Char(0x3f)).0
    };
    Ok(PhpString::concat(&[&run(left), string, &run(right)]))
}
