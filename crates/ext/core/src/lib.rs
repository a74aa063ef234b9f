//! PHP's extension `Core`: the classes, functions and constants of the engine itself, the
//! functions about the life of a script, and Outlast's own.

mod attributes;
mod closure;
mod constants;
mod exceptions;
mod fiber;
mod functions;
mod generator;
mod interfaces;
mod internal_iterator;
mod lifecycle;
mod outlast;
mod weak;

pub use internal_iterator::internal_iterator;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[
    &constants::MODULE,
    functions::MODULES[0],
    functions::MODULES[1],
    functions::MODULES[2],
    functions::MODULES[3],
    functions::MODULES[4],
    functions::MODULES[5],
    &interfaces::MODULE,
    &internal_iterator::MODULE,
    &exceptions::MODULE,
    &closure::MODULE,
    &generator::MODULE,
    &fiber::MODULE,
    &weak::MODULE,
    &attributes::MODULE,
    lifecycle::MODULES[0],
    lifecycle::MODULES[1],
    &outlast::MODULE,
];
