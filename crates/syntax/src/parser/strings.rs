//! Strings: escapes, interpolation, the indentation of heredocs.

use super::{Parser, Result, span_of};
use crate::ast::{Bytes, Expr, ExprKind, Selector, StringPart};
use crate::error::{Notice, NoticeLevel, ParseError};
use crate::lexer::parse_num_string;
use crate::token::{Token, TokenKind as T};

/// One piece of a string before its text is decoded.
enum Piece {
    Text(Token),
    Expr(Expr),
}

impl Piece {
    fn line(&self) -> u32 {
        match self {
            Piece::Text(token) => token.line,
            Piece::Expr(expr) => expr.span.line,
        }
    }
}

const EMBEDDED: [T; 3] = [T::Variable, T::DollarOpenCurlyBraces, T::CurlyOpen];
const OFFSET: [T; 4] = [T::Minus, T::String, T::Variable, T::NumString];
/// What PHP names behind a variable that has not ended.
pub(super) const AFTER_VARIABLE: [T; 3] =
    [T::ObjectOperator, T::NullsafeObjectOperator, T::LeftBracket];

impl Parser<'_> {
    /// A string token without interpolation.
    pub(super) fn constant_string(&mut self) -> Expr {
        let token = self.advance();
        let mut text = self.text(token);
        if matches!(text[0], b'b' | b'B') {
            text = &text[1..];
        }
        let quote = text[0];
        let body = &text[1..text.len() - 1];
        let value = if !body.contains(&b'\\') {
            Bytes::new(body)
        } else if quote == b'\'' {
            unescape_single(body).into()
        } else {
            self.unescape(body, Some(quote), token.line).into()
        };
        Expr { span: span_of(token), kind: ExprKind::String(value) }
    }

    /// `"…"` with interpolation.
    pub(super) fn interpolated_string(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        let pieces = self.pieces(T::DoubleQuote)?;
        let parts = self.decode(pieces, b'"');
        Ok(Expr { span: self.span_from(start), kind: ExprKind::Interpolated(parts) })
    }

    /// `` `…` ``
    pub(super) fn shell_exec(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        let pieces = self.pieces(T::Backtick)?;
        let parts = self.decode(pieces, b'`');
        Ok(Expr { span: self.span_from(start), kind: ExprKind::ShellExec(parts) })
    }

    fn decode(&mut self, pieces: Vec<Piece>, quote: u8) -> Vec<StringPart> {
        let decode = |piece| match piece {
            Piece::Expr(expr) => StringPart::Expr(expr),
            Piece::Text(token) => {
                let text = self.text(token);
                StringPart::Literal(self.unescape(text, Some(quote), token.line).into())
            }
        };
        pieces.into_iter().map(decode).collect()
    }

    /// Literal text and embedded expressions up to `close`, which is consumed.
    fn pieces(&mut self, close: T) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        loop {
            match self.token.kind {
                T::EncapsedAndWhitespace => {
                    let token = self.advance();
                    pieces.push(Piece::Text(token));
                }
                T::Variable => pieces.push(Piece::Expr(self.plain_variable()?)),
                T::DollarOpenCurlyBraces => {
                    let expr = self.dollar_brace(pieces.last().map(Piece::line))?;
                    pieces.push(Piece::Expr(expr));
                }
                T::CurlyOpen => {
                    self.advance();
                    let variable = self.variable(&[])?;
                    self.expect_among(T::RightBrace, &AFTER_VARIABLE)?;
                    pieces.push(Piece::Expr(variable));
                }
                kind if kind == close => {
                    self.advance();
                    return Ok(pieces);
                }
                _ => return Err(self.unclosed_string(&pieces, close)),
            }
        }
    }

    fn unclosed_string(&self, pieces: &[Piece], close: T) -> Box<ParseError> {
        let [variable, dollar, curly] = EMBEDDED;
        let text = T::EncapsedAndWhitespace;
        match (pieces, close) {
            (_, T::Backtick) => self.unexpected(&[T::Backtick]),
            ([Piece::Text(_)], T::EndHeredoc) => {
                self.unexpected(&[variable, T::EndHeredoc, dollar, curly])
            }
            ([Piece::Text(_)], _) => self.unexpected(&EMBEDDED),
            ([], T::DoubleQuote) => self.unexpected(&[variable, text, dollar, curly]),
            _ => self.unexpected(&[]),
        }
    }

    /// `$a`, `$a[0]` or `$a->b` inside a string.
    fn plain_variable(&mut self) -> Result<Expr> {
        let base = self.simple_variable()?;
        match self.token.kind {
            T::LeftBracket => {
                self.advance();
                let index = self.string_offset()?;
                self.expect(T::RightBracket)?;
                let span = self.span_from(base.span);
                let index = Some(Box::new(index));
                Ok(Expr { span, kind: ExprKind::Index { base: Box::new(base), index } })
            }
            T::ObjectOperator | T::NullsafeObjectOperator => {
                let nullsafe = self.advance().kind == T::NullsafeObjectOperator;
                let token = self.expect(T::String)?;
                let name = Selector::Name(Box::new(self.ident(token)));
                let span = self.span_from(base.span);
                Ok(Expr {
                    span,
                    kind: ExprKind::Property { object: Box::new(base), name, nullsafe },
                })
            }
            _ => Ok(base),
        }
    }

    fn string_offset(&mut self) -> Result<Expr> {
        let token = self.token;
        let span = span_of(token);
        let text = self.text(token);
        let kind = match token.kind {
            T::String => ExprKind::String(Bytes::new(text)),
            T::Variable => return self.simple_variable(),
            T::NumString => match parse_num_string(text) {
                Some(value) => ExprKind::Int(value),
                None => ExprKind::String(Bytes::new(text)),
            },
            T::Minus => {
                self.advance();
                let number = self.expect(T::NumString)?;
                let text = self.text(number);
                let kind = match parse_num_string(text) {
                    Some(value) if value != 0 => ExprKind::Int(-value),
                    _ => ExprKind::String([b"-", text].concat().into()),
                };
                return Ok(Expr { span: self.span_from(span), kind });
            }
            _ => return Err(self.unexpected(&OFFSET)),
        };
        self.advance();
        Ok(Expr { span, kind })
    }

    /// `${name}`, `${name[expr]}` or `${expr}` inside a string. It is reported for the line `before`, where the
    /// piece in front of it begins, if there is one.
    fn dollar_brace(&mut self, before: Option<u32>) -> Result<Expr> {
        const NAMED: &str = "Using ${var} in strings is deprecated, use {$var} instead";
        const COMPUTED: &str =
            "Using ${expr} (variable variables) in strings is deprecated, use {${expr}} instead";
        let start = span_of(self.advance());
        let (kind, message) = if self.at(T::StringVarname) {
            let token = self.advance();
            let name = ExprKind::Variable(Bytes::new(self.text(token)));
            if self.eat(T::LeftBracket) {
                let index = self.expr()?;
                self.expect_among(T::RightBracket, &[])?;
                let base = Box::new(Expr { span: span_of(token), kind: name });
                (ExprKind::Index { base, index: Some(Box::new(index)) }, NAMED)
            } else {
                (name, NAMED)
            }
        } else {
            (ExprKind::VariableVariable(Box::new(self.expr()?)), COMPUTED)
        };
        let inner = match &kind {
            ExprKind::VariableVariable(inner) => inner.span.line,
            _ => start.line,
        };
        let line = before.unwrap_or(inner);
        let expected: &[T] = if message == NAMED { &[T::RightBrace] } else { &[] };
        self.expect_among(T::RightBrace, expected)?;
        let span = self.span_from(start);
        self.notices.push(Notice {
            level: NoticeLevel::Deprecated,
            message: message.into(),
            line,
            at: Some(span.start),
        });
        Ok(Expr { span, kind })
    }

    /// A heredoc or nowdoc.
    pub(super) fn heredoc(&mut self) -> Result<Expr> {
        let open = self.advance();
        let nowdoc = self.text(open).contains(&b'\'');
        let mut start = span_of(open);
        let pieces = if self.at(T::EndHeredoc) { Vec::new() } else { self.text_pieces()? };
        let end = self.expect(T::EndHeredoc)?;
        let closing = self.text(end);
        let indent: &[u8] = {
            let len = closing.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            &closing[..len]
        };
        let last = pieces.len().saturating_sub(1);
        let mut parts = Vec::with_capacity(pieces.len());
        for (i, piece) in pieces.into_iter().enumerate() {
            let token = match piece {
                Piece::Expr(expr) => {
                    parts.push(StringPart::Expr(expr));
                    continue;
                }
                Piece::Text(token) => token,
            };
            let mut text = self.text(token);
            if i == last {
                text = match text {
                    [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n'] | [rest @ .., b'\r'] => rest,
                    _ => text,
                };
            }
            let at_end = i == last && text.len() < self.text(token).len();
            let stripped = self.strip_indent(token, text, indent, at_end)?;
            let value = if nowdoc { stripped } else { self.unescape(&stripped, None, token.line) };
            if !value.is_empty() {
                parts.push(StringPart::Literal(value.into()));
            }
        }
        start = self.span_from(start);
        let kind = match parts.as_mut_slice() {
            [] => ExprKind::String(Bytes::default()),
            [StringPart::Literal(value)] => ExprKind::String(std::mem::take(value)),
            _ => ExprKind::Interpolated(parts),
        };
        Ok(Expr { span: start, kind })
    }

    /// The pieces of a heredoc; its end is left as the current token.
    fn text_pieces(&mut self) -> Result<Vec<Piece>> {
        let mut pieces = Vec::new();
        while !self.at(T::EndHeredoc) {
            match self.token.kind {
                T::EncapsedAndWhitespace => {
                    let token = self.advance();
                    pieces.push(Piece::Text(token));
                }
                T::Variable => pieces.push(Piece::Expr(self.plain_variable()?)),
                T::DollarOpenCurlyBraces => {
                    let expr = self.dollar_brace(pieces.last().map(Piece::line))?;
                    pieces.push(Piece::Expr(expr));
                }
                T::CurlyOpen => {
                    self.advance();
                    let variable = self.variable(&[])?;
                    self.expect_among(T::RightBrace, &AFTER_VARIABLE)?;
                    pieces.push(Piece::Expr(variable));
                }
                _ => return Err(self.unclosed_string(&pieces, T::EndHeredoc)),
            }
        }
        Ok(pieces)
    }

    /// Removes the closing label's indentation from every line that starts in `text`.
    fn strip_indent(
        &self,
        token: Token,
        text: &[u8],
        indent: &[u8],
        at_end: bool,
    ) -> Result<Vec<u8>> {
        if indent.is_empty() {
            return Ok(text.to_vec());
        }
        let spaces = indent[0] == b' ';
        let mut out = Vec::with_capacity(text.len());
        let before = self.src[..token.start as usize].last();
        let mut line_start = matches!(before, Some(b'\n' | b'\r'));
        let mut line = token.line;
        let mut at = 0;
        loop {
            let rest = &text[at..];
            let line_len = rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
            if line_start {
                let blank = line_len.or(at_end.then_some(rest.len()));
                for skip in 0..indent.len() {
                    if blank == Some(skip) {
                        break;
                    }
                    let message = match rest.get(skip) {
                        Some(b' ') if spaces => None,
                        Some(b'\t') if !spaces => None,
                        Some(b' ' | b'\t') => {
                            Some("Invalid indentation - tabs and spaces cannot be mixed".to_owned())
                        }
                        _ => Some(format!(
                            "Invalid body indentation level \
                             (expecting an indentation level of at least {})",
                            indent.len()
                        )),
                    };
                    if let Some(message) = message {
                        return Err(Box::new(ParseError::parse(message, line)));
                    }
                    at += 1;
                }
            }
            let rest = &text[at..];
            let Some(len) = rest.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
                out.extend_from_slice(rest);
                return Ok(out);
            };
            let newline = if rest[len..].starts_with(b"\r\n") { 2 } else { 1 };
            out.extend_from_slice(&rest[..len + newline]);
            at += len + newline;
            line += 1;
            line_start = true;
        }
    }

    /// Decodes the escapes of `"`, `` ` `` and heredoc (`quote` is `None`) strings.
    fn unescape(&mut self, text: &[u8], quote: Option<u8>, mut line: u32) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len());
        let mut at = 0;
        while at < text.len() {
            let b = text[at];
            if b != b'\\' || at + 1 == text.len() {
                if b == b'\n' {
                    line += 1;
                }
                out.push(b);
                at += 1;
                continue;
            }
            let escape = text[at + 1];
            at += 2;
            match escape {
                b'n' => out.push(b'\n'),
                b't' => out.push(b'\t'),
                b'r' => out.push(b'\r'),
                b'f' => out.push(0x0C),
                b'e' => out.push(0x1B),
                b'v' => out.push(0x0B),
                b'\\' | b'$' => out.push(escape),
                b'"' | b'`' if quote == Some(escape) => out.push(escape),
                b'x' | b'X' if text.get(at).is_some_and(u8::is_ascii_hexdigit) => {
                    let len =
                        text[at..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                    out.push(digits(&text[at..at + len], 16) as u8);
                    at += len;
                }
                b'u' if text.get(at) == Some(&b'{') => {
                    let len = text[at..].iter().position(|&b| b == b'}').unwrap_or(0);
                    push_code_point(&mut out, digits(&text[at + 1..at + len], 16));
                    at += len + 1;
                }
                b'0'..=b'7' => {
                    let len = text[at - 1..]
                        .iter()
                        .take(3)
                        .take_while(|b| (b'0'..=b'7').contains(b))
                        .count();
                    let code = &text[at - 1..at - 1 + len];
                    let value = digits(code, 8);
                    if value > 0xFF {
                        let code = String::from_utf8_lossy(code);
                        let message = format!(
                            "Octal escape sequence overflow \\{code} is greater than \\377"
                        );
                        self.notices.push(Notice {
                            level: NoticeLevel::Warning,
                            message,
                            line,
                            at: None,
                        });
                    }
                    out.push(value as u8);
                    at += len - 1;
                }
                _ => {
                    out.extend_from_slice(&[b'\\', escape]);
                    if escape == b'\n' {
                        line += 1;
                    }
                }
            }
        }
        out
    }
}

fn digits(text: &[u8], radix: u32) -> u32 {
    text.iter().fold(0, |n, &b| n * radix + (b as char).to_digit(radix).unwrap_or(0))
}

/// UTF-8, also of surrogates, which PHP does not reject.
fn push_code_point(out: &mut Vec<u8>, code: u32) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend([0xC0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend([0xE0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xF0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

fn unescape_single(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        match bytes.peek() {
            Some(&next @ (b'\\' | b'\'')) if b == b'\\' => {
                out.push(next);
                bytes.next();
            }
            _ => out.push(b),
        }
    }
    out
}
