//! The compiler: syntax trees to bytecode.
//!
//! [`compile_source`] parses and compiles one file; [`compile`] starts from a tree. The result is
//! an immutable [`Unit`]. Registers are the local variables followed by temporaries; each
//! temporary is consumed exactly once (see `outlast_bytecode::op`).

#![forbid(unsafe_code)]

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
#[cfg(test)]
mod tests;
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
    /// `zend.multibyte`
    pub multibyte: bool,
    /// A first line that starts with `#!` is no output.
    pub skip_shebang: bool,
    /// The source is code without an opening tag (`eval`, `php -r`).
    pub in_code: bool,
}

impl<'a> CompileOptions<'a> {
    /// Options for the file `file_name`.
    pub fn new(file_name: &'a [u8]) -> Self {
        CompileOptions {
            file_name,
            real_path: file_name,
            assertions: true,
            short_open_tag: true,
            multibyte: false,
            skip_shebang: true,
            in_code: false,
        }
    }
}

/// Trees that nest deeper are compiled on a thread with a big stack.
const SHALLOW: u32 = 100;

/// Compiles a parsed file.
pub fn compile(file: &ast::File, options: &CompileOptions<'_>) -> Result<Unit, CompileError> {
    if file.depth <= SHALLOW {
        return scope::Compiler::new(options).file(file);
    }
    outlast_syntax::with_big_stack(|| scope::Compiler::new(options).file(file)).unwrap_or_else(
        || {
            Err(CompileError {
                message: b"The code nests too deeply for the memory there is".to_vec(),
                line: 1,
                before: None,
            })
        },
    )
}

/// Parses and compiles source text.
pub fn compile_source(source: &[u8], options: &CompileOptions<'_>) -> Result<Unit, Error> {
    let parse_options = outlast_syntax::ParseOptions {
        short_open_tag: options.short_open_tag,
        skip_shebang: options.skip_shebang,
        in_code: options.in_code,
        multibyte: options.multibyte,
    };
    let file = outlast_syntax::parse(source, &parse_options).map_err(|e| {
        let noticed = scope::Compiler::new(options).noticed(&e.notices);
        let error = CompileError { message: e.message, line: e.line, before: Some(noticed.into()) };
        match e.kind {
            outlast_syntax::ErrorKind::Parse => Error::Parse(error),
            outlast_syntax::ErrorKind::Compile => Error::Compile(error),
        }
    })?;
    Ok(compile(&file, options)?)
}
