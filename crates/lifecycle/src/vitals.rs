//! What other threads may see of a request while it runs.

use crate::{ABORTED, NORMAL, Phase};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// "Not yet", where a moment is kept as nanoseconds.
const NEVER: u64 = u64::MAX;

/// The readable part of a request's state. Its [`crate::Lifecycle`] writes it on the thread of the script,
/// anybody reads it from any thread without making the script wait: each value is right by itself, and
/// values of one reading may be a few instructions apart.
pub struct Vitals {
    started: Duration,
    detached_at: AtomicU64,
    /// CPU time up to the last suspension, in nanoseconds.
    cpu: AtomicU64,
    memory: AtomicU64,
    sent: AtomicU64,
    pub(crate) status: AtomicU32,
    pub(crate) phase: AtomicU8,
    pub(crate) ignore_user_abort: AtomicBool,
    pub(crate) on_thread: AtomicBool,
    pub(crate) stopping: AtomicBool,
    place: Mutex<Place>,
}

/// Where a script is.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// The file of the PHP code that runs; `None` outside of any.
    pub file: Option<Arc<[u8]>>,
    /// Its line.
    pub line: u32,
    /// What the script waits for, in one word (`sleep`, `flock`); empty while it waits for nothing.
    pub wait: &'static str,
}

impl Vitals {
    pub(crate) fn new(started: Duration) -> Vitals {
        Vitals {
            started,
            detached_at: AtomicU64::new(NEVER),
            cpu: AtomicU64::new(0),
            memory: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            status: AtomicU32::new(NORMAL),
            phase: AtomicU8::new(Phase::Running as u8),
            ignore_user_abort: AtomicBool::new(false),
            on_thread: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            place: Mutex::default(),
        }
    }

    /// When the request started, on the clock that its lifecycle was made with.
    pub fn started(&self) -> Duration {
        self.started
    }

    /// When the script was left without a client, if it was, on the same clock.
    pub fn detached_at(&self) -> Option<Duration> {
        let at = self.detached_at.load(Relaxed);
        (at != NEVER).then(|| Duration::from_nanos(at))
    }

    pub(crate) fn detach(&self, now: Duration) {
        self.detached_at.store(nanos(now), Relaxed);
    }

    /// CPU time that the script had used when it last left its thread.
    pub fn cpu(&self) -> Duration {
        Duration::from_nanos(self.cpu.load(Relaxed))
    }

    pub(crate) fn set_cpu(&self, used: Duration) {
        self.cpu.store(nanos(used), Relaxed);
    }

    /// Bytes of memory that the script's values had when it was last looked at.
    pub fn memory(&self) -> u64 {
        self.memory.load(Relaxed)
    }

    /// Bytes of the response's body that the connection has taken.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// The connection has taken so many more bytes.
    pub fn add_sent(&self, bytes: u64) {
        self.sent.fetch_add(bytes, Relaxed);
    }

    /// `connection_status()`.
    pub fn connection_status(&self) -> u32 {
        self.status.load(Relaxed)
    }

    /// Whether the client has gone.
    pub fn is_aborted(&self) -> bool {
        self.connection_status() & ABORTED != 0
    }

    /// `ignore_user_abort()`: the setting.
    pub fn ignore_user_abort(&self) -> bool {
        self.ignore_user_abort.load(Relaxed)
    }

    /// The phase the request is in.
    pub fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Relaxed)).min(Phase::ALL.len() - 1)]
    }

    /// Whether the script is on its thread at this moment.
    pub fn on_thread(&self) -> bool {
        self.on_thread.load(Relaxed)
    }

    /// Whether somebody or some limit has told it to stop.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }

    /// What it waits for, in one word; empty while it waits for nothing.
    pub fn wait(&self) -> &'static str {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).wait
    }

    /// Where the script was when it last parked or was busy for a while, and what it waits for now.
    pub fn place(&self) -> Place {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The script is here. `file` is looked at by its address first: mostly it is the known one.
    pub fn show(&self, file: &Arc<[u8]>, line: u32, wait: &'static str, memory: u64) {
        self.memory.store(memory, Relaxed);
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if !place.file.as_ref().is_some_and(|known| Arc::ptr_eq(known, file)) {
            place.file = Some(file.clone());
        }
        place.line = line;
        place.wait = wait;
    }

    /// What it waits for, where it is not known where it is, and when a wait is over.
    pub fn show_wait(&self, wait: &'static str) {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).wait = wait;
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER - 1)
}
