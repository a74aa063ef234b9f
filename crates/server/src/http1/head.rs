//! Heads of requests.

use super::body::Framing;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version, header};
use std::io;

/// As many header lines a request may have.
const MAX_HEADERS: usize = 100;
/// The longest request line that a URI of the crate `http` can hold.
const MAX_URI: usize = 65_000;

/// A request's head.
pub(crate) struct Head {
    pub(crate) parts: Parts,
    /// The client allows a further request on the connection.
    pub(super) keep_alive: bool,
    pub(super) framing: Framing,
    /// The client waits for `100 Continue` before it sends the body.
    pub(super) expects_continue: bool,
}

/// Why there is no request.
#[derive(Debug)]
pub(crate) enum BadHead {
    /// The client is gone.
    Io(io::Error),
    /// It is refused with this status.
    Status(u16),
}

impl From<io::Error> for BadHead {
    fn from(error: io::Error) -> BadHead {
        BadHead::Io(error)
    }
}

/// Length of the head at the start of `bytes`, its empty line included; `from`: where to look from.
pub(crate) fn find_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b'\n') {
        at += found + 1;
        match &bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// A line feed alone may end a line (RFC 9112, 2.2), but need not: what takes it for one and what does not see
/// different requests, so that it is refused.
fn has_bare_line_feed(bytes: &[u8]) -> bool {
    let starts = bytes.first() == Some(&b'\n');
    starts || bytes.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r')
}

/// Reads a complete head.
pub(crate) fn parse(bytes: Bytes) -> Result<Head, BadHead> {
    if has_bare_line_feed(&bytes) {
        return Err(BadHead::Status(400));
    }
    let mut lines = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(&bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(BadHead::Status(431)),
        // What ends with an empty line and is not complete is no head.
        Ok(httparse::Status::Partial) | Err(_) => return Err(BadHead::Status(400)),
    }
    let (Some(method), Some(path), Some(minor)) = (request.method, request.path, request.version)
    else {
        return Err(BadHead::Status(400));
    };
    if path.len() > MAX_URI {
        return Err(BadHead::Status(414));
    }
    let bad = |_| BadHead::Status(400);
    let mut parts = Request::new(()).into_parts().0;
    parts.method = Method::from_bytes(method.as_bytes()).map_err(|_| BadHead::Status(400))?;
    parts.uri = Uri::from_maybe_shared(bytes.slice_ref(path.as_bytes()))
        .map_err(|_| BadHead::Status(400))?;
    parts.version = if minor == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    parts.headers = HeaderMap::with_capacity(request.headers.len());
    for line in request.headers.iter() {
        let name =
            HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| BadHead::Status(400))?;
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(line.value)).map_err(bad)?;
        parts.headers.append(name, value);
    }
    let framing = framing(&parts)?;
    let expects_continue = parts.version == Version::HTTP_11
        && !matches!(framing, Framing::Length(0))
        && parts
            .headers
            .get(header::EXPECT)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let keep_alive = if parts.version == Version::HTTP_11 {
        !has_token(&parts.headers, header::CONNECTION, "close")
    } else {
        has_token(&parts.headers, header::CONNECTION, "keep-alive")
    };
    Ok(Head { keep_alive, framing, expects_continue, parts })
}

/// Whether a header that lists words has this one.
pub(super) fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    headers.get_all(name).iter().any(|value| {
        let words = value.as_bytes().split(|&byte| byte == b',');
        words.into_iter().any(|word| word.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
    })
}

/// How long the body is. What two readers could understand differently is refused (RFC 9112, 6.3).
fn framing(parts: &Parts) -> Result<Framing, BadHead> {
    let mut lengths = parts.headers.get_all(header::CONTENT_LENGTH).iter();
    let mut codings = parts.headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next() {
        if lengths.next().is_some() || parts.version == Version::HTTP_10 || codings.next().is_some()
        {
            return Err(BadHead::Status(400));
        }
        if !coding.as_bytes().eq_ignore_ascii_case(b"chunked") {
            return Err(BadHead::Status(501));
        }
        return Ok(Framing::chunked());
    }
    let Some(length) = lengths.next() else { return Ok(Framing::Length(0)) };
    if lengths.any(|other| other != length) {
        return Err(BadHead::Status(400));
    }
    let digits = length.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(BadHead::Status(400));
    }
    let length = length.to_str().ok().and_then(|text| text.parse().ok());
    length.map(Framing::Length).ok_or(BadHead::Status(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Head, u16> {
        assert_eq!(find_end(text.as_bytes(), 0), Some(text.len()));
        parse(Bytes::copy_from_slice(text.as_bytes())).map_err(|bad| match bad {
            BadHead::Status(status) => status,
            BadHead::Io(error) => panic!("{error}"),
        })
    }

    fn with(lines: &str) -> Result<Head, u16> {
        of(&format!("POST /a?b HTTP/1.1\r\nHost: h\r\n{lines}\r\n"))
    }

    #[test]
    fn a_head_ends_at_its_first_empty_line() {
        assert_eq!(find_end(b"GET / HTTP/1.1\r\nA: b\r\n\r", 0), None);
        assert_eq!(find_end(b"GET / HTTP/1.1\r\n\r\nmore\r\n\r\n", 0), Some(18));
        assert_eq!(find_end(b"GET / HTTP/1.1\n\nmore", 12), Some(16));
    }

    #[test]
    fn a_line_feed_alone_ends_no_line() {
        for text in [
            "GET / HTTP/1.1\n\n",
            "GET / HTTP/1.1\r\nHost: h\n\r\n",
            "GET / HTTP/1.1\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n\n",
        ] {
            assert_eq!(of(text).err(), Some(400), "{text:?}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for (lines, status) in [
            ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Content-Length: 1\r\nContent-Length: 2\r\n", 400),
            ("Content-Length: +1\r\n", 400),
            ("Content-Length: 1, 1\r\n", 400),
            ("Content-Length: 99999999999999999999\r\n", 400),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: gzip, chunked\r\n", 501),
            ("Folded: a\r\n b\r\n", 400),
            ("Spaced : a\r\n", 400),
        ] {
            assert_eq!(with(lines).err(), Some(status), "{lines:?}");
        }
        let old = of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
        assert_eq!(old.err(), Some(400));
        let many = "A: b\r\n".repeat(101);
        assert_eq!(with(&many).err(), Some(431));
    }

    #[test]
    fn connections_stay_as_the_version_says() {
        assert!(with("").unwrap().keep_alive);
        assert!(!with("Connection: x, Close\r\n").unwrap().keep_alive);
        assert!(!of("GET / HTTP/1.0\r\n\r\n").unwrap().keep_alive);
        assert!(of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").unwrap().keep_alive);
    }
}
