//! Functions, closures, parameters and attributes.

use super::expr::strength::ARROW_FUNCTION;
use super::modifiers::Target;
use super::{Parser, Result, span_of};
use crate::ast::{
    Attribute, Block, Bytes, ClosureDecl, Expr, ExprKind, FunctionDecl, Ident, Param, Span, Stmt,
    StmtKind, Type,
};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// Groups of `#[…]`, none or more.
    pub(super) fn attributes(&mut self) -> Result<Vec<Attribute>> {
        let mut attributes = Vec::new();
        let mut group = 0;
        while self.eat(T::Attribute) {
            let mut more = false;
            loop {
                let expected: &[T] = if more { &[T::RightBracket] } else { &[] };
                let name = self.class_name_or(expected)?;
                let args = if self.at(T::LeftParen) { Some(self.argument_list()?) } else { None };
                attributes.push(Attribute { name, args, group });
                more = self.eat(T::Comma);
                if !more || self.at(T::RightBracket) {
                    break;
                }
            }
            self.expect(T::RightBracket)?;
            group += 1;
        }
        Ok(attributes)
    }

    /// `function f() { … }` as a statement.
    pub(super) fn function_declaration(&mut self, attributes: Vec<Attribute>) -> Result<Stmt> {
        let keyword = self.advance();
        let by_ref = self.eat_ampersand();
        let token = self.advance();
        let name = self.ident(token);
        let doc = self.take_doc();
        let start = span_of(keyword);
        let params = self.parameters()?;
        let return_type = self.return_type()?;
        let (body, is_generator, end_line) = self.function_body(&[T::LeftBrace])?;
        let span = self.span_from(start);
        let decl = FunctionDecl {
            span,
            end_line,
            name,
            attributes,
            by_ref,
            params,
            return_type,
            body: Some(body),
            is_generator,
            doc,
        };
        Ok(Stmt { span, kind: StmtKind::Function(Box::new(decl)) })
    }

    pub(super) fn eat_ampersand(&mut self) -> bool {
        let found = self.at_ampersand();
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn return_type(&mut self) -> Result<Option<Type>> {
        if self.eat(T::Colon) { self.type_expr(true).map(Some) } else { Ok(None) }
    }

    /// `{ … }`: the statements, whether they yield, and the line of the brace.
    pub(super) fn function_body(&mut self, expected: &[T]) -> Result<(Block, bool, u32)> {
        self.expect_among(T::LeftBrace, expected)?;
        self.generators.push(false);
        let body = self.statements(&[T::RightBrace], &[])?;
        let is_generator = self.generators.pop().unwrap_or_default();
        let brace = self.expect_among(T::RightBrace, &[])?;
        Ok((body, is_generator, brace.line))
    }

    /// `(…)` of a declaration.
    pub(super) fn parameters(&mut self) -> Result<Vec<Param>> {
        self.expect(T::LeftParen)?;
        let mut params = Vec::new();
        while !self.at(T::RightParen) {
            params.push(self.parameter()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RightParen)?;
        Ok(params)
    }

    fn parameter(&mut self) -> Result<Param> {
        let attributes = self.attributes()?;
        let start = self.here();
        let modifiers = self.modifier_list();
        let modifiers = self.check_modifiers(&modifiers, Target::Parameter)?;
        let ty = if self.at_type() { Some(self.type_expr(false)?) } else { None };
        let by_ref = self.eat(T::AmpersandFollowedByVarOrVararg);
        let variadic = self.eat(T::Ellipsis);
        let token = self.expect(T::Variable)?;
        let name = self.variable_ident(token);
        let doc = self.take_doc();
        let default = if self.eat(T::Equal) { Some(self.expr()?) } else { None };
        let hooks = if self.at(T::LeftBrace) { Some(self.property_hooks()?) } else { None };
        let span = Span { line: token.line, ..self.span_from(start) };
        Ok(Param { span, attributes, modifiers, ty, by_ref, variadic, name, default, hooks, doc })
    }

    /// A closure or arrow function with its attributes.
    pub(super) fn closure_expr(&mut self) -> Result<Expr> {
        let attributes = self.attributes()?;
        let attributed = !attributes.is_empty();
        self.attributed_closure(
            attributes,
            if attributed { &[T::Function, T::Fn, T::Static, T::Attribute] } else { &[] },
        )
    }

    pub(super) fn attributed_closure(
        &mut self,
        attributes: Vec<Attribute>,
        expected: &[T],
    ) -> Result<Expr> {
        let start = self.here();
        let is_static = self.eat(T::Static);
        match self.token.kind {
            T::Function => self.closure(attributes, start, is_static),
            T::Fn => self.arrow_function(attributes, start, is_static),
            _ if is_static => Err(self.unexpected(&[T::Function, T::Fn])),
            _ => Err(self.unexpected(expected)),
        }
    }

    fn closure(
        &mut self,
        attributes: Vec<Attribute>,
        start: Span,
        is_static: bool,
    ) -> Result<Expr> {
        let keyword = self.advance();
        let by_ref = self.eat_ampersand();
        let doc = self.take_doc();
        let params = self.parameters()?;
        let mut uses = Vec::new();
        if self.eat(T::Use) {
            self.expect(T::LeftParen)?;
            loop {
                let by_ref = self.eat_ampersand();
                let expected: &[T] = if by_ref {
                    &[T::Variable]
                } else {
                    &[
                        T::Variable,
                        T::AmpersandFollowedByVarOrVararg,
                        T::AmpersandNotFollowedByVarOrVararg,
                    ]
                };
                let token = self.expect_among(T::Variable, expected)?;
                uses.push((self.variable_ident(token), by_ref));
                if !self.eat(T::Comma) || !(self.at(T::Variable) || self.at_ampersand()) {
                    break;
                }
            }
            self.expect(T::RightParen)?;
        }
        let return_type = self.return_type()?;
        let (body, is_generator, end_line) = self.function_body(&[T::LeftBrace])?;
        let span = Span { line: keyword.line, ..self.span_from(start) };
        let name = Ident { span, text: Bytes::default() };
        let decl = Box::new(FunctionDecl {
            span,
            end_line,
            name,
            attributes,
            by_ref,
            params,
            return_type,
            body: Some(body),
            is_generator,
            doc,
        });
        let closure = ClosureDecl { is_static, uses, is_arrow: false, decl };
        Ok(Expr { span, kind: ExprKind::Closure(Box::new(closure)) })
    }

    fn arrow_function(
        &mut self,
        attributes: Vec<Attribute>,
        start: Span,
        is_static: bool,
    ) -> Result<Expr> {
        let keyword = self.advance();
        let by_ref = self.eat_ampersand();
        let doc = self.take_doc();
        let params = self.parameters()?;
        let return_type = self.return_type()?;
        self.expect(T::DoubleArrow)?;
        self.generators.push(false);
        let value = self.expr_from(ARROW_FUNCTION)?;
        let is_generator = self.generators.pop().unwrap_or_default();
        // PHP has read the token behind the body when it notes the end.
        let end_line = self.token.end_line;
        let span = Span { line: keyword.line, ..self.span_from(start) };
        let name = Ident { span, text: Bytes::default() };
        let body = vec![Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }];
        let decl = Box::new(FunctionDecl {
            span,
            end_line,
            name,
            attributes,
            by_ref,
            params,
            return_type,
            body: Some(body),
            is_generator,
            doc,
        });
        let closure = ClosureDecl { is_static, uses: Vec::new(), is_arrow: true, decl };
        Ok(Expr { span, kind: ExprKind::Closure(Box::new(closure)) })
    }
}
