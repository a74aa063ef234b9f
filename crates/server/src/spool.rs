//! Request bodies, read to their end before the script starts, or by the script itself.
//!
//! As php-fpm behind nginx: a script never sees half a body, and does not start when its client leaves in the
//! middle. It also makes a disconnect visible: a FIN behind unread data would be seen by nobody.

use crate::http1::Incoming;
use crate::{Config, RequestBody};
use bytes::{Bytes, BytesMut};
use outlast_fiber::wait;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::future::poll_fn;
use std::io::{self, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// Bodies up to this size stay in memory.
const MEMORY_LIMIT: usize = 64 << 10;
/// So much is collected before it is written to the file.
const BATCH: usize = 256 << 10;

/// Why there is no body.
#[derive(Debug)]
pub(crate) enum SpoolError {
    /// More than the server takes.
    TooLarge,
    /// It came too slowly.
    Slow,
    /// The client left.
    Cut,
    /// The client sent nonsense.
    Bad,
    /// The disk failed us.
    Disk(io::Error),
}

/// How fast a body has to come: no gap is longer than `timeout`, and all waits for its client together are no
/// longer than that and a second for each `rate` bytes that have come. Only waits count: what the script or the disk
/// takes is not the client's doing.
pub(crate) struct Pace {
    timeout: Duration,
    rate: u64,
    came: u64,
    waited: Duration,
}

/// The client is below the pace.
pub(crate) struct TooSlow;

impl Pace {
    pub(crate) fn of(config: &Config) -> Pace {
        let timeout = Config::timeout(config.body_timeout);
        Pace { timeout, rate: config.body_min_rate, came: 0, waited: Duration::ZERO }
    }

    /// How long the client may keep us waiting now.
    fn patience(&self) -> Duration {
        if self.rate == 0 {
            return self.timeout;
        }
        let earned = Duration::from_secs(self.came / self.rate);
        self.timeout.min(self.timeout.saturating_add(earned).saturating_sub(self.waited))
    }

    async fn part(&mut self, body: &mut Incoming) -> Result<io::Result<Option<Bytes>>, TooSlow> {
        let since = Instant::now();
        let part = tokio::time::timeout(self.patience(), body.part()).await;
        self.waited += since.elapsed();
        if let Ok(Ok(Some(bytes))) = &part {
            self.came += bytes.len() as u64;
        }
        part.map_err(|_| TooSlow)
    }
}

/// Reads `body` to its end.
pub(crate) async fn spool(
    body: &mut Incoming,
    limit: u64,
    mut pace: Pace,
) -> Result<RequestBody, SpoolError> {
    if body.is_over() {
        return Ok(RequestBody::Memory(Bytes::new()));
    }
    if body.at_least() > limit {
        return Err(SpoolError::TooLarge);
    }
    let mut file = None;
    let mut length = 0u64;
    let mut pending = BytesMut::new();
    loop {
        let data = match pace.part(body).await {
            Err(TooSlow) => return Err(SpoolError::Slow),
            Ok(Ok(None)) => break,
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                return Err(SpoolError::Bad);
            }
            Ok(Err(_)) => return Err(SpoolError::Cut),
            Ok(Ok(Some(data))) => data,
        };
        length += data.len() as u64;
        if length.saturating_add(body.at_least()) > limit {
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
    /// It came too slowly.
    Slow,
    /// The client left or sent nonsense, or the script must stop.
    Cut,
}

/// What stands between a connection, which reads a body, and its script. Both are on one thread.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    part: RefCell<Option<Bytes>>,
    ended: Cell<bool>,
    failure: Cell<Option<BodyFailure>>,
    script: RefCell<Option<Waker>>,
    connection: RefCell<Option<Waker>>,
}

fn wake(slot: &RefCell<Option<Waker>>) {
    let waker = slot.borrow_mut().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

impl Pipe {
    /// How reading failed.
    pub(crate) fn failure(&self) -> Option<BodyFailure> {
        self.failure.get()
    }

    /// Reads `body` to its end, a part at a time as the script takes them.
    pub(crate) async fn fill(&self, body: &mut Incoming, limit: u64, mut pace: Pace) {
        let mut left = limit;
        while !self.ended.get() && self.failure.get().is_none() {
            match pace.part(body).await {
                Err(TooSlow) => self.failure.set(Some(BodyFailure::Slow)),
                Ok(Err(_)) => self.failure.set(Some(BodyFailure::Cut)),
                Ok(Ok(None)) => self.ended.set(true),
                Ok(Ok(Some(data))) => match left.checked_sub(data.len() as u64) {
                    None => self.failure.set(Some(BodyFailure::TooLarge)),
                    Some(less) => {
                        left = less;
                        *self.part.borrow_mut() = Some(data);
                    }
                },
            }
            wake(&self.script);
            poll_fn(|cx| {
                if self.part.borrow().is_none() {
                    return Poll::Ready(());
                }
                *self.connection.borrow_mut() = Some(cx.waker().clone());
                Poll::Pending
            })
            .await;
        }
    }

    /// Nobody reads the body any more.
    pub(crate) fn close(&self) {
        if !self.ended.get() && self.failure.get().is_none() {
            self.failure.set(Some(BodyFailure::Cut));
            wake(&self.script);
        }
    }
}

/// A body that its script reads as it arrives.
#[derive(Debug)]
pub struct BodyStream {
    /// What its head announced.
    length: u64,
    pipe: Rc<Pipe>,
}

impl BodyStream {
    pub(crate) fn new(length: u64, pipe: Rc<Pipe>) -> BodyStream {
        BodyStream { length, pipe }
    }

    /// Its length in bytes as announced.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The next bytes, for which the script parks; `None` at the end.
    pub fn next_part(&mut self) -> Result<Option<Bytes>, BodyFailure> {
        let pipe = &self.pipe;
        let waited = wait(poll_fn(|cx| {
            let part = pipe.part.borrow_mut().take();
            if part.is_some() {
                wake(&pipe.connection);
                return Poll::Ready(Ok(part));
            }
            match pipe.failure.get() {
                Some(failure) => return Poll::Ready(Err(failure)),
                None if pipe.ended.get() => return Poll::Ready(Ok(None)),
                None => {}
            }
            *pipe.script.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        }));
        waited.unwrap_or_else(|_| {
            self.pipe.failure.set(Some(BodyFailure::Cut));
            Err(BodyFailure::Cut)
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_earns_its_time_by_what_has_come() {
        let of = |seconds| Duration::from_secs(seconds);
        let pace = |came, waited| Pace { timeout: of(60), rate: 500, came, waited: of(waited) };
        assert_eq!(pace(0, 0).patience(), of(60));
        assert_eq!(pace(1, 59).patience(), of(1), "a byte at a time is no pace");
        assert_eq!(pace(1, 61).patience(), of(0));
        assert_eq!(pace(5000, 61).patience(), of(9));
        assert_eq!(pace(1 << 30, 3600).patience(), of(60), "no gap is longer");
        let unbounded = Pace { rate: 0, ..pace(1, 3600) };
        assert_eq!(unbounded.patience(), of(60));
    }
}
