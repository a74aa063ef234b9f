//! Rounding and the formatting of rounded numbers.

use outlast_number::{RoundingMode, round as rounded, round_int};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

/// `ceil()`
pub fn ceil(cx: &mut Cx, num: &Value) -> Ret<f64> {
    Ok(cx.to_float(num)?.ceil())
}

/// `floor()`
pub fn floor(cx: &mut Cx, num: &Value) -> Ret<f64> {
    Ok(cx.to_float(num)?.floor())
}

/// The mode an argument names, by constant or by case of the enum.
fn mode(cx: &mut Cx, v: Option<&Value>) -> Ret<RoundingMode> {
    match v {
        None => Ok(RoundingMode::HalfAwayFromZero),
        Some(Value::Object(o)) => {
            let name = cx.read_prop(o, &PhpString::from("name"))?;
            let name = cx.to_str(&name)?;
            Ok(match name.as_bytes() {
                b"HalfTowardsZero" => RoundingMode::HalfTowardsZero,
                b"HalfEven" => RoundingMode::HalfEven,
                b"HalfOdd" => RoundingMode::HalfOdd,
                b"TowardsZero" => RoundingMode::TowardsZero,
                b"AwayFromZero" => RoundingMode::AwayFromZero,
                b"NegativeInfinity" => RoundingMode::Floor,
                b"PositiveInfinity" => RoundingMode::Ceiling,
                _ => RoundingMode::HalfAwayFromZero,
            })
        }
        Some(v) => {
            let n = cx.to_int(v)?;
            match RoundingMode::from_constant(n) {
                Some(mode) => Ok(mode),
                None => {
                    Err(cx.arg_value_error(3, "must be a valid rounding mode (RoundingMode::*)"))
                }
            }
        }
    }
}

/// `round()`
pub fn round(cx: &mut Cx, num: &Value, precision: i64, mode_: Option<&Value>) -> Ret<f64> {
    let mode = mode(cx, mode_)?;
    Ok(match num {
        Value::Int(i) => round_int(*i, precision, mode),
        v => rounded(cx.to_float(v)?, precision, mode),
    })
}
