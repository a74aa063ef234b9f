//! Machine code for hot functions: one function of bytecode at a time, by Cranelift.
//!
//! What the interpreter would do op by op is done here without dispatch, with what is known of the
//! types of slots ([`types`]) and numbers kept in registers. The contract between machine code and
//! the VM is that of [`outlast_vm::machine`]. Code is made in a thread of its own, once for all
//! scripts that run the function, and lives as long as the function.
//!
//! Nothing here touches memory by address: that what is emitted reads and writes only slots of its
//! frame is the duty of [`emit`], as it is the compiler's for bytecode.

mod code;
mod emit;
mod flow;
mod queue;
mod types;

/// Lets the VM have machine code made.
pub fn install() {
    outlast_vm::machine::set_generator(queue::generate);
}
