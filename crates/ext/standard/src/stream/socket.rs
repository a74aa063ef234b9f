//! Sockets as streams.

use super::backend::{Backend, Chunk, Io, Stat, host};
use super::http::Progress;
use outlast_host::pipe::Pollable;
use outlast_host::socket::{Datagrams, Listener, Stream as Connection};
use outlast_vm::{Cx, Ret};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

/// What a socket is.
pub enum Kind {
    /// Connected.
    Connection(Connection),
    /// Waits for connections.
    Listener(Listener),
    /// Datagrams, and whom they go to.
    Datagrams(Datagrams, Option<SocketAddr>),
}

/// A socket.
pub struct Socket {
    /// What it is.
    pub kind: Kind,
    label: &'static str,
    blocking: Cell<bool>,
    limit: Cell<Option<Duration>>,
    timed_out: Cell<bool>,
    gone: Cell<bool>,
    /// Whom to tell of what is read.
    pub progress: RefCell<Option<Rc<Progress>>>,
    /// Path or address it was made with, for `stream_socket_get_name()`.
    pub local: RefCell<Vec<u8>>,
    /// The other side's.
    pub remote: RefCell<Vec<u8>>,
}

impl Socket {
    /// A socket; `limit`: how long reads wait.
    pub fn new(kind: Kind, label: &'static str, limit: Option<Duration>) -> Socket {
        Socket {
            kind,
            label,
            blocking: Cell::new(true),
            limit: Cell::new(limit),
            timed_out: Cell::new(false),
            gone: Cell::new(false),
            progress: RefCell::default(),
            local: RefCell::default(),
            remote: RefCell::default(),
        }
    }

    /// How long reads wait.
    pub fn limit(&self) -> Option<Duration> {
        self.limit.get()
    }

    /// Whether calls wait.
    pub fn is_blocking(&self) -> bool {
        self.blocking.get()
    }
}

impl Backend for Socket {
    fn label(&self) -> &'static str {
        self.label
    }

    fn read(&self, cx: &mut Cx, count: usize) -> Io<Chunk> {
        let mut bytes = vec![0; count];
        let read = match &self.kind {
            Kind::Connection(connection) => {
                if self.blocking.get() {
                    host(cx, "read", || connection.read(&mut bytes, self.limit.get()))?
                } else {
                    connection.try_read(&mut bytes)
                }
            }
            Kind::Datagrams(socket, _) => {
                let limit =
                    if self.blocking.get() { self.limit.get() } else { Some(Duration::ZERO) };
                host(cx, "read", || socket.receive_from(&mut bytes, limit))?.map(|(count, _)| count)
            }
            Kind::Listener(_) => Err(io::Error::from_raw_os_error(107)),
        };
        self.timed_out.set(matches!(&read, Err(e) if e.kind() == io::ErrorKind::TimedOut));
        let progress = self.progress.borrow().clone();
        if let (Some(progress), Ok(length)) = (progress, &read) {
            progress.add(cx, *length)?;
        }
        Ok(read.map(|length| {
            bytes.truncate(length);
            let end = length == 0 && matches!(self.kind, Kind::Connection(_));
            self.gone.set(end);
            Chunk { end, bytes }
        }))
    }

    fn write(&self, cx: &mut Cx, bytes: &[u8]) -> Io<usize> {
        match &self.kind {
            Kind::Connection(connection) => {
                if self.blocking.get() {
                    host(cx, "write", || connection.write(bytes, self.limit.get()))
                } else {
                    Ok(connection.try_write(bytes))
                }
            }
            Kind::Datagrams(socket, Some(to)) => host(cx, "write", || socket.send_to(bytes, *to)),
            _ => Ok(Err(io::Error::from_raw_os_error(32))),
        }
    }

    fn stat(&self, _cx: &mut Cx) -> Ret<Option<Stat>> {
        let mut stat = Stat::default();
        stat.fields[2] = 0o140_777;
        stat.fields[3] = 1;
        Ok(Some(stat))
    }

    fn set_blocking(&self, _cx: &mut Cx, blocking: bool) -> Ret<bool> {
        self.blocking.set(blocking);
        Ok(true)
    }

    fn set_timeout(&self, _cx: &mut Cx, limit: Option<Duration>) -> Ret<bool> {
        self.limit.set(limit);
        self.timed_out.set(false);
        Ok(true)
    }

    fn status(&self) -> Option<(bool, bool)> {
        Some((self.timed_out.get(), self.blocking.get()))
    }

    fn hung_up(&self) -> bool {
        self.gone.get()
    }

    fn pollable(&self) -> Option<&dyn Pollable> {
        Some(match &self.kind {
            Kind::Connection(connection) => connection,
            Kind::Listener(listener) => listener,
            Kind::Datagrams(socket, _) => socket,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
