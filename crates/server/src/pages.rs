//! Responses that the server makes itself.

use crate::body::ResponseBody;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

/// A page that says what went wrong.
pub(crate) fn status(code: u16) -> Response<ResponseBody> {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or("Error"));
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1></body></html>\n"
    );
    let mut response = Response::new(ResponseBody::whole(Bytes::from(page)));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// 405 with what is allowed.
pub(crate) fn method_not_allowed(allow: &'static str) -> Response<ResponseBody> {
    let mut response = status(405);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// 503 that asks to come again.
pub(crate) fn busy() -> Response<ResponseBody> {
    let mut response = status(503);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// A permanent redirect to a path on this server.
pub(crate) fn moved(to: &[u8]) -> Response<ResponseBody> {
    let Ok(to) = HeaderValue::from_bytes(to) else { return status(400) };
    let mut response = status(301);
    response.headers_mut().insert(header::LOCATION, to);
    response
}
