//! From paths and strings to compiled code: what the VM's [`Loader`] asks for.

use crate::cache::{CodeCache, CodeOptions};
use outlast_bytecode::Unit;
use outlast_compiler::{CompileError, CompileOptions, Error, compile_source};
use outlast_host::HostError;
use outlast_host::blocking::blocking;
use outlast_vm::sapi::{CodeError, LoadError, Loader};
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;

/// The compiler recurses; it gets a stack of this size unless so much is left.
const COMPILER_STACK: usize = 8 << 20;
/// Files above this size are read on the blocking pool.
const INLINE_READ: u64 = 256 << 10;

/// Loads code through the shared cache.
pub struct FileLoader {
    cache: Arc<CodeCache>,
    options: CodeOptions,
}

impl FileLoader {
    /// A loader with these options.
    pub fn new(cache: Arc<CodeCache>, options: CodeOptions) -> FileLoader {
        FileLoader { cache, options }
    }

    /// Compiles source text that is no file: standard input, `php -r`. `name` is shown as its file.
    pub fn load_code(
        &self,
        source: &[u8],
        name: &[u8],
        in_code: bool,
    ) -> Result<Arc<Unit>, LoadError> {
        let unit =
            self.compile(source, &CompileOptions { in_code, ..self.compile_options(name) })?;
        Ok(Arc::new(unit))
    }

    /// Compiles a file under the name it was given, past the cache (`php -l`).
    pub fn check(&self, path: &[u8]) -> Result<(), LoadError> {
        let source = std::fs::read(OsStr::from_bytes(path)).map_err(io_error)?;
        self.compile(&source, &self.compile_options(path)).map(drop)
    }

    fn compile_options<'a>(&self, name: &'a [u8]) -> CompileOptions<'a> {
        CompileOptions {
            assertions: self.options.assertions,
            short_open_tag: self.options.short_open_tag,
            multibyte: self.options.multibyte,
            ..CompileOptions::new(name)
        }
    }

    fn compile(&self, source: &[u8], options: &CompileOptions<'_>) -> Result<Unit, LoadError> {
        let compiled = if outlast_fiber::remaining_stack() < COMPILER_STACK / 2 {
            outlast_fiber::on_large_stack(COMPILER_STACK, || compile_source(source, options))
        } else {
            compile_source(source, options)
        };
        compiled.map_err(|error| {
            let file = options.file_name.to_vec();
            let told =
                |CompileError { message, line, before }| CodeError { message, file, line, before };
            match error {
                Error::Parse(error) => LoadError::Parse(told(error)),
                Error::Compile(error) => LoadError::Compile(told(error)),
            }
        })
    }
}

impl Loader for FileLoader {
    fn resolve(&self, path: &[u8]) -> Option<Vec<u8>> {
        let path = std::fs::canonicalize(OsStr::from_bytes(path)).ok()?;
        Some(path.into_os_string().into_vec())
    }

    fn load_file(&self, path: &[u8]) -> Result<Arc<Unit>, LoadError> {
        let file_path = Path::new(OsStr::from_bytes(path));
        let state = std::fs::metadata(file_path).map_err(io_error)?;
        if let Some(unit) = self.cache.file(path, self.options, &state) {
            return Ok(unit);
        }
        if state.is_dir() {
            // Opening worked, reading did not: PHP has no better word for it.
            return Err(LoadError::Io("Success".into()));
        }
        let mut file = std::fs::File::open(file_path).map_err(io_error)?;
        let mut source = Vec::new();
        if state.len() > INLINE_READ || !state.is_file() {
            source = blocking(move || file.read_to_end(&mut source).map(|_| source))
                .map_err(|error| LoadError::Io(error.text()))?
                .map_err(io_error)?;
        } else {
            file.read_to_end(&mut source).map_err(io_error)?;
        }
        let unit = Arc::new(self.compile(&source, &self.compile_options(path))?);
        if state.is_file() {
            self.cache.keep_file(path, self.options, &state, &unit);
        }
        Ok(unit)
    }

    fn load_text(&self, source: &[u8], name: &[u8]) -> Result<Arc<Unit>, LoadError> {
        self.compile(source, &self.compile_options(name)).map(Arc::new)
    }

    fn load_string(&self, source: &[u8], name: &[u8]) -> Result<Arc<Unit>, LoadError> {
        if let Some(unit) = self.cache.eval(self.options, source, name) {
            return Ok(unit);
        }
        let options = CompileOptions { in_code: true, ..self.compile_options(name) };
        let unit = Arc::new(self.compile(source, &options)?);
        self.cache.keep_eval(self.options, source, name, &unit);
        Ok(unit)
    }
}

fn io_error(error: io::Error) -> LoadError {
    LoadError::Io(HostError::Io(error).text())
}
