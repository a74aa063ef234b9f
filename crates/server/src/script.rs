//! A script that answers a request.

use crate::access_log::Line;
use crate::connection::ConnectionState;
use crate::engine::{Connection, ResponseHead, WriteError};
use crate::exchange::Exchange;
use crate::worker::Worker;
use crate::{Request, ScriptInfo};
use outlast_fiber::{Hooks, InterruptHandle, Panic, Script, interrupt_word};
use outlast_lifecycle::{ABORTED, Clock, Lifecycle, Phase, TIMEOUT};
use std::cell::{Cell, OnceCell};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

/// The clocks that requests are measured with.
pub const CLOCK: Clock =
    Clock { cpu: outlast_host::clock::thread_cpu, wall: outlast_host::clock::monotonic };

/// Joins a request's state to the scheduler.
pub struct RequestHooks(pub Rc<Lifecycle>);

impl Hooks for RequestHooks {
    fn resumed(&self) {
        self.0.resumed();
    }
    fn suspended(&self) {
        self.0.suspended();
    }
    fn stops_wait(&self) -> bool {
        self.0.pending_stop().is_some()
    }
    fn abandoned(&self) {
        self.0.request_stop();
    }
}

/// What the server knows of a running script.
pub(crate) struct RunningScript {
    pub(crate) id: u64,
    pub(crate) lifecycle: Rc<Lifecycle>,
    pub(crate) exchange: Rc<Exchange>,
    pub(crate) detached: Cell<bool>,
    interrupt: OnceCell<InterruptHandle>,
    worker: Rc<Worker>,
    script: PathBuf,
    method: String,
    uri: String,
    protocol: &'static str,
    remote: SocketAddr,
    received: SystemTime,
}

impl RunningScript {
    /// The client has gone for good.
    pub(crate) fn client_left(&self) {
        if self.lifecycle.client_gone() || self.lifecycle.phase() == Phase::Done {
            return;
        }
        self.exchange.client_left();
        self.lifecycle.client_left();
        self.count_detached();
        self.interrupt();
    }

    /// Asks the script to stop.
    pub(crate) fn stop(&self) {
        self.lifecycle.request_stop();
        self.interrupt();
    }

    /// Stops it where a wall time limit has passed.
    pub(crate) fn stop_if_overdue(&self, now: Duration) {
        if self.lifecycle.next_wall_deadline().is_some_and(|deadline| deadline <= now) {
            self.lifecycle.wall_deadline_passed();
            self.interrupt();
        }
    }

    fn interrupt(&self) {
        if let Some(handle) = self.interrupt.get() {
            handle.interrupt();
        }
    }

    fn count_detached(&self) {
        let limit = self.worker.detached_limit;
        if self.worker.registry.detached(self) > limit && limit > 0 {
            tracing::warn!("max_detached reached: stopping {} {}", self.method, self.uri);
            self.lifecycle.request_stop();
        }
    }

    fn ended(&self, result: Result<(), Panic>) {
        self.lifecycle.enter(Phase::Done);
        match &result {
            Ok(()) => self.exchange.end(),
            Err(panic) => {
                let script = self.script.display();
                tracing::error!(
                    "panic in {script} ({} {}): {}",
                    self.method,
                    self.uri,
                    text(panic)
                );
                self.exchange.broke();
            }
        }
        self.worker.registry.remove(self);
        self.worker.changed.notify_one();
        let (status, sent) = self.exchange.outcome();
        let remark = match self.lifecycle.connection_status() {
            0 => "",
            ABORTED => "aborted",
            TIMEOUT => "timeout",
            _ => "aborted,timeout",
        };
        self.worker.log.write(&Line {
            remote: self.remote,
            received: self.received,
            method: &self.method,
            uri: &self.uri,
            protocol: self.protocol,
            // As nginx: the client left before there was a status.
            status: match (status, &result) {
                (0, Ok(())) if self.lifecycle.client_gone() => 499,
                (0, _) => 500,
                _ => status,
            },
            sent,
            took: self.lifecycle.age(),
            remark,
        });
    }

    pub(crate) fn info(&self) -> ScriptInfo {
        ScriptInfo {
            id: self.id,
            worker: self.worker.id,
            script: self.script.clone(),
            method: self.method.clone(),
            uri: self.uri.clone(),
            remote: self.remote,
            received: self.received,
            age: self.lifecycle.age(),
            cpu: self.lifecycle.cpu_used(),
            connection_status: self.lifecycle.connection_status(),
            detached_for: self.lifecycle.detached_for(),
            phase: self.lifecycle.phase(),
        }
    }
}

fn text(panic: &Panic) -> &str {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return text;
    }
    panic.downcast_ref::<String>().map_or("(no message)", String::as_str)
}

/// The [`Connection`] that an engine is given.
struct ScriptConnection(Rc<RunningScript>);

impl Connection for ScriptConnection {
    fn send_headers(&self, head: ResponseHead) {
        self.0.lifecycle.mark_headers_sent();
        self.0.exchange.send_headers(head);
    }

    fn write(&self, bytes: &[u8]) -> Result<(), WriteError> {
        self.0.exchange.write(bytes)
    }

    fn flush(&self) -> Result<(), WriteError> {
        self.0.exchange.flush()
    }

    fn finish(&self) {
        self.0.lifecycle.finish_response();
        self.0.count_detached();
        self.0.exchange.finish();
    }

    fn client_gone(&self) -> bool {
        self.0.lifecycle.client_gone()
    }
}

/// A script with what must happen at its end: polled inline first, spawned if it parks.
pub(crate) struct RequestTask {
    script: Script<()>,
    pub(crate) running: Rc<RunningScript>,
}

impl RequestTask {
    pub(crate) fn new(worker: &Rc<Worker>, request: Box<Request>) -> io::Result<RequestTask> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let config = &worker.shared.config;
        let lifecycle = Lifecycle::new(CLOCK, interrupt_word(), config.limits());
        lifecycle.set_abort_mode(config.abort_mode());
        let lifecycle = Rc::new(lifecycle);
        let running = Rc::new(RunningScript {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            lifecycle: lifecycle.clone(),
            exchange: Rc::new(Exchange::new(request.method == http::Method::HEAD)),
            detached: Cell::new(false),
            interrupt: OnceCell::new(),
            worker: worker.clone(),
            script: request.script_filename.clone(),
            method: request.method.to_string(),
            uri: request.uri.clone(),
            protocol: request.protocol,
            remote: request.remote,
            received: request.received,
        });
        let connection = Rc::new(ScriptConnection(running.clone()));
        let engine = worker.clone();
        let script = Script::new(Rc::new(RequestHooks(lifecycle.clone())), move || {
            engine.engine.run(request, connection, &lifecycle);
        })?;
        let _ = running.interrupt.set(script.interrupt_handle());
        worker.registry.add(&running);
        Ok(RequestTask { script, running })
    }
}

impl Future for RequestTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let result = ready!(Pin::new(&mut self.script).poll(cx));
        self.running.ended(result);
        Poll::Ready(())
    }
}

/// Tells the script that its client has gone if the connection drops the request before its response.
pub(crate) struct AwaitsReply {
    pub(crate) script: Option<Rc<RunningScript>>,
    pub(crate) connection: Rc<ConnectionState>,
}

impl Drop for AwaitsReply {
    fn drop(&mut self) {
        if let Some(script) = self.script.take() {
            script.client_left();
            self.connection.script_over(&script);
        }
    }
}
