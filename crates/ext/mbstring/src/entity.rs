//! Characters as numeric entities of HTML.

use crate::codec::{decode, encode};
use crate::settings::{encoding_arg, substitute};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// A range of characters, and how numbers are made of them.
struct Rule {
    first: u32,
    last: u32,
    offset: u32,
    mask: u32,
}

fn rules(cx: &mut Cx, map: &PhpArray) -> Ret<Vec<Rule>> {
    if !map.len().is_multiple_of(4) {
        return Err(cx.arg_value_error(2, "must have a multiple of 4 elements"));
    }
    let mut numbers = Vec::with_capacity(map.len());
    for value in map.values() {
        match value.deref() {
            Value::Int(n) => numbers.push(n as u32),
            _ => return Err(cx.arg_value_error(2, "must only be composed of values of type int")),
        }
    }
    Ok(numbers
        .chunks_exact(4)
        .map(|n| Rule { first: n[0], last: n[1], offset: n[2], mask: n[3] })
        .collect())
}

pub fn mb_encode_numericentity(
    cx: &mut Cx,
    string: &PhpString,
    map: PhpArray,
    encoding: Option<&PhpString>,
    hex: bool,
) -> Ret<Vec<u8>> {
    let encoding = encoding_arg(cx, 3, encoding)?;
    let rules = rules(cx, &map)?;
    let mut out = Vec::with_capacity(string.len());
    for c in decode(encoding, string) {
        match rules.iter().find(|r| (r.first..=r.last).contains(&c)) {
            Some(rule) => {
                let number = c.wrapping_add(rule.offset) & rule.mask;
                let text = if hex { format!("&#x{number:X};") } else { format!("&#{number};") };
                out.extend(text.bytes().map(u32::from));
            }
            None => out.push(c),
        }
    }
    let substitute = substitute(cx);
    Ok(encode(encoding, &out, substitute).0)
}

pub fn mb_decode_numericentity(
    cx: &mut Cx,
    string: &PhpString,
    map: PhpArray,
    encoding: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    let encoding = encoding_arg(cx, 3, encoding)?;
    let rules = rules(cx, &map)?;
    let chars = decode(encoding, string);
    let mut out = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        if let Some((number, end)) = entity(&chars[at..])
            && let Some(c) = rules.iter().find_map(|rule| {
                let c = number.wrapping_sub(rule.offset);
                (rule.first..=rule.last).contains(&c).then_some(c)
            })
        {
            out.push(c);
            at += end;
            continue;
        }
        out.push(chars[at]);
        at += 1;
    }
    let substitute = substitute(cx);
    Ok(encode(encoding, &out, substitute).0)
}

/// The number of an entity at the start, and its length; the semicolon may be missing.
fn entity(chars: &[u32]) -> Option<(u32, usize)> {
    let is = |at: usize, b: u8| chars.get(at) == Some(&u32::from(b));
    if !is(0, b'&') || !is(1, b'#') {
        return None;
    }
    let (radix, start, most) = if is(2, b'x') || is(2, b'X') { (16, 3, 8) } else { (10, 2, 10) };
    let mut number: u32 = 0;
    let mut at = start;
    while let Some(digit) =
        chars.get(at).and_then(|c| char::from_u32(*c)).and_then(|c| c.to_digit(radix))
    {
        if at - start == most {
            return None;
        }
        number = number.checked_mul(radix)?.checked_add(digit)?;
        at += 1;
    }
    if at == start {
        return None;
    }
    Some((number, if is(at, b';') { at + 1 } else { at }))
}
