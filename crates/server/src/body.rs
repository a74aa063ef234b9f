//! Bodies of responses.

use crate::compressor::Compressor;
use crate::exchange::Broken;
use crate::files::FileBody;
use crate::script::RunningScript;
use bytes::Bytes;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The body of a response.
pub(crate) struct ResponseBody {
    pub(crate) kind: BodyKind,
}

impl ResponseBody {
    pub(crate) fn whole(bytes: Bytes) -> ResponseBody {
        ResponseBody { kind: BodyKind::Whole(bytes) }
    }

    pub(crate) fn empty() -> ResponseBody {
        ResponseBody::whole(Bytes::new())
    }
}

/// Where a body comes from.
pub(crate) enum BodyKind {
    Whole(Bytes),
    Script(ScriptBody),
    File(FileBody),
}

/// A body that a script is still writing.
pub(crate) struct ScriptBody {
    script: Rc<RunningScript>,
    /// Until the last of it has left.
    compressor: Option<Compressor>,
}

impl ScriptBody {
    pub(crate) fn new(script: Rc<RunningScript>) -> ScriptBody {
        ScriptBody { script, compressor: None }
    }

    /// What follows leaves compressed.
    pub(crate) fn compress(&mut self, compressor: Compressor) {
        self.compressor = Some(compressor);
    }

    fn is_complete(&self) -> bool {
        self.compressor.is_none() && self.script.exchange.is_complete()
    }

    fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            let bytes = match ready!(self.script.exchange.poll_body(cx)) {
                Some(Ok(part)) => match &mut self.compressor {
                    Some(compressor) => compressor.add(&part.bytes, part.flush),
                    None => part.bytes,
                },
                Some(Err(Broken)) => {
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
                }
                None => {
                    let last = self.compressor.take().map(Compressor::finish);
                    return Poll::Ready(last.map(Ok));
                }
            };
            if !bytes.is_empty() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl Drop for ScriptBody {
    fn drop(&mut self) {
        if self.script.exchange.dropped() {
            self.script.client_left();
        }
    }
}

impl ResponseBody {
    /// The next part, never empty; `None` at the end.
    pub(crate) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(match &mut self.kind {
            BodyKind::Whole(bytes) if bytes.is_empty() => None,
            BodyKind::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            BodyKind::Script(body) => ready!(body.poll_part(cx)),
            BodyKind::File(body) => ready!(body.poll_part(cx)),
        })
    }

    /// Whether nothing more comes.
    pub(crate) fn is_complete(&self) -> bool {
        match &self.kind {
            BodyKind::Whole(bytes) => bytes.is_empty(),
            BodyKind::Script(body) => body.is_complete(),
            BodyKind::File(body) => body.left() == Some(0),
        }
    }

    /// How much is to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.kind {
            BodyKind::Whole(bytes) => Some(bytes.len() as u64),
            BodyKind::Script(_) => None,
            BodyKind::File(body) => body.left(),
        }
    }
}
