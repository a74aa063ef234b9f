//! Patterns of file names: `fnmatch()` and `glob()`.

use super::check_path;
use crate::stream::basedir;
use crate::stream::registry::place;
use outlast_host::files::Place;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

#[path = "pattern_stub.rs"]
mod pattern_stub;
pub use pattern_stub::MODULE;

const PATHNAME: i64 = 1;
const NOESCAPE: i64 = 2;
const PERIOD: i64 = 4;
const CASEFOLD: i64 = 16;

const GLOB_MARK: i64 = 2;
const GLOB_NOSORT: i64 = 4;
const GLOB_NOCHECK: i64 = 16;
const GLOB_NOESCAPE: i64 = 64;
const GLOB_BRACE: i64 = 1024;
const GLOB_ONLYDIR: i64 = 8192;
const GLOB_ALL: i64 = 9303;

/// `fnmatch()`
pub fn fnmatch(cx: &mut Cx, pattern: &PhpString, filename: &PhpString, flags: i64) -> Ret<bool> {
    check_path(cx, 1, pattern)?;
    check_path(cx, 2, filename)?;
    Ok(matches(pattern, filename, flags, true))
}

fn fold(byte: u8, flags: i64) -> u8 {
    if flags & CASEFOLD != 0 { byte.to_ascii_lowercase() } else { byte }
}

/// Whether a leading period stands here that only a period matches.
fn hidden(name: &[u8], flags: i64, start: bool) -> bool {
    start && flags & PERIOD != 0 && name.first() == Some(&b'.')
}

/// Does the whole name match? `start`: here a name begins.
pub fn matches(pattern: &[u8], name: &[u8], flags: i64, start: bool) -> bool {
    let Some((&first, rest)) = pattern.split_first() else { return name.is_empty() };
    let after = |byte: u8| flags & PATHNAME != 0 && byte == b'/';
    match first {
        b'?' => match name.split_first() {
            Some((&b, _)) if after(b) || hidden(name, flags, start) => false,
            Some((&b, tail)) => matches(rest, tail, flags, after(b)),
            None => false,
        },
        b'*' => {
            if hidden(name, flags, start) {
                return false;
            }
            let rest = &rest[rest.iter().take_while(|b| **b == b'*').count()..];
            for at in 0..=name.len() {
                let begins = if at == 0 { start } else { after(name[at - 1]) };
                if matches(rest, &name[at..], flags, begins && at == 0) {
                    return true;
                }
                if at < name.len() && after(name[at]) {
                    return false;
                }
            }
            false
        }
        b'[' => {
            let Some((&byte, tail)) = name.split_first() else { return false };
            if after(byte) || hidden(name, flags, start) {
                return false;
            }
            match bracket(rest, byte, flags) {
                Some((true, rest)) => matches(rest, tail, flags, false),
                Some((false, _)) => false,
                None => byte == b'[' && matches(rest, tail, flags, false),
            }
        }
        b'\\' if flags & NOESCAPE == 0 && !rest.is_empty() => match name.split_first() {
            Some((&b, tail)) if fold(b, flags) == fold(rest[0], flags) => {
                matches(&rest[1..], tail, flags, after(b))
            }
            _ => false,
        },
        byte => match name.split_first() {
            Some((&b, tail)) if fold(b, flags) == fold(byte, flags) => {
                matches(rest, tail, flags, after(b))
            }
            _ => false,
        },
    }
}

