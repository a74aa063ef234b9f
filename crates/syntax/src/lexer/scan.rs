//! Scanning of text outside of code and of code itself.

use super::keywords::keyword;
use super::{Lexer, State, is_label, is_label_start, is_space};
use crate::token::TokenKind::{self, *};

impl Lexer<'_> {
    /// Text up to the next open tag, or the tag.
    pub(super) fn scan_initial(&mut self) -> TokenKind {
        if self.at_end() {
            return self.finish();
        }
        if let Some((kind, len)) = self.open_tag(self.pos) {
            self.advance_lines(self.pos + len);
            self.state = State::Scripting;
            return kind;
        }
        let mut end = self.pos + 1;
        loop {
            match self.src[end..].iter().position(|&b| b == b'<') {
                None => {
                    end = self.src.len();
                    break;
                }
                Some(at) => end += at,
            }
            if self.open_tag(end).is_some() {
                break;
            }
            end += 1;
        }
        self.advance_lines(end);
        InlineHtml
    }

    /// The open tag at `at` and its length.
    fn open_tag(&self, at: usize) -> Option<(TokenKind, usize)> {
        let rest = &self.src[at..];
        if !rest.starts_with(b"<?") {
            return None;
        }
        if rest.get(2) == Some(&b'=') {
            return Some((OpenTagWithEcho, 3));
        }
        if rest.len() >= 5 && rest[2..5].eq_ignore_ascii_case(b"php") {
            match rest.get(5) {
                None => return Some((OpenTag, 5)),
                Some(b' ' | b'\t' | b'\n') => return Some((OpenTag, 6)),
                Some(b'\r') => {
                    return Some((OpenTag, if rest.get(6) == Some(&b'\n') { 7 } else { 6 }));
                }
                Some(_) => {}
            }
        }
        self.options.short_open_tag.then_some((OpenTag, 2))
    }

    /// Behind `->`.
    pub(super) fn scan_property(&mut self) -> TokenKind {
        let b = self.peek(0);
        if is_space(b) {
            return self.whitespace();
        }
        if is_label_start(b) && !self.at_end() {
            self.pop_state();
            self.pos = self.label_end(self.pos);
            return String;
        }
        let rest = self.rest();
        if rest.starts_with(b"->") {
            self.pos += 2;
            return ObjectOperator;
        }
        if rest.starts_with(b"?->") {
            self.pos += 3;
            return NullsafeObjectOperator;
        }
        if rest.starts_with(b"/*") || rest.starts_with(b"//") || b == b'#' {
            return self.comment();
        }
        self.pop_state();
        self.scan_again()
    }

    /// Behind `${`.
    pub(super) fn scan_varname(&mut self) -> TokenKind {
        self.state = State::Scripting;
        if is_label_start(self.peek(0)) && !self.at_end() {
            let end = self.label_end(self.pos);
            if matches!(self.src.get(end), Some(b'[' | b'}')) {
                self.pos = end;
                return StringVarname;
            }
        }
        self.scan_scripting()
    }

    fn scan_again(&mut self) -> TokenKind {
        match self.state {
            State::Scripting => self.scan_scripting(),
            State::DoubleQuotes => self.scan_double_quotes(),
            State::Backquote => self.scan_backquote(),
            State::Heredoc => self.scan_heredoc(),
            State::Nowdoc => self.scan_nowdoc(),
            State::EndHeredoc => self.scan_end_heredoc(),
            State::VarOffset => self.scan_var_offset(),
            State::Initial => self.scan_initial(),
            State::LookingForProperty => self.scan_property(),
            State::LookingForVarname => self.scan_varname(),
        }
    }

    fn whitespace(&mut self) -> TokenKind {
        let len = self.rest().iter().take_while(|&&b| is_space(b)).count();
        self.advance_lines(self.pos + len);
        Whitespace
    }

    /// Offset behind the identifier that starts at `at`.
    pub(super) fn label_end(&self, at: usize) -> usize {
        at + self.src[at..].iter().take_while(|&&b| is_label(b)).count()
    }

    /// Code.
    pub(super) fn scan_scripting(&mut self) -> TokenKind {
        if self.at_end() {
            return self.finish();
        }
        let b = self.src[self.pos];
        match b {
            b' ' | b'\t' | b'\n' | b'\r' => self.whitespace(),
            b'$' if is_label_start(self.peek(1)) => {
                self.pos = self.label_end(self.pos + 1);
                Variable
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'b' | b'B' if matches!(self.peek(1), b'\'' | b'"' | b'<') => {
                self.prefixed_string().unwrap_or_else(|| self.word())
            }
            _ if is_label_start(b) => self.word(),
            b'\\' => self.fully_qualified(),
            b'\'' => self.single_quoted(0),
            b'"' => self.double_quoted(0),
            b'`' => {
                self.pos += 1;
                self.state = State::Backquote;
                Backtick
            }
            b'#' if self.peek(1) == b'[' => {
                self.open(b'[');
                self.take(2, Attribute)
            }
            b'#' => self.comment(),
            b'/' if matches!(self.peek(1), b'/' | b'*') => self.comment(),
            b'?' if self.peek(1) == b'>' => self.close_tag(),
            b'(' => self.cast().unwrap_or_else(|| self.opening(b'(', LeftParen)),
            b'[' => self.opening(b'[', LeftBracket),
            b'{' => {
                self.push_state(State::Scripting);
                self.opening(b'{', LeftBrace)
            }
            b')' => self.closing(b')', RightParen),
            b']' => self.closing(b']', RightBracket),
            b'}' => {
                self.pop_state();
                self.closing(b'}', RightBrace)
            }
            b'<' if self.rest().starts_with(b"<<<") => {
                self.heredoc_start(0).unwrap_or_else(|| self.operator())
            }
            _ => self.operator(),
        }
    }

    fn take(&mut self, len: usize, kind: TokenKind) -> TokenKind {
        self.pos += len;
        kind
    }

    fn opening(&mut self, bracket: u8, kind: TokenKind) -> TokenKind {
        self.open(bracket);
        self.take(1, kind)
    }

    fn closing(&mut self, bracket: u8, kind: TokenKind) -> TokenKind {
        self.pos += 1;
        self.close(bracket, kind)
    }

    fn close_tag(&mut self) -> TokenKind {
        self.pos += 2;
        let newline = match (self.peek(0), self.peek(1)) {
            (b'\r', b'\n') => 2,
            (b'\n' | b'\r', _) => 1,
            _ => 0,
        };
        if newline > 0 && !self.at_end() {
            self.pos += newline;
            self.newline_pending = true;
        }
        self.state = State::Initial;
        CloseTag
    }

    fn comment(&mut self) -> TokenKind {
        let rest = self.rest();
        if rest.starts_with(b"/*") {
            let doc = rest.len() > 3 && rest[2] == b'*' && is_space(rest[3]);
            let kind = if doc { DocComment } else { Comment };
            let Some(len) = rest[2..].windows(2).position(|w| w == b"*/") else {
                let line = self.line;
                self.advance_lines(self.src.len());
                if self.options.strict {
                    let message = format!("Unterminated comment starting line {line}");
                    return self.fail_at(message, line);
                }
                return kind;
            };
            self.advance_lines(self.pos + len + 4);
            return kind;
        }
        let mut len = 1;
        while let Some(&b) = rest.get(len) {
            if matches!(b, b'\n' | b'\r') || (b == b'?' && rest.get(len + 1) == Some(&b'>')) {
                break;
            }
            len += 1;
        }
        self.take(len, Comment)
    }

    fn fully_qualified(&mut self) -> TokenKind {
        match self.qualified_end(self.pos) {
            Some(end) => {
                self.pos = end;
                NameFullyQualified
            }
            None => self.take(1, NsSeparator),
        }
    }

    /// Offset behind `(\label)+` at `at`, if there is at least one.
    fn qualified_end(&self, at: usize) -> Option<usize> {
        let mut end = at;
        while self.src.get(end) == Some(&b'\\')
            && self.src.get(end + 1).is_some_and(|&b| is_label_start(b))
        {
            end = self.label_end(end + 1);
        }
        (end > at).then_some(end)
    }

    fn word(&mut self) -> TokenKind {
        let start = self.pos;
        let end = self.label_end(start);
        let text = &self.src[start..end];
        if let Some(end) = self.qualified_end(end) {
            self.pos = end;
            return if text.eq_ignore_ascii_case(b"namespace") {
                NameRelative
            } else {
                NameQualified
            };
        }
        self.pos = end;
        match keyword(text) {
            None => String,
            Some(Enum) => self.enum_word(end),
            Some(Yield) => self.yield_word(end),
            Some(kind @ (Public | Protected | Private))
                if self.src[end..]
                    .get(..5)
                    .is_some_and(|rest| rest.eq_ignore_ascii_case(b"(set)")) =>
            {
                self.pos = end + 5;
                match kind {
                    Public => PublicSet,
                    Protected => ProtectedSet,
                    _ => PrivateSet,
                }
            }
            Some(kind) => kind,
        }
    }

    /// Offset behind white space and comments that start at `at`.
    fn skip_trivia(&self, mut at: usize) -> usize {
        loop {
            let rest = &self.src[at..];
            let step = match rest {
                [b, ..] if is_space(*b) => 1,
                [b'/', b'*', body @ ..] => match body.windows(2).position(|w| w == b"*/") {
                    Some(len) => len + 4,
                    None => return at,
                },
                [b'#', b'[', ..] => return at,
                [b'#', ..] | [b'/', b'/', ..] => {
                    match rest.iter().position(|&b| matches!(b, b'\n' | b'\r')) {
                        Some(len) => len + 1,
                        None => return at,
                    }
                }
                _ => return at,
            };
            at += step;
        }
    }

    /// `enum` is a keyword only in front of the name of an enum.
    fn enum_word(&self, end: usize) -> TokenKind {
        let next = self.skip_trivia(end);
        if next == end || !self.src.get(next).is_some_and(|&b| is_label_start(b)) {
            return String;
        }
        let rest = &self.src[next..];
        for word in [&b"extends"[..], b"implements"] {
            if rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word) {
                return String;
            }
        }
        Enum
    }

    fn yield_word(&mut self, end: usize) -> TokenKind {
        let next = self.skip_trivia(end);
        let rest = &self.src[next..];
        let from = next > end
            && rest.len() >= 4
            && rest[..4].eq_ignore_ascii_case(b"from")
            && !rest.get(4).is_some_and(|&b| is_label(b));
        if !from {
            return Yield;
        }
        self.advance_lines(next + 4);
        YieldFrom
    }

    /// `(int)` and the like.
    fn cast(&mut self) -> Option<TokenKind> {
        let rest = self.rest();
        let blank =
            |at: usize| at + rest[at..].iter().take_while(|&&b| b == b' ' || b == b'\t').count();
        let start = blank(1);
        let end = start + rest[start..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if end == start || end - start > 7 {
            return None;
        }
        let close = blank(end);
        if rest.get(close) != Some(&b')') {
            return None;
        }
        let kind = match rest[start..end].to_ascii_lowercase().as_slice() {
            b"int" | b"integer" => IntCast,
            b"float" | b"double" => DoubleCast,
            b"real" => {
                if self.options.strict {
                    self.pos += close + 1;
                    return Some(
                        self.fail("The (real) cast has been removed, use (float) instead"),
                    );
                }
                DoubleCast
            }
            b"string" | b"binary" => StringCast,
            b"array" => ArrayCast,
            b"object" => ObjectCast,
            b"bool" | b"boolean" => BoolCast,
            b"unset" => UnsetCast,
            _ => return None,
        };
        Some(self.take(close + 1, kind))
    }

    fn operator(&mut self) -> TokenKind {
        let rest = self.rest();
        let b1 = rest.get(1).copied().unwrap_or(0);
        let b2 = rest.get(2).copied().unwrap_or(0);
        let (len, kind) = match (rest[0], b1, b2) {
            (b';', ..) => (1, Semicolon),
            (b',', ..) => (1, Comma),
            (b'=', b'=', b'=') => (3, IsIdentical),
            (b'=', b'=', _) => (2, IsEqual),
            (b'=', b'>', _) => (2, DoubleArrow),
            (b'=', ..) => (1, Equal),
            (b'-', b'>', _) => {
                self.push_state(State::LookingForProperty);
                (2, ObjectOperator)
            }
            (b'-', b'-', _) => (2, Dec),
            (b'-', b'=', _) => (2, MinusEqual),
            (b'-', ..) => (1, Minus),
            (b':', b':', _) => (2, PaamayimNekudotayim),
            (b':', ..) => (1, Colon),
            (b'.', b'.', b'.') => (3, Ellipsis),
            (b'.', b'=', _) => (2, ConcatEqual),
            (b'.', ..) => (1, Dot),
            (b'?', b'?', b'=') => (3, CoalesceEqual),
            (b'?', b'?', _) => (2, Coalesce),
            (b'?', b'-', b'>') => {
                self.push_state(State::LookingForProperty);
                (3, NullsafeObjectOperator)
            }
            (b'?', ..) => (1, Question),
            (b'!', b'=', b'=') => (3, IsNotIdentical),
            (b'!', b'=', _) => (2, IsNotEqual),
            (b'!', ..) => (1, Exclamation),
            (b'<', b'=', b'>') => (3, Spaceship),
            (b'<', b'<', b'=') => (3, SlEqual),
            (b'<', b'=', _) => (2, IsSmallerOrEqual),
            (b'<', b'>', _) => (2, IsNotEqual),
            (b'<', b'<', _) => (2, Sl),
            (b'<', ..) => (1, Less),
            (b'>', b'>', b'=') => (3, SrEqual),
            (b'>', b'=', _) => (2, IsGreaterOrEqual),
            (b'>', b'>', _) => (2, Sr),
            (b'>', ..) => (1, Greater),
            (b'+', b'+', _) => (2, Inc),
            (b'+', b'=', _) => (2, PlusEqual),
            (b'+', ..) => (1, Plus),
            (b'*', b'*', b'=') => (3, PowEqual),
            (b'*', b'*', _) => (2, Pow),
            (b'*', b'=', _) => (2, MulEqual),
            (b'*', ..) => (1, Star),
            (b'/', b'=', _) => (2, DivEqual),
            (b'/', ..) => (1, Slash),
            (b'%', b'=', _) => (2, ModEqual),
            (b'%', ..) => (1, Percent),
            (b'&', b'&', _) => (2, BooleanAnd),
            (b'&', b'=', _) => (2, AndEqual),
            (b'&', ..) => (1, self.ampersand()),
            (b'|', b'|', _) => (2, BooleanOr),
            (b'|', b'=', _) => (2, OrEqual),
            (b'|', ..) => (1, Bar),
            (b'^', b'=', _) => (2, XorEqual),
            (b'^', ..) => (1, Caret),
            (b'~', ..) => (1, Tilde),
            (b'@', ..) => (1, At),
            (b'$', ..) => (1, Dollar),
            (other, ..) => {
                self.pos += 1;
                if self.options.strict {
                    return self.fail(format!("syntax error, unexpected character 0x{other:02X}"));
                }
                return BadCharacter;
            }
        };
        self.take(len, kind)
    }

    /// PHP tells a reference's `&` from the operator by what follows.
    fn ampersand(&self) -> TokenKind {
        let next = self.skip_trivia(self.pos + 1);
        let rest = &self.src[next..];
        if rest.starts_with(b"$") || rest.starts_with(b"...") {
            AmpersandFollowedByVarOrVararg
        } else {
            AmpersandNotFollowedByVarOrVararg
        }
    }

    pub(super) fn digits(&self, at: usize, digit: fn(&u8) -> bool) -> usize {
        let mut end = at;
        while let Some(b) = self.src.get(end) {
            let separator = *b == b'_' && end > at && self.src.get(end + 1).is_some_and(digit);
            if !digit(b) && !separator {
                break;
            }
            end += 1;
        }
        end
    }

    fn number(&mut self) -> TokenKind {
        let start = self.pos;
        if self.src[start] == b'0' {
            let digit: Option<fn(&u8) -> bool> = match self.peek(1) {
                b'x' | b'X' => Some(u8::is_ascii_hexdigit),
                b'b' | b'B' => Some(|b| matches!(b, b'0' | b'1')),
                b'o' | b'O' => Some(|b| (b'0'..=b'7').contains(b)),
                _ => None,
            };
            if let Some(digit) = digit {
                let end = self.digits(start + 2, digit);
                if end > start + 2 {
                    self.pos = end;
                    return self.integer(start);
                }
            }
        }
        let mut end = self.digits(start, u8::is_ascii_digit);
        let mut float = false;
        if self.src.get(end) == Some(&b'.') {
            float = true;
            end = self.digits(end + 1, u8::is_ascii_digit);
        }
        if matches!(self.src.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.src.get(end + 1), Some(b'+' | b'-')));
            let exponent = self.digits(end + 1 + sign, u8::is_ascii_digit);
            if exponent > end + 1 + sign {
                float = true;
                end = exponent;
            }
        }
        self.pos = end;
        if float { DNumber } else { self.integer(start) }
    }

    /// An integer literal, which is a float if it overflows.
    fn integer(&mut self, start: usize) -> TokenKind {
        let text = &self.src[start..self.pos];
        let octal = text[0] == b'0' && text.iter().all(|b| b.is_ascii_digit() || *b == b'_');
        if octal && text.iter().any(|b| matches!(b, b'8' | b'9')) && self.options.strict {
            return self.fail("Invalid numeric literal");
        }
        match super::parse_number(text, LNumber) {
            super::Number::Int(_) => LNumber,
            super::Number::Float(_) => DNumber,
        }
    }
}
