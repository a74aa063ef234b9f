//! Formatting and scanning: `sprintf`, `sscanf`, `pack` and `number_format`.

use super::{assign, checked};
use outlast_number as number;
use outlast_text::args::{Arguments, Failure, Notice};
use outlast_text::scanf::ScanValue;
use outlast_text::{pack as packing, printf as formatting, scanf};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret, Unwind};

/// The values of a formatting call, converted as the format asks.
pub struct FormatArguments<'a> {
    cx: &'a mut Cx,
    values: &'a [Value],
    /// What a notice's handler threw.
    failed: Option<Unwind>,
}

impl<'a> FormatArguments<'a> {
    /// The values as arguments.
    pub fn new(cx: &'a mut Cx, values: &'a [Value]) -> FormatArguments<'a> {
        FormatArguments { cx, values, failed: None }
    }

    /// The result of a formatting call, unless a handler threw on the way.
    fn outcome(self, result: Made) -> Ret<Made> {
        self.failed.map_or(Ok(result), Err)
    }
}

type Made = Result<Vec<u8>, Failure<Unwind>>;

impl Arguments for FormatArguments<'_> {
    type Error = Unwind;

    fn count(&self) -> usize {
        self.values.len()
    }

    fn text(&mut self, index: usize) -> Ret<Vec<u8>> {
        Ok(self.cx.to_str(&self.values[index])?.to_vec())
    }

    fn int(&mut self, index: usize) -> Ret<i64> {
        self.cx.to_int(&self.values[index])
    }

    fn float(&mut self, index: usize) -> Ret<f64> {
        self.cx.to_float(&self.values[index])
    }

    fn exact_int(&self, index: usize) -> Option<i64> {
        self.values[index].deref().as_int()
    }

    fn report(&mut self, notice: Notice) {
        if self.failed.is_some() {
            return;
        }
        let raised = if notice.is_notice {
            self.cx.notice(notice.message)
        } else {
            self.cx.warning(notice.message)
        };
        self.failed = raised.err();
    }
}

/// How a formatting function got its values: what it says when there are too few.
#[derive(Clone, Copy)]
pub enum Passed {
    /// As arguments, after this many others.
    Arguments(usize),
    /// In an array.
    Array,
}

/// `format` filled in with the values.
pub fn format_values(cx: &mut Cx, format: &[u8], values: &[Value], passed: Passed) -> Ret<Vec<u8>> {
    let mut arguments = FormatArguments::new(cx, values);
    let result = formatting::sprintf(format, &mut arguments);
    let result = arguments.outcome(result)?;
    result.map_err(|failure| match failure {
        Failure::Argument(unwind) => unwind,
        Failure::Value(message) => cx.throw_value_error(message),
        Failure::TooFewArguments(needed) => match passed {
            Passed::Arguments(others) => cx.throw(
                "ArgumentCountError",
                format!(
                    "{} arguments are required, {} given",
                    needed + others,
                    values.len() + others
                ),
            ),
            Passed::Array => cx.throw_value_error(format!(
                "The arguments array must contain {needed} items, {} given",
                values.len()
            )),
        },
    })
}

fn values_of(array: &PhpArray) -> Vec<Value> {
    array.values().map(Value::deref).collect()
}

pub fn sprintf(cx: &mut Cx, format: &PhpString, values: &[Value]) -> Ret<Vec<u8>> {
    format_values(cx, format, values, Passed::Arguments(1))
}

pub fn vsprintf(cx: &mut Cx, format: &PhpString, values: PhpArray) -> Ret<Vec<u8>> {
    format_values(cx, format, &values_of(&values), Passed::Array)
}

pub fn printf(cx: &mut Cx, format: &PhpString, values: &[Value]) -> Ret<usize> {
    let text = sprintf(cx, format, values)?;
    cx.echo(&text)?;
    Ok(text.len())
}

pub fn vprintf(cx: &mut Cx, format: &PhpString, values: PhpArray) -> Ret<usize> {
    let text = vsprintf(cx, format, values)?;
    cx.echo(&text)?;
    Ok(text.len())
}

