//! PHP's extension `SPL`.

mod array;
mod exceptions;
mod functions;
mod overrides;
mod text;
mod traverse;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&functions::MODULE, &exceptions::MODULE, &array::MODULE];
