//! Finding strings in strings.

use crate::case::fold_simple;
use crate::codec::decode;
use crate::encodings::Encoding;
use crate::length::part;
use crate::settings::encoding_arg;
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

/// Haystack and needle as characters, perhaps with case folded.
struct Texts {
    haystack: Vec<u32>,
    needle: Vec<u32>,
}

impl Texts {
    fn new(encoding: &Encoding, haystack: &[u8], needle: &[u8], fold: bool) -> Texts {
        let chars = |bytes: &[u8]| {
            let mut chars = decode(encoding, bytes);
            if fold {
                chars.iter_mut().for_each(|c| *c = fold_simple(*c));
            }
            chars
        };
        Texts { haystack: chars(haystack), needle: chars(needle) }
    }

    fn is_at(&self, at: usize) -> bool {
        self.haystack[at..].starts_with(&self.needle)
    }

    fn first(&self, from: usize) -> Option<usize> {
        let last = self.haystack.len().checked_sub(self.needle.len())?;
        (from..=last).find(|at| self.is_at(*at))
    }

    /// The last place from `from` to `to`.
    fn last(&self, from: usize, to: usize) -> Option<usize> {
        let last = self.haystack.len().checked_sub(self.needle.len())?.min(to);
        (from..=last).rev().find(|at| self.is_at(*at))
    }
}

fn outside(cx: &mut Cx) -> outlast_vm::Unwind {
    cx.arg_value_error(3, "must be contained in argument #1 ($haystack)")
}

fn first_place(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
    fold: bool,
) -> Ret<OrFalse<usize>> {
    let encoding = encoding_arg(cx, 4, encoding)?;
    let texts = Texts::new(encoding, haystack, needle, fold);
    let len = texts.haystack.len() as i64;
    let from = if offset < 0 { offset.saturating_add(len) } else { offset };
    if !(0..=len).contains(&from) {
        return Err(outside(cx));
    }
    Ok(OrFalse(texts.first(from as usize)))
}

fn last_place(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
    fold: bool,
) -> Ret<OrFalse<usize>> {
    let encoding = encoding_arg(cx, 4, encoding)?;
    let texts = Texts::new(encoding, haystack, needle, fold);
    let len = texts.haystack.len() as i64;
    let (from, to) = if offset < 0 { (0, offset.saturating_add(len)) } else { (offset, len) };
    if from > len || to < 0 {
        return Err(outside(cx));
    }
    Ok(OrFalse(texts.last(from as usize, to as usize)))
}

pub fn mb_strpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<usize>> {
    first_place(cx, haystack, needle, offset, encoding, false)
}

pub fn mb_stripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<usize>> {
    first_place(cx, haystack, needle, offset, encoding, true)
}

pub fn mb_strrpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<usize>> {
    last_place(cx, haystack, needle, offset, encoding, false)
}

pub fn mb_strripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<usize>> {
    last_place(cx, haystack, needle, offset, encoding, true)
}

/// The haystack from the needle on, or what is before it.
fn around(
    cx: &mut Cx,
    (haystack, needle): (&PhpString, &PhpString),
    before: bool,
    encoding: Option<&PhpString>,
    (last, fold): (bool, bool),
) -> Ret<OrFalse<Vec<u8>>> {
    let encoding = encoding_arg(cx, 4, encoding)?;
    let texts = Texts::new(encoding, haystack, needle, fold);
    let place = if last { texts.last(0, usize::MAX) } else { texts.first(0) };
    Ok(OrFalse(place.map(|at| {
        if before {
            part(encoding, haystack, 0, at)
        } else {
            part(encoding, haystack, at, haystack.len())
        }
    })))
}

pub fn mb_strstr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<Vec<u8>>> {
    around(cx, (haystack, needle), before, encoding, (false, false))
}

pub fn mb_stristr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<Vec<u8>>> {
    around(cx, (haystack, needle), before, encoding, (false, true))
}

pub fn mb_strrchr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<Vec<u8>>> {
    around(cx, (haystack, needle), before, encoding, (true, false))
}

pub fn mb_strrichr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
    encoding: Option<&PhpString>,
) -> Ret<OrFalse<Vec<u8>>> {
    around(cx, (haystack, needle), before, encoding, (true, true))
}

pub fn mb_substr_count(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    encoding: Option<&PhpString>,
) -> Ret<i64> {
    let encoding = encoding_arg(cx, 3, encoding)?;
    if needle.is_empty() {
        return Err(cx.arg_value_error(2, "must not be empty"));
    }
    let texts = Texts::new(encoding, haystack, needle, false);
    if texts.needle.is_empty() {
        return Err(cx.arg_value_error(2, "must not be empty"));
    }
    let (mut at, mut n) = (0, 0);
    while let Some(found) = texts.first(at) {
        n += 1;
        at = found + texts.needle.len();
    }
    Ok(n)
}
