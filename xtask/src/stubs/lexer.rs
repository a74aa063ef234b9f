//! Tokens of a stub.

use super::StubError;

/// A token with the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Counted from one.
    pub line: usize,
    /// Where the next token's surroundings begin: just behind this one.
    pub end: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A word: keyword or name, with backslashes where it is qualified.
    Word(String),
    /// `$name`, without the dollar.
    Variable(String),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string, escapes resolved.
    Str(Vec<u8>),
    /// A doc comment's inner text.
    Doc(String),
    /// Punctuation.
    Sign(&'static str),
    /// The end.
    End,
}

/// Longer signs first.
const SIGNS: &[&str] = &[
    "...", "**", "=>", "::", "<<", ">>", "#[", "(", ")", "[", "]", "{", "}", ",", ";", ":", "?",
    "|", "&", "=", "-", "+", "~", "!", "*", "/", "%", ".", "^",
];

/// Splits a stub into tokens.
pub fn tokens(source: &str) -> Result<Vec<Token>, StubError> {
    let mut lexer = Lexer { rest: source, line: 1, out: Vec::new() };
    lexer.skip_open_tag()?;
    while !lexer.rest.is_empty() {
        let before = lexer.out.len();
        lexer.step()?;
        let end = source.len() - lexer.rest.len();
        lexer.out[before..].iter_mut().for_each(|token| token.end = end);
    }
    lexer.push(Kind::End);
    Ok(lexer.out)
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    out: Vec<Token>,
}

impl<'a> Lexer<'a> {
    fn push(&mut self, kind: Kind) {
        self.out.push(Token { kind, line: self.line, end: 0 });
    }

    fn advance(&mut self, len: usize) -> &'a str {
        let (done, rest) = self.rest.split_at(len);
        self.line += done.matches('\n').count();
        self.rest = rest;
        done
    }

    fn error(&self, message: impl Into<String>) -> StubError {
        StubError { line: self.line, message: message.into() }
    }

    fn skip_open_tag(&mut self) -> Result<(), StubError> {
        if !self.rest.starts_with("<?php") {
            return Err(self.error("a stub starts with <?php"));
        }
        self.advance("<?php".len());
        Ok(())
    }

    fn step(&mut self) -> Result<(), StubError> {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return Ok(()) };
        if first.is_whitespace() {
            self.advance(first.len_utf8());
        } else if rest.starts_with("/*") {
            self.comment()?;
        } else if rest.starts_with("//") || (first == '#' && !rest.starts_with("#[")) {
            self.advance(rest.find('\n').unwrap_or(rest.len()));
        } else if first == '$' {
            let len = word_len(&rest[1..]);
            if len == 0 {
                return Err(self.error("a variable without a name"));
            }
            let name = self.advance(len + 1)[1..].to_owned();
            self.push(Kind::Variable(name));
        } else if word_len(rest) > 0 {
            let word = self.advance(word_len(rest)).to_owned();
            self.push(Kind::Word(word));
        } else if first.is_ascii_digit() || is_point_number(rest) {
            self.number()?;
        } else if first == '\'' || first == '"' {
            self.string(first)?;
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            self.advance(sign.len());
            self.push(Kind::Sign(sign));
        } else {
            return Err(self.error(format!("unexpected character {first:?}")));
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), StubError> {
        let end = self.rest.find("*/").ok_or_else(|| self.error("a comment without an end"))?;
        let text = &self.rest[..end];
        if let Some(doc) = text.strip_prefix("/**") {
            let doc = doc.to_owned();
            self.push(Kind::Doc(doc));
        }
        self.advance(end + 2);
        Ok(())
    }

    fn number(&mut self) -> Result<(), StubError> {
        let len = number_len(self.rest);
        let text = self.advance(len).replace('_', "");
        let lower = text.to_lowercase();
        let parsed = if let Some(digits) = lower.strip_prefix("0x") {
            i64::from_str_radix(digits, 16).ok().map(Kind::Int)
        } else if let Some(digits) = lower.strip_prefix("0b") {
            i64::from_str_radix(digits, 2).ok().map(Kind::Int)
        } else if lower.contains(['.', 'e']) {
            lower.parse().ok().map(Kind::Float)
        } else if lower.len() > 1 && lower.starts_with('0') {
            let digits = lower.trim_start_matches("0o");
            i64::from_str_radix(digits, 8).ok().map(Kind::Int)
        } else {
            // An integer too large for PHP's is a float there.
            lower.parse().map(Kind::Int).ok().or_else(|| lower.parse().ok().map(Kind::Float))
        };
        let kind = parsed.ok_or_else(|| self.error(format!("not a number: {text}")))?;
        self.push(kind);
        Ok(())
    }

    fn string(&mut self, quote: char) -> Result<(), StubError> {
        let mut out: Vec<u8> = Vec::new();
        let bytes = self.rest.as_bytes();
        let mut at = 1;
        loop {
            let byte = *bytes.get(at).ok_or_else(|| self.error("a string without an end"))?;
            at += 1;
            if byte == quote as u8 {
                break;
            }
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            let next = *bytes.get(at).ok_or_else(|| self.error("a string without an end"))?;
            at += 1;
            if quote == '\'' {
                if next != b'\\' && next != b'\'' {
                    out.push(b'\\');
                }
                out.push(next);
                continue;
            }
            at += escape(next, &bytes[at..], &mut out);
        }
        self.push(Kind::Str(out));
        self.advance(at);
        Ok(())
    }
}

