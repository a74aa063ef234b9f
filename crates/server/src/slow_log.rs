//! The slow log: where scripts are that have been running for longer than a limit, in php-fpm's format.

use crate::scripts::Entry;
use outlast_lifecycle::StackFrame;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Shared by all workers; each script is logged once.
pub(crate) struct SlowLog {
    /// How long a script may run unlogged.
    pub(crate) limit: Duration,
    file: Mutex<File>,
}

impl SlowLog {
    /// The log of these settings, if they want one.
    pub(crate) fn open(path: &Path, seconds: f64) -> io::Result<Option<SlowLog>> {
        if path.as_os_str().is_empty() || seconds <= 0.0 {
            return Ok(None);
        }
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Some(SlowLog { limit: Duration::from_secs_f64(seconds), file: Mutex::new(file) }))
    }

    pub(crate) fn write(&self, entry: &Entry, stack: &[StackFrame]) {
        let text = block(entry, stack, SystemTime::now());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk must not stop the server.
        let _ = file.write_all(text.as_bytes());
    }
}

fn block(entry: &Entry, stack: &[StackFrame], now: SystemTime) -> String {
    let mut text = String::new();
    let (date, pid) = (date(now), std::process::id());
    let Entry { id, script, method, uri, .. } = entry;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n[{date}]  [pool outlast] pid {pid}");
    let _ = writeln!(text, "script_filename = {}", script.display());
    let _ = writeln!(text, "request = {method} {uri} (id {id})");
    for (depth, call) in stack.iter().enumerate() {
        // php-fpm prints the address of a frame; of ours the depth is what tells them apart.
        let depth = stack.len() - depth;
        let _ = writeln!(text, "[0x{depth:016x}] {}() {}:{}", call.function, call.file, call.line);
    }
    text
}

/// `21-Nov-2026 18:34:11`, in UTC.
fn date(time: SystemTime) -> String {
    let date = httpdate::fmt_http_date(time);
    let mut parts = date.split(' ').skip(1);
    let mut next = || parts.next().unwrap_or_default();
    format!("{}-{}-{} {}", next(), next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_php_fpms() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_286_051);
        assert_eq!(date(time), "21-Nov-2026 18:34:11");
    }
}
