//! The state of one request.

use crate::limits::{CpuLimit, WallLimit};
use crate::{AbortMode, CONNECTION, Clock, Limits, Output, STOP, Stop, Verdict};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// `CONNECTION_NORMAL`.
pub const NORMAL: u32 = 0;
/// `CONNECTION_ABORTED`.
pub const ABORTED: u32 = 1;
/// `CONNECTION_TIMEOUT`.
pub const TIMEOUT: u32 = 2;

/// Where in its life a request is. The order is PHP's (observed): shutdown functions in order of
/// registration, destructors, output buffers, headers if unsent, session write in every case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The script itself.
    #[default]
    Running,
    /// `register_shutdown_function` callbacks.
    ShutdownFunctions,
    /// Destructors of what is left.
    Destructors,
    /// Final callbacks of the output buffers.
    OutputFlush,
    /// The session is written.
    SessionWrite,
    /// Nothing of the request is left to do.
    Done,
}

/// The state of one request; see the crate's documentation for who calls what.
pub struct Lifecycle {
    clock: Clock,
    word: Arc<AtomicU32>,
    /// Bits that wait for the script to be resumed.
    pending: Cell<u32>,
    status: Cell<u32>,
    ignore_user_abort: Cell<bool>,
    ignore_locked: Cell<bool>,
    mode: Cell<AbortMode>,
    phase: Cell<Phase>,
    cpu: CpuLimit,
    wall: WallLimit,
    detached: WallLimit,
    detached_seconds: Cell<u64>,
    started: Duration,
    detached_at: Cell<Option<Duration>>,
    abort_delivered: Cell<bool>,
    stop_requested: Cell<bool>,
    client_gone: Cell<bool>,
    headers_sent: Cell<bool>,
    finished: Cell<bool>,
    on_abort: Cell<bool>,
    /// The callbacks of `Outlast\on_abort` run.
    on_abort_runs: Cell<bool>,
}

impl Lifecycle {
    /// A request that starts now. `word` is the interrupt word of the worker that will run it.
    pub fn new(clock: Clock, word: Arc<AtomicU32>, limits: Limits) -> Lifecycle {
        let now = (clock.wall)();
        let lifecycle = Lifecycle {
            clock,
            word,
            pending: Cell::new(0),
            status: Cell::new(NORMAL),
            ignore_user_abort: Cell::new(false),
            ignore_locked: Cell::new(false),
            mode: Cell::new(AbortMode::Output),
            phase: Cell::new(Phase::Running),
            cpu: CpuLimit::new(limits.cpu_seconds),
            wall: WallLimit::default(),
            detached: WallLimit::default(),
            detached_seconds: Cell::new(limits.detached_seconds),
            started: now,
            detached_at: Cell::new(None),
            abort_delivered: Cell::new(false),
            stop_requested: Cell::new(false),
            client_gone: Cell::new(false),
            headers_sent: Cell::new(false),
            finished: Cell::new(false),
            on_abort: Cell::new(false),
            on_abort_runs: Cell::new(false),
        };
        lifecycle.wall.arm(limits.wall_seconds, now);
        lifecycle
    }

    /// A request with no client, no clock and no limits: for code that runs without a server.
    pub fn standalone() -> Lifecycle {
        Lifecycle::new(Clock::STOPPED, Arc::default(), Limits::default())
    }

    // ---- what the script asks -------------------------------------------------------------

    /// The word to poll at loop back-edges and calls; non-zero means: look here.
    pub fn interrupt_word(&self) -> Arc<AtomicU32> {
        self.word.clone()
    }

    /// Takes the raised bits ([`crate::TICK`], [`CONNECTION`], [`STOP`]) and clears the word.
    pub fn take_interrupts(&self) -> u32 {
        let bits = self.word.swap(0, Relaxed) | self.pending.replace(0);
        if bits & crate::TICK != 0 {
            self.cpu.ticked(&self.clock);
        }
        bits
    }

    /// Whether the script must end now. Each cause is delivered once and then masked, so that
    /// shutdown functions can run, wait and write (they would otherwise end at their first wait).
    pub fn check(&self) -> Option<Stop> {
        let stop = self.pending_stop()?;
        match stop {
            Stop::Abort => self.abort_delivered.set(true),
            Stop::Timeout { .. } => {
                self.cpu.disarm();
                self.add_status(TIMEOUT);
            }
            Stop::WallTimeout { .. } => {
                let now = (self.clock.wall)();
                self.wall.delivered(now);
                self.detached.delivered(now);
                self.add_status(TIMEOUT);
            }
            Stop::StopRequested => {
                self.stop_requested.set(false);
                self.add_status(TIMEOUT);
            }
        }
        Some(stop)
    }

