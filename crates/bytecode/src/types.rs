//! Types of parameters, returns, properties and class constants, with names resolved.

/// A declared type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeDecl {
    /// A union of scalar and special types and classes; a plain or nullable type is a small one.
    Union(UnionType),
    /// `A&B`: resolved class names (never `self`/`static`).
    Intersection(Vec<ClassTypeName>),
}

/// Bits of the builtin types in a union.
pub mod type_bits {
    pub const NULL: u32 = 1;
    pub const FALSE: u32 = 2;
    pub const TRUE: u32 = 4;
    /// `bool` is both.
    pub const BOOL: u32 = 6;
    pub const INT: u32 = 8;
    pub const FLOAT: u32 = 16;
    pub const STRING: u32 = 32;
    pub const ARRAY: u32 = 64;
    pub const OBJECT: u32 = 128;
    pub const CALLABLE: u32 = 256;
    /// Set together with `ARRAY` and the class `Traversable`, as PHP compiles `iterable`.
    pub const ITERABLE: u32 = 512;
    pub const MIXED: u32 = 1024;
    pub const VOID: u32 = 2048;
    pub const NEVER: u32 = 4096;
    pub const STATIC: u32 = 8192;
}

impl TypeDecl {
    /// The variants of values that are of this type whatever they hold, bit by bit in the order of
    /// `outlast_value::Value`: null is bit 1, bool 2, int 3, float 4, string 5, array 6, object 7.
    pub fn tags(&self) -> u16 {
        use type_bits as t;
        let TypeDecl::Union(union) = self else { return 0 };
        let variants = [t::NULL, t::BOOL, t::INT, t::FLOAT, t::STRING, t::ARRAY, t::OBJECT];
        let fits = |bits: u32| union.bits & t::MIXED != 0 || union.bits & bits == bits;
        let tag = |(at, &bits): (usize, &u32)| u16::from(fits(bits)) << (at + 1);
        variants.iter().enumerate().map(tag).sum()
    }

    /// Whether it names classes, all by their own names: what an object's class is to it then
    /// does not depend on the function.
    pub fn names_classes(&self) -> bool {
        let TypeDecl::Union(union) = self else { return false };
        !union.classes.is_empty()
            && union.bits & type_bits::STATIC == 0
            && union.classes.iter().all(|c| matches!(c, ClassTypeName::Named(_)))
    }
}

/// Alternatives of a type; intersections may be among them (DNF).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnionType {
    /// Builtin alternatives, see [`type_bits`].
    pub bits: u32,
    /// Class alternatives, in source order.
    pub classes: Vec<ClassTypeName>,
    /// Parenthesised intersections of a DNF type.
    pub intersections: Vec<Vec<ClassTypeName>>,
    /// The intersections are written in front of the classes.
    pub intersections_first: bool,
}

/// A class named in a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassTypeName {
    /// A resolved name, in its original case.
    Named(Box<[u8]>),
    /// `self`
    SelfClass,
    /// `parent`
    Parent,
}
