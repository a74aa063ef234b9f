//! Primary expressions and what hangs behind them: indexes, members, calls, `new`.

use super::expr::starts_expr;
use super::strings::AFTER_VARIABLE;
use super::{Parser, Result, joined, prefixed, span_of};
use crate::ast::{Args, Bytes, Expr, ExprKind, IncludeKind, MagicConst, Selector, Span};
use crate::lexer::{Number, parse_number};
use crate::token::TokenKind as T;

/// What PHP's grammar calls an expression, which decides what may follow it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Variables, elements and results of calls: `callable_variable`.
    Callable,
    /// Properties, which a `(` behind would have made a method.
    Property,
    /// `(…)`, arrays, strings, `new C()`.
    Dereferenceable,
    /// `C::D`
    ClassConstant,
    /// A name that is neither followed by `(` nor `::`, or a magic constant.
    Constant,
    /// Nothing may follow.
    Closed,
}

const MEMBER: [T; 4] = [T::String, T::Variable, T::LeftBrace, T::Dollar];
const SIMPLE_VARIABLE: [T; 3] = [T::Variable, T::LeftBrace, T::Dollar];

impl Parser<'_> {
    /// A primary expression with its postfixes, and its assignment if it is a variable.
    pub(super) fn postfix_expr(&mut self) -> Result<Expr> {
        let (expr, form) = self.primary()?;
        if self.at(T::Equal) && matches!(expr.kind, ExprKind::Array { short: true, .. }) {
            return self.destructuring(expr);
        }
        self.postfix_from(expr, form)
    }

    /// Goes on behind a primary expression.
    pub(super) fn postfix_from(&mut self, expr: Expr, form: Form) -> Result<Expr> {
        let (expr, form) = self.postfixes(expr, form)?;
        match form {
            Form::Callable | Form::Property => self.assignment(expr),
            _ => Ok(expr),
        }
    }

    /// The most frequent primary expressions, of one token each.
    #[inline]
    pub(super) fn simple_operand(&mut self) -> Option<(Expr, Form)> {
        let token = self.token;
        Some(match token.kind {
            T::ConstantEncapsedString => (self.constant_string(), Form::Dereferenceable),
            T::Variable => {
                self.advance();
                let kind = ExprKind::Variable(Bytes::new(&self.text(token)[1..]));
                (Expr { span: span_of(token), kind }, Form::Callable)
            }
            T::LNumber | T::DNumber => {
                self.advance();
                let kind = match parse_number(self.text(token), token.kind) {
                    Number::Int(value) => ExprKind::Int(value),
                    Number::Float(value) => ExprKind::Float(value),
                };
                (Expr { span: span_of(token), kind }, Form::Closed)
            }
            _ => return None,
        })
    }

    /// A variable in the grammar's sense; `expected` if none can start here.
    pub(super) fn variable(&mut self, expected: &[T]) -> Result<Expr> {
        self.enter()?;
        if matches!(
            self.token.kind,
            T::Exit
                | T::LNumber
                | T::DNumber
                | T::StartHeredoc
                | T::Backtick
                | T::Isset
                | T::Empty
                | T::Eval
        ) {
            return Err(self.unexpected(expected));
        }
        let (expr, form) = self.primary()?;
        let (expr, form) = self.postfixes(expr, form)?;
        self.leave();
        match form {
            Form::Callable | Form::Property => Ok(expr),
            Form::Closed if matches!(expr.kind, ExprKind::New { .. }) => {
                Err(self.unexpected(&[T::LeftParen]))
            }
            Form::Closed => Err(self.unexpected(&[])),
            _ => Err(self.unexpected(&AFTER_VARIABLE)),
        }
    }

    fn primary(&mut self) -> Result<(Expr, Form)> {
        let token = self.token;
        let span = span_of(token);
        let magic = |kind| (Expr { span, kind: ExprKind::Magic(kind) }, Form::Constant);
        if let Some(simple) = self.simple_operand() {
            return Ok(simple);
        }
        let done = match token.kind {
            T::Dollar => (self.simple_variable()?, Form::Callable),
            T::DoubleQuote => (self.interpolated_string()?, Form::Dereferenceable),
            T::StartHeredoc => (self.heredoc()?, Form::Closed),
            T::Backtick => (self.shell_exec()?, Form::Closed),
            T::String | T::NameQualified | T::NameFullyQualified | T::NameRelative => {
                let name = self.name_token();
                let expr = Expr { span, kind: ExprKind::Name(name) };
                if !self.at(T::LeftParen) {
                    return Ok((expr, Form::Constant));
                }
                (self.call(expr)?, Form::Callable)
            }
            T::Readonly => {
                let name = self.name_token();
                if !self.at(T::LeftParen) {
                    return Err(self.unexpected(&[T::LeftParen]));
                }
                (self.call(Expr { span, kind: ExprKind::Name(name) })?, Form::Callable)
            }
            T::Static => {
                let name = self.name_token();
                if !self.at(T::PaamayimNekudotayim) {
                    return Err(self.unexpected(&[T::PaamayimNekudotayim]));
                }
                (Expr { span, kind: ExprKind::Name(name) }, Form::Constant)
            }
            T::LeftParen => {
                self.advance();
                let inner = self.expr()?;
                self.expect_among(T::RightParen, &[])?;
                let span = Span { line: inner.span.line, ..self.span_from(span) };
                (Expr { span, kind: ExprKind::Paren(Box::new(inner)) }, Form::Dereferenceable)
            }
            T::LeftBracket => (self.short_array()?, Form::Dereferenceable),
            T::Array => (self.long_array()?, Form::Dereferenceable),
            T::New => return self.new_expr(),
            T::Exit => {
                self.advance();
                let args = if self.at(T::LeftParen) { Some(self.argument_list()?) } else { None };
                let span = self.span_from(span);
                (Expr { span, kind: ExprKind::Exit(args) }, Form::Closed)
            }
            T::Isset => (self.isset()?, Form::Closed),
            T::Empty | T::Eval => {
                self.advance();
                self.expect(T::LeftParen)?;
                let expr = self.expr()?;
                self.expect_among(T::RightParen, &[])?;
                let span = Span { line: expr.span.line, ..self.span_from(span) };
                let expr = Box::new(expr);
                let kind = if token.kind == T::Empty {
                    ExprKind::Empty(expr)
                } else {
                    ExprKind::Include { kind: IncludeKind::Eval, expr }
                };
                (Expr { span, kind }, Form::Closed)
            }
            T::Line => magic(MagicConst::Line),
            T::File => magic(MagicConst::File),
            T::Dir => magic(MagicConst::Dir),
            T::ClassC => magic(MagicConst::Class),
            T::TraitC => magic(MagicConst::Trait),
            T::MethodC => magic(MagicConst::Method),
            T::FuncC => magic(MagicConst::Function),
            T::PropertyC => magic(MagicConst::Property),
            T::NsC => magic(MagicConst::Namespace),
            _ => return Err(self.unexpected(&[])),
        };
        if matches!(done.0.kind, ExprKind::Magic(_)) {
            self.advance();
        }
        Ok(done)
    }

    fn postfixes(&mut self, mut expr: Expr, mut form: Form) -> Result<(Expr, Form)> {
        let mut length = 0;
        loop {
            (expr, form) = match self.token.kind {
                T::LeftBracket if form != Form::Closed => (self.index(expr)?, Form::Callable),
                T::ObjectOperator | T::NullsafeObjectOperator if form != Form::Closed => {
                    self.object_member(expr)?
                }
                T::PaamayimNekudotayim
                    if !matches!(form, Form::Closed)
                        && (form != Form::Constant || matches!(expr.kind, ExprKind::Name(_))) =>
                {
                    self.class_member(expr)?
                }
                T::LeftParen if matches!(form, Form::Callable | Form::Dereferenceable) => {
                    (self.call(expr)?, Form::Callable)
                }
                _ => return Ok((expr, form)),
            };
            length += 1;
            self.chain(length)?;
        }
    }

    fn call(&mut self, callee: Expr) -> Result<Expr> {
        let line = self.token.line;
        let args = self.argument_list()?;
        let span = self.span_from(callee.span);
        Ok(Expr { span, kind: ExprKind::Call { callee: Box::new(callee), args, line } })
    }

    fn index(&mut self, base: Expr) -> Result<Expr> {
        self.advance();
        let index = if starts_expr(self.token.kind) { Some(Box::new(self.expr()?)) } else { None };
        self.expect(T::RightBracket)?;
        let span = self.span_from(base.span);
        Ok(Expr { span, kind: ExprKind::Index { base: Box::new(base), index } })
    }

    fn object_member(&mut self, object: Expr) -> Result<(Expr, Form)> {
        let nullsafe = self.advance().kind == T::NullsafeObjectOperator;
        let name = self.property_name()?;
        let object = Box::new(object);
        if self.at(T::LeftParen) {
            let args = self.argument_list()?;
            let span = self.span_from(object.span);
            let kind = ExprKind::MethodCall { object, name, args, nullsafe };
            return Ok((Expr { span, kind }, Form::Callable));
        }
        let span = self.span_from(object.span);
        Ok((Expr { span, kind: ExprKind::Property { object, name, nullsafe } }, Form::Property))
    }

    /// The name behind `->`.
    fn property_name(&mut self) -> Result<Selector> {
        match self.token.kind {
            T::String => {
                let token = self.advance();
                Ok(Selector::Name(Box::new(self.ident(token))))
            }
            T::Variable | T::Dollar => Ok(Selector::Expr(Box::new(self.simple_variable()?))),
            T::LeftBrace => self.braced_selector(),
            _ => Err(self.unexpected(&MEMBER)),
        }
    }

    fn braced_selector(&mut self) -> Result<Selector> {
        self.advance();
        let expr = self.expr()?;
        self.expect_among(T::RightBrace, &[])?;
        Ok(Selector::Expr(Box::new(expr)))
    }

    /// What stands behind `::`.
    fn class_member(&mut self, class: Expr) -> Result<(Expr, Form)> {
        self.advance();
        let class = Box::new(class);
        if self.at_any(&[T::Variable, T::Dollar]) {
            let variable = self.simple_variable()?;
            if self.at(T::LeftParen) {
                let name = Selector::Expr(Box::new(variable));
                return self.static_call(class, name);
            }
            let name = static_property_name(variable);
            let span = self.span_from(class.span);
            let kind = ExprKind::StaticProperty { class, name };
            return Ok((Expr { span, kind }, Form::Property));
        }
        let name = if self.at(T::LeftBrace) {
            self.braced_selector()?
        } else {
            Selector::Name(Box::new(self.identifier(&[])?))
        };
        if self.at(T::LeftParen) {
            return self.static_call(class, name);
        }
        let span = self.span_from(class.span);
        Ok((Expr { span, kind: ExprKind::ClassConstant { class, name } }, Form::ClassConstant))
    }

    fn static_call(&mut self, class: Box<Expr>, name: Selector) -> Result<(Expr, Form)> {
        let args = self.argument_list()?;
        let span = self.span_from(class.span);
        Ok((Expr { span, kind: ExprKind::StaticCall { class, name, args } }, Form::Callable))
    }

    /// `$a`, `$$a`, `${expr}`
    pub(super) fn simple_variable(&mut self) -> Result<Expr> {
        let token = self.token;
        let span = span_of(token);
        if self.eat(T::Variable) {
            let name = Bytes::new(&self.text(token)[1..]);
            return Ok(Expr { span, kind: ExprKind::Variable(name) });
        }
        self.expect_among(T::Dollar, &SIMPLE_VARIABLE)?;
        let inner = match self.token.kind {
            T::LeftBrace => {
                self.advance();
                let inner = self.expr()?;
                self.expect_among(T::RightBrace, &[])?;
                inner
            }
            T::Variable | T::Dollar => {
                self.enter()?;
                let inner = self.simple_variable()?;
                self.leave();
                inner
            }
            _ => return Err(self.unexpected(&SIMPLE_VARIABLE)),
        };
        let span = Span { line: inner.span.line, ..self.span_from(span) };
        Ok(Expr { span, kind: ExprKind::VariableVariable(Box::new(inner)) })
    }

    fn isset(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        self.expect(T::LeftParen)?;
        let mut exprs = vec![self.expr()?];
        while self.eat(T::Comma) {
            if !starts_expr(self.token.kind) {
                break;
            }
            exprs.push(self.expr()?);
        }
        self.expect(T::RightParen)?;
        let span = Span { line: exprs[0].span.line, ..self.span_from(start) };
        Ok(Expr { span, kind: ExprKind::Isset(exprs) })
    }

    fn new_expr(&mut self) -> Result<(Expr, Form)> {
        let start = span_of(self.advance());
        let anonymous = matches!(
            self.token.kind,
            T::Class | T::Abstract | T::Final | T::Readonly | T::Attribute
        );
        if anonymous {
            let (decl, args) = self.anonymous_class()?;
            let span = self.span_from(start);
            let kind = ExprKind::NewAnonymous { decl: Box::new(decl), args };
            return Ok((Expr { span, kind }, Form::Dereferenceable));
        }
        let class = self.class_reference(&[T::Class])?;
        let (args, form) = if self.at(T::LeftParen) {
            (self.argument_list()?, Form::Dereferenceable)
        } else {
            (Args::List(Box::default()), Form::Closed)
        };
        let span = Span { end: self.last_end, ..prefixed(start, &class) };
        Ok((Expr { span, kind: ExprKind::New { class: Box::new(class), args } }, form))
    }

    /// The class of `new` and `instanceof`: a name, a variable without calls, or `(expr)`.
    pub(super) fn class_reference(&mut self, expected: &[T]) -> Result<Expr> {
        let span = self.here();
        let mut expr = match self.token.kind {
            T::LeftParen => {
                self.advance();
                let inner = self.expr()?;
                self.expect_among(T::RightParen, &[])?;
                let span = self.span_from(span);
                return Ok(Expr { span, kind: ExprKind::Paren(Box::new(inner)) });
            }
            T::Variable | T::Dollar => self.simple_variable()?,
            T::String | T::NameQualified | T::NameFullyQualified | T::NameRelative | T::Static => {
                let name = self.name_token();
                let name = Expr { span, kind: ExprKind::Name(name) };
                if !self.at(T::PaamayimNekudotayim) {
                    return Ok(name);
                }
                name
            }
            _ => return Err(self.unexpected(expected)),
        };
        let mut length = 0;
        loop {
            expr = match self.token.kind {
                T::LeftBracket => self.index(expr)?,
                T::ObjectOperator | T::NullsafeObjectOperator => {
                    let nullsafe = self.advance().kind == T::NullsafeObjectOperator;
                    let name = self.property_name()?;
                    let span = self.span_from(expr.span);
                    let kind = ExprKind::Property { object: Box::new(expr), name, nullsafe };
                    Expr { span, kind }
                }
                T::PaamayimNekudotayim => {
                    self.advance();
                    if !self.at_any(&[T::Variable, T::Dollar]) {
                        return Err(self.unexpected(&[T::Variable, T::Dollar]));
                    }
                    let variable = self.simple_variable()?;
                    let span = joined(expr.span, variable.span);
                    let name = static_property_name(variable);
                    Expr { span, kind: ExprKind::StaticProperty { class: Box::new(expr), name } }
                }
                _ => return Ok(expr),
            };
            length += 1;
            self.chain(length)?;
        }
    }
}

/// `A::$b` names the property `b`; `A::$$b` and `A::${…}` compute its name.
fn static_property_name(variable: Expr) -> Selector {
    match variable.kind {
        ExprKind::Variable(text) => {
            Selector::Name(Box::new(crate::ast::Ident { span: variable.span, text }))
        }
        ExprKind::VariableVariable(inner) => Selector::Expr(inner),
        kind => Selector::Expr(Box::new(Expr { span: variable.span, kind })),
    }
}