    /// What [`Lifecycle::check`] would deliver, without delivering it. A wait asks this to know
    /// whether it must return early.
    pub fn pending_stop(&self) -> Option<Stop> {
        if self.phase.get() >= Phase::SessionWrite {
            return None;
        }
        if self.stop_requested.get() {
            return Some(Stop::StopRequested);
        }
        if self.cpu.armed() && self.cpu.passed(&self.clock) {
            return Some(Stop::Timeout { seconds: self.cpu.seconds() });
        }
        for limit in [&self.wall, &self.detached] {
            if limit.deadline().is_some() && limit.passed((self.clock.wall)()) {
                return Some(Stop::WallTimeout { seconds: limit.seconds() });
            }
        }
        // The shutdown sequence keeps PHP's rule even in immediate mode: it ends at an output only.
        let immediate = self.mode.get() == AbortMode::Immediate
            && self.phase.get() == Phase::Running
            && self.status.get() & ABORTED != 0
            && !self.ignore_user_abort.get()
            && !self.abort_delivered.get()
            && !self.on_abort_runs.get();
        immediate.then_some(Stop::Abort)
    }

    /// What becomes of output that is about to leave for the client.
    ///
    /// With the client gone the first attempt stops the script, unless it ignores aborts. After that
    /// writes are dropped, but a `flush()` in a shutdown function ends it and those after it
    /// (observed: "3 abort ob=0 flush() in sd1"). After `fastcgi_finish_request()` output is dropped
    /// and never counts as an abort (php-fpm aborts at the next flush: a known complaint).
    pub fn output(&self, output: Output) -> Verdict {
        if self.finished.get() {
            return Verdict::Discard;
        }
        if !self.client_gone.get() {
            return Verdict::Deliver;
        }
        self.add_status(ABORTED);
        if self.ignores_abort() || self.phase.get() > Phase::Destructors {
            return Verdict::Discard;
        }
        let first = !self.abort_delivered.replace(true);
        if first || output == Output::Flush {
            return Verdict::Stop(Stop::Abort);
        }
        Verdict::Discard
    }

    /// `connection_status()`: tells the truth at once, with no output needed. Bits are OR'd: an abort
    /// after a timeout is 3 (php-fpm assigns 1 there; the manual promises 3).
    pub fn connection_status(&self) -> u32 {
        self.status.get()
    }

    /// `ignore_user_abort()`: the setting.
    pub fn ignore_user_abort(&self) -> bool {
        self.ignore_user_abort.get()
    }

    /// `ignore_user_abort($enable)`: returns the old setting. Where an admin value holds the setting,
    /// the call silently does nothing (observed).
    pub fn set_ignore_user_abort(&self, enable: bool) -> bool {
        if self.ignore_locked.get() {
            return self.ignore_user_abort.get();
        }
        self.ignore_user_abort.replace(enable)
    }

    /// Sets `ignore_user_abort` as an admin value: the script cannot change it any more.
    pub fn lock_ignore_user_abort(&self, enable: bool) {
        self.ignore_user_abort.set(enable);
        self.ignore_locked.set(true);
    }

    /// Whether an admin value holds `ignore_user_abort` (`ini_set` then returns false).
    pub fn ignore_user_abort_locked(&self) -> bool {
        self.ignore_locked.get()
    }

    /// Whether a disconnect leaves the script alone, by its own choice or by `outlast.abort = never`.
    pub fn ignores_abort(&self) -> bool {
        self.ignore_user_abort.get() || self.mode.get() == AbortMode::Never
    }

    /// `outlast.abort`.
    pub fn abort_mode(&self) -> AbortMode {
        self.mode.get()
    }

    /// Sets `outlast.abort`. A client that is already gone is acted on at the next safe point.
    pub fn set_abort_mode(&self, mode: AbortMode) {
        self.mode.set(mode);
        if self.status.get() & ABORTED != 0 {
            self.raise(CONNECTION);
        }
    }

    /// `set_time_limit($seconds)`: the count starts again from zero; 0 takes the limit away.
    pub fn set_time_limit(&self, seconds: u64) {
        self.cpu.restart(seconds, &self.clock);
    }

    /// The CPU time limit in seconds, 0 for none.
    pub fn time_limit(&self) -> u64 {
        self.cpu.seconds()
    }

    /// Sets `outlast.max_wall_time`, counted from now.
    pub fn set_max_wall_time(&self, seconds: u64) {
        self.wall.arm(seconds, (self.clock.wall)());
    }

    /// Sets `outlast.detached_wall_time`, counted from the disconnect.
    pub fn set_detached_wall_time(&self, seconds: u64) {
        self.detached_seconds.set(seconds);
        if let Some(at) = self.detached_at.get() {
            self.detached.arm(seconds, at);
        }
    }

    /// CPU time the script has used.
    pub fn cpu_used(&self) -> Duration {
        self.cpu.used(&self.clock)
    }

