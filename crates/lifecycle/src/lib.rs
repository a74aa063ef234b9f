//! The life of one request: what its client does, what its time limits say, and whether it must stop.
//!
//! Pure state: no I/O, no dependencies, and the clocks come in from outside ([`Clock`]).
//! One [`Lifecycle`] belongs to one script and is shared (by `Rc`) between the script, its connection
//! and the scheduler of its worker, all on one thread.
//!
//! The word that a script polls (`Lifecycle::interrupt_word`) belongs to the *worker*: the watchdog
//! raises [`TICK`] in it from its own thread, and everything else happens on the worker's thread.
//! A script's own bits wait in its `Lifecycle` while it is parked. The engine does, at loop back-edges and calls:
//!
//! ```text
//! if word.load(Relaxed) != 0 {
//!     let bits = lifecycle.take_interrupts();
//!     if bits & TICK != 0 { fiber::yield_now() }        // fairness
//!     if lifecycle.take_on_abort() { run the callbacks of Outlast\on_abort; lifecycle.on_abort_ended() }
//!     if let Some(stop) = lifecycle.check() { unwind past finally and catch, as `stop` says }
//! }
//! ```
//!
//! and asks [`Lifecycle::output`] before it hands output to the server. Rules marked *observed* were
//! measured on nginx + php-fpm, Apache + mod_php and `php -S`.

mod clock;
mod limits;
mod state;
mod stop;
mod vitals;

pub use clock::Clock;
pub use limits::Limits;
pub use state::{ABORTED, Lifecycle, NORMAL, Phase, StackFrame, TIMEOUT};
pub use stop::{AbortMode, Cause, Output, Stop, Verdict};
pub use vitals::{Place, Vitals};

/// Interrupt bit: the watchdog saw this worker busy with one script for a whole interval.
pub const TICK: u32 = 1;
/// Interrupt bit: the client of the running script has gone.
pub const CONNECTION: u32 = 2;
/// Interrupt bit: a limit may have passed, or somebody asked the script to stop.
pub const STOP: u32 = 4;
/// Interrupt bit: somebody wants to know where the script is ([`Lifecycle::ask_stack`]).
pub const LOOK: u32 = 8;
