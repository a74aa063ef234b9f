//! `grapheme_*`: strings by what a reader takes for one character (UAX #29).

use crate::error::{self, ILLEGAL_ARGUMENT, INVALID_CHAR};
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use unicode_segmentation::UnicodeSegmentation;

const NOT_UTF8: &str = "Error converting input string to UTF-16";

/// The text, or `None` with the error noted.
fn text<'a>(cx: &mut Cx, bytes: &'a PhpString) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(_) => {
            error::set(cx, INVALID_CHAR, NOT_UTF8);
            None
        }
    }
}

/// Graphemes of any bytes: what is no UTF-8 counts byte by byte.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    for chunk in bytes.utf8_chunks() {
        out.extend(chunk.valid().graphemes(true).map(str::as_bytes));
        out.extend(chunk.invalid().chunks(1));
    }
    out
}

pub(crate) fn grapheme_strlen(cx: &mut Cx, string: &PhpString) -> Ret<Option<i64>> {
    error::reset(cx);
    Ok(text(cx, string).map(|text| text.graphemes(true).count() as i64))
}

/// How a string is looked for.
#[derive(Clone, Copy)]
struct Search {
    fold: bool,
    last: bool,
}

fn folded(text: &str, fold: bool) -> String {
    if fold { text.to_lowercase() } else { text.to_owned() }
}

/// The first or last place, in graphemes, where the needle's graphemes stand.
fn place(haystack: &str, needle: &str, offset: i64, how: Search) -> Option<Option<usize>> {
    let parts = |text| -> Vec<String> {
        str::graphemes(text, true).map(|part| folded(part, how.fold)).collect()
    };
    let (hay, needle) = (parts(haystack), parts(needle));
    let len = hay.len() as i64;
    if offset > len || offset < -len {
        return None;
    }
    let fits = |at: &usize| hay[*at..].starts_with(&needle);
    Some(if !how.last {
        let from = if offset < 0 { len + offset } else { offset } as usize;
        (from..=hay.len()).find(fits)
    } else if offset < 0 {
        (0..=(len + offset) as usize).rev().find(fits)
    } else {
        (offset as usize..=hay.len()).rev().find(fits)
    })
}

fn find(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
    how: Search,
) -> Ret<OrFalse<usize>> {
    error::reset(cx);
    let (Some(hay), Some(needle)) = (text(cx, haystack), text(cx, needle)) else {
        return Ok(OrFalse(None));
    };
    match place(hay, needle, offset, how) {
        Some(Some(_)) if needle.is_empty() && how.last => Ok(OrFalse(Some(0))),
        Some(found) => Ok(OrFalse(found)),
        None => Err(cx.arg_value_error(3, "must be contained in argument #1 ($haystack)")),
    }
}

pub(crate) fn grapheme_strpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find(cx, haystack, needle, offset, Search { fold: false, last: false })
}

pub(crate) fn grapheme_stripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find(cx, haystack, needle, offset, Search { fold: true, last: false })
}

pub(crate) fn grapheme_strrpos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find(cx, haystack, needle, offset, Search { fold: false, last: true })
}

pub(crate) fn grapheme_strripos(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    offset: i64,
) -> Ret<OrFalse<usize>> {
    find(cx, haystack, needle, offset, Search { fold: true, last: true })
}

pub(crate) fn grapheme_substr(
    cx: &mut Cx,
    string: &PhpString,
    offset: i64,
    length: Option<i64>,
) -> Ret<OrFalse<String>> {
    error::reset(cx);
    let Some(text) = text(cx, string) else { return Ok(OrFalse(None)) };
    let parts: Vec<&str> = text.graphemes(true).collect();
    let len = parts.len() as i64;
    let from = if offset < 0 { len.saturating_add(offset).max(0) } else { offset.min(len) };
    let to = match length {
        None => len,
        Some(count) if count < 0 => len.saturating_add(count),
        Some(count) => from.saturating_add(count).min(len),
    };
    Ok(OrFalse(Some(parts[from as usize..to.max(from) as usize].concat())))
}

