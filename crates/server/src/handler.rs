//! From a request to its response.

use crate::body::{BodyKind, ResponseBody, ScriptBody};
use crate::compression::{self, Accepted};
use crate::connection::ConnectionState;
use crate::engine::ResponseHead;
use crate::exchange::Reply;
use crate::http1::{Incoming, Reason};
use crate::logged::{Logged, protocol};
use crate::route::Target;
use crate::script::{AwaitsReply, RequestTask};
use crate::spool::{BodyFailure, BodyStream, Pace, Pipe, SpoolError, spool};
use crate::status::{self, Peer};
use crate::worker::{Shared, Worker};
use crate::{BuiltinRequest, Request, RequestBody, files, pages};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};
use std::future::{Future, poll_fn};
use std::io;
use std::path::PathBuf;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::{Instant, SystemTime};

/// An error here closes the connection without a response: there is nobody to send one to.
type Answer = Result<(Response<ResponseBody>, Logged), io::Error>;

/// Answers one request.
pub(crate) async fn handle(
    worker: &Rc<Worker>,
    connection: &Rc<ConnectionState>,
    parts: Parts,
    body: &mut Incoming,
) -> Answer {
    let started = Instant::now();
    let received = SystemTime::now();
    if let Some(place) = status::below(&worker.shared.config, parts.uri.path()) {
        let peer = {
            let ConnectionState { remote, local, same_user, .. } = &**connection;
            Peer::Tcp { remote: *remote, local: *local, same_user }
        };
        let response = status::answer(&worker.shared, &parts, place, peer).await;
        return Ok((response.map(ResponseBody::whole), Logged::nobodys()));
    }
    let (script, target) = if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        (None, Target::Refused(405))
    } else if !names_a_host(&parts) {
        (None, Target::Refused(400))
    } else {
        route(worker, parts.uri.path())
    };
    let refusal = match script {
        None => None,
        Some(script) => {
            match run_script(worker, connection, &parts, body, script, received).await? {
                Outcome::Script(response, logged) => return Ok((response, logged)),
                Outcome::Refused(response) => Some(response),
                Outcome::Declined => None,
            }
        }
    };
    let response = refusal.unwrap_or_else(|| without_script(worker, &parts, target));
    let status = response.status().as_u16();
    let logged = Logged::page(worker, connection.remote, &parts, (received, started), status);
    Ok((response, logged))
}

/// Answers what leads to no script.
fn without_script(worker: &Worker, parts: &Parts, target: Target) -> Response<ResponseBody> {
    match target {
        Target::File(path, metadata) => {
            let shared = &worker.shared;
            files::respond(parts, &path, &metadata, accepted(worker, parts), &shared.packed)
        }
        Target::Redirect(to) => {
            let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            pages::moved(&[&to, query.as_bytes()].concat())
        }
        Target::Refused(405) => pages::method_not_allowed("GET, HEAD, POST"),
        Target::Refused(status) => pages::status(status),
        // A script does not decline for itself.
        Target::Script { .. } => pages::status(500),
    }
}

/// The script that a path leads to, if there is one or a router is asked first, and what the path leads to
/// without that.
fn route(worker: &Worker, path: &str) -> (Option<ScriptTarget>, Target) {
    let Shared { config, router, .. } = &*worker.shared;
    let Some(server) = &config.builtin else {
        let target = router.find(path);
        return match target {
            Target::Script { file, name, path_info } => {
                let script = ScriptTarget { file, name, path_info, builtin: None };
                (Some(script), Target::Refused(500))
            }
            other => (None, other),
        };
    };
    let (target, name, path_info) = router.find_builtin(path);
    let file = match (&target, &server.router) {
        (Target::Script { file, .. }, _) => file.clone(),
        (Target::File(file, _), Some(_)) => file.clone(),
        (Target::Refused(404), Some(router)) => router.clone(),
        _ => return (None, target),
    };
    let script = matches!(target, Target::Script { .. });
    let builtin = Some(BuiltinRequest { server: server.clone(), script });
    (Some(ScriptTarget { file, name, path_info, builtin }), target)
}

/// HTTP/1.1 wants exactly one Host header, with what can stand in a URI (RFC 9112, 3.2): two of them, or a slash
/// or a space in it, would mean different sites to different readers.
fn names_a_host(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => parts.version == Version::HTTP_10,
        (Some(host), None) => host
            .as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=%:[]".contains(byte)),
        _ => false,
    }
}

/// What the router found.
struct ScriptTarget {
    file: PathBuf,
    name: Vec<u8>,
    path_info: Option<Vec<u8>>,
    builtin: Option<BuiltinRequest>,
}

enum Outcome {
    /// From a script.
    Script(Response<ResponseBody>, Logged),
    /// The script was not started.
    Refused(Response<ResponseBody>),
    /// A router leaves the request to what its path leads to.
    Declined,
}

