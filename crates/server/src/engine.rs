//! What runs the scripts, seen from the server.

use crate::Request;
use outlast_lifecycle::Lifecycle;
use std::rc::Rc;

/// A script engine, shared by all workers.
pub trait Engine: Send + Sync + 'static {
    /// Makes one worker's part of the engine, on that worker's thread.
    fn worker(&self) -> Box<dyn EngineWorker>;
}

/// The part of an engine that lives on one worker thread.
pub trait EngineWorker {
    /// Whether the script itself reads this request's body as it arrives ([`crate::RequestBody::Stream`]).
    /// Other bodies are complete before their script starts.
    fn streams_body(&self, parts: &http::request::Parts) -> bool {
        let _ = parts;
        false
    }

    /// Runs one request from start to end of its shutdown sequence. Called inside a script, so it may
    /// [`outlast_fiber::wait`] at any depth, and others run meanwhile on the same worker.
    ///
    /// It moves `lifecycle` through its phases, asks it before each output, and ends when the
    /// response is complete. The server sends what `connection` was given and not yet sent.
    fn run(&self, request: Box<Request>, connection: Rc<dyn Connection>, lifecycle: &Rc<Lifecycle>);
}

/// The head of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseHead {
    /// Status code.
    pub status: u16,
    /// Reason phrase, if it is not the usual one.
    pub reason: Option<Vec<u8>>,
    /// Headers in the order they are sent; names may repeat.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Why output did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The client has gone.
    Gone,
    /// The script must stop while it waits for a client that does not read.
    Interrupted,
}

/// A script's way to its client.
pub trait Connection {
    /// Sets the head of the response. It leaves with the first flush, or with the end; set it before
    /// the first write.
    fn send_headers(&self, head: ResponseHead);
    /// Adds to the body. Parks the script while too much is unsent because the client does not read.
    fn write(&self, bytes: &[u8]) -> Result<(), WriteError>;
    /// Sends what was written so far, and waits until the connection has taken it.
    fn flush(&self) -> Result<(), WriteError>;
    /// `fastcgi_finish_request()`: completes the response; the script goes on without a client.
    fn finish(&self);
    /// Whether the client has gone.
    fn client_gone(&self) -> bool;
    /// A router script has returned false: the request goes to what its path leads to. That is answered by
    /// the server, or by the same run of the engine where it is a script.
    fn decline(&self);
}
