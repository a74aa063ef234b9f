//! PHP's extension `session` (manual: book.session).
//!
//! `flow` is the life of a session from `session_start()` to the end of the request; `save` stores
//! it, by `files` or by `user` (PHP callbacks); `serializer` turns `$_SESSION` into text and back.
//! A session's file stays locked as long as the session is active: other scripts that want it are parked.

mod cookie;
mod files;
mod flow;
mod functions;
mod handler;
mod id;
mod report;
mod save;
mod serializer;
mod settings;
mod state;
mod upload;
mod user;

use outlast_vm::NativeModule;

pub use flow::request_startup;
pub use settings::check_configured;
pub use upload::UploadProgress;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&functions::MODULE, &handler::MODULE];
