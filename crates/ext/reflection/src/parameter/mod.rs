//! `ReflectionParameter`.

mod parameter_stub;

pub(crate) use parameter_stub::MODULE;

use crate::attribute::{attributes, target};
use crate::params::{Parameter, parameter};
use crate::support::{
    FunctionOf, HANDLERS, ParameterOf, class_named, fail, fill, make, make_class, make_function,
    of, place_of,
};
use crate::text::parameter_text;
use crate::types::{allows_null, make_type_or_null};
use outlast_bytecode::{ClassTypeName, TypeDecl, type_bits};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::function::ByRef;
use outlast_vm::{ClassRef, Cx, ObjectClass, Ret};

/// The parameters of a function as `ReflectionParameter` objects.
pub fn make_parameters(cx: &mut Cx, function: &FunctionOf) -> Ret<Vec<Object>> {
    let mut out = Vec::new();
    for index in 0..function.func.param_count() {
        let Some(p) = parameter(&function.func, index) else { break };
        let data = ParameterOf { function: function.clone(), index };
        let name = ("name", Value::Str(p.name));
        out.push(make(cx, "ReflectionParameter", &[name], Box::new(data))?);
    }
    Ok(out)
}

fn get(cx: &mut Cx, this: &Object) -> Ret<(ParameterOf, Parameter)> {
    let of = of::<ParameterOf>(cx, this)?;
    match parameter(&of.function.func, of.index) {
        Some(p) => Ok((of, p)),
        None => Err(fail(cx, "The parameter specified by its offset could not be found")),
    }
}

/// The function behind the first argument of the constructor.
fn function_argument(cx: &mut Cx, value: &Value) -> Ret<FunctionOf> {
    match value {
        Value::Str(name) => {
            let bare = PhpString::new(name.strip_prefix(b"\\").unwrap_or(name));
            match cx.function(&bare) {
                Some(func) => Ok(FunctionOf { func, closure: None, class: None }),
                None => {
                    Err(fail(cx, PhpString::concat(&[b"Function ", name, b"() does not exist"])))
                }
            }
        }
        Value::Array(a) => {
            let (Some(class), Some(method)) = (a.get_int(0), a.get_int(1)) else {
                return Err(fail(
                    cx,
                    "Expected array($object, $method) or array($classname, $method)",
                ));
            };
            let (class, method) = (class.deref(), method.deref());
            let class = match &class {
                Value::Object(o) => o.class(),
                v => {
                    let name = cx.to_str(v)?;
                    class_named(cx, &name)?
                }
            };
            let method = cx.to_str(&method)?;
            match class.method(&method.to_ascii_lowercase()) {
                Some(func) => Ok(FunctionOf { func: func.clone(), closure: None, class: None }),
                None => Err(fail(
                    cx,
                    format!("Method {}::{method}() does not exist", class.display_name()),
                )),
            }
        }
        Value::Object(o) if cx.is_closure_object(o) => {
            let callable = cx.resolve_callable(value)?;
            match callable {
                Ok(c) => Ok(FunctionOf { func: c.func, closure: Some(o.clone()), class: None }),
                Err(e) => Err(fail(cx, e)),
            }
        }
        _ => Err(
            cx.arg_type_error(1, "must be a string, an array(class, method), or a callable object")
        ),
    }
}

fn reflection_parameter_construct(
    cx: &mut Cx,
    this: &Object,
    function: &Value,
    param: &Value,
) -> Ret<()> {
    let function = function_argument(cx, function)?;
    let func = &function.func;
    let index = match param {
        Value::Int(i) => usize::try_from(*i).ok().filter(|i| *i < func.param_count()),
        v => {
            let name = cx.to_str(v)?;
            let Some(i) = func.param_index(&name) else {
                return Err(fail(cx, "The parameter specified by its name could not be found"));
            };
            Some(i)
        }
    };
    let Some((index, p)) = index.and_then(|i| Some((i, parameter(func, i)?))) else {
        return Err(fail(cx, "The parameter specified by its offset could not be found"));
    };
    fill(this, &[("name", Value::Str(p.name))], Box::new(ParameterOf { function, index }));
    Ok(())
}

