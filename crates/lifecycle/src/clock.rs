//! The clocks a request is measured with, handed in so that this crate touches no OS.

use std::time::Duration;

/// Two clocks. Both count from an arbitrary zero and never go back.
#[derive(Clone, Copy)]
pub struct Clock {
    /// CPU time of the calling thread.
    pub cpu: fn() -> Duration,
    /// Monotonic wall time.
    pub wall: fn() -> Duration,
}

impl Clock {
    /// Clocks that stand still: no limit ever passes.
    pub const STOPPED: Clock = Clock { cpu: || Duration::ZERO, wall: || Duration::ZERO };
}
