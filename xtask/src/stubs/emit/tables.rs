//! Entries of the static tables.

use super::names;
use super::types::{native as native_type, parts as type_parts};
use super::values::{Const as Evaluated, Known};
use crate::stubs::ast::*;

fn option(text: Option<String>) -> String {
    text.map_or("None".to_owned(), |t| format!("Some({t})"))
}

/// `NativeFunction { … }`
pub fn function(function: &Function, class: Option<&Class>) -> Result<String, String> {
    let name = function.name.as_str();
    let within = |e: String| format!("{name}(): {e}");
    let params: Vec<String> =
        function.params.iter().map(param).collect::<Result<_, _>>().map_err(within)?;
    let modifiers = class.map_or("0".to_owned(), |_| member_flags(function.modifiers, None, false));
    let has_body = !function.modifiers.is_abstract;
    Ok(format!(
        "NativeFunction {{
            name: {name:?},
            modifiers: {modifiers},
            params: &[{}],
            required: {},
            ret: {},
            tentative: {},
            returns_ref: {},
            deprecated: {},
            call: {},
        }}",
        params.join(","),
        function.required(),
        native_type(function.ret.as_ref().filter(|_| !function.doc.has("return")))
            .map_err(within)?,
        function.doc.has("tentative-return-type"),
        function.by_ref,
        option(deprecation(function).map(|d| format!("{d:?}"))),
        option(has_body.then(|| names::wrapper(function, class))),
    ))
}

/// Most parameters are of a builtin type and passed by value: those are written short.
fn param(param: &Param) -> Result<String, String> {
    let name = &param.name;
    let default = option(param.default.as_ref().map(|d| format!("{:?}", d.text)));
    let (bits, classes) = type_parts(param.ty.as_ref())?;
    if classes.is_empty() && param.by_ref == ByRef::No && !param.variadic {
        return Ok(format!("NativeParam::plain({name:?}, {bits}, {default})"));
    }
    Ok(format!(
        "NativeParam {{ name: {name:?}, ty: {}, by_ref: {}, prefer_ref: {}, variadic: {}, \
         default: {default} }}",
        native_type(param.ty.as_ref())?,
        param.by_ref == ByRef::Yes,
        param.by_ref == ByRef::Prefer,
        param.variadic,
    ))
}

/// What follows "is deprecated" in the message.
fn deprecation(function: &Function) -> Option<String> {
    if !function.is_deprecated() {
        return None;
    }
    let attribute = function.attributes.iter().find(|a| a.name == "Deprecated");
    let argument = |name: &str, place: usize| {
        let args = &attribute?.args;
        let named = args.iter().find(|(n, _)| n.as_deref() == Some(name));
        let found = named.or_else(|| args.get(place).filter(|(n, _)| n.is_none()))?;
        match &found.1 {
            Expr::Str(text) => Some(String::from_utf8_lossy(text).into_owned()),
            _ => None,
        }
    };
    let since = argument("since", 1).map_or(String::new(), |s| format!(" since {s}"));
    let message = argument("message", 0).map_or(String::new(), |m| format!(", {m}"));
    Some(format!("{since}{message}"))
}

fn member_flags(modifiers: Modifiers, write: Option<Visibility>, is_virtual: bool) -> String {
    let mut flags = vec![match modifiers.visibility {
        Visibility::Public => "PUBLIC",
        Visibility::Protected => "PROTECTED",
        Visibility::Private => "PRIVATE",
    }];
    let set = [
        (modifiers.is_static, "STATIC"),
        (modifiers.is_abstract, "ABSTRACT"),
        (modifiers.is_final, "FINAL"),
        (modifiers.is_readonly, "READONLY"),
        (write == Some(Visibility::Public), "PUBLIC_SET"),
        (write == Some(Visibility::Protected), "PROTECTED_SET"),
        (write == Some(Visibility::Private), "PRIVATE_SET"),
        (is_virtual, "VIRTUAL"),
    ];
    flags.extend(set.iter().filter(|(on, _)| *on).map(|(_, flag)| *flag));
    let flags: Vec<String> = flags.iter().map(|f| format!("member_flags::{f}")).collect();
    flags.join(" | ")
}

/// `NativeConst { … }`
pub fn constant(constant: &Const, known: &Known) -> Result<String, String> {
    let deprecated = constant.doc.has("deprecated")
        || constant.attributes.iter().any(|a| a.name == "Deprecated");
    let name = &constant.name;
    let value = value(name, &constant.doc, constant.value.as_ref(), "", known)?;
    if deprecated {
        return Ok(format!("NativeConst {{ name: {name:?}, value: {value}, deprecated: true }}"));
    }
    Ok(format!("NativeConst::current({name:?}, {value})"))
}

