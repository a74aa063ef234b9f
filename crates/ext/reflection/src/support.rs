//! What the objects of reflection hold, and how they are made.

use outlast_bytecode::{Attribute, ConstExpr, TypeDecl, member_flags};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::class::{ClassConst, PropInfo, StaticProp};
use outlast_vm::function::{Func, FuncRef};
use outlast_vm::{ClassRef, Cx, ObjectClass, ObjectHandlers, Ret, Unwind};
use std::rc::Rc;

/// Behaviour of all objects of reflection.
pub static HANDLERS: ObjectHandlers =
    ObjectHandlers { uncloneable: true, ..ObjectHandlers::STANDARD };

/// Behind a `ReflectionClass`.
#[derive(Clone)]
pub struct ClassOf {
    pub class: ClassRef,
    /// The object it was made from.
    pub object: Option<Object>,
}

/// Behind a `ReflectionFunction` or `ReflectionMethod`.
#[derive(Clone)]
pub struct FunctionOf {
    pub func: FuncRef,
    /// The closure it was made from.
    pub closure: Option<Object>,
    /// The class that a method was asked of.
    pub class: Option<ClassRef>,
}

/// Behind a `ReflectionParameter`.
#[derive(Clone)]
pub struct ParameterOf {
    pub function: FunctionOf,
    pub index: usize,
}

/// Behind a `ReflectionType`.
#[derive(Clone)]
pub struct TypeOf {
    pub ty: TypeDecl,
}

/// What a `ReflectionProperty` is about.
#[derive(Clone)]
pub enum PropertyKind {
    Instance(Rc<PropInfo>),
    Static(Rc<StaticProp>),
    /// Of one object only.
    Dynamic,
}

/// Behind a `ReflectionProperty`.
#[derive(Clone)]
pub struct PropertyOf {
    /// The class it was asked of.
    pub class: ClassRef,
    pub name: PhpString,
    pub kind: PropertyKind,
}

/// Behind a `ReflectionClassConstant`.
#[derive(Clone)]
pub struct ConstantOf {
    pub constant: Rc<ClassConst>,
}

/// Behind a `ReflectionAttribute`.
#[derive(Clone)]
pub struct AttributeOf {
    /// All attributes of the target.
    pub all: Rc<[Attribute]>,
    pub index: usize,
    pub target: i64,
    pub place: Place,
}

pub use outlast_vm::attributes::ExpressionPlace as Place;

macro_rules! payload {
    ($($name:ident: |$this:ident, $visit:ident| $trace:expr;)*) => {$(
        impl ObjectData for $name {
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
            fn trace(&self, $visit: &mut dyn FnMut(&Value)) {
                let $this = self;
                $trace
            }
        }
    )*};
}

fn visit_object(object: Option<&Object>, visit: &mut dyn FnMut(&Value)) {
    if let Some(o) = object {
        visit(&Value::Object(o.clone()));
    }
}

payload! {
    ClassOf: |this, visit| visit_object(this.object.as_ref(), visit);
    FunctionOf: |this, visit| visit_object(this.closure.as_ref(), visit);
    ParameterOf: |this, visit| visit_object(this.function.closure.as_ref(), visit);
    TypeOf: |_this, _visit| ();
    PropertyOf: |_this, _visit| ();
    ConstantOf: |_this, _visit| ();
    AttributeOf: |_this, _visit| ();
}

/// What an object of reflection is about.
pub fn of<T: ObjectData + Clone>(cx: &mut Cx, this: &Object) -> Ret<T> {
    match this.data::<T>() {
        Some(d) => Ok(d.clone()),
        None => Err(cx.throw_error("Internal error: Failed to retrieve the reflection object")),
    }
}

/// Gives an object what it is about and its public properties.
pub fn fill(this: &Object, props: &[(&str, Value)], data: Box<dyn ObjectData>) {
    if this.data_dyn().is_none() {
        this.set_data(data);
    }
    for (name, value) in props {
        set_property(this, name, value.clone());
    }
}

/// Sets one of the declared properties.
pub fn set_property(this: &Object, name: &str, value: Value) {
    let class = this.class();
    if let Some(info) = class.props.get(name.as_bytes()) {
        this.set_slot(info.slot as usize, value);
    }
}

/// A new object of reflection.
pub fn make(
    cx: &mut Cx,
    class: &str,
    props: &[(&str, Value)],
    data: Box<dyn ObjectData>,
) -> Ret<Object> {
    let class = cx.class_or_throw(&PhpString::from(class))?;
    let object = cx.instantiate(class)?;
    fill(&object, props, data);
    Ok(object)
}

/// A `ReflectionClass` (or `ReflectionEnum`).
pub fn make_class(cx: &mut Cx, class: ClassRef) -> Ret<Object> {
    let word = if class.is_enum() { "ReflectionEnum" } else { "ReflectionClass" };
    make_class_as(cx, word, class)
}

fn make_class_as(cx: &mut Cx, word: &str, class: ClassRef) -> Ret<Object> {
    let name = Value::Str(class.name.clone());
    make(cx, word, &[("name", name)], Box::new(ClassOf { class, object: None }))
}

/// A `ReflectionMethod`.
pub fn make_method(cx: &mut Cx, func: &FuncRef, closure: Option<Object>) -> Ret<Object> {
    make_method_of(cx, FunctionOf { func: func.clone(), closure, class: None })
}

/// A `ReflectionMethod` of a class.
pub fn make_method_of(cx: &mut Cx, of: FunctionOf) -> Ret<Object> {
    let props = method_properties(&of.func);
    make(cx, "ReflectionMethod", &props, Box::new(of))
}

