//! Bodies of responses.

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
pub(crate) struct ScriptBody(pub(crate) Rc<RunningScript>);

impl Drop for ScriptBody {
    fn drop(&mut self) {
        if self.0.exchange.dropped() {
            self.0.client_left();
        }
    }
}

impl ResponseBody {
    /// The next part, never empty; `None` at the end.
    pub(crate) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(match &mut self.kind {
            BodyKind::Whole(bytes) if bytes.is_empty() => None,
            BodyKind::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            BodyKind::Script(body) => ready!(body.0.exchange.poll_body(cx))
                .map(|part| part.map_err(|Broken| io::ErrorKind::ConnectionAborted.into())),
            BodyKind::File(body) => ready!(body.poll_part(cx)),
        })
    }

    /// Whether nothing more comes.
    pub(crate) fn is_complete(&self) -> bool {
        match &self.kind {
            BodyKind::Whole(bytes) => bytes.is_empty(),
            BodyKind::Script(body) => body.0.exchange.is_complete(),
            BodyKind::File(body) => body.left() == 0,
        }
    }

    /// How much is to come, if that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.kind {
            BodyKind::Whole(bytes) => Some(bytes.len() as u64),
            BodyKind::Script(_) => None,
            BodyKind::File(body) => Some(body.left()),
        }
    }
}