fn in_class(class: &[u8], byte: u8) -> bool {
    match class {
        b"alpha" => byte.is_ascii_alphabetic(),
        b"digit" => byte.is_ascii_digit(),
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"upper" => byte.is_ascii_uppercase(),
        b"lower" => byte.is_ascii_lowercase(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"punct" => byte.is_ascii_punctuation(),
        b"print" => matches!(byte, b' '..=b'~'),
        b"graph" => byte.is_ascii_graphic(),
        b"cntrl" => byte.is_ascii_control(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Whether a byte is in the set whose text begins here, and what follows the set; `None`: the
/// set has no end.
fn bracket(text: &[u8], byte: u8, flags: i64) -> Option<(bool, &[u8])> {
    let mut at = 0;
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    if negated {
        at += 1;
    }
    let mut found = false;
    let mut first = true;
    let byte = fold(byte, flags);
    loop {
        let mut low = *text.get(at)?;
        if low == b']' && !first {
            return Some((found != negated, &text[at + 1..]));
        }
        first = false;
        if low == b'[' && text.get(at + 1) == Some(&b':') {
            let end = text[at + 2..].windows(2).position(|w| w == b":]")?;
            found |= in_class(&text[at + 2..at + 2 + end], byte);
            at += end + 4;
            continue;
        }
        if low == b'\\' && flags & NOESCAPE == 0 {
            at += 1;
            low = *text.get(at)?;
        }
        at += 1;
        let mut high = low;
        if text.get(at) == Some(&b'-') && text.get(at + 1).is_some_and(|b| *b != b']') {
            high = text[at + 1];
            at += 2;
            if high == b'\\' && flags & NOESCAPE == 0 {
                high = *text.get(at)?;
                at += 1;
            }
        }
        found |= (fold(low, flags)..=fold(high, flags)).contains(&byte);
    }
}

/// `{a,b}` written out.
fn braces(pattern: &[u8]) -> Vec<Vec<u8>> {
    let mut depth = 0;
    let mut open = None;
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < pattern.len() {
        match pattern[at] {
            b'\\' => at += 1,
            b'{' => {
                if depth == 0 {
                    open = Some(at);
                    cuts.clear();
                }
                depth += 1;
            }
            b',' if depth == 1 => cuts.push(at),
            b'}' if depth > 0 => {
                depth -= 1;
                if let (0, Some(open)) = (depth, open) {
                    let (head, tail) = (&pattern[..open], &pattern[at + 1..]);
                    let mut from = open + 1;
                    let mut all = Vec::new();
                    for cut in cuts.iter().copied().chain([at]) {
                        all.extend(braces(&[head, &pattern[from..cut], tail].concat()));
                        from = cut + 1;
                    }
                    return all;
                }
            }
            _ => {}
        }
        at += 1;
    }
    vec![pattern.to_vec()]
}

fn is_magic(part: &[u8]) -> bool {
    part.iter().any(|b| b"*?[".contains(b))
}

fn unescaped(part: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(part.len());
    let mut bytes = part.iter();
    while let Some(&byte) = bytes.next() {
        out.push(if byte == b'\\' { *bytes.next().unwrap_or(&byte) } else { byte });
    }
    out
}

fn expand(place: &Place, base: &[u8], rest: &[u8], flags: i64, found: &mut Vec<Vec<u8>>) {
    let slashes = rest.iter().take_while(|b| **b == b'/').count();
    let base = [base, &rest[..slashes]].concat();
    let rest = &rest[slashes..];
    if rest.is_empty() {
        if place.stat(&base, false).is_ok() {
            found.push(base);
        }
        return;
    }
    let end = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
    let (part, tail) = rest.split_at(end);
    if !is_magic(part) {
        let name = if flags & GLOB_NOESCAPE != 0 { part.to_vec() } else { unescaped(part) };
        let path = [&base[..], &name].concat();
        if tail.is_empty() {
            if place.stat(&path, false).is_ok() {
                found.push(path);
            }
        } else if place.stat(&path, true).is_ok_and(|m| m.is_dir()) {
            expand(place, &path, tail, flags, found);
        }
        return;
    }
    let folder: &[u8] = if base.is_empty() { b"." } else { &base };
    let Ok(mut names) = place.names(folder) else { return };
    if flags & GLOB_NOSORT == 0 {
        names.sort();
    }
    let escape = if flags & GLOB_NOESCAPE != 0 { NOESCAPE } else { 0 };
    for name in names {
        if matches(part, &name, PERIOD | escape, true) {
            let path = [&base[..], &name].concat();
            if tail.is_empty() {
                found.push(path);
            } else if place.stat(&path, true).is_ok_and(|m| m.is_dir()) {
                expand(place, &path, tail, flags, found);
            }
        }
    }
}

/// Paths that match.
pub fn find(cx: &mut Cx, pattern: &[u8], flags: i64) -> Vec<Vec<u8>> {
    let place = place(cx);
    let patterns = if flags & GLOB_BRACE != 0 { braces(pattern) } else { vec![pattern.to_vec()] };
    let mut all = Vec::new();
    for pattern in &patterns {
        let mut found = Vec::new();
        expand(&place, b"", pattern, flags, &mut found);
        if flags & GLOB_NOSORT == 0 {
            found.sort();
        }
        all.append(&mut found);
    }
    if all.is_empty() && flags & GLOB_NOCHECK != 0 {
        all.push(pattern.to_vec());
    }
    all.retain_mut(|path| {
        let is_dir = || place.stat(path, true).is_ok_and(|m| m.is_dir());
        if flags & GLOB_ONLYDIR != 0 && !is_dir() {
            return false;
        }
        if flags & GLOB_MARK != 0 && !path.ends_with(b"/") && is_dir() {
            path.push(b'/');
        }
        true
    });
    all
}

/// `glob()`
pub fn glob(cx: &mut Cx, pattern: &PhpString, flags: i64) -> Ret<OrFalse<PhpArray>> {
    check_path(cx, 1, pattern)?;
    if flags & !GLOB_ALL != 0 {
        cx.warning(
            "At least one of the passed flags is invalid or not supported on this platform",
        )?;
        return Ok(OrFalse(None));
    }
    let mut found = find(cx, pattern, flags);
    let all = found.len();
    found.retain(|path| basedir::allows(cx, path));
    if found.is_empty() && all > 0 {
        return Ok(OrFalse(None));
    }
    Ok(OrFalse(Some(found.into_iter().map(Value::str).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_the_shell_matches_them() {
        for (pattern, name, flags, expected) in [
            ("*.txt", "a.txt", 0, true),
            ("*", ".hidden", PERIOD, false),
            ("*", ".hidden", 0, true),
            ("a?c", "abc", 0, true),
            ("a/*", "a/b/c", PATHNAME, false),
            ("a/*", "a/b/c", 0, true),
            ("[a-c]x", "bx", 0, true),
            ("[!a-c]x", "bx", 0, false),
            ("[[:digit:]]", "5", 0, true),
            ("A*", "abc", CASEFOLD, true),
            ("\\*", "*", 0, true),
            ("\\*", "\\x", NOESCAPE, true),
            ("[", "[", 0, true),
        ] {
            let matched = matches(pattern.as_bytes(), name.as_bytes(), flags, true);
            assert_eq!(matched, expected, "{pattern} {name} {flags}");
        }
    }

    #[test]
    fn braces_nest() {
        let all = braces(b"a{b,c{d,e}}f");
        assert_eq!(all, [b"abf".to_vec(), b"acdf".to_vec(), b"acef".to_vec()]);
    }
}
