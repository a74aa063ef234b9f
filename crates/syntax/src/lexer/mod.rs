//! The lexer: bytes in, PHP's tokens out, one at a time.
//!
//! It keeps PHP's own lexer states, so that its tokens (trivia included) are those of
//! `token_get_all()` and parse errors name what PHP names.

mod keywords;
mod number;
mod scan;
mod strings;

pub use keywords::is_semi_reserved;
pub use number::{Number, parse_num_string, parse_number};

use crate::error::ParseError;
use crate::token::{Token, TokenKind};

/// What the bytes at the cursor are part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Text outside of `<?php … ?>`.
    Initial,
    /// Code.
    Scripting,
    /// Behind `->`: every word is an identifier.
    LookingForProperty,
    /// Behind `${`: a plain name is a variable's name.
    LookingForVarname,
    /// Inside `"…"`.
    DoubleQuotes,
    /// Inside `` `…` ``.
    Backquote,
    /// Inside a heredoc.
    Heredoc,
    /// Inside a nowdoc.
    Nowdoc,
    /// In front of the closing label of a heredoc or nowdoc.
    EndHeredoc,
    /// Between the brackets of `"$a[0]"`.
    VarOffset,
}

/// How the lexer starts and what it accepts.
#[derive(Clone, Copy, Debug, Default)]
pub struct LexerOptions {
    /// `<?` opens code.
    pub short_open_tag: bool,
    /// Ignore a first line that starts with `#!`.
    pub skip_shebang: bool,
    /// Start inside code (`eval`).
    pub in_code: bool,
    /// Report errors and check that brackets match.
    pub strict: bool,
}

/// The lexer of one source.
pub struct Lexer<'a> {
    src: &'a [u8],
    pos: usize,
    line: u32,
    /// A close tag has swallowed a newline, which counts for the next token.
    newline_pending: bool,
    state: State,
    stack: Vec<State>,
    /// The open heredocs and nowdocs: their labels and the line behind their start.
    labels: Vec<(usize, usize, u32)>,
    /// Open brackets and their lines.
    nesting: Vec<(u8, u32)>,
    options: LexerOptions,
    error: Option<ParseError>,
}

/// All tokens of `source`, trivia included, as `token_get_all()` gives them.
pub fn tokenize(source: &[u8], short_open_tag: bool) -> Vec<Token> {
    let options = LexerOptions { short_open_tag, ..LexerOptions::default() };
    let mut lexer = Lexer::new(source, options);
    let mut tokens = Vec::new();
    // Behind `__halt_compiler` and three more tokens that count, the rest is data.
    let mut until_data = None;
    loop {
        let token = lexer.next_token();
        match token.kind {
            TokenKind::End => return tokens,
            TokenKind::HaltCompiler if until_data.is_none() => until_data = Some(3),
            TokenKind::Whitespace
            | TokenKind::Comment
            | TokenKind::DocComment
            | TokenKind::OpenTag => {}
            _ => until_data = until_data.map(|left: u32| left - 1),
        }
        tokens.push(token);
        if until_data == Some(0) {
            if lexer.newline_pending {
                lexer.newline_pending = false;
                lexer.line += 1;
            }
            let start = lexer.pos;
            let line = lexer.line;
            lexer.advance_lines(source.len());
            if start < source.len() {
                tokens.push(Token {
                    kind: TokenKind::InlineHtml,
                    start: start as u32,
                    end: source.len() as u32,
                    line,
                    end_line: lexer.line,
                });
            }
            return tokens;
        }
    }
}

/// Whether `b` may start an identifier.
pub(crate) const fn is_label_start(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

/// For each byte whether it may stand in an identifier.
static LABEL: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = is_label_start(b as u8) || (b as u8).is_ascii_digit();
        b += 1;
    }
    table
};

