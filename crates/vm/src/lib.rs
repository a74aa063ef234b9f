//! The virtual machine: frames, dispatch, calls, classes, errors, output buffers.
//!
//! Invariants: `vm` does no I/O of its own (it asks `Sapi` and `Loader`); it knows no extension
//! (they come as `NativeModule`s); values never leave their thread.
//!
//! # Unsafe code
//! Allowed for the value stack and what rests on it: frames address their slots by pointer
//! (`stack.rs` states the invariants), and `ClassRef` points into the script's class arena, which
//! is dropped last.
#![allow(unsafe_code)]

mod arglist;
pub mod args;
pub mod attributes;
mod call;
pub mod callable;
pub mod class;
mod classes;
pub mod compare;
pub mod constants;
pub mod convert;
pub mod cx;
mod dims;
pub mod error;
pub mod errors;
pub mod exec;
pub mod fiber;
pub mod frame;
pub(crate) mod frames;
pub mod function;
pub mod generator;
mod include;
pub mod ini;
mod introspect;
pub mod lazy;
mod link;
pub mod machine;
pub mod native;
pub mod operators;
pub mod output;
pub mod pending;
pub mod props;
mod recursion;
pub mod registry;
pub mod request;
pub mod sapi;
pub mod scope;
pub mod stack;
pub mod types;
pub mod unit;
pub mod uploads;

pub use callable::Callable;
pub use class::{Class, ClassRef, ObjectClass};
pub use cx::Cx;
pub use error::{Ret, Unwind, level};
pub use native::*;
/// Recursion as deep as the data is, on a stack that grows; a stack for code that cannot grow its own.
pub use outlast_fiber::{maybe_grow, on_large_stack};
