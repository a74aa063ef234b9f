//! Expected output: exact, with placeholders, or a regular expression.

use crate::phpt::Form;
use pcre2::bytes::{Regex, RegexBuilder};

/// Something that an output either matches or does not.
pub struct Pattern {
    kind: Kind,
}

enum Kind {
    Exact(Vec<u8>),
    Regex { jit: Regex, source: String },
}

impl Pattern {
    /// Builds the matcher for expected text that is already trimmed.
    pub fn new(form: Form, expected: &[u8]) -> Result<Pattern, String> {
        let source = match form {
            Form::Exact => return Ok(Pattern { kind: Kind::Exact(expected.to_vec()) }),
            Form::Format => format!("^{}$", format_to_regex(expected)),
            Form::Regex => format!("^{}$", bytes_to_pattern(expected)),
        };
        let jit = compile(&source, true)?;
        Ok(Pattern { kind: Kind::Regex { jit, source } })
    }

    /// Whether the whole output matches.
    pub fn matches(&self, output: &[u8]) -> bool {
        match &self.kind {
            Kind::Exact(expected) => expected == output,
            Kind::Regex { jit, source } => match jit.is_match(output) {
                Ok(found) => found,
                // The compiled matcher ran out of its own stack: the interpreter has a larger one.
                Err(_) => compile(source, false)
                    .is_ok_and(|regex| regex.is_match(output).unwrap_or(false)),
            },
        }
    }
}

fn compile(source: &str, jit: bool) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new();
    builder.dotall(true);
    if jit {
        builder.jit_if_available(true).max_jit_stack_size(Some(8 << 20));
    }
    builder.build(source).map_err(|e| format!("the expected pattern does not compile: {e}"))
}

/// Pattern text that matches `expected` with its `%` placeholders.
pub fn format_to_regex(expected: &[u8]) -> String {
    let mut out = String::with_capacity(expected.len() * 2);
    let mut rest = expected;
    // `%r...%r` holds a regular expression; everything else is literal text with placeholders.
    while let Some(start) = find(rest, b"%r") {
        let Some(len) = find(&rest[start + 2..], b"%r") else { break };
        push_literal(&mut out, &rest[..start]);
        out.push('(');
        out.push_str(&placeholders(&bytes_to_pattern(&rest[start + 2..start + 2 + len])));
        out.push(')');
        rest = &rest[start + 2 + len + 2..];
    }
    push_literal(&mut out, rest);
    out
}

fn push_literal(out: &mut String, text: &[u8]) {
    let mut i = 0;
    while i < text.len() {
        if text[i] == b'%'
            && let Some(pattern) = text.get(i + 1).and_then(|c| placeholder(*c))
        {
            out.push_str(pattern);
            i += 2;
            continue;
        }
        push_quoted(out, text[i]);
        i += 1;
    }
}

/// Placeholders are also replaced inside `%r` sections.
fn placeholders(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let replacement = (c == '%')
            .then(|| chars.peek().and_then(|n| u8::try_from(*n).ok()).and_then(placeholder))
            .flatten();
        match replacement {
            Some(pattern) => {
                out.push_str(pattern);
                chars.next();
            }
            None => out.push(c),
        }
    }
    out
}

fn placeholder(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'e' => "/",
        b's' => r"[^\r\n]+",
        b'S' => r"[^\r\n]*",
        b'a' => ".+?",
        b'A' => ".*?",
        b'w' => r"\s*",
        b'i' => r"[+-]?\d+",
        b'd' => r"\d+",
        b'x' => "[0-9a-fA-F]+",
        b'f' => r"[+-]?(?:\d+|(?=\.\d))(?:\.\d+)?(?:[Ee][+-]?\d+)?",
        b'c' => ".",
        b'0' => r"\x00",
        _ => return None,
    })
}

fn push_quoted(out: &mut String, byte: u8) {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b' ' | b'\n' => out.push(byte as char),
        0..=31 | 127..=255 => out.push_str(&format!("\\x{byte:02x}")),
        _ => {
            out.push('\\');
            out.push(byte as char);
        }
    }
}

/// A pattern given as bytes, as a string: the matcher works on bytes, so bytes above ASCII
/// become escapes.
fn bytes_to_pattern(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii() && byte != 0 {
            out.push(byte as char);
        } else {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|w| w == needle)
}

/// PHP's `trim()`: spaces, tabs, line ends, NUL and vertical tab.
pub fn trim(bytes: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0b);
    let start = bytes.iter().position(|b| !blank(b)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|b| !blank(b)).map_or(start, |i| i + 1);
    &bytes[start..end]
}

/// `\r\n` to `\n`.
pub fn unix_lines(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (i, &b) in bytes.iter().enumerate() {
        if b != b'\r' || bytes.get(i + 1) != Some(&b'\n') {
            out.push(b);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(expected: &str, output: &[u8]) -> bool {
        Pattern::new(Form::Format, expected.as_bytes()).unwrap().matches(output)
    }

    #[test]
    fn placeholders_match_what_they_name() {
        assert!(format("int(%d)", b"int(42)"));
        assert!(!format("int(%d)", b"int(-42)"));
        assert!(format("int(%i)", b"int(-42)"));
        assert!(format("float(%f)", b"float(-1.5E+25)"));
        assert!(format("float(%f)", b"float(.5)"));
        assert!(format("%s in %s", b"x in /a/b.php"));
        assert!(!format("%s", b"two\nlines"));
        assert!(format("a%Sb", b"ab"));
        assert!(format("a%Ab", b"a\n\nb"));
        assert!(format("a%wb", b"a \t\nb"));
        assert!(format("%x%c%0%e", b"beef!\0/"));
        assert!(format("100%z", b"100%z"));
    }

    #[test]
    fn regex_sections_are_not_quoted() {
        assert!(format("a%r(b|c)+%r.", b"abcb."));
        assert!(!format("a%r(b|c)+%r.", b"abcbx"));
        assert!(format("%r(?<!x)y%r", b"y"));
    }

    #[test]
    fn works_on_bytes() {
        assert!(format("\u{e9}%c", b"\xc3\xa9\xff"));
        let exact = Pattern::new(Form::Exact, b"\xff").unwrap();
        assert!(exact.matches(b"\xff"));
        assert!(!exact.matches(b"\xfe"));
    }

    #[test]
    fn trims_as_php_does() {
        assert_eq!(trim(b"\0\n a b\x0b\r\n"), b"a b");
        assert_eq!(trim(b" \n"), b"");
        assert_eq!(unix_lines(b"a\r\nb\rc\n"), b"a\nb\rc\n");
    }
}
