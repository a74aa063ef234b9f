//! From paths and strings to compiled code: what the VM's [`Loader`] asks for.

use crate::cache::{CodeCache, CodeOptions};
use outlast_bytecode::Unit;
use outlast_compiler::{CompileError, CompileOptions, Error, compile_source};
use outlast_host::HostError;
use outlast_host::blocking::blocking;
use outlast_vm::sapi::{CodeError, LoadError, Loader};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The compiler recurses; it gets a stack of this size unless so much is left.
const COMPILER_STACK: usize = 8 << 20;
/// Files above this size are read on the blocking pool.
const INLINE_READ: u64 = 256 << 10;

/// How long a path is taken to lead where it led before, as PHP's `realpath_cache_ttl` has it, which is longer:
/// a link that changes is seen after this time. That the file itself is unchanged is looked at each time.
const PATH_KEEPS: Duration = Duration::from_secs(2);
/// Paths that are remembered; beyond that it starts anew.
const PATHS: usize = 16 << 10;

/// Where a path led to.
struct KnownPath {
    canonical: Vec<u8>,
    seen: Instant,
}

/// How long a file is taken to be unchanged, as opcache's `revalidate_freq` has it, which is longer.
const FILE_KEEPS: Duration = Duration::from_millis(50);

/// What a worker of the web remembers.
#[derive(Default)]
struct Remembered {
    /// Where paths lead to.
    paths: FxHashMap<Vec<u8>, KnownPath>,
    /// Code of the shared cache, and when its file was looked at.
    units: FxHashMap<Vec<u8>, (Arc<Unit>, Instant)>,
}

/// Loads code through the shared cache.
pub struct FileLoader {
    cache: Arc<CodeCache>,
    options: CodeOptions,
    /// What is not looked at anew each time; `None` where few scripts run.
    remembered: Option<RefCell<Remembered>>,
    /// Where folders lead to.
    folders: RefCell<FxHashMap<Vec<u8>, KnownPath>>,
}

impl FileLoader {
    /// A loader with these options.
    pub fn new(cache: Arc<CodeCache>, options: CodeOptions) -> FileLoader {
        FileLoader { cache, options, remembered: None, folders: RefCell::default() }
    }

    /// The same, which remembers for a while where paths lead to and that files are unchanged.
    pub fn remembering(self) -> FileLoader {
        FileLoader { remembered: Some(RefCell::default()), ..self }
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

fn canonicalize(path: &[u8]) -> Option<Vec<u8>> {
    let found = std::fs::canonicalize(OsStr::from_bytes(path)).ok()?;
    Some(found.into_os_string().into_vec())
}

fn remember(paths: &mut FxHashMap<Vec<u8>, KnownPath>, path: &[u8], canonical: &[u8]) {
    if paths.len() >= PATHS {
        paths.clear();
    }
    let known = KnownPath { canonical: canonical.to_vec(), seen: Instant::now() };
    paths.insert(path.to_vec(), known);
}

impl FileLoader {
    /// The canonical path of what is in a folder and no link; else it takes the long way.
    fn resolve_in_folder(&self, path: &[u8]) -> Option<Vec<u8>> {
        let at = memchr::memrchr(b'/', path)?;
        let (folder, name) = (&path[..at], &path[at + 1..]);
        if folder.is_empty() || matches!(name, b"" | b"." | b"..") {
            return None;
        }
        let mut folders = self.folders.borrow_mut();
        let known = folders.get(folder).filter(|known| known.seen.elapsed() < PATH_KEEPS);
        let mut canonical = match known {
            Some(known) => known.canonical.clone(),
            None => {
                let canonical = canonicalize(folder)?;
                remember(&mut folders, folder, &canonical);
                canonical
            }
        };
        if canonical != b"/" {
            canonical.push(b'/');
        }
        canonical.extend_from_slice(name);
        let found = std::fs::symlink_metadata(OsStr::from_bytes(&canonical)).ok()?;
        (!found.is_symlink()).then_some(canonical)
    }
}

impl Loader for FileLoader {
    fn resolve(&self, path: &[u8]) -> Option<Vec<u8>> {
        if let Some(remembered) = &self.remembered
            && let Some(known) = remembered.borrow().paths.get(path)
            && known.seen.elapsed() < PATH_KEEPS
        {
            return Some(known.canonical.clone());
        }
        let canonical = match self.resolve_in_folder(path) {
            Some(canonical) => canonical,
            None => canonicalize(path)?,
        };
        if let Some(remembered) = &self.remembered {
            remember(&mut remembered.borrow_mut().paths, path, &canonical);
        }
        Some(canonical)
    }

    fn load_file(&self, path: &[u8]) -> Result<Arc<Unit>, LoadError> {
        if let Some(remembered) = &self.remembered
            && let Some((unit, seen)) = remembered.borrow().units.get(path)
            && seen.elapsed() < FILE_KEEPS
        {
            return Ok(unit.clone());
        }
        let file_path = Path::new(OsStr::from_bytes(path));
        let state = std::fs::metadata(file_path).map_err(io_error)?;
        if let Some(unit) = self.cache.file(path, self.options, &state) {
            if let Some(remembered) = &self.remembered {
                let units = &mut remembered.borrow_mut().units;
                if units.len() >= PATHS {
                    units.clear();
                }
                units.insert(path.to_vec(), (unit.clone(), Instant::now()));
            }
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
            // Bounded, which spares asking for its length again; one that has grown is compiled anew
            // the next time.
            source.reserve_exact(state.len() as usize + 1);
            file.take(INLINE_READ).read_to_end(&mut source).map_err(io_error)?;
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
