//! The extension `standard`, a module a family of functions.
#![forbid(unsafe_code)]

pub mod string;

use outlast_vm::NativeModule;

/// The modules of the extension.
pub static MODULES: &[&NativeModule] = &[
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
];
