//! Time limits: script CPU time, wall time, and the wall time of a script whose client has gone.

use crate::Clock;
use std::cell::Cell;
use std::time::Duration;

/// The limits a request starts with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// `max_execution_time`: CPU seconds of the script itself; 0 for none.
    pub cpu_seconds: u64,
    /// `outlast.max_wall_time`: seconds, everything counted; 0 for none.
    pub wall_seconds: u64,
    /// `outlast.detached_wall_time`: seconds from the moment the client left; 0 for none.
    pub detached_seconds: u64,
    /// `outlast.shutdown_time`: seconds of the wall clock from the moment a script is stopped to the end of
    /// its shutdown sequence; 0 for none.
    pub shutdown_seconds: u64,
    /// `hard_timeout`: CPU seconds of the shutdown functions after the CPU limit has passed; 0 for none.
    pub hard_seconds: u64,
}

/// The most that a run without a tick is charged: the watchdog ticks every 2 ms, so a longer one did not poll.
const UNTICKED: Duration = Duration::from_millis(10);

/// How the current run is measured.
#[derive(Clone, Copy)]
enum Run {
    /// The script is parked.
    None,
    /// Since this moment of the wall clock.
    Short(Duration),
    /// Since this reading of the CPU clock.
    Exact(Duration),
}

/// CPU time used and its limit.
///
/// Only what runs between resume and suspend counts, so sleep, database waits, `flock` and child
/// processes do not (observed under "Time limit": PHP's ITIMER_PROF / thread CPU timer behaves so).
/// Reading a thread's CPU clock is a system call (600 ns where the wall clock takes 20), which would be most
/// of a short request's scheduling cost: so a script is measured by the wall clock until its first tick, that
/// is, as long as its runs are shorter than a quantum, and by the CPU clock from then on.
pub(crate) struct CpuLimit {
    used: Cell<Duration>,
    run: Cell<Run>,
    exact: Cell<bool>,
    deadline: Cell<Option<Duration>>,
    seconds: Cell<u64>,
    hard_seconds: Cell<u64>,
}

impl CpuLimit {
    pub(crate) fn new(seconds: u64, hard_seconds: u64) -> CpuLimit {
        CpuLimit {
            hard_seconds: Cell::new(hard_seconds),
            used: Cell::default(),
            run: Cell::new(Run::None),
            exact: Cell::new(false),
            deadline: Cell::new((seconds > 0).then(|| Duration::from_secs(seconds))),
            seconds: Cell::new(seconds),
        }
    }

    pub(crate) fn resume(&self, clock: &Clock) {
        self.run.set(match self.exact.get() {
            true => Run::Exact((clock.cpu)()),
            false => Run::Short((clock.wall)()),
        });
    }

    /// Ends the run; returns all that was used.
    pub(crate) fn suspend(&self, clock: &Clock) -> Duration {
        self.used.set(self.used(clock));
        self.run.set(Run::None);
        self.used.get()
    }

    /// The script has run for a whole interval: measure it exactly from here on.
    pub(crate) fn ticked(&self, clock: &Clock) {
        if let Run::Short(_) = self.run.get() {
            self.suspend(clock);
            self.exact.set(true);
            self.resume(clock);
        }
    }

    pub(crate) fn running(&self) -> bool {
        !matches!(self.run.get(), Run::None)
    }

    pub(crate) fn used(&self, clock: &Clock) -> Duration {
        self.used.get()
            + match self.run.get() {
                Run::None => Duration::ZERO,
                Run::Short(start) => (clock.wall)().saturating_sub(start).min(UNTICKED),
                Run::Exact(start) => (clock.cpu)().saturating_sub(start),
            }
    }

    /// `set_time_limit`: the count starts again from zero; 0 takes the limit away.
    pub(crate) fn restart(&self, seconds: u64, clock: &Clock) {
        self.seconds.set(seconds);
        self.deadline.set((seconds > 0).then(|| self.used(clock) + Duration::from_secs(seconds)));
    }

    pub(crate) fn set_hard(&self, seconds: u64) {
        self.hard_seconds.set(seconds);
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.seconds.get()
    }

    pub(crate) fn armed(&self) -> bool {
        self.deadline.get().is_some()
    }

    pub(crate) fn passed(&self, clock: &Clock) -> bool {
        self.deadline.get().is_some_and(|deadline| self.used(clock) >= deadline)
    }

    /// A delivery leaves shutdown functions `hard_timeout`, until they set a limit of their own (observed:
    /// the message then names the first limit again).
    pub(crate) fn delivered(&self, clock: &Clock) {
        let seconds = self.hard_seconds.get();
        let hard = (seconds > 0).then(|| Duration::from_secs(seconds));
        self.deadline.set(hard.map(|hard| self.used(clock) + hard));
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

    pub(crate) fn disarm(&self) {
        self.deadline.set(None);
    }
}
