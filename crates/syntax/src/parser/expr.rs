//! Operators, by precedence climbing.

use super::{Parser, Result, joined, prefixed, span_of};
use crate::ast::{
    BinaryOp, CastKind, Expr, ExprKind, IncludeKind, LogicalOp, MatchArm, Span, UnaryOp,
};
use crate::token::TokenKind as T;

/// Binding strengths, weakest first, as in PHP's grammar.
pub(super) mod strength {
    pub const LOWEST: u8 = 0;
    pub const THROW: u8 = 1;
    pub const ARROW_FUNCTION: u8 = 2;
    pub const INCLUDE: u8 = 3;
    pub const LOGICAL_OR: u8 = 4;
    pub const LOGICAL_XOR: u8 = 5;
    pub const LOGICAL_AND: u8 = 6;
    pub const PRINT: u8 = 7;
    pub const YIELD: u8 = 8;
    pub const DOUBLE_ARROW: u8 = 9;
    pub const YIELD_FROM: u8 = 10;
    pub const ASSIGNMENT: u8 = 11;
    pub const TERNARY: u8 = 12;
    pub const COALESCE: u8 = 13;
    pub const BOOLEAN_OR: u8 = 14;
    pub const BOOLEAN_AND: u8 = 15;
    pub const BIT_OR: u8 = 16;
    pub const BIT_XOR: u8 = 17;
    pub const BIT_AND: u8 = 18;
    pub const EQUALITY: u8 = 19;
    pub const COMPARISON: u8 = 20;
    pub const CONCAT: u8 = 21;
    pub const SHIFT: u8 = 22;
    pub const SUM: u8 = 23;
    pub const PRODUCT: u8 = 24;
    pub const NOT: u8 = 25;
    pub const INSTANCEOF: u8 = 26;
    pub const UNARY: u8 = 27;
    pub const POW: u8 = 28;
    pub const CLONE: u8 = 29;
}
use strength::*;

/// What an operator between two operands builds.
#[derive(Clone, Copy)]
enum Infix {
    Binary(BinaryOp),
    Logical(LogicalOp),
    Coalesce,
    Ternary,
    InstanceOf,
}

fn infix(kind: T) -> Option<(Infix, u8)> {
    use BinaryOp as B;
    use Infix::{Binary, Logical};
    Some(match kind {
        T::LogicalOr => (Logical(LogicalOp::Or), LOGICAL_OR),
        T::LogicalXor => (Binary(B::LogicalXor), LOGICAL_XOR),
        T::LogicalAnd => (Logical(LogicalOp::And), LOGICAL_AND),
        T::Question => (Infix::Ternary, TERNARY),
        T::Coalesce => (Infix::Coalesce, COALESCE),
        T::BooleanOr => (Logical(LogicalOp::Or), BOOLEAN_OR),
        T::BooleanAnd => (Logical(LogicalOp::And), BOOLEAN_AND),
        T::Bar => (Binary(B::BitOr), BIT_OR),
        T::Caret => (Binary(B::BitXor), BIT_XOR),
        T::AmpersandFollowedByVarOrVararg | T::AmpersandNotFollowedByVarOrVararg => {
            (Binary(B::BitAnd), BIT_AND)
        }
        T::IsEqual => (Binary(B::Equal), EQUALITY),
        T::IsNotEqual => (Binary(B::NotEqual), EQUALITY),
        T::IsIdentical => (Binary(B::Identical), EQUALITY),
        T::IsNotIdentical => (Binary(B::NotIdentical), EQUALITY),
        T::Spaceship => (Binary(B::Spaceship), EQUALITY),
        T::Less => (Binary(B::Less), COMPARISON),
        T::IsSmallerOrEqual => (Binary(B::LessEqual), COMPARISON),
        T::Greater => (Binary(B::Greater), COMPARISON),
        T::IsGreaterOrEqual => (Binary(B::GreaterEqual), COMPARISON),
        T::Dot => (Binary(B::Concat), CONCAT),
        T::Sl => (Binary(B::ShiftLeft), SHIFT),
        T::Sr => (Binary(B::ShiftRight), SHIFT),
        T::Plus => (Binary(B::Add), SUM),
        T::Minus => (Binary(B::Sub), SUM),
        T::Star => (Binary(B::Mul), PRODUCT),
        T::Slash => (Binary(B::Div), PRODUCT),
        T::Percent => (Binary(B::Mod), PRODUCT),
        T::Instanceof => (Infix::InstanceOf, INSTANCEOF),
        T::Pow => (Binary(B::Pow), POW),
        _ => return None,
    })
}

