//! A response on its way from a script to its connection. Both are on one thread.

use crate::engine::{ResponseHead, WriteError};
use bytes::{Bytes, BytesMut};
use outlast_fiber::wait;
use outlast_lifecycle::Vitals;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A script parks when so much of its output is unsent.
const UNSENT_LIMIT: usize = 64 << 10;

/// What stands between a script and its connection.
pub(crate) struct Exchange {
    head: RefCell<Option<ResponseHead>>,
    unsent: RefCell<BytesMut>,
    /// The head may leave although the body is not complete.
    committed: Cell<bool>,
    /// The connection has taken the response.
    taken: Cell<bool>,
    /// The script waits until all it wrote can be read by its client.
    flushing: Cell<bool>,
    /// The script will not write any more.
    ended: Cell<bool>,
    /// The script broke off in the middle of its body.
    broken: Cell<bool>,
    /// The server is to answer instead of the script.
    declined: Cell<bool>,
    /// Nobody takes bytes any more.
    gone: Cell<bool>,
    /// The response has no body (HEAD, 204, 304).
    bodyless: Cell<bool>,
    connection: RefCell<Option<Waker>>,
    script: RefCell<Option<Waker>>,
    status: Cell<u16>,
    /// Where the bytes that were sent are counted.
    vitals: Arc<Vitals>,
}

/// A part of a streamed body.
pub(crate) struct Part {
    /// What was written; may be nothing where there is something to flush.
    pub(crate) bytes: Bytes,
    /// All that was written until now must reach the client.
    pub(crate) flush: bool,
}

/// What the connection sends.
pub(crate) enum Reply {
    /// All of it is known.
    Whole(ResponseHead, Bytes),
    /// The head; the body follows.
    Start(ResponseHead),
    /// The script ended without a head.
    None,
    /// The script leaves the answer to the server.
    Declined,
}

impl Exchange {
    pub(crate) fn new(head_request: bool, vitals: Arc<Vitals>) -> Exchange {
        Exchange {
            head: RefCell::default(),
            unsent: RefCell::default(),
            committed: Cell::new(false),
            taken: Cell::new(false),
            ended: Cell::new(false),
            broken: Cell::new(false),
            declined: Cell::new(false),
            gone: Cell::new(false),
            bodyless: Cell::new(head_request),
            connection: RefCell::default(),
            script: RefCell::default(),
            status: Cell::new(0),
            flushing: Cell::new(false),
            vitals,
        }
    }

    // ---- the script's side ----------------------------------------------------------------

    pub(crate) fn send_headers(&self, head: ResponseHead) {
        if self.committed.get() || self.ended.get() {
            return;
        }
        if matches!(head.status, 204 | 304) {
            self.bodyless.set(true);
        }
        self.status.set(head.status);
        *self.head.borrow_mut() = Some(head);
    }

