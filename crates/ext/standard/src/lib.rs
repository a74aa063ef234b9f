//! The extension `standard`, a module a family of functions.
#![forbid(unsafe_code)]

pub mod array;
pub mod dir;
pub mod exec;
pub mod file;
pub mod form;
pub mod general;
pub mod info;
pub mod math;
pub mod net;
pub mod output;
pub mod stream;
pub mod string;
pub mod var;

use outlast_vm::NativeModule;

/// The modules of the extension.
pub static MODULES: &[&NativeModule] = &[
    &array::array_stub::MODULE,
    &dir::MODULE,
    &exec::MODULE,
    &file::csv::MODULE,
    &file::handle::MODULE,
    &file::ini::MODULE,
    &file::manage::MODULE,
    &file::pattern::MODULE,
    &file::status::MODULE,
    &file::whole::MODULE,
    &general::assertion::MODULE,
    &general::environment::MODULE,
    &general::error::MODULE,
    &general::settings::MODULE,
    &general::system::MODULE,
    &general::time::MODULE,
    &general::upload::MODULE,
    &info::MODULE,
    &math::math_stub::MODULE,
    &net::MODULE,
    &output::MODULE,
    &output::headers::MODULE,
    &output::rewrite::MODULE,
    &stream::bucket::MODULE,
    &stream::context_functions::MODULE,
    &stream::functions::MODULE,
    &stream::http::MODULE,
    &stream::sockets::MODULE,
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
