//! The state of one request.

use crate::limits::{CpuLimit, WallLimit};
use crate::{
    AbortMode, CONNECTION, Cause, Clock, LOOK, Limits, Output, STOP, Stop, Verdict, Vitals,
};
use std::cell::{Cell, RefCell};
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

impl Phase {
    pub(crate) const ALL: [Phase; 6] = [
        Phase::Running,
        Phase::ShutdownFunctions,
        Phase::Destructors,
        Phase::OutputFlush,
        Phase::SessionWrite,
        Phase::Done,
    ];
}

/// One call of a PHP stack, as slow logs show it: what is called, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFrame {
    /// `function`, `Class->method`, `include`; `[running]` for the line that runs itself.
    pub function: String,
    /// The file of the call; empty where native code calls.
    pub file: String,
    /// Its line.
    pub line: u32,
}

/// Who waits for a stack.
type StackAnswer = Box<dyn FnOnce(Vec<StackFrame>)>;

/// The state of one request; see the crate's documentation for who calls what.
pub struct Lifecycle {
    clock: Clock,
    word: Arc<AtomicU32>,
    /// Bits that wait for the script to be resumed.
    pending: Cell<u32>,
    vitals: Arc<Vitals>,
    ignore_locked: Cell<bool>,
    mode: Cell<AbortMode>,
    cpu: CpuLimit,
    wall: WallLimit,
    detached: WallLimit,
    detached_seconds: Cell<u64>,
    shutdown: WallLimit,
    shutdown_seconds: Cell<u64>,
    abort_delivered: Cell<bool>,
    stop_requested: Cell<Option<Cause>>,
    /// What has ended the script, once something has.
    cause: Cell<Option<Cause>>,
    client_gone: Cell<bool>,
    headers_sent: Cell<bool>,
    finished: Cell<bool>,
    on_abort: Cell<bool>,
    /// The callbacks of `Outlast\on_abort` run.
    on_abort_runs: Cell<bool>,
    stack_asked: RefCell<Vec<StackAnswer>>,
}

