//! How native functions and classes describe themselves: the tables generated from the stubs.
//!
//! A stub (`*.stub.php`) is the one place for a signature. From it come the static tables below
//! and a wrapper for each function, which checks and coerces the arguments and calls the typed
//! body.

use crate::{Class, Cx, Ret};
use outlast_value::{Object, PhpArray, PhpString, Reference, Value};

/// The wrapper of a native function: arguments are complete (defaults filled in by the wrapper).
pub type NativeFn = fn(&mut Cx, &mut Args<'_>) -> Ret<Value>;

/// What a native function is called with.
pub struct Args<'a> {
    /// The object of a method call.
    pub this: Option<Object>,
    /// The class a static method was called on.
    pub called: Option<crate::ClassRef>,
    /// The arguments as passed; their number may be below that of the parameters.
    pub values: &'a mut [Value],
    /// Whose arguments they are.
    pub function: &'static NativeFunction,
}

/// A builtin type: bits of `bytecode::type_bits` and classes.
#[derive(Debug, Clone, Copy)]
pub struct NativeType {
    /// See `outlast_bytecode::type_bits`; 0 and no classes: no type declared.
    pub bits: u32,
    /// Class alternatives.
    pub classes: &'static [&'static str],
}

impl NativeType {
    /// No declared type.
    pub const NONE: NativeType = NativeType { bits: 0, classes: &[] };
}

/// A parameter of a native function.
#[derive(Debug)]
pub struct NativeParam {
    /// Name without `$`.
    pub name: &'static str,
    /// Its type.
    pub ty: NativeType,
    /// `&$x`
    pub by_ref: bool,
    /// By reference if a variable is passed, else by value (`@prefer-ref`).
    pub prefer_ref: bool,
    /// `...$x`
    pub variadic: bool,
    /// The default as written in the stub; `None`: required. `Some("UNKNOWN")`: optional without one.
    pub default: Option<&'static str>,
}

impl NativeParam {
    /// A parameter of a builtin type (`type_bits`), passed by value.
    pub const fn plain(
        name: &'static str,
        bits: u32,
        default: Option<&'static str>,
    ) -> NativeParam {
        let ty = NativeType { bits, classes: &[] };
        NativeParam { name, ty, by_ref: false, prefer_ref: false, variadic: false, default }
    }
}

/// A native function or method.
pub struct NativeFunction {
    /// Name in its own case.
    pub name: &'static str,
    /// Modifiers of a method (`bytecode::member_flags`); 0 for functions.
    pub modifiers: u32,
    /// Parameters.
    pub params: &'static [NativeParam],
    /// Arguments without which the call is an error.
    pub required: u32,
    /// Return type.
    pub ret: NativeType,
    /// The return type is tentative (`@tentative-return-type`): overriding it otherwise is deprecated only.
    pub tentative: bool,
    /// `&f()`
    pub returns_ref: bool,
    /// `#[\Deprecated]`: since and message, `None` if not deprecated.
    pub deprecated: Option<&'static str>,
    /// The wrapper; `None` for an abstract method.
    pub call: Option<NativeFn>,
}

/// A constant value in a stub.
#[derive(Clone, Copy)]
pub enum NativeValue {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(&'static str),
    /// Bytes that are not UTF-8.
    Bytes(&'static [u8]),
    EmptyArray,
    /// Made when asked for.
    Make(fn(&mut Cx) -> Value),
}

/// A global constant.
pub struct NativeConst {
    pub name: &'static str,
    pub value: NativeValue,
    /// Deprecated since 8.x: the message behind "Constant X is deprecated".
    pub deprecated: bool,
}

impl NativeConst {
    /// A constant that is not deprecated.
    pub const fn current(name: &'static str, value: NativeValue) -> NativeConst {
        NativeConst { name, value, deprecated: false }
    }
}

/// A class constant or enum case.
pub struct NativeClassConst {
    pub name: &'static str,
    pub modifiers: u32,
    pub value: NativeValue,
    /// It is a case of an enum; `value` is its backing value (`Null` in a pure enum).
    pub is_case: bool,
    /// Its declared type.
    pub ty: NativeType,
}

/// A declared property of a native class.
pub struct NativeProperty {
    pub name: &'static str,
    pub modifiers: u32,
    pub ty: NativeType,
    /// `None`: uninitialised (if typed) or null.
    pub default: Option<NativeValue>,
}

/// A native class, interface or enum.
pub struct NativeClass {
    pub name: &'static str,
    /// `bytecode::class_flags`.
    pub flags: u32,
    pub parent: Option<&'static str>,
    pub interfaces: &'static [&'static str],
    pub constants: &'static [NativeClassConst],
    pub properties: &'static [NativeProperty],
    pub methods: &'static [NativeFunction],
    /// `int` or `string` backing of an enum (type bits), else 0.
    pub backing: u32,
    /// Behaviour of its objects (`@handlers NAME`); inherited if `None`.
    pub handlers: Option<&'static ObjectHandlers>,
    /// Attributes by name (`#[AllowDynamicProperties]` and the like).
    pub attributes: &'static [&'static str],
    /// `@not-serializable`
    pub not_serializable: bool,
    /// `@strict-properties`: no dynamic properties (Error "Cannot create dynamic property").
    pub no_dynamic_properties: bool,
}