fn part(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
    fold: bool,
) -> Ret<OrFalse<String>> {
    error::reset(cx);
    let (Some(hay), Some(needle)) = (text(cx, haystack), text(cx, needle)) else {
        return Ok(OrFalse(None));
    };
    let found = place(hay, needle, 0, Search { fold, last: false }).flatten();
    Ok(OrFalse(found.map(|at| {
        let parts = hay.graphemes(true);
        if before { parts.take(at).collect() } else { parts.skip(at).collect() }
    })))
}

pub(crate) fn grapheme_strstr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
) -> Ret<OrFalse<String>> {
    part(cx, haystack, needle, before, false)
}

pub(crate) fn grapheme_stristr(
    cx: &mut Cx,
    haystack: &PhpString,
    needle: &PhpString,
    before: bool,
) -> Ret<OrFalse<String>> {
    part(cx, haystack, needle, before, true)
}

/// The whole graphemes at the start that fit a size, counted as `kind` says.
fn extract(bytes: &[u8], size: i64, kind: i64) -> &[u8] {
    let (mut end, mut used) = (0, 0);
    for piece in pieces(bytes) {
        used += match kind {
            0 => 1,
            1 => piece.len() as i64,
            _ => String::from_utf8_lossy(piece).chars().count() as i64,
        };
        if used > size {
            break;
        }
        end += piece.len();
    }
    &bytes[..end]
}

pub(crate) fn grapheme_extract(
    cx: &mut Cx,
    haystack: &PhpString,
    size: i64,
    kind: i64,
    offset: i64,
    next: Option<&Reference>,
) -> Ret<OrFalse<PhpString>> {
    error::reset(cx);
    let len = haystack.len() as i64;
    let offset = if offset < 0 { len.saturating_add(offset) } else { offset };
    if let Some(next) = next {
        next.set(Value::Int(offset));
    }
    if !(0..=2).contains(&kind) {
        return Err(cx.arg_value_error(
            3,
            "must be one of GRAPHEME_EXTR_COUNT, GRAPHEME_EXTR_MAXBYTES, or GRAPHEME_EXTR_MAXCHARS",
        ));
    }
    if !(0..len).contains(&offset) {
        error::set(cx, ILLEGAL_ARGUMENT, "grapheme_extract: start not contained in string");
        return Ok(OrFalse(None));
    }
    if size < 0 {
        return Err(cx.arg_value_error(2, "must be greater than or equal to 0"));
    }
    let rest = &haystack[offset as usize..];
    // From within a character on: to the start of the next one.
    let skipped = rest.iter().position(|&byte| byte & 0xc0 != 0x80).unwrap_or(rest.len());
    let found = extract(&rest[skipped..], size, kind);
    if let Some(next) = next {
        next.set(Value::Int(offset + found.len() as i64));
    }
    Ok(OrFalse(Some(PhpString::new(found))))
}

pub(crate) fn grapheme_str_split(
    cx: &mut Cx,
    string: &PhpString,
    length: i64,
) -> Ret<OrFalse<PhpArray>> {
    if !(1..=1_073_741_823).contains(&length) {
        let text = "must be greater than 0 and less than or equal to 1073741823";
        return Err(cx.arg_value_error(2, text));
    }
    let pieces = pieces(string);
    let groups = pieces.chunks(length as usize);
    Ok(OrFalse(Some(groups.map(|group| Value::str(group.concat())).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_belong_to_their_letters() {
        let how = Search { fold: false, last: false };
        assert_eq!(place("xe\u{301}y", "y", 0, how), Some(Some(2)));
        assert_eq!(place("e\u{301}", "e", 0, how), Some(None));
        assert_eq!(place("abc", "c", 4, how), None);
        assert_eq!(extract("e\u{301}xy".as_bytes(), 2, 1), b"");
        assert_eq!(extract("e\u{301}xy".as_bytes(), 2, 0), "e\u{301}x".as_bytes());
    }
}
