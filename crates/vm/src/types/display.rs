//! How types and the types of values are written in messages.

use crate::class::{ClassRef, ObjectClass};
use crate::native::NativeType;
use outlast_bytecode::{ClassTypeName, TypeDecl, UnionType, type_bits};
use outlast_value::Value;

/// Names of the builtin types in the order PHP prints them.
const BUILTIN: [(u32, &str); 12] = [
    (type_bits::STATIC, "static"),
    (type_bits::CALLABLE, "callable"),
    (type_bits::OBJECT, "object"),
    (type_bits::ARRAY, "array"),
    (type_bits::STRING, "string"),
    (type_bits::INT, "int"),
    (type_bits::FLOAT, "float"),
    (type_bits::BOOL, "bool"),
    (type_bits::FALSE, "false"),
    (type_bits::TRUE, "true"),
    (type_bits::VOID, "void"),
    (type_bits::NEVER, "never"),
];

/// What `self`, `parent` and `static` are printed as.
#[derive(Clone, Copy, Default)]
pub struct Resolve {
    /// The class that `self` stands for; `None`: print the keyword.
    pub scope: Option<ClassRef>,
    /// The class that `static` stands for; `None`: print the keyword.
    pub called: Option<ClassRef>,
}

/// A type as it is written in declarations.
pub fn type_to_string(ty: &TypeDecl) -> String {
    type_to_string_in(ty, Resolve::default())
}

/// A type with `self` and the like resolved.
pub fn type_to_string_in(ty: &TypeDecl, resolve: Resolve) -> String {
    match ty {
        TypeDecl::Intersection(names) => intersection(names, resolve),
        TypeDecl::Union(union) => union_to_string(union, resolve),
    }
}

fn intersection(names: &[ClassTypeName], resolve: Resolve) -> String {
    names.iter().map(|n| class_name(n, resolve)).collect::<Vec<_>>().join("&")
}

fn class_name(name: &ClassTypeName, resolve: Resolve) -> String {
    match name {
        ClassTypeName::Named(n) => String::from_utf8_lossy(n).into_owned(),
        ClassTypeName::SelfClass => match resolve.scope {
            Some(c) => c.display_name(),
            None => "self".to_owned(),
        },
        ClassTypeName::Parent => match resolve.scope.and_then(|c| c.parent) {
            Some(c) => c.display_name(),
            None => "parent".to_owned(),
        },
    }
}

fn union_to_string(union: &UnionType, resolve: Resolve) -> String {
    if union.bits & type_bits::MIXED != 0 {
        return "mixed".to_owned();
    }
    let mut parts: Vec<String> = Vec::new();
    let classes = union.classes.iter().map(|name| class_name(name, resolve));
    let intersections =
        union.intersections.iter().map(|names| format!("({})", intersection(names, resolve)));
    if union.intersections_first {
        parts.extend(intersections.chain(classes));
    } else {
        parts.extend(classes.chain(intersections));
    }
    // `iterable` compiles to Traversable|array; the class may not be listed.
    if union.bits & type_bits::ITERABLE != 0
        && !union
            .classes
            .iter()
            .any(|c| matches!(c, ClassTypeName::Named(n) if n.eq_ignore_ascii_case(b"Traversable")))
    {
        parts.push("Traversable".to_owned());
    }
    for (bits, name) in BUILTIN {
        if union.bits & bits != bits {
            continue;
        }
        if bits != type_bits::BOOL
            && bits & type_bits::BOOL != 0
            && union.bits & type_bits::BOOL == type_bits::BOOL
        {
            continue;
        }
        match resolve.called {
            Some(c) if bits == type_bits::STATIC => parts.push(c.display_name()),
            _ => parts.push(name.to_owned()),
        }
    }
    if union.bits & type_bits::NULL == 0 {
        return parts.join("|");
    }
    match parts.as_slice() {
        [] => "null".to_owned(),
        [one] if union.intersections.is_empty() => format!("?{one}"),
        _ => format!("{}|null", parts.join("|")),
    }
}

/// The type of a value as error messages name it: a class for an object, `true` and `false`.
pub fn value_type_name(value: &Value) -> String {
    match value {
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        Value::Object(o) => o.class().display_name(),
        Value::Ref(r) => value_type_name(&r.get()),
        other => other.debug_type_name().to_owned(),
    }
}

impl crate::Cx {
    /// The type of a value as a few messages name it: as `value_type_name`, but `bool`.
    pub fn general_type_name(&self, value: &Value) -> String {
        if value.is_bool() { "bool".to_owned() } else { value_type_name(value) }
    }

    /// The type of a value as error messages name it: a class for an object, `true` and `false`.
    pub fn value_type_name(&self, value: &Value) -> String {
        value_type_name(value)
    }
}

impl NativeType {
    /// The type as user declarations have it.
    pub fn to_decl(&self) -> Option<TypeDecl> {
        if self.bits == 0 && self.classes.is_empty() {
            return None;
        }
        let classes = self
            .classes
            .iter()
            .map(|c| match *c {
                "self" => ClassTypeName::SelfClass,
                "parent" => ClassTypeName::Parent,
                c => ClassTypeName::Named(c.as_bytes().into()),
            })
            .collect();
        Some(TypeDecl::Union(UnionType { bits: self.bits, classes, ..UnionType::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn union(bits: u32, classes: &[&str]) -> TypeDecl {
        let classes = classes.iter().map(|c| ClassTypeName::Named(c.as_bytes().into())).collect();
        TypeDecl::Union(UnionType { bits, classes, ..UnionType::default() })
    }

    #[test]
    fn prints_types_in_the_order_of_php() {
        use type_bits::*;
        let print = |bits, classes: &[&str]| type_to_string(&union(bits, classes));
        assert_eq!(print(INT | STRING, &[]), "string|int");
        assert_eq!(print(INT | NULL, &[]), "?int");
        assert_eq!(print(BOOL, &[]), "bool");
        assert_eq!(
            print(FALSE | INT | STATIC | CALLABLE, &["Foo"]),
            "Foo|static|callable|int|false"
        );
        assert_eq!(print(ARRAY | ITERABLE, &["Traversable"]), "Traversable|array");
        assert_eq!(print(NULL, &["A"]), "?A");
        assert_eq!(print(NULL | INT, &["A"]), "A|int|null");
        assert_eq!(print(NULL, &[]), "null");
        let dnf = TypeDecl::Union(UnionType {
            bits: NULL,
            classes: Vec::new(),
            intersections: vec![vec![
                ClassTypeName::Named(b"A".as_slice().into()),
                ClassTypeName::Named(b"B".as_slice().into()),
            ]],
            intersections_first: true,
        });
        assert_eq!(type_to_string(&dnf), "(A&B)|null");
    }
}