    pub(crate) fn write(&self, mut bytes: &[u8]) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            if self.gone.get() {
                return Err(WriteError::Gone);
            }
            if self.ended.get() || (self.bodyless.get() && self.committed.get()) {
                return Ok(());
            }
            let room = UNSENT_LIMIT.saturating_sub(self.unsent.borrow().len());
            if room > 0 {
                let (now, later) = bytes.split_at(room.min(bytes.len()));
                self.unsent.borrow_mut().extend_from_slice(now);
                bytes = later;
                if self.taken.get() {
                    wake(&self.connection);
                }
                continue;
            }
            self.commit();
            self.until(|| self.unsent.borrow().len() < UNSENT_LIMIT)?;
        }
        Ok(())
    }

    pub(crate) fn flush(&self) -> Result<(), WriteError> {
        if self.ended.get() {
            return Ok(());
        }
        self.flushing.set(true);
        self.commit();
        self.until(|| self.taken.get() && self.unsent.borrow().is_empty() && !self.flushing.get())?;
        if self.gone.get() { Err(WriteError::Gone) } else { Ok(()) }
    }

    fn commit(&self) {
        self.committed.set(true);
        if self.bodyless.get() {
            self.unsent.borrow_mut().clear();
            self.flushing.set(false);
        }
        wake(&self.connection);
    }

    /// Completes the response.
    pub(crate) fn end(&self) {
        self.ended.set(true);
        wake(&self.connection);
    }

    /// Completes the response and lets it leave now, not when the script next parks.
    pub(crate) fn finish(&self) {
        self.end();
        // Should the script be told to stop meanwhile, it learns so at its next safe point.
        let _ = self.until(|| self.taken.get() && self.unsent.borrow().is_empty());
    }

    /// Leaves the answer to the server, unless it has begun.
    pub(crate) fn decline(&self) {
        if !self.committed.get() && !self.ended.get() {
            self.head.borrow_mut().take();
            self.unsent.borrow_mut().clear();
            self.declined.set(true);
            self.end();
        }
    }

    /// The script broke off: what was begun cannot be completed, what was not becomes an error page.
    pub(crate) fn broke(&self) {
        if !self.ended.get() {
            self.head.borrow_mut().take();
            self.unsent.borrow_mut().clear();
            self.broken.set(self.committed.get());
            self.end();
        }
    }

    fn until(&self, mut ready: impl FnMut() -> bool) -> Result<(), WriteError> {
        let waited = wait(poll_fn(|cx| {
            if self.gone.get() || ready() {
                return Poll::Ready(());
            }
            set(&self.script, cx);
            Poll::Pending
        }));
        waited.map_err(|_| WriteError::Interrupted)
    }

    // ---- the connection's side ------------------------------------------------------------

    /// Ready when there is something to send.
    pub(crate) fn poll_reply(&self, cx: &mut Context<'_>) -> Poll<Reply> {
        if !self.ended.get() && !self.committed.get() {
            set(&self.connection, cx);
            return Poll::Pending;
        }
        self.taken.set(true);
        wake(&self.script);
        if self.declined.get() {
            return Poll::Ready(Reply::Declined);
        }
        let Some(head) = self.head.borrow_mut().take() else {
            return Poll::Ready(Reply::None);
        };
        if self.committed.get() {
            return Poll::Ready(Reply::Start(head));
        }
        let body = self.unsent.borrow_mut().split().freeze();
        self.vitals.add_sent(body.len() as u64);
        Poll::Ready(Reply::Whole(head, body))
    }

    /// The next part of a streamed body; `None` at its end.
    pub(crate) fn poll_body(&self, cx: &mut Context<'_>) -> Poll<Option<Result<Part, Broken>>> {
        if self.gone.get() {
            return Poll::Ready(Some(Err(Broken)));
        }
        let bytes = self.unsent.borrow_mut().split().freeze();
        let flush = self.flushing.take();
        if flush || !bytes.is_empty() {
            self.vitals.add_sent(bytes.len() as u64);
            wake(&self.script);
            return Poll::Ready(Some(Ok(Part { bytes, flush })));
        }
        if self.broken.get() {
            return Poll::Ready(Some(Err(Broken)));
        }
        if self.ended.get() {
            return Poll::Ready(None);
        }
        set(&self.connection, cx);
        Poll::Pending
    }

    /// Whether a streamed body is complete.
    pub(crate) fn is_complete(&self) -> bool {
        self.ended.get() && !self.broken.get() && self.unsent.borrow().is_empty()
    }

    /// The connection takes no more; true if that leaves the script without a client.
    pub(crate) fn dropped(&self) -> bool {
        if self.bodyless.get() {
            self.unsent.borrow_mut().clear();
            self.flushing.set(false);
            wake(&self.script);
            return false;
        }
        !self.is_complete()
    }

    /// The client has gone.
    pub(crate) fn client_left(&self) {
        self.gone.set(true);
        self.unsent.borrow_mut().clear();
        wake(&self.script);
        wake(&self.connection);
    }

    /// Whether there is output that the connection could send.
    pub(crate) fn has_unsent(&self) -> bool {
        self.taken.get() && !self.unsent.borrow().is_empty()
    }

    /// The response's status; 0 if there was none.
    pub(crate) fn status(&self) -> u16 {
        self.status.get()
    }
}

/// A body that ends in the middle; the connection is closed, so that the client can tell.
#[derive(Debug)]
pub(crate) struct Broken;

fn wake(waker: &RefCell<Option<Waker>>) {
    let waker = waker.borrow_mut().take();
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn set(slot: &RefCell<Option<Waker>>, cx: &Context<'_>) {
    *slot.borrow_mut() = Some(cx.waker().clone());
}
