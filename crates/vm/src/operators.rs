//! Arithmetic, bitwise and string operators (manual: language.operators).

use crate::class::ObjectClass;
use crate::convert::number_value;
use crate::{Cx, Ret};
use outlast_bytecode::{BinOp, IncDec, type_bits};
use outlast_number as number;
use outlast_number::{ArithError, Number};
use outlast_value::{PhpString, Value};

fn symbol(op: BinOp) -> &'static str {
    match op {
        BinOp::Add => "+",
        BinOp::Sub => "-",
        BinOp::Mul => "*",
        BinOp::Div => "/",
        BinOp::Mod => "%",
        BinOp::Pow => "**",
        BinOp::Concat => ".",
        BinOp::BitAnd => "&",
        BinOp::BitOr => "|",
        BinOp::BitXor => "^",
        BinOp::ShiftLeft => "<<",
        BinOp::ShiftRight => ">>",
    }
}

impl Cx {
    /// `a op b`.
    pub fn binary(&mut self, op: BinOp, a: &Value, b: &Value) -> Ret<Value> {
        if let Value::Ref(r) = a {
            return self.binary(op, &r.get(), b);
        }
        if let Value::Ref(r) = b {
            return self.binary(op, a, &r.get());
        }
        if op == BinOp::Concat {
            return self.concat(a, b);
        }
        if let Some(v) = self.operate_objects(op, a, b)? {
            return Ok(v);
        }
        match op {
            BinOp::Mod | BinOp::ShiftLeft | BinOp::ShiftRight => self.integer_op(op, a, b),
            BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor => {
                if let (Value::Str(x), Value::Str(y)) = (a, b) {
                    return Ok(Value::Str(bitwise_strings(op, x, y)));
                }
                self.integer_op(op, a, b)
            }
            BinOp::Add => {
                if let (Value::Array(x), Value::Array(y)) = (a, b) {
                    let mut sum = x.clone();
                    for (k, v) in y.iter() {
                        if sum.get(&k).is_none() {
                            sum.insert(k, v.clone());
                        }
                    }
                    return Ok(Value::Array(sum));
                }
                self.arithmetic(op, a, b)
            }
            _ => self.arithmetic(op, a, b),
        }
    }

    /// `a . b`.
    pub fn concat(&mut self, a: &Value, b: &Value) -> Ret<Value> {
        if let Some(v) = self.operate_objects(BinOp::Concat, a, b)? {
            return Ok(v);
        }
        let x = self.to_str(a)?;
        let y = self.to_str(b)?;
        if y.is_empty() {
            return Ok(Value::Str(x));
        }
        if x.is_empty() {
            return Ok(Value::Str(y));
        }
        Ok(Value::Str(PhpString::concat(&[&x, &y])))
    }

    fn operate_objects(&mut self, op: BinOp, a: &Value, b: &Value) -> Ret<Option<Value>> {
        for v in [a, b] {
            if let Value::Object(o) = v
                && let Some(operate) = o.class().handlers.operate
                && let Some(v) = operate(self, op, a, b)?
            {
                return Ok(Some(v));
            }
        }
        Ok(None)
    }

    fn unsupported(&mut self, op: BinOp, a: &Value, b: &Value) -> crate::Unwind {
        let (x, y) = (self.operand_type_name(a), self.operand_type_name(b));
        self.throw_type_error(format!("Unsupported operand types: {x} {} {y}", symbol(op)))
    }

    fn operand_type_name(&mut self, v: &Value) -> String {
        match v {
            Value::Object(o) => o.class().display_name(),
            Value::Bool(_) => "bool".into(),
            Value::Undef | Value::Null => "null".into(),
            v => v.debug_type_name().into(),
        }
    }

    fn operand_number(&mut self, op: BinOp, v: &Value, a: &Value, b: &Value) -> Ret<Number> {
        Ok(match v {
            Value::Int(i) => Number::Int(*i),
            Value::Float(f) => Number::Float(*f),
            Value::Undef | Value::Null => Number::Int(0),
            Value::Bool(b) => Number::Int(i64::from(*b)),
            Value::Str(s) => match number::parse_numeric(s, true) {
                Some(n) => {
                    if n.trailing_data {
                        self.raise_warning("A non-numeric value encountered")?;
                    }
                    n.number
                }
                None => return Err(self.unsupported(op, a, b)),
            },
            Value::Object(o) => match self.cast_object(o, type_bits::INT | type_bits::FLOAT)? {
                Some(Value::Int(i)) => Number::Int(i),
                Some(Value::Float(f)) => Number::Float(f),
                _ => return Err(self.unsupported(op, a, b)),
            },
            _ => return Err(self.unsupported(op, a, b)),
        })
    }

