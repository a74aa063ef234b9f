//! The HTTP server: connections, static files, routing, admission, drain, and the scripts that run.
//!
//! One worker thread a core, each with a current-thread event loop; connections are dealt out by the accepting
//! thread to the worker with the fewest. A script runs as a green thread ([`outlast_fiber::Script`]) on the
//! worker of its connection: inline in the connection's task until it first parks, in a task of its own from
//! then on. What runs it is an [`Engine`]; this crate knows nothing of PHP.

mod access_log;
mod body;
mod builtin;
mod compression;
mod compressor;
mod config;
mod connection;
mod control;
mod engine;
mod exchange;
mod files;
mod handler;
mod http1;
mod io;
mod logged;
mod mime;
mod packed;
mod pages;
mod registry;
mod request;
mod route;
mod script;
mod scripts;
mod server;
mod slow_log;
mod spool;
mod status;
mod worker;

pub use builtin::{Builtin, BuiltinRequest, say};
pub use config::{AccessLogTarget, Config, ConfigError};
pub use control::runtime_folder;
pub use engine::{Connection, Engine, EngineWorker, ResponseHead, WriteError};
pub use request::{Request, RequestBody};
pub use script::{CLOCK, RequestHooks};
pub use scripts::ScriptInfo;
pub use server::{Running, Server, StartError};
pub use spool::{BodyFailure, BodyStream};
