//! The wrapper of `http://` (manual: wrappers.http, context.http).

mod functions;
mod notify;
mod redirect;
mod request;
mod response;

pub use functions::MODULE;
pub use notify::Progress;

use super::context::option;
use super::openers::{self, Opened};
use super::provided::Opening;
use super::socket::Socket;
use super::sockets::{connect, default_limit};
use super::{Backend, Make, Stream, Streams, filter};
use notify::{Event, notify};
use outlast_text::url::{Url, parse_url};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};
use response::Head;
use std::rc::Rc;
use std::time::Duration;

/// `PHP_URL_REDIRECT_MAX`
const REDIRECTS: i64 = 20;

/// One `fopen()` of a URL, over all its redirections.
struct Fetch<'a> {
    mode: &'a [u8],
    how: Opened<'a>,
    /// Lines of the heads of all responses.
    headers: Option<PhpArray>,
    /// What went wrong, told together.
    errors: Vec<String>,
}

/// One request of a [`Fetch`].
struct Hop {
    url: Vec<u8>,
    /// How many redirections may follow.
    redirects: i64,
    redirected: bool,
    /// After a redirection: the method and the content stay.
    keep_method: bool,
}

/// What became of a request.
enum Reply {
    Stream(Rc<Stream>),
    Redirect(Hop),
    Failed,
}

/// Opens a URL.
pub fn open(cx: &mut Cx, url: &[u8], mode: &[u8], how: Opened<'_>) -> Ret<Opening> {
    cx.state::<Streams>().last_response = None;
    let mut fetch = Fetch { mode, how, headers: None, errors: Vec::new() };
    let mut hop =
        Hop { url: url.to_vec(), redirects: REDIRECTS, redirected: false, keep_method: false };
    let stream = loop {
        match fetch.request(cx, hop)? {
            Reply::Stream(stream) => break Some(stream),
            Reply::Redirect(next) => hop = next,
            Reply::Failed => break None,
        }
    };
    if let Some(headers) = fetch.headers {
        if let Some(stream) = &stream {
            *stream.wrapper_data.borrow_mut() = Value::Array(headers.clone());
        }
        cx.state::<Streams>().last_response = Some(headers.clone());
        cx.set_variable(&PhpString::from("http_response_header"), Value::Array(headers))?;
    }
    Ok(stream.ok_or_else(|| match fetch.errors.is_empty() {
        true => "operation failed".to_owned(),
        false => fetch.errors.join("\n"),
    }))
}

impl Fetch<'_> {
    fn option(&self, name: &str) -> Option<Value> {
        option(self.how.context, b"http", name.as_bytes())
    }

    fn text_option(&self, name: &str) -> Option<PhpString> {
        match self.option(name) {
            Some(Value::Str(text)) => Some(text),
            _ => None,
        }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.option(name).map(|value| value.truthy())
    }

    fn fail(&mut self, message: impl Into<String>) -> Ret<Reply> {
        self.errors.push(message.into());
        Ok(Reply::Failed)
    }

    fn limit(&self, cx: &mut Cx) -> Ret<Option<Duration>> {
        Ok(match self.option("timeout") {
            Some(value) => {
                let seconds = cx.to_float(&value)?;
                (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)))
            }
            None => default_limit(cx),
        })
    }

    fn request(&mut self, cx: &mut Cx, mut hop: Hop) -> Ret<Reply> {
        if hop.redirects < 1 {
            return self.fail("Redirection limit reached, aborting");
        }
        let Some(url) = parse_url(&hop.url) else { return Ok(Reply::Failed) };
        let scheme = url.scheme.as_deref().unwrap_or_default();
        if !scheme.eq_ignore_ascii_case(b"http") {
            // A redirection to what another wrapper opens.
            let how = Opened { quiet: false, ..self.how };
            let opened = openers::open(cx, &hop.url, self.mode, how)?;
            return Ok(opened.map_or(Reply::Failed, Reply::Stream));
        }
        if self.mode.iter().any(|b| b"awx+".contains(b)) {
            return self.fail("HTTP wrapper does not support writeable connections");
        }
        let Some(stream) = self.connect(cx, &hop, &url)? else { return Ok(Reply::Failed) };
        notify(cx, self.how.context, Event::info(notify::CONNECT))?;
        if !hop.redirected
            && let Some(most) = self.option("max_redirects")
        {
            hop.redirects = cx.to_int(&most)?;
        }
        let request = self.request_bytes(cx, &hop, &url)?;
        stream.write(cx, &request)?;
        let headers = self.headers.take().unwrap_or_default();
        let mut head = Head::new(headers);
        let good = self.read_head(cx, &stream, &mut head)?;
        self.headers = Some(std::mem::take(&mut head.lines));
        if !good {
            stream.close(cx)?;
            return Ok(Reply::Failed);
        }
        if !head.accepted || (head.location.is_some() && head.follow) {
            let enough = self.how.headers_only || self.flag("ignore_errors") == Some(true);
            if head.follow && !(enough && hop.redirects <= 1) {
                return self.redirect(cx, &stream, hop, url, &head);
            }
        }
        self.start_body(cx, &stream, head)?;
        Ok(Reply::Stream(stream))
    }

    fn connect(&mut self, cx: &mut Cx, hop: &Hop, url: &Url) -> Ret<Option<Rc<Stream>>> {
        let address = match self.text_option("proxy") {
            Some(proxy) => proxy.to_vec(),
            None => {
                let host = url.host.as_deref().unwrap_or_default();
                [b"tcp://", host, format!(":{}", port(url)).as_bytes()].concat()
            }
        };
        let limit = self.limit(cx)?;
        let socket = match connect(cx, &address, limit)? {
            Ok(socket) => socket,
            Err(failed) => {
                self.errors.push(failed.text);
                return Ok(None);
            }
        };
        socket.set_timeout(cx, limit)?;
        let make = Make {
            backend: Rc::new(socket),
            wrapper: "http",
            mode: self.mode,
            uri: Some(&hop.url),
        };
        Ok(Some(Stream::new(cx, make)))
    }

    /// The head is read: what follows is the body.
    fn start_body(&mut self, cx: &mut Cx, stream: &Rc<Stream>, head: Head) -> Ret<()> {
        let size = i64::try_from(head.size).unwrap_or(i64::MAX);
        let event = Event { max: size, ..Event::info(notify::PROGRESS) };
        notify(cx, self.how.context, event)?;
        stream.set_position(0);
        let ahead = stream.unread();
        if head.chunked
            && let Some(made) = openers::make_filter(cx, &PhpString::from("dechunk"), &Value::Null)?
        {
            filter::attach(cx, stream, made, false, true)?;
        }
        if let Some(context) = self.how.context
            && notify::has_callback(context)
        {
            let progress = Progress::new(context.clone(), size);
            progress.add(cx, ahead)?;
            if let Some(backend) = stream.backend()
                && let Some(socket) = backend.as_any().downcast_ref::<Socket>()
            {
                *socket.progress.borrow_mut() = Some(Rc::new(progress));
            }
        }
        Ok(())
    }
}

fn port(url: &Url) -> u16 {
    match url.port {
        None | Some(0) => 80,
        Some(port) => port,
    }
}
