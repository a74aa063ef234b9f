//! The scripts that run on all workers, as any thread may look at them: no worker is asked or waited for.

use crate::script::CLOCK;
use http::Method;
use outlast_lifecycle::{Cause, Phase, Place, Vitals};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Parts of the table, each with a lock of its own, so that none is held for long.
const SHARDS: usize = 64;
/// Remarkable ends that are remembered.
const ENDS: usize = 200;
/// Counts that are remembered, one a second: a quarter of an hour.
const SAMPLES: usize = 900;
/// A script that took this long is remembered although it ended by itself.
const LONG: Duration = Duration::from_secs(5);

/// One running script.
pub(crate) struct Entry {
    pub(crate) id: u64,
    pub(crate) worker: u16,
    pub(crate) script: Arc<Path>,
    pub(crate) method: Method,
    pub(crate) uri: Arc<str>,
    pub(crate) remote: SocketAddr,
    pub(crate) received: SystemTime,
    pub(crate) vitals: Arc<Vitals>,
}

/// One running script at one moment, as a status page shows it.
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
    /// CPU time it had used when it last left its thread.
    pub cpu: Duration,
    /// Bytes of memory of its values.
    pub memory: u64,
    /// Bytes of its response's body that were sent.
    pub sent: u64,
    /// `connection_status()`.
    pub connection_status: u32,
    /// `ignore_user_abort()`.
    pub ignores_abort: bool,
    /// How long it has been running without a client, if it has.
    pub detached_for: Option<Duration>,
    /// Where in its life it is.
    pub phase: Phase,
    /// Whether it was told to stop.
    pub stopping: bool,
    /// Whether it is on its worker's thread at this moment.
    pub on_thread: bool,
    /// Where it is, and what it waits for.
    pub place: Place,
}

impl Entry {
    pub(crate) fn info(&self, now: Duration) -> ScriptInfo {
        let vitals = &self.vitals;
        ScriptInfo {
            id: self.id,
            worker: usize::from(self.worker),
            script: self.script.to_path_buf(),
            method: self.method.to_string(),
            uri: self.uri.to_string(),
            remote: self.remote,
            received: self.received,
            age: now.saturating_sub(vitals.started()),
            cpu: vitals.cpu(),
            memory: vitals.memory(),
            sent: vitals.sent(),
            connection_status: vitals.connection_status(),
            ignores_abort: vitals.ignore_user_abort(),
            detached_for: vitals.detached_at().map(|at| now.saturating_sub(at)),
            phase: vitals.phase(),
            stopping: vitals.is_stopping(),
            on_thread: vitals.on_thread(),
            place: vitals.place(),
        }
    }
}

/// A script that has ended in a way that somebody may ask about.
pub(crate) struct Ended {
    pub(crate) entry: Arc<Entry>,
    pub(crate) at: SystemTime,
    pub(crate) took: Duration,
    /// Of the response; 0 if there was none.
    pub(crate) status: u16,
    /// Why it ended.
    pub(crate) why: &'static str,
}

/// Counts at one moment.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: SystemTime,
    pub(crate) running: usize,
    pub(crate) detached: usize,
    /// Scripts that have ended since the server started.
    pub(crate) ended: u64,
}

/// What has happened since the server started.
#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) started: AtomicU64,
    pub(crate) ended: AtomicU64,
    pub(crate) detached: AtomicU64,
    pub(crate) panicked: AtomicU64,
    pub(crate) sent: AtomicU64,
    /// By cause, in the order of [`CAUSES`].
    pub(crate) stopped: [AtomicU64; CAUSES.len()],
}

/// All causes, in the order that they are shown in.
pub(crate) const CAUSES: [Cause; 8] = [
    Cause::Abort,
    Cause::CpuLimit,
    Cause::WallLimit,
    Cause::DetachedLimit,
    Cause::TooManyDetached,
    Cause::Request,
    Cause::Drain,
    Cause::ShutdownLimit,
];

/// All running scripts, and what is remembered of ended ones.
pub(crate) struct Scripts {
    shards: [Mutex<HashMap<u64, Arc<Entry>>>; SHARDS],
    running: AtomicUsize,
    detached: AtomicUsize,
    pub(crate) totals: Totals,
    ends: Mutex<VecDeque<Ended>>,
    samples: Mutex<VecDeque<Sample>>,
}

impl Default for Scripts {
    fn default() -> Scripts {
        Scripts {
            shards: std::array::from_fn(|_| Mutex::default()),
            running: AtomicUsize::new(0),
            detached: AtomicUsize::new(0),
            totals: Totals::default(),
            ends: Mutex::default(),
            samples: Mutex::default(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Scripts {
    fn shard(&self, id: u64) -> &Mutex<HashMap<u64, Arc<Entry>>> {
        &self.shards[(id % SHARDS as u64) as usize]
    }

    pub(crate) fn add(&self, entry: &Arc<Entry>) {
        self.running.fetch_add(1, Relaxed);
        self.totals.started.fetch_add(1, Relaxed);
        lock(self.shard(entry.id)).insert(entry.id, entry.clone());
    }

    /// Counts a script that has become detached; says how many there are now.
    pub(crate) fn detach(&self) -> usize {
        self.totals.detached.fetch_add(1, Relaxed);
        self.detached.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn remove(&self, ended: Ended, detached: bool, cause: Option<Cause>) {
        lock(self.shard(ended.entry.id)).remove(&ended.entry.id);
        self.running.fetch_sub(1, Relaxed);
        if detached {
            self.detached.fetch_sub(1, Relaxed);
        }
        self.totals.ended.fetch_add(1, Relaxed);
        self.totals.sent.fetch_add(ended.entry.vitals.sent(), Relaxed);
        if let Some(at) = CAUSES.iter().position(|known| Some(*known) == cause) {
            self.totals.stopped[at].fetch_add(1, Relaxed);
        }
        if detached || cause.is_some() || ended.took >= LONG || ended.why == PANIC {
            let mut ends = lock(&self.ends);
            if ends.len() == ENDS {
                ends.pop_front();
            }
            ends.push_back(ended);
        }
    }

    /// Scripts that run, and how many of them without a client.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.running.load(Relaxed), self.detached.load(Relaxed))
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Entry>> {
        lock(self.shard(id)).get(&id).cloned()
    }

    /// All of them, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Entry>> {
        let mut all = Vec::with_capacity(self.counts().0);
        for shard in &self.shards {
            all.extend(lock(shard).values().cloned());
        }
        all
    }

    pub(crate) fn infos(&self) -> Vec<ScriptInfo> {
        let now = (CLOCK.wall)();
        self.all().iter().map(|entry| entry.info(now)).collect()
    }

    /// Visits the remarkable ends, the last one first.
    pub(crate) fn for_each_end(&self, visit: impl FnMut(&Ended)) {
        lock(&self.ends).iter().rev().for_each(visit);
    }

    /// Remembers how many there are.
    pub(crate) fn sample(&self) {
        let (running, detached) = self.counts();
        let ended = self.totals.ended.load(Relaxed);
        let mut samples = lock(&self.samples);
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(Sample { at: SystemTime::now(), running, detached, ended });
    }

    /// What was remembered, the oldest first.
    pub(crate) fn samples(&self) -> Vec<Sample> {
        lock(&self.samples).iter().copied().collect()
    }
}

/// Why a script ended whose engine broke.
pub(crate) const PANIC: &str = "panic";
