//! PHP's extension `Reflection`: what a script asks about its own classes and functions.

mod attribute;
mod base;
mod class;
mod constant;
mod function;
mod misc;
mod parameter;
mod params;
mod property;
mod support;
mod text;
mod types;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[
    &base::MODULE,
    &types::MODULE,
    &attribute::MODULE,
    &parameter::MODULE,
    &function::MODULE,
    &class::MODULE,
    &property::MODULE,
    &constant::MODULE,
    &misc::MODULE,
];
