//! Counting, sums, extremes and picking at random.

use super::sort::{compare_by, flag};
use outlast_bytecode::{BinOp, type_bits};
use outlast_value::{PhpArray, Reference, Value};
use outlast_vm::{Cx, ObjectClass, Ret, Unwind};

/// `count()`
pub fn count(cx: &mut Cx, value: &Value, mode: i64) -> Ret<i64> {
    if !(0..=1).contains(&mode) {
        return Err(cx.arg_value_error(2, "must be either COUNT_NORMAL or COUNT_RECURSIVE"));
    }
    match value {
        Value::Array(a) if mode == 1 => deep_count(cx, a),
        Value::Array(a) => Ok(a.len() as i64),
        Value::Object(o) => {
            if let Some(count) = o.class().handlers.count {
                return count(cx, o);
            }
            let n = cx.call_method(o, "count", Vec::new())?;
            cx.to_int(&n)
        }
        _ => Ok(1),
    }
}

fn deep_count(cx: &mut Cx, a: &PhpArray) -> Ret<i64> {
    if a.visit_guard() {
        cx.warning("Recursion detected")?;
        return Ok(0);
    }
    let mut n = a.len() as i64;
    let guard = !a.is_immortal();
    if guard {
        a.set_visit_guard(true);
    }
    let mut result = Ok(());
    for v in a.values() {
        if let Value::Array(inner) = v.deref() {
            match deep_count(cx, &inner) {
                Ok(more) => n += more,
                Err(u) => {
                    result = Err(u);
                    break;
                }
            }
        }
    }
    if guard {
        a.set_visit_guard(false);
    }
    result.map(|()| n)
}

fn sole_array(cx: &mut Cx, value: &Value) -> Ret<PhpArray> {
    match value {
        Value::Array(a) if a.is_empty() => {
            Err(cx.arg_value_error(1, "must contain at least one element"))
        }
        Value::Array(a) => Ok(a.clone()),
        v => Err(super::util::not_array(cx, 1, v)),
    }
}

/// `min()`
pub fn min(cx: &mut Cx, value: &Value, values: &[Value]) -> Ret<Value> {
    if values.is_empty() {
        let a = sole_array(cx, value)?;
        let mut best = Value::Undef;
        for v in a.values().map(Value::deref) {
            if best.is_undef() || compare_by(cx, flag::REGULAR, &best, &v)? > 0 {
                best = v;
            }
        }
        return Ok(best);
    }
    let mut best = value.clone();
    for v in values {
        if cx.compare(&best, v)? > 0 {
            best = v.clone();
        }
    }
    Ok(best)
}

/// `max()`
pub fn max(cx: &mut Cx, value: &Value, values: &[Value]) -> Ret<Value> {
    if values.is_empty() {
        let a = sole_array(cx, value)?;
        let mut best = Value::Undef;
        for v in a.values().map(Value::deref) {
            if best.is_undef() || compare_by(cx, flag::REGULAR, &best, &v)? < 0 {
                best = v;
            }
        }
        return Ok(best);
    }
    let mut best = value.clone();
    for v in values {
        if cx.compare(v, &best)? > 0 {
            best = v.clone();
        }
    }
    Ok(best)
}

fn fold(cx: &mut Cx, a: &PhpArray, start: i64, op: BinOp, what: &str) -> Ret<Value> {
    let mut total = Value::Int(start);
    for v in a.values() {
        let sum = match (op, &total, v) {
            (BinOp::Add, Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int),
            (BinOp::Add, Value::Float(a), Value::Float(b)) => Some(Value::Float(a + b)),
            _ => None,
        };
        if let Some(sum) = sum {
            total = sum;
            continue;
        }
        let v = v.deref();
        if let Value::Object(o) = &v {
            let number = match o.class().handlers.cast {
                Some(cast) => cast(cx, o, type_bits::INT | type_bits::FLOAT)?,
                None => None,
            };
            match number {
                Some(n @ (Value::Int(_) | Value::Float(_))) => total = cx.binary(op, &total, &n)?,
                _ => unsupported(cx, what, &v)?,
            }
            continue;
        }
        match cx.binary(op, &total, &v) {
            Ok(sum) => total = sum,
            Err(Unwind::Throw) => {
                // What operators refuse, these functions only warn of.
                cx.exception = None;
                match &v {
                    Value::Resource(r) => total = cx.binary(op, &total, &Value::Int(r.id()))?,
                    Value::Str(_) => total = cx.binary(op, &total, &Value::Int(0))?,
                    _ => {}
                }
                unsupported(cx, what, &v)?;
            }
            Err(u) => return Err(u),
        }
    }
    Ok(total)
}

fn unsupported(cx: &mut Cx, what: &str, v: &Value) -> Ret<()> {
    let name = match v {
        Value::Resource(_) => "resource".to_owned(),
        v => cx.value_type_name(v),
    };
    cx.warning(format!("{what} is not supported on type {name}"))
}

/// `array_sum()`
pub fn array_sum(cx: &mut Cx, array: PhpArray) -> Ret<Value> {
    fold(cx, &array, 0, BinOp::Add, "Addition")
}

/// `array_product()`
pub fn array_product(cx: &mut Cx, array: PhpArray) -> Ret<Value> {
    fold(cx, &array, 1, BinOp::Mul, "Multiplication")
}

/// `shuffle()`
pub fn shuffle(cx: &mut Cx, array: &Reference) -> Ret<bool> {
    let mut values = super::util::shared_array(cx, array)?.into_values();
    for left in (1..values.len()).rev() {
        let other = outlast_ext_random::range(cx, 0, left as i64)? as usize;
        values.swap(left, other);
    }
    array.set(Value::Array(PhpArray::from_list(values)));
    Ok(true)
}

/// `array_rand()`
pub fn array_rand(cx: &mut Cx, array: PhpArray, num: i64) -> Ret<Value> {
    let len = array.len();
    if len == 0 {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if num < 1 || num > len as i64 {
        return Err(cx.arg_value_error(
            2,
            "must be between 1 and the number of elements in argument #1 ($array)",
        ));
    }
    let keys: Vec<_> = array.keys().collect();
    if num == 1 {
        let at = outlast_ext_random::range(cx, 0, len as i64 - 1)? as usize;
        return Ok(keys[at].to_value());
    }
    // The chosen ones are marked; if more than half are wanted, the others are.
    let num = num as usize;
    let invert = num > len / 2;
    let mut left = if invert { len - num } else { num };
    let mut marked = vec![false; len];
    while left > 0 {
        let at = outlast_ext_random::range(cx, 0, len as i64 - 1)? as usize;
        if !marked[at] {
            marked[at] = true;
            left -= 1;
        }
    }
    let chosen = keys.into_iter().zip(marked).filter(|(_, m)| *m != invert);
    Ok(Value::Array(chosen.map(|(k, _)| k.into_value()).collect()))
}
