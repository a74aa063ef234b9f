//! One connection: its socket, its watcher, and the script that it waits for.

use crate::http1;
use crate::io::Socket;
use crate::say;
use crate::script::RunningScript;
use crate::worker::Worker;
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// A peer that vanished without a packet is given up after this time.
const VANISHED: Duration = Duration::from_secs(30);

/// What a worker knows of one connection.
pub(crate) struct ConnectionState {
    pub(crate) remote: SocketAddr,
    pub(crate) local: SocketAddr,
    pub(crate) socket: Rc<Socket>,
    /// Whether the client is a process of the server's own user, for the status page; `None`: nobody has asked.
    pub(crate) same_user: Cell<Option<bool>>,
    gone: Cell<bool>,
    script: RefCell<Option<Rc<RunningScript>>>,
    in_flight: Cell<bool>,
    /// Since when it waits for the next request.
    waiting_since: Cell<Instant>,
}

impl ConnectionState {
    /// Whether a response is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.get()
    }

    /// Whether neither a request nor a response is on its way.
    pub(crate) fn is_idle(&self) -> bool {
        !self.in_flight.get() && self.socket.head_started.get().is_none()
    }

    /// `script` answers the current request.
    pub(crate) fn script_started(&self, script: &Rc<RunningScript>) {
        *self.script.borrow_mut() = Some(script.clone());
        if self.gone.get() {
            script.client_left();
        }
    }

    /// The connection has nothing more to do with `script`.
    pub(crate) fn script_over(&self, script: &Rc<RunningScript>) {
        let mut current = self.script.borrow_mut();
        if current.as_ref().is_some_and(|known| Rc::ptr_eq(known, script)) {
            *current = None;
        }
    }

    /// A request's head has been read.
    pub(crate) fn request_started(self: &Rc<Self>) -> InFlight {
        self.in_flight.set(true);
        self.socket.head_started.set(None);
        self.socket.last_write.set(Instant::now());
        InFlight(self.clone())
    }

    /// The client has gone, for this request and for those behind it.
    fn client_left(&self) {
        self.gone.set(true);
        let script = self.script.borrow_mut().take();
        if let Some(script) = script {
            script.client_left();
        }
    }

    /// Closes what has been waiting for its client for too long.
    pub(crate) fn close_if_slow(&self, now: Instant, timeouts: &Timeouts) {
        let over = |since: Instant, limit: Duration| now.saturating_duration_since(since) > limit;
        let slow = if self.in_flight.get() {
            let script = self.script.borrow();
            let stalled = self.socket.blocked.get()
                || script.as_ref().is_none_or(|script| script.exchange.has_unsent());
            stalled
                && over(self.socket.last_write.get(), timeouts.send)
                && over(self.socket.last_read.get(), timeouts.send)
        } else if let Some(started) = self.socket.head_started.get() {
            over(started, timeouts.header)
        } else {
            over(self.waiting_since.get(), timeouts.keep_alive)
        };
        if slow {
            self.socket.close();
        }
    }
}

/// How long a connection waits for its client.
pub(crate) struct Timeouts {
    pub(crate) header: Duration,
    pub(crate) keep_alive: Duration,
    pub(crate) send: Duration,
}

/// A request whose response is not over yet.
pub(crate) struct InFlight(Rc<ConnectionState>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(false);
        self.0.waiting_since.set(Instant::now());
        self.0.script.borrow_mut().take();
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(worker: Rc<Worker>, stream: std::net::TcpStream, remote: SocketAddr) {
    let _counted = worker.count_connection();
    prepare(&stream);
    let stream = match TcpStream::from_std(stream) {
        Ok(stream) => stream,
        Err(error) => return tracing::warn!("cannot watch a connection: {error}"),
    };
    // A client may be gone before it is looked at.
    let Ok(local) = stream.local_addr() else { return };
    let socket = Rc::new(Socket::new(stream));
    let connection = Rc::new(ConnectionState {
        remote,
        local,
        socket: socket.clone(),
        same_user: Cell::new(None),
        gone: Cell::new(false),
        script: RefCell::new(None),
        in_flight: Cell::new(false),
        waiting_since: Cell::new(Instant::now()),
    });
    let _listed = worker.list_connection(&connection);
    let builtin = worker.shared.config.builtin.is_some();
    if builtin {
        say(&format!("{remote} Accepted"));
    }
    let ended = {
        let mut http = pin!(http1::serve(&worker, &connection));
        let watching = pin!(watch(&connection, worker.shared.config.half_close));
        tokio::select! {
            biased;
            ended = http.as_mut() => ended,
            () = watching => http.await,
        }
    };
    if let Err(error) = ended {
        tracing::debug!("connection from {remote}: {error}");
    }
    connection.client_left();
    if builtin {
        say(&format!("{remote} Closing"));
    }
}

/// Sets what makes a vanished peer noticed, and small writes leave at once.
fn prepare(stream: &std::net::TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let keepalive = socket2::TcpKeepalive::new()
        .with_time(VANISHED)
        .with_interval(Duration::from_secs(5))
        .with_retries(4);
    // Without these a connection works too; only such peers are noticed later.
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_keepalive(&keepalive);
    let _ = socket.set_tcp_user_timeout(Some(VANISHED));
}

/// Waits for the socket to say that the peer has closed or failed, without reading from it: data that nobody
/// has read yet (a pipelined request) must not hide it.
async fn watch(connection: &ConnectionState, may_half_close: bool) {
    let stream = &connection.socket.stream;
    while let Ok(ready) = stream.ready(Interest::PRIORITY | Interest::ERROR).await {
        if ready.is_error() || ready.is_write_closed() {
            break;
        }
        if ready.is_read_closed() {
            if may_half_close {
                // A FIN alone: wait for what cannot be a half-close. An error here is one such thing.
                let _ = stream.ready(Interest::ERROR).await;
            }
            break;
        }
        // Urgent data, which says nothing: take the event back and wait on.
        let _ = stream.try_io(Interest::PRIORITY, || -> std::io::Result<()> {
            Err(std::io::ErrorKind::WouldBlock.into())
        });
    }
    connection.client_left();
}
