//! `ReflectionFunctionAbstract`, `ReflectionFunction`, `ReflectionMethod`.

mod closure;
mod function_stub;
mod method;

pub(crate) use function_stub::MODULE;

use crate::attribute::{attributes, target};
use crate::parameter::make_parameters;
use crate::support::{
    FunctionOf, HANDLERS, fail, fill, object_list, of, place_of, split_name, spread,
};
use crate::text::function_text;
use crate::types::make_type_or_null;
use closure::{
    reflection_function_abstract_get_closure_called_class,
    reflection_function_abstract_get_closure_scope_class,
    reflection_function_abstract_get_closure_this,
    reflection_function_abstract_get_closure_used_variables,
    reflection_function_abstract_get_static_variables, reflection_function_get_closure,
};
use method::*;

pub use method::{find as find_method, is_invoke_of_closure};
use outlast_bytecode::{TypeDecl, function_flags};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::exec::closures::ClosureData;
use outlast_vm::function::{Func, FuncKind, FuncRef};
use outlast_vm::{Callable, Cx, OrFalse, Ret};

fn get(cx: &mut Cx, this: &Object) -> Ret<FunctionOf> {
    of(cx, this)
}

fn func(cx: &mut Cx, this: &Object) -> Ret<FuncRef> {
    Ok(get(cx, this)?.func)
}

/// The declared return type, and whether it is tentative.
pub fn return_type(func: &Func) -> Option<(TypeDecl, bool)> {
    match &func.kind {
        FuncKind::User(u) => u.decl().return_type.clone().map(|t| (t, false)),
        FuncKind::Native(n, _) => n.ret.to_decl().map(|t| (t, n.tentative)),
    }
}

/// Is it marked as deprecated?
pub fn is_deprecated(func: &Func) -> bool {
    match &func.kind {
        FuncKind::User(u) => u.decl().flags & function_flags::DEPRECATED != 0,
        FuncKind::Native(n, _) => n.deprecated.is_some(),
    }
}

fn reflection_function_construct(cx: &mut Cx, this: &Object, function: &Value) -> Ret<()> {
    let found = match function {
        Value::Object(o) => {
            let Ok(c) = cx.resolve_callable(function)? else {
                return Err(fail(cx, "Closure expected"));
            };
            FunctionOf { func: c.func, closure: Some(o.clone()), class: None }
        }
        v => {
            let name = cx.to_str(v)?;
            let bare = PhpString::new(name.strip_prefix(b"\\").unwrap_or(&name));
            match cx.function(&bare) {
                Some(func) => FunctionOf { func, closure: None, class: None },
                None => {
                    return Err(fail(
                        cx,
                        PhpString::concat(&[b"Function ", &bare, b"() does not exist"]),
                    ));
                }
            }
        }
    };
    fill(this, &[("name", Value::Str(found.func.name.clone()))], Box::new(found));
    Ok(())
}

fn reflection_function_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let f = get(cx, this)?;
    function_text(cx, &f, "", None)
}

fn reflection_function_is_anonymous(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.is_closure())
}

fn reflection_function_is_disabled(_cx: &mut Cx, _this: &Object) -> Ret<bool> {
    Ok(false)
}

fn call(
    cx: &mut Cx,
    f: &FunctionOf,
    args: Vec<Value>,
    named: Vec<(PhpString, Value)>,
) -> Ret<Value> {
    let callable = match &f.closure {
        Some(o) => match cx.resolve_callable(&Value::Object(o.clone()))? {
            Ok(c) => c,
            Err(e) => return Err(fail(cx, e)),
        },
        None => Callable {
            func: f.func.clone(),
            this: None,
            static_class: None,
            closure: None,
            magic_name: None,
        },
    };
    Ok(cx.call_named(&callable, args, named)?.into_deref())
}

fn reflection_function_invoke(cx: &mut Cx, this: &Object, args: &[Value]) -> Ret<Value> {
    let named = cx.native_named_arguments();
    let f = get(cx, this)?;
    call(cx, &f, args.to_vec(), named)
}

fn reflection_function_invoke_args(cx: &mut Cx, this: &Object, args: PhpArray) -> Ret<Value> {
    let f = get(cx, this)?;
    let (args, named) = spread(&args);
    call(cx, &f, args, named)
}

fn reflection_function_abstract_in_namespace(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let f = func(cx, this)?;
    Ok(!f.is_closure() && !split_name(&f.name).0.is_empty())
}