    fn arithmetic(&mut self, op: BinOp, a: &Value, b: &Value) -> Ret<Value> {
        if matches!(b, Value::Array(_)) {
            return Err(self.unsupported(op, a, b));
        }
        let x = self.operand_number(op, a, a, b)?;
        let y = self.operand_number(op, b, a, b)?;
        self.number_op(op, x, y)
    }

    fn number_op(&mut self, op: BinOp, x: Number, y: Number) -> Ret<Value> {
        let result = match (op, x, y) {
            (BinOp::Add, Number::Int(x), Number::Int(y)) => number::add(x, y),
            (BinOp::Sub, Number::Int(x), Number::Int(y)) => number::sub(x, y),
            (BinOp::Mul, Number::Int(x), Number::Int(y)) => number::mul(x, y),
            (BinOp::Pow, Number::Int(x), Number::Int(y)) => {
                if x == 0 && y < 0 {
                    self.raise_deprecated("Power of base 0 and negative exponent is deprecated")?;
                }
                number::pow(x, y)
            }
            (BinOp::Div, Number::Int(x), Number::Int(y)) => match number::arith::div(x, y) {
                Ok(n) => n,
                Err(e) => return Err(self.arith_error(e, "Division by zero")),
            },
            (op, x, y) => {
                let (x, y) = (x.to_float(), y.to_float());
                Number::Float(match op {
                    BinOp::Add => x + y,
                    BinOp::Sub => x - y,
                    BinOp::Mul => x * y,
                    BinOp::Pow => {
                        if x == 0.0 && y < 0.0 {
                            self.raise_deprecated(
                                "Power of base 0 and negative exponent is deprecated",
                            )?;
                        }
                        x.powf(y)
                    }
                    _ => {
                        if y == 0.0 {
                            return Err(
                                self.arith_error(ArithError::DivisionByZero, "Division by zero")
                            );
                        }
                        x / y
                    }
                })
            }
        };
        Ok(number_value(result))
    }

    fn arith_error(&mut self, e: ArithError, zero: &str) -> crate::Unwind {
        match e {
            ArithError::DivisionByZero => self.throw("DivisionByZeroError", zero),
            _ => self.throw("ArithmeticError", "Division of PHP_INT_MIN by -1 is not an integer"),
        }
    }

    fn operand_int(&mut self, op: BinOp, v: &Value, a: &Value, b: &Value) -> Ret<i64> {
        match v {
            Value::Int(i) => Ok(*i),
            Value::Float(f) => {
                if !number::is_integer_compatible(*f) {
                    let shown = self.repr_float(*f);
                    self.raise_deprecated(format!(
                        "Implicit conversion from float {shown} to int loses precision"
                    ))?;
                }
                Ok(number::float_to_int(*f))
            }
            Value::Str(s) => {
                let Some(n) = number::parse_numeric(s, true) else {
                    return Err(self.unsupported(op, a, b));
                };
                if n.trailing_data {
                    self.raise_warning("A non-numeric value encountered")?;
                }
                match n.number {
                    Number::Int(i) => Ok(i),
                    Number::Float(f) => {
                        if !number::is_integer_compatible(f) {
                            let mut m = b"Implicit conversion from float-string \"".to_vec();
                            m.extend_from_slice(s);
                            m.extend_from_slice(b"\" to int loses precision");
                            self.raise_deprecated(m)?;
                        }
                        Ok(number::float_to_int_saturating(f))
                    }
                }
            }
            v => match self.operand_number(op, v, a, b)? {
                Number::Int(i) => Ok(i),
                Number::Float(f) => Ok(number::float_to_int(f)),
            },
        }
    }

    fn integer_op(&mut self, op: BinOp, a: &Value, b: &Value) -> Ret<Value> {
        if matches!(b, Value::Array(_)) {
            return Err(self.unsupported(op, a, b));
        }
        let x = self.operand_int(op, a, a, b)?;
        let y = self.operand_int(op, b, a, b)?;
        Ok(Value::Int(match op {
            BinOp::Mod => match number::modulo(x, y) {
                Ok(r) => r,
                Err(e) => return Err(self.arith_error(e, "Modulo by zero")),
            },
            BinOp::BitAnd => x & y,
            BinOp::BitOr => x | y,
            BinOp::BitXor => x ^ y,
            _ if y < 0 => {
                return Err(self.throw("ArithmeticError", "Bit shift by negative number"));
            }
            BinOp::ShiftLeft => {
                if y >= 64 {
                    0
                } else {
                    x << y
                }
            }
            _ => x >> y.min(63),
        }))
    }