impl Lifecycle {
    /// A request that starts now. `word` is the interrupt word of the worker that will run it.
    pub fn new(clock: Clock, word: Arc<AtomicU32>, limits: Limits) -> Lifecycle {
        let now = (clock.wall)();
        let lifecycle = Lifecycle {
            clock,
            word,
            pending: Cell::new(0),
            vitals: Arc::new(Vitals::new(now)),
            ignore_locked: Cell::new(false),
            mode: Cell::new(AbortMode::Output),
            cpu: CpuLimit::new(limits.cpu_seconds, limits.hard_seconds),
            wall: WallLimit::default(),
            detached: WallLimit::default(),
            detached_seconds: Cell::new(limits.detached_seconds),
            shutdown: WallLimit::default(),
            shutdown_seconds: Cell::new(limits.shutdown_seconds),
            abort_delivered: Cell::new(false),
            stop_requested: Cell::new(None),
            cause: Cell::new(None),
            client_gone: Cell::new(false),
            headers_sent: Cell::new(false),
            finished: Cell::new(false),
            on_abort: Cell::new(false),
            on_abort_runs: Cell::new(false),
            stack_asked: RefCell::default(),
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

    /// What other threads may see.
    pub fn vitals(&self) -> &Arc<Vitals> {
        &self.vitals
    }

    /// Whether the script must end now. Each cause is delivered once and then masked, so that
    /// shutdown functions can run, wait and write (they would otherwise end at their first wait).
    pub fn check(&self) -> Option<Stop> {
        let (stop, cause) = self.due()?;
        match cause {
            Cause::Abort => self.abort_delivered.set(true),
            Cause::CpuLimit => self.cpu.delivered(&self.clock),
            Cause::WallLimit => self.wall.disarm(),
            Cause::DetachedLimit => self.detached.disarm(),
            Cause::ShutdownLimit => {}
            Cause::TooManyDetached | Cause::Request | Cause::Drain => self.stop_requested.set(None),
        }
        if stop == Stop::Abort {
            self.abort_delivered.set(true);
        } else {
            self.add_status(TIMEOUT);
        }
        if cause != Cause::Abort {
            // Each part of the shutdown sequence that is cut short leaves as much time to the next.
            self.shutdown.arm(self.shutdown_seconds.get(), (self.clock.wall)());
        }
        self.ends_by(cause);
        Some(stop)
    }

    /// What [`Lifecycle::check`] would deliver, without delivering it. A wait asks this to know
    /// whether it must return early.
    pub fn pending_stop(&self) -> Option<Stop> {
        self.due().map(|(stop, _)| stop)
    }

    fn due(&self) -> Option<(Stop, Cause)> {
        if self.phase() >= Phase::SessionWrite {
            return None;
        }
        if let Some(cause) = self.stop_requested.get() {
            let as_abort = cause == Cause::TooManyDetached;
            return Some((if as_abort { Stop::Abort } else { Stop::StopRequested }, cause));
        }
        if self.cpu.armed() && self.cpu.passed(&self.clock) {
            return Some((Stop::Timeout { seconds: self.cpu.seconds() }, Cause::CpuLimit));
        }
        for (limit, cause) in [
            (&self.wall, Cause::WallLimit),
            (&self.detached, Cause::DetachedLimit),
            (&self.shutdown, Cause::ShutdownLimit),
        ] {
            if limit.deadline().is_some() && limit.passed((self.clock.wall)()) {
                let seconds = limit.seconds();
                let stop = match cause {
                    Cause::ShutdownLimit => Stop::ShutdownTimeout { seconds },
                    _ => Stop::WallTimeout { seconds },
                };
                return Some((stop, cause));
            }
        }
        // The shutdown sequence keeps PHP's rule even in immediate mode: it ends at an output only.
        let immediate = self.mode.get() == AbortMode::Immediate
            && self.phase() == Phase::Running
            && self.connection_status() & ABORTED != 0
            && !self.ignore_user_abort()
            && !self.abort_delivered.get()
            && !self.on_abort_runs.get();
        immediate.then_some((Stop::Abort, Cause::Abort))
    }

    /// What has ended the script, if not its own end. The first cause counts.
    pub fn cause(&self) -> Option<Cause> {
        self.cause.get()
    }

    fn ends_by(&self, cause: Cause) {
        self.vitals.stopping.store(true, Relaxed);
        if self.cause.get().is_none() {
            self.cause.set(Some(cause));
        }
    }

    /// What becomes of output that is about to leave for the client.
    ///
    /// With the client gone the first attempt stops the script, unless it ignores aborts. After that,
    /// and in shutdown functions and destructors, writes are dropped, but a `flush()` in a shutdown function ends it and those after it
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
        if self.ignores_abort() || self.phase() > Phase::Destructors {
            return Verdict::Discard;
        }
        // What is left to do was promised: only a `flush()` gives that up, as under php-fpm.
        let ended = self.phase() > Phase::Running && output == Output::Write;
        if !ended && (!self.abort_delivered.replace(true) || output == Output::Flush) {
            self.ends_by(Cause::Abort);
            return Verdict::Stop(Stop::Abort);
        }
        Verdict::Discard
    }

    /// `connection_status()`: tells the truth at once, with no output needed. Bits are OR'd: an abort
    /// after a timeout is 3 (php-fpm assigns 1 there; the manual promises 3).
    pub fn connection_status(&self) -> u32 {
        self.vitals.connection_status()
    }

    /// `ignore_user_abort()`: the setting.
    pub fn ignore_user_abort(&self) -> bool {
        self.vitals.ignore_user_abort()
    }

    /// `ignore_user_abort($enable)`: returns the old setting. Where an admin value holds the setting,
    /// the call silently does nothing (observed).
    pub fn set_ignore_user_abort(&self, enable: bool) -> bool {
        if self.ignore_locked.get() {
            return self.ignore_user_abort();
        }
        self.vitals.ignore_user_abort.swap(enable, Relaxed)
    }

    /// Sets `ignore_user_abort` as an admin value: the script cannot change it any more.
    pub fn lock_ignore_user_abort(&self, enable: bool) {
        self.vitals.ignore_user_abort.store(enable, Relaxed);
        self.ignore_locked.set(true);
    }

    /// Whether an admin value holds `ignore_user_abort` (`ini_set` then returns false).
    pub fn ignore_user_abort_locked(&self) -> bool {
        self.ignore_locked.get()
    }

    /// Whether a disconnect leaves the script alone, by its own choice or by `outlast.abort = never`.
    pub fn ignores_abort(&self) -> bool {
        self.ignore_user_abort() || self.mode.get() == AbortMode::Never
    }

    /// `outlast.abort`.
    pub fn abort_mode(&self) -> AbortMode {
        self.mode.get()
    }

    /// Sets `outlast.abort`. A client that is already gone is acted on at the next safe point.
    pub fn set_abort_mode(&self, mode: AbortMode) {
        self.mode.set(mode);
        if self.connection_status() & ABORTED != 0 {
            self.raise(CONNECTION);
        }
    }

    /// `set_time_limit($seconds)`: the count starts again from zero; 0 takes the limit away.
    pub fn set_time_limit(&self, seconds: u64) {
        self.cpu.restart(seconds, &self.clock);
    }

    /// Sets `hard_timeout`: the CPU time of shutdown functions after the limit has passed; 0 for any.
    pub fn set_hard_timeout(&self, seconds: u64) {
        self.cpu.set_hard(seconds);
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
        if let Some(at) = self.vitals.detached_at() {
            self.detached.arm(seconds, at);
        }
    }

    /// Sets `outlast.shutdown_time` for a script that is stopped later.
    pub fn set_shutdown_time(&self, seconds: u64) {
        self.shutdown_seconds.set(seconds);
    }

    /// CPU time the script has used.
    pub fn cpu_used(&self) -> Duration {
        self.cpu.used(&self.clock)
    }

    /// Wall time since the request started.
    pub fn age(&self) -> Duration {
        (self.clock.wall)().saturating_sub(self.vitals.started())
    }

    /// The phase the request is in.
    pub fn phase(&self) -> Phase {
        self.vitals.phase()
    }

    /// Moves on to `phase`; never back.
    pub fn enter(&self, phase: Phase) {
        debug_assert!(phase >= self.phase(), "phases only go forward");
        self.vitals.phase.store(phase as u8, Relaxed);
    }

    /// A callback of `Outlast\on_abort` was registered; with the client already gone it is due at once.
    pub fn register_on_abort(&self) {
        self.on_abort.set(true);
        if self.connection_status() & ABORTED != 0 {
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
        self.connection_status() & ABORTED != 0
            && self.on_abort.get()
            && self.phase() < Phase::SessionWrite
    }

    // ---- what the server tells ------------------------------------------------------------

    /// The client has gone for good. After a finished response this is no abort.
    pub fn client_left(&self) {
        if self.client_gone.replace(true) || self.phase() == Phase::Done {
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
    /// One with [`Cause::TooManyDetached`] ends it as an abort does, whatever it ignores.
    pub fn request_stop(&self, cause: Cause) {
        self.stop_requested.set(Some(cause));
        self.raise(STOP);
    }

    /// Asks for the PHP stack; `answer` is called at the next safe point, inside a wait too, or never
    /// if there is none any more.
    pub fn ask_stack(&self, answer: impl FnOnce(Vec<StackFrame>) + 'static) {
        self.stack_asked.borrow_mut().push(Box::new(answer));
        self.raise(LOOK);
    }

    /// Whether somebody waits for the stack.
    pub fn stack_is_asked(&self) -> bool {
        !self.stack_asked.borrow().is_empty()
    }

    /// Gives the stack to all who asked for it.
    pub fn answer_stack(&self, stack: Vec<StackFrame>) {
        let asked = std::mem::take(&mut *self.stack_asked.borrow_mut());
        for answer in asked {
            answer(stack.clone());
        }
    }

    /// Whether the script runs on without a client that listens.
    pub fn is_detached(&self) -> bool {
        self.vitals.detached_at().is_some() && self.phase() != Phase::Done
    }

    /// How long the script has been running without a client.
    pub fn detached_for(&self) -> Option<Duration> {
        self.vitals.detached_at().map(|at| (self.clock.wall)().saturating_sub(at))
    }

    /// The next moment of the wall clock at which a limit passes, for the server's timer.
    pub fn next_wall_deadline(&self) -> Option<Duration> {
        [&self.wall, &self.detached, &self.shutdown]
            .into_iter()
            .filter_map(WallLimit::deadline)
            .min()
    }

    /// The server's timer saw [`Lifecycle::next_wall_deadline`] pass.
    pub fn wall_deadline_passed(&self) {
        self.raise(STOP);
    }

    // ---- what the scheduler tells ---------------------------------------------------------

    /// The script is about to run: its CPU time counts, and what waited for it is in the word.
    pub fn resumed(&self) {
        self.cpu.resume(&self.clock);
        self.vitals.on_thread.store(true, Relaxed);
        self.word.store(self.pending.replace(0), Relaxed);
    }

    /// The script is parked; a tick it did not take is forgotten, everything else waits with it.
    pub fn suspended(&self) {
        self.vitals.set_cpu(self.cpu.suspend(&self.clock));
        self.vitals.on_thread.store(false, Relaxed);
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
        if self.vitals.detached_at().is_none() {
            let now = (self.clock.wall)();
            self.vitals.detach(now);
            self.detached.arm(self.detached_seconds.get(), now);
        }
    }

    fn add_status(&self, bit: u32) {
        self.vitals.status.fetch_or(bit, Relaxed);
    }
}
