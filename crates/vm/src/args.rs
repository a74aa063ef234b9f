//! Arguments of native functions: arity, coercion to the declared types, PHP's TypeErrors.

use crate::callable::Callable;
use crate::class::ObjectClass;
use crate::native::{Args, NativeParam, NativeType};
use crate::{Cx, Ret, Unwind};
use outlast_bytecode::type_bits;
use outlast_number as number;
use outlast_number::Number;
use outlast_value::{Object, PhpArray, PhpString, Reference, Value};

impl Args<'_> {
    /// Was argument `i` passed?
    pub fn given(&self, i: usize) -> bool {
        self.values.get(i).is_some_and(|v| !v.is_undef())
    }

    /// The object of a method call.
    pub fn this(&self) -> Object {
        self.this.clone().expect("methods are called on objects")
    }

    fn param(&self, i: usize) -> &'static NativeParam {
        let params = self.function.params;
        params.get(i).or(params.last()).expect("an argument has a parameter")
    }

    fn raw(&self, i: usize) -> Value {
        self.values.get(i).map_or(Value::Null, |v| v.deref().or_null())
    }

    /// A `string` argument.
    pub fn string(&mut self, cx: &mut Cx, i: usize) -> Ret<PhpString> {
        if let Some(Value::Str(s)) = self.values.get(i) {
            return Ok(s.clone());
        }
        match self.coerced(cx, i)? {
            Value::Str(s) => Ok(s),
            Value::Null => Ok(PhpString::empty()),
            v => cx.to_str(&v),
        }
    }

    /// A `?string` argument.
    pub fn string_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<PhpString>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.string(cx, i).map(Some)
    }

    /// An `int` argument.
    pub fn int(&mut self, cx: &mut Cx, i: usize) -> Ret<i64> {
        if let Some(Value::Int(n)) = self.values.get(i) {
            return Ok(*n);
        }
        match self.coerced(cx, i)? {
            Value::Int(n) => Ok(n),
            v => cx.to_int(&v),
        }
    }

    /// A `?int` argument.
    pub fn int_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<i64>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.int(cx, i).map(Some)
    }

    /// A `float` argument.
    pub fn float(&mut self, cx: &mut Cx, i: usize) -> Ret<f64> {
        match self.coerced(cx, i)? {
            Value::Float(f) => Ok(f),
            v => cx.to_float(&v),
        }
    }

    /// A `?float` argument.
    pub fn float_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<f64>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.float(cx, i).map(Some)
    }

    /// A `bool` argument.
    pub fn bool(&mut self, cx: &mut Cx, i: usize) -> Ret<bool> {
        Ok(self.coerced(cx, i)?.truthy())
    }

    /// A `?bool` argument.
    pub fn bool_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<bool>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.bool(cx, i).map(Some)
    }

    /// An `array` argument.
    pub fn array(&mut self, cx: &mut Cx, i: usize) -> Ret<PhpArray> {
        match self.coerced(cx, i)? {
            Value::Array(a) => Ok(a),
            _ => Ok(PhpArray::new()),
        }
    }

    /// An `?array` argument.
    pub fn array_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<PhpArray>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.array(cx, i).map(Some)
    }

    /// An object argument of the declared class.
    pub fn object(&mut self, cx: &mut Cx, i: usize) -> Ret<Object> {
        match self.coerced(cx, i)? {
            Value::Object(o) => Ok(o),
            v => Err(cx.argument_type_error(self.function, i, &v)),
        }
    }

    /// An object or null.
    pub fn object_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<Object>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.object(cx, i).map(Some)
    }

    /// A `callable` argument.
    pub fn callable(&mut self, cx: &mut Cx, i: usize) -> Ret<Callable> {
        let v = self.raw(i);
        match cx.resolve_callable(&v) {
            Ok(Ok(c)) => Ok(c),
            Ok(Err(reason)) => Err(cx.callback_error(self.function, i, &reason)),
            // What a warning on the way threw becomes the previous exception.
            Err(Unwind::Throw) => Err(cx.callback_error(self.function, i, "(null)")),
            Err(other) => Err(other),
        }
    }

    /// A `?callable` argument.
    pub fn callable_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<Callable>> {
        let v = self.raw(i);
        if v.is_null() {
            return Ok(None);
        }
        match cx.resolve_callable(&v)? {
            Ok(c) => Ok(Some(c)),
            Err(reason) => Err(cx.callback_error(self.function, i, &format!("{reason} or null"))),
        }
    }

    /// An argument of any other type, coerced to it.
    pub fn value(&mut self, cx: &mut Cx, i: usize) -> Ret<Value> {
        self.coerced(cx, i)
    }

    /// The same; null if it was not passed.
    pub fn value_or_null(&mut self, cx: &mut Cx, i: usize) -> Ret<Option<Value>> {
        if self.raw(i).is_null() {
            return Ok(None);
        }
        self.coerced(cx, i).map(Some)
    }

    /// A by-reference argument.
    pub fn reference(&mut self, i: usize) -> Reference {
        match self.values.get_mut(i) {
            Some(v) => v.make_ref(),
            None => Reference::new(Value::Null),
        }
    }

    /// The reference of a by-reference parameter that takes arrays (and objects, if declared).
    pub fn array_reference(&mut self, cx: &mut Cx, i: usize) -> Ret<Reference> {
        let v = self.raw(i);
        if accepts(cx, &self.param(i).ty, &v) {
            return Ok(self.reference(i));
        }
        Err(cx.argument_type_error(self.function, i, &v))
    }

    /// The arguments of a variadic parameter.
    pub fn rest(&mut self, cx: &mut Cx, i: usize) -> Ret<Vec<Value>> {
        let by_ref = self.param(i).by_ref || self.param(i).prefer_ref;
        let mut out = Vec::with_capacity(self.values.len().saturating_sub(i));
        for n in i..self.values.len() {
            out.push(if by_ref { self.values[n].clone() } else { self.coerced(cx, n)? });
        }
        Ok(out)
    }

    /// Argument `i`, coerced to its declared type.
    fn coerced(&mut self, cx: &mut Cx, i: usize) -> Ret<Value> {
        let param = self.param(i);
        let v = self.raw(i);
        if accepts(cx, &param.ty, &v) {
            return Ok(v);
        }
        cx.coerce_argument(self.function, i, param, v)
    }
}

