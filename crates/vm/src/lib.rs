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

pub mod class;
pub mod cx;
pub mod error;
pub mod frame;
pub mod function;
pub mod native;
pub mod registry;
pub mod sapi;
pub mod stack;
pub mod unit;

pub use class::{Class, ClassRef, ObjectClass};
pub use cx::Cx;
pub use error::{Ret, Unwind, level};
pub use native::*;
