//! PHP's extension `SPL`.

mod exceptions;
mod functions;
mod traverse;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&functions::MODULE, &exceptions::MODULE];
