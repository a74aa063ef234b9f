//! Run-time type checks and the coercions of weak mode (manual: language.types.declarations).

mod display;
pub(crate) mod errors;
pub(crate) mod reference;

pub use display::{Resolve, type_to_string, type_to_string_in, value_type_name};

use crate::class::{ClassRef, ObjectClass};
use crate::cx::NO_FRAME;
use crate::{Cx, Ret};
use outlast_bytecode::{ClassTypeName, TypeDecl, UnionType, function_flags, type_bits};
use outlast_number::{self as number, Number};
use outlast_value::{Object, PhpString, Value};

/// The bit of `type_bits` that a value has by itself.
#[inline]
pub fn type_bit(value: &Value) -> u32 {
    match value {
        Value::Undef | Value::Null => type_bits::NULL,
        Value::Bool(false) => type_bits::FALSE,
        Value::Bool(true) => type_bits::TRUE,
        Value::Int(_) => type_bits::INT,
        Value::Float(_) => type_bits::FLOAT,
        Value::Str(_) => type_bits::STRING,
        Value::Array(_) => type_bits::ARRAY,
        Value::Object(_) => type_bits::OBJECT,
        _ => 0,
    }
}

/// Types that weak mode converts scalars to.
const SCALAR: u32 = type_bits::INT | type_bits::FLOAT | type_bits::STRING | type_bits::BOOL;

impl Cx {
    /// Does `value` fit `ty`? Coerces it if the mode allows. A reference is followed, and what it
    /// holds is coerced in place.
    pub fn check_type(
        &mut self,
        ty: &TypeDecl,
        value: &mut Value,
        strict: bool,
        scope: Option<ClassRef>,
    ) -> Ret<bool> {
        if let TypeDecl::Union(u) = ty
            && u.bits & (type_bit(value) | type_bits::MIXED) != 0
        {
            return Ok(true);
        }
        if let Value::Ref(r) = value {
            let mut inner = r.get();
            let before = type_bit(&inner);
            let ok = self.check_type(ty, &mut inner, strict, scope)?;
            if ok && type_bit(&inner) != before {
                r.set(inner);
            }
            return Ok(ok);
        }
        match ty {
            TypeDecl::Union(u) => self.check_union(u, value, strict, scope),
            TypeDecl::Intersection(names) => match value {
                Value::Object(o) => Ok(self.is_of_all(&o.clone(), names, scope)),
                _ => Ok(false),
            },
        }
    }

    /// Does the value fit without any conversion?
    pub fn value_is_of_type(
        &mut self,
        ty: &TypeDecl,
        value: &Value,
        scope: Option<ClassRef>,
    ) -> Ret<bool> {
        let mut copy = value.deref();
        match ty {
            TypeDecl::Union(u) if u.bits & (type_bit(&copy) | type_bits::MIXED) != 0 => Ok(true),
            TypeDecl::Union(u) => self.check_union(
                &UnionType { bits: u.bits & !SCALAR, ..u.clone() },
                &mut copy,
                true,
                scope,
            ),
            TypeDecl::Intersection(_) => self.check_type(ty, &mut copy, true, scope),
        }
    }

