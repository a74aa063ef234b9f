//! Time limits: script CPU time, wall time, and the wall time of a script whose client has gone.

use std::cell::Cell;
use std::time::Duration;

/// How long a stopped script's shutdown sequence may take before the wall limit stops it again.
const GRACE: Duration = Duration::from_secs(10);

/// The limits a request starts with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// `max_execution_time`: CPU seconds of the script itself; 0 for none.
    pub cpu_seconds: u64,
    /// `outlast.max_wall_time`: seconds, everything counted; 0 for none.
    pub wall_seconds: u64,
    /// `outlast.detached_wall_time`: seconds from the moment the client left; 0 for none.
    pub detached_seconds: u64,
}

/// CPU time used and its limit.
///
/// Only what runs between resume and suspend counts, so sleep, database waits, `flock` and child
/// processes do not (observed under "Time limit": PHP's ITIMER_PROF / thread CPU timer behaves so).
#[derive(Default)]
pub(crate) struct CpuLimit {
    used: Cell<Duration>,
    resumed_at: Cell<Option<Duration>>,
    deadline: Cell<Option<Duration>>,
    seconds: Cell<u64>,
}

impl CpuLimit {
    pub(crate) fn resume(&self, now: Duration) {
        self.resumed_at.set(Some(now));
    }

    pub(crate) fn suspend(&self, now: Duration) {
        self.used.set(self.used(now));
        self.resumed_at.set(None);
    }

    pub(crate) fn running(&self) -> bool {
        self.resumed_at.get().is_some()
    }

    pub(crate) fn used(&self, now: Duration) -> Duration {
        let current =
            self.resumed_at.get().map_or(Duration::ZERO, |start| now.saturating_sub(start));
        self.used.get() + current
    }

    /// `set_time_limit`: the count starts again from zero; 0 takes the limit away.
    pub(crate) fn restart(&self, seconds: u64, now: Duration) {
        self.seconds.set(seconds);
        self.deadline.set((seconds > 0).then(|| self.used(now) + Duration::from_secs(seconds)));
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds.get()
    }

    pub(crate) fn armed(&self) -> bool {
        self.deadline.get().is_some()
    }

    pub(crate) fn passed(&self, now: Duration) -> bool {
        self.deadline.get().is_some_and(|deadline| self.used(now) >= deadline)
    }

    /// One delivery: shutdown functions then run without a limit until they set one.
    pub(crate) fn disarm(&self) {
        self.deadline.set(None);
    }
}

/// A deadline on the wall clock.
#[derive(Default)]
pub(crate) struct WallLimit {
    deadline: Cell<Option<Duration>>,
    seconds: Cell<u64>,
}

impl WallLimit {
    pub(crate) fn arm(&self, seconds: u64, now: Duration) {
        self.seconds.set(seconds);
        self.deadline.set((seconds > 0).then(|| now + Duration::from_secs(seconds)));
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds.get()
    }

    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline.get()
    }

    pub(crate) fn passed(&self, now: Duration) -> bool {
        self.deadline.get().is_some_and(|deadline| now >= deadline)
    }

    /// A delivery leaves the shutdown sequence a grace time, so that it too stays bounded.
    pub(crate) fn delivered(&self, now: Duration) {
        if self.passed(now) {
            self.deadline.set(Some(now + GRACE));
        }
    }
}
