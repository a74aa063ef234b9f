//! Constant expressions: what they come to, and how Rust writes it.

use crate::stubs::ast::{Expr, Item, Stub};
use std::collections::BTreeMap;

/// What a constant expression comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Const {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Vec<u8>),
    EmptyArray,
}

/// Constants of all stubs by name, class constants as `Class::NAME`.
#[derive(Default)]
pub struct Known {
    exprs: BTreeMap<String, (String, Expr)>,
}

impl Known {
    /// Collects the constants of the stubs.
    pub fn of<'a>(stubs: impl Iterator<Item = &'a Stub>) -> Known {
        let mut known = Known::default();
        for item in stubs.flat_map(|s| &s.items) {
            match item {
                Item::Const(c) => known.add(c.name.clone(), "", c.value.as_ref()),
                Item::Class(class) => {
                    for c in &class.constants {
                        let name = format!("{}::{}", class.name, c.name);
                        known.add(name, &class.name, c.value.as_ref());
                    }
                }
                Item::Function(_) => {}
            }
        }
        known
    }

    fn add(&mut self, name: String, scope: &str, value: Option<&Expr>) {
        if let Some(value) = value {
            self.exprs.insert(name, (scope.to_owned(), value.clone()));
        }
    }

    /// Evaluates an expression as seen from `class`; `None` where only the engine can.
    pub fn eval(&self, expr: &Expr, class: &str) -> Option<Const> {
        self.eval_to(expr, class, 0)
    }

    fn eval_to(&self, expr: &Expr, class: &str, depth: usize) -> Option<Const> {
        // A constant that is defined by itself has no value.
        if depth > 32 {
            return None;
        }
        let eval = |e: &Expr| self.eval_to(e, class, depth + 1);
        Some(match expr {
            Expr::Null => Const::Null,
            Expr::Bool(b) => Const::Bool(*b),
            Expr::Int(i) => Const::Int(*i),
            Expr::Float(f) => Const::Float(*f),
            Expr::Str(s) => Const::Str(s.clone()),
            Expr::Array(items) if items.is_empty() => Const::EmptyArray,
            Expr::Array(_) | Expr::New(..) => return None,
            Expr::Const(name) => match name.as_str() {
                "NAN" => Const::Float(f64::NAN),
                "INF" => Const::Float(f64::INFINITY),
                name => self.named(name, depth)?,
            },
            Expr::ClassConst(of, name) => {
                let of = if of == "self" || of == "static" { class } else { of };
                if name == "class" {
                    return Some(Const::Str(of.as_bytes().to_vec()));
                }
                self.named(&format!("{of}::{name}"), depth)?
            }
            Expr::Unary(op, operand) => unary(op, eval(operand)?)?,
            Expr::Binary(op, left, right) => binary(op, eval(left)?, eval(right)?)?,
        })
    }

    fn named(&self, name: &str, depth: usize) -> Option<Const> {
        let (scope, expr) = self.exprs.get(name)?;
        self.eval_to(expr, scope, depth + 1)
    }
}

fn unary(op: &str, operand: Const) -> Option<Const> {
    Some(match (op, operand) {
        ("-", Const::Int(i)) => Const::Int(i.wrapping_neg()),
        ("-", Const::Float(f)) => Const::Float(-f),
        ("~", Const::Int(i)) => Const::Int(!i),
        ("!", Const::Bool(b)) => Const::Bool(!b),
        ("+", number @ (Const::Int(_) | Const::Float(_))) => number,
        _ => return None,
    })
}

fn binary(op: &str, left: Const, right: Const) -> Option<Const> {
    let (a, b) = match (left, right) {
        (Const::Int(a), Const::Int(b)) => (a, b),
        (Const::Str(mut a), Const::Str(b)) if op == "." => {
            a.extend(b);
            return Some(Const::Str(a));
        }
        _ => return None,
    };
    Some(Const::Int(match op {
        "|" => a | b,
        "&" => a & b,
        "^" => a ^ b,
        "<<" => a.checked_shl(u32::try_from(b).ok()?)?,
        ">>" => a.checked_shr(u32::try_from(b).ok()?)?,
        "+" => a.checked_add(b)?,
        "-" => a.checked_sub(b)?,
        "*" => a.checked_mul(b)?,
        "%" => a.checked_rem(b)?,
        "**" => a.checked_pow(u32::try_from(b).ok()?)?,
        _ => return None,
    }))
}

fn float(f: f64) -> String {
    if f.is_nan() {
        "f64::NAN".to_owned()
    } else if f.is_infinite() {
        if f > 0.0 { "f64::INFINITY".to_owned() } else { "f64::NEG_INFINITY".to_owned() }
    } else {
        format!("{f:?}")
    }
}

fn int(i: i64) -> String {
    if i == i64::MIN { "i64::MIN".to_owned() } else { i.to_string() }
}

/// A byte string literal.
fn bytes(s: &[u8]) -> String {
    format!("b\"{}\"", s.escape_ascii())
}

impl Const {
    /// As a `NativeValue`.
    pub fn native(&self) -> String {
        match self {
            Const::Null => "NativeValue::Null".to_owned(),
            Const::Bool(b) => format!("NativeValue::Bool({b})"),
            Const::Int(i) => format!("NativeValue::Int({})", int(*i)),
            Const::Float(f) => format!("NativeValue::Float({})", float(*f)),
            Const::Str(s) => match std::str::from_utf8(s) {
                Ok(text) => format!("NativeValue::Str({text:?})"),
                Err(_) => format!("NativeValue::Bytes({})", bytes(s)),
            },
            Const::EmptyArray => "NativeValue::EmptyArray".to_owned(),
        }
    }

    /// As a `Value`.
    pub fn value(&self) -> String {
        match self {
            Const::Null => "Value::Null".to_owned(),
            Const::Bool(b) => format!("Value::Bool({b})"),
            Const::Int(i) => format!("Value::Int({})", int(*i)),
            Const::Float(f) => format!("Value::Float({})", float(*f)),
            Const::Str(_) => format!("Value::Str({})", self.plain()),
            Const::EmptyArray => format!("Value::Array({})", self.plain()),
        }
    }

    /// As the Rust value itself; null is none of them.
    pub fn plain(&self) -> String {
        match self {
            Const::Null => "None".to_owned(),
            Const::Bool(b) => b.to_string(),
            Const::Int(i) => int(*i),
            Const::Float(f) => float(*f),
            Const::Str(s) => format!("PhpString::new({})", bytes(s)),
            Const::EmptyArray => "PhpArray::new()".to_owned(),
        }
    }
}
