//! Names and identifiers.

use super::{Parser, Result, span_of};
use crate::ast::{Bytes, Ident, Name, NameKind};
use crate::error::ParseError;
use crate::lexer::is_semi_reserved;
use crate::token::{Token, TokenKind};

impl Parser<'_> {
    pub(super) fn at_name(&self) -> bool {
        matches!(
            self.token.kind,
            TokenKind::String
                | TokenKind::NameQualified
                | TokenKind::NameFullyQualified
                | TokenKind::NameRelative
        )
    }

    /// The current token is a word that may name a member.
    pub(super) fn at_identifier(&self) -> bool {
        self.at(TokenKind::String) || is_semi_reserved(self.token.kind)
    }

    /// Consumes a word that may name a member.
    pub(super) fn identifier(&mut self, expected: &[TokenKind]) -> Result<Ident> {
        if !self.at_identifier() {
            return Err(self.unexpected(expected));
        }
        let token = self.advance();
        if token.kind == TokenKind::Echo && self.text(token) == b"<?=" {
            let message = "Cannot use \"<?=\" as an identifier";
            return Err(Box::new(ParseError::parse(message, token.end_line)));
        }
        Ok(self.ident(token))
    }

    /// Consumes the current token as a name.
    pub(super) fn name_token(&mut self) -> Name {
        let token = self.advance();
        self.name_of(token)
    }

    pub(super) fn name_of(&self, token: Token) -> Name {
        let text = self.text(token);
        let (kind, text) = match token.kind {
            TokenKind::NameFullyQualified => (NameKind::FullyQualified, &text[1..]),
            TokenKind::NameQualified => (NameKind::Qualified, text),
            TokenKind::NameRelative => (NameKind::Relative, &text[b"namespace\\".len()..]),
            _ => (NameKind::Unqualified, text),
        };
        Name { span: span_of(token), kind, text: Bytes::new(text) }
    }

    /// Consumes the name of a class; where `static` makes no sense the compiler rejects it.
    pub(super) fn class_name(&mut self) -> Result<Name> {
        self.class_name_or(&[])
    }

    pub(super) fn class_name_or(&mut self, expected: &[TokenKind]) -> Result<Name> {
        if !self.at_name() && !self.at(TokenKind::Static) {
            return Err(self.unexpected(expected));
        }
        Ok(self.name_token())
    }

    /// A list of class names.
    pub(super) fn class_names(&mut self) -> Result<Vec<Name>> {
        let mut names = vec![self.class_name()?];
        while self.eat(TokenKind::Comma) {
            names.push(self.class_name()?);
        }
        Ok(names)
    }
}
