//! PHP's extension `date` (manual: book.datetime.php), over `outlast-datetime`.

mod clock;
mod exceptions;
mod fields;
mod objects;
mod parsing;
mod settings;
mod sun;
mod zones;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] =
    &[&clock::MODULE, &exceptions::MODULE, &parsing::MODULE, &sun::MODULE, &zones::MODULE];
