//! A socket that its connection reads and writes while a watcher looks at its state.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::net::TcpStream;

/// The most that is read at once.
const READ: usize = 64 << 10;

thread_local! {
    /// What a read fills: one for all connections of a thread, since none keeps it.
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ].into());
}

/// A socket and when it last moved.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    /// When the first byte came since a request was expected.
    pub(crate) head_started: Cell<Option<Instant>>,
    pub(crate) last_read: Cell<Instant>,
    pub(crate) last_write: Cell<Instant>,
    /// A write waits for the client to read.
    pub(crate) blocked: Cell<bool>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        let now = Instant::now();
        Socket {
            stream,
            head_started: Cell::new(None),
            last_read: Cell::new(now),
            last_write: Cell::new(now),
            blocked: Cell::new(false),
        }
    }

    /// Ends both directions; whoever reads or writes is woken.
    pub(crate) fn close(&self) {
        // It may be closed already.
        let _ = socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Both);
    }

    /// Ends the sending direction.
    pub(crate) fn end_writing(&self) {
        // It may be closed already.
        let _ = socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Write);
    }

    /// The first byte of a request has come.
    pub(crate) fn head_begins(&self) {
        if self.head_started.get().is_none() {
            self.head_started.set(Some(self.last_read.get()));
        }
    }

    // Waiting for readiness by the stream's own `poll_read` and `poll_write` would make the watcher and the
    // connection steal each other's wakers, so each has its own way: `poll_*_ready` here, `ready()` there.

    /// Hands what can be read to `take`; ready with 0 at the end of the stream.
    pub(crate) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8]),
    ) -> Poll<io::Result<usize>> {
        READ_BUFFER.with_borrow_mut(|buffer| {
            loop {
                ready!(self.stream.poll_read_ready(cx))?;
                match self.stream.try_read(buffer) {
                    Ok(count) => {
                        self.last_read.set(Instant::now());
                        if (1..buffer.len()).contains(&count) {
                            self.emptied();
                        }
                        take(&buffer[..count]);
                        return Poll::Ready(Ok(count));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Poll::Ready(Err(error)),
                }
            }
        })
    }

    /// A read that did not fill its buffer has taken all there was, and whatever comes next is a new event: that
    /// saves the read that would find nothing.
    fn emptied(&self) {
        let nothing = || -> io::Result<()> { Err(io::ErrorKind::WouldBlock.into()) };
        // It only takes the readiness back.
        let _ = self.stream.try_io(tokio::io::Interest::READABLE, nothing);
    }

    /// Writes with `write` as soon as it takes something; how much that was.
    pub(crate) async fn write(
        &self,
        mut write: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> io::Result<usize> {
        poll_fn(|cx| {
            loop {
                let ready = self.stream.poll_write_ready(cx);
                self.blocked.set(ready.is_pending());
                ready!(ready)?;
                match write(&self.stream) {
                    Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => {
                        self.last_write.set(Instant::now());
                        return Poll::Ready(result);
                    }
                }
            }
        })
        .await
    }

    /// Writes all of it.
    pub(crate) async fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let sent = self.write(|stream| stream.try_write(bytes)).await?;
            bytes = &bytes[sent..];
        }
        Ok(())
    }
}
