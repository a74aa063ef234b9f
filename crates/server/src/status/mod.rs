//! The status page, its interface for programs, and metrics.
//!
//! ```text
//! GET  /_outlast/                       the page; page.css and page.js beside it
//! GET  /_outlast/metrics                for Prometheus
//! GET  /_outlast/api/scripts?…          what runs; see `select`
//! GET  /_outlast/api/history            counts of the last quarter of an hour, and remarkable ends
//! GET  /_outlast/api/scripts/ID/stack   where a script is
//! POST /_outlast/api/scripts/ID/stop    stops it
//! POST /_outlast/api/stop-detached      stops all whose clients have gone
//! ```
//!
//! The same, without the prefix, on the control socket. Who may is decided in `access`.

mod access;
mod metrics;
mod select;

pub(crate) use access::Peer;

use crate::Config;
use crate::scripts::{Ended, Sample};
use crate::worker::Shared;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long a script may take to say where it is.
const STACK_LIMIT: Duration = Duration::from_secs(2);

/// The part of the path below the status page's, if it is there.
pub(crate) fn below<'a>(config: &Config, path: &'a str) -> Option<&'a str> {
    if config.status_path == "off" {
        return None;
    }
    path.strip_prefix(config.status_path.as_str())
}

/// Answers a request for `place`, a path below the status page's.
pub(crate) async fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    place: &str,
    peer: Peer<'_>,
) -> Response<Bytes> {
    let mut response = match access::check(&shared.config, parts, peer).await {
        Ok(()) => route(shared, parts, place).await,
        Err(refusal) => refusal,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn route(shared: &Arc<Shared>, parts: &Parts, place: &str) -> Response<Bytes> {
    let segments: Vec<&str> = place.split('/').collect();
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let posts = parts.method == Method::POST;
    match segments[..] {
        [""] if reads => text("text/html; charset=utf-8", include_str!("page.html")),
        ["page.css"] if reads => text("text/css; charset=utf-8", include_str!("page.css")),
        ["page.js"] if reads => text("text/javascript; charset=utf-8", include_str!("page.js")),
        ["metrics"] if reads => {
            let all = shared.clone();
            let page = off_thread(move || metrics::text(&all)).await;
            text("text/plain; version=0.0.4; charset=utf-8", page)
        }
        ["api", "scripts"] if reads => {
            let query = match select::Query::parse(parts.uri.query().unwrap_or("")) {
                Ok(query) => query,
                Err(message) => return failure(StatusCode::BAD_REQUEST, &message),
            };
            let all = shared.clone();
            json_answer(off_thread(move || select::scripts(&all, &query)).await)
        }
        ["api", "history"] if reads => json_answer(history(shared)),
        ["api", "scripts", id, "stack"] if reads => match id.parse() {
            Ok(id) => stack(shared, id).await,
            Err(_) => failure(StatusCode::BAD_REQUEST, "an id is a number"),
        },
        ["api", "scripts", id, "stop"] if posts => match id.parse() {
            Ok(id) if shared.stop_script(id).await => json_answer(json!({ "stopped": 1 })),
            Ok(id) => no_script(id),
            Err(_) => failure(StatusCode::BAD_REQUEST, "an id is a number"),
        },
        ["api", "stop-detached"] if posts => {
            json_answer(json!({ "stopped": shared.stop_detached().await }))
        }
        ["" | "page.css" | "page.js" | "metrics"]
        | ["api", "scripts" | "history" | "stop-detached"]
        | ["api", "scripts", _, "stack" | "stop"] => {
            failure(StatusCode::METHOD_NOT_ALLOWED, "not with this method")
        }
        _ => failure(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// Work over all scripts, which may be many: not on the thread that serves others.
async fn off_thread<R: Default + Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    tokio::task::spawn_blocking(work).await.unwrap_or_default()
}

async fn stack(shared: &Shared, id: u64) -> Response<Bytes> {
    let Some(entry) = shared.scripts.get(id) else { return no_script(id) };
    match shared.stack(id, STACK_LIMIT).await {
        Some(stack) => {
            let calls = stack.iter().map(
                |call| json!({ "function": call.function, "file": call.file, "line": call.line }),
            );
            json_answer(json!({ "id": id, "stack": calls.collect::<Value>() }))
        }
        None if shared.scripts.get(id).is_none() => no_script(id),
        None => {
            let place = entry.vitals.place();
            let file = place.file.map(|file| String::from_utf8_lossy(&file).into_owned());
            json_answer(json!({
                "id": id,
                "stack": [{ "function": "[last seen]", "file": file, "line": place.line }],
                "error": "the script has not come to a safe point"
            }))
        }
    }
}

fn history(shared: &Shared) -> Value {
    let samples = shared.scripts.samples();
    let sample = |sample: &Sample| {
        json!([seconds(sample.at), sample.running, sample.detached, sample.ended])
    };
    let mut ends = Vec::new();
    shared.scripts.for_each_end(|ended| ends.push(end(ended)));
    json!({ "samples": samples.iter().map(sample).collect::<Value>(), "ends": ends })
}

fn end(ended: &Ended) -> Value {
    let Ended { entry, at, took, status, why } = ended;
    let vitals = &entry.vitals;
    json!({
        "id": entry.id,
        "at": seconds(*at),
        "script": entry.script.to_string_lossy(),
        "method": entry.method.as_str(),
        "uri": select::shortened(&entry.uri),
        "took": took.as_secs_f64(),
        "cpu": vitals.cpu().as_secs_f64(),
        "sent": vitals.sent(),
        "http_status": status,
        "connection_status": vitals.connection_status(),
        "detached": vitals.detached_at().is_some(),
        "cause": why,
    })
}

/// Seconds since 1970.
fn seconds(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn text(kind: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn json_answer(value: Value) -> Response<Bytes> {
    text("application/json", value.to_string())
}

fn failure(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = json_answer(json!({ "error": message }));
    *response.status_mut() = status;
    response
}

fn no_script(id: u64) -> Response<Bytes> {
    failure(StatusCode::NOT_FOUND, &format!("no script {id} runs"))
}
