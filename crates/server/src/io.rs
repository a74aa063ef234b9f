//! A socket that its connection reads and writes while a watcher looks at its state.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A socket and when it last moved.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    /// When the first byte came since a request was expected.
    pub(crate) head_started: Cell<Option<Instant>>,
    pub(crate) last_read: Cell<Instant>,
    pub(crate) last_write: Cell<Instant>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream) -> Socket {
        let now = Instant::now();
        Socket {
            stream,
            head_started: Cell::new(None),
            last_read: Cell::new(now),
            last_write: Cell::new(now),
        }
    }

    /// Ends both directions; whoever reads or writes is woken.
    pub(crate) fn close(&self) {
        // It may be closed already.
        let _ = socket2::SockRef::from(&self.stream).shutdown(std::net::Shutdown::Both);
    }
}

/// The connection's share of the socket. Waiting for readiness by itself would make the watcher and the
/// connection steal each other's wakers, so each has its own way: `poll_*_ready` here, `ready()` there.
pub(crate) struct SharedIo(pub(crate) Rc<Socket>);

impl AsyncRead for SharedIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            ready!(self.0.stream.poll_read_ready(cx))?;
            match self.0.stream.try_read_buf(buffer) {
                Ok(_) => {
                    let now = Instant::now();
                    self.0.last_read.set(now);
                    if self.0.head_started.get().is_none() {
                        self.0.head_started.set(Some(now));
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl SharedIo {
    fn poll_try_write(
        &self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.0.stream.poll_write_ready(cx))?;
            match write(&self.0.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.0.last_write.set(Instant::now());
                    return Poll::Ready(result);
                }
            }
        }
    }
}

impl AsyncWrite for SharedIo {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_try_write(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_try_write(cx, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = socket2::SockRef::from(&self.0.stream).shutdown(std::net::Shutdown::Write);
        Poll::Ready(match result {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        })
    }
}