    /// `~$value`.
    pub fn bit_not(&mut self, v: &Value) -> Ret<Value> {
        match v {
            Value::Int(i) => Ok(Value::Int(!i)),
            Value::Float(f) => {
                if !number::is_integer_compatible(*f) {
                    let shown = self.repr_float(*f);
                    self.raise_deprecated(format!(
                        "Implicit conversion from float {shown} to int loses precision"
                    ))?;
                }
                Ok(Value::Int(!number::float_to_int(*f)))
            }
            Value::Str(s) => {
                Ok(Value::Str(PhpString::from(s.iter().map(|b| !b).collect::<Vec<u8>>())))
            }
            Value::Ref(r) => self.bit_not(&r.get()),
            v => {
                let name = self.value_type_name(v);
                Err(self.throw_type_error(format!("Cannot perform bitwise not on {name}")))
            }
        }
    }

    /// `++` or `--` applied to a value (not a reference).
    pub fn inc_dec(&mut self, v: &Value, kind: IncDec) -> Ret<Value> {
        let increment = matches!(kind, IncDec::PreInc | IncDec::PostInc);
        Ok(match v {
            Value::Int(i) => {
                number_value(if increment { number::add(*i, 1) } else { number::sub(*i, 1) })
            }
            Value::Float(f) => Value::Float(if increment { f + 1.0 } else { f - 1.0 }),
            Value::Undef | Value::Null => {
                if increment {
                    Value::Int(1)
                } else {
                    self.raise_warning(
                        "Decrement on type null has no effect, this will change in the next major version of PHP",
                    )?;
                    Value::Null
                }
            }
            Value::Bool(_) => {
                let word = if increment { "Increment" } else { "Decrement" };
                self.raise_warning(format!(
                    "{word} on type bool has no effect, this will change in the next major version of PHP"
                ))?;
                v.clone()
            }
            Value::Str(s) => return self.inc_dec_string(s, increment),
            Value::Ref(r) => return self.inc_dec(&r.get(), kind),
            Value::Object(o) if o.class().handlers.operate.is_some() => {
                let op = if increment { BinOp::Add } else { BinOp::Sub };
                return self.binary(op, v, &Value::Int(1));
            }
            v => {
                let name = self.operand_type_name(v);
                let word = if increment { "increment" } else { "decrement" };
                return Err(self.throw_type_error(format!("Cannot {word} {name}")));
            }
        })
    }

    fn inc_dec_string(&mut self, s: &PhpString, increment: bool) -> Ret<Value> {
        if s.is_empty() {
            if increment {
                self.raise_deprecated("Increment on non-alphanumeric string is deprecated")?;
                return Ok(Value::Str(PhpString::one_char(b'1')));
            }
            self.raise_deprecated("Decrement on empty string is deprecated as non-numeric")?;
            return Ok(Value::Int(-1));
        }
        if let Some(n) = number::parse_numeric(s, false) {
            return Ok(number_value(match (n.number, increment) {
                (Number::Int(i), true) => number::add(i, 1),
                (Number::Int(i), false) => number::sub(i, 1),
                (Number::Float(f), true) => Number::Float(f + 1.0),
                (Number::Float(f), false) => Number::Float(f - 1.0),
            }));
        }
        if !increment {
            self.raise_deprecated(
                "Decrement on non-numeric string has no effect and is deprecated",
            )?;
            return Ok(Value::Str(s.clone()));
        }
        if !s.iter().all(u8::is_ascii_alphanumeric) {
            self.raise_deprecated("Increment on non-alphanumeric string is deprecated")?;
        }
        Ok(Value::Str(PhpString::from(number::increment_string(s))))
    }
}

fn bitwise_strings(op: BinOp, x: &[u8], y: &[u8]) -> PhpString {
    let both = x.iter().zip(y);
    PhpString::from(match op {
        BinOp::BitAnd => both.map(|(a, b)| a & b).collect::<Vec<u8>>(),
        BinOp::BitXor => both.map(|(a, b)| a ^ b).collect(),
        _ => {
            let (long, short) = if x.len() >= y.len() { (x, y) } else { (y, x) };
            let mut out = long.to_vec();
            for (o, s) in out.iter_mut().zip(short) {
                *o |= s;
            }
            out
        }
    })
}
