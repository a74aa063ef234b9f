//! PHP's extension `date` (manual: book.datetime.php), over `outlast-datetime`.

mod clock;
mod datetime;
mod exceptions;
mod fields;
mod interval;
mod objects;
mod parsing;
mod period;
mod settings;
mod sun;
mod zones;

use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[
    &clock::MODULE,
    &parsing::MODULE,
    &sun::MODULE,
    &exceptions::MODULE,
    datetime::MODULES[0],
    datetime::MODULES[1],
    datetime::MODULES[2],
    datetime::MODULES[3],
    &zones::MODULE,
    &interval::MODULE,
    &period::MODULE,
];
