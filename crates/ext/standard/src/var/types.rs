//! Asking for types and converting between them.

use outlast_number as number;
use outlast_value::{PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectClass, Ret};

/// `gettype()`
pub fn gettype(_cx: &mut Cx, value: &Value) -> Ret<&'static str> {
    Ok(value.type_name())
}

/// `get_debug_type()`
pub fn get_debug_type(_cx: &mut Cx, value: &Value) -> Ret<String> {
    Ok(match value {
        Value::Object(o) => o.class().display_name(),
        Value::Resource(r) if r.is_closed() => "resource (closed)".to_owned(),
        Value::Resource(r) => format!("resource ({})", r.kind()),
        v => v.debug_type_name().to_owned(),
    })
}

/// `settype()`
pub fn settype(cx: &mut Cx, var: &Reference, type_: &PhpString) -> Ret<bool> {
    let v = var.get();
    let converted = match type_.to_ascii_lowercase().as_slice() {
        b"integer" | b"int" => Value::Int(cx.to_int(&v)?),
        b"float" | b"double" => Value::Float(cx.to_float(&v)?),
        b"string" => Value::Str(cx.to_str(&v)?),
        b"array" => Value::Array(cx.to_array(&v)?),
        b"object" => Value::Object(cx.to_object(&v)?),
        b"bool" | b"boolean" => Value::Bool(cx.to_bool(&v)?),
        b"null" => Value::Null,
        b"resource" => return Err(cx.throw_value_error("Cannot convert to resource type")),
        _ => return Err(cx.arg_value_error(2, "must be a valid type")),
    };
    let set = cx.with_reference_mut(var, &mut |_, v| {
        *v = converted.clone();
        Ok(())
    });
    if set.is_err() {
        // A typed property keeps what it had.
        var.set(v);
    }
    set.map(|()| true)
}

/// Digits in a base as C's `strtol` reads them: as far as they go, bounded by the type.
fn digits(text: &[u8], base: u32, negative: bool) -> i64 {
    let mut n: i64 = 0;
    for &b in text {
        let Some(d) = char::from(b).to_digit(base) else { break };
        let next = n.checked_mul(i64::from(base)).and_then(|n| {
            if negative { n.checked_sub(i64::from(d)) } else { n.checked_add(i64::from(d)) }
        });
        match next {
            Some(next) => n = next,
            None => return if negative { i64::MIN } else { i64::MAX },
        }
    }
    n
}

/// A string as an int in a base; 0 takes the base from the prefix.
fn int_in_base(text: &[u8], base: i64) -> i64 {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix(b"\x0b").unwrap_or(text);
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let prefix = match rest {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'b' | b'B', ..] => 2,
        [b'0', b'o' | b'O', ..] => 8,
        _ => 0,
    };
    match base {
        0 if prefix == 0 => {
            let base = if rest.first() == Some(&b'0') { 8 } else { 10 };
            digits(rest, base, negative)
        }
        0 => digits(&rest[2..], prefix as u32, negative),
        2 | 8 | 16 if prefix == base => digits(&rest[2..], base as u32, negative),
        2..=36 => digits(rest, base as u32, negative),
        _ => 0,
    }
}

/// `intval()`
pub fn intval(cx: &mut Cx, value: &Value, base: i64) -> Ret<i64> {
    match value {
        Value::Str(s) if base != 10 => Ok(int_in_base(s, base)),
        v => cx.to_int(v),
    }
}

/// `floatval()`
pub fn floatval(cx: &mut Cx, value: &Value) -> Ret<f64> {
    cx.to_float(value)
}

/// `boolval()`
pub fn boolval(cx: &mut Cx, value: &Value) -> Ret<bool> {
    cx.to_bool(value)
}

/// `strval()`
pub fn strval(cx: &mut Cx, value: &Value) -> Ret<PhpString> {
    cx.to_str(value)
}

/// `is_null()`
pub fn is_null(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_null())
}

/// `is_resource()`
pub fn is_resource(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(matches!(value, Value::Resource(r) if !r.is_closed()))
}

/// `is_bool()`
pub fn is_bool(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_bool())
}

/// `is_int()`
pub fn is_int(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_int())
}

/// `is_float()`
pub fn is_float(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_float())
}

/// `is_numeric()`
pub fn is_numeric(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(match value {
        Value::Int(_) | Value::Float(_) => true,
        Value::Str(s) => number::is_numeric(s),
        _ => false,
    })
}

/// `is_string()`
pub fn is_string(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_str())
}

/// `is_array()`
pub fn is_array(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_array())
}

/// `is_object()`
pub fn is_object(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_object())
}

/// `is_scalar()`
pub fn is_scalar(_cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_scalar())
}

/// Could the value be a callable by its form?
fn looks_callable(cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(match value {
        Value::Str(_) => true,
        Value::Array(a) => {
            let member = |i| a.get_int(i).map(Value::deref);
            a.len() == 2
                && matches!(member(0), Some(Value::Str(_) | Value::Object(_)))
                && matches!(member(1), Some(Value::Str(_)))
        }
        v => cx.is_callable(v)?,
    })
}

/// `is_callable()`
pub fn is_callable(
    cx: &mut Cx,
    value: &Value,
    syntax_only: bool,
    callable_name: Option<&Reference>,
) -> Ret<bool> {
    if let Some(r) = callable_name {
        r.set(match value {
            Value::Str(_) | Value::Array(_) | Value::Object(_) => {
                Value::Str(cx.callable_name(value))
            }
            v => Value::Str(cx.to_str(v)?),
        });
    }
    if syntax_only { looks_callable(cx, value) } else { cx.is_callable(value) }
}

fn is_of(cx: &mut Cx, value: &Value, class: &[u8]) -> bool {
    match (value, cx.class(class)) {
        (Value::Object(o), Some(c)) => o.class().is_subclass_of_or_same(c),
        _ => false,
    }
}

/// `is_iterable()`
pub fn is_iterable(cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(value.is_array() || is_of(cx, value, b"Traversable"))
}

/// `is_countable()`
pub fn is_countable(cx: &mut Cx, value: &Value) -> Ret<bool> {
    Ok(match value {
        Value::Array(_) => true,
        Value::Object(o) if o.class().handlers.count.is_some() => true,
        v => is_of(cx, v, b"Countable"),
    })
}

#[cfg(test)]
mod tests {
    use super::int_in_base;

    #[test]
    fn bases_and_prefixes() {
        assert_eq!(int_in_base(b"0x1A", 16), 26);
        assert_eq!(int_in_base(b"0x1A", 0), 26);
        assert_eq!(int_in_base(b"017", 0), 15);
        assert_eq!(int_in_base(b"-0b11", 2), -3);
        assert_eq!(int_in_base(b" 12", 8), 10);
        assert_eq!(int_in_base(b"z", 36), 35);
        assert_eq!(int_in_base(b"12", 1), 0);
        assert_eq!(int_in_base(b"99999999999999999999", 16), i64::MAX);
    }
}
