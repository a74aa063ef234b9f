//! The compiler: syntax trees to bytecode.
//!
//! [`compile_source`] parses and compiles one file; [`compile`] starts from a tree. The result is
//! an immutable [`Unit`]. Registers are the local variables followed by temporaries; each
//! temporary is consumed exactly once (see `outlast_bytecode::op`).

mod capture;
mod check;
mod class;
mod const_expr;
mod error;
mod export;
mod expr;
mod fold;
mod function;
mod functions;
mod name;
mod place;
mod scope;
mod stmt;
mod types;
mod walk;

use outlast_bytecode::Unit;
use outlast_syntax::ast;

pub use error::{CompileError, Error};

/// `E_WARNING`, `E_DEPRECATED` and the like, as they stand in [`Unit::diagnostics`].
pub mod levels {
    pub const E_WARNING: u32 = 2;
    pub const E_COMPILE_WARNING: u32 = 128;
    pub const E_DEPRECATED: u32 = 8192;
}

/// What a compilation depends on beyond the source.
#[derive(Clone, Debug)]
pub struct CompileOptions<'a> {
    /// The path as messages show it (for eval: `… : eval()'d code`).
    pub file_name: &'a [u8],
    /// What `__DIR__` is based on; the file's path also for code in eval.
    pub real_path: &'a [u8],
    /// `zend.assertions` is not -1: code for `assert()` is generated.
    pub assertions: bool,
    /// `short_open_tag`
    pub short_open_tag: bool,
    /// The source is code without an opening tag (`eval`, `php -r`).
    pub code_mode: bool,
}

impl<'a> CompileOptions<'a> {
    /// Options for the file `file_name`.
    pub fn new(file_name: &'a [u8]) -> Self {
        CompileOptions {
            file_name,
            real_path: file_name,
            assertions: true,
            short_open_tag: true,
            code_mode: false,
        }
    }
}

/// Compiles a parsed file.
pub fn compile(file: &ast::File, options: &CompileOptions<'_>) -> Result<Unit, CompileError> {
    scope::Compiler::new(options).file(file)
}
