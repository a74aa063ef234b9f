//! HTTP/1 on one connection: requests in, responses out, one at a time.
//!
//! Made for connections that last and say little: between two reads and two writes a connection holds no
//! buffer. What comes in is read into a buffer of the thread and copied to one of its own size.

mod body;
mod head;
mod response;

pub(crate) use body::Incoming;
pub(crate) use head::{find_end, parse};
pub(crate) use response::Reason;

use crate::connection::ConnectionState;
use crate::handler;
use crate::pages;
use crate::worker::Worker;
use head::BadHead;
use http::{Method, Version};
use response::Terms;
use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

/// How long a client may go on sending what nobody wants, so that the answer reaches it before a reset.
const LINGER: Duration = Duration::from_secs(2);
/// How much it may send meanwhile.
const LINGER_BYTES: usize = 4 << 20;

/// Serves a connection to its end.
pub(crate) async fn serve(worker: &Rc<Worker>, connection: &Rc<ConnectionState>) -> io::Result<()> {
    let socket = &connection.socket;
    let mut incoming = Incoming::new(socket.clone(), worker.shared.config.max_header_size);
    loop {
        let head = match incoming.head(worker).await {
            Ok(Some(head)) => head,
            Ok(None) => break,
            Err(BadHead::Io(error)) => return Err(error),
            Err(BadHead::Status(status)) => {
                let terms = Terms { version: Version::HTTP_11, head: false, keep_alive: false };
                response::send(socket, pages::status(status), terms, &Cell::new(0)).await?;
                return linger(incoming).await;
            }
        };
        let in_flight = connection.request_started();
        let terms = Terms {
            version: head.parts.version,
            head: head.parts.method == Method::HEAD,
            keep_alive: head.keep_alive && worker.shared.config.builtin.is_none(),
        };
        // In a box, so that a response that lasts does not pay for the making of it.
        let handled = Box::pin(handler::handle(worker, connection, head.parts, &mut incoming));
        let (response, logged) = handled.await?;
        let terms = Terms {
            keep_alive: terms.keep_alive && !worker.is_draining() && incoming.is_over(),
            ..terms
        };
        let keep_alive = response::send(socket, response, terms, &logged.sent).await?;
        drop(logged);
        drop(in_flight);
        if !keep_alive {
            return linger(incoming).await;
        }
    }
    socket.end_writing();
    Ok(())
}

/// Closes the sending side; reads on for a while where the client is still sending.
async fn linger(mut incoming: Incoming) -> io::Result<()> {
    incoming.socket().end_writing();
    if incoming.is_over() && incoming.is_empty() {
        return Ok(());
    }
    let drained = async {
        let mut count = 0;
        while count < LINGER_BYTES {
            match incoming.skip().await {
                Ok(0) | Err(_) => break,
                Ok(more) => count += more,
            }
        }
    };
    // However it ends, the connection is over.
    let _ = tokio::time::timeout(LINGER, drained).await;
    Ok(())
}
