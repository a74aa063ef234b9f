//! Types: as table entries, and as the ways in which a body takes an argument.

use crate::stubs::ast::Type;

/// `NativeType { … }` for a declared type.
pub fn native(ty: Option<&Type>) -> Result<String, String> {
    if ty.is_none() {
        return Ok("NativeType::NONE".to_owned());
    }
    let (bits, classes) = parts(ty)?;
    Ok(format!("NativeType {{ bits: {bits}, classes: &{classes:?} }}"))
}

/// The bits of the builtin types in it, as an expression, and its classes.
pub fn parts(ty: Option<&Type>) -> Result<(String, Vec<&str>), String> {
    let mut bits: Vec<&str> = Vec::new();
    let mut classes: Vec<&str> = Vec::new();
    if let Some(ty) = ty {
        collect(ty, &mut bits, &mut classes)?;
    }
    let bits: Vec<String> = bits.iter().map(|b| format!("type_bits::{b}")).collect();
    let bits = if bits.is_empty() { "0".to_owned() } else { bits.join(" | ") };
    Ok((bits, classes))
}

fn collect<'a>(
    ty: &'a Type,
    bits: &mut Vec<&'static str>,
    classes: &mut Vec<&'a str>,
) -> Result<(), String> {
    match ty {
        Type::Nullable(inner) => {
            collect(inner, bits, classes)?;
            bits.push("NULL");
        }
        Type::Union(all) => all.iter().try_for_each(|t| collect(t, bits, classes))?,
        Type::Intersection(_) => return Err("no native type is an intersection".to_owned()),
        Type::Name(name) => {
            let bit = match name.as_str() {
                "null" => "NULL",
                "false" => "FALSE",
                "true" => "TRUE",
                "bool" => "BOOL",
                "int" => "INT",
                "float" => "FLOAT",
                "string" => "STRING",
                "array" => "ARRAY",
                "object" => "OBJECT",
                "callable" => "CALLABLE",
                "mixed" => "MIXED",
                "void" => "VOID",
                "never" => "NEVER",
                "static" => "STATIC",
                "iterable" => {
                    classes.push("Traversable");
                    bits.push("ARRAY");
                    "ITERABLE"
                }
                "resource" => return Err("PHP has no type \"resource\": leave it out".to_owned()),
                class => {
                    classes.push(class);
                    return Ok(());
                }
            };
            bits.push(bit);
        }
    }
    Ok(())
}

/// How a body takes an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Str,
    Int,
    Float,
    Bool,
    Array,
    Object,
    Callable,
    /// Any other type: a value that has been checked and coerced.
    Value,
}

impl Shape {
    /// The accessor of `Args`, which has an `…_or_null` form for all but `value`.
    pub fn accessor(self) -> &'static str {
        match self {
            Shape::Str => "string",
            Shape::Int => "int",
            Shape::Float => "float",
            Shape::Bool => "bool",
            Shape::Array => "array",
            Shape::Object => "object",
            Shape::Callable => "callable",
            Shape::Value => "value",
        }
    }

    /// How the local `name` is handed to the body.
    pub fn pass(self, name: &str, optional: bool) -> String {
        match (self, optional) {
            // Arrays go in owned, so that a body may change one that nobody else holds.
            (Shape::Int | Shape::Float | Shape::Bool | Shape::Array, _) => name.to_owned(),
            (_, true) => format!("{name}.as_ref()"),
            (_, false) => format!("&{name}"),
        }
    }
}

/// The shape of a declared type, and whether null is one of its values.
pub fn shape(ty: Option<&Type>) -> (Shape, bool) {
    match ty {
        None => (Shape::Value, false),
        Some(Type::Nullable(inner)) => match shape(Some(inner)).0 {
            Shape::Value => (Shape::Value, false),
            shape => (shape, true),
        },
        Some(Type::Union(all)) => {
            let null = Type::Name("null".to_owned());
            match all.iter().filter(|t| **t != null).collect::<Vec<_>>().as_slice() {
                [one] if all.len() == 2 => match shape(Some(one)).0 {
                    Shape::Value => (Shape::Value, false),
                    shape => (shape, true),
                },
                _ => (Shape::Value, false),
            }
        }
        Some(Type::Intersection(_)) => (Shape::Object, false),
        Some(Type::Name(name)) => {
            let shape = match name.as_str() {
                "string" => Shape::Str,
                "int" => Shape::Int,
                "float" => Shape::Float,
                "bool" => Shape::Bool,
                "array" => Shape::Array,
                "callable" => Shape::Callable,
                "mixed" | "null" | "false" | "true" | "iterable" | "resource" => Shape::Value,
                _ => Shape::Object,
            };
            (shape, false)
        }
    }
}
