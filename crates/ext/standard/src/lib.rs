//! The extension `standard`, a module a family of functions.
#![forbid(unsafe_code)]

pub mod array;

use outlast_vm::NativeModule;

/// The modules of the extension.
pub static MODULES: &[&[&NativeModule]] = &[
    array::MODULES,
];
