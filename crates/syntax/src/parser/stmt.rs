//! Statements.

use super::expr::starts_expr;
use super::strings::AFTER_VARIABLE;
use super::{Parser, Result, Span, span_of};
use crate::ast::{Block, Bytes, Case, Catch, Expr, ExprKind, Finally, Ident, Stmt, StmtKind};
use crate::error::{Notice, NoticeLevel, ParseError};
use crate::token::TokenKind as T;

const CASES: [T; 3] = [T::Case, T::Default, T::RightBrace];
const ALT_CASES: [T; 3] = [T::Endswitch, T::Case, T::Default];
const ALT_IF: [T; 3] = [T::Elseif, T::Else, T::Endif];

impl Parser<'_> {
    /// Statements up to one of `ends`, which is left; `expected` is what an error names.
    pub(super) fn statements(&mut self, ends: &[T], expected: &[T]) -> Result<Block> {
        let mut block = Vec::new();
        while !self.at_any(ends) {
            block.push(self.inner_statement(expected)?);
        }
        Ok(block)
    }

    fn inner_statement(&mut self, expected: &[T]) -> Result<Stmt> {
        if self.at(T::HaltCompiler) {
            return Err(self.misplaced_halt()?);
        }
        self.declaration_or_statement(expected)
    }

    /// The error for `__halt_compiler();` inside of braces.
    pub(super) fn misplaced_halt(&mut self) -> Result<Box<ParseError>> {
        self.advance();
        self.expect(T::LeftParen)?;
        self.expect(T::RightParen)?;
        if !self.at(T::Semicolon) {
            return Err(self.unexpected(&[T::Semicolon]));
        }
        Ok(self.compile_error("__HALT_COMPILER() can only be used from the outermost scope"))
    }

    /// What may stand in a list of statements: declarations, too.
    pub(super) fn declaration_or_statement(&mut self, expected: &[T]) -> Result<Stmt> {
        let kind = self.token.kind;
        match kind {
            T::Function if self.at_function_declaration() => {
                self.enter()?;
                let decl = self.function_declaration(Vec::new())?;
                self.leave();
                Ok(decl)
            }
            T::Abstract | T::Final | T::Class | T::Trait | T::Interface | T::Enum => {
                self.class_declaration(Vec::new())
            }
            T::Readonly if self.peek(1) != T::LeftParen => self.class_declaration(Vec::new()),
            T::Attribute => self.attributed_statement(),
            _ => self.statement(expected),
        }
    }

    /// One statement; `expected` if none can start here.
    pub(super) fn statement(&mut self, expected: &[T]) -> Result<Stmt> {
        self.enter()?;
        let start = self.here();
        let stmt = self.statement_kind(start, expected)?;
        self.leave();
        Ok(stmt)
    }

    fn finish(&self, start: Span, kind: StmtKind) -> Result<Stmt> {
        Ok(Stmt { span: self.span_from(start), kind })
    }

    /// A statement of a keyword and an operand has the operand's line, as in PHP.
    fn finish_at(&self, start: Span, operand: Option<&Expr>, kind: StmtKind) -> Result<Stmt> {
        let line = operand.map_or(start.line, |expr| expr.span.line);
        Ok(Stmt { span: Span { line, ..self.span_from(start) }, kind })
    }

    fn statement_kind(&mut self, start: Span, expected: &[T]) -> Result<Stmt> {
        let kind = self.token.kind;
        match kind {
            T::LeftBrace => {
                self.advance();
                let body = self.statements(&[T::RightBrace], &[])?;
                self.advance();
                self.finish(start, StmtKind::Block(body))
            }
            T::If => self.if_statement(start),
            T::While => {
                self.advance();
                let cond = self.condition()?;
                let body = self.body(T::Endwhile)?;
                let line = cond.span.line;
                self.finish(Span { line, ..start }, StmtKind::While { cond: Box::new(cond), body })
            }
            T::Do => self.do_while(start),
            T::For => self.for_statement(start),
            T::Foreach => self.foreach(start),
            T::Switch => self.switch(start),
            T::Break | T::Continue | T::Return => {
                let keyword = self.advance().kind;
                let value = if starts_expr(self.token.kind) { Some(self.expr()?) } else { None };
                let end = self.expect(T::Semicolon)?;
                let line = value.as_ref().map_or(end.line, |value| value.span.line);
                let kind = match keyword {
                    T::Break => StmtKind::Break(value),
                    T::Continue => StmtKind::Continue(value),
                    _ => StmtKind::Return(value),
                };
                self.finish(Span { line, ..start }, kind)
            }
            T::Echo => {
                self.advance();
                let mut values = vec![self.expr()?];
                while self.eat(T::Comma) {
                    values.push(self.expr()?);
                }
                self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
                let line = values[0].span.line;
                self.finish(Span { line, ..start }, StmtKind::Echo(values))
            }
            T::InlineHtml => {
                let token = self.advance();
                let text = Bytes::new(self.text(token));
                self.finish(start, StmtKind::InlineHtml(text))
            }
            T::Semicolon => {
                self.advance();
                self.finish(start, StmtKind::Empty)
            }
            T::Global => self.global(start),
            T::Static if self.peek(1) == T::Variable => self.static_variables(start),
            T::Unset => self.unset(start),
            T::Try => self.try_statement(start),
            T::Goto => {
                self.advance();
                let label = self.expect(T::String)?;
                self.expect(T::Semicolon)?;
                self.finish(start, StmtKind::Goto(self.ident(label)))
            }
            T::String if self.peek(1) == T::Colon => {
                let label = self.advance();
                self.advance();
                self.finish(start, StmtKind::Label(self.ident(label)))
            }
            T::Declare => self.declare(start),
            _ if starts_expr(kind) => {
                let expr = self.expr()?;
                self.expression_statement(start, expr)
            }
            _ => Err(self.unexpected(expected)),
        }
    }

    fn expression_statement(&mut self, start: Span, expr: Expr) -> Result<Stmt> {
        self.expect_among(T::Semicolon, &[])?;
        let line = expr.span.line;
        self.finish(Span { line, ..start }, StmtKind::Expr(expr))
    }

    /// `function` is followed by a name, perhaps behind `&`.
    fn at_function_declaration(&mut self) -> bool {
        let mut next = self.peek(1);
        if matches!(next, T::AmpersandFollowedByVarOrVararg | T::AmpersandNotFollowedByVarOrVararg)
        {
            next = self.peek(2);
        }
        matches!(next, T::String | T::Readonly)
    }

    fn attributed_statement(&mut self) -> Result<Stmt> {
        let start = self.here();
        let attributes = self.attributes()?;
        let kind = self.token.kind;
        match kind {
            T::Function if self.at_function_declaration() => self.function_declaration(attributes),
            T::Abstract | T::Final | T::Readonly | T::Class | T::Trait | T::Interface | T::Enum => {
                self.class_declaration(attributes)
            }
            _ => {
                let closure = self.attributed_closure(attributes, &[])?;
                let expr = self.infix_from(closure, 0)?;
                self.expression_statement(start, expr)
            }
        }
    }

    /// `(expr)` behind a keyword.
    fn condition(&mut self) -> Result<Expr> {
        self.expect(T::LeftParen)?;
        let cond = self.expr()?;
        self.expect_among(T::RightParen, &[])?;
        Ok(cond)
    }

    /// The body of a loop: a statement, or statements up to `end`.
    fn body(&mut self, end: T) -> Result<Block> {
        if !self.eat(T::Colon) {
            return self.single_statement();
        }
        let body = self.statements(&[end], &[])?;
        self.advance();
        self.expect(T::Semicolon)?;
        Ok(body)
    }

    /// A statement; the statements of a block are not wrapped.
    fn single_statement(&mut self) -> Result<Block> {
        let stmt = self.statement(&[])?;
        Ok(match stmt.kind {
            StmtKind::Block(body) => body,
            _ => vec![stmt],
        })
    }

    fn if_statement(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let cond = self.condition()?;
        let start = Span { line: cond.span.line, ..start };
        if self.eat(T::Colon) {
            return self.alt_if(start, cond);
        }
        let mut branches = vec![(cond, self.single_statement()?)];
        let mut otherwise = None;
        loop {
            if self.eat(T::Elseif) {
                let cond = self.condition()?;
                branches.push((cond, self.single_statement()?));
            } else if self.eat(T::Else) {
                otherwise = Some(self.single_statement()?);
                break;
            } else {
                break;
            }
        }
        self.finish(start, StmtKind::If { branches, otherwise })
    }

    fn alt_if(&mut self, start: Span, cond: Expr) -> Result<Stmt> {
        let mut branches = vec![(cond, self.statements(&ALT_IF, &ALT_IF)?)];
        let mut otherwise = None;
        loop {
            if self.eat(T::Elseif) {
                let cond = self.condition()?;
                self.expect_among(T::Colon, &[T::Colon])?;
                branches.push((cond, self.statements(&ALT_IF, &ALT_IF)?));
                continue;
            }
            if self.eat(T::Else) {
                self.expect(T::Colon)?;
                otherwise = Some(self.statements(&[T::Endif], &[])?);
            }
            break;
        }
        self.expect(T::Endif)?;
        self.expect(T::Semicolon)?;
        self.finish(start, StmtKind::If { branches, otherwise })
    }

    fn do_while(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let body = self.single_statement()?;
        self.expect(T::While)?;
        let cond = self.condition()?;
        self.expect(T::Semicolon)?;
        self.finish(start, StmtKind::DoWhile { body, cond: Box::new(cond) })
    }

    fn for_statement(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        self.expect(T::LeftParen)?;
        let init = self.for_exprs(T::Semicolon)?;
        let cond = self.for_exprs(T::Semicolon)?;
        let step = self.for_exprs(T::RightParen)?;
        let body = self.body(T::Endfor)?;
        self.finish_at(start, init.first(), StmtKind::Empty).map(|stmt| Stmt {
            kind: StmtKind::For { init: init.into(), cond: cond.into(), step: step.into(), body },
            ..stmt
        })
    }

    fn for_exprs(&mut self, end: T) -> Result<Vec<Expr>> {
        let mut exprs = Vec::new();
        if starts_expr(self.token.kind) {
            exprs.push(self.expr()?);
            while self.eat(T::Comma) {
                exprs.push(self.expr()?);
            }
        }
        self.expect(end)?;
        Ok(exprs)
    }

    fn foreach(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        self.expect(T::LeftParen)?;
        let subject = self.expr()?;
        self.expect_among(T::As, &[])?;
        let (mut value, mut by_ref) = self.foreach_target()?;
        let mut key = None;
        if self.eat(T::DoubleArrow) {
            if by_ref {
                self.defer("Key element cannot be a reference", subject.span.line);
            }
            let first = value;
            (value, by_ref) = self.foreach_target()?;
            key = Some(first);
        }
        let expected = match (&value.kind, key.is_some()) {
            (ExprKind::List(_), false) => &[T::DoubleArrow, T::RightParen][..],
            (ExprKind::List(_), true) => &[T::RightParen],
            _ => &AFTER_VARIABLE,
        };
        self.expect_among(T::RightParen, expected)?;
        let body = self.body(T::Endforeach)?;
        let start = Span { line: subject.span.line, ..start };
        self.finish(
            start,
            StmtKind::Foreach {
                subject: Box::new(subject),
                key: key.map(Box::new),
                value: Box::new(value),
                by_ref,
                body,
            },
        )
    }

    fn switch(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let subject = self.condition()?;
        let (end, expected) = if self.eat(T::Colon) {
            (T::Endswitch, ALT_CASES)
        } else {
            self.expect_among(T::LeftBrace, &[T::Colon, T::LeftBrace])?;
            (T::RightBrace, CASES)
        };
        self.eat(T::Semicolon);
        let mut cases = Vec::new();
        while !self.at(end) {
            let start = self.here();
            let test = if self.eat(T::Case) {
                Some(self.expr()?)
            } else if self.eat(T::Default) {
                None
            } else {
                return Err(self.unexpected(&expected));
            };
            if !self.eat(T::Colon) {
                let separators = [T::Colon, T::Semicolon];
                let expected = if test.is_some() { &[][..] } else { &separators };
                self.expect_among(T::Semicolon, expected)?;
            }
            let body = self.statements(&[T::Case, T::Default, end], &expected)?;
            cases.push(Case { span: self.span_from(start), test, body });
        }
        self.advance();
        if end == T::Endswitch {
            self.expect(T::Semicolon)?;
        }
        let start = Span { line: subject.span.line, ..start };
        self.finish(start, StmtKind::Switch { subject: Box::new(subject), cases })
    }

    fn global(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let mut variables = Vec::new();
        loop {
            if !self.at_any(&[T::Variable, T::Dollar]) {
                return Err(self.unexpected(&[T::Variable, T::Dollar]));
            }
            variables.push(self.simple_variable()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
        self.finish(start, StmtKind::Global(variables))
    }

    fn static_variables(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let mut variables: Vec<(Ident, Option<Expr>)> = Vec::new();
        loop {
            let token = self.expect(T::Variable)?;
            let name = self.variable_ident(token);
            let value = if self.eat(T::Equal) { Some(self.expr()?) } else { None };
            variables.push((name, value));
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect_among(T::Semicolon, &[T::Comma, T::Semicolon])?;
        self.finish(start, StmtKind::StaticVars(variables))
    }

    fn unset(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        self.expect(T::LeftParen)?;
        let mut variables = vec![self.variable(&[])?];
        while self.eat(T::Comma) {
            if self.at(T::RightParen) {
                break;
            }
            if !starts_expr(self.token.kind) {
                return Err(self.unexpected(&[T::RightParen]));
            }
            variables.push(self.variable(&[T::RightParen])?);
        }
        self.expect_among(T::RightParen, &AFTER_VARIABLE)?;
        self.expect(T::Semicolon)?;
        self.finish(start, StmtKind::Unset(variables))
    }

    fn try_statement(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        let body = self.braced()?;
        let mut catches = Vec::new();
        while self.at(T::Catch) {
            let start = span_of(self.advance());
            self.expect(T::LeftParen)?;
            let mut types = vec![self.class_name()?];
            while self.eat(T::Bar) {
                types.push(self.class_name()?);
            }
            let var = if self.at(T::Variable) {
                let token = self.advance();
                Some(self.variable_ident(token))
            } else {
                None
            };
            self.expect(T::RightParen)?;
            let body = self.braced()?;
            catches.push(Catch { span: self.span_from(start), types, var, body });
        }
        let finally = if self.at(T::Finally) {
            let start = span_of(self.advance());
            let body = self.braced()?;
            Some(Box::new(Finally { span: self.span_from(start), body }))
        } else {
            None
        };
        self.finish(start, StmtKind::Try { body, catches, finally })
    }

    /// `{ … }`
    fn braced(&mut self) -> Result<Block> {
        self.expect(T::LeftBrace)?;
        let body = self.statements(&[T::RightBrace], &[])?;
        self.advance();
        Ok(body)
    }

    /// PHP looks at `encoding` while it parses; without multibyte support it only warns.
    fn encoding(&mut self, value: &Expr, line: u32) -> Result<()> {
        let literal =
            matches!(value.kind, ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::String(_));
        if !literal {
            return Err(Box::new(ParseError::compile("Encoding must be a literal", line)));
        }
        if self.multibyte {
            return Ok(());
        }
        self.notices.push(Notice {
            level: NoticeLevel::Warning,
            message: "declare(encoding=...) ignored because Zend multibyte feature is turned off \
                      by settings"
                .to_owned(),
            line,
            at: None,
        });
        Ok(())
    }

    fn declare(&mut self, start: Span) -> Result<Stmt> {
        self.advance();
        self.expect(T::LeftParen)?;
        let mut directives = Vec::new();
        loop {
            let token = self.expect(T::String)?;
            let name = self.ident(token);
            self.expect(T::Equal)?;
            let value = self.expr()?;
            directives.push((name, value));
            if !self.eat(T::Comma) {
                break;
            }
        }
        let line = self.expect_among(T::RightParen, &[T::Comma, T::RightParen])?.line;
        for (name, value) in &directives {
            if name.text.eq_ignore_ascii_case(b"encoding") {
                self.encoding(value, line)?;
            }
        }
        let body = if self.eat(T::Semicolon) { None } else { Some(self.body(T::Enddeclare)?) };
        self.finish(start, StmtKind::Declare { directives, body })
    }
}