/// Whether `b` may stand in an identifier.
#[inline]
pub(crate) fn is_label(b: u8) -> bool {
    LABEL[usize::from(b)]
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

/// Number of line ends in `text`: LF, CR LF or a lone CR.
pub(crate) fn count_newlines(text: &[u8]) -> u32 {
    if !text.contains(&b'\r') {
        return text.iter().filter(|b| **b == b'\n').count() as u32;
    }
    let mut lines = 0;
    for (i, &b) in text.iter().enumerate() {
        if b == b'\n' || (b == b'\r' && text.get(i + 1) != Some(&b'\n')) {
            lines += 1;
        }
    }
    lines
}

impl<'a> Lexer<'a> {
    /// A lexer at the start of `src`.
    pub fn new(src: &'a [u8], options: LexerOptions) -> Self {
        let mut lexer = Lexer {
            src,
            pos: 0,
            line: 1,
            newline_pending: false,
            state: if options.in_code { State::Scripting } else { State::Initial },
            stack: Vec::new(),
            labels: Vec::new(),
            nesting: Vec::new(),
            options,
            error: None,
        };
        if options.skip_shebang && src.starts_with(b"#!") {
            let end = src.iter().position(|&b| b == b'\n').map_or(src.len(), |p| p + 1);
            lexer.pos = end;
            lexer.line = if end > 0 && src[end - 1] == b'\n' { 2 } else { 1 };
        }
        lexer
    }

    /// The error behind a [`TokenKind::Error`].
    pub fn error(&self) -> Option<&ParseError> {
        self.error.as_ref()
    }

    /// Moves over white space in code, which then is no token.
    #[inline]
    pub fn skip_blanks(&mut self) {
        if !matches!(self.state, State::Scripting | State::LookingForProperty) {
            return;
        }
        while let Some(&b) = self.src.get(self.pos) {
            match b {
                b' ' | b'\t' => {}
                b'\n' => self.line += 1,
                b'\r' => self.line += u32::from(self.src.get(self.pos + 1) != Some(&b'\n')),
                _ => return,
            }
            self.pos += 1;
        }
    }

    /// The next token, trivia included.
    #[inline(always)]
    pub fn next_token(&mut self) -> Token {
        if self.newline_pending {
            self.newline_pending = false;
            self.line += 1;
        }
        let start = self.pos;
        let line = self.line;
        let kind = match self.state {
            State::Initial => self.scan_initial(),
            State::Scripting => self.scan_scripting(),
            State::LookingForProperty => self.scan_property(),
            State::LookingForVarname => self.scan_varname(),
            State::DoubleQuotes => self.scan_double_quotes(),
            State::Backquote => self.scan_backquote(),
            State::Heredoc => self.scan_heredoc(),
            State::Nowdoc => self.scan_nowdoc(),
            State::EndHeredoc => self.scan_end_heredoc(),
            State::VarOffset => self.scan_var_offset(),
        };
        Token { kind, start: start as u32, end: self.pos as u32, line, end_line: self.line }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.src.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn rest(&self) -> &'a [u8] {
        &self.src[self.pos..]
    }

    fn at_end(&self) -> bool {
        self.pos >= self.src.len()
    }

    fn push_state(&mut self, state: State) {
        self.stack.push(self.state);
        self.state = state;
    }

    fn pop_state(&mut self) {
        if let Some(state) = self.stack.pop() {
            self.state = state;
        }
    }

    /// Moves to `end`, counting lines on the way.
    fn advance_lines(&mut self, end: usize) {
        self.line += count_newlines(&self.src[self.pos..end]);
        self.pos = end;
    }

    /// Records an error (the first one stays) and gives the token for it.
    fn fail(&mut self, message: impl Into<Vec<u8>>) -> TokenKind {
        self.fail_at(message, self.line)
    }

    fn fail_at(&mut self, message: impl Into<Vec<u8>>, line: u32) -> TokenKind {
        if self.error.is_none() {
            self.error = Some(ParseError::parse(message, line));
        }
        TokenKind::Error
    }

    fn open(&mut self, bracket: u8) {
        if self.options.strict {
            self.nesting.push((bracket, self.line));
        }
    }

    /// Checks a closing bracket against the open one; gives `kind` or the error.
    fn close(&mut self, bracket: u8, kind: TokenKind) -> TokenKind {
        if !self.options.strict {
            return kind;
        }
        let Some((open, line)) = self.nesting.pop() else {
            return self.fail(format!("Unmatched '{}'", bracket as char));
        };
        let matches = matches!((open, bracket), (b'{', b'}') | (b'[', b']') | (b'(', b')'));
        if matches {
            return kind;
        }
        let message = self.bad_nesting(open, line);
        self.fail(format!("{message} does not match '{}'", bracket as char))
    }

    fn bad_nesting(&self, open: u8, line: u32) -> String {
        let open = open as char;
        if line == self.line {
            format!("Unclosed '{open}'")
        } else {
            format!("Unclosed '{open}' on line {line}")
        }
    }

    /// The token at the end of the source.
    fn finish(&mut self) -> TokenKind {
        if let Some(&(open, line)) = self.nesting.last() {
            let message = self.bad_nesting(open, line);
            return self.fail(message);
        }
        TokenKind::End
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and texts of all tokens.
    fn tokens(source: &str) -> Vec<(&'static str, &str)> {
        tokenize(source.as_bytes(), false)
            .into_iter()
            .map(|token| (token.kind.name(), &source[token.start as usize..token.end as usize]))
            .collect()
    }

    #[test]
    fn trivia_is_kept() {
        assert_eq!(
            tokens("a<?php # x\n$a?->b; ?>\nc"),
            [
                ("T_INLINE_HTML", "a"),
                ("T_OPEN_TAG", "<?php "),
                ("T_COMMENT", "# x"),
                ("T_WHITESPACE", "\n"),
                ("T_VARIABLE", "$a"),
                ("T_NULLSAFE_OBJECT_OPERATOR", "?->"),
                ("T_STRING", "b"),
                ("", ";"),
                ("T_WHITESPACE", " "),
                ("T_CLOSE_TAG", "?>\n"),
                ("T_INLINE_HTML", "c"),
            ]
        );
    }

    #[test]
    fn words_depend_on_what_follows() {
        let kinds = |source: &str| -> Vec<_> {
            let names = tokens(source).into_iter().map(|(name, _)| name);
            names.filter(|name| !matches!(*name, "T_WHITESPACE" | "T_OPEN_TAG")).collect()
        };
        assert_eq!(kinds("<?php enum A"), ["T_ENUM", "T_STRING"]);
        assert_eq!(kinds("<?php enum extends"), ["T_STRING", "T_EXTENDS"]);
        assert_eq!(kinds("<?php yield  from "), ["T_YIELD_FROM"]);
        assert_eq!(kinds("<?php public(set)"), ["T_PUBLIC_SET"]);
        assert_eq!(kinds("<?php ( int )"), ["T_INT_CAST"]);
        assert_eq!(kinds("<?php namespace\\a"), ["T_NAME_RELATIVE"]);
        assert_eq!(
            kinds("<?php & $a & b"),
            [
                "T_AMPERSAND_FOLLOWED_BY_VAR_OR_VARARG",
                "T_VARIABLE",
                "T_AMPERSAND_NOT_FOLLOWED_BY_VAR_OR_VARARG",
                "T_STRING"
            ]
        );
    }
}
