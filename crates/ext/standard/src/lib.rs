//! PHP's extension `standard`.

pub mod dir;
pub mod exec;
pub mod file;
pub mod general;
pub mod info;
pub mod net;
pub mod output;
pub mod stream;

use outlast_vm::NativeModule;

/// All parts of the extension.
pub static MODULES: &[&NativeModule] = &[
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
    &net::MODULE,
    &output::MODULE,
    &output::headers::MODULE,
    &stream::bucket::MODULE,
    &stream::context_functions::MODULE,
    &stream::functions::MODULE,
    &stream::sockets::MODULE,
];