    /// Wall time since the request started.
    pub fn age(&self) -> Duration {
        (self.clock.wall)().saturating_sub(self.started)
    }

    /// The phase the request is in.
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Moves on to `phase`; never back.
    pub fn enter(&self, phase: Phase) {
        debug_assert!(phase >= self.phase.get(), "phases only go forward");
        self.phase.set(phase);
    }

    /// A callback of `Outlast\on_abort` was registered; with the client already gone it is due at once.
    pub fn register_on_abort(&self) {
        self.on_abort.set(true);
        if self.status.get() & ABORTED != 0 {
            self.raise(CONNECTION);
        }
    }

    /// Whether the callbacks of `Outlast\on_abort` are due; true once for each registration. They run
    /// to their end, also where the abort is to stop the script at once: until
    /// [`Lifecycle::on_abort_ended`].
    pub fn take_on_abort(&self) -> bool {
        let due = self.on_abort_due() && self.on_abort.replace(false);
        if due {
            self.on_abort_runs.set(true);
        }
        due
    }

    /// The callbacks have run: an abort that waited for them is acted on at the next safe point.
    pub fn on_abort_ended(&self) {
        self.on_abort_runs.set(false);
        self.raise(CONNECTION);
    }

    /// Whether [`Lifecycle::take_on_abort`] would say yes.
    pub fn on_abort_due(&self) -> bool {
        self.status.get() & ABORTED != 0
            && self.on_abort.get()
            && self.phase.get() < Phase::SessionWrite
    }

    // ---- what the server tells ------------------------------------------------------------

    /// The client has gone for good. After a finished response this is no abort.
    pub fn client_left(&self) {
        if self.client_gone.replace(true) || self.phase.get() == Phase::Done {
            return;
        }
        self.detach();
        if !self.finished.get() {
            self.add_status(ABORTED);
            self.raise(CONNECTION);
        }
    }

    /// Whether the client has gone.
    pub fn client_gone(&self) -> bool {
        self.client_gone.get()
    }

    /// The response head is on its way: `headers_sent()` is true from here on.
    pub fn mark_headers_sent(&self) {
        self.headers_sent.set(true);
    }

    /// `headers_sent()`.
    pub fn headers_sent(&self) -> bool {
        self.headers_sent.get()
    }

    /// `fastcgi_finish_request()`: the response is complete, the script runs on. False the second time.
    pub fn finish_response(&self) -> bool {
        if self.finished.replace(true) {
            return false;
        }
        self.detach();
        true
    }

    /// Whether `fastcgi_finish_request()` was called.
    pub fn response_finished(&self) -> bool {
        self.finished.get()
    }

    /// Asks the script to stop at its next safe point, inside a wait too. Each request is delivered
    /// once, so a second one ends a shutdown function that will not end.
    pub fn request_stop(&self) {
        self.stop_requested.set(true);
        self.raise(STOP);
    }

    /// Whether the script runs on without a client that listens.
    pub fn is_detached(&self) -> bool {
        self.detached_at.get().is_some() && self.phase.get() != Phase::Done
    }

    /// How long the script has been running without a client.
    pub fn detached_for(&self) -> Option<Duration> {
        self.detached_at.get().map(|at| (self.clock.wall)().saturating_sub(at))
    }

    /// The next moment of the wall clock at which a limit passes, for the server's timer.
    pub fn next_wall_deadline(&self) -> Option<Duration> {
        [self.wall.deadline(), self.detached.deadline()].into_iter().flatten().min()
    }

    /// The server's timer saw [`Lifecycle::next_wall_deadline`] pass.
    pub fn wall_deadline_passed(&self) {
        self.raise(STOP);
    }

    // ---- what the scheduler tells ---------------------------------------------------------

    /// The script is about to run: its CPU time counts, and what waited for it is in the word.
    pub fn resumed(&self) {
        self.cpu.resume(&self.clock);
        self.word.store(self.pending.replace(0), Relaxed);
    }

    /// The script is parked; a tick it did not take is forgotten, everything else waits with it.
    pub fn suspended(&self) {
        self.cpu.suspend(&self.clock);
        let left = self.word.swap(0, Relaxed) & !crate::TICK;
        self.pending.set(self.pending.get() | left);
    }

    fn raise(&self, bits: u32) {
        if self.cpu.running() {
            self.word.fetch_or(bits, Relaxed);
        } else {
            self.pending.set(self.pending.get() | bits);
        }
    }

    fn detach(&self) {
        if self.detached_at.get().is_none() {
            let now = (self.clock.wall)();
            self.detached_at.set(Some(now));
            self.detached.arm(self.detached_seconds.get(), now);
        }
    }

    fn add_status(&self, bit: u32) {
        self.status.set(self.status.get() | bit);
    }
}
