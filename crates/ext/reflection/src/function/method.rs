//! `ReflectionMethod`.

use super::{func, get};
use crate::support::{
    FunctionOf, class_argument, class_named, fail, fill, make_class, make_method,
    method_properties, modifiers, of, spread,
};
use crate::text::function_text;
use outlast_bytecode::member_flags as m;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::class::ClassPtrCell;
use outlast_vm::function::{Func, FuncKind, FuncRef, UserFunc};
use outlast_vm::{Callable, ClassRef, Cx, NativeFunction, NativeType, ObjectClass, Ret};
use std::cell::RefCell;
use std::rc::Rc;

/// The method of a class (or of the object, which may be a Closure).
pub fn find(
    cx: &mut Cx,
    class: ClassRef,
    object: Option<&Object>,
    name: &PhpString,
) -> Ret<FunctionOf> {
    let lower = name.to_ascii_lowercase();
    if lower == b"__invoke" && class.key.as_bytes() == b"closure" {
        return invoke_of_closure(cx, class, object);
    }
    match class.method(&lower) {
        Some(func) => Ok(FunctionOf { func: func.clone(), closure: None, class: Some(class) }),
        None => Err(fail(cx, format!("Method {}::{name}() does not exist", class.display_name()))),
    }
}

/// `Closure::__invoke()`, which has the parameters of the closure, if there is one.
fn invoke_of_closure(cx: &mut Cx, class: ClassRef, closure: Option<&Object>) -> Ret<FunctionOf> {
    static NO_PARAMETERS: NativeFunction = NativeFunction {
        name: INVOKE,
        modifiers: m::PUBLIC,
        params: &[],
        required: 0,
        ret: NativeType::NONE,
        tentative: false,
        returns_ref: false,
        deprecated: None,
        call: None,
    };
    let called = match closure {
        Some(o) => cx.resolve_callable(&Value::Object(o.clone()))?.ok(),
        None => None,
    };
    let kind = match called.as_ref().map(|c| &c.func.kind) {
        Some(FuncKind::User(u)) => FuncKind::User(UserFunc::new(u.unit.clone(), u.index)),
        Some(FuncKind::Native(native, _)) => FuncKind::Native(native, ""),
        None => FuncKind::Native(&NO_PARAMETERS, ""),
    };
    let func = Rc::new(Func {
        name: PhpString::from(INVOKE),
        modifiers: m::PUBLIC,
        class: Some(ClassPtrCell::of(class)),
        kind,
        prototype: RefCell::new(None),
        from_trait: None,
    });
    Ok(FunctionOf { func, closure: closure.cloned(), class: None })
}

const INVOKE: &str = "__invoke";

/// Is it `Closure::__invoke()`? It counts as the engine's own, whatever the closure is.
pub fn is_invoke_of_closure(func: &Func) -> bool {
    func.name.as_bytes() == INVOKE.as_bytes()
        && func.scope().is_some_and(|c| c.key.as_bytes() == b"closure")
}

/// `Class::method` in one string.
fn split_method(cx: &mut Cx, text: &PhpString) -> Ret<FunctionOf> {
    let Some(at) = text.windows(2).position(|w| w == b"::") else {
        return Err(cx.arg_error("ReflectionException", 1, "must be a valid method name"));
    };
    let class = class_named(cx, &PhpString::new(&text[..at]))?;
    find(cx, class, None, &PhpString::new(&text[at + 2..]))
}

pub(super) fn reflection_method_construct(
    cx: &mut Cx,
    this: &Object,
    object_or_method: &Value,
    method: Option<&PhpString>,
) -> Ret<()> {
    let found = match (object_or_method, method) {
        (Value::Object(o), Some(name)) => find(cx, o.class(), Some(o), name)?,
        (Value::Object(_), None) => {
            return Err(cx.throw_value_error(
                "ReflectionMethod::__construct(): Argument #2 ($method) cannot be null when \
                 argument #1 ($objectOrMethod) is an object",
            ));
        }
        (v, Some(name)) => {
            let class = class_argument(cx, v)?;
            find(cx, class, None, name)?
        }
        (v, None) => {
            let text = cx.to_str(v)?;
            cx.raise_deprecated(
                "Calling ReflectionMethod::__construct() with 1 argument is deprecated, use \
                 ReflectionMethod::createFromMethodName() instead",
            )?;
            split_method(cx, &text)?
        }
    };
    fill(this, &method_properties(&found.func), Box::new(found));
    Ok(())
}

pub(super) fn reflection_method_create_from_method_name(
    cx: &mut Cx,
    called: Option<ClassRef>,
    method: &PhpString,
) -> Ret<Object> {
    let found = split_method(cx, method)?;
    let object = match called {
        Some(class) => cx.instantiate(class)?,
        None => return make_method(cx, &found.func, None),
    };
    fill(&object, &method_properties(&found.func), Box::new(found));
    Ok(object)
}

pub(super) fn reflection_method_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let f = get(cx, this)?;
    let class = f.class.or(f.func.scope());
    function_text(cx, &f, "", class)
}

