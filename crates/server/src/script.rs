//! A script that answers a request.

use crate::access_log::Line;
use crate::connection::ConnectionState;
use crate::engine::{Connection, ResponseHead, WriteError};
use crate::exchange::Exchange;
use crate::scripts::{Ended, Entry, PANIC};
use crate::worker::Worker;
use crate::{BuiltinRequest, Request};
use outlast_fiber::{Hooks, InterruptHandle, Panic, Script, interrupt_word};
use outlast_lifecycle::{ABORTED, Cause, Clock, Lifecycle, Phase, StackFrame, TIMEOUT};
use std::cell::{Cell, OnceCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
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
        self.0.request_stop(Cause::Request);
    }
}

/// What the server knows of a running script.
pub(crate) struct RunningScript {
    pub(crate) entry: Arc<Entry>,
    pub(crate) lifecycle: Rc<Lifecycle>,
    pub(crate) exchange: Rc<Exchange>,
    detached: Cell<bool>,
    /// The slow log has it.
    logged: Cell<bool>,
    interrupt: OnceCell<InterruptHandle>,
    worker: Rc<Worker>,
    protocol: &'static str,
    /// Bytes of the response's body that were sent, once it is over.
    sent: Cell<Option<u64>>,
    /// How it ended, until its line is in the log.
    end: Cell<Option<End>>,
    /// `php -S`: what the request adds, and whether its router has declined.
    builtin: Option<BuiltinRequest>,
    declined: Cell<bool>,
}

/// What the log says of a script's end.
#[derive(Clone, Copy)]
struct End {
    status: u16,
    took: Duration,
    remark: &'static str,
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
    pub(crate) fn stop(&self, cause: Cause) {
        self.lifecycle.request_stop(cause);
        self.interrupt();
    }

    /// Asks for the PHP stack; `answer` is called at the script's next safe point.
    pub(crate) fn ask_stack(&self, answer: impl FnOnce(Vec<StackFrame>) + 'static) {
        self.lifecycle.ask_stack(answer);
        self.interrupt();
    }

    /// Whether the slow log is to have it; says so once.
    pub(crate) fn is_slow(&self, limit: Duration) -> bool {
        self.lifecycle.age() >= limit && !self.logged.replace(true)
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
        if self.detached.replace(true) {
            return;
        }
        let limit = self.worker.shared.config.max_detached;
        if self.worker.shared.scripts.detach() > limit && limit > 0 {
            let Entry { id, method, uri, .. } = &*self.entry;
            tracing::warn!(
                "outlast.max_detached ({limit}) reached: stopping script {id}, {method} {uri}"
            );
            self.lifecycle.request_stop(Cause::TooManyDetached);
        }
    }

    fn ended(&self, result: Result<(), Panic>) {
        self.lifecycle.enter(Phase::Done);
        match &result {
            Ok(()) => self.exchange.end(),
            Err(panic) => {
                let Entry { script, method, uri, .. } = &*self.entry;
                let script = script.display();
                tracing::error!("panic in {script} ({method} {uri}): {}", text(panic));
                self.exchange.broke();
            }
        }
        self.worker.registry.remove(self);
        self.worker.changed.notify_one();
        let status = self.exchange.status();
        let status = match (status, &result) {
            // As nginx: the client left before there was a status.
            (0, Ok(())) if self.lifecycle.client_gone() => 499,
            (0, _) => 500,
            _ => status,
        };
        let took = self.lifecycle.age();
        let cause = self.lifecycle.cause();
        let ended = Ended {
            entry: self.entry.clone(),
            at: SystemTime::now(),
            took,
            status,
            why: match (&result, cause) {
                (Err(_), _) => PANIC,
                (Ok(()), Some(cause)) => cause.name(),
                (Ok(()), None) => "end",
            },
        };
        if result.is_err() {
            self.worker.shared.scripts.totals.panicked.fetch_add(1, Ordering::Relaxed);
        }
        self.worker.shared.scripts.remove(ended, self.detached.get(), cause);
        let remark = match self.lifecycle.connection_status() {
            0 => "",
            ABORTED => "aborted",
            TIMEOUT => "timeout",
            _ => "aborted,timeout",
        };
        self.end.set(Some(End { status, took, remark }));
        self.log();
    }

    /// The response is over, so many bytes of its body having been sent.
    pub(crate) fn response_over(&self, sent: u64) {
        self.sent.set(Some(sent));
        self.log();
    }

    /// Writes the line in the log when both the script and its response are over.
    fn log(&self) {
        let Some(sent) = self.sent.get() else { return };
        // `php -S` says nothing of what its router answers, and the server what it answers itself.
        if self.builtin.as_ref().is_some_and(|builtin| {
            builtin.server.router.is_some() && !(self.declined.get() && builtin.script)
        }) {
            return;
        }
        let Some(End { status, took, remark }) = self.end.take() else { return };
        let Entry { method, uri, remote, received, .. } = &*self.entry;
        self.worker.log.write(&Line {
            remote: *remote,
            received: *received,
            method: method.as_str(),
            uri,
            protocol: self.protocol,
            status,
            sent,
            took,
            remark,
        });
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

    fn decline(&self) {
        self.0.declined.set(true);
        if self.0.builtin.as_ref().is_some_and(|builtin| !builtin.script) {
            self.0.exchange.decline();
        }
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
        let vitals = lifecycle.vitals();
        let entry = Arc::new(Entry {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            worker: u16::try_from(worker.id).unwrap_or(u16::MAX),
            script: worker.registry.shared_path(&request.script_filename),
            method: request.method.clone(),
            uri: request.uri.clone(),
            remote: request.remote,
            received: request.received,
            vitals: vitals.clone(),
        });
        let running = Rc::new(RunningScript {
            entry: entry.clone(),
            lifecycle: lifecycle.clone(),
            exchange: Rc::new(Exchange::new(request.method == http::Method::HEAD, vitals.clone())),
            detached: Cell::new(false),
            logged: Cell::new(false),
            interrupt: OnceCell::new(),
            worker: worker.clone(),
            protocol: request.protocol,
            sent: Cell::new(None),
            end: Cell::new(None),
            builtin: request.builtin.clone(),
            declined: Cell::new(false),
        });
        let connection = Rc::new(ScriptConnection(running.clone()));
        let engine = worker.clone();
        let script = Script::new(Rc::new(RequestHooks(lifecycle.clone())), move || {
            engine.engine.run(request, connection, &lifecycle);
        })?;
        let _ = running.interrupt.set(script.interrupt_handle());
        worker.registry.add(&running);
        worker.shared.scripts.add(&entry);
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