fn reflection_parameter_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let (of, p) = get(cx, this)?;
    parameter_text(cx, of.index, &p)
}

fn reflection_parameter_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(get(cx, this)?.1.name)
}

fn reflection_parameter_is_passed_by_reference(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.by_ref != ByRef::No)
}

fn reflection_parameter_can_be_passed_by_value(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.by_ref != ByRef::Yes)
}

fn reflection_parameter_get_declaring_function(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let (of, _) = get(cx, this)?;
    make_function(cx, &of.function)
}

fn reflection_parameter_get_declaring_class(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let (of, _) = get(cx, this)?;
    of.function.func.scope().map(|c| make_class(cx, c)).transpose()
}

/// The class that the type names, `self` and `parent` resolved.
fn type_class(cx: &mut Cx, ty: &TypeDecl, scope: Option<ClassRef>) -> Ret<Option<ClassRef>> {
    let TypeDecl::Union(u) = ty else { return Ok(None) };
    match u.classes.first() {
        None => Ok(None),
        Some(ClassTypeName::Named(n)) => class_named(cx, &PhpString::new(n)).map(Some),
        Some(ClassTypeName::SelfClass) => match scope {
            Some(c) => Ok(Some(c)),
            None => {
                Err(fail(cx, "Parameter uses \"self\" as type but function is not a class member"))
            }
        },
        Some(ClassTypeName::Parent) => match scope {
            Some(c) => match c.parent {
                Some(p) => Ok(Some(p)),
                None => Err(fail(
                    cx,
                    "Parameter uses \"parent\" as type although class does not have a parent",
                )),
            },
            None => Err(fail(
                cx,
                "Parameter uses \"parent\" as type but function is not a class member",
            )),
        },
    }
}

fn reflection_parameter_get_class(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let (of, p) = get(cx, this)?;
    let Some(ty) = &p.ty else { return Ok(None) };
    type_class(cx, ty, of.function.func.scope())?.map(|c| make_class(cx, c)).transpose()
}

fn reflection_parameter_has_type(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.ty.is_some())
}

fn reflection_parameter_get_type(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let (_, p) = get(cx, this)?;
    make_type_or_null(cx, p.ty.as_ref())
}

fn has_bits(p: &Parameter, wanted: u32) -> bool {
    matches!(&p.ty, Some(TypeDecl::Union(u)) if u.classes.is_empty()
        && u.bits & !type_bits::NULL == wanted)
}

fn reflection_parameter_is_array(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(has_bits(&get(cx, this)?.1, type_bits::ARRAY))
}

fn reflection_parameter_is_callable(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(has_bits(&get(cx, this)?.1, type_bits::CALLABLE))
}

fn reflection_parameter_allows_null(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.ty.as_ref().is_none_or(allows_null))
}

fn reflection_parameter_get_position(cx: &mut Cx, this: &Object) -> Ret<usize> {
    Ok(get(cx, this)?.0.index)
}

fn reflection_parameter_is_optional(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.optional)
}

fn reflection_parameter_is_default_value_available(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.default.is_some())
}

fn default_of(cx: &mut Cx, this: &Object) -> Ret<crate::params::Default> {
    match get(cx, this)?.1.default {
        Some(d) => Ok(d),
        None => Err(fail(cx, "Internal error: Failed to retrieve the default value")),
    }
}

fn reflection_parameter_get_default_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    default_of(cx, this)?.value(cx)
}

fn reflection_parameter_is_default_value_constant(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(default_of(cx, this)?.constant().is_some())
}

fn reflection_parameter_get_default_value_constant_name(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<String>> {
    Ok(default_of(cx, this)?.constant())
}

fn reflection_parameter_is_variadic(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.variadic)
}

fn reflection_parameter_is_promoted(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.1.promoted)
}

fn reflection_parameter_get_attributes(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    let (of, p) = get(cx, this)?;
    let place = place_of(&of.function.func);
    attributes(cx, p.attributes.into(), &place, target::PARAMETER, name, flags)
}
