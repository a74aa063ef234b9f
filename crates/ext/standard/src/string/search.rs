//! Finding in strings and cutting parts out of them.

use memchr::memmem;
use outlast_text::compare::compare_prefix;
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

const OUTSIDE: &str = "must be contained in argument #1 ($haystack)";

/// `offset` counted from the end where negative; `None` outside of `0..=len`.
fn position(offset: i64, len: usize) -> Option<usize> {
    let at = if offset < 0 { offset.checked_add(len as i64)? } else { offset };
    usize::try_from(at).ok().filter(|at| *at <= len)
}

/// The part `strspn` and `strcspn` look at: offset and length clamped to the string.
fn clamped_part(text: &[u8], offset: i64, length: Option<i64>) -> &[u8] {
    let len = text.len() as i64;
    let start = if offset < 0 { offset.saturating_add(len).max(0) } else { offset.min(len) };
    let rest = len - start;
    let count = match length {
        None => rest,
        Some(n) if n < 0 => n.saturating_add(rest).max(0),
        Some(n) => n.min(rest),
    };
    &text[start as usize..(start + count) as usize]
}

fn mask(characters: &[u8]) -> [bool; 256] {
    let mut mask = [false; 256];
    for byte in characters {
        mask[usize::from(*byte)] = true;
    }
    mask
}

pub fn strspn(
    _cx: &mut Cx,
    text: &PhpString,
    characters: &PhpString,
    offset: i64,
    length: Option<i64>,
) -> Ret<usize> {
    let mask = mask(characters);
    let part = clamped_part(text, offset, length);
    Ok(part.iter().take_while(|b| mask[usize::from(**b)]).count())
}

pub fn strcspn(
    _cx: &mut Cx,
    text: &PhpString,
    characters: &PhpString,
    offset: i64,
    length: Option<i64>,
) -> Ret<usize> {
    let mask = mask(characters);
    let part = clamped_part(text, offset, length);
    Ok(part.iter().take_while(|b| !mask[usize::from(**b)]).count())
}

pub fn strpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find_first(cx, haystack, needle, offset)
}

pub fn stripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find_first(cx, &haystack.to_ascii_lowercase(), &needle.to_ascii_lowercase(), offset)
}

/// A shorter text is searched by its bytes: preparing a search takes longer.
pub(super) const SHORT: usize = 128;

/// Where a text first is in another.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [byte] => memchr::memchr(*byte, haystack),
        [first, ..] if haystack.len() <= SHORT => {
            let last = haystack.len().checked_sub(needle.len())?;
            let mut from = 0;
            while from <= last {
                from += memchr::memchr(*first, &haystack[from..=last])?;
                if haystack[from..].starts_with(needle) {
                    return Some(from);
                }
                from += 1;
            }
            None
        }
        _ => memmem::find(haystack, needle),
    }
}

fn find_first(cx: &mut Cx, haystack: &[u8], needle: &[u8], offset: i64) -> Ret<OrFalse<usize>> {
    let Some(start) = position(offset, haystack.len()) else {
        return Err(cx.arg_value_error(3, OUTSIDE));
    };
    Ok(OrFalse(find(&haystack[start..], needle).map(|at| at + start)))
}

pub fn strrpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find_last(cx, haystack, needle, offset)
}

pub fn strripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find_last(cx, &haystack.to_ascii_lowercase(), &needle.to_ascii_lowercase(), offset)
}

fn find_last(cx: &mut Cx, haystack: &[u8], needle: &[u8], offset: i64) -> Ret<OrFalse<usize>> {
    let Some(at) = position(offset, haystack.len()) else {
        return Err(cx.arg_value_error(3, OUTSIDE));
    };
    // A negative offset bounds where a match may begin, not where it ends.
    let (start, end) = if offset >= 0 {
        (at, haystack.len())
    } else {
        (0, (at + needle.len()).min(haystack.len()))
    };
    Ok(OrFalse(memmem::rfind(&haystack[start..end], needle).map(|at| at + start)))
}

