//! The scripts that run on a worker.

use crate::script::RunningScript;
use outlast_lifecycle::Phase;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// One running script, as a status page shows it.
#[derive(Clone, Debug)]
pub struct ScriptInfo {
    /// Names the script when it is to be stopped.
    pub id: u64,
    /// The worker it runs on.
    pub worker: usize,
    /// The script's file.
    pub script: PathBuf,
    /// The request's method.
    pub method: String,
    /// The request's path and query.
    pub uri: String,
    /// The client's address.
    pub remote: SocketAddr,
    /// When the request had come in.
    pub received: SystemTime,
    /// How long it has been running.
    pub age: Duration,
    /// CPU time it has used.
    pub cpu: Duration,
    /// `connection_status()`.
    pub connection_status: u32,
    /// How long it has been running without a client, if it has.
    pub detached_for: Option<Duration>,
    /// Where in its life it is.
    pub phase: Phase,
}

/// All scripts of one worker.
#[derive(Default)]
pub(crate) struct Registry {
    scripts: RefCell<HashMap<u64, Rc<RunningScript>>>,
    detached: Cell<usize>,
}

impl Registry {
    pub(crate) fn add(&self, script: &Rc<RunningScript>) {
        self.scripts.borrow_mut().insert(script.id, script.clone());
    }

    pub(crate) fn remove(&self, script: &RunningScript) {
        let removed = self.scripts.borrow_mut().remove(&script.id);
        if removed.is_some() && script.detached.get() {
            self.detached.set(self.detached.get() - 1);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.scripts.borrow().len()
    }

    /// Counts a script that has become detached; says how many there are now.
    pub(crate) fn detached(&self, script: &RunningScript) -> usize {
        if !script.detached.replace(true) {
            self.detached.set(self.detached.get() + 1);
        }
        self.detached.get()
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
}
