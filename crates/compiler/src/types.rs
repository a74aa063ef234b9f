//! Declared types.

use outlast_bytecode::{ClassTypeName, Literal, TypeDecl, UnionType, type_bits as tb};
use outlast_syntax::ast::{self, NameKind, Type, TypeKind};

use crate::error::{R, cat, fail};
use crate::levels::E_COMPILE_WARNING;
use crate::scope::{Compiler, SpecialClass};

fn builtin(name: &[u8]) -> Option<u32> {
    Some(match name {
        b"null" => tb::NULL,
        b"false" => tb::FALSE,
        b"true" => tb::TRUE,
        b"bool" => tb::BOOL,
        b"int" => tb::INT,
        b"float" => tb::FLOAT,
        b"string" => tb::STRING,
        b"array" => tb::ARRAY,
        b"object" => tb::OBJECT,
        b"callable" => tb::CALLABLE,
        b"iterable" => tb::ITERABLE | tb::ARRAY,
        b"mixed" => tb::MIXED,
        b"void" => tb::VOID,
        b"never" => tb::NEVER,
        _ => return None,
    })
}

/// The type as PHP writes it.
pub(crate) fn type_text(ty: &TypeDecl) -> Vec<u8> {
    match ty {
        TypeDecl::Intersection(list) => join(list, b"&"),
        TypeDecl::Union(u) => {
            let mut parts: Vec<Vec<u8>> = Vec::new();
            let intersections = u.intersections.iter();
            let intersections = intersections.map(|list| cat!("(", join(list, b"&"), ")"));
            if u.intersections_first {
                parts.extend(intersections);
                parts.extend(u.classes.iter().map(class_text));
            } else {
                parts.extend(u.classes.iter().map(class_text));
                parts.extend(intersections);
            }
            if u.bits & tb::MIXED != 0 {
                return b"mixed".to_vec();
            }
            let names: [(u32, &[u8]); 8] = [
                (tb::STATIC, b"static"),
                (tb::CALLABLE, b"callable"),
                (tb::OBJECT, b"object"),
                (tb::ARRAY, b"array"),
                (tb::STRING, b"string"),
                (tb::INT, b"int"),
                (tb::FLOAT, b"float"),
                (tb::VOID, b"void"),
            ];
            for (bit, name) in names {
                if u.bits & bit != 0 {
                    parts.push(name.to_vec());
                }
            }
            match u.bits & tb::BOOL {
                tb::BOOL => parts.push(b"bool".to_vec()),
                tb::FALSE => parts.push(b"false".to_vec()),
                tb::TRUE => parts.push(b"true".to_vec()),
                _ => {}
            }
            if u.bits & tb::NEVER != 0 {
                parts.push(b"never".to_vec());
            }
            if u.bits & tb::NULL != 0 {
                if parts.is_empty() {
                    return b"null".to_vec();
                }
                if parts.len() == 1 && u.intersections.is_empty() {
                    return cat!("?", parts[0]);
                }
                parts.push(b"null".to_vec());
            }
            parts.join(&b"|"[..])
        }
    }
}

fn class_text(class: &ClassTypeName) -> Vec<u8> {
    match class {
        ClassTypeName::Named(name) => name.to_vec(),
        ClassTypeName::SelfClass => b"self".to_vec(),
        ClassTypeName::Parent => b"parent".to_vec(),
    }
}

fn join(list: &[ClassTypeName], by: &[u8]) -> Vec<u8> {
    list.iter().map(class_text).collect::<Vec<_>>().join(by)
}

/// Whether null is a value of the type.
pub(crate) fn accepts_null(ty: &TypeDecl) -> bool {
    match ty {
        TypeDecl::Union(u) => u.bits & (tb::NULL | tb::MIXED) != 0,
        TypeDecl::Intersection(_) => false,
    }
}

/// The type name of a literal.
pub(crate) fn literal_type(value: &Literal) -> &'static str {
    match value {
        Literal::Null => "null",
        Literal::Bool(_) => "bool",
        Literal::Int(_) => "int",
        Literal::Float(_) => "float",
        Literal::Str(_) => "string",
        Literal::Array(_) => "array",
    }
}

/// Whether a literal is a legal default of the type (ints are for floats).
pub(crate) fn literal_fits(ty: &TypeDecl, value: &Literal) -> bool {
    let TypeDecl::Union(u) = ty else { return false };
    let bit = match value {
        Literal::Null => tb::NULL,
        Literal::Bool(true) => tb::TRUE,
        Literal::Bool(false) => tb::FALSE,
        Literal::Int(_) => tb::INT | tb::FLOAT,
        Literal::Float(_) => tb::FLOAT,
        Literal::Str(_) => tb::STRING,
        Literal::Array(_) => tb::ARRAY | tb::ITERABLE,
    };
    u.bits & (bit | tb::MIXED) != 0
}

/// One alternative of a type.
enum Single {
    Bits(u32),
    Class(ClassTypeName),
    Intersection(Vec<ClassTypeName>),
}

