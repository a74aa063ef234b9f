//! Pipes, and waiting for several things at once.

use crate::blocking::wait_at_most;
use crate::{HostError, Result};
use std::future::{pending, poll_fn};
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::unix::pipe;

/// A wait for readiness.
pub type Readiness<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + 'a>>;

/// Something whose readiness can be waited for.
pub trait Pollable {
    /// Ends when a read would not wait; never, where nothing can be read.
    fn readable(&self) -> Readiness<'_>;
    /// Ends when a write would not wait; never, where nothing can be written.
    fn writable(&self) -> Readiness<'_>;
}

/// Which of several are ready.
#[derive(Debug, PartialEq, Eq)]
pub struct Ready {
    /// One flag for each that was asked about reading.
    pub read: Vec<bool>,
    /// One flag for each that was asked about writing.
    pub write: Vec<bool>,
}

/// Waits until at least one is ready or the time is over: `stream_select()`.
pub fn select(
    read: &[&dyn Pollable],
    write: &[&dyn Pollable],
    limit: Option<Duration>,
) -> Result<Ready> {
    let mut readable: Vec<_> = read.iter().map(|item| item.readable()).collect();
    let mut writable: Vec<_> = write.iter().map(|item| item.writable()).collect();
    // What has failed does not make anybody wait: the read or write will say so.
    let look = |waits: &mut [Readiness<'_>], cx: &mut Context<'_>| -> Vec<bool> {
        waits.iter_mut().map(|wait| wait.as_mut().poll(cx).is_ready()).collect()
    };
    let waited = wait_at_most(
        limit,
        poll_fn(|cx| {
            let ready = Ready { read: look(&mut readable, cx), write: look(&mut writable, cx) };
            let any = ready.read.iter().chain(&ready.write).any(|&ready| ready);
            if any { Poll::Ready(Ok(ready)) } else { Poll::Pending }
        }),
    );
    match waited {
        Err(HostError::TimedOut) => {
            Ok(Ready { read: vec![false; read.len()], write: vec![false; write.len()] })
        }
        result => result,
    }
}

/// The end of a pipe that is read.
#[derive(Debug)]
pub struct ReadEnd(pipe::Receiver);

/// The end of a pipe that is written.
#[derive(Debug)]
pub struct WriteEnd(pipe::Sender);

impl ReadEnd {
    /// Takes over a descriptor; must be called inside a script.
    pub fn new(fd: OwnedFd) -> io::Result<ReadEnd> {
        Ok(ReadEnd(pipe::Receiver::from_owned_fd(fd)?))
    }

    /// Reads some bytes; 0 at the end.
    pub fn read(&self, buffer: &mut [u8], limit: Option<Duration>) -> Result<usize> {
        wait_at_most(limit, async {
            loop {
                match self.try_read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return result,
                }
                self.0.readable().await?;
            }
        })
    }

    /// Reads what is there, or fails with `WouldBlock`.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }

    /// Reads to the end.
    pub fn read_all(&self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        let mut part = [0; 8192];
        loop {
            match self.read(&mut part, None)? {
                0 => return Ok(all),
                count => all.extend_from_slice(&part[..count]),
            }
        }
    }
}

impl WriteEnd {
    /// Takes over a descriptor; must be called inside a script.
    pub fn new(fd: OwnedFd) -> io::Result<WriteEnd> {
        Ok(WriteEnd(pipe::Sender::from_owned_fd(fd)?))
    }

    /// Writes some bytes.
    pub fn write(&self, bytes: &[u8], limit: Option<Duration>) -> Result<usize> {
        wait_at_most(limit, async {
            loop {
                match self.try_write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return result,
                }
                self.0.writable().await?;
            }
        })
    }

    /// Writes what fits, or fails with `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }
}

impl Pollable for ReadEnd {
    fn readable(&self) -> Readiness<'_> {
        Box::pin(self.0.readable())
    }
    fn writable(&self) -> Readiness<'_> {
        Box::pin(pending())
    }
}

impl Pollable for WriteEnd {
    fn readable(&self) -> Readiness<'_> {
        Box::pin(pending())
    }
    fn writable(&self) -> Readiness<'_> {
        Box::pin(self.0.writable())
    }
}
