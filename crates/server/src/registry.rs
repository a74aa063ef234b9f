//! The scripts that run on one worker, for that worker's thread.

use crate::script::RunningScript;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// Paths that are kept to be shared; sites with more scripts share fewer.
const PATHS: usize = 4096;

/// All scripts of one worker.
#[derive(Default)]
pub(crate) struct Registry {
    scripts: RefCell<HashMap<u64, Rc<RunningScript>>>,
    paths: RefCell<HashSet<Arc<Path>>>,
    /// Scripts that have been started.
    started: Cell<u64>,
}

impl Registry {
    pub(crate) fn add(&self, script: &Rc<RunningScript>) {
        self.started.set(self.started.get() + 1);
        self.scripts.borrow_mut().insert(script.entry.id, script.clone());
    }

    pub(crate) fn remove(&self, script: &RunningScript) {
        self.scripts.borrow_mut().remove(&script.entry.id);
    }

    /// How many scripts have been started.
    pub(crate) fn started(&self) -> u64 {
        self.started.get()
    }

    /// Gives back the room for scripts that have ended.
    pub(crate) fn shrink(&self) {
        self.scripts.borrow_mut().shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.scripts.borrow().len()
    }

    /// A copy, so that scripts may come and go while it is walked.
    pub(crate) fn all(&self) -> Vec<Rc<RunningScript>> {
        self.scripts.borrow().values().cloned().collect()
    }

    pub(crate) fn get(&self, id: u64) -> Option<Rc<RunningScript>> {
        self.scripts.borrow().get(&id).cloned()
    }

    /// The numbers of all, so that they can be walked while scripts come and go.
    pub(crate) fn ids(&self) -> Vec<u64> {
        self.scripts.borrow().keys().copied().collect()
    }

    /// The path, shared by all scripts of the same file.
    pub(crate) fn shared_path(&self, path: &Path) -> Arc<Path> {
        let mut paths = self.paths.borrow_mut();
        if let Some(known) = paths.get(path) {
            return known.clone();
        }
        let shared: Arc<Path> = path.into();
        if paths.len() == PATHS {
            paths.clear();
        }
        paths.insert(shared.clone());
        shared
    }
}