fn has(cx: &mut Cx, this: &Object, flag: u32) -> Ret<bool> {
    Ok(func(cx, this)?.modifiers & flag != 0)
}

pub(super) fn reflection_method_is_public(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(!has(cx, this, m::PROTECTED | m::PRIVATE)?)
}

pub(super) fn reflection_method_is_private(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PRIVATE)
}

pub(super) fn reflection_method_is_protected(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PROTECTED)
}

pub(super) fn reflection_method_is_abstract(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::ABSTRACT)
}

pub(super) fn reflection_method_is_final(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::FINAL)
}

pub(super) fn reflection_method_is_constructor(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let f = func(cx, this)?;
    Ok(f.name.eq_ignore_ascii_case(b"__construct"))
}

pub(super) fn reflection_method_is_destructor(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.name.eq_ignore_ascii_case(b"__destruct"))
}

fn wrong_object(cx: &mut Cx) -> outlast_vm::Unwind {
    fail(cx, "Given object is not an instance of the class this method was declared in")
}

/// The object a method is called on; `None` for a static one.
fn receiver(cx: &mut Cx, f: &FunctionOf, object: Option<&Object>) -> Ret<Option<Object>> {
    let shown = f.func.display_name();
    if f.func.is_abstract() {
        return Err(fail(cx, format!("Trying to invoke abstract method {shown}()")));
    }
    if f.func.is_static() {
        return Ok(None);
    }
    let Some(o) = object else {
        return Err(fail(
            cx,
            format!("Trying to invoke non static method {shown}() without an object"),
        ));
    };
    if f.closure.is_none() && !f.func.scope().is_some_and(|c| o.class().is_subclass_of_or_same(c)) {
        return Err(wrong_object(cx));
    }
    Ok(Some(o.clone()))
}

fn invoke(
    cx: &mut Cx,
    f: &FunctionOf,
    object: Option<&Object>,
    args: Vec<Value>,
    named: Vec<(PhpString, Value)>,
) -> Ret<Value> {
    let this = receiver(cx, f, object)?;
    let callable = match (&f.closure, &this) {
        (Some(_), Some(o)) => cx.resolve_callable(&Value::Object(o.clone()))?.ok(),
        _ => None,
    };
    let callable = callable.unwrap_or_else(|| Callable {
        func: f.func.clone(),
        static_class: this.as_ref().map(|o| o.class()).or(f.func.scope()),
        this,
        closure: None,
        magic_name: None,
    });
    Ok(cx.call_named(&callable, args, named)?.into_deref())
}

pub(super) fn reflection_method_invoke(
    cx: &mut Cx,
    this: &Object,
    object: Option<&Object>,
    args: &[Value],
) -> Ret<Value> {
    let named = cx.native_named_arguments();
    let f = get(cx, this)?;
    invoke(cx, &f, object, args.to_vec(), named)
}

pub(super) fn reflection_method_invoke_args(
    cx: &mut Cx,
    this: &Object,
    object: Option<&Object>,
    args: PhpArray,
) -> Ret<Value> {
    let f = get(cx, this)?;
    let (args, named) = spread(&args);
    invoke(cx, &f, object, args, named)
}

pub(super) fn reflection_method_get_closure(
    cx: &mut Cx,
    this: &Object,
    object: Option<&Object>,
) -> Ret<Object> {
    let f: FunctionOf = of(cx, this)?;
    if f.func.is_static() {
        let scope = f.func.scope();
        return Ok(cx.closure_of(f.func, None, scope, None));
    }
    let Some(o) = object else {
        return Err(cx.arg_value_error(1, "must be provided for instance methods"));
    };
    if let Some(closure) = &f.closure
        && closure.class() == o.class()
    {
        return Ok(o.clone());
    }
    if !f.func.scope().is_some_and(|c| o.class().is_subclass_of_or_same(c)) {
        return Err(wrong_object(cx));
    }
    Ok(cx.closure_of(f.func, Some(o.clone()), Some(o.class()), None))
}

pub(super) fn reflection_method_get_modifiers(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(modifiers(func(cx, this)?.modifiers) & 0x77)
}

pub(super) fn reflection_method_get_declaring_class(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let f = get(cx, this)?;
    match f.func.scope() {
        Some(c) => make_class(cx, c),
        None => Err(fail(cx, "The method has no class")),
    }
}

fn prototype(f: &FuncRef) -> Option<FuncRef> {
    let class = (*f.prototype.borrow())?;
    class.method(&f.name.to_ascii_lowercase()).cloned().filter(|p| p.scope() != f.scope())
}

pub(super) fn reflection_method_has_prototype(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(prototype(&func(cx, this)?).is_some())
}

pub(super) fn reflection_method_get_prototype(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let f = func(cx, this)?;
    match prototype(&f) {
        Some(p) => make_method(cx, &p, None),
        None => Err(fail(cx, format!("Method {} does not have a prototype", f.display_name()))),
    }
}

pub(super) fn reflection_method_set_accessible(
    _cx: &mut Cx,
    _this: &Object,
    _accessible: bool,
) -> Ret<()> {
    Ok(())
}
