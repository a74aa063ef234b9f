//! What PHP's own development server (`php -S`) does otherwise than a server behind nginx does.

use std::path::PathBuf;

/// Serve as PHP's development server: a router script, each connection for one request, a log of its own.
#[derive(Clone, Debug)]
pub struct Builtin {
    /// The script that is asked first, as it was named; where it returns false, the request goes on.
    pub router: Option<PathBuf>,
    /// `SERVER_SOFTWARE`
    pub software: String,
    /// The address as it was named, without the port.
    pub host: String,
}

/// What it adds to a request.
#[derive(Clone, Debug)]
pub struct BuiltinRequest {
    /// The server's own part.
    pub server: Builtin,
    /// Whether the request leads to a script, without the router.
    pub script: bool,
}

/// Writes a line to its log: standard error, the local time in front.
pub fn say(text: &str) {
    eprintln!("[{}] {text}", outlast_host::clock::local_text());
}
