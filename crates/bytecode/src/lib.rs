//! The bytecode: what the compiler emits and the VM runs.
//!
//! A compiled file is a [`Unit`]: immutable, free of run-time values, shared by all workers.
//! [`op`] holds the documented table of opcodes; [`disasm`] prints it.

pub mod class;
pub mod disasm;
pub mod function;
pub mod literal;
pub mod op;
pub mod tier;
pub mod types;

pub use class::*;
pub use function::*;
pub use literal::*;
pub use op::*;
pub use tier::{MachineCode, NO_ENTRY, Tier};
pub use types::*;
