//! Responses on their way out.

use super::head::has_token;
use crate::body::ResponseBody;
use crate::io::Socket;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Response, StatusCode, Version, header};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, IoSlice, Write};
use std::task::Poll;
use std::time::{SystemTime, UNIX_EPOCH};

/// A reason phrase other than the usual one; an extension of a response.
#[derive(Clone)]
pub(crate) struct Reason(Bytes);

impl Reason {
    /// `None` if HTTP does not allow it.
    pub(crate) fn new(text: Vec<u8>) -> Option<Reason> {
        let fits = text.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
        fits.then(|| Reason(text.into()))
    }
}

/// What the request says about its response.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) version: Version,
    /// A HEAD request: the response has no body.
    pub(super) head: bool,
    /// A further request may follow.
    pub(super) keep_alive: bool,
}

/// How the end of the body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// There is none.
    Bodyless,
    Length(u64),
    Chunked,
    /// By the end of the connection.
    Close,
}

/// Sends a response, and counts its body in `sent`; true if the connection may be used on.
pub(super) async fn send(
    socket: &Socket,
    response: Response<ResponseBody>,
    terms: Terms,
    sent: &Cell<u64>,
) -> io::Result<bool> {
    let (parts, mut body) = response.into_parts();
    let stated = stated_length(&parts.headers);
    let framing = if terms.head || !has_body(parts.status) {
        Framing::Bodyless
    } else if let Some(length) = body.length().or(stated) {
        Framing::Length(length)
    } else if terms.version == Version::HTTP_10 {
        Framing::Close
    } else {
        Framing::Chunked
    };
    let keep_alive = terms.keep_alive
        && framing != Framing::Close
        && !has_token(&parts.headers, header::CONNECTION, "close");
    let mut out = Vec::with_capacity(256);
    status_line(&mut out, parts.status, parts.extensions.get(), terms.version);
    for (name, value) in &parts.headers {
        if !matches!(*name, header::CONNECTION | header::TRANSFER_ENCODING | header::CONTENT_LENGTH)
        {
            line(&mut out, name, value.as_bytes());
        }
    }
    let length = match framing {
        Framing::Length(length) => Some(length),
        Framing::Bodyless if parts.status == StatusCode::NOT_MODIFIED => stated,
        Framing::Bodyless if has_body(parts.status) => {
            // HEAD: what GET would say. A script's own word goes over an empty body.
            body.length().filter(|&length| length > 0).or(stated).or(body.length())
        }
        _ => None,
    };
    if let Some(length) = length {
        line(&mut out, &header::CONTENT_LENGTH, length.to_string().as_bytes());
    } else if framing == Framing::Chunked
        || (terms.head && terms.version == Version::HTTP_11 && has_body(parts.status))
    {
        line(&mut out, &header::TRANSFER_ENCODING, b"chunked");
    }
    match (keep_alive, terms.version) {
        (false, Version::HTTP_11) => line(&mut out, &header::CONNECTION, b"close"),
        (true, Version::HTTP_10) => line(&mut out, &header::CONNECTION, b"keep-alive"),
        _ => {}
    }
    if !parts.headers.contains_key(header::DATE) {
        date(&mut out);
    }
    out.extend_from_slice(b"\r\n");
    drop(parts);
    if framing == Framing::Bodyless {
        socket.write_all(&out).await?;
        return Ok(keep_alive);
    }
    let complete = send_body(socket, out, &mut body, framing, sent).await?;
    Ok(keep_alive && complete)
}

/// Sends the head that is in `out` with the first part of the body, if that is there at once, and all other
/// parts as they come. False if the body was not as long as was said.
async fn send_body(
    socket: &Socket,
    mut out: Vec<u8>,
    body: &mut ResponseBody,
    framing: Framing,
    sent: &Cell<u64>,
) -> io::Result<bool> {
    let mut left = match framing {
        Framing::Length(length) => length,
        _ => u64::MAX,
    };
    loop {
        let part = poll_fn(|cx| match body.poll_part(cx) {
            Poll::Ready(part) => Poll::Ready(Some(part)),
            // The script may take its time: what there is goes out.
            Poll::Pending if !out.is_empty() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        match part.await {
            None => {
                socket.write_all(&out).await?;
                out = Vec::new();
            }
            Some(Some(part)) => {
                let part = part?;
                let fits = part.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                left -= fits as u64;
                let mut tail = &b""[..];
                if framing == Framing::Chunked {
                    write!(out, "{:x}\r\n", part.len())?;
                    tail = if body.is_complete() { b"\r\n0\r\n\r\n" } else { b"\r\n" };
                }
                write_parts(socket, &[&out, &part[..fits], tail]).await?;
                sent.set(sent.get() + fits as u64);
                out = Vec::new();
                if fits < part.len() {
                    return Ok(false);
                }
                if body.is_complete() {
                    return Ok(framing == Framing::Chunked || left == 0);
                }
            }
            Some(None) => {
                if framing == Framing::Chunked {
                    out.extend_from_slice(b"0\r\n\r\n");
                }
                socket.write_all(&out).await?;
                return Ok(framing == Framing::Chunked || left == 0);
            }
        }
    }
}

async fn write_parts(socket: &Socket, parts: &[&[u8]; 3]) -> io::Result<()> {
    let total: usize = parts.iter().map(|part| part.len()).sum();
    let mut sent = 0;
    while sent < total {
        let mut skip = sent;
        let slices = parts.map(|part| {
            let from = skip.min(part.len());
            skip -= from;
            IoSlice::new(&part[from..])
        });
        sent += socket.write(|stream| stream.try_write_vectored(&slices)).await?;
    }
    Ok(())
}

fn has_body(status: StatusCode) -> bool {
    !status.is_informational()
        && status != StatusCode::NO_CONTENT
        && status != StatusCode::NOT_MODIFIED
}

/// The Content-Length that a script has set.
fn stated_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

fn status_line(out: &mut Vec<u8>, status: StatusCode, reason: Option<&Reason>, version: Version) {
    out.extend_from_slice(if version == Version::HTTP_10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(match reason {
        Some(reason) => &reason.0,
        None => status.canonical_reason().unwrap_or("").as_bytes(),
    });
    out.extend_from_slice(b"\r\n");
}

/// `content-type` as `Content-Type`.
fn line(out: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    let mut start = true;
    for &byte in name.as_str().as_bytes() {
        out.push(if start { byte.to_ascii_uppercase() } else { byte });
        start = byte == b'-';
    }
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// The Date line, which is written anew once a second.
fn date(out: &mut Vec<u8>) {
    thread_local! {
        static DATE: RefCell<(u64, String)> = RefCell::default();
    }
    let now = SystemTime::now();
    let second = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    DATE.with_borrow_mut(|(known, text)| {
        if *known != second {
            *known = second;
            *text = httpdate::fmt_http_date(now);
        }
        line(out, &header::DATE, text.as_bytes());
    });
}