async fn run_script(
    worker: &Rc<Worker>,
    connection: &Rc<ConnectionState>,
    parts: &Parts,
    body: &mut Incoming,
    target: ScriptTarget,
    received: SystemTime,
) -> Result<Outcome, io::Error> {
    let config = &worker.shared.config;
    let announced = body.at_least();
    let streams =
        (1..=config.max_body_size).contains(&announced) && worker.engine.streams_body(parts);
    let pipe = streams.then(Rc::<Pipe>::default);
    let spooled = match &pipe {
        Some(pipe) => Ok(RequestBody::Stream(BodyStream::new(announced, pipe.clone()))),
        None => spool(body, config.max_body_size, Pace::of(config)).await,
    };
    let request_body = match spooled {
        Ok(body) => body,
        Err(SpoolError::TooLarge) => return Ok(Outcome::Refused(closing(413))),
        Err(SpoolError::Slow) => return Ok(Outcome::Refused(closing(408))),
        Err(SpoolError::Bad) => return Ok(Outcome::Refused(closing(400))),
        Err(SpoolError::Cut) => return Err(io::ErrorKind::ConnectionAborted.into()),
        Err(SpoolError::Disk(error)) => {
            tracing::error!("cannot store a request's body: {error}");
            return Ok(Outcome::Refused(closing(500)));
        }
    };
    if worker.registry.len() >= worker.script_limit {
        return Ok(Outcome::Refused(pages::busy()));
    }
    let request = Box::new(Request {
        method: parts.method.clone(),
        protocol: protocol(parts.version),
        uri: parts.uri.path_and_query().map_or("/", |uri| uri.as_str()).into(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        script_filename: target.file,
        script_name: target.name,
        path_info: target.path_info,
        document_root: worker.shared.router.root().to_owned(),
        headers: parts.headers.clone(),
        remote: connection.remote,
        local: connection.local,
        https: false,
        server_name: config.server_name.clone(),
        body_length: request_body.len(),
        body: request_body,
        received,
        builtin: target.builtin,
    });
    let mut task = match RequestTask::new(worker, request) {
        Ok(task) => task,
        Err(error) => {
            tracing::error!("no memory for a script's stack: {error}");
            return Ok(Outcome::Refused(pages::busy()));
        }
    };
    let script = task.running.clone();
    let logged = Logged::script(&script);
    connection.script_started(&script);
    let mut guard = AwaitsReply { script: Some(script.clone()), connection: connection.clone() };
    // Inline: a script that never parks costs no task and no trip through the run queue.
    if poll_fn(|cx| Poll::Ready(Pin::new(&mut task).poll(cx).is_pending())).await {
        tokio::task::spawn_local(task);
    }
    let reply = poll_fn(|cx| script.exchange.poll_reply(cx));
    let mut failure = None;
    let reply = match &pipe {
        None => reply.await,
        Some(pipe) => {
            let mut fill = pin!(pipe.fill(body, config.max_body_size, Pace::of(config)));
            let mut reply = pin!(reply);
            let mut filling = true;
            let reply = poll_fn(|cx| {
                if filling && fill.as_mut().poll(cx).is_ready() {
                    filling = false;
                }
                reply.as_mut().poll(cx)
            })
            .await;
            failure = pipe.failure();
            pipe.close();
            reply
        }
    };
    guard.script = None;
    if script.lifecycle.client_gone() && !script.lifecycle.response_finished() {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    match (failure, &reply) {
        (None, _) | (_, Reply::Start(_)) => {}
        (Some(BodyFailure::TooLarge), _) => return Ok(Outcome::Refused(closing(413))),
        (Some(BodyFailure::Slow), _) => return Ok(Outcome::Refused(closing(408))),
        (Some(BodyFailure::Cut), _) => return Err(io::ErrorKind::ConnectionAborted.into()),
    }
    let mut response = match reply {
        Reply::None => pages::status(500),
        Reply::Declined => return Ok(Outcome::Declined),
        Reply::Whole(head, bytes) => respond(head, bytes),
        Reply::Start(head) => {
            let mut response = begin(head);
            response.body_mut().kind = BodyKind::Script(ScriptBody::new(script));
            response
        }
    };
    compression::script(accepted(worker, parts), &mut response);
    Ok(Outcome::Script(response, logged))
}

/// What the client takes; `None`: nothing is compressed here.
fn accepted(worker: &Worker, parts: &Parts) -> Option<Accepted> {
    worker.shared.config.compression.then(|| Accepted::of(&parts.headers))
}

/// An error page after which the connection closes: the rest of the request is not wanted.
fn closing(status: u16) -> Response<ResponseBody> {
    let mut page = pages::status(status);
    page.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    page
}

/// A response of which all is known. Its length is what it is, whatever the script says, except
/// where there is no body to measure (HEAD).
fn respond(head: ResponseHead, bytes: Bytes) -> Response<ResponseBody> {
    let mut response = begin(head);
    if !bytes.is_empty() {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response.body_mut().kind = BodyKind::Whole(bytes);
    response
}

/// Turns what a script sent into a head. What HTTP does not allow in a header is left out.
fn begin(head: ResponseHead) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::empty());
    *response.status_mut() =
        StatusCode::from_u16(head.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(reason) = head.reason.and_then(Reason::new) {
        response.extensions_mut().insert(reason);
    }
    for (name, value) in head.headers {
        let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(&name), HeaderValue::from_maybe_shared(Bytes::from(value)))
        else {
            tracing::warn!("a script sent an invalid header: {}", String::from_utf8_lossy(&name));
            continue;
        };
        // How the body is framed is the server's business.
        if name != header::TRANSFER_ENCODING {
            response.headers_mut().append(name, value);
        }
    }
    response
}