/// A value from the stub, or made by the function that `@make` names.
fn value(
    name: &str,
    doc: &Doc,
    expr: Option<&Expr>,
    class: &str,
    known: &Known,
) -> Result<String, String> {
    if let Some(function) = doc.tag("make") {
        return Ok(format!("NativeValue::Make(super::{function})"));
    }
    let Some(expr) = expr else { return Ok(Evaluated::Null.native()) };
    match known.eval(expr, class) {
        Some(value) => Ok(value.native()),
        None => Err(format!("{name}: its value is made at run time, so name a maker with @make")),
    }
}

/// `NativeClass { … }`
pub fn class(class: &Class, known: &Known) -> Result<String, String> {
    let within = |e: String| format!("{}: {e}", class.name);
    let mut constants = Vec::new();
    for (list, is_case) in [(&class.constants, false), (&class.cases, true)] {
        for constant in list {
            constants.push(class_constant(class, constant, is_case, known).map_err(within)?);
        }
    }
    let properties: Vec<String> = class
        .properties
        .iter()
        .map(|p| property(class, p, known))
        .collect::<Result<_, _>>()
        .map_err(within)?;
    let methods: Vec<String> = class
        .methods
        .iter()
        .map(|m| function(m, Some(class)))
        .collect::<Result<_, _>>()
        .map_err(within)?;
    let backing = match &class.kind {
        ClassKind::Enum(Some(Type::Name(name))) => format!("type_bits::{}", name.to_uppercase()),
        _ => "0".to_owned(),
    };
    let attributes: Vec<&str> = class.attributes.iter().map(|a| a.name.as_str()).collect();
    Ok(format!(
        "NativeClass {{
            name: {:?},
            flags: {},
            parent: {},
            interfaces: &{:?},
            constants: &[{}],
            properties: &[{}],
            methods: &[{}],
            backing: {backing},
            handlers: {},
            attributes: &{attributes:?},
            not_serializable: {},
            no_dynamic_properties: {},
        }}",
        class.name,
        class_flags(class),
        option(class.extends.as_ref().map(|p| format!("{p:?}"))),
        class.interfaces,
        constants.join(","),
        properties.join(","),
        methods.join(","),
        option(class.doc.tag("handlers").map(|name| format!("&super::{name}"))),
        class.doc.has("not-serializable"),
        class.doc.has("strict-properties"),
    ))
}

fn class_flags(class: &Class) -> String {
    let set = [
        (class.modifiers.is_abstract, "ABSTRACT"),
        (class.modifiers.is_final, "FINAL"),
        (class.modifiers.is_readonly, "READONLY"),
        (class.kind == ClassKind::Interface, "INTERFACE"),
        (class.kind == ClassKind::Trait, "TRAIT"),
        (matches!(class.kind, ClassKind::Enum(_)), "ENUM"),
    ];
    let flags: Vec<String> =
        set.iter().filter(|(on, _)| *on).map(|(_, flag)| format!("class_flags::{flag}")).collect();
    if flags.is_empty() { "0".to_owned() } else { flags.join(" | ") }
}

fn class_constant(
    class: &Class,
    constant: &Const,
    is_case: bool,
    known: &Known,
) -> Result<String, String> {
    let mut modifiers = member_flags(constant.modifiers, None, false);
    if is_case {
        modifiers.push_str(" | member_flags::ENUM_CASE");
    }
    let value = value(&constant.name, &constant.doc, constant.value.as_ref(), &class.name, known)?;
    Ok(format!(
        "NativeClassConst {{ name: {:?}, modifiers: {modifiers}, value: {value}, \
         is_case: {is_case}, ty: {} }}",
        constant.name,
        native_type(constant.ty.as_ref())?,
    ))
}

fn property(class: &Class, property: &Property, known: &Known) -> Result<String, String> {
    let is_virtual = property.doc.has("virtual");
    let default = match &property.default {
        None => None,
        expr => Some(value(&property.name, &property.doc, expr.as_ref(), &class.name, known)?),
    };
    Ok(format!(
        "NativeProperty {{ name: {:?}, modifiers: {}, ty: {}, default: {} }}",
        property.name,
        member_flags(property.modifiers, property.write, is_virtual),
        native_type(property.ty.as_ref())?,
        option(default),
    ))
}
