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
