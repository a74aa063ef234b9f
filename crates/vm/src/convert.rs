//! Conversions between types (manual: language.types.type-juggling).

use crate::class::ObjectClass;
use crate::{Cx, PropertiesFor, Ret};
use outlast_bytecode::type_bits;
use outlast_number as number;
use outlast_number::Number;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};

impl Cx {
    /// `(string) $value`.
    #[inline]
    pub fn to_str(&mut self, value: &Value) -> Ret<PhpString> {
        match value {
            Value::Str(s) => Ok(s.clone()),
            Value::Int(i) => Ok(int_to_string(*i)),
            _ => self.convert_to_str(value),
        }
    }

    fn convert_to_str(&mut self, value: &Value) -> Ret<PhpString> {
        Ok(match value {
            Value::Undef | Value::Null | Value::Bool(false) => PhpString::empty(),
            Value::Bool(true) => PhpString::one_char(b'1'),
            Value::Int(i) => int_to_string(*i),
            Value::Float(f) => self.float_to_string(*f),
            Value::Str(s) => s.clone(),
            Value::Array(_) => {
                self.raise_warning("Array to string conversion")?;
                PhpString::from("Array")
            }
            Value::Object(o) => return self.object_to_string(o),
            Value::Resource(r) => PhpString::from(format!("Resource id #{}", r.id())),
            Value::Ref(r) => return self.to_str(&r.get()),
        })
    }

    /// A float as `echo` prints it (ini `precision`).
    pub fn float_to_string(&self, value: f64) -> PhpString {
        PhpString::new(&number::to_string_precision(value, self.ini.precision()))
    }

    fn object_to_string(&mut self, object: &Object) -> Ret<PhpString> {
        let class = object.class();
        if let Some(cast) = class.handlers.cast
            && let Some(v) = cast(self, object, type_bits::STRING)?
        {
            return self.to_str(&v);
        }
        let Some(method) = class.magic.to_string.clone() else {
            return Err(self.throw_error(format!(
                "Object of class {} could not be converted to string",
                class.display_name()
            )));
        };
        let result = self.call_func(&method, Some(object.clone()), Some(class), Vec::new())?;
        match result.into_deref() {
            Value::Str(s) => Ok(s),
            other => {
                let given = self.value_type_name(&other);
                Err(self.throw_type_error(format!(
                    "{}::__toString(): Return value must be of type string, {given} returned",
                    class.display_name()
                )))
            }
        }
    }

    /// `(int) $value`.
    pub fn to_int(&mut self, value: &Value) -> Ret<i64> {
        Ok(match value {
            Value::Undef | Value::Null => 0,
            Value::Bool(b) => i64::from(*b),
            Value::Int(i) => *i,
            Value::Float(f) => number::float_to_int(*f),
            Value::Str(s) => number::string_to_int(s),
            Value::Array(a) => i64::from(!a.is_empty()),
            Value::Object(o) => match self.cast_object(o, type_bits::INT)? {
                Some(Value::Int(i)) => i,
                _ => {
                    self.raise_warning(format!(
                        "Object of class {} could not be converted to int",
                        o.class().display_name()
                    ))?;
                    1
                }
            },
            Value::Resource(r) => r.id(),
            Value::Ref(r) => return self.to_int(&r.get()),
        })
    }

    /// `(float) $value`.
    pub fn to_float(&mut self, value: &Value) -> Ret<f64> {
        Ok(match value {
            Value::Undef | Value::Null => 0.0,
            Value::Bool(b) => f64::from(u8::from(*b)),
            Value::Int(i) => *i as f64,
            Value::Float(f) => *f,
            Value::Str(s) => number::string_to_float(s),
            Value::Array(a) => f64::from(u8::from(!a.is_empty())),
            Value::Object(o) => match self.cast_object(o, type_bits::FLOAT)? {
                Some(Value::Float(f)) => f,
                _ => {
                    self.raise_warning(format!(
                        "Object of class {} could not be converted to float",
                        o.class().display_name()
                    ))?;
                    1.0
                }
            },
            Value::Resource(r) => r.id() as f64,
            Value::Ref(r) => return self.to_float(&r.get()),
        })
    }

    /// `(bool) $value`.
    #[inline]
    pub fn to_bool(&mut self, value: &Value) -> Ret<bool> {
        match value {
            Value::Object(o) if o.class().handlers.cast.is_some() => {
                match self.cast_object(o, type_bits::BOOL)? {
                    Some(Value::Bool(b)) => Ok(b),
                    _ => Ok(true),
                }
            }
            v => Ok(v.truthy()),
        }
    }

