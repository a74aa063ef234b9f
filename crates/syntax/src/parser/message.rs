//! The wording of syntax errors.

use super::Parser;
use crate::error::ParseError;
use crate::token::{Label, TokenKind};

/// Longest text of a token that a message quotes in full.
const QUOTED: usize = 30;

impl Parser<'_> {
    /// The error for the current token. `expected` is what PHP's parser could take instead; more
    /// than four are not listed.
    pub(super) fn unexpected(&self, expected: &[TokenKind]) -> Box<ParseError> {
        if self.at(TokenKind::Error)
            && let Some(error) = self.lexer.error()
        {
            let mut error = error.clone();
            if error.message.starts_with(b"syntax error, unexpected character") {
                push_all_expected(&mut error.message, expected);
            }
            return Box::new(error);
        }
        let mut message = b"syntax error, unexpected ".to_vec();
        self.push_found(&mut message);
        push_all_expected(&mut message, expected);
        Box::new(ParseError::parse(message, self.token.end_line))
    }

    /// A `CompileError` at the current token.
    pub(super) fn compile_error(&self, message: &str) -> Box<ParseError> {
        Box::new(ParseError::compile(message, self.token.end_line))
    }

    fn push_found(&self, out: &mut Vec<u8>) {
        let kind = self.token.kind;
        let label = match kind.label() {
            _ if kind == TokenKind::DoubleQuote => {
                out.extend_from_slice(b"double-quote mark");
                return;
            }
            _ if kind == TokenKind::End => {
                out.extend_from_slice(b"end of file");
                return;
            }
            Label::Fixed(text) => {
                out.extend_from_slice(format!("token \"{text}\"").as_bytes());
                return;
            }
            Label::Valued(label) => label,
        };
        let mut text = self.text(self.token);
        let label = match (kind, text.first()) {
            (TokenKind::ConstantEncapsedString, Some(b'\'')) => "single-quoted string",
            (TokenKind::ConstantEncapsedString, Some(b'"')) => "double-quoted string",
            _ => label,
        };
        if let Some(end) = text.iter().position(|&b| b == b'\n') {
            text = &text[..end];
        }
        if let [b'\'' | b'"', rest @ ..] = text {
            text = rest;
        }
        if let [rest @ .., b'\'' | b'"'] = text {
            text = rest;
        }
        out.extend_from_slice(label.as_bytes());
        out.extend_from_slice(b" \"");
        if text.len() > QUOTED + 3 {
            out.extend_from_slice(&text[..QUOTED]);
            out.extend_from_slice(b"...");
        } else {
            out.extend_from_slice(text);
        }
        out.push(b'"');
    }
}

fn push_expected(out: &mut Vec<u8>, kind: TokenKind) {
    match kind.label() {
        // PHP's own name for this token in its list of what it expects.
        _ if kind == TokenKind::AmpersandNotFollowedByVarOrVararg => out.extend_from_slice(b"amp"),
        _ if kind == TokenKind::DoubleQuote => out.extend_from_slice(b"double-quote mark"),
        Label::Fixed(text) => out.extend_from_slice(format!("\"{text}\"").as_bytes()),
        Label::Valued(label) => out.extend_from_slice(label.as_bytes()),
    }
}

/// Up to four tokens that could stand here instead.
fn push_all_expected(out: &mut Vec<u8>, expected: &[TokenKind]) {
    if expected.len() > 4 {
        return;
    }
    for (i, kind) in expected.iter().enumerate() {
        out.extend_from_slice(if i == 0 { b", expecting " } else { b" or " });
        push_expected(out, *kind);
    }
}