/// What one stub file defines.
pub struct NativeModule {
    /// Name of the extension, as `extension_loaded` knows it.
    pub extension: &'static str,
    pub functions: &'static [NativeFunction],
    pub classes: &'static [NativeClass],
    pub constants: &'static [NativeConst],
    /// ini settings: name, default, who may change it.
    pub ini: &'static [crate::ini::IniDef],
}

/// Overrides of what objects of a native class do. Every entry is optional; a class inherits the
/// table of its parent unless it has its own (copy the parent's entries with `..PARENT`).
#[derive(Clone, Copy)]
#[allow(clippy::type_complexity)] // Each signature is used once and says what the handler gets.
pub struct ObjectHandlers {
    /// Called on a new object, before any constructor (sets the native payload).
    pub create: Option<fn(&mut Cx, &Object) -> Ret<()>>,
    /// Copies native payload on `clone` (new object, old object).
    pub clone: Option<fn(&mut Cx, &Object, &Object) -> Ret<()>>,
    /// The class may not be cloned: "Trying to clone an uncloneable object of class X".
    pub uncloneable: bool,
    /// `==`, `<=>` of two objects: the ordering, or `None` if uncomparable.
    pub compare: Option<fn(&mut Cx, &Value, &Value) -> Ret<Option<std::cmp::Ordering>>>,
    /// Properties as `var_dump`, `print_r`, `(array)` (purpose tells which) show them.
    pub properties: Option<fn(&mut Cx, &Object, PropertiesFor) -> Ret<PhpArray>>,
    /// `$o[$k]`; `quiet`: in isset/?? context.
    pub read_dimension: Option<fn(&mut Cx, &Object, Option<&Value>, bool) -> Ret<Value>>,
    /// `$o[$k] = $v`; no key: `$o[] = $v`.
    pub write_dimension: Option<fn(&mut Cx, &Object, Option<&Value>, Value) -> Ret<()>>,
    /// A reference to `$o[$k]` (no key: a new element) for nested writes and `&$o[$k]`; absent: the
    /// result of reading is used, with PHP's notice about indirect modification.
    pub dimension_ref: Option<fn(&mut Cx, &Object, Option<&Value>) -> Ret<Reference>>,
    /// `isset($o[$k])` / `empty` (last argument true).
    pub has_dimension: Option<fn(&mut Cx, &Object, &Value, bool) -> Ret<bool>>,
    /// `unset($o[$k])`
    pub unset_dimension: Option<fn(&mut Cx, &Object, &Value) -> Ret<()>>,
    /// `$o->name` for names without a declared slot; `None`: not handled.
    pub read_property: Option<fn(&mut Cx, &Object, &PhpString) -> Ret<Option<Value>>>,
    /// `$o->name = v`; false: not handled.
    pub write_property: Option<fn(&mut Cx, &Object, &PhpString, &Value) -> Ret<bool>>,
    /// `isset($o->name)`; `None`: not handled.
    pub has_property: Option<fn(&mut Cx, &Object, &PhpString, bool) -> Ret<Option<bool>>>,
    /// `unset($o->name)`; false: not handled.
    pub unset_property: Option<fn(&mut Cx, &Object, &PhpString) -> Ret<bool>>,
    /// `count($o)`
    pub count: Option<fn(&mut Cx, &Object) -> Ret<i64>>,
    /// Casts to int, float, bool (`bytecode::type_bits`); `None`: not handled.
    pub cast: Option<fn(&mut Cx, &Object, u32) -> Ret<Option<Value>>>,
    /// Arithmetic on the object (GMP, BcMath\Number); `None`: not handled.
    pub operate: Option<fn(&mut Cx, outlast_bytecode::BinOp, &Value, &Value) -> Ret<Option<Value>>>,
    /// foreach without calling PHP methods; `None`: Iterator/IteratorAggregate methods are called.
    pub iterate: Option<fn(&mut Cx, &Object, bool) -> Ret<Box<dyn NativeIterator>>>,
    /// The object is about to be freed.
    pub free: Option<fn(&mut Cx, &Object)>,
    /// The object whose methods stand in for those that this one lacks (iterators around others).
    pub forward: Option<fn(&Object) -> Option<Object>>,
    /// A callable native object (Closure has its own path).
    pub call: Option<fn(&mut Cx, &Object, Vec<Value>) -> Ret<Value>>,
}

