//! The access log's line of a response on its way: written when the response is over, however it ends, with
//! the bytes that were sent.

use crate::access_log::Line;
use crate::script::RunningScript;
use crate::worker::Worker;
use http::request::Parts;
use http::{Method, Version};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Instant, SystemTime};

/// Counts a response's body until it is dropped, and sees to its line in the log.
pub(crate) struct Logged {
    /// Bytes of the body that were sent.
    pub(crate) sent: Cell<u64>,
    whose: Whose,
}

enum Whose {
    /// Nobody wants to know.
    Nobodys,
    /// A script's, which writes its line when both are over.
    Script(Rc<RunningScript>),
    /// A file's or a page's.
    Page(Box<Page>),
}

struct Page {
    worker: Rc<Worker>,
    remote: SocketAddr,
    received: SystemTime,
    started: Instant,
    method: Method,
    uri: String,
    version: Version,
    status: u16,
}

impl Logged {
    pub(crate) fn nobodys() -> Logged {
        Logged { sent: Cell::new(0), whose: Whose::Nobodys }
    }

    pub(crate) fn script(script: &Rc<RunningScript>) -> Logged {
        Logged { sent: Cell::new(0), whose: Whose::Script(script.clone()) }
    }

    pub(crate) fn page(
        worker: &Rc<Worker>,
        remote: SocketAddr,
        parts: &Parts,
        (received, started): (SystemTime, Instant),
        status: u16,
    ) -> Logged {
        let page = Page {
            worker: worker.clone(),
            remote,
            received,
            started,
            method: parts.method.clone(),
            uri: parts.uri.path_and_query().map_or("", |uri| uri.as_str()).to_owned(),
            version: parts.version,
            status,
        };
        Logged { sent: Cell::new(0), whose: Whose::Page(Box::new(page)) }
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let sent = self.sent.get();
        match &self.whose {
            Whose::Nobodys => {}
            Whose::Script(script) => script.response_over(sent),
            Whose::Page(page) => page.worker.log.write(&Line {
                remote: page.remote,
                received: page.received,
                method: page.method.as_str(),
                uri: &page.uri,
                protocol: protocol(page.version),
                status: page.status,
                sent,
                took: page.started.elapsed(),
                remark: match page.worker.shared.config.builtin {
                    Some(_) if page.status == 404 => "No such file or directory",
                    _ => "",
                },
            }),
        }
    }
}

/// As scripts and the log have it.
pub(crate) fn protocol(version: Version) -> &'static str {
    if version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" }
}
