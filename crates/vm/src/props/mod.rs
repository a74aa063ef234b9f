//! Properties of objects: visibility, magic methods, types, readonly, hooks.
//!
//! Names are looked up from a scope (the class whose code runs). What is declared lives in the
//! slots of the object, everything else in its dynamic table, where keys are always strings.

mod errors;
mod exist;
mod guard;
mod hooks;
mod lookup;
mod place;
mod read;
mod update;
mod vars;
mod write;

pub use lookup::{PropLookup, lookup_prop, prop_cacheable, protected_access};
pub use read::FetchMode;
pub use vars::mangled_name;

pub(crate) use errors::{scope_name, visibility_name};
pub(crate) use lookup::static_root;
pub(crate) use place::release_references;

use outlast_value::Object;

/// Flags of properties that exist at run time only, in `PropInfo::flags` beside
/// `bytecode::member_flags`.
pub mod prop_flags {
    /// A parent has a private property of the same name.
    pub const CHANGED: u32 = 1 << 20;
    /// `get` is required but not implemented.
    pub const ABSTRACT_GET: u32 = 1 << 21;
    /// `set` is required but not implemented.
    pub const ABSTRACT_SET: u32 = 1 << 22;
    /// The required `get` returns by reference.
    pub const ABSTRACT_GET_REF: u32 = 1 << 23;
}

/// Object flag: a declared property was unset, so that empty slots are open to magic methods.
pub(crate) const UNSET_PROPS: u32 = Object::FIRST_FREE_FLAG << 16;
