//! `xmlwriter`: XML written piece by piece, into memory.

mod functions;
mod writer;
#[rustfmt::skip]
mod xmlwriter_stub;

use functions::*;

use outlast_vm::ObjectHandlers;
use outlast_vm::native::NativeModule;

/// What this extension defines.
pub static MODULES: &[&NativeModule] = &[&xmlwriter_stub::MODULE];

static WRITER: ObjectHandlers = ObjectHandlers { uncloneable: true, ..ObjectHandlers::STANDARD };
