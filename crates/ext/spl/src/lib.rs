//! PHP's extension `SPL`.

mod array;
mod callback;
mod exceptions;
mod functions;
mod iterators;
mod overrides;
mod recursive;
mod text;
mod traverse;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[
    &functions::MODULE,
    &exceptions::MODULE,
    &array::MODULE,
    &iterators::MODULE,
    &recursive::MODULE,
];