/// Is the value of the type as it is?
fn accepts(cx: &mut Cx, ty: &NativeType, v: &Value) -> bool {
    if ty.bits == 0 && ty.classes.is_empty() || ty.bits & type_bits::MIXED != 0 {
        return true;
    }
    let bit = match v {
        Value::Undef | Value::Null => type_bits::NULL,
        Value::Bool(false) => type_bits::FALSE,
        Value::Bool(true) => type_bits::TRUE,
        Value::Int(_) => type_bits::INT,
        Value::Float(_) => type_bits::FLOAT,
        Value::Str(_) => type_bits::STRING,
        Value::Array(_) => type_bits::ARRAY | type_bits::ITERABLE,
        Value::Object(_) => type_bits::OBJECT,
        Value::Resource(_) => return ty.bits == 0,
        Value::Ref(_) => return false,
    };
    if ty.bits & bit != 0 {
        return true;
    }
    if let Value::Object(o) = v {
        let class = o.class();
        for name in ty.classes {
            if let Some(c) = cx.class(name.as_bytes())
                && class.is_subclass_of_or_same(c)
            {
                return true;
            }
        }
        if ty.bits & type_bits::ITERABLE != 0 && class.is_traversable() {
            return true;
        }
    }
    ty.bits & type_bits::CALLABLE != 0 && matches!(cx.is_callable(v), Ok(true))
}

impl Cx {
    #[cold]
    fn coerce_argument(
        &mut self,
        function: &'static crate::NativeFunction,
        i: usize,
        param: &'static NativeParam,
        v: Value,
    ) -> Ret<Value> {
        let strict = self.calls_strictly();
        if strict {
            // Only int to float is widened.
            if let (Value::Int(n), true) = (&v, param.ty.bits & type_bits::FLOAT != 0) {
                return Ok(Value::Float(*n as f64));
            }
            return Err(self.argument_type_error(function, i, &v));
        }
        if v.is_null() && param.ty.bits & SCALARS != 0 {
            let shown = native_type_name(&param.ty);
            let name = self.native_name(function);
            self.raise_deprecated(format!(
                "{name}(): Passing null to parameter #{} (${}) of type {shown} is deprecated",
                i + 1,
                param.name
            ))?;
            return Ok(null_as(param.ty.bits));
        }
        match self.weak_scalar(param.ty.bits, &v)? {
            Some(v) => Ok(v),
            None => Err(self.argument_type_error(function, i, &v)),
        }
    }

