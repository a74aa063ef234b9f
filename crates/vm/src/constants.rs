//! Global constants (manual: language.constants).

use crate::cx::ConstEntry;
use crate::native::NativeValue;
use crate::{Cx, Ret};
use outlast_value::{PhpArray, PhpString, Value};

impl Cx {
    /// The value of a native constant.
    pub fn native_value(&mut self, v: &NativeValue) -> Value {
        match v {
            NativeValue::Null => Value::Null,
            NativeValue::Bool(b) => Value::Bool(*b),
            NativeValue::Int(i) => Value::Int(*i),
            NativeValue::Float(f) => Value::Float(*f),
            NativeValue::Str(s) => Value::str(s),
            NativeValue::Bytes(b) => Value::str(b),
            NativeValue::EmptyArray => Value::Array(PhpArray::new()),
            NativeValue::Make(make) => make(self),
        }
    }

    /// A constant as an expression reads it; whether its value may be cached.
    pub(crate) fn read_constant(
        &mut self,
        full: &PhpString,
        short: Option<&PhpString>,
    ) -> Ret<(Value, bool)> {
        for name in [Some(full), short].into_iter().flatten() {
            if let Some((v, deprecated)) = self.find_constant(name) {
                if deprecated {
                    self.raise_deprecated(format!(
                        "Constant {} is deprecated",
                        name.to_str_lossy()
                    ))?;
                }
                return Ok((v, !deprecated));
            }
        }
        let mut m = b"Undefined constant \"".to_vec();
        m.extend_from_slice(full);
        m.push(b'"');
        Err(self.throw_error(m))
    }

    /// A global constant's value, if it is defined.
    pub fn global_constant(&mut self, name: &[u8]) -> Option<Value> {
        self.find_constant(&PhpString::new(name)).map(|(v, _)| v)
    }

    fn find_constant(&mut self, name: &PhpString) -> Option<(Value, bool)> {
        let key = constant_key(name);
        if let Some(e) = self.constants.get(&key) {
            return Some((e.value.clone(), e.deprecated));
        }
        if key.eq_ignore_ascii_case(b"true") {
            return Some((Value::Bool(true), false));
        }
        if key.eq_ignore_ascii_case(b"false") {
            return Some((Value::Bool(false), false));
        }
        if key.eq_ignore_ascii_case(b"null") {
            return Some((Value::Null, false));
        }
        let text = std::str::from_utf8(&key).ok()?;
        if text == "__COMPILER_HALT_OFFSET__" {
            return self.halt_offset().map(|v| (v, false));
        }
        let (native, extension) = self.registry.constant(text)?;
        let value = self.native_value(&native.value);
        let deprecated = native.deprecated;
        self.constants
            .insert(key, ConstEntry { value: value.clone(), user: false, extension, deprecated });
        Some((value, deprecated))
    }

    fn halt_offset(&self) -> Option<Value> {
        let i = self.user_frame_index()?;
        let unit = &self.frames[i].func.user()?.unit;
        unit.unit.halt_offset.map(|o| Value::Int(i64::from(o)))
    }

    /// Defines a constant of the script; false if it exists.
    pub fn define_constant(&mut self, name: &PhpString, value: Value) -> bool {
        let key = constant_key(name);
        if self.find_constant(&key).is_some() {
            return false;
        }
        self.constants
            .insert(key, ConstEntry { value, user: true, extension: "user", deprecated: false });
        true
    }

    /// `const NAME = value;`
    pub(crate) fn define_constant_statement(&mut self, name: &PhpString, value: Value) -> Ret<()> {
        if !self.define_constant(name, value) {
            self.raise_warning(format!("Constant {} already defined", name.to_str_lossy()))?;
        }
        Ok(())
    }
}

/// Constants are kept by name with the namespace in lower case and no leading backslash.
fn constant_key(name: &PhpString) -> PhpString {
    let bytes = name.strip_prefix(b"\\").unwrap_or(name);
    match bytes.iter().rposition(|&b| b == b'\\') {
        Some(at) if bytes[..at].iter().any(u8::is_ascii_uppercase) => {
            let mut key = bytes.to_vec();
            key[..at].make_ascii_lowercase();
            PhpString::from(key)
        }
        _ if bytes.len() == name.len() => name.clone(),
        _ => PhpString::new(bytes),
    }
}