    #[cold]
    fn check_union(
        &mut self,
        u: &UnionType,
        value: &mut Value,
        strict: bool,
        scope: Option<ClassRef>,
    ) -> Ret<bool> {
        if let Value::Object(o) = value {
            let o = o.clone();
            if u.classes.iter().any(|c| self.is_of(&o, c, scope))
                || u.intersections.iter().any(|names| self.is_of_all(&o, names, scope))
            {
                return Ok(true);
            }
            if u.bits & type_bits::STATIC != 0
                && self.static_scope().is_some_and(|c| o.class().is_subclass_of_or_same(c))
            {
                return Ok(true);
            }
            if u.bits & type_bits::ITERABLE != 0
                && self.is_of(&o, &ClassTypeName::Named(b"Traversable".as_slice().into()), scope)
            {
                return Ok(true);
            }
        }
        if u.bits & type_bits::CALLABLE != 0 && self.is_callable(value)? {
            return Ok(true);
        }
        if strict {
            // The one conversion of strict mode: int to float.
            if let (Value::Int(i), true) = (&*value, u.bits & type_bits::FLOAT != 0) {
                *value = Value::Float(*i as f64);
                return Ok(true);
            }
            return Ok(false);
        }
        if u.bits & SCALAR == 0 {
            return Ok(false);
        }
        match self.coerce_scalar(u.bits, value)? {
            Some(v) => {
                *value = v;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Converts to the first of int, float, string, bool (as far as they are in `bits`) that takes
    /// the value, as weak mode does. Null and arrays are never converted.
    pub fn coerce_scalar(&mut self, bits: u32, value: &Value) -> Ret<Option<Value>> {
        if matches!(value, Value::Undef | Value::Null | Value::Array(_) | Value::Ref(_)) {
            return Ok(None);
        }
        if bits & type_bits::INT != 0 {
            if let (Value::Str(s), true) = (value, bits & type_bits::FLOAT != 0) {
                match number::parse_numeric(s, false).map(|n| n.number) {
                    Some(Number::Int(i)) => return Ok(Some(Value::Int(i))),
                    Some(Number::Float(f)) => return Ok(Some(Value::Float(f))),
                    None => {}
                }
            } else if let Some(i) = self.weak_int(value, bits & type_bits::FLOAT != 0)? {
                return Ok(Some(Value::Int(i)));
            }
        }
        if bits & type_bits::FLOAT != 0 {
            let float = match value {
                Value::Int(i) => Some(*i as f64),
                Value::Float(f) => Some(*f),
                Value::Bool(b) => Some(f64::from(u8::from(*b))),
                Value::Str(s) => number::parse_numeric(s, false).map(|n| n.number.to_float()),
                _ => None,
            };
            if let Some(f) = float {
                return Ok(Some(Value::Float(f)));
            }
        }
        if bits & type_bits::STRING != 0 {
            match value {
                Value::Int(_) | Value::Float(_) | Value::Bool(_) => {
                    return Ok(Some(Value::Str(self.to_str(value)?)));
                }
                Value::Object(o) if o.class().magic.to_string.is_some() => {
                    return Ok(Some(Value::Str(self.to_str(value)?)));
                }
                _ => {}
            }
        }
        if bits & type_bits::BOOL == type_bits::BOOL && value.is_scalar() {
            return Ok(Some(Value::Bool(value.truthy())));
        }
        Ok(None)
    }

    /// An int out of a scalar, if it stands for one. Fractions are cut off with a deprecation,
    /// unless a float would do as well.
    fn weak_int(&mut self, value: &Value, or_float: bool) -> Ret<Option<i64>> {
        let (float, literal) = match value {
            Value::Int(i) => return Ok(Some(*i)),
            Value::Bool(b) => return Ok(Some(i64::from(*b))),
            Value::Float(f) => (*f, None),
            Value::Str(s) => match number::parse_numeric(s, false).map(|n| n.number) {
                Some(Number::Int(i)) => return Ok(Some(i)),
                Some(Number::Float(f)) => (f, Some(s)),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        if !(-9.223372036854776e18..9.223372036854776e18).contains(&float) {
            return Ok(None);
        }
        let int = float as i64;
        if int as f64 != float {
            if or_float {
                return Ok(None);
            }
            let message = match literal {
                Some(s) => {
                    format!("Implicit conversion from float-string \"{s}\" to int loses precision")
                }
                None => format!(
                    "Implicit conversion from float {} to int loses precision",
                    String::from_utf8_lossy(&number::repr(float))
                ),
            };
            self.raise_deprecated(message)?;
        }
        Ok(Some(int))
    }

    fn is_of_all(
        &mut self,
        object: &Object,
        names: &[ClassTypeName],
        scope: Option<ClassRef>,
    ) -> bool {
        names.iter().all(|n| self.is_of(object, n, scope))
    }

    /// Is the object of the class that a type names?
    fn is_of(&mut self, object: &Object, name: &ClassTypeName, scope: Option<ClassRef>) -> bool {
        let class = object.class();
        match name {
            ClassTypeName::SelfClass => scope.is_some_and(|s| class.is_subclass_of_or_same(s)),
            ClassTypeName::Parent => {
                scope.and_then(|s| s.parent).is_some_and(|p| class.is_subclass_of_or_same(p))
            }
            ClassTypeName::Named(n) => self.is_a(class, n),
        }
    }

    /// Is `class` the class of that name, or below it? Loads nothing.
    pub fn is_a(&mut self, class: ClassRef, name: &[u8]) -> bool {
        let name = name.strip_prefix(b"\\").unwrap_or(name);
        let mut c = Some(class);
        while let Some(k) = c {
            if k.name.as_bytes().eq_ignore_ascii_case(name) {
                return true;
            }
            c = k.parent;
        }
        if class.interfaces.iter().any(|i| i.name.as_bytes().eq_ignore_ascii_case(name)) {
            return true;
        }
        // What is left is a name given by `class_alias`.
        match self.class(name) {
            Some(k) if !k.name.as_bytes().eq_ignore_ascii_case(name) => {
                class.is_subclass_of_or_same(k)
            }
            _ => false,
        }
    }

    /// What `static` is in the running function.
    pub(crate) fn static_scope(&self) -> Option<ClassRef> {
        if self.current == NO_FRAME {
            return None;
        }
        let f = self.frame();
        f.static_class.or_else(|| f.this.as_ref().map(ObjectClass::class)).or_else(|| f.scope())
    }

    /// Does the running code use strict types?
    pub(crate) fn is_strict(&self) -> bool {
        self.current != NO_FRAME && self.frame_is_strict(self.current)
    }

    /// Does the PHP code that called the running native function use strict types?
    pub(crate) fn calls_strictly(&self) -> bool {
        self.current != NO_FRAME
            && self
                .calling_frame(self.current as usize)
                .and_then(|c| c.func.user())
                .is_some_and(|u| u.decl().flags & function_flags::STRICT_TYPES != 0)
    }

    fn frame_is_strict(&self, index: u32) -> bool {
        self.frames[index as usize]
            .func
            .user()
            .is_some_and(|u| u.decl().flags & function_flags::STRICT_TYPES != 0)
    }

    /// The scope that access checks of the running code use: the class of the innermost frame that
    /// is PHP code or a native method.
    pub(crate) fn access_scope(&self) -> Option<ClassRef> {
        let mut i = self.current;
        while i != NO_FRAME {
            let f = &self.frames[i as usize];
            if f.func.user().is_some() || f.func.class.is_some() {
                return f.scope();
            }
            i = f.caller;
        }
        None
    }
}

/// Lower case copy of a name.
pub(crate) fn lower(name: &[u8]) -> PhpString {
    if name.iter().any(u8::is_ascii_uppercase) {
        PhpString::from(name.to_ascii_lowercase())
    } else {
        PhpString::new(name)
    }
}
