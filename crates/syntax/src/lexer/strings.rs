//! Scanning of strings: quotes, backticks, heredocs and what stands inside of them.

use super::{Lexer, State, count_newlines, is_label, is_label_start};
use crate::token::TokenKind::{self, *};

/// What ends the literal text being scanned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Closer {
    Byte(u8),
    Label,
}

impl Lexer<'_> {
    /// A string literal with a `b` in front.
    pub(super) fn prefixed_string(&mut self) -> Option<TokenKind> {
        match self.peek(1) {
            b'\'' => Some(self.single_quoted(1)),
            b'"' => Some(self.double_quoted(1)),
            _ => self.heredoc_start(1),
        }
    }

    pub(super) fn single_quoted(&mut self, prefix: usize) -> TokenKind {
        let mut end = self.pos + prefix + 1;
        let mut lines = false;
        loop {
            match self.src.get(end) {
                None => {
                    self.pos = self.src.len();
                    return EncapsedAndWhitespace;
                }
                Some(b'\'') => break,
                Some(b'\\') if end + 1 < self.src.len() => {
                    lines |= self.src[end + 1] < b' ';
                    end += 2;
                }
                Some(&b) => {
                    lines |= b < b' ';
                    end += 1;
                }
            }
        }
        if lines {
            self.advance_lines(end + 1);
        }
        self.pos = end + 1;
        ConstantEncapsedString
    }

    /// The whole string if nothing is interpolated, otherwise its opening quote.
    pub(super) fn double_quoted(&mut self, prefix: usize) -> TokenKind {
        let start = self.pos + prefix + 1;
        let (end, escapes) = self.literal_end(start, Closer::Byte(b'"'));
        if self.src.get(end) == Some(&b'"') {
            if escapes && let Some(error) = self.check_escapes(start, end) {
                self.pos = end + 1;
                return error;
            }
            self.advance_lines(end + 1);
            return ConstantEncapsedString;
        }
        self.pos = start;
        self.state = State::DoubleQuotes;
        DoubleQuote
    }

    /// Offset of the first byte that is not literal text, and whether a backslash was seen.
    fn literal_end(&self, start: usize, closer: Closer) -> (usize, bool) {
        let mut at = start;
        let mut escapes = false;
        while let Some(&b) = self.src.get(at) {
            match b {
                b'$' => {
                    if self.src.get(at + 1).is_some_and(|&n| is_label_start(n) || n == b'{') {
                        break;
                    }
                }
                b'{' => {
                    if self.src.get(at + 1) == Some(&b'$') {
                        break;
                    }
                }
                b'\\' => {
                    escapes = true;
                    match (closer, self.src.get(at + 1)) {
                        (_, None) | (Closer::Label, Some(b'\n' | b'\r')) => {}
                        _ => at += 1,
                    }
                }
                b'\n' | b'\r' if closer == Closer::Label => {
                    let next = match (b, self.src.get(at + 1)) {
                        (b'\r', Some(b'\n')) => at + 2,
                        _ => at + 1,
                    };
                    if self.closing_label(next).is_some() {
                        return (next, escapes);
                    }
                }
                _ => {
                    if Closer::Byte(b) == closer {
                        break;
                    }
                }
            }
            at += 1;
        }
        (at.min(self.src.len()), escapes)
    }

    /// The error of a bad `\u{…}` between `start` and `end`.
    fn check_escapes(&mut self, start: usize, end: usize) -> Option<TokenKind> {
        if !self.options.strict {
            return None;
        }
        let text = &self.src[start..end];
        let mut at = 0;
        while at + 1 < text.len() {
            if text[at] != b'\\' {
                at += 1;
                continue;
            }
            if text[at + 1] != b'u' || text.get(at + 2) != Some(&b'{') {
                at += 2;
                continue;
            }
            let digits = &text[at + 3..];
            let len = digits.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            let message = if len == 0 || digits.get(len) != Some(&b'}') {
                "Invalid UTF-8 codepoint escape sequence"
            } else if digits[..len]
                .iter()
                .try_fold(0u32, |n, &b| {
                    let n = n * 16 + (b as char).to_digit(16)?;
                    (n <= 0x10_FFFF).then_some(n)
                })
                .is_none()
            {
                "Invalid UTF-8 codepoint escape sequence: Codepoint too large"
            } else {
                at += 3 + len;
                continue;
            };
            let line = self.line + count_newlines(&text[..at]);
            return Some(self.fail_at(message, line));
        }
        None
    }

    pub(super) fn scan_double_quotes(&mut self) -> TokenKind {
        if self.peek(0) == b'"' && !self.at_end() {
            self.pos += 1;
            self.state = State::Scripting;
            return DoubleQuote;
        }
        self.scan_encapsed(Closer::Byte(b'"'))
    }

    pub(super) fn scan_backquote(&mut self) -> TokenKind {
        if self.peek(0) == b'`' && !self.at_end() {
            self.pos += 1;
            self.state = State::Scripting;
            return Backtick;
        }
        self.scan_encapsed(Closer::Byte(b'`'))
    }

    pub(super) fn scan_heredoc(&mut self) -> TokenKind {
        self.scan_encapsed(Closer::Label)
    }

    /// A variable, the start of an embedded expression, or literal text.
    fn scan_encapsed(&mut self, closer: Closer) -> TokenKind {
        if self.at_end() {
            return self.finish();
        }
        let next = self.peek(1);
        match self.src[self.pos] {
            b'$' if is_label_start(next) => {
                self.pos = self.label_end(self.pos + 1);
                match self.rest() {
                    [b'[', ..] => self.push_state(State::VarOffset),
                    [b'-', b'>', b, ..] | [b'?', b'-', b'>', b, ..] if is_label_start(*b) => {
                        self.push_state(State::LookingForProperty);
                    }
                    _ => {}
                }
                return Variable;
            }
            b'$' if next == b'{' => {
                self.open(b'{');
                self.pos += 2;
                self.push_state(State::LookingForVarname);
                return DollarOpenCurlyBraces;
            }
            b'{' if next == b'$' => {
                self.open(b'{');
                self.pos += 1;
                self.push_state(State::Scripting);
                return CurlyOpen;
            }
            _ => {}
        }
        let start = self.pos;
        let (end, escapes) = self.literal_end(start, closer);
        if closer == Closer::Label && self.closing_label(end).is_some() {
            let newline = start < end && matches!(self.src[end - 1], b'\n' | b'\r');
            if newline {
                self.state = State::EndHeredoc;
            }
        }
        if escapes && let Some(error) = self.check_escapes(start, end) {
            self.pos = end;
            return error;
        }
        self.advance_lines(end);
        EncapsedAndWhitespace
    }

    /// `<<<LABEL`, `<<<"LABEL"` or `<<<'LABEL'` with its newline.
    pub(super) fn heredoc_start(&mut self, prefix: usize) -> Option<TokenKind> {
        if !self.src[self.pos + prefix..].starts_with(b"<<<") {
            return None;
        }
        let mut at = self.pos + prefix + 3;
        while matches!(self.src.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        let quote = match self.src.get(at) {
            Some(&q @ (b'\'' | b'"')) => {
                at += 1;
                q
            }
            _ => 0,
        };
        if !self.src.get(at).is_some_and(|&b| is_label_start(b)) {
            return None;
        }
        let label = (at, self.label_end(at));
        at = label.1;
        if quote != 0 {
            if self.src.get(at) != Some(&quote) {
                return None;
            }
            at += 1;
        }
        at += match (self.src.get(at), self.src.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\n' | b'\r'), _) => 1,
            _ => return None,
        };
        self.pos = at;
        self.line += 1;
        self.labels.push((label.0, label.1, self.line));
        self.state = if self.closing_label(at).is_some() {
            State::EndHeredoc
        } else if quote == b'\'' {
            State::Nowdoc
        } else {
            State::Heredoc
        };
        Some(StartHeredoc)
    }

    /// Offset behind the closing label of the innermost heredoc if its line starts at `at`.
    fn closing_label(&self, at: usize) -> Option<usize> {
        let &(start, end, _) = self.labels.last()?;
        let label = &self.src[start..end];
        let rest = self.src.get(at..)?;
        let indent = rest.iter().take_while(|&&b| b == b' ' || b == b'\t').count();
        let rest = &rest[indent..];
        let closes =
            rest.starts_with(label) && !rest.get(label.len()).is_some_and(|&b| is_label(b));
        closes.then_some(at + indent + label.len())
    }

    pub(super) fn scan_nowdoc(&mut self) -> TokenKind {
        if self.at_end() {
            return self.finish();
        }
        let mut at = self.pos;
        loop {
            match self.src.get(at) {
                None => break,
                Some(b'\r') if self.src.get(at + 1) == Some(&b'\n') => at += 2,
                Some(b'\n' | b'\r') => at += 1,
                Some(_) => {
                    at += 1;
                    continue;
                }
            }
            if self.closing_label(at).is_some() {
                self.state = State::EndHeredoc;
                break;
            }
        }
        self.advance_lines(at);
        EncapsedAndWhitespace
    }

    pub(super) fn scan_end_heredoc(&mut self) -> TokenKind {
        let end = self.closing_label(self.pos).unwrap_or(self.pos);
        let indent = &self.src[self.pos..end];
        let mixed = indent.contains(&b' ') && indent.contains(&b'\t');
        self.pos = end;
        let opened = self.labels.pop().map_or(self.line, |(_, _, line)| line);
        self.state = State::Scripting;
        if mixed && self.options.strict {
            let message = "Invalid indentation - tabs and spaces cannot be mixed";
            return self.fail_at(message, opened);
        }
        EndHeredoc
    }

    /// Between the brackets of `"$a[0]"`.
    pub(super) fn scan_var_offset(&mut self) -> TokenKind {
        if self.at_end() {
            return self.finish();
        }
        let b = self.src[self.pos];
        match b {
            b'$' if is_label_start(self.peek(1)) => {
                self.pos = self.label_end(self.pos + 1);
                Variable
            }
            b'0'..=b'9' => self.offset_number(),
            b']' => {
                self.pos += 1;
                self.pop_state();
                RightBracket
            }
            b' ' | b'\n' | b'\t' | b'\r' | b'\\' | b'\'' | b'#' => {
                self.pop_state();
                EncapsedAndWhitespace
            }
            _ if is_label_start(b) => {
                self.pos = self.label_end(self.pos);
                String
            }
            _ => {
                self.pos += 1;
                match TokenKind::from_id(b.into()) {
                    Some(kind) => kind,
                    None if b == b'&' => AmpersandNotFollowedByVarOrVararg,
                    None if self.options.strict => {
                        self.fail(format!("syntax error, unexpected character 0x{b:02X}"))
                    }
                    None => BadCharacter,
                }
            }
        }
    }

    fn offset_number(&mut self) -> TokenKind {
        let radix: fn(&u8) -> bool = match (self.src[self.pos], self.peek(1)) {
            (b'0', b'x' | b'X') => u8::is_ascii_hexdigit,
            (b'0', b'b' | b'B') => |b| matches!(b, b'0' | b'1'),
            (b'0', b'o' | b'O') => |b| (b'0'..=b'7').contains(b),
            _ => u8::is_ascii_digit,
        };
        let decimal = self.digits(self.pos, u8::is_ascii_digit);
        let prefixed = self.digits(self.pos + 2, radix);
        let special = !self.peek(1).is_ascii_digit() && prefixed > self.pos + 2;
        let letter = matches!(self.peek(1).to_ascii_lowercase(), b'x' | b'b' | b'o');
        self.pos = if letter && special { prefixed } else { decimal };
        NumString
    }
}