/// The part before or from a match on.
fn around(text: &PhpString, at: Option<usize>, before: bool) -> OrFalse<PhpString> {
    OrFalse(at.map(|at| if before { text.slice(0..at) } else { text.slice(at..text.len()) }))
}

pub fn strstr(
    _cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
) -> Ret<OrFalse<PhpString>> {
    Ok(around(haystack, find(haystack, needle), before))
}

pub fn stristr(
    _cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
) -> Ret<OrFalse<PhpString>> {
    let at = memmem::find(&haystack.to_ascii_lowercase(), &needle.to_ascii_lowercase());
    Ok(around(haystack, at, before))
}

pub fn strrchr(
    _cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
) -> Ret<OrFalse<PhpString>> {
    // An empty needle stands for a NUL byte.
    let byte = needle.first().copied().unwrap_or(0);
    Ok(around(haystack, memchr::memrchr(byte, haystack), before))
}

pub fn str_contains(_cx: &mut Cx, haystack: &PhpString, needle: &PhpString) -> Ret<bool> {
    Ok(find(haystack, needle).is_some())
}

pub fn str_starts_with(_cx: &mut Cx, haystack: &PhpString, needle: &PhpString) -> Ret<bool> {
    Ok(haystack.starts_with(needle))
}

pub fn str_ends_with(_cx: &mut Cx, haystack: &PhpString, needle: &PhpString) -> Ret<bool> {
    Ok(haystack.ends_with(needle))
}

pub fn substr(_cx: &mut Cx, text: &PhpString, offset: i64, length: Option<i64>) -> Ret<PhpString> {
    let len = text.len() as i64;
    let start = if offset < 0 { offset.saturating_add(len).max(0) } else { offset };
    if start >= len {
        return Ok(PhpString::empty());
    }
    let rest = len - start;
    let count = match length {
        None => rest,
        Some(n) if n < 0 => n.saturating_add(rest).max(0),
        Some(n) => n.min(rest),
    };
    Ok(text.slice(start as usize..(start + count) as usize))
}

pub fn substr_count(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    length: Option<i64>,
) -> Ret<usize> {
    if needle.is_empty() {
        return Err(cx.arg_value_error(2, "must not be empty"));
    }
    let Some(start) = position(offset, haystack.len()) else {
        return Err(cx.arg_value_error(3, OUTSIDE));
    };
    let rest = &haystack[start..];
    let part = match length {
        None => rest,
        Some(n) => match position(n, rest.len()) {
            Some(end) => &rest[..end],
            None => return Err(cx.arg_value_error(4, OUTSIDE)),
        },
    };
    Ok(match needle.as_bytes() {
        [byte] => memchr::memchr_iter(*byte, part).count(),
        needle => memmem::find_iter(part, needle).count(),
    })
}

pub fn strpbrk(cx: &mut Cx, text: &PhpString, characters: &PhpString) -> Ret<OrFalse<PhpString>> {
    if characters.is_empty() {
        return Err(cx.arg_value_error(2, "must be a non-empty string"));
    }
    let mask = mask(characters);
    let at = text.iter().position(|b| mask[usize::from(*b)]);
    Ok(around(text, at, false))
}

pub fn substr_compare(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    length: Option<i64>,
    fold_case: bool,
) -> Ret<i64> {
    match length {
        Some(0) => return Ok(0),
        Some(..0) => return Err(cx.arg_value_error(4, "must be greater than or equal to 0")),
        _ => {}
    }
    let Some(part) = outlast_text::compare::offset_part(haystack, offset) else {
        return Err(cx.arg_value_error(3, OUTSIDE));
    };
    let most = length.map_or(needle.len().max(part.len()), |n| n as usize);
    Ok(compare_prefix(part, needle, most, fold_case) as i64)
}
