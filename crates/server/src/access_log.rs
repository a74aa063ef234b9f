//! The access log: one line a request, in the combined format's order, with the time taken behind.

use crate::config::AccessLogTarget;
use crate::say;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Shared by all workers; lines are written in batches.
pub(crate) struct AccessLog {
    output: Option<Mutex<BufWriter<Box<dyn Write + Send>>>>,
    /// Lines are those of `php -S`.
    builtin: bool,
}

/// One request.
pub(crate) struct Line<'a> {
    pub(crate) remote: SocketAddr,
    pub(crate) received: SystemTime,
    pub(crate) method: &'a str,
    pub(crate) uri: &'a str,
    pub(crate) protocol: &'a str,
    pub(crate) status: u16,
    pub(crate) sent: u64,
    pub(crate) took: Duration,
    /// `aborted`, `timeout` and the like; empty for an ordinary end.
    pub(crate) remark: &'a str,
}

impl AccessLog {
    pub(crate) fn open(target: &AccessLogTarget) -> io::Result<AccessLog> {
        let writer: Box<dyn Write + Send> = match target {
            AccessLogTarget::Off => return Ok(AccessLog { output: None, builtin: false }),
            AccessLogTarget::Builtin => return Ok(AccessLog { output: None, builtin: true }),
            AccessLogTarget::Stdout => Box::new(io::stdout()),
            AccessLogTarget::File(path) => {
                Box::new(File::options().create(true).append(true).open(path)?)
            }
        };
        let output = Some(Mutex::new(BufWriter::with_capacity(32 << 10, writer)));
        Ok(AccessLog { output, builtin: false })
    }

    pub(crate) fn write(&self, line: &Line<'_>) {
        let Line { remote, method, uri, protocol, status, sent, .. } = line;
        if self.builtin {
            let dash = if line.remark.is_empty() { "" } else { " - " };
            return say(&format!("{remote} [{status}]: {method} {uri}{dash}{}", line.remark));
        }
        let Some(output) = &self.output else { return };
        let date = httpdate::fmt_http_date(line.received);
        let (took, remark) = (line.took.as_secs_f64(), line.remark);
        let space = if remark.is_empty() { "" } else { " " };
        let ip = remote.ip();
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk or a closed pipe must not stop the server.
        let _ = writeln!(
            output,
            "{ip} [{date}] \"{method} {uri} {protocol}\" {status} {sent} {took:.6}{space}{remark}"
        );
    }

    /// Hands what was collected to the system.
    pub(crate) fn flush(&self) {
        if let Some(output) = &self.output {
            let _ = output.lock().unwrap_or_else(PoisonError::into_inner).flush();
        }
    }
}
