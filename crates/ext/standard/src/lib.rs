//! The extension `standard`, a module a family of functions.
#![forbid(unsafe_code)]

pub mod array;
pub mod math;
pub mod string;
pub mod var;

use outlast_vm::NativeModule;

/// The modules of the extension.
pub static MODULES: &[&NativeModule] = &[
    &array::array_stub::MODULE,
    &math::math_stub::MODULE,
    &string::change_stub::MODULE,
    &string::compare_stub::MODULE,
    &string::crypt_stub::MODULE,
    &string::digest_stub::MODULE,
    &string::encode_stub::MODULE,
    &string::format_stub::MODULE,
    &string::html_stub::MODULE,
    &string::locale_stub::MODULE,
    &string::path_stub::MODULE,
    &string::replace_stub::MODULE,
    &string::search_stub::MODULE,
    &string::split_stub::MODULE,
    &string::url_stub::MODULE,
    &var::var_stub::MODULE,
    &var::serialize_stub::MODULE,
];
