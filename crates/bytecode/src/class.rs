//! Compiled class declarations.

use crate::{Attribute, ConstExpr, Name, TypeDecl};

/// Flags of classes.
pub mod class_flags {
    pub const ABSTRACT: u32 = 1;
    pub const FINAL: u32 = 2;
    pub const READONLY: u32 = 4;
    pub const INTERFACE: u32 = 8;
    pub const TRAIT: u32 = 16;
    pub const ENUM: u32 = 32;
    pub const ANONYMOUS: u32 = 64;
    /// Has abstract methods without being declared abstract (enums, interfaces aside): checked when linked.
    pub const IMPLICIT_ABSTRACT: u32 = 128;
}

/// Flags of members; the low bits equal `syntax::ast::modifiers`.
pub mod member_flags {
    pub const PUBLIC: u32 = 1;
    pub const PROTECTED: u32 = 2;
    pub const PRIVATE: u32 = 4;
    pub const STATIC: u32 = 8;
    pub const ABSTRACT: u32 = 16;
    pub const FINAL: u32 = 32;
    pub const READONLY: u32 = 64;
    pub const PUBLIC_SET: u32 = 256;
    pub const PROTECTED_SET: u32 = 512;
    pub const PRIVATE_SET: u32 = 1024;
    /// Property made from a constructor parameter.
    pub const PROMOTED: u32 = 2048;
    /// Constant that is an enum case.
    pub const ENUM_CASE: u32 = 4096;
    /// Hooked property without backing store.
    pub const VIRTUAL: u32 = 8192;
}

/// A class, interface, trait or enum as compiled; linked at run time.
#[derive(Debug)]
pub struct ClassDecl {
    /// Full name; anonymous classes have PHP's `class@anonymous\0file:line$n`.
    pub name: Name,
    pub flags: u32,
    pub parent: Option<Name>,
    /// Resolved names.
    pub interfaces: Vec<Name>,
    pub constants: Vec<ConstDecl>,
    pub properties: Vec<PropertyDecl>,
    pub methods: Vec<MethodDecl>,
    pub traits: Vec<Name>,
    pub trait_rules: Vec<TraitRule>,
    /// Backing type of an enum: `int` or `string` as a type.
    pub backing: Option<TypeDecl>,
    pub attributes: Vec<Attribute>,
    pub doc: Option<Name>,
    pub start_line: u32,
    pub end_line: u32,
}

/// A class constant or enum case.
#[derive(Debug, Clone)]
pub struct ConstDecl {
    pub name: Name,
    pub flags: u32,
    pub ty: Option<TypeDecl>,
    /// The value; for an enum case its backing value, `None` in a pure enum.
    pub value: Option<ConstExpr>,
    pub attributes: Vec<Attribute>,
    pub doc: Option<Name>,
    pub line: u32,
}

/// A property.
#[derive(Debug, Clone)]
pub struct PropertyDecl {
    pub name: Name,
    pub flags: u32,
    pub ty: Option<TypeDecl>,
    /// `None`: no default (null if untyped, else uninitialised).
    pub default: Option<ConstExpr>,
    pub get: Option<HookDecl>,
    pub set: Option<HookDecl>,
    pub attributes: Vec<Attribute>,
    pub doc: Option<Name>,
    pub line: u32,
}

/// A property hook.
#[derive(Debug, Clone)]
pub struct HookDecl {
    /// Function index in the unit; `None` for an abstract hook.
    pub func: Option<u32>,
    pub flags: u32,
    /// `&get`
    pub by_ref: bool,
    /// Type of the parameter of `set`, if written.
    pub param_type: Option<TypeDecl>,
    pub attributes: Vec<Attribute>,
    pub doc: Option<Name>,
}

/// A method.
#[derive(Debug, Clone)]
pub struct MethodDecl {
    pub name: Name,
    pub flags: u32,
    /// Function index in the unit (its `code` is empty for an abstract method).
    pub func: u32,
}

/// `insteadof` and `as` rules.
#[derive(Debug, Clone)]
pub enum TraitRule {
    Precedence { trait_name: Name, method: Name, insteadof: Vec<Name> },
    Alias { trait_name: Option<Name>, method: Name, modifiers: u32, alias: Option<Name> },
}
