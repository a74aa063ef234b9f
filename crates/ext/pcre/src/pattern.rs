//! Patterns as PHP writes them: delimiters, modifiers, the cache of compiled ones.

use crate::engine::{self, Code, Limits};
use crate::error::{self, PregError};
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// How many compiled patterns a thread keeps.
const CACHED: usize = 4096;

/// A compiled pattern with what results need.
pub struct Pattern {
    pub code: Code,
}

impl Pattern {
    /// The names of groups as keys of result arrays; `None` if there are none.
    pub fn keys(&self) -> Option<Vec<Option<PhpString>>> {
        let names = self.code.names();
        let key = |name: &Option<Box<[u8]>>| name.as_deref().map(PhpString::new);
        (!names.is_empty()).then(|| names.iter().map(key).collect())
    }
}

/// Cached patterns by text; those compiled without machine code (`pcre.jit=0`) apart.
#[derive(Default)]
struct Cache {
    by_text: [FxHashMap<Box<[u8]>, Rc<Pattern>>; 2],
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

/// What a pattern's text says.
struct Parsed<'a> {
    pattern: &'a [u8],
    options: u32,
    extra: u32,
}

/// The compiled pattern; `None` after a warning.
pub fn get(cx: &mut Cx, text: &PhpString) -> Ret<Option<Rc<Pattern>>> {
    let jit = cx.ini.bool("pcre.jit");
    let side = usize::from(jit);
    if let Some(found) = CACHE.with_borrow(|c| c.by_text[side].get(text.as_bytes()).cloned()) {
        return Ok(Some(found));
    }
    match compile(cx, text, jit)? {
        Ok(code) => {
            let pattern = Rc::new(Pattern { code });
            CACHE.with_borrow_mut(|c| {
                let cache = &mut c.by_text[side];
                if cache.len() >= CACHED {
                    drop_some(cache);
                }
                cache.insert(Box::from(text.as_bytes()), pattern.clone());
            });
            Ok(Some(pattern))
        }
        Err(message) => {
            error::set(cx, PregError::Internal);
            cx.warning(message)?;
            Ok(None)
        }
    }
}

/// Makes room for new patterns.
fn drop_some(cache: &mut FxHashMap<Box<[u8]>, Rc<Pattern>>) {
    let mut n = 0;
    cache.retain(|_, _| {
        n += 1;
        n > CACHED / 8
    });
}

fn compile(cx: &mut Cx, text: &PhpString, jit: bool) -> Ret<Result<Code, Vec<u8>>> {
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(message) => return Ok(Err(message)),
    };
    let mut code = match Code::compile(parsed.pattern, parsed.options, parsed.extra) {
        Ok(code) => code,
        Err(e) => {
            let message = format!("Compilation failed: {} at offset {}", e.message, e.offset);
            return Ok(Err(message.into_bytes()));
        }
    };
    if jit && let Err(message) = code.compile_jit() {
        cx.warning(format!("JIT compilation failed: {message}"))?;
    }
    Ok(Ok(code))
}

fn parse(text: &[u8]) -> Result<Parsed<'_>, Vec<u8>> {
    let space = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b;
    let start = text.iter().position(|b| !space(b));
    let Some(start) = start else { return Err(b"Empty regular expression".to_vec()) };
    let open = text[start];
    if open.is_ascii_alphanumeric() || open == b'\\' || open == 0 {
        return Err(b"Delimiter must not be alphanumeric, backslash, or NUL byte".to_vec());
    }
    let close = match open {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        b'<' => b'>',
        b => b,
    };
    let body = &text[start + 1..];
    let Some(end) = end_of(body, open, close) else {
        let kind = if open == close { "" } else { "matching " };
        return Err(
            [format!("No ending {kind}delimiter '").as_bytes(), &[close], b"' found"].concat()
        );
    };
    let mut parsed = Parsed {
        pattern: &body[..end],
        options: 0,
        extra: engine::PCRE2_EXTRA_ALLOW_LOOKAROUND_BSK,
    };
    for &b in &body[end + 1..] {
        parsed.options |= match b {
            b'i' => engine::PCRE2_CASELESS,
            b'm' => engine::PCRE2_MULTILINE,
            b's' => engine::PCRE2_DOTALL,
            b'x' => engine::PCRE2_EXTENDED,
            b'n' => engine::PCRE2_NO_AUTO_CAPTURE,
            b'A' => engine::PCRE2_ANCHORED,
            b'D' => engine::PCRE2_DOLLAR_ENDONLY,
            b'U' => engine::PCRE2_UNGREEDY,
            b'J' => engine::PCRE2_DUPNAMES,
            b'u' => engine::PCRE2_UTF | engine::PCRE2_UCP,
            b'r' => {
                parsed.extra |= engine::PCRE2_EXTRA_CASELESS_RESTRICT;
                0
            }
            b'S' | b'X' | b' ' | b'\n' | b'\r' => 0,
            0 => return Err(b"NUL byte is not a valid modifier".to_vec()),
            b => return Err([b"Unknown modifier '", &[b][..], b"'"].concat()),
        };
    }
    Ok(parsed)
}

/// Where the pattern ends: at the delimiter that no backslash precedes and that no other opens.
fn end_of(body: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 1;
    let mut at = 0;
    while let Some(&b) = body.get(at) {
        if b == b'\\' && at + 1 < body.len() {
            at += 1;
        } else if b == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if b == open {
            depth += 1;
        }
        at += 1;
    }
    None
}

/// The limits that the settings give.
pub fn limits(cx: &Cx) -> Limits {
    Limits {
        backtrack: cx.ini.int("pcre.backtrack_limit") as u32,
        recursion: cx.ini.int("pcre.recursion_limit") as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &[u8]) -> String {
        String::from_utf8(parse(text).err().unwrap()).unwrap()
    }

    #[test]
    fn delimiters_may_nest() {
        assert_eq!(parse(b" {a{2}\\}}i").unwrap().pattern, b"a{2}\\}");
        assert_eq!(message(b"{a"), "No ending matching delimiter '}' found");
        assert_eq!(message(b"/a"), "No ending delimiter '/' found");
    }

    #[test]
    fn modifiers_are_checked() {
        assert_eq!(message(b"/a/e"), "Unknown modifier 'e'");
        assert_eq!(message(b"/a/i\0"), "NUL byte is not a valid modifier");
        assert_eq!(parse(b"/a/i").unwrap().options, engine::PCRE2_CASELESS);
    }
}
