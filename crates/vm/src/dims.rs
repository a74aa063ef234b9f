//! `base[key]`: reading and testing elements of arrays, strings and ArrayAccess objects.

use crate::class::ObjectClass;
use crate::{Cx, Ret, Unwind};
use outlast_number as number;
use outlast_number::{Number, Numeric};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};

impl Cx {
    /// `base[key]`; `quiet` in `??` and isset context (null where there is nothing).
    pub fn read_dim(&mut self, base: &Value, key: &Value, quiet: bool) -> Ret<Value> {
        match base {
            Value::Array(a) => self.read_array(a, key, quiet),
            Value::Str(s) => {
                if quiet {
                    return self.read_string_quiet(s, key);
                }
                let offset = self.string_offset(key, "Cannot access offset of type")?;
                match string_byte(s, offset) {
                    Some(b) => Ok(Value::Str(PhpString::one_char(b))),
                    None => {
                        self.raise_warning(format!("Uninitialized string offset {offset}"))?;
                        Ok(Value::empty_str())
                    }
                }
            }
            Value::Object(o) => self.read_object_dim(o, Some(key), quiet),
            Value::Ref(r) => self.read_dim(&r.get(), key, quiet),
            _ if quiet => Ok(Value::Null),
            v => {
                let name = self.value_type_name(v);
                self.raise_warning(format!("Trying to access array offset on {name}"))?;
                Ok(Value::Null)
            }
        }
    }

    fn read_array(&mut self, a: &PhpArray, key: &Value, quiet: bool) -> Ret<Value> {
        let Some(k) = self.to_key(key)? else {
            return Err(self.illegal_offset(key, "on array"));
        };
        match a.get(&k) {
            Some(v) => Ok(v.deref()),
            None if quiet => Ok(Value::Null),
            None => {
                self.undefined_key(&k)?;
                Ok(Value::Null)
            }
        }
    }

    /// Warning "Undefined array key …".
    pub(crate) fn undefined_key(&mut self, key: &Key) -> Ret<()> {
        let message = undefined_key_message(key);
        self.raise_warning(message)
    }

    /// TypeError "Cannot access offset of type T on array".
    pub(crate) fn illegal_offset(&mut self, key: &Value, how: &str) -> Unwind {
        let name = self.value_type_name(key);
        self.throw_type_error(format!("Cannot access offset of type {name} {how}"))
    }

    /// `$object[key]` for reading.
    pub(crate) fn read_object_dim(
        &mut self,
        o: &Object,
        key: Option<&Value>,
        quiet: bool,
    ) -> Ret<Value> {
        if self.in_constant_expression() {
            return Err(self.throw_error("Cannot use [] on objects in constant expression"));
        }
        let class = o.class();
        if let Some(read) = class.handlers.read_dimension {
            return read(self, o, key, quiet);
        }
        if !class.array_access {
            return Err(self.throw_error(format!(
                "Cannot use object of type {} as array",
                class.display_name()
            )));
        }
        let key = key.cloned().unwrap_or(Value::Null);
        if quiet {
            let exists = self.call_method(o, "offsetExists", vec![key.clone()])?;
            if !self.to_bool(&exists)? {
                return Ok(Value::Null);
            }
        }
        self.call_method(o, "offsetGet", vec![key])
    }

    /// `isset(base[key])`, or `!empty(base[key])`.
    pub fn has_dim(&mut self, base: &Value, key: &Value, check_empty: bool) -> Ret<bool> {
        match base {
            Value::Array(a) => {
                let Some(k) = self.to_key(key)? else {
                    return Err(self.illegal_offset(key, "in isset or empty"));
                };
                match a.get(&k) {
                    Some(v) => {
                        let v = v.deref();
                        if check_empty { self.to_bool(&v) } else { Ok(!v.is_null()) }
                    }
                    None => Ok(false),
                }
            }
            Value::Str(s) => {
                if matches!(key, Value::Array(_) | Value::Object(_)) {
                    return Ok(false);
                }
                let v = self.read_string_quiet(s, key)?;
                Ok(if check_empty { v.truthy() } else { !v.is_null() })
            }
            Value::Object(o) => {
                let class = o.class();
                if let Some(has) = class.handlers.has_dimension {
                    return has(self, o, key, check_empty);
                }
                if !class.array_access {
                    return Err(self.throw_error(format!(
                        "Cannot use object of type {} as array",
                        class.display_name()
                    )));
                }
                let exists = self.call_method(o, "offsetExists", vec![key.clone()])?;
                if !self.to_bool(&exists)? {
                    return Ok(false);
                }
                if check_empty {
                    let v = self.call_method(o, "offsetGet", vec![key.clone()])?;
                    return self.to_bool(&v);
                }
                Ok(true)
            }
            Value::Ref(r) => self.has_dim(&r.get(), key, check_empty),
            _ => Ok(false),
        }
    }

