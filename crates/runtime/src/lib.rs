//! The façade over compiler, VM and extensions: what it takes to run a script.
//!
//! A [`Runtime`] is one a process: configuration and compiled code, shared by all threads. A
//! [`Worker`] is one a thread; it runs [`Job`]s, each inside a green thread of `outlast-fiber`, several
//! at once. Invariants: nothing here knows HTTP (that is the server's, joined to this by the binary);
//! nothing of one script is visible to another.

mod cache;
mod config;
mod loader;
mod modules;
mod sapi;
mod scopes;
mod script;
mod superglobals;
mod worker;

pub use cache::{CodeCache, CodeOptions};
pub use config::{ConfigError, ConfigSource, Configuration};
pub use loader::FileLoader;
pub use modules::names as extension_names;
pub use outlast_vm::output::PHP_VERSION;
pub use sapi::{CgiSapi, CliSapi, append_to_error_log};
pub use scopes::{PathSettings, Place, Scopes, Settings};
pub use script::{Job, Main};
pub use superglobals::ScriptNames;
pub use worker::{Runtime, Worker};
