//! SQLite for PHP's extensions: connections and statements that park the script where SQLite waits.
//!
//! A script that finds a database locked sleeps in SQLite's busy handler: the script parks, across the
//! library's frames, and all others run. SQLite's progress handler lets a long query be interrupted at
//! the same points as PHP code. What the script is told there (an end by a limit, a client that left)
//! travels as an error of SQLite to the call that began it, which returns it as the `Unwind` it was;
//! so do exceptions of callbacks.
//!
//! Reading, writing and syncing the files happens on the worker's thread.
//!
//! # Unsafe code
//! This crate holds all calls into the library. What they rest on:
//! - a connection, its statements and BLOBs stay on one thread and are reached through counted handles,
//!   so that a handle of the library outlives every call with it; it is closed or finalized only while
//!   no call with it is under way;
//! - the context that callbacks get is that of the innermost call ([`Connection`] keeps a pointer for as
//!   long as the call lasts), whose borrow the call holds without using it;
//! - a connection that is suspended in a handler refuses every call, as SQLite demands;
//! - what callbacks need is owned by the library's own registration and freed by its destructor.
#![allow(unsafe_code)]

mod backup;
mod blob;
mod callbacks;
pub mod codes;
mod connection;
mod exec;
pub mod paths;
pub mod php;
mod statement;
mod stream;
mod value;
mod waiting;

pub use backup::{Backup, backup};
pub use blob::Blob;
pub use callbacks::{AggregateState, Aggregates, Authorizer, Collation, Function};
pub use connection::{Connection, Failure, code_text, version, version_number};
pub use statement::Statement;
pub use stream::blob_stream;
pub use value::{SqlValue, escaped};
