//! Bodies of responses.

use crate::connection::InFlight;
use crate::exchange::Broken;
use crate::files::FileBody;
use crate::script::RunningScript;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The body of a response.
pub(crate) struct ResponseBody {
    pub(crate) kind: BodyKind,
    /// Says to the connection that the response is over, when dropped.
    pub(crate) in_flight: Option<InFlight>,
}

impl ResponseBody {
    pub(crate) fn whole(bytes: Bytes) -> ResponseBody {
        ResponseBody { kind: BodyKind::Whole(bytes), in_flight: None }
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

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let part = match &mut self.kind {
            BodyKind::Whole(bytes) if bytes.is_empty() => None,
            BodyKind::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            BodyKind::Script(body) => ready!(body.0.exchange.poll_body(cx))
                .map(|part| part.map_err(|Broken| io::ErrorKind::ConnectionAborted.into())),
            BodyKind::File(body) => ready!(body.poll_part(cx)),
        };
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            BodyKind::Whole(bytes) => bytes.is_empty(),
            BodyKind::Script(body) => body.0.exchange.is_complete(),
            BodyKind::File(body) => body.left() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            BodyKind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            BodyKind::Script(_) => SizeHint::default(),
            BodyKind::File(body) => SizeHint::with_exact(body.left()),
        }
    }
}
