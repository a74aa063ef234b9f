//! Arithmetic, powers, logarithms and trigonometry.

use outlast_bytecode::BinOp;
use outlast_number::{ArithError, arith};
use outlast_value::Value;
use outlast_vm::{Cx, Ret};

/// `abs()`
pub fn abs(cx: &mut Cx, num: &Value) -> Ret<Value> {
    Ok(match num {
        Value::Int(i) => match i.checked_abs() {
            Some(n) => Value::Int(n),
            None => Value::Float(-(*i as f64)),
        },
        v => Value::Float(cx.to_float(v)?.abs()),
    })
}

/// `intdiv()`
pub fn intdiv(cx: &mut Cx, num1: i64, num2: i64) -> Ret<i64> {
    arith::intdiv(num1, num2).map_err(|e| match e {
        ArithError::DivisionByZero => cx.throw("DivisionByZeroError", "Division by zero"),
        ArithError::Overflow => {
            cx.throw("ArithmeticError", "Division of PHP_INT_MIN by -1 is not an integer")
        }
    })
}

/// `pow()`
pub fn pow(cx: &mut Cx, num: &Value, exponent: &Value) -> Ret<Value> {
    cx.binary(BinOp::Pow, num, exponent)
}

/// `log()`
pub fn log(cx: &mut Cx, num: f64, base: f64) -> Ret<f64> {
    if base == std::f64::consts::E {
        return Ok(num.ln());
    }
    if base == 2.0 {
        return Ok(num.log2());
    }
    if base == 10.0 {
        return Ok(num.log10());
    }
    if base == 1.0 {
        return Ok(f64::NAN);
    }
    if base <= 0.0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    Ok(num.ln() / base.ln())
}

/// Functions of floats.
macro_rules! floats {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) = $body:expr;)*) => {
        $(
            $(#[$doc])*
            pub fn $name(_cx: &mut Cx, $($arg: f64),*) -> Ret<f64> {
                Ok($body)
            }
        )*
    };
}

floats! {
    /// `sin()`
    sin(num) = num.sin();
    /// `cos()`
    cos(num) = num.cos();
    /// `tan()`
    tan(num) = num.tan();
    /// `asin()`
    asin(num) = num.asin();
    /// `acos()`
    acos(num) = num.acos();
    /// `atan()`
    atan(num) = num.atan();
    /// `atan2()`
    atan2(y, x) = y.atan2(x);
    /// `sinh()`
    sinh(num) = num.sinh();
    /// `cosh()`
    cosh(num) = num.cosh();
    /// `tanh()`
    tanh(num) = num.tanh();
    /// `asinh()`
    asinh(num) = libm::asinh(num);
    /// `acosh()`
    acosh(num) = libm::acosh(num);
    /// `atanh()`
    atanh(num) = libm::atanh(num);
    /// `exp()`
    exp(num) = num.exp();
    /// `expm1()`
    expm1(num) = num.exp_m1();
    /// `log1p()`
    log1p(num) = num.ln_1p();
    /// `log10()`
    log10(num) = num.log10();
    /// `sqrt()`
    sqrt(num) = num.sqrt();
    /// `hypot()`
    hypot(x, y) = x.hypot(y);
    /// `pi()`
    pi() = std::f64::consts::PI;
    /// `deg2rad()`
    deg2rad(num) = num / 180.0 * std::f64::consts::PI;
    /// `rad2deg()`
    rad2deg(num) = num / std::f64::consts::PI * 180.0;
    /// `fmod()`
    fmod(num1, num2) = outlast_number::fmod(num1, num2);
    /// `fdiv()`
    fdiv(num1, num2) = outlast_number::fdiv(num1, num2);
    /// `fpow()`
    fpow(num, exponent) = arith::pow_float(num, exponent);
}

/// `is_nan()`
pub fn is_nan(_cx: &mut Cx, num: f64) -> Ret<bool> {
    Ok(num.is_nan())
}

/// `is_finite()`
pub fn is_finite(_cx: &mut Cx, num: f64) -> Ret<bool> {
    Ok(num.is_finite())
}

/// `is_infinite()`
pub fn is_infinite(_cx: &mut Cx, num: f64) -> Ret<bool> {
    Ok(num.is_infinite())
}
