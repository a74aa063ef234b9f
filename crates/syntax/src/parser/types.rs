//! Types.

use super::{Parser, Result, joined};
use crate::ast::{Type, TypeKind};
use crate::token::TokenKind;

impl Parser<'_> {
    fn at_type_name(&self, with_static: bool) -> bool {
        self.at_name()
            || matches!(self.token.kind, TokenKind::Array | TokenKind::Callable)
            || (with_static && self.at(TokenKind::Static))
    }

    /// Whether a type starts here.
    pub(super) fn at_type(&self) -> bool {
        self.at_type_name(false)
            || matches!(self.token.kind, TokenKind::Question | TokenKind::LeftParen)
    }

    fn type_name(&mut self, with_static: bool) -> Result<Type> {
        if !self.at_type_name(with_static) {
            return Err(self.unexpected(&[]));
        }
        let name = self.name_token();
        Ok(Type { span: name.span, kind: TypeKind::Name(name) })
    }

    /// A type; `static` only where a return type or the type of a constant stands.
    pub(super) fn type_expr(&mut self, with_static: bool) -> Result<Type> {
        let start = self.here();
        if self.eat(TokenKind::Question) {
            let inner = self.type_name(with_static)?;
            let span = self.span_from(start);
            return Ok(Type { span, kind: TypeKind::Nullable(Box::new(inner)) });
        }
        let grouped = self.at(TokenKind::LeftParen);
        let first = self.union_element(with_static)?;
        if !grouped && self.at(TokenKind::AmpersandNotFollowedByVarOrVararg) {
            return self.intersection(first, with_static);
        }
        if grouped && !self.at(TokenKind::Bar) {
            return Err(self.unexpected(&[TokenKind::Bar]));
        }
        if !self.at(TokenKind::Bar) {
            return Ok(first);
        }
        let mut types = vec![first];
        while self.eat(TokenKind::Bar) {
            types.push(self.union_element(with_static)?);
        }
        Ok(Type { span: self.span_from(start), kind: TypeKind::Union(types) })
    }

    fn union_element(&mut self, with_static: bool) -> Result<Type> {
        if !self.eat(TokenKind::LeftParen) {
            return self.type_name(with_static);
        }
        let first = self.type_name(false)?;
        if !self.at(TokenKind::AmpersandNotFollowedByVarOrVararg) {
            return Err(self.unexpected(&[TokenKind::AmpersandNotFollowedByVarOrVararg]));
        }
        let ty = self.intersection(first, false)?;
        self.expect_among(
            TokenKind::RightParen,
            &[TokenKind::AmpersandNotFollowedByVarOrVararg, TokenKind::RightParen],
        )?;
        Ok(ty)
    }

    fn intersection(&mut self, first: Type, with_static: bool) -> Result<Type> {
        let mut types = vec![first];
        while self.eat(TokenKind::AmpersandNotFollowedByVarOrVararg) {
            types.push(self.type_name(with_static)?);
        }
        let span = joined(types[0].span, types[types.len() - 1].span);
        Ok(Type { span, kind: TypeKind::Intersection(types) })
    }
}
