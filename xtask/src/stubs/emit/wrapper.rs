//! Wrappers: from the arguments of a call to the parameters of a body, and back.
//!
//! The VM's `Args` gives each argument checked and coerced to its parameter's declared type
//! (which it reads from the table): `string`, `int`, `float`, `bool`, `array`, `object`,
//! `callable`, each with an `…_or_null` form, and `value` for any other type, all as
//! `(&mut self, &mut Cx, index) -> Ret<T>`; `reference(index)` for `&$x` and `@prefer-ref`,
//! `rest(cx, index)` for `...$x`, `given(index)`, and `this()` and `called` for methods.
//!
//! A body takes, after `cx` and for methods `this: &Object` (or `called: ClassRef` where the
//! method is static and tagged `@called`): `&PhpString`, `i64`, `f64`, `bool`, `PhpArray`,
//! `&Object`, `&Callable`, `&Value`, `&Reference`, `&[Value]`; what may be null, or left out
//! without a default, as an `Option` of these.

use super::names;
use super::types::{Shape, shape};
use super::values::{Const, Known};
use crate::stubs::ast::{ByRef, Class, Function, Param, Type};

/// The wrapper's text.
pub fn wrapper(
    function: &Function,
    class: Option<&Class>,
    known: &Known,
) -> Result<String, String> {
    let scope = class.map_or("", |c| c.name.as_str());
    let mut lines = String::new();
    let mut handed = vec!["cx".to_owned()];
    if class.is_some() && !function.modifiers.is_static {
        lines.push_str("let this = args.this();\n");
        handed.push("&this".to_owned());
    } else if function.doc.has("called") {
        handed.push("args.called".to_owned());
    }
    for (index, param) in function.params.iter().enumerate() {
        let as_given = function.doc.lists_param("as-given", &param.name);
        let (line, pass) = argument(index, param, as_given, scope, known)
            .map_err(|e| format!("{}(): ${}: {e}", function.name, param.name))?;
        lines.push_str(&line);
        handed.push(pass);
    }
    // Names of unused parameters begin with an underscore.
    let uses_args = lines.contains("args") || handed.iter().any(|h| h.starts_with("args"));
    Ok(format!(
        "
        fn {}(cx: &mut Cx, {}: &mut Args<'_>) -> Ret<Value> {{
            {lines}Ok(super::{}({})?.into_value())
        }}
        ",
        names::wrapper(function, class),
        if uses_args { "args" } else { "_args" },
        names::body(function, class),
        handed.join(", "),
    ))
}

/// Does the type name arrays, with objects or alone?
fn takes_array(ty: Option<&Type>) -> bool {
    let named = |ty: &Type, names: &[&str]| matches!(ty, Type::Name(n) if names.contains(&&**n));
    match ty {
        Some(Type::Union(parts)) => parts.iter().all(|p| named(p, &["array", "object"])),
        Some(ty) => named(ty, &["array"]),
        None => false,
    }
}

/// The statement that fetches an argument, and how the body gets it.
fn argument(
    index: usize,
    param: &Param,
    as_given: bool,
    scope: &str,
    known: &Known,
) -> Result<(String, String), String> {
    let name = format!("a{index}");
    if param.variadic {
        let line = format!("let {name} = args.rest(cx, {index})?;\n");
        return Ok((line, format!("&{name}")));
    }
    if param.by_ref != ByRef::No {
        let fetch = match takes_array(param.ty.as_ref()) {
            true => format!("args.array_reference(cx, {index})?"),
            false => format!("args.reference({index})"),
        };
        return Ok(match &param.default {
            None => (format!("let {name} = {fetch};\n"), format!("&{name}")),
            Some(_) => (
                format!("let {name} = args.given({index}).then(|| {fetch});\n"),
                format!("{name}.as_ref()"),
            ),
        });
    }
    let (shape, nullable) = shape(param.ty.as_ref());
    let suffix = if nullable { "_or_null" } else { "" };
    let fetch = format!("args.{}{suffix}(cx, {index})?", shape.accessor());
    let Some(default) = &param.default else {
        return Ok((format!("let {name} = {fetch};\n"), shape.pass(&name, nullable)));
    };
    let value = if as_given { None } else { known.eval(&default.value, scope) };
    let otherwise = match &value {
        Some(value) => fallback(shape, nullable, value)?,
        None => None,
    };
    Ok(match otherwise {
        Some(otherwise) => (
            format!("let {name} = if args.given({index}) {{ {fetch} }} else {{ {otherwise} }};\n"),
            shape.pass(&name, nullable),
        ),
        // Left out without a default that the stub can tell: the body decides.
        None if nullable => (
            format!("let {name} = if args.given({index}) {{ {fetch} }} else {{ None }};\n"),
            shape.pass(&name, true),
        ),
        None => (
            format!("let {name} = if args.given({index}) {{ Some({fetch}) }} else {{ None }};\n"),
            shape.pass(&name, true),
        ),
    })
}

/// The default as what the accessor would have given.
fn fallback(shape: Shape, nullable: bool, value: &Const) -> Result<Option<String>, String> {
    let plain = match (shape, value) {
        (Shape::Value, value) => return Ok(Some(value.value())),
        (_, Const::Null) if nullable => return Ok(Some("None".to_owned())),
        (Shape::Float, Const::Int(i)) => format!("{:?}", *i as f64),
        (Shape::Str, Const::Int(i)) => Const::Str(i.to_string().into_bytes()).plain(),
        (Shape::Str, Const::Str(_))
        | (Shape::Int, Const::Int(_))
        | (Shape::Float, Const::Float(_))
        | (Shape::Bool, Const::Bool(_))
        | (Shape::Array, Const::EmptyArray) => value.plain(),
        _ => return Err("the default is not of the declared type".to_owned()),
    };
    Ok(Some(if nullable { format!("Some({plain})") } else { plain }))
}
