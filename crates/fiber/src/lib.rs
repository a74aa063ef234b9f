//! Scripts as green threads: native stacks, suspension, fairness.
//!
//! A [`Script`] is a stackful coroutine driven as a `Future` on a tokio current-thread runtime. Inside it,
//! at any depth, [`wait`] polls a future with the task's waker and suspends the script while it is
//! pending. [`Coroutine`] is the same for PHP's `Fiber`: nested, started and resumed by hand; a `wait`
//! inside one suspends the whole script. A script never leaves its thread.
//!
//! # Safety
//! `unsafe` is used here for stack memory (`stack`), for the pointers that a suspended stack is found
//! again with (`frame`, `script`, `coroutine`), and for reading the stack pointer (`depth`). The invariants:
//! - A stack slot belongs to one owner between `pool::take` and its drop, and a slab outlives its slots.
//! - The pointers in [`frame`] are valid while the stack they belong to is running: they are set right
//!   before control enters it and taken back right after control leaves it, on the same thread.
//! - No `RefCell` borrow, lock or thread-local guard of this crate is held across a switch of stacks.
#![allow(unsafe_code)]

mod background;
mod coroutine;
mod depth;
mod frame;
mod script;
mod stack;
mod standalone;
mod watchdog;

pub use background::{run_background, yield_now};
pub use coroutine::{Coroutine, Progress, in_coroutine, suspend};
pub use depth::{RED_ZONE, maybe_grow, on_large_stack, remaining_stack};
pub use script::{
    Hooks, InterruptHandle, Interrupted, NoHooks, Panic, Script, Waits, current_handle, in_script,
    on_switch, on_wait, wait,
};
pub use stack::give_back_stacks;
pub use standalone::run_to_end;
pub use watchdog::{TICK, interrupt_word};