    /// Weak-mode coercion of a value to one of the scalar types of a union; `None`: impossible.
    pub fn weak_scalar(&mut self, bits: u32, v: &Value) -> Ret<Option<Value>> {
        let has = |b: u32| bits & b != 0;
        Ok(match v {
            Value::Bool(b) => {
                if has(type_bits::INT) {
                    Some(Value::Int(i64::from(*b)))
                } else if has(type_bits::FLOAT) {
                    Some(Value::Float(f64::from(u8::from(*b))))
                } else if has(type_bits::STRING) {
                    Some(Value::Str(self.to_str(v)?))
                } else {
                    None
                }
            }
            Value::Int(n) => {
                if has(type_bits::FLOAT) {
                    Some(Value::Float(*n as f64))
                } else if has(type_bits::STRING) {
                    Some(Value::Str(self.to_str(v)?))
                } else if bits & type_bits::BOOL == type_bits::BOOL {
                    Some(Value::Bool(*n != 0))
                } else {
                    None
                }
            }
            Value::Float(f) => {
                if has(type_bits::INT) && f.is_finite() && in_int_range(*f) {
                    if f.fract() == 0.0 {
                        return Ok(Some(Value::Int(*f as i64)));
                    }
                    let shown = self.repr_float(*f);
                    self.raise_deprecated(format!(
                        "Implicit conversion from float {shown} to int loses precision"
                    ))?;
                    return Ok(Some(Value::Int(*f as i64)));
                }
                if has(type_bits::STRING) {
                    Some(Value::Str(self.to_str(v)?))
                } else if bits & type_bits::BOOL == type_bits::BOOL {
                    Some(Value::Bool(*f != 0.0))
                } else {
                    None
                }
            }
            Value::Str(s) => {
                if has(type_bits::INT | type_bits::FLOAT) {
                    match number::parse_numeric(s, false) {
                        Some(n) if !n.trailing_data => match n.number {
                            Number::Int(i) if has(type_bits::INT) => {
                                return Ok(Some(Value::Int(i)));
                            }
                            Number::Int(i) => return Ok(Some(Value::Float(i as f64))),
                            Number::Float(f) if has(type_bits::FLOAT) => {
                                return Ok(Some(Value::Float(f)));
                            }
                            Number::Float(f) if f.is_finite() && in_int_range(f) => {
                                if f.fract() != 0.0 {
                                    let mut m =
                                        b"Implicit conversion from float-string \"".to_vec();
                                    m.extend_from_slice(s);
                                    m.extend_from_slice(b"\" to int loses precision");
                                    self.raise_deprecated(m)?;
                                }
                                return Ok(Some(Value::Int(f as i64)));
                            }
                            Number::Float(_) => {}
                        },
                        _ => {}
                    }
                }
                if bits & type_bits::BOOL == type_bits::BOOL {
                    Some(Value::Bool(v.truthy()))
                } else {
                    None
                }
            }
            Value::Object(o) => {
                let class = o.class();
                if has(type_bits::STRING)
                    && (class.magic.to_string.is_some() || class.handlers.cast.is_some())
                {
                    Some(Value::Str(self.to_str(v)?))
                } else {
                    None
                }
            }
            _ => None,
        })
    }

    /// `f` or `Class::f` of a native function, as error messages show it.
    pub(crate) fn native_name(&self, function: &'static crate::NativeFunction) -> String {
        let f = self.frame();
        if f.func.native().is_some_and(|n| std::ptr::eq(n, function)) {
            return f.func.display_name();
        }
        function.name.to_string()
    }

