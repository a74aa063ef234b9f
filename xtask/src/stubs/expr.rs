//! Parser of the stub notation: constant expressions.

use super::ast::Expr;
use super::lexer::Kind;
use super::parser::{Parser, Res};

/// Binary operators from loosest to tightest.
const LEVELS: &[&[&str]] =
    &[&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-", "."], &["*", "/", "%"]];

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Res<Expr> {
        self.binary(0)
    }

    fn binary(&mut self, level: usize) -> Res<Expr> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.binary(level + 1)?;
        while let Kind::Sign(sign) = *self.kind() {
            if !operators.contains(&sign) {
                break;
            }
            self.next();
            let right = self.binary(level + 1)?;
            left = Expr::Binary(sign.to_owned(), Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn power(&mut self) -> Res<Expr> {
        for sign in ["-", "+", "~", "!"] {
            if self.eat(sign) {
                let operand = self.power()?;
                return Ok(negate(sign, operand));
            }
        }
        let base = self.primary()?;
        if self.eat("**") {
            let exponent = self.power()?;
            return Ok(Expr::Binary("**".to_owned(), Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn primary(&mut self) -> Res<Expr> {
        match self.next() {
            Kind::Int(value) => Ok(Expr::Int(value)),
            Kind::Float(value) => Ok(Expr::Float(value)),
            Kind::Str(value) => Ok(Expr::Str(value)),
            Kind::Sign("[") => self.array(),
            Kind::Sign("(") => {
                let inner = self.expr()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Word(word) => self.named(word),
            other => self.fail(format!("expected a constant expression, found {other:?}")),
        }
    }

    fn named(&mut self, word: String) -> Res<Expr> {
        match word.to_ascii_lowercase().as_str() {
            "null" => return Ok(Expr::Null),
            "true" => return Ok(Expr::Bool(true)),
            "false" => return Ok(Expr::Bool(false)),
            "new" => {
                let class = self.word()?;
                let class = self.class_name(&class);
                let mut args = Vec::new();
                if self.eat("(") {
                    while !self.eat(")") {
                        args.push(self.expr()?);
                        self.comma_before(")")?;
                    }
                }
                return Ok(Expr::New(class, args));
            }
            _ => {}
        }
        if self.eat("::") {
            let constant = self.word()?;
            return Ok(Expr::ClassConst(self.class_name(&word), constant));
        }
        Ok(Expr::Const(word.trim_start_matches('\\').to_owned()))
    }

    fn array(&mut self) -> Res<Expr> {
        let mut items = Vec::new();
        while !self.eat("]") {
            let first = self.expr()?;
            if self.eat("=>") {
                items.push((Some(first), self.expr()?));
            } else {
                items.push((None, first));
            }
            self.comma_before("]")?;
        }
        Ok(Expr::Array(items))
    }
}

/// A sign before a literal number belongs to the number.
fn negate(sign: &str, operand: Expr) -> Expr {
    match (sign, operand) {
        ("-", Expr::Int(value)) => Expr::Int(value.wrapping_neg()),
        ("-", Expr::Float(9_223_372_036_854_775_808.0)) => Expr::Int(i64::MIN),
        ("-", Expr::Float(value)) => Expr::Float(-value),
        (_, operand) => Expr::Unary(sign.to_owned(), Box::new(operand)),
    }
}
