//! `range()`.

use outlast_number as number;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Most elements an array may have.
const MOST: f64 = 1_073_741_824.0;

/// What a boundary is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
    /// A string that is no number.
    Text,
    /// A digit: a number beside numbers, a character beside characters.
    Digit,
}

impl Kind {
    fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Digit)
    }
}

struct Bound {
    kind: Kind,
    int: i64,
    float: f64,
    byte: u8,
}

impl Bound {
    fn number(kind: Kind, int: i64, float: f64) -> Bound {
        Bound { kind, int, float, byte: 0 }
    }
}

fn finite(cx: &mut Cx, position: usize, f: f64) -> Ret<f64> {
    if f.is_finite() {
        return Ok(f);
    }
    let what = if f.is_nan() { "NAN" } else { "INF" };
    Err(cx.arg_value_error(position, &format!("must be a finite number, {what} provided")))
}

fn bound(cx: &mut Cx, position: usize, name: &str, v: &Value) -> Ret<Bound> {
    match v {
        Value::Int(i) => Ok(Bound::number(Kind::Int, *i, *i as f64)),
        Value::Float(f) => Ok(Bound::number(Kind::Float, 0, finite(cx, position, *f)?)),
        Value::Str(s) => text_bound(cx, position, name, s),
        _ => Ok(Bound::number(Kind::Int, 0, 0.0)),
    }
}

fn text_bound(cx: &mut Cx, position: usize, name: &str, s: &PhpString) -> Ret<Bound> {
    if s.is_empty() {
        cx.warning(format!("Argument #{position} (${name}) must not be empty, casted to 0"))?;
        return Ok(Bound::number(Kind::Int, 0, 0.0));
    }
    match number::parse_numeric(s, false) {
        Some(n) => match n.number {
            number::Number::Int(i) => {
                let kind = if s.len() == 1 { Kind::Digit } else { Kind::Int };
                Ok(Bound { kind, int: i, float: i as f64, byte: s[0] })
            }
            number::Number::Float(f) => Ok(Bound::number(Kind::Float, 0, finite(cx, position, f)?)),
        },
        None => {
            if s.len() != 1 {
                cx.warning(format!(
                    "Argument #{position} (${name}) must be a single byte, subsequent bytes are ignored"
                ))?;
            }
            Ok(Bound { kind: Kind::Text, int: 0, float: 0.0, byte: s[0] })
        }
    }
}

struct Step {
    int: u64,
    float: f64,
    fractional: bool,
    negative: bool,
}

fn step_of(cx: &mut Cx, v: &Value) -> Ret<Step> {
    let mut step = match v {
        Value::Float(f) => {
            let f = finite(cx, 3, *f)?;
            let int = number::float_to_int(f);
            let fractional = !number::is_integer_compatible(f);
            Step { int: int.unsigned_abs(), float: f, fractional, negative: f < 0.0 }
        }
        other => {
            let int = cx.to_int(other)?;
            if int == i64::MIN {
                return Err(cx.arg_value_error(3, &format!("must be greater than {int}")));
            }
            Step {
                int: int.unsigned_abs(),
                float: int as f64,
                fractional: false,
                negative: int < 0,
            }
        }
    };
    step.float = step.float.abs();
    if step.float == 0.0 {
        return Err(cx.arg_value_error(3, "cannot be 0"));
    }
    Ok(step)
}