fn cast_kind(kind: T) -> Option<CastKind> {
    Some(match kind {
        T::IntCast => CastKind::Int,
        T::DoubleCast => CastKind::Float,
        T::StringCast => CastKind::String,
        T::ArrayCast => CastKind::Array,
        T::ObjectCast => CastKind::Object,
        T::BoolCast => CastKind::Bool,
        T::UnsetCast => CastKind::Unset,
        _ => return None,
    })
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.expr_from(LOWEST)
    }

    /// An expression of operators that bind at least as strong as `min`.
    pub(super) fn expr_from(&mut self, min: u8) -> Result<Expr> {
        self.enter()?;
        let left = match self.simple_operand() {
            // Most operands stand alone.
            Some((expr, _)) if self.at_operand_end() => {
                self.leave();
                return Ok(expr);
            }
            Some((expr, form)) => self.postfix_from(expr, form)?,
            None => self.operand()?,
        };
        let expr = self.infix_from(left, min)?;
        self.leave();
        Ok(expr)
    }

    /// Whether neither operators nor postfixes can follow.
    #[inline]
    fn at_operand_end(&self) -> bool {
        matches!(
            self.token.kind,
            T::Comma
                | T::Semicolon
                | T::RightParen
                | T::RightBracket
                | T::RightBrace
                | T::DoubleArrow
                | T::Colon
        )
    }

    /// Goes on behind `left` with operators that bind at least as strong as `min`.
    pub(super) fn infix_from(&mut self, mut left: Expr, min: u8) -> Result<Expr> {
        let mut length = 0;
        while let Some((op, strength)) = infix(self.token.kind) {
            if strength < min {
                break;
            }
            length += 1;
            self.chain(length)?;
            let operator = self.advance();
            left = match op {
                Infix::Ternary => self.ternary(left)?,
                Infix::InstanceOf => {
                    let class = self.class_reference(&[])?;
                    let span = joined(left.span, class.span);
                    let kind =
                        ExprKind::InstanceOf { expr: Box::new(left), class: Box::new(class) };
                    Expr { span, kind }
                }
                Infix::Coalesce => {
                    let right = self.expr_from(COALESCE)?;
                    let span = joined(left.span, right.span);
                    let kind = ExprKind::Coalesce { left: Box::new(left), right: Box::new(right) };
                    Expr { span, kind }
                }
                Infix::Logical(op) => {
                    let right = self.expr_from(strength + 1)?;
                    let span = joined(left.span, right.span);
                    let kind =
                        ExprKind::Logical { op, left: Box::new(left), right: Box::new(right) };
                    Expr { span, kind }
                }
                Infix::Binary(op) => {
                    let to_right = u8::from(operator.kind != T::Pow);
                    let right = self.expr_from(strength + to_right)?;
                    let span = joined(left.span, right.span);
                    let kind =
                        ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) };
                    Expr { span, kind }
                }
            };
            // Comparisons do not associate.
            if matches!(strength, EQUALITY | COMPARISON)
                && infix(self.token.kind).is_some_and(|(_, next)| next == strength)
            {
                return Err(self.unexpected(&[]));
            }
        }
        Ok(left)
    }

    fn ternary(&mut self, cond: Expr) -> Result<Expr> {
        let then = if self.eat(T::Colon) {
            None
        } else {
            let then = self.expr()?;
            self.expect_among(T::Colon, &[])?;
            Some(Box::new(then))
        };
        let otherwise = self.expr_from(TERNARY + 1)?;
        if let ExprKind::Ternary { then: inner, .. } = &cond.kind {
            let message = match (inner.is_some(), then.is_some()) {
                (false, false) => None,
                (true, true) => Some(
                    "Unparenthesized `a ? b : c ? d : e` is not supported. \
                     Use either `(a ? b : c) ? d : e` or `a ? b : (c ? d : e)`",
                ),
                (true, false) => Some(
                    "Unparenthesized `a ? b : c ?: d` is not supported. \
                     Use either `(a ? b : c) ?: d` or `a ? b : (c ?: d)`",
                ),
                (false, true) => Some(
                    "Unparenthesized `a ?: b ? c : d` is not supported. \
                     Use either `(a ?: b) ? c : d` or `a ?: (b ? c : d)`",
                ),
            };
            if let Some(message) = message {
                self.defer(message, cond.span.line);
            }
        }
        let span = joined(cond.span, otherwise.span);
        let kind = ExprKind::Ternary { cond: Box::new(cond), then, otherwise: Box::new(otherwise) };
        Ok(Expr { span, kind })
    }

    /// `target = …` in all its forms, if an assignment operator follows.
    pub(super) fn assignment(&mut self, target: Expr) -> Result<Expr> {
        use BinaryOp as B;
        let op = match self.token.kind {
            T::Equal => return self.plain_assignment(target),
            T::CoalesceEqual => {
                self.advance();
                let value = self.expr_from(ASSIGNMENT + 1)?;
                let span = joined(target.span, value.span);
                let kind =
                    ExprKind::AssignCoalesce { target: Box::new(target), value: Box::new(value) };
                return Ok(Expr { span, kind });
            }
            T::PlusEqual => B::Add,
            T::MinusEqual => B::Sub,
            T::MulEqual => B::Mul,
            T::DivEqual => B::Div,
            T::ConcatEqual => B::Concat,
            T::ModEqual => B::Mod,
            T::AndEqual => B::BitAnd,
            T::OrEqual => B::BitOr,
            T::XorEqual => B::BitXor,
            T::SlEqual => B::ShiftLeft,
            T::SrEqual => B::ShiftRight,
            T::PowEqual => B::Pow,
            T::Inc | T::Dec => {
                let increment = self.advance().kind == T::Inc;
                let span = self.span_from(target.span);
                let kind = ExprKind::IncDec { target: Box::new(target), increment, prefix: false };
                return Ok(Expr { span, kind });
            }
            _ => return Ok(target),
        };
        self.advance();
        let value = self.expr_from(ASSIGNMENT + 1)?;
        let span = joined(target.span, value.span);
        let kind = ExprKind::AssignOp { op, target: Box::new(target), value: Box::new(value) };
        Ok(Expr { span, kind })
    }

    fn plain_assignment(&mut self, target: Expr) -> Result<Expr> {
        self.advance();
        if self.at_ampersand() {
            self.advance();
            let source = self.variable(&[])?;
            let span = joined(target.span, source.span);
            let kind = ExprKind::AssignRef { target: Box::new(target), source: Box::new(source) };
            return Ok(Expr { span, kind });
        }
        self.pattern_assignment(target)
    }

    /// The value behind the `=` of an assignment.
    fn pattern_assignment(&mut self, target: Expr) -> Result<Expr> {
        let value = self.expr_from(ASSIGNMENT + 1)?;
        let span = joined(target.span, value.span);
        let kind = ExprKind::Assign { target: Box::new(target), value: Box::new(value) };
        Ok(Expr { span, kind })
    }

    /// `= value` behind an array pattern, which takes no reference.
    pub(super) fn destructuring(&mut self, pattern: Expr) -> Result<Expr> {
        self.expect(T::Equal)?;
        self.pattern_assignment(pattern)
    }

    pub(super) fn at_ampersand(&self) -> bool {
        matches!(
            self.token.kind,
            T::AmpersandFollowedByVarOrVararg | T::AmpersandNotFollowedByVarOrVararg
        )
    }

    fn unary(&mut self, op: UnaryOp, min: u8) -> Result<Expr> {
        let start = span_of(self.advance());
        let expr = self.expr_from(min)?;
        let span = prefixed(start, &expr);
        Ok(Expr { span, kind: ExprKind::Unary { op, expr: Box::new(expr) } })
    }

    /// A keyword or sign with an operand that binds at least as strong as `min`.
    fn prefix(&mut self, min: u8, build: fn(Box<Expr>) -> ExprKind) -> Result<Expr> {
        let start = span_of(self.advance());
        let expr = self.expr_from(min)?;
        let span = prefixed(start, &expr);
        Ok(Expr { span, kind: build(Box::new(expr)) })
    }

    fn include(&mut self, kind: IncludeKind) -> Result<Expr> {
        let start = span_of(self.advance());
        let expr = self.expr_from(INCLUDE)?;
        let span = prefixed(start, &expr);
        Ok(Expr { span, kind: ExprKind::Include { kind, expr: Box::new(expr) } })
    }

    /// An operand with its prefix operators, or a variable with its assignment.
    fn operand(&mut self) -> Result<Expr> {
        let kind = self.token.kind;
        match kind {
            T::Exclamation => self.unary(UnaryOp::Not, NOT),
            T::Minus => self.unary(UnaryOp::Minus, UNARY),
            T::Plus => self.unary(UnaryOp::Plus, UNARY),
            T::Tilde => self.unary(UnaryOp::BitNot, UNARY),
            T::At => self.prefix(UNARY, ExprKind::Silence),
            T::Clone => self.prefix(CLONE, ExprKind::Clone),
            T::Print => self.prefix(PRINT, ExprKind::Print),
            T::Throw => self.prefix(THROW, ExprKind::Throw),
            T::Include => self.include(IncludeKind::Include),
            T::IncludeOnce => self.include(IncludeKind::IncludeOnce),
            T::Require => self.include(IncludeKind::Require),
            T::RequireOnce => self.include(IncludeKind::RequireOnce),
            T::YieldFrom => {
                self.mark_generator();
                self.prefix(YIELD_FROM, ExprKind::YieldFrom)
            }
            T::Yield => self.yield_expr(),
            T::Inc | T::Dec => {
                let token = self.advance();
                let target = self.variable(&[])?;
                let span = prefixed(span_of(token), &target);
                let kind = ExprKind::IncDec {
                    target: Box::new(target),
                    increment: token.kind == T::Inc,
                    prefix: true,
                };
                Ok(Expr { span, kind })
            }
            T::Match => self.match_expr(),
            T::List => {
                let pattern = self.list_pattern()?;
                self.destructuring(pattern)
            }
            T::Function | T::Fn | T::Attribute => self.closure_expr(),
            T::Static if matches!(self.peek(1), T::Function | T::Fn) => self.closure_expr(),
            _ => match cast_kind(kind) {
                Some(kind) => {
                    let start = span_of(self.advance());
                    let expr = self.expr_from(UNARY)?;
                    let span = prefixed(start, &expr);
                    Ok(Expr { span, kind: ExprKind::Cast { kind, expr: Box::new(expr) } })
                }
                None => self.postfix_expr(),
            },
        }
    }

    fn mark_generator(&mut self) {
        if let Some(flag) = self.generators.last_mut() {
            *flag = true;
        }
    }

    fn yield_expr(&mut self) -> Result<Expr> {
        self.mark_generator();
        let token = self.advance();
        let start = span_of(token);
        if !starts_expr(self.token.kind) {
            let span = Span { line: token.line, ..start };
            return Ok(Expr { span, kind: ExprKind::Yield { key: None, value: None } });
        }
        let first = self.expr_from(YIELD + 1)?;
        let span = prefixed(start, &first);
        if !self.eat(T::DoubleArrow) {
            let kind = ExprKind::Yield { key: None, value: Some(Box::new(first)) };
            return Ok(Expr { span, kind });
        }
        let value = self.expr_from(DOUBLE_ARROW + 1)?;
        let span = Span { end: value.span.end, ..span };
        let kind = ExprKind::Yield { key: Some(Box::new(first)), value: Some(Box::new(value)) };
        Ok(Expr { span, kind })
    }

    fn match_expr(&mut self) -> Result<Expr> {
        let start = span_of(self.advance());
        self.expect(T::LeftParen)?;
        let subject = self.expr()?;
        self.expect_among(T::RightParen, &[])?;
        self.expect(T::LeftBrace)?;
        let mut arms = Vec::new();
        while !self.at(T::RightBrace) {
            if !starts_expr(self.token.kind) && !self.at(T::Default) {
                break;
            }
            arms.push(self.match_arm()?);
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::RightBrace)?;
        let span = Span { line: subject.span.line, ..self.span_from(start) };
        Ok(Expr { span, kind: ExprKind::Match { subject: Box::new(subject), arms } })
    }

    fn match_arm(&mut self) -> Result<MatchArm> {
        let start = self.here();
        let conds = if self.eat(T::Default) {
            self.eat(T::Comma);
            None
        } else {
            let mut conds = vec![self.expr()?];
            while self.eat(T::Comma) {
                if !starts_expr(self.token.kind) {
                    break;
                }
                conds.push(self.expr()?);
            }
            Some(conds)
        };
        self.expect(T::DoubleArrow)?;
        let body = self.expr()?;
        Ok(MatchArm { span: self.span_from(start), conds, body })
    }
}

