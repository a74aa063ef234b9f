//! Constant folding: only what raises no error or warning and cannot be observed.

use outlast_bytecode::{Literal, LiteralKey};
use outlast_syntax::ast::{
    ArrayItem, BinaryOp, Expr, ExprKind, LogicalOp, Selector, StringPart, UnaryOp,
};

use crate::place::strip;
use crate::scope::Compiler;

/// The truth of a literal.
pub(crate) fn truthy(value: &Literal) -> Option<bool> {
    Some(match value {
        Literal::Null => false,
        Literal::Bool(b) => *b,
        Literal::Int(i) => *i != 0,
        Literal::Float(x) => *x != 0.0,
        Literal::Str(s) => !s.is_empty() && &s[..] != b"0",
        Literal::Array(items) => !items.is_empty(),
    })
}

/// A literal as a string, where that does not depend on settings.
pub(crate) fn literal_text(value: &Literal) -> Option<Vec<u8>> {
    match value {
        Literal::Null | Literal::Bool(false) => Some(Vec::new()),
        Literal::Bool(true) => Some(b"1".to_vec()),
        Literal::Int(i) => Some(i.to_string().into_bytes()),
        Literal::Str(s) => Some(s.to_vec()),
        Literal::Float(_) | Literal::Array(_) => None,
    }
}

/// A literal as an array key.
pub(crate) fn literal_key(value: &Literal) -> Option<LiteralKey> {
    match value {
        Literal::Int(i) => Some(LiteralKey::Int(*i)),
        Literal::Str(s) => Some(string_key(s)),
        Literal::Bool(b) => Some(LiteralKey::Int(*b as i64)),
        Literal::Null => Some(LiteralKey::Str(Box::default())),
        // Floats with a fraction are deprecated as keys: left to run time.
        Literal::Float(x) if x.fract() == 0.0 && x.abs() < 9e15 => Some(LiteralKey::Int(*x as i64)),
        Literal::Float(_) | Literal::Array(_) => None,
    }
}

/// A string key: canonical decimal integers are ints.
pub(crate) fn string_key(s: &[u8]) -> LiteralKey {
    let digits = s.strip_prefix(b"-").unwrap_or(s);
    let canonical = !digits.is_empty()
        && digits.len() <= 19
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || s == b"0");
    if canonical
        && let Some(i) = std::str::from_utf8(s).ok().and_then(|t| t.parse::<i64>().ok())
        && i != i64::MIN
    {
        return LiteralKey::Int(i);
    }
    LiteralKey::Str(s.into())
}

impl Compiler<'_> {
    /// The value of an expression, if it is known now.
    pub(crate) fn fold(&self, e: &Expr) -> Option<Literal> {
        let e = strip(e);
        match &e.kind {
            ExprKind::Int(i) => Some(Literal::Int(*i)),
            ExprKind::Float(x) => Some(Literal::Float(*x)),
            ExprKind::String(s) => Some(Literal::Str(s.to_box())),
            ExprKind::Interpolated(parts) => self.fold_parts(parts),
            ExprKind::Name(name) => self.special_const(name),
            ExprKind::Magic(magic) => match magic {
                outlast_syntax::ast::MagicConst::Line => Some(Literal::Int(e.span.line as i64)),
                other => self.magic_literal(*other),
            },
            ExprKind::ClassConstant { class, name: Selector::Name(name) }
                if name.text.eq_ignore_ascii_case(b"class") =>
            {
                self.class_name_literal(class).ok().flatten()
            }
            ExprKind::Array { items, .. } => self.fold_array(items),
            ExprKind::Unary { op, expr } => {
                let value = self.fold(expr)?;
                match (op, value) {
                    (UnaryOp::Not, value) => Some(Literal::Bool(!truthy(&value)?)),
                    (UnaryOp::Minus, Literal::Int(i)) => Some(match i.checked_neg() {
                        Some(i) => Literal::Int(i),
                        None => Literal::Float(-(i as f64)),
                    }),
                    (UnaryOp::Minus, Literal::Float(x)) => Some(Literal::Float(-x)),
                    (UnaryOp::Plus, v @ (Literal::Int(_) | Literal::Float(_))) => Some(v),
                    (UnaryOp::BitNot, Literal::Int(i)) => Some(Literal::Int(!i)),
                    _ => None,
                }
            }
            ExprKind::Binary { op, left, right } => {
                let left = self.fold(left)?;
                fold_binary(*op, &left, &self.fold(right)?)
            }
            ExprKind::Logical { op, left, right } => {
                let left = truthy(&self.fold(left)?)?;
                match (op, left) {
                    (LogicalOp::And, false) => Some(Literal::Bool(false)),
                    (LogicalOp::Or, true) => Some(Literal::Bool(true)),
                    _ => Some(Literal::Bool(truthy(&self.fold(right)?)?)),
                }
            }
            ExprKind::Ternary { cond, then, otherwise } => {
                let value = self.fold(cond)?;
                let truth = truthy(&value)?;
                match then {
                    Some(then) if truth => self.fold(then),
                    None if truth => Some(value),
                    _ => self.fold(otherwise),
                }
            }
            ExprKind::Coalesce { left, right } => match self.fold(left)? {
                Literal::Null => self.fold(right),
                value => Some(value),
            },
            _ => None,
        }
    }

    fn fold_parts(&self, parts: &[StringPart]) -> Option<Literal> {
        let mut text = Vec::new();
        for part in parts {
            match part {
                StringPart::Literal(s) => text.extend_from_slice(s),
                StringPart::Expr(_) => return None,
            }
        }
        Some(Literal::Str(text.into()))
    }

    fn fold_array(&self, items: &[Option<ArrayItem>]) -> Option<Literal> {
        let mut out: Vec<(LiteralKey, Literal)> = Vec::with_capacity(items.len());
        let mut next: Option<i64> = Some(0);
        let mut numbered = false;
        let mut seen = std::collections::HashMap::new();
        for item in items {
            let item = item.as_ref()?;
            if item.by_ref || item.unpack {
                return None;
            }
            let key = match &item.key {
                Some(key) => literal_key(&self.fold(key)?)?,
                None => LiteralKey::Int(next?),
            };
            let value = self.fold(&item.value)?;
            if let LiteralKey::Int(i) = key
                && next.is_none_or(|n| i >= n || !numbered)
            {
                next = i.checked_add(1);
            }
            numbered |= matches!(key, LiteralKey::Int(_));
            let at = match &key {
                LiteralKey::Int(i) => *seen.entry(i.to_string().into_bytes()).or_insert(out.len()),
                LiteralKey::Str(s) => {
                    let mut tagged = vec![b's'];
                    tagged.extend_from_slice(s);
                    *seen.entry(tagged).or_insert(out.len())
                }
            };
            if at < out.len() {
                out[at].1 = value;
            } else {
                out.push((key, value));
            }
        }
        Some(Literal::Array(out))
    }
}

