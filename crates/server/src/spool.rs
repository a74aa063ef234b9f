//! Request bodies, read to their end before the script starts, or by the script itself.
//!
//! As php-fpm behind nginx: a script never sees half a body, and does not start when its client leaves in the
//! middle. It also makes a disconnect visible: a FIN behind unread data would be seen by nobody.

use crate::RequestBody;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use outlast_fiber::wait;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;
use std::time::Duration;

/// Bodies up to this size stay in memory.
const MEMORY_LIMIT: usize = 64 << 10;
/// So much is collected before it is written to the file.
const BATCH: usize = 256 << 10;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum SpoolError {
    /// More than the server takes.
    TooLarge,
    /// Nothing came for too long.
    Slow,
    /// The client left, or sent nonsense.
    Cut,
    /// The disk failed us.
    Disk(io::Error),
}

/// Reads `body` to its end.
pub(crate) async fn spool(
    mut body: Incoming,
    limit: u64,
    timeout: Duration,
) -> Result<RequestBody, SpoolError> {
    if body.is_end_stream() {
        return Ok(RequestBody::Memory(Bytes::new()));
    }
    if body.size_hint().lower() > limit {
        return Err(SpoolError::TooLarge);
    }
    let mut file = None;
    let mut length = 0u64;
    let mut pending = BytesMut::new();
    loop {
        let frame = match tokio::time::timeout(timeout, body.frame()).await {
            Err(_) => return Err(SpoolError::Slow),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(SpoolError::Cut),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > limit {
            return Err(SpoolError::TooLarge);
        }
        pending.extend_from_slice(&data);
        let full = if file.is_some() { BATCH } else { MEMORY_LIMIT };
        if pending.len() > full {
            file = Some(append(file, pending.split().freeze()).await.map_err(SpoolError::Disk)?);
        }
    }
    let Some(open) = file else {
        return Ok(RequestBody::Memory(pending.freeze()));
    };
    let mut file = append(Some(open), pending.freeze()).await.map_err(SpoolError::Disk)?;
    file.rewind().map_err(SpoolError::Disk)?;
    Ok(RequestBody::File { file, length })
}

/// Why a body that a script reads does not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFailure {
    /// More than the server takes.
    TooLarge,
    /// Nothing came for too long.
    Slow,
    /// The client left or sent nonsense, or the script must stop.
    Cut,
}

/// A body that its script reads as it arrives.
#[derive(Debug)]
pub struct BodyStream {
    body: Incoming,
    /// What its head announced.
    length: u64,
    /// What it may still have.
    left: u64,
    timeout: Duration,
    failure: Rc<Cell<Option<BodyFailure>>>,
}

impl BodyStream {
    /// `failure` learns how reading failed.
    pub(crate) fn new(
        body: Incoming,
        limit: u64,
        timeout: Duration,
        failure: Rc<Cell<Option<BodyFailure>>>,
    ) -> BodyStream {
        let length = body.size_hint().exact().unwrap_or(0);
        BodyStream { body, length, left: limit, timeout, failure }
    }

    /// Its length in bytes as announced.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The next bytes, for which the script parks; `None` at the end.
    pub fn next_part(&mut self) -> Result<Option<Bytes>, BodyFailure> {
        let part = self.read();
        if let Err(failure) = part {
            self.failure.set(Some(failure));
        }
        part
    }

    fn read(&mut self) -> Result<Option<Bytes>, BodyFailure> {
        if let Some(failure) = self.failure.get() {
            return Err(failure);
        }
        loop {
            let (body, timeout) = (&mut self.body, self.timeout);
            let waited = wait(async move { tokio::time::timeout(timeout, body.frame()).await });
            let frame = match waited {
                Err(_) | Ok(Ok(Some(Err(_)))) => return Err(BodyFailure::Cut),
                Ok(Err(_)) => return Err(BodyFailure::Slow),
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(Ok(frame)))) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            self.left = self.left.checked_sub(data.len() as u64).ok_or(BodyFailure::TooLarge)?;
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }
}

async fn append(file: Option<File>, bytes: Bytes) -> io::Result<File> {
    let written = tokio::task::spawn_blocking(move || {
        let mut file = match file {
            Some(file) => file,
            None => unnamed_file()?,
        };
        file.write_all(&bytes)?;
        Ok(file)
    });
    written.await.map_err(io::Error::other)?
}

/// A file without a name: it goes with its last handle, also when the process dies.
fn unnamed_file() -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).mode(0o600);
    let folder = std::env::temp_dir();
    match options.clone().custom_flags(libc::O_TMPFILE).open(&folder) {
        Ok(file) => Ok(file),
        // Some file systems cannot; take a name and drop it at once.
        Err(_) => {
            let unique = outlast_host::clock::wall().as_nanos();
            let path = folder.join(format!("outlast-{}-{unique}", std::process::id()));
            let file = options.create_new(true).open(&path)?;
            std::fs::remove_file(&path)?;
            Ok(file)
        }
    }
}
