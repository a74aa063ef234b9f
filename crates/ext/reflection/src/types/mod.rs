//! `ReflectionType` and its kinds.

mod types_stub;

pub(crate) use types_stub::MODULE;

use crate::support::{HANDLERS, TypeOf, make, object_list, of};
use outlast_bytecode::{ClassTypeName, TypeDecl, UnionType, type_bits as t};
use outlast_value::{Object, PhpArray, Value};
use outlast_vm::types::type_to_string;
use outlast_vm::{Cx, Ret};

const SIMPLE: [(u32, &str); 8] = [
    (t::STATIC, "static"),
    (t::CALLABLE, "callable"),
    (t::OBJECT, "object"),
    (t::ARRAY, "array"),
    (t::STRING, "string"),
    (t::INT, "int"),
    (t::FLOAT, "float"),
    (t::BOOL, "bool"),
];

fn is_traversable(name: &ClassTypeName) -> bool {
    matches!(name, ClassTypeName::Named(n) if n.eq_ignore_ascii_case(b"Traversable"))
}

/// Is it `iterable` or `?iterable` and nothing else?
fn is_iterable(u: &UnionType) -> bool {
    u.bits & !t::NULL == t::ARRAY | t::ITERABLE
        && u.intersections.is_empty()
        && u.classes.iter().all(is_traversable)
}

#[derive(PartialEq, Eq, Debug)]
enum Kind {
    Named,
    Union,
    Intersection,
}

fn kind(ty: &TypeDecl) -> Kind {
    let TypeDecl::Union(u) = ty else { return Kind::Intersection };
    let bits = u.bits & !t::NULL & !t::ITERABLE;
    if u.bits & t::MIXED != 0 || is_iterable(u) {
        return Kind::Named;
    }
    if !u.intersections.is_empty() && u.intersections.len() + u.classes.len() == 1 && u.bits == 0 {
        return Kind::Intersection;
    }
    let scalars = if bits & t::BOOL == t::BOOL {
        (bits & !t::BOOL).count_ones() + 1
    } else {
        bits.count_ones()
    };
    let parts = u.classes.len() + u.intersections.len() + scalars as usize;
    if parts > 1 || !u.intersections.is_empty() { Kind::Union } else { Kind::Named }
}

/// The reflection of a type.
pub fn make_type(cx: &mut Cx, ty: &TypeDecl) -> Ret<Object> {
    let class = match kind(ty) {
        Kind::Named => "ReflectionNamedType",
        Kind::Union => "ReflectionUnionType",
        Kind::Intersection => "ReflectionIntersectionType",
    };
    make(cx, class, &[], Box::new(TypeOf { ty: ty.clone() }))
}

/// The reflection of a type, if there is one.
pub fn make_type_or_null(cx: &mut Cx, ty: Option<&TypeDecl>) -> Ret<Option<Object>> {
    ty.map(|ty| make_type(cx, ty)).transpose()
}

/// A type as reflection writes it.
pub fn type_text(ty: &TypeDecl) -> String {
    match ty {
        TypeDecl::Union(u) if is_iterable(u) => {
            if u.bits & t::NULL != 0 { "?iterable" } else { "iterable" }.to_owned()
        }
        ty => type_to_string(ty),
    }
}

/// May the value be null?
pub fn allows_null(ty: &TypeDecl) -> bool {
    matches!(ty, TypeDecl::Union(u) if u.bits & (t::NULL | t::MIXED) != 0)
}

fn reflection_type_allows_null(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(allows_null(&of::<TypeOf>(cx, this)?.ty))
}

fn reflection_type_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<String> {
    Ok(type_text(&of::<TypeOf>(cx, this)?.ty))
}

fn reflection_named_type_get_name(cx: &mut Cx, this: &Object) -> Ret<String> {
    let mut ty = of::<TypeOf>(cx, this)?.ty;
    if let TypeDecl::Union(u) = &mut ty
        && (u.bits & !t::NULL != 0 || !u.classes.is_empty())
    {
        u.bits &= !t::NULL;
    }
    Ok(type_text(&ty))
}

fn reflection_named_type_is_builtin(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(match of::<TypeOf>(cx, this)?.ty {
        TypeDecl::Union(u) if is_iterable(&u) => true,
        TypeDecl::Union(u) => u.classes.is_empty() && u.bits & t::STATIC == 0,
        TypeDecl::Intersection(_) => false,
    })
}

fn single(bits: u32, classes: Vec<ClassTypeName>) -> TypeDecl {
    TypeDecl::Union(UnionType { bits, classes, ..UnionType::default() })
}

fn reflection_union_type_get_types(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let TypeDecl::Union(u) = of::<TypeOf>(cx, this)?.ty else { return Ok(PhpArray::new()) };
    let mut parts: Vec<TypeDecl> =
        u.intersections.iter().map(|names| TypeDecl::Intersection(names.clone())).collect();
    parts.extend(u.classes.iter().map(|c| single(0, vec![c.clone()])));
    if u.bits & t::ITERABLE != 0 && !u.classes.iter().any(is_traversable) {
        let name = ClassTypeName::Named(b"Traversable".as_slice().into());
        parts.push(single(0, vec![name]));
    }
    parts.extend(
        SIMPLE.iter().filter(|(b, _)| u.bits & b == *b).map(|(b, _)| single(*b, Vec::new())),
    );
    if u.bits & t::BOOL != t::BOOL {
        parts.extend(
            [t::FALSE, t::TRUE]
                .into_iter()
                .filter(|b| u.bits & b != 0)
                .map(|b| single(b, Vec::new())),
        );
    }
    if u.bits & t::NULL != 0 {
        parts.push(single(t::NULL, Vec::new()));
    }
    let objects = parts.iter().map(|p| make_type(cx, p)).collect::<Ret<Vec<_>>>()?;
    Ok(object_list(objects))
}

fn reflection_intersection_type_get_types(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let names = match of::<TypeOf>(cx, this)?.ty {
        TypeDecl::Intersection(names) => names,
        TypeDecl::Union(u) => u.intersections.into_iter().next().unwrap_or_default(),
    };
    let mut out = Vec::with_capacity(names.len());
    for n in names {
        out.push(Value::Object(make_type(cx, &single(0, vec![n]))?));
    }
    Ok(PhpArray::from_list(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_types() {
        assert_eq!(kind(&single(t::INT | t::NULL, Vec::new())), Kind::Named);
        assert_eq!(kind(&single(t::BOOL, Vec::new())), Kind::Named);
        assert_eq!(kind(&single(t::INT | t::STRING, Vec::new())), Kind::Union);
        assert_eq!(kind(&single(t::ARRAY | t::ITERABLE, Vec::new())), Kind::Named);
        assert_eq!(type_text(&single(t::ARRAY | t::ITERABLE | t::NULL, Vec::new())), "?iterable");
    }
}