fn number(value: &Literal) -> Option<f64> {
    match value {
        Literal::Int(i) => Some(*i as f64),
        Literal::Float(x) => Some(*x),
        _ => None,
    }
}

fn fold_binary(op: BinaryOp, a: &Literal, b: &Literal) -> Option<Literal> {
    use Literal::{Bool, Float, Int};
    if op == BinaryOp::Concat {
        let mut text = literal_text(a)?;
        text.extend(literal_text(b)?);
        return Some(Literal::Str(text.into()));
    }
    match op {
        BinaryOp::Identical => return Some(Bool(identical(a, b))),
        BinaryOp::NotIdentical => return Some(Bool(!identical(a, b))),
        BinaryOp::LogicalXor => return Some(Bool(truthy(a)? != truthy(b)?)),
        _ => {}
    }
    if let (Int(x), Int(y)) = (a, b) {
        let (x, y) = (*x, *y);
        return Some(match op {
            BinaryOp::Add => x.checked_add(y).map_or(Float(x as f64 + y as f64), Int),
            BinaryOp::Sub => x.checked_sub(y).map_or(Float(x as f64 - y as f64), Int),
            BinaryOp::Mul => x.checked_mul(y).map_or(Float(x as f64 * y as f64), Int),
            BinaryOp::Div if y != 0 && x.checked_rem(y) == Some(0) => Int(x / y),
            BinaryOp::Div if y != 0 => Float(x as f64 / y as f64),
            BinaryOp::Mod if y != 0 => Int(x.wrapping_rem(y)),
            BinaryOp::Pow => Int(x.checked_pow(u32::try_from(y).ok()?)?),
            BinaryOp::BitAnd => Int(x & y),
            BinaryOp::BitOr => Int(x | y),
            BinaryOp::BitXor => Int(x ^ y),
            BinaryOp::ShiftLeft if (0..64).contains(&y) => Int(x << y),
            BinaryOp::ShiftRight if (0..64).contains(&y) => Int(x >> y),
            BinaryOp::Equal => Bool(x == y),
            BinaryOp::NotEqual => Bool(x != y),
            BinaryOp::Less => Bool(x < y),
            BinaryOp::LessEqual => Bool(x <= y),
            BinaryOp::Greater => Bool(x > y),
            BinaryOp::GreaterEqual => Bool(x >= y),
            BinaryOp::Spaceship => Int(x.cmp(&y) as i64),
            _ => return None,
        });
    }
    let (x, y) = (number(a)?, number(b)?);
    Some(match op {
        BinaryOp::Add => Float(x + y),
        BinaryOp::Sub => Float(x - y),
        BinaryOp::Mul => Float(x * y),
        BinaryOp::Div if y != 0.0 => Float(x / y),
        BinaryOp::Less => Bool(x < y),
        BinaryOp::LessEqual => Bool(x <= y),
        BinaryOp::Greater => Bool(x > y),
        BinaryOp::GreaterEqual => Bool(x >= y),
        BinaryOp::Equal => Bool(x == y),
        BinaryOp::NotEqual => Bool(x != y),
        _ => return None,
    })
}

fn identical(a: &Literal, b: &Literal) -> bool {
    match (a, b) {
        (Literal::Float(x), Literal::Float(y)) => x == y,
        _ => a == b,
    }
}