impl ObjectHandlers {
    /// No override.
    pub const STANDARD: ObjectHandlers = ObjectHandlers {
        create: None,
        clone: None,
        uncloneable: false,
        compare: None,
        properties: None,
        read_dimension: None,
        write_dimension: None,
        dimension_ref: None,
        has_dimension: None,
        unset_dimension: None,
        read_property: None,
        write_property: None,
        has_property: None,
        unset_property: None,
        count: None,
        cast: None,
        operate: None,
        iterate: None,
        free: None,
        forward: None,
        call: None,
    };
}

/// Why the properties of an object are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertiesFor {
    /// `var_dump`, `print_r`, `debug_zval_refcount`
    Debug,
    /// `(array)` and `get_object_vars`
    ArrayCast,
    /// `serialize`
    Serialize,
    /// `var_export`
    VarExport,
    /// `json_encode`
    Json,
}

/// A native iterator for foreach.
pub trait NativeIterator {
    /// Goes to the first element.
    fn rewind(&mut self, cx: &mut Cx) -> Ret<()>;
    /// Is there a current element?
    fn valid(&mut self, cx: &mut Cx) -> Ret<bool>;
    /// The current value (a `Value::Ref` when iterating by reference).
    fn current(&mut self, cx: &mut Cx) -> Ret<Value>;
    /// The current key.
    fn key(&mut self, cx: &mut Cx) -> Ret<Value>;
    /// Goes on.
    fn next(&mut self, cx: &mut Cx) -> Ret<()>;
}

/// `T` or PHP's `false`.
pub struct OrFalse<T>(pub Option<T>);

impl<T> From<Option<T>> for OrFalse<T> {
    fn from(v: Option<T>) -> Self {
        OrFalse(v)
    }
}

/// What typed bodies may return.
pub trait IntoValue {
    /// The PHP value.
    fn into_value(self) -> Value;
}

impl IntoValue for Value {
    fn into_value(self) -> Value {
        self
    }
}
impl IntoValue for () {
    fn into_value(self) -> Value {
        Value::Null
    }
}
impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::Bool(self)
    }
}
impl IntoValue for i64 {
    fn into_value(self) -> Value {
        Value::Int(self)
    }
}
impl IntoValue for usize {
    fn into_value(self) -> Value {
        Value::Int(self as i64)
    }
}
impl IntoValue for f64 {
    fn into_value(self) -> Value {
        Value::Float(self)
    }
}
impl IntoValue for PhpString {
    fn into_value(self) -> Value {
        Value::Str(self)
    }
}
impl IntoValue for &PhpString {
    fn into_value(self) -> Value {
        Value::Str(self.clone())
    }
}
impl IntoValue for Vec<u8> {
    fn into_value(self) -> Value {
        Value::Str(PhpString::new(&self))
    }
}
impl IntoValue for &[u8] {
    fn into_value(self) -> Value {
        Value::Str(PhpString::new(self))
    }
}
impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::Str(PhpString::new(self.as_bytes()))
    }
}
impl IntoValue for String {
    fn into_value(self) -> Value {
        Value::Str(PhpString::new(self.as_bytes()))
    }
}
impl IntoValue for PhpArray {
    fn into_value(self) -> Value {
        Value::Array(self)
    }
}
impl IntoValue for Object {
    fn into_value(self) -> Value {
        Value::Object(self)
    }
}
impl IntoValue for Reference {
    fn into_value(self) -> Value {
        Value::Ref(self)
    }
}
impl<T: IntoValue> IntoValue for Option<T> {
    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }
}
impl<T: IntoValue> IntoValue for OrFalse<T> {
    fn into_value(self) -> Value {
        self.0.map_or(Value::Bool(false), T::into_value)
    }
}

impl Class {
    /// The handlers in force for objects of this class.
    pub fn handlers(&self) -> &'static ObjectHandlers {
        self.handlers
    }
}
