//! What can end a script from outside, and what becomes of its output.

/// What a disconnect does to a script: the ini setting `outlast.abort`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbortMode {
    /// PHP's own rule: stop at the next attempt to send output.
    #[default]
    Output,
    /// Stop at the next safe point, inside a wait too.
    Immediate,
    /// As if every script had called `ignore_user_abort(true)`.
    Never,
}

impl AbortMode {
    /// Reads the value of the ini setting.
    pub fn parse(text: &str) -> Option<AbortMode> {
        match text {
            "output" => Some(AbortMode::Output),
            "immediate" => Some(AbortMode::Immediate),
            "never" => Some(AbortMode::Never),
            _ => None,
        }
    }

    /// The value as the ini setting spells it.
    pub fn name(self) -> &'static str {
        match self {
            AbortMode::Output => "output",
            AbortMode::Immediate => "immediate",
            AbortMode::Never => "never",
        }
    }
}

/// Why a script must end now. All of them unwind past `finally` and `catch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The client has gone. Destructors run (observed: abort row, "yes, locals too").
    Abort,
    /// The CPU time limit passed: `Maximum execution time of N second(s) exceeded`. No destructors (observed).
    Timeout {
        /// The limit that passed.
        seconds: u64,
    },
    /// `outlast.max_wall_time` or `outlast.detached_wall_time` passed; ends like a timeout.
    WallTimeout {
        /// The limit that passed.
        seconds: u64,
    },
    /// Somebody stopped the script (status page, API, drain); ends like a timeout.
    StopRequested,
    /// `outlast.shutdown_time` passed: a script that was to end took too long over it.
    ShutdownTimeout {
        /// The limit that passed.
        seconds: u64,
    },
}

/// What ended a script before its own end, for people who ask why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its client had gone.
    Abort,
    /// `max_execution_time`
    CpuLimit,
    /// `outlast.max_wall_time`
    WallLimit,
    /// `outlast.detached_wall_time`
    DetachedLimit,
    /// `outlast.max_detached`: too many scripts ran without a client already.
    TooManyDetached,
    /// Somebody stopped it.
    Request,
    /// The server stops.
    Drain,
    /// `outlast.shutdown_time`
    ShutdownLimit,
}

impl Cause {
    /// A word for logs and tables.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Abort => "aborted",
            Cause::CpuLimit => "max_execution_time",
            Cause::WallLimit => "max_wall_time",
            Cause::DetachedLimit => "detached_wall_time",
            Cause::TooManyDetached => "max_detached",
            Cause::Request => "stopped",
            Cause::Drain => "drained",
            Cause::ShutdownLimit => "shutdown_time",
        }
    }
}

impl Stop {
    /// Whether destructors still run after this stop (observed: after an abort yes, after a timeout no).
    pub fn runs_destructors(self) -> bool {
        self == Stop::Abort
    }
}

/// How output reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Bytes leave the output buffers.
    Write,
    /// `flush()`, with or without bytes.
    Flush,
}

/// What becomes of an attempt to send output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it.
    Deliver,
    /// Nobody will read it: drop it and go on.
    Discard,
    /// Drop it and end the script (in a shutdown function: that function and those after it).
    Stop(Stop),
}