    /// Asks the object's native class to cast it.
    pub(crate) fn cast_object(&mut self, object: &Object, to: u32) -> Ret<Option<Value>> {
        match object.class().handlers.cast {
            Some(cast) => cast(self, object, to),
            None => Ok(None),
        }
    }

    /// An int or float from a scalar, for arithmetic on values that are known to be convertible.
    pub fn to_number(&mut self, value: &Value) -> Ret<Number> {
        Ok(match value {
            Value::Int(i) => Number::Int(*i),
            Value::Float(f) => Number::Float(*f),
            Value::Undef | Value::Null => Number::Int(0),
            Value::Bool(b) => Number::Int(i64::from(*b)),
            Value::Str(s) => match number::parse_numeric(s, true) {
                Some(n) => n.number,
                None => Number::Int(0),
            },
            Value::Ref(r) => return self.to_number(&r.get()),
            Value::Resource(r) => Number::Int(r.id()),
            Value::Object(o) => {
                if let Some(v) = self.cast_object(o, type_bits::INT | type_bits::FLOAT)? {
                    return self.to_number(&v);
                }
                self.raise_warning(format!(
                    "Object of class {} could not be converted to int",
                    o.class().display_name()
                ))?;
                Number::Int(1)
            }
            Value::Array(_) => Number::Int(self.to_int(value)?),
        })
    }

    /// `(array) $value`.
    pub fn to_array(&mut self, value: &Value) -> Ret<PhpArray> {
        Ok(match value {
            Value::Undef | Value::Null => PhpArray::new(),
            Value::Array(a) => a.clone(),
            Value::Object(o) => {
                if self.is_closure_object(o) {
                    PhpArray::from_list(vec![Value::Object(o.clone())])
                } else {
                    self.props_for(o, PropertiesFor::ArrayCast)?
                }
            }
            Value::Ref(r) => return self.to_array(&r.get()),
            v => PhpArray::from_list(vec![v.clone()]),
        })
    }

    /// `(object) $value`.
    pub fn to_object(&mut self, value: &Value) -> Ret<Object> {
        if let Value::Object(o) = value {
            return Ok(o.clone());
        }
        if let Value::Ref(r) = value {
            return self.to_object(&r.get());
        }
        let class = self.class(b"stdClass").expect("stdClass is native");
        let object = self.instantiate(class)?;
        match value {
            Value::Undef | Value::Null => {}
            Value::Array(a) => {
                let mut table = PhpArray::with_capacity(a.len());
                for (k, v) in a.iter() {
                    let key = match k {
                        Key::Int(i) => int_to_string(i),
                        Key::Str(s) => s,
                    };
                    table.insert(Key::Str(key), v.clone());
                }
                object.set_dynamic(Some(table));
            }
            v => {
                let mut table = PhpArray::new();
                table.insert(Key::Str(PhpString::from("scalar")), v.clone());
                object.set_dynamic(Some(table));
            }
        }
        Ok(object)
    }

    /// A value as an array key; `None` for types that cannot be one.
    pub fn to_key(&mut self, value: &Value) -> Ret<Option<Key>> {
        Ok(Some(match value {
            Value::Int(i) => Key::Int(*i),
            Value::Str(s) => Key::from_string(s.clone()),
            Value::Undef | Value::Null => Key::Str(PhpString::empty()),
            Value::Bool(b) => Key::Int(i64::from(*b)),
            Value::Float(f) => {
                if !number::is_integer_compatible(*f) {
                    let shown = self.repr_float(*f);
                    self.raise_deprecated(format!(
                        "Implicit conversion from float {shown} to int loses precision"
                    ))?;
                }
                Key::Int(number::float_to_int(*f))
            }
            Value::Resource(r) => {
                let id = r.id();
                self.raise_warning(format!(
                    "Resource ID#{id} used as offset, casting to integer ({id})"
                ))?;
                Key::Int(id)
            }
            Value::Ref(r) => return self.to_key(&r.get()),
            Value::Array(_) | Value::Object(_) => return Ok(None),
        }))
    }

    /// A float as error messages show it.
    pub(crate) fn repr_float(&self, f: f64) -> String {
        String::from_utf8_lossy(&number::to_string_precision(f, -1)).into_owned()
    }
}

/// An int in decimal.
#[inline]
pub fn int_to_string(i: i64) -> PhpString {
    if (0..10).contains(&i) {
        return PhpString::one_char(b'0' + i as u8);
    }
    PhpString::new(digits(i, &mut [0; 20]))
}

/// An integer in decimal.
pub fn digits(i: i64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut rest = i.unsigned_abs();
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if i < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    &buffer[at..]
}

/// A number as a value.
#[inline]
pub fn number_value(n: Number) -> Value {
    match n {
        Number::Int(i) => Value::Int(i),
        Number::Float(f) => Value::Float(f),
    }
}
