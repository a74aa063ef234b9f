//! Compiled code, shared by all workers.
//!
//! A file is found by its canonical path and stays valid while its modification time, size and inode
//! do. Code for `eval` is found by its text. Nothing here knows of scripts: a [`Unit`] is immutable.

use outlast_bytecode::Unit;
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

/// A file younger than this is compiled anew each time: it may still be written to without its
/// modification time showing it (as opcache's `file_update_protection`).
const FRESH: Duration = Duration::from_secs(2);
/// Pieces of code for `eval` that are kept.
const EVAL_ENTRIES: usize = 512;
/// Longer pieces are not kept.
const EVAL_LENGTH: usize = 64 << 10;

/// What compiled code depends on beyond the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeOptions {
    /// `short_open_tag`
    pub short_open_tag: bool,
    /// `zend.multibyte`
    pub multibyte: bool,
    /// `zend.assertions` is not -1.
    pub assertions: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    modified: (i64, i64),
    size: u64,
    inode: u64,
}

impl Stamp {
    fn of(file: &Metadata) -> Stamp {
        Stamp { modified: (file.mtime(), file.mtime_nsec()), size: file.size(), inode: file.ino() }
    }
}

struct CachedFile {
    stamp: Stamp,
    options: CodeOptions,
    unit: Arc<Unit>,
}

type EvalKey = (CodeOptions, Vec<u8>, Vec<u8>);

/// The cache of one process.
#[derive(Default)]
pub struct CodeCache {
    files: RwLock<HashMap<Vec<u8>, CachedFile>>,
    evals: Mutex<HashMap<EvalKey, Arc<Unit>>>,
}

impl CodeCache {
    /// The code of the file at this canonical path, if it was compiled with these options and is
    /// unchanged since.
    pub fn file(&self, path: &[u8], options: CodeOptions, now: &Metadata) -> Option<Arc<Unit>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let cached = files.get(path)?;
        let valid = cached.options == options && cached.stamp == Stamp::of(now);
        valid.then(|| cached.unit.clone())
    }

    /// Keeps the code of a file. `state` was taken before the file was read.
    pub fn keep_file(&self, path: &[u8], options: CodeOptions, state: &Metadata, unit: &Arc<Unit>) {
        let age = state.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if age.is_none_or(|age| age < FRESH) {
            return;
        }
        let cached = CachedFile { stamp: Stamp::of(state), options, unit: unit.clone() };
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_vec(), cached);
    }

    /// The code of a piece for `eval`.
    pub fn eval(&self, options: CodeOptions, source: &[u8], name: &[u8]) -> Option<Arc<Unit>> {
        let evals = self.evals.lock().unwrap_or_else(PoisonError::into_inner);
        evals.get(&(options, source.to_vec(), name.to_vec())).cloned()
    }

    /// Keeps the code of a piece for `eval`.
    pub fn keep_eval(&self, options: CodeOptions, source: &[u8], name: &[u8], unit: &Arc<Unit>) {
        if source.len() > EVAL_LENGTH {
            return;
        }
        let mut evals = self.evals.lock().unwrap_or_else(PoisonError::into_inner);
        if evals.len() >= EVAL_ENTRIES {
            evals.clear();
        }
        evals.insert((options, source.to_vec(), name.to_vec()), unit.clone());
    }

    /// Forgets everything (`opcache_reset`).
    pub fn clear(&self) {
        self.files.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.evals.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
