//! Comparison with type juggling (manual: language.operators.comparison).

use crate::class::ObjectClass;
use crate::{Cx, Ret};
use outlast_bytecode::type_bits;
use outlast_number as number;
use outlast_value::{Object, PhpArray, Value};
use std::cmp::Ordering;

/// How two values compare; PHP treats uncomparable ones as "greater" whichever way it asks.
pub const UNCOMPARABLE: i32 = 2;

fn sign(o: Ordering) -> i32 {
    match o {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn floats(a: f64, b: f64) -> i32 {
    if a == b {
        0
    } else if a < b {
        -1
    } else {
        1
    }
}

impl Cx {
    /// `a <=> b`: negative, 0 or positive; [`UNCOMPARABLE`] where PHP says 1 but `a > b` is no
    /// more true than `a < b`.
    pub fn compare(&mut self, a: &Value, b: &Value) -> Ret<i32> {
        use Value::*;
        Ok(match (a, b) {
            (Ref(r), b) => return self.compare(&r.get(), b),
            (a, Ref(r)) => return self.compare(a, &r.get()),
            (Int(x), Int(y)) => sign(x.cmp(y)),
            (Int(x), Float(y)) => floats(*x as f64, *y),
            (Float(x), Int(y)) => floats(*x, *y as f64),
            (Float(x), Float(y)) => floats(*x, *y),
            (Str(x), Str(y)) => {
                if x.ptr_eq(y) {
                    0
                } else {
                    sign(number::smart_compare(x, y))
                }
            }
            (Undef | Null | Bool(_), Undef | Null | Bool(_)) => sign(a.truthy().cmp(&b.truthy())),
            (Str(x), Undef | Null) => i32::from(!x.is_empty()),
            (Undef | Null, Str(y)) => -i32::from(!y.is_empty()),
            (Int(x), Str(y)) => sign(number::compare_int_string(*x, y)),
            (Str(x), Int(y)) => -sign(number::compare_int_string(*y, x)),
            (Float(x), Str(y)) => {
                if x.is_nan() {
                    1
                } else {
                    sign(number::compare_float_string(*x, y, self.ini.precision()))
                }
            }
            (Str(x), Float(y)) => {
                if y.is_nan() {
                    1
                } else {
                    -sign(number::compare_float_string(*y, x, self.ini.precision()))
                }
            }
            (Array(x), Array(y)) => return self.compare_arrays(x, y),
            (Object(_), _) | (_, Object(_)) => return self.compare_objects(a, b),
            (Undef | Null | Bool(_), _) | (_, Undef | Null | Bool(_)) => {
                let (x, y) = (a.truthy(), b.truthy());
                sign(x.cmp(&y))
            }
            (Array(_), _) => 1,
            (_, Array(_)) => -1,
            (Resource(_), _) | (_, Resource(_)) => {
                let x = self.to_number(a)?.to_float();
                let y = self.to_number(b)?.to_float();
                floats(x, y)
            }
        })
    }

    /// `a == b`.
    #[inline]
    pub fn loose_equal(&mut self, a: &Value, b: &Value) -> Ret<bool> {
        match (a, b) {
            (Value::Int(x), Value::Int(y)) => Ok(x == y),
            (Value::Str(x), Value::Str(y)) => {
                if x.ptr_eq(y) {
                    return Ok(true);
                }
                // Strings that cannot both be numeric are equal only byte for byte.
                let numeric = |s: &[u8]| s.first().is_some_and(|&c| c <= b'9');
                if numeric(x) && numeric(y) {
                    return Ok(number::smart_compare(x, y) == Ordering::Equal);
                }
                Ok(x.as_bytes() == y.as_bytes())
            }
            (Value::Array(x), Value::Array(y)) if x.len() != y.len() => Ok(false),
            // Cases of enums are not comparable, but true.
            (Value::Object(o), Value::Bool(b)) | (Value::Bool(b), Value::Object(o))
                if o.class().is_enum() =>
            {
                Ok(*b)
            }
            _ => Ok(self.compare(a, b)? == 0),
        }
    }

    fn compare_arrays(&mut self, x: &PhpArray, y: &PhpArray) -> Ret<i32> {
        if x.ptr_eq(y) {
            return Ok(0);
        }
        if x.len() != y.len() {
            return Ok(sign(x.len().cmp(&y.len())));
        }
        self.compare_nested(|cx| {
            for (k, v) in x.iter() {
                match y.get(&k) {
                    None => return Ok(UNCOMPARABLE),
                    Some(w) => {
                        let c = cx.compare(v, w)?;
                        if c != 0 {
                            return Ok(c);
                        }
                    }
                }
            }
            Ok(0)
        })
    }

    /// One level of the comparison of containers.
    fn compare_nested(&mut self, f: impl FnOnce(&mut Cx) -> Ret<i32>) -> Ret<i32> {
        if !self.may_recurse() {
            return Err(self.throw_error("Nesting level too deep - recursive dependency?"));
        }
        self.recurse(f)
    }

    fn compare_objects(&mut self, a: &Value, b: &Value) -> Ret<i32> {
        if let (Value::Object(x), Value::Object(y)) = (a, b)
            && x.ptr_eq(y)
        {
            return Ok(0);
        }
        for v in [a, b] {
            if let Value::Object(o) = v {
                if o.class().is_enum() {
                    return Ok(UNCOMPARABLE);
                }
                let both = a.is_object() && b.is_object();
                if let Some(compare) = o.class().handlers.compare
                    && (both || !self.is_closure_object(o))
                {
                    return Ok(match compare(self, a, b)? {
                        Some(o) => sign(o),
                        None => UNCOMPARABLE,
                    });
                }
            }
        }
        match (a, b) {
            (Value::Object(x), Value::Object(y)) => self.compare_same_class(x, y),
            (Value::Object(x), other) => self.compare_object_with(x, other),
            (other, Value::Object(y)) => {
                let c = self.compare_object_with(y, other)?;
                Ok(if c == UNCOMPARABLE { c } else { -c })
            }
            _ => Ok(UNCOMPARABLE),
        }
    }

    fn compare_object_with(&mut self, object: &Object, other: &Value) -> Ret<i32> {
        match other {
            Value::Undef | Value::Null | Value::Bool(_) => {
                let o = self.to_bool(&Value::Object(object.clone()))?;
                Ok(sign(o.cmp(&other.truthy())))
            }
            Value::Str(_) => {
                if object.class().magic.to_string.is_some()
                    || object.class().handlers.cast.is_some()
                {
                    let s = self.to_str(&Value::Object(object.clone()))?;
                    return self.compare(&Value::Str(s), other);
                }
                Ok(1)
            }
            Value::Int(_) | Value::Float(_) => {
                let (bits, word) = if other.is_int() {
                    (type_bits::INT, "int")
                } else {
                    (type_bits::FLOAT, "float")
                };
                let v = match self.cast_object(object, bits)? {
                    Some(v) => v,
                    None => {
                        self.raise_notice(format!(
                            "Object of class {} could not be converted to {word}",
                            object.class().display_name()
                        ))?;
                        Value::Int(1)
                    }
                };
                self.compare(&v, other)
            }
            _ => Ok(1),
        }
    }

    fn compare_same_class(&mut self, x: &Object, y: &Object) -> Ret<i32> {
        if x.class() != y.class() || x.class().is_enum() || self.is_closure_object(x) {
            return Ok(UNCOMPARABLE);
        }
        self.compare_nested(|cx| {
            let (x, y) = (cx.realize(x)?, cx.realize(y)?);
            for i in 0..x.slot_count() {
                let (v, w) = (x.slot(i), y.slot(i));
                match (v.is_undef(), w.is_undef()) {
                    (true, true) => continue,
                    (true, false) => return Ok(UNCOMPARABLE),
                    (false, true) => return Ok(UNCOMPARABLE),
                    _ => {}
                }
                let c = cx.compare(&v, &w)?;
                if c != 0 {
                    return Ok(c);
                }
            }
            let (d, e) = (x.dynamic().unwrap_or_default(), y.dynamic().unwrap_or_default());
            if d.is_empty() && e.is_empty() {
                return Ok(0);
            }
            cx.compare_arrays(&d, &e)
        })
    }
}
