//! Splits ini text into tokens.

use crate::Mode;

/// A token, with the name PHP gives it in messages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    End,
    EndOfLine,
    Section,
    Offset(Vec<u8>),
    Label(Vec<u8>),
    Raw(Vec<u8>),
    Constant(Vec<u8>),
    Number(Vec<u8>),
    Text(Vec<u8>),
    Whitespace(Vec<u8>),
    Quoted(Vec<u8>),
    True,
    False,
    Null,
    DollarCurly,
    VarName(Vec<u8>),
    Fallback,
    Byte(u8),
}

impl Token {
    pub(crate) fn name(&self) -> String {
        match self {
            Token::End => "end of file".into(),
            Token::EndOfLine => "END_OF_LINE".into(),
            Token::Section => "TC_SECTION".into(),
            Token::Offset(_) => "TC_OFFSET".into(),
            Token::Label(_) => "TC_LABEL".into(),
            Token::Raw(_) => "TC_RAW".into(),
            Token::Constant(_) => "TC_CONSTANT".into(),
            Token::Number(_) => "TC_NUMBER".into(),
            Token::Text(_) => "TC_STRING".into(),
            Token::Whitespace(_) => "TC_WHITESPACE".into(),
            Token::Quoted(_) => "TC_QUOTED_STRING".into(),
            Token::True => "BOOL_TRUE".into(),
            Token::False => "BOOL_FALSE".into(),
            Token::Null => "NULL_NULL".into(),
            Token::DollarCurly => "TC_DOLLAR_CURLY".into(),
            Token::VarName(_) => "TC_VARNAME".into(),
            Token::Fallback => "TC_FALLBACK".into(),
            Token::Byte(byte) => format!("'{}'", char::from(*byte)),
        }
    }
}

/// What the scanner is inside of.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Initial,
    Value,
    Raw,
    Offset,
    Section,
    SectionRaw,
    Quotes,
    VarName,
    Fallback,
}

pub(crate) struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    mode: Mode,
    state: State,
    outer: Vec<State>,
    pub(crate) line: usize,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_label(byte: u8) -> bool {
    !matches!(
        byte,
        b'=' | b'\n'
            | b'\r'
            | b'\t'
            | b';'
            | b'&'
            | b'|'
            | b'^'
            | b'$'
            | b'~'
            | b'('
            | b')'
            | b'{'
            | b'}'
            | b'!'
            | b'"'
            | b'['
            | b']'
            | 0
    )
}

fn trim(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().take_while(|b| is_blank(**b)).count();
    let end = bytes.iter().rposition(|b| !is_blank(*b)).map_or(start, |at| at + 1);
    &bytes[start..end]
}

fn keyword(word: &[u8]) -> Option<Token> {
    match word.to_ascii_lowercase().as_slice() {
        b"true" | b"on" | b"yes" => Some(Token::True),
        b"false" | b"off" | b"no" | b"none" => Some(Token::False),
        b"null" => Some(Token::Null),
        _ => None,
    }
}