/// The public properties of a `ReflectionMethod`.
pub fn method_properties(func: &FuncRef) -> [(&'static str, Value); 2] {
    let class = func.scope().map_or_else(PhpString::empty, |c| c.name.clone());
    [("name", Value::Str(func.name.clone())), ("class", Value::Str(class))]
}

/// A `ReflectionFunction` or `ReflectionMethod` for a function.
pub fn make_function(cx: &mut Cx, of: &FunctionOf) -> Ret<Object> {
    if of.func.class.is_some() && !of.func.is_closure() {
        return make_method(cx, &of.func, of.closure.clone());
    }
    let name = Value::Str(of.func.name.clone());
    make(cx, "ReflectionFunction", &[("name", name)], Box::new(of.clone()))
}

/// Exception of reflection.
pub fn fail(cx: &mut Cx, message: impl AsRef<[u8]>) -> Unwind {
    cx.throw("ReflectionException", message)
}

/// The class behind `object|string`; ReflectionException `Class "X" does not exist`.
pub fn class_argument(cx: &mut Cx, value: &Value) -> Ret<ClassRef> {
    match value {
        Value::Object(o) => Ok(o.class()),
        v => {
            let name = cx.to_str(v)?;
            class_named(cx, &name)
        }
    }
}

/// The class of that name; ReflectionException `Class "X" does not exist`.
pub fn class_named(cx: &mut Cx, name: &PhpString) -> Ret<ClassRef> {
    match cx.lookup_class(name, true)? {
        Some(c) => Ok(c),
        None => Err(cx.throw_with_code(
            "ReflectionException",
            PhpString::concat(&[b"Class \"", name, b"\" does not exist"]),
            -1,
        )),
    }
}

/// The class behind `ReflectionClass|string`.
pub fn class_or_reflection(cx: &mut Cx, value: &Value, word: &str) -> Ret<ClassRef> {
    if let Value::Object(o) = value {
        return Ok(of::<ClassOf>(cx, o)?.class);
    }
    let name = cx.to_str(value)?;
    match cx.lookup_class(&name, true)? {
        Some(c) => Ok(c),
        None => Err(fail(
            cx,
            PhpString::concat(&[word.as_bytes(), b" \"", &name, b"\" does not exist"]),
        )),
    }
}

/// The value of a constant expression.
pub fn evaluate(cx: &mut Cx, place: &Place, expr: &ConstExpr) -> Ret<Value> {
    cx.constant_expression(place, expr)
}

/// The unit and scope of a function.
pub fn place_of(func: &Func) -> Place {
    Place { unit: func.user().map(|u| u.unit.clone()), scope: func.scope() }
}

/// Flags of members as PHP's constants number them.
pub fn modifiers(flags: u32) -> i64 {
    const BITS: [(u32, i64); 11] = [
        (member_flags::PUBLIC, 1),
        (member_flags::PROTECTED, 2),
        (member_flags::PRIVATE, 4),
        (member_flags::STATIC, 16),
        (member_flags::FINAL, 32),
        (member_flags::ABSTRACT, 64),
        (member_flags::READONLY, 128),
        (member_flags::VIRTUAL, 512),
        (member_flags::PUBLIC_SET, 1024),
        (member_flags::PROTECTED_SET, 2048),
        (member_flags::PRIVATE_SET, 4096),
    ];
    BITS.iter().filter(|(f, _)| flags & f != 0).map(|(_, v)| v).sum()
}

/// "public", "protected" or "private".
pub fn visibility(flags: u32) -> &'static str {
    if flags & member_flags::PRIVATE != 0 {
        "private"
    } else if flags & member_flags::PROTECTED != 0 {
        "protected"
    } else {
        "public"
    }
}

/// A list of strings.
pub fn string_list<'a>(items: impl IntoIterator<Item = &'a PhpString>) -> PhpArray {
    PhpArray::from_list(items.into_iter().map(|s| Value::Str(s.clone())).collect())
}

/// A list of objects.
pub fn object_list(items: Vec<Object>) -> PhpArray {
    PhpArray::from_list(items.into_iter().map(Value::Object).collect())
}

/// Namespace and short name.
pub fn split_name(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().rposition(|b| *b == b'\\') {
        Some(at) if at > 0 => (&name[..at], &name[at + 1..]),
        _ => (b"", name),
    }
}

/// Positional and named arguments of an array given to `invokeArgs` or `newInstanceArgs`.
pub fn spread(args: &PhpArray) -> (Vec<Value>, Vec<(PhpString, Value)>) {
    let mut positional = Vec::new();
    let mut named = Vec::new();
    for (key, value) in args.iter() {
        match key {
            outlast_value::Key::Str(name) => named.push((name.clone(), value.clone())),
            outlast_value::Key::Int(_) => positional.push(value.clone()),
        }
    }
    (positional, named)
}

#[cfg(test)]
mod tests {
    use super::{modifiers, split_name};
    use outlast_bytecode::member_flags as m;

    #[test]
    fn flags_are_numbered_as_in_php() {
        assert_eq!(modifiers(m::PUBLIC | m::STATIC | m::FINAL), 49);
        assert_eq!(modifiers(m::PROTECTED | m::ABSTRACT), 66);
        assert_eq!(modifiers(m::PUBLIC | m::READONLY | m::PROTECTED_SET), 2177);
    }

    #[test]
    fn names_split_at_the_last_backslash() {
        assert_eq!(split_name(b"A\\B\\c"), (b"A\\B".as_slice(), b"c".as_slice()));
        assert_eq!(split_name(b"c"), (b"".as_slice(), b"c".as_slice()));
    }
}