/// `range()`
pub fn range(cx: &mut Cx, start: &Value, end: &Value, step: &Value) -> Ret<PhpArray> {
    let mut low = bound(cx, 1, "start", start)?;
    let mut high = bound(cx, 2, "end", end)?;
    let step = step_of(cx, step)?;
    if low.kind.is_text() && high.kind.is_text() {
        if !step.fractional {
            return characters(cx, low.byte, high.byte, &step);
        }
        if low.kind == Kind::Text || high.kind == Kind::Text {
            cx.warning(
                "Argument #3 ($step) must be of type int when generating an array of characters, \
                 inputs converted to 0",
            )?;
        }
    } else if high.kind.is_text() {
        if high.kind == Kind::Text {
            cx.warning(
                "Argument #1 ($start) must be a single byte string if argument #2 ($end) is a \
                 single byte string, argument #2 ($end) converted to 0",
            )?;
        }
        high.kind = Kind::Int;
    } else if low.kind.is_text() {
        if low.kind == Kind::Text {
            cx.warning(
                "Argument #2 ($end) must be a single byte string if argument #1 ($start) is a \
                 single byte string, argument #1 ($start) converted to 0",
            )?;
        }
        low.kind = Kind::Int;
    }
    if low.kind == Kind::Float || high.kind == Kind::Float || step.fractional {
        floats(cx, low.float, high.float, &step)
    } else {
        ints(cx, low.int, high.int, &step)
    }
}

/// The errors of a step that leads nowhere.
fn check(cx: &mut Cx, rising: bool, too_far: bool, step: &Step) -> Ret<()> {
    if rising && step.negative {
        return Err(cx.arg_value_error(3, "must be greater than 0 for increasing ranges"));
    }
    if too_far {
        return Err(cx.arg_value_error(
            3,
            "must be less than the range spanned by argument #1 ($start) and argument #2 ($end)",
        ));
    }
    Ok(())
}

fn characters(cx: &mut Cx, start: u8, end: u8, step: &Step) -> Ret<PhpArray> {
    if start == end {
        return Ok(PhpArray::from_list(vec![Value::Str(PhpString::one_char(start))]));
    }
    let span = start.abs_diff(end);
    check(cx, end > start, u64::from(span) < step.int, step)?;
    let step = step.int as usize;
    let one = |n: usize| {
        let c = if end > start { start + n as u8 } else { start - n as u8 };
        Value::Str(PhpString::one_char(c))
    };
    Ok((0..=usize::from(span)).step_by(step).map(one).collect())
}

fn ints(cx: &mut Cx, start: i64, end: i64, step: &Step) -> Ret<PhpArray> {
    if start == end {
        return Ok(PhpArray::from_list(vec![Value::Int(start)]));
    }
    let span = start.abs_diff(end);
    check(cx, end > start, span < step.int, step)?;
    let steps = span / step.int;
    if steps >= MOST as u64 - 1 {
        let (low, high) = (start.min(end), start.max(end));
        return Err(cx.throw_value_error(format!(
            "The supplied range exceeds the maximum array size: start={low} end={high} step={}",
            step.int
        )));
    }
    let far = if end > start { step.int } else { step.int.wrapping_neg() };
    let value = |n: usize| Value::Int(start.wrapping_add((n as u64).wrapping_mul(far) as i64));
    Ok(PhpArray::list_of((0..steps as usize + 1).map(value)))
}

fn floats(cx: &mut Cx, start: f64, end: f64, step: &Step) -> Ret<PhpArray> {
    if start == end {
        return Ok(PhpArray::from_list(vec![Value::Float(start)]));
    }
    let span = (end - start).abs();
    check(cx, end > start, span < step.float, step)?;
    let size = span / step.float + 1.0;
    if size >= MOST {
        let (low, high) = (start.min(end), start.max(end));
        return Err(cx.throw_value_error(format!(
            "The supplied range exceeds the maximum array size: start={low:.1} end={high:.1} \
             step={:.1}",
            step.float
        )));
    }
    let size = number::round(size, 0, number::RoundingMode::HalfAwayFromZero) as usize;
    let mut out = PhpArray::with_capacity(size);
    for n in 0..size {
        let far = n as f64 * step.float;
        let v = if end > start { start + far } else { start - far };
        if if end > start { v > end } else { v < end } {
            break;
        }
        let _ = out.push(Value::Float(v));
    }
    Ok(out)
}