fn is_constant(word: &[u8]) -> bool {
    !word[0].is_ascii_digit() && word.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Digits with a sign, or digits around a point without one.
fn is_number(word: &[u8]) -> bool {
    if let Some(digits) = word.strip_prefix(b"-") {
        return !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    }
    let points = word.iter().filter(|b| **b == b'.').count();
    word.len() > points && points <= 1 && word.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a [u8], mode: Mode) -> Self {
        // A byte order mark is no part of the first line.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        Self { text, at: 0, mode, state: State::Initial, outer: Vec::new(), line: 1 }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn ended(&self) -> bool {
        self.at >= self.text.len()
    }

    fn skip_blanks(&mut self) {
        while is_blank(self.peek(0)) {
            self.at += 1;
        }
    }

    /// Skips a line end, if there is one here.
    fn newline(&mut self) -> bool {
        match (self.peek(0), self.peek(1)) {
            (b'\r', b'\n') => self.at += 2,
            (b'\r' | b'\n', _) => self.at += 1,
            _ => return false,
        }
        self.line += 1;
        true
    }

    fn stop(&mut self) -> Token {
        self.at = self.text.len();
        self.state = State::Initial;
        self.outer.clear();
        Token::End
    }

    fn enter(&mut self, state: State) {
        self.outer.push(self.state);
        self.state = state;
    }

    fn leave(&mut self) {
        self.state = self.outer.pop().unwrap_or(State::Initial);
    }

    pub(crate) fn next(&mut self) -> Token {
        match self.state {
            State::Initial => self.initial(),
            State::Value => self.value(),
            State::Raw => self.raw(),
            State::Offset | State::Section | State::Fallback => self.inner(),
            State::SectionRaw => self.section_raw(),
            State::Quotes => self.quotes(),
            State::VarName => self.var_name(),
        }
    }

    /// Finishes a comment that starts here: without a line end it ends the text.
    fn comment(&mut self) -> Token {
        while !self.ended() && !matches!(self.peek(0), b'\n' | b'\r') {
            self.at += 1;
        }
        if self.newline() {
            self.state = State::Initial;
            Token::EndOfLine
        } else {
            self.stop()
        }
    }

    fn initial(&mut self) -> Token {
        while self.peek(0) == b'\t' {
            self.at += 1;
        }
        let start = self.at;
        self.skip_blanks();
        match self.peek(0) {
            0 => {
                if self.at > start {
                    return Token::Label(Vec::new());
                }
                return self.stop();
            }
            b';' => return self.comment(),
            b'\n' | b'\r' => {
                self.newline();
                return Token::EndOfLine;
            }
            b'=' => {
                self.at += 1;
                self.skip_blanks();
                self.state = if self.mode == Mode::Raw { State::Raw } else { State::Value };
                return Token::Byte(b'=');
            }
            b'[' if self.at == start => {
                self.at += 1;
                self.state =
                    if self.mode == Mode::Raw { State::SectionRaw } else { State::Section };
                return Token::Section;
            }
            b'[' => {}
            byte if !is_label(byte) => {
                self.at += 1;
                if byte == b']' {
                    self.skip_blanks();
                    self.newline();
                }
                return Token::Byte(byte);
            }
            _ => {}
        }
        let from = self.at;
        while is_label(self.peek(0)) {
            self.at += 1;
        }
        let label = trim(&self.text[from..self.at]).to_vec();
        let whole_word = from == start;
        if self.peek(0) == b'[' {
            self.at += 1;
            self.skip_blanks();
            self.state = State::Offset;
            return Token::Offset(label);
        }
        match keyword(&label) {
            Some(token) if whole_word => {
                self.skip_blanks();
                token
            }
            _ => Token::Label(label),
        }
    }

    fn value(&mut self) -> Token {
        if self.ended() {
            self.state = State::Initial;
            return Token::EndOfLine;
        }
        let start = self.at;
        self.skip_blanks();
        let blanks = self.at > start;
        match self.peek(0) {
            b'\n' | b'\r' => {
                self.newline();
                self.state = State::Initial;
                return Token::EndOfLine;
            }
            b';' => return self.comment(),
            byte @ (b'=' | b'&' | b'|' | b'^' | b'~' | b'(' | b')' | b'!') => {
                self.at += 1;
                self.skip_blanks();
                return Token::Byte(byte);
            }
            b'"' => return self.open_quotes(),
            _ if blanks => return Token::Whitespace(self.text[start..self.at].to_vec()),
            0 => return self.stop(),
            b'\'' => return self.single_quoted(),
            b'$' if self.peek(1) == b'{' => return self.open_variable(),
            _ => {}
        }
        self.take_word(|byte| {
            !matches!(
                byte,
                b'=' | b' '
                    | b'\t'
                    | b'\n'
                    | b'\r'
                    | b';'
                    | b'&'
                    | b'|'
                    | b'^'
                    | b'~'
                    | b'('
                    | b')'
                    | b'!'
                    | b'"'
                    | b'\''
                    | 0
            )
        });
        let word = &self.text[start..self.at];
        if word.is_empty() {
            // A lone dollar at the end.
            self.at = self.text.len();
            self.state = State::Initial;
            return Token::EndOfLine;
        }
        if let Some(token) = keyword(word) {
            self.skip_blanks();
            return token;
        }
        self.word_token(start)
    }

    fn word_token(&self, start: usize) -> Token {
        let word = &self.text[start..self.at];
        if is_constant(word) {
            Token::Constant(word.to_vec())
        } else if is_number(word) {
            Token::Number(word.to_vec())
        } else {
            Token::Text(word.to_vec())
        }
    }

    /// Moves over bytes that `belongs` accepts and dollars that start no variable.
    fn take_word(&mut self, belongs: impl Fn(u8) -> bool) {
        loop {
            match self.peek(0) {
                b'$' if matches!(self.peek(1), b'{' | 0) => return,
                b'$' => self.at += 2,
                byte if belongs(byte) => self.at += 1,
                _ => return,
            }
        }
    }

    fn open_quotes(&mut self) -> Token {
        self.at += 1;
        self.enter(State::Quotes);
        Token::Byte(b'"')
    }

    fn open_variable(&mut self) -> Token {
        self.at += 2;
        self.enter(State::VarName);
        Token::DollarCurly
    }

    fn single_quoted(&mut self) -> Token {
        let rest = &self.text[self.at + 1..];
        let Some(length) = rest.iter().position(|b| *b == b'\'') else {
            return self.stop();
        };
        self.at += length + 2;
        Token::Raw(rest[..length].to_vec())
    }

    /// Scans a section's name, an array offset or the fallback of a variable.
    fn inner(&mut self) -> Token {
        let start = self.at;
        let closing = if self.state == State::Fallback { b'}' } else { b']' };
        self.skip_blanks();
        if self.peek(0) == b'"' {
            return self.open_quotes();
        }
        self.at = start;
        match self.peek(0) {
            byte if byte == closing => {
                self.at += 1;
                if closing == b'}' {
                    self.leave();
                } else {
                    let section = self.state == State::Section;
                    self.state = State::Initial;
                    self.after_bracket(section);
                }
                return Token::Byte(closing);
            }
            b'\'' if closing == b']' => return self.single_quoted(),
            b'$' if self.peek(1) == b'{' => return self.open_variable(),
            _ => {}
        }
        loop {
            match self.peek(0) {
                b'\\' if self.peek(1) != 0 => self.at += 2,
                b'$' if matches!(self.peek(1), b'{' | 0) => break,
                b'$' => self.at += 2,
                0 | b'\n' | b'\r' | b';' | b'"' | b'\'' | b'\\' => break,
                byte if byte == closing => break,
                _ => self.at += 1,
            }
        }
        if self.at == start {
            return self.stop();
        }
        if self.state == State::Section {
            Token::Text(self.text[start..self.at].to_vec())
        } else {
            self.word_token(start)
        }
    }

    fn after_bracket(&mut self, section: bool) {
        if section {
            self.skip_blanks();
            self.newline();
        }
    }

    fn section_raw(&mut self) -> Token {
        let start = self.at;
        if self.peek(0) == b']' {
            self.at += 1;
            self.state = State::Initial;
            self.after_bracket(true);
            return Token::Byte(b']');
        }
        while !matches!(self.peek(0), b']' | b'\n' | b'\r' | 0) {
            self.at += 1;
        }
        if self.at == start {
            return self.stop();
        }
        Token::Raw(self.text[start..self.at].to_vec())
    }

    fn quotes(&mut self) -> Token {
        let start = self.at;
        while !self.ended() {
            match self.peek(0) {
                b'"' if start < self.at && self.quote_is_escaped() => self.at += 1,
                b'"' => break,
                b'$' if self.peek(1) == b'{' => break,
                b'\\' if self.at + 1 < self.text.len() && self.peek(1) != b'"' => self.at += 2,
                _ => self.at += 1,
            }
        }
        if self.at > start {
            let raw = &self.text[start..self.at];
            return Token::Quoted(self.unescape(raw));
        }
        if self.ended() {
            return self.stop();
        }
        if self.peek(0) == b'$' {
            return self.open_variable();
        }
        self.at += 1;
        self.skip_blanks();
        self.leave();
        Token::Byte(b'"')
    }

    /// A lone backslash before a quote escapes it, unless the line ends right after.
    fn quote_is_escaped(&self) -> bool {
        self.text[..self.at].ends_with(b"\\")
            && !self.text[..self.at].ends_with(b"\\\\")
            && self.at + 1 < self.text.len()
            && !matches!(self.peek(1), b'\n' | b'\r')
    }

    fn unescape(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(raw.len());
        let mut at = 0;
        while at < raw.len() {
            match (raw[at], raw.get(at + 1)) {
                (b'\\', Some(&escaped @ (b'"' | b'\\' | b'$'))) => {
                    out.push(escaped);
                    at += 1;
                }
                (byte, next) => {
                    if byte == b'\n' || (byte == b'\r' && next != Some(&b'\n')) {
                        self.line += 1;
                    }
                    out.push(byte);
                }
            }
            at += 1;
        }
        out
    }

    fn var_name(&mut self) -> Token {
        if self.peek(0) == b'}' {
            self.at += 1;
            self.leave();
            return Token::Byte(b'}');
        }
        if self.peek(0) == b':' && self.peek(1) == b'-' {
            self.at += 2;
            self.state = State::Fallback;
            return Token::Fallback;
        }
        let start = self.at;
        while is_label(self.peek(0)) && !(self.peek(0) == b':' && self.peek(1) == b'-') {
            self.at += 1;
        }
        if self.at == start {
            return self.stop();
        }
        Token::VarName(self.text[start..self.at].to_vec())
    }

    /// Takes the rest of a line as it stands.
    fn raw(&mut self) -> Token {
        if self.ended() {
            self.state = State::Initial;
            return Token::EndOfLine;
        }
        self.skip_blanks();
        match self.peek(0) {
            b'\n' | b'\r' => {
                self.newline();
                self.state = State::Initial;
                return Token::EndOfLine;
            }
            b';' => return self.comment(),
            0 => {
                let ended = self.ended();
                self.stop();
                return if ended { Token::EndOfLine } else { Token::End };
            }
            _ => {}
        }
        let start = self.at;
        let quoted = self.peek(0) == b'"';
        let mut comment = None;
        while !self.ended() && !matches!(self.peek(0), b'\n' | b'\r' | 0) {
            match self.peek(0) {
                b';' => comment = comment.or(Some(self.at)),
                b'"' if quoted => comment = None,
                _ => {}
            }
            self.at += 1;
        }
        self.at = comment.unwrap_or(self.at);
        let value = trim(&self.text[start..self.at]);
        let value = match value {
            [b'"', inner @ .., b'"'] => inner,
            other => other,
        };
        Token::Raw(value.to_vec())
    }
}
