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