impl Compiler<'_> {
    /// A return type.
    pub fn return_type(&mut self, ty: &Type) -> R<TypeDecl> {
        self.type_decl(ty)
    }

    /// A parameter's type.
    pub fn param_type(&mut self, ty: &Type, _param: &ast::Param) -> R<TypeDecl> {
        let ty = self.type_decl(ty)?;
        if let TypeDecl::Union(u) = &ty {
            if u.bits & tb::VOID != 0 {
                fail!(self, "void cannot be used as a parameter type");
            }
            if u.bits & tb::NEVER != 0 {
                fail!(self, "never cannot be used as a parameter type");
            }
        }
        Ok(ty)
    }

    /// Resolves and checks a type.
    pub fn type_decl(&mut self, ty: &Type) -> R<TypeDecl> {
        match &ty.kind {
            TypeKind::Intersection(list) => Ok(TypeDecl::Intersection(self.intersection(list)?)),
            TypeKind::Nullable(inner) => {
                let mut union = UnionType::default();
                self.add_alternative(&mut union, inner, true)?;
                if union.bits & tb::MIXED != 0 {
                    fail!(
                        self,
                        "Type mixed cannot be marked as nullable since mixed already includes null"
                    );
                }
                if union.bits & tb::NULL != 0 {
                    fail!(self, "null cannot be marked as nullable");
                }
                union.bits |= tb::NULL;
                self.finish_union(union)
            }
            TypeKind::Union(list) => {
                let mut union = UnionType::default();
                for part in list {
                    self.add_alternative(&mut union, part, false)?;
                }
                self.finish_union(union)
            }
            TypeKind::Name(_) => {
                let mut union = UnionType::default();
                self.add_alternative(&mut union, ty, true)?;
                self.finish_union(union)
            }
        }
    }

    fn finish_union(&mut self, union: UnionType) -> R<TypeDecl> {
        let bits = union.bits;
        let complex = !union.classes.is_empty() || !union.intersections.is_empty();
        let only_iterable =
            bits & tb::ITERABLE != 0 && union.classes.len() == 1 && union.intersections.is_empty();
        let ty = TypeDecl::Union(union);
        if bits & tb::OBJECT != 0 && (complex && !only_iterable || bits & tb::STATIC != 0) {
            fail!(
                self,
                "Type ",
                type_text(&ty),
                " contains both object and a class type, which is redundant"
            );
        }
        if bits & tb::VOID != 0 && (complex || bits != tb::VOID) {
            fail!(self, "Void can only be used as a standalone type");
        }
        if bits & tb::NEVER != 0 && (complex || bits != tb::NEVER) {
            fail!(self, "never can only be used as a standalone type");
        }
        Ok(ty)
    }

    fn add_alternative(&mut self, union: &mut UnionType, ty: &Type, alone: bool) -> R<()> {
        match self.single(ty)? {
            Single::Bits(bits) => {
                if bits & tb::MIXED != 0 && !alone {
                    fail!(self, "Type mixed can only be used as a standalone type");
                }
                let iterable = bits & tb::ITERABLE != 0;
                let known = union.bits & !tb::ITERABLE;
                if (known | bits) & tb::BOOL == tb::BOOL
                    && known & tb::BOOL != 0
                    && known & tb::BOOL != tb::BOOL
                    && bits & tb::BOOL != 0
                    && bits & tb::BOOL != tb::BOOL
                    && known & tb::BOOL != bits & tb::BOOL
                {
                    fail!(self, "Type contains both true and false, bool must be used instead");
                }
                let overlap = known & bits;
                if overlap != 0 {
                    let text = type_text(&TypeDecl::Union(UnionType {
                        bits: overlap,
                        ..UnionType::default()
                    }));
                    fail!(self, "Duplicate type ", text, " is redundant");
                }
                union.bits |= bits;
                if iterable {
                    self.add_class(union, ClassTypeName::Named((*b"Traversable").into()))?;
                }
                Ok(())
            }
            Single::Class(class) => self.add_class(union, class),
            Single::Intersection(list) => {
                self.check_redundant(union, &list)?;
                union.intersections_first |= union.classes.is_empty();
                union.intersections.push(list);
                Ok(())
            }
        }
    }

    fn add_class(&self, union: &mut UnionType, class: ClassTypeName) -> R<()> {
        if union.classes.iter().any(|c| same_class(c, &class)) {
            fail!(self, "Duplicate type ", class_text(&class), " is redundant");
        }
        for list in &union.intersections {
            if list.iter().any(|c| same_class(c, &class)) {
                fail!(
                    self,
                    "Type ",
                    join(list, b"&"),
                    " is redundant as it is more restrictive than type ",
                    class_text(&class)
                );
            }
        }
        union.classes.push(class);
        Ok(())
    }

    fn check_redundant(&self, union: &UnionType, list: &[ClassTypeName]) -> R<()> {
        let within = |small: &[ClassTypeName], big: &[ClassTypeName]| {
            small.iter().all(|c| big.iter().any(|d| same_class(c, d)))
        };
        for class in &union.classes {
            if within(std::slice::from_ref(class), list) {
                fail!(
                    self,
                    "Type ",
                    join(list, b"&"),
                    " is redundant as it is more restrictive than type ",
                    class_text(class)
                );
            }
        }
        for other in &union.intersections {
            if within(list, other) && within(other, list) {
                fail!(
                    self,
                    "Type ",
                    join(list, b"&"),
                    " is redundant with type ",
                    join(other, b"&")
                );
            }
            let (restrictive, general): (&[_], &[_]) = if within(other, list) {
                (list, other)
            } else if within(list, other) {
                (other, list)
            } else {
                continue;
            };
            fail!(
                self,
                "Type ",
                join(restrictive, b"&"),
                " is redundant as it is more restrictive than type ",
                join(general, b"&")
            );
        }
        Ok(())
    }

    fn intersection(&mut self, list: &[Type]) -> R<Vec<ClassTypeName>> {
        let mut out: Vec<ClassTypeName> = Vec::new();
        for part in list {
            match self.single(part)? {
                Single::Bits(bits) => {
                    let text = if bits & tb::ITERABLE != 0 {
                        b"Traversable|array".to_vec()
                    } else {
                        type_text(&TypeDecl::Union(UnionType { bits, ..UnionType::default() }))
                    };
                    fail!(self, "Type ", text, " cannot be part of an intersection type");
                }
                Single::Class(ClassTypeName::Named(name)) => {
                    let class = ClassTypeName::Named(name);
                    if out.iter().any(|c| same_class(c, &class)) {
                        fail!(self, "Duplicate type ", class_text(&class), " is redundant");
                    }
                    out.push(class);
                }
                Single::Class(class) => {
                    fail!(
                        self,
                        "Type ",
                        class_text(&class),
                        " cannot be part of an intersection type"
                    );
                }
                Single::Intersection(inner) => out.extend(inner),
            }
        }
        Ok(out)
    }

    fn single(&mut self, ty: &Type) -> R<Single> {
        let name = match &ty.kind {
            TypeKind::Name(name) => name,
            TypeKind::Intersection(list) => {
                return Ok(Single::Intersection(self.intersection(list)?));
            }
            TypeKind::Nullable(inner) => return self.single(inner),
            TypeKind::Union(_) => fail!(self, "Unions cannot be nested in types"),
        };
        let lower = name.text.to_ascii_lowercase();
        if lower == b"static" && name.kind == NameKind::Unqualified {
            self.check_special_class(SpecialClass::Static)?;
            return Ok(Single::Bits(tb::STATIC));
        }
        if name.kind != NameKind::Qualified
            && let Some(bits) = builtin(&lower)
        {
            if name.kind != NameKind::Unqualified {
                fail!(self, "Type declaration '", lower, "' must be unqualified");
            }
            return Ok(Single::Bits(bits));
        }
        if name.kind == NameKind::Unqualified {
            match &lower[..] {
                b"self" => {
                    self.check_special_class(SpecialClass::SelfClass)?;
                    return Ok(Single::Class(ClassTypeName::SelfClass));
                }
                b"parent" => {
                    self.check_special_class(SpecialClass::Parent)?;
                    return Ok(Single::Class(ClassTypeName::Parent));
                }
                _ => self.warn_confusable(&name.text, &lower),
            }
        }
        let full = self.resolve_class(name)?;
        if crate::name::is_reserved_class(crate::name::last_segment(&full)) {
            fail!(self, "Cannot use \"", full, "\" as a type name as it is reserved");
        }
        Ok(Single::Class(ClassTypeName::Named(full.into())))
    }

    fn warn_confusable(&mut self, name: &[u8], lower: &[u8]) {
        let correct = match lower {
            b"boolean" => "bool",
            b"integer" => "int",
            b"double" => "float",
            b"resource" => "",
            _ => return,
        };
        if self.imports.classes.contains_key(lower) {
            return;
        }
        let full = self.prefix(name);
        let import =
            if self.namespace.is_empty() { "" } else { "\" or import the class with \"use\"" };
        let tail = if self.namespace.is_empty() {
            cat!("Write \"\\", full, "\" to suppress this warning")
        } else {
            cat!("Write \"\\", full, import, " to suppress this warning")
        };
        let message = if correct.is_empty() {
            cat!(
                "\"",
                *name,
                "\" is not a supported builtin type and will be interpreted as a class name. ",
                tail
            )
        } else {
            cat!(
                "\"",
                *name,
                "\" will be interpreted as a class name. Did you mean \"",
                correct,
                "\"? ",
                tail
            )
        };
        self.diagnose(E_COMPILE_WARNING, message);
    }
}

fn same_class(a: &ClassTypeName, b: &ClassTypeName) -> bool {
    match (a, b) {
        (ClassTypeName::Named(x), ClassTypeName::Named(y)) => x.eq_ignore_ascii_case(y),
        _ => a == b,
    }
}