/// Resolves an escape of a double-quoted string; gives the bytes used beyond its letter.
fn escape(letter: u8, rest: &[u8], out: &mut Vec<u8>) -> usize {
    let digits = |radix: u32, most: usize| {
        rest.iter().take(most).take_while(|b| (**b as char).is_digit(radix)).count()
    };
    let value = |len: usize, radix: u32| {
        std::str::from_utf8(&rest[..len]).ok().and_then(|t| u32::from_str_radix(t, radix).ok())
    };
    match letter {
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'v' => out.push(0x0b),
        b'f' => out.push(0x0c),
        b'e' => out.push(0x1b),
        b'0'..=b'7' => {
            let len = digits(8, 2);
            let high = u32::from(letter - b'0') << (3 * len);
            out.push((high + value(len, 8).unwrap_or(0)) as u8);
            return len;
        }
        b'x' if digits(16, 2) > 0 => {
            let len = digits(16, 2);
            out.push(value(len, 16).unwrap_or(0) as u8);
            return len;
        }
        b'\\' | b'"' | b'$' => out.push(letter),
        other => out.extend([b'\\', other]),
    }
    0
}

fn word_len(text: &str) -> usize {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '\\' || !c.is_ascii();
    match text.chars().next() {
        Some(c) if part(c) && !c.is_ascii_digit() => text.find(|c| !part(c)).unwrap_or(text.len()),
        _ => 0,
    }
}

fn is_point_number(text: &str) -> bool {
    text.starts_with('.') && text[1..].starts_with(|c: char| c.is_ascii_digit())
}

fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        let exponent = matches!(bytes.get(at.wrapping_sub(1)), Some(b'e' | b'E'))
            && !text.to_lowercase().starts_with("0x");
        let belongs = b.is_ascii_alphanumeric()
            || b == b'_'
            || (b == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_digit))
            || (matches!(b, b'+' | b'-') && exponent);
        if !belongs {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind> {
        let all = tokens(&format!("<?php {text}")).unwrap();
        all.into_iter().map(|t| t.kind).filter(|k| *k != Kind::End).collect()
    }

    #[test]
    fn numbers() {
        assert_eq!(
            kinds("0x1F 017 0b11 1_000 1.5e-3 9223372036854775808"),
            [
                Kind::Int(31),
                Kind::Int(15),
                Kind::Int(3),
                Kind::Int(1000),
                Kind::Float(0.0015),
                Kind::Float(9_223_372_036_854_775_808.0),
            ]
        );
    }

    #[test]
    fn strings() {
        let got = kinds(r#"'a\'b\n' " \n\r\t\v\0\x41\$" "\q""#);
        let wanted: [&[u8]; 3] = [b"a'b\\n", b" \n\r\t\x0b\0A$", b"\\q"];
        assert_eq!(got, wanted.map(|s| Kind::Str(s.to_vec())));
    }

    #[test]
    fn comments_and_lines() {
        let all = tokens("<?php\n// x\n/** doc */\n# y\n$a").unwrap();
        assert_eq!(all[0].kind, Kind::Doc(" doc ".to_owned()));
        assert_eq!(all[1], Token { kind: Kind::Variable("a".to_owned()), line: 5, end: 28 });
    }

    #[test]
    fn what_is_no_token_is_refused() {
        assert_eq!(tokens("<?php\n`").unwrap_err().line, 2);
        assert!(tokens("function").is_err());
    }
}