/// Whether an expression can start with `kind`.
pub(super) fn starts_expr(kind: T) -> bool {
    cast_kind(kind).is_some()
        || matches!(
            kind,
            T::LNumber
                | T::DNumber
                | T::String
                | T::NameFullyQualified
                | T::NameRelative
                | T::NameQualified
                | T::Variable
                | T::ConstantEncapsedString
                | T::Include
                | T::IncludeOnce
                | T::Eval
                | T::Require
                | T::RequireOnce
                | T::Print
                | T::Yield
                | T::YieldFrom
                | T::New
                | T::Clone
                | T::Exit
                | T::Match
                | T::Function
                | T::Fn
                | T::Throw
                | T::Static
                | T::Readonly
                | T::Isset
                | T::Empty
                | T::List
                | T::Array
                | T::Line
                | T::File
                | T::Dir
                | T::ClassC
                | T::TraitC
                | T::MethodC
                | T::FuncC
                | T::PropertyC
                | T::NsC
                | T::Attribute
                | T::Inc
                | T::Dec
                | T::StartHeredoc
                | T::LeftBracket
                | T::LeftParen
                | T::Plus
                | T::Minus
                | T::Exclamation
                | T::Tilde
                | T::At
                | T::Dollar
                | T::Backtick
                | T::DoubleQuote
        )
}