    /// TypeError "f(): Argument #1 ($x) must be of type int, string given".
    #[cold]
    pub(crate) fn argument_type_error(
        &mut self,
        function: &'static crate::NativeFunction,
        i: usize,
        v: &Value,
    ) -> Unwind {
        let param = function.params.get(i).or(function.params.last()).expect("a parameter");
        let given = self.value_type_name(v);
        let name = self.native_name(function);
        // `Z_PARAM_ARRAY_OR_OBJECT` asks for an array.
        let either = param.ty.bits == type_bits::ARRAY | type_bits::OBJECT;
        let shown = if either && param.ty.classes.is_empty() {
            "array".to_owned()
        } else {
            native_type_name(&param.ty)
        };
        let label = if param.variadic { String::new() } else { format!(" (${})", param.name) };
        self.throw_type_error(format!(
            "{name}(): Argument #{}{label} must be of type {shown}, {given} given",
            i + 1
        ))
    }

    fn callback_error(
        &mut self,
        function: &'static crate::NativeFunction,
        i: usize,
        reason: &str,
    ) -> Unwind {
        let param = function.params.get(i).or(function.params.last()).expect("a parameter");
        let name = self.native_name(function);
        let (reason, null) = match reason.strip_suffix(" or null") {
            Some(r) => (r, " or null"),
            None => (reason, ""),
        };
        self.throw_type_error(format!(
            "{name}(): Argument #{} (${}) must be a valid callback{null}, {reason}",
            i + 1,
            param.name
        ))
    }

    /// ArgumentCountError for a native function.
    pub(crate) fn check_arity(
        &mut self,
        function: &'static crate::NativeFunction,
        argc: usize,
    ) -> Ret<()> {
        let max = if function.params.last().is_some_and(|p| p.variadic) {
            usize::MAX
        } else {
            function.params.len()
        };
        let min = function.required as usize;
        if argc >= min && argc <= max {
            return Ok(());
        }
        let name = self.native_name(function);
        let bound = if argc < min { min } else { max };
        let how = if min == max {
            "exactly"
        } else if argc < min {
            "at least"
        } else {
            "at most"
        };
        let s = if bound == 1 { "" } else { "s" };
        Err(self.throw(
            "ArgumentCountError",
            format!("{name}() expects {how} {bound} argument{s}, {argc} given"),
        ))
    }
}

const SCALARS: u32 = type_bits::BOOL | type_bits::INT | type_bits::FLOAT | type_bits::STRING;

fn null_as(bits: u32) -> Value {
    // A union takes null as its number.
    if bits & type_bits::INT != 0 {
        Value::Int(0)
    } else if bits & type_bits::STRING != 0 {
        Value::empty_str()
    } else if bits & type_bits::FLOAT != 0 {
        Value::Float(0.0)
    } else {
        Value::Bool(false)
    }
}

fn in_int_range(f: f64) -> bool {
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f)
}

/// A native type as messages show it: classes first, then the builtin types in PHP's order.
pub fn native_type_name(ty: &NativeType) -> String {
    let mut parts: Vec<&str> = ty.classes.to_vec();
    let bits = ty.bits;
    if bits & type_bits::MIXED != 0 {
        return "mixed".into();
    }
    let iterable = bits & type_bits::ITERABLE != 0;
    if iterable {
        parts.retain(|p| *p != "Traversable");
        parts.push("Traversable");
    }
    for (bit, name) in [
        (type_bits::ARRAY, "array"),
        (type_bits::STRING, "string"),
        (type_bits::INT, "int"),
        (type_bits::FLOAT, "float"),
    ] {
        if bits & bit != 0 {
            parts.push(name);
        }
    }
    if bits & type_bits::OBJECT != 0 {
        parts.insert(ty.classes.len(), "object");
    }
    if bits & type_bits::CALLABLE != 0 {
        parts.push("callable");
    }
    if bits & type_bits::BOOL == type_bits::BOOL {
        parts.push("bool");
    } else if bits & type_bits::FALSE != 0 {
        parts.push("false");
    } else if bits & type_bits::TRUE != 0 {
        parts.push("true");
    }
    for (bit, name) in
        [(type_bits::VOID, "void"), (type_bits::NEVER, "never"), (type_bits::STATIC, "static")]
    {
        if bits & bit != 0 {
            parts.push(name);
        }
    }
    if bits & type_bits::NULL != 0 {
        if parts.len() == 1 {
            return format!("?{}", parts[0]);
        }
        parts.push("null");
    }
    parts.join("|")
}