fn reflection_function_abstract_is_closure(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let f = get(cx, this)?;
    Ok(f.func.is_closure())
}

fn reflection_function_abstract_is_deprecated(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(is_deprecated(&*func(cx, this)?))
}

fn reflection_function_abstract_is_internal(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.native().is_some())
}

fn reflection_function_abstract_is_user_defined(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.user().is_some())
}

fn reflection_function_abstract_is_generator(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.is_generator())
}

fn reflection_function_abstract_is_variadic(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.is_variadic())
}

fn reflection_function_abstract_is_static(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.is_static())
}

fn reflection_function_abstract_get_doc_comment(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<Vec<u8>>> {
    let f = func(cx, this)?;
    Ok(OrFalse(f.user().and_then(|u| u.decl().doc.as_ref().map(|d| d.to_vec()))))
}

fn reflection_function_abstract_get_start_line(cx: &mut Cx, this: &Object) -> Ret<OrFalse<usize>> {
    let f = func(cx, this)?;
    Ok(OrFalse(f.user().map(|u| u.decl().start_line as usize)))
}

fn reflection_function_abstract_get_end_line(cx: &mut Cx, this: &Object) -> Ret<OrFalse<usize>> {
    let f = func(cx, this)?;
    Ok(OrFalse(f.user().map(|u| u.decl().end_line as usize)))
}

fn extension(f: &Func) -> Option<&'static str> {
    match &f.kind {
        FuncKind::Native(_, e) if !e.is_empty() => Some(e),
        _ => None,
    }
}

fn reflection_function_abstract_get_extension(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let f = func(cx, this)?;
    extension(&f).map(|e| crate::misc::make_extension(cx, e)).transpose()
}

fn reflection_function_abstract_get_extension_name(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<&'static str>> {
    Ok(OrFalse(extension(&*func(cx, this)?)))
}

fn reflection_function_abstract_get_file_name(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<PhpString>> {
    let f = func(cx, this)?;
    Ok(OrFalse(f.user().map(|u| u.unit.file.clone())))
}

fn reflection_function_abstract_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(func(cx, this)?.name.clone())
}

fn reflection_function_abstract_get_namespace_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let f = func(cx, this)?;
    Ok(if f.is_closure() { Vec::new() } else { split_name(&f.name).0.to_vec() })
}

fn reflection_function_abstract_get_short_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let f = func(cx, this)?;
    Ok(if f.is_closure() { f.name.to_vec() } else { split_name(&f.name).1.to_vec() })
}

fn reflection_function_abstract_get_number_of_parameters(cx: &mut Cx, this: &Object) -> Ret<usize> {
    Ok(func(cx, this)?.param_count())
}

fn reflection_function_abstract_get_number_of_required_parameters(
    cx: &mut Cx,
    this: &Object,
) -> Ret<usize> {
    Ok(func(cx, this)?.required())
}

fn reflection_function_abstract_get_parameters(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let f = get(cx, this)?;
    Ok(object_list(make_parameters(cx, &f)?))
}

fn reflection_function_abstract_returns_reference(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(func(cx, this)?.returns_ref())
}

fn declared(cx: &mut Cx, this: &Object, tentative: bool) -> Ret<Option<TypeDecl>> {
    let f = func(cx, this)?;
    Ok(return_type(&f).filter(|(_, t)| *t == tentative).map(|(t, _)| t))
}

fn reflection_function_abstract_has_return_type(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(declared(cx, this, false)?.is_some())
}

fn reflection_function_abstract_get_return_type(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let ty = declared(cx, this, false)?;
    make_type_or_null(cx, ty.as_ref())
}

fn reflection_function_abstract_has_tentative_return_type(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(declared(cx, this, true)?.is_some())
}

fn reflection_function_abstract_get_tentative_return_type(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    let ty = declared(cx, this, true)?;
    make_type_or_null(cx, ty.as_ref())
}

fn reflection_function_abstract_get_attributes(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    let f = func(cx, this)?;
    let all = f.user().map(|u| u.decl().attributes.clone()).unwrap_or_default();
    let on = if f.class.is_some() && !f.is_closure() { target::METHOD } else { target::FUNCTION };
    attributes(cx, all.into(), &place_of(&f), on, name, flags)
}

/// The payload of a Closure.
fn closure_data(o: &Object) -> Option<&ClosureData> {
    o.data::<ClosureData>()
}