/// From here on floats are whole numbers.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// Floats below this fit an int.
const GREATEST: f64 = 9_223_372_036_854_775_808.0;

pub fn number_format(
    cx: &mut Cx,
    value: &Value,
    decimals: i64,
    point: Option<&PhpString>,
    thousands: Option<&PhpString>,
) -> Ret<Vec<u8>> {
    // Neither the value's digits nor PHP's own ints go beyond these.
    let decimals = decimals.clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX));
    if decimals > 0 {
        // Room for the fraction is checked before it is made.
        drop(checked(cx, PhpString::try_with_capacity(decimals as usize))?);
    }
    let point = point.map_or(&b"."[..], PhpString::as_bytes);
    let thousands = thousands.map_or(&b","[..], PhpString::as_bytes);
    Ok(match value {
        Value::Int(int) => number::number_format_int(*int, decimals, point, thousands),
        other => {
            let f = cx.to_float(other)?;
            // Such floats have no fraction: as ints they are exact.
            if f.abs() >= WHOLE && (-GREATEST..GREATEST).contains(&f) {
                number::number_format_int(f as i64, decimals, point, thousands)
            } else {
                number::number_format(f, decimals, point, thousands)
            }
        }
    })
}

pub fn sscanf(cx: &mut Cx, text: &PhpString, format: &PhpString, targets: &[Value]) -> Ret<Value> {
    let scan = match scanf::sscanf(text, format, targets.len()) {
        Ok(scan) => scan,
        Err(message) => return Err(cx.throw_value_error(message)),
    };
    let shown = |value: ScanValue| match value {
        ScanValue::Int(int) => Value::Int(int),
        ScanValue::Float(float) => Value::Float(float),
        ScanValue::Text(text) => Value::str(text),
    };
    if targets.is_empty() {
        if scan.end_of_input {
            return Ok(Value::Null);
        }
        return Ok(Value::Array(
            scan.values.into_iter().map(|v| v.map_or(Value::Null, shown)).collect(),
        ));
    }
    for (value, target) in scan.values.into_iter().zip(targets) {
        if let (Some(value), Value::Ref(target)) = (value, target) {
            assign(cx, target, shown(value))?;
        }
    }
    Ok(Value::Int(if scan.end_of_input { -1 } else { scan.conversions as i64 }))
}

pub fn pack(cx: &mut Cx, format: &PhpString, values: &[Value]) -> Ret<Vec<u8>> {
    let mut arguments = FormatArguments::new(cx, values);
    let result = packing::pack(format, &mut arguments);
    let result = arguments.outcome(result)?;
    result.map_err(|failure| match failure {
        Failure::Argument(unwind) => unwind,
        Failure::Value(message) => cx.throw_value_error(message),
        Failure::TooFewArguments(_) => cx.throw_value_error("Not enough arguments"),
    })
}

pub fn unpack(cx: &mut Cx, format: &PhpString, data: &PhpString, offset: i64) -> Ret<Value> {
    let part = usize::try_from(offset).ok().and_then(|offset| data.get(offset..));
    let Some(part) = part else {
        return Err(cx.arg_value_error(3, "must be contained in argument #2 ($data)"));
    };
    let unpacked = match packing::unpack(format, part) {
        Ok(unpacked) => unpacked,
        Err(packing::UnpackError::Value(message)) => return Err(cx.throw_value_error(message)),
        Err(packing::UnpackError::Warning(message)) => {
            cx.warning(message)?;
            return Ok(Value::Bool(false));
        }
    };
    for warning in unpacked.warnings {
        cx.warning(warning)?;
    }
    let mut array = PhpArray::new();
    for (key, value) in unpacked.elements {
        let value = match value {
            packing::Unpacked::Int(int) => Value::Int(int),
            packing::Unpacked::Float(float) => Value::Float(float),
            packing::Unpacked::Text(text) => Value::str(text),
        };
        array.insert(Key::from_bytes(&key), value);
    }
    Ok(Value::Array(array))
}
