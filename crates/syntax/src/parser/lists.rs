//! Arguments, arrays and array patterns.

use super::expr::{starts_expr, strength::LOWEST};
use super::strings::AFTER_VARIABLE;
use super::{Parser, Result, joined, span_of};
use crate::ast::{Arg, Args, ArrayItem, Expr, ExprKind, Span};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// `(a, b)` or `(...)`
    pub(super) fn argument_list(&mut self) -> Result<Args> {
        self.expect(T::LeftParen)?;
        if self.eat(T::RightParen) {
            return Ok(Args::List(Box::default()));
        }
        let mut args = Vec::new();
        loop {
            if args.is_empty() && self.at(T::Ellipsis) && self.peek(1) == T::RightParen {
                self.advance();
                self.advance();
                return Ok(Args::FirstClass);
            }
            args.push(self.argument()?);
            if !self.eat(T::Comma) || !self.starts_argument() {
                break;
            }
        }
        self.expect(T::RightParen)?;
        Ok(Args::List(args.into()))
    }

    fn starts_argument(&self) -> bool {
        starts_expr(self.token.kind) || self.at_identifier() || self.at(T::Ellipsis)
    }

    /// An argument. PHP takes a keyword at its start for a name whenever the next token does not
    /// fit otherwise.
    fn argument(&mut self) -> Result<Arg> {
        let keyword = self.at_identifier()
            && !self.at(T::String)
            && !matches!(self.token.kind, T::Exit | T::Yield | T::Function | T::Fn)
            && !(T::Line.id()..=T::NsC.id()).contains(&self.token.kind.id());
        if !keyword {
            return self.argument_value();
        }
        let end = self.token.end;
        if !starts_expr(self.token.kind) && self.peek(1) != T::Colon {
            self.advance();
            return Err(self.unexpected(&[T::Colon]));
        }
        self.argument_value().map_err(|error| {
            if self.last_end == end { self.unexpected(&[T::Colon]) } else { error }
        })
    }

    fn argument_value(&mut self) -> Result<Arg> {
        if self.at_identifier() && self.peek(1) == T::Colon {
            let token = self.advance();
            self.advance();
            let name = Some(Box::new(self.ident(token)));
            return Ok(Arg { name, unpack: false, value: self.expr()? });
        }
        let unpack = self.eat(T::Ellipsis);
        Ok(Arg { name: None, unpack, value: self.expr()? })
    }

    /// `[…]`
    pub(super) fn short_array(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        let items = self.array_items(T::RightBracket)?;
        let span = self.array_span(start, &items);
        Ok(Expr { span, kind: ExprKind::Array { items, short: true } })
    }

    /// `array(…)`
    pub(super) fn long_array(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        self.expect(T::LeftParen)?;
        let items = self.array_items(T::RightParen)?;
        let span = self.array_span(start, &items);
        Ok(Expr { span, kind: ExprKind::Array { items, short: false } })
    }

    /// `list(…)`
    pub(super) fn list_pattern(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        self.expect(T::LeftParen)?;
        let items = self.array_items(T::RightParen)?;
        let span = self.array_span(start, &items);
        Ok(Expr { span, kind: ExprKind::List(items) })
    }

    /// PHP gives an array the line of its first element.
    fn array_span(&self, start: Span, items: &[Option<ArrayItem>]) -> Span {
        let span = self.span_from(start);
        match items.first() {
            Some(Some(item)) => {
                let line = item.key.as_ref().unwrap_or(&item.value).span.line;
                Span { line, ..span }
            }
            _ => span,
        }
    }

    /// Elements up to `close`, which is consumed; `None` for the holes of a pattern.
    fn array_items(&mut self, close: T) -> Result<Vec<Option<ArrayItem>>> {
        let mut items = Vec::new();
        let mut expected: &[T] = &[close];
        loop {
            if self.at(T::Comma) {
                self.advance();
                items.push(None);
                continue;
            }
            let starts =
                starts_expr(self.token.kind) || self.at_ampersand() || self.at(T::Ellipsis);
            if !starts {
                break;
            }
            let item = self.array_item()?;
            let by_ref = item.by_ref;
            items.push(Some(item));
            if !self.eat(T::Comma) {
                if by_ref {
                    expected = &AFTER_VARIABLE;
                }
                break;
            }
        }
        self.expect_among(close, expected)?;
        Ok(items)
    }

    fn array_item(&mut self) -> Result<ArrayItem> {
        if self.eat(T::Ellipsis) {
            let value = self.expr()?;
            return Ok(ArrayItem { key: None, value, by_ref: false, unpack: true });
        }
        if self.at_ampersand() {
            self.advance();
            let value = self.variable(&[])?;
            return Ok(ArrayItem { key: None, value, by_ref: true, unpack: false });
        }
        let first = self.expr_or_pattern()?;
        if matches!(first.kind, ExprKind::List(_)) || !self.eat(T::DoubleArrow) {
            return Ok(ArrayItem { key: None, value: first, by_ref: false, unpack: false });
        }
        let by_ref = self.at_ampersand();
        let value = if by_ref {
            self.advance();
            self.variable(&[])?
        } else {
            self.expr_or_pattern()?
        };
        Ok(ArrayItem { key: Some(first), value, by_ref, unpack: false })
    }

    /// An expression, or a bare `list(…)`.
    fn expr_or_pattern(&mut self) -> Result<Expr> {
        if !self.at(T::List) {
            return self.expr();
        }
        self.enter()?;
        let pattern = self.list_pattern()?;
        let expr = if self.at(T::Equal) {
            let assignment = self.destructuring(pattern)?;
            self.infix_from(assignment, LOWEST)?
        } else {
            pattern
        };
        self.leave();
        Ok(expr)
    }

    /// The target of a `foreach`: a variable, a reference or an array pattern.
    pub(super) fn foreach_target(&mut self) -> Result<(Expr, bool)> {
        if self.at_ampersand() {
            let start = span_of(self.advance());
            let target = self.variable(&[])?;
            let span = joined(start, target.span);
            return Ok((Expr { span: Span { line: target.span.line, ..span }, ..target }, true));
        }
        match self.token.kind {
            T::List => Ok((self.list_pattern()?, false)),
            T::LeftBracket => {
                let pattern = self.short_array()?;
                if self.at_any(&[T::LeftBracket, T::ObjectOperator, T::PaamayimNekudotayim]) {
                    return Err(self.unexpected(&[]));
                }
                Ok((pattern, false))
            }
            _ => Ok((self.variable(&[])?, false)),
        }
    }
}
