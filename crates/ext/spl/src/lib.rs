//! PHP's extension `SPL`.

mod array;
mod callback;
mod exceptions;
mod files;
mod fixed;
mod functions;
mod heap;
mod iterators;
mod list;
mod overrides;
mod recursive;
mod storage;
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
    &list::MODULE,
    &heap::MODULE,
    &fixed::MODULE,
    &storage::MODULE,
    &files::info::MODULE,
    &files::directory::MODULE,
    &files::object::MODULE,
];