    fn read_string_quiet(&mut self, s: &PhpString, key: &Value) -> Ret<Value> {
        let offset = match key {
            Value::Int(i) => *i,
            Value::Undef | Value::Null => return Ok(Value::Null),
            Value::Bool(b) => i64::from(*b),
            Value::Float(f) => {
                if !number::is_integer_compatible(*f) {
                    let shown = self.repr_float(*f);
                    self.raise_deprecated(format!(
                        "Implicit conversion from float {shown} to int loses precision"
                    ))?;
                }
                number::float_to_int(*f)
            }
            Value::Str(k) => match number::parse_numeric(k, false) {
                Some(n) if !n.trailing_data => match n.number {
                    Number::Int(i) => i,
                    Number::Float(_) => return Ok(Value::Null),
                },
                _ => return Ok(Value::Null),
            },
            Value::Ref(r) => return self.read_string_quiet(s, &r.get()),
            key => return Err(self.illegal_offset(key, "on string")),
        };
        Ok(match string_byte(s, offset) {
            Some(b) => Value::Str(PhpString::one_char(b)),
            None => Value::Null,
        })
    }

    /// A key used on a string, as an offset; warnings and errors as PHP.
    pub(crate) fn string_offset(&mut self, key: &Value, what: &str) -> Ret<i64> {
        match key {
            Value::Int(i) => Ok(*i),
            Value::Str(s) => match number::parse_numeric(s, true) {
                Some(Numeric { number: Number::Int(i), trailing_data, .. }) => {
                    if trailing_data {
                        let mut m = b"Illegal string offset \"".to_vec();
                        m.extend_from_slice(s);
                        m.push(b'"');
                        self.raise_warning(m)?;
                    }
                    Ok(i)
                }
                _ => Err(self.throw_type_error(format!("{what} string on string"))),
            },
            Value::Undef | Value::Null | Value::Bool(_) => {
                self.raise_warning("String offset cast occurred")?;
                Ok(i64::from(key.truthy()))
            }
            Value::Float(f) => {
                self.raise_warning("String offset cast occurred")?;
                Ok(number::float_to_int(*f))
            }
            Value::Ref(r) => self.string_offset(&r.get(), what),
            key => {
                let name = self.value_type_name(key);
                Err(self.throw_type_error(format!("{what} {name} on string")))
            }
        }
    }

    /// `list()` element: quiet where the source is null or a scalar.
    pub(crate) fn read_list(&mut self, base: &Value, key: &Value) -> Ret<Value> {
        match base {
            Value::Array(_) | Value::Object(_) => self.read_dim(base, key, false),
            Value::Ref(r) => self.read_list(&r.get(), key),
            _ => Ok(Value::Null),
        }
    }
}

/// The text of the warning about an absent key.
pub(crate) fn undefined_key_message(key: &Key) -> Vec<u8> {
    match key {
        Key::Int(i) => format!("Undefined array key {i}").into_bytes(),
        Key::Str(s) => {
            let mut m = b"Undefined array key \"".to_vec();
            m.extend_from_slice(s);
            m.push(b'"');
            m
        }
    }
}

/// The byte at an offset that may count from the end.
pub(crate) fn string_byte(s: &[u8], offset: i64) -> Option<u8> {
    let at = if offset < 0 { offset + s.len() as i64 } else { offset };
    usize::try_from(at).ok().and_then(|i| s.get(i)).copied()
}
