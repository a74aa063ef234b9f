//! PHP values: the 16-byte [`Value`], byte strings, ordered hash maps, objects, references,
//! the per-script [`Heap`] that accounts for them, and the cycle collector.
//!
//! # Why this crate is unsafe, and why it is sound
//!
//! Strings, arrays, objects and references are thin pointers to counted boxes that all begin with
//! the same header (`count`, `info`). Counts are plain integers: no handle is `Send` or `Sync`,
//! so a box is only ever touched by the thread that made it. The exceptions are *immortal* boxes
//! (literals, the empty string, the empty array): their count is negative as an `i32`, is never
//! written, and their hash is computed when they are made, so nothing in them changes any more.
//!
//! The invariants each block relies on:
//! - a live handle owns one count of its box; the box is freed only when the count reaches zero;
//! - the contents of a string or an array are written only through `&mut` handles, after making
//!   the box unique (count exactly one); immortal boxes are never unique;
//! - the contents of objects and references are reached through `Cell`-like accessors that move
//!   or clone whole values and never leave a borrow into the box alive while other code runs;
//!   the `unsafe fn`s that hand out pointers leave that duty to their caller;
//! - before a box is freed it leaves the collector's buffer, and its object number is released.
#![allow(unsafe_code)]

mod array;
mod compare;
mod gc;
mod hash;
mod header;
mod heap;
pub mod layout;
mod object;
mod reference;
mod resource;
mod string;
mod value;

pub use array::{ArrayIter, ArrayIterMut, ArrayRefs, Full, Key, KeyRef, PhpArray};
pub use compare::identical;
pub use gc::{GcCallbacks, GcStatus, gc_collect, gc_collect_automatic, gc_status};
pub use heap::{Heap, HeapGuard};
pub use object::{
    ClassPtr, Object, ObjectData, ObjectHooks, WeakObject, object_hooks, set_object_hooks,
};
pub use reference::Reference;
pub use resource::Resource;
pub use string::{PhpString, StringBuilder};
pub use value::Value;
