//! Integer arithmetic that overflows to float, and the division family.

use crate::parse::Number;

/// Why a division has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithError {
    /// `DivisionByZeroError`: the divisor is zero.
    DivisionByZero,
    /// `ArithmeticError`: `PHP_INT_MIN` divided by -1 is not an int.
    Overflow,
}

/// `$a + $b`.
pub fn add(a: i64, b: i64) -> Number {
    match a.checked_add(b) {
        Some(sum) => Number::Int(sum),
        None => Number::Float(a as f64 + b as f64),
    }
}

/// `$a - $b`.
pub fn sub(a: i64, b: i64) -> Number {
    match a.checked_sub(b) {
        Some(difference) => Number::Int(difference),
        None => Number::Float(a as f64 - b as f64),
    }
}

/// `$a * $b`.
pub fn mul(a: i64, b: i64) -> Number {
    match a.checked_mul(b) {
        Some(product) => Number::Int(product),
        None => Number::Float(a as f64 * b as f64),
    }
}

/// `-$a`.
pub fn negate(a: i64) -> Number {
    mul(a, -1)
}

/// `$a / $b`: an int when it divides evenly.
pub fn div(a: i64, b: i64) -> Result<Number, ArithError> {
    if b == 0 {
        return Err(ArithError::DivisionByZero);
    }
    match a.checked_rem(b) {
        Some(0) => Ok(Number::Int(a / b)),
        Some(_) => Ok(Number::Float(a as f64 / b as f64)),
        None => Ok(Number::Float(-(a as f64))),
    }
}

/// `$a % $b`.
pub fn modulo(a: i64, b: i64) -> Result<i64, ArithError> {
    if b == 0 {
        return Err(ArithError::DivisionByZero);
    }
    Ok(a.wrapping_rem(b))
}

/// `intdiv($a, $b)`.
pub fn intdiv(a: i64, b: i64) -> Result<i64, ArithError> {
    if b == 0 {
        return Err(ArithError::DivisionByZero);
    }
    a.checked_div(b).ok_or(ArithError::Overflow)
}

/// `fmod($a, $b)`.
pub fn fmod(a: f64, b: f64) -> f64 {
    a % b
}

/// `fdiv($a, $b)`: IEEE 754 division.
pub fn fdiv(a: f64, b: f64) -> f64 {
    a / b
}

/// `$base ** $exponent` of ints.
pub fn pow(base: i64, exponent: i64) -> Number {
    let Ok(mut left) = u64::try_from(exponent) else {
        return Number::Float((base as f64).powf(exponent as f64));
    };
    if left == 0 {
        return Number::Int(1);
    }
    if base == 0 {
        return Number::Int(0);
    }
    let (mut result, mut square) = (1i64, base);
    loop {
        if left % 2 == 1 {
            left -= 1;
            match mul(result, square) {
                Number::Int(product) => result = product,
                Number::Float(product) => {
                    return Number::Float(product * (square as f64).powf(left as f64));
                }
            }
        } else {
            left /= 2;
            match mul(square, square) {
                Number::Int(product) => square = product,
                Number::Float(product) => {
                    return Number::Float(result as f64 * product.powf(left as f64));
                }
            }
        }
        if left == 0 {
            return Number::Int(result);
        }
    }
}

/// `$base ** $exponent` of floats.
pub fn pow_float(base: f64, exponent: f64) -> f64 {
    base.powf(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overflows_to_float() {
        assert_eq!(pow(2, 63), Number::Float(9.223372036854776E+18));
        assert_eq!(pow(-2, 63), Number::Int(i64::MIN));
        assert_eq!(pow(2, -1), Number::Float(0.5));
        assert_eq!(pow(-1, i64::MAX), Number::Int(-1));
        assert_eq!(add(i64::MAX, 1), Number::Float(9.223372036854776E+18));
        assert_eq!(negate(i64::MIN), Number::Float(9.223372036854776E+18));
    }

    #[test]
    fn divides() {
        assert_eq!(intdiv(i64::MIN, -1), Err(ArithError::Overflow));
        assert_eq!(modulo(i64::MIN, -1), Ok(0));
        assert_eq!(modulo(1, 0), Err(ArithError::DivisionByZero));
        assert_eq!(div(6, 3), Ok(Number::Int(2)));
        assert_eq!(div(7, 2), Ok(Number::Float(3.5)));
        assert_eq!(div(i64::MIN, -1), Ok(Number::Float(9.223372036854776E+18)));
    }
}
