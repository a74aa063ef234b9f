//! Who may see the status page, and who may stop scripts from there.
//!
//! - Who connects to the control socket is the owner.
//! - Who shows `status_token` may, from anywhere.
//! - Without it, a request must come from this machine, from a process of the server's own user or root, and
//!   not through a proxy: a proxy on this machine would make all the world look like it. A proxy shows by the
//!   headers that it adds, by the site's name in `Host`, or by the HTTP/1.0 that nginx speaks unless told
//!   otherwise; most run as another user, too. The name also keeps out pages that let a name of theirs point to
//!   this machine (DNS rebinding).
//!
//! What changes something must be a POST that a page of another site cannot send: with a header that browsers
//! add for no other site, and from the same origin where the browser says from which.

use super::failure;
use crate::Config;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version, header};
use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum Peer<'c> {
    /// The server's own user, on the control socket.
    Owner,
    /// Somebody on a connection over TCP.
    Tcp {
        /// Their address.
        remote: SocketAddr,
        /// Ours.
        local: SocketAddr,
        /// Whether their process is of our user or root, once that was looked up: a connection stays with whoever
        /// made it, and the system's table of connections is long where there are many.
        same_user: &'c Cell<Option<bool>>,
    },
}

/// What a request that changes something must carry.
const INTENT: HeaderName = HeaderName::from_static("x-outlast");

/// What proxies add.
const FORWARDED: [&str; 8] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-forwarded-port",
];

/// `Err` with the answer for those who may not.
pub(super) async fn check(
    config: &Config,
    parts: &Parts,
    peer: Peer<'_>,
) -> Result<(), Response<Bytes>> {
    let Peer::Tcp { remote, local, same_user } = peer else { return Ok(()) };
    let known = config.status_token.as_deref().is_some_and(|token| shows(&parts.headers, token));
    if !known {
        if let Err(why) = is_local(config, parts, remote.ip()) {
            return Err(refusal(config, why));
        }
        if !config.status_from_proxy && same_user.get().is_none() {
            let looked_up = tokio::task::spawn_blocking(move || may_be_same_user(remote, local));
            same_user.set(Some(looked_up.await.unwrap_or(false)));
        }
        if !config.status_from_proxy && same_user.get() != Some(true) {
            return Err(refusal(config, "from a process of the server's own user or root"));
        }
    }
    let changes = !matches!(parts.method, Method::GET | Method::HEAD);
    if changes && !is_same_origin(&parts.headers) {
        let message = "a request that changes something needs the header X-Outlast, \
                       and must not come from a page of another site";
        return Err(failure(StatusCode::FORBIDDEN, message));
    }
    Ok(())
}

fn refusal(config: &Config, rule: &str) -> Response<Bytes> {
    if config.status_token.is_none() {
        let message = format!("this page is only for requests {rule}, or with status_token");
        return failure(StatusCode::FORBIDDEN, &message);
    }
    let mut response = failure(StatusCode::UNAUTHORIZED, "this page needs status_token");
    let challenge = HeaderValue::from_static("Basic realm=\"Outlast\", charset=\"UTF-8\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    response
}

/// Whether the request came from this machine, and by itself; or else what it should have done.
fn is_local(config: &Config, parts: &Parts, remote: IpAddr) -> Result<(), &'static str> {
    if !remote.to_canonical().is_loopback() {
        return Err("from this machine");
    }
    if config.status_from_proxy {
        return Ok(());
    }
    let forwarded = FORWARDED.iter().any(|name| parts.headers.contains_key(*name));
    if forwarded || parts.version == Version::HTTP_10 {
        return Err("from this machine that come through no proxy");
    }
    if !host(&parts.headers).is_some_and(names_this_machine) {
        return Err("for localhost or 127.0.0.1");
    }
    Ok(())
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether a Host header names the machine itself, with or without a port.
fn names_this_machine(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || bare.eq_ignore_ascii_case("localhost")
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let origin = text(header::ORIGIN);
    let same = |origin: &str| {
        let name = origin.split_once("://").map(|(_, name)| name);
        name.is_some() && name == host(headers)
    };
    headers.contains_key(INTENT)
        && site.is_none_or(|site| matches!(site, "same-origin" | "none"))
        && origin.is_none_or(same)
}

/// `Authorization: Bearer TOKEN`, or the token as the password that a browser asks for.
fn shows(headers: &HeaderMap, token: &str) -> bool {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return false };
    let Some((scheme, value)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else {
        return false;
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        return equal(value.trim().as_bytes(), token.as_bytes());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return false;
    }
    let plain = decode_base64(value.trim());
    let password = plain.iter().position(|&byte| byte == b':').map(|at| &plain[at + 1..]);
    password.is_some_and(|password| equal(password, token.as_bytes()))
}

/// Compares in a time that does not tell where they differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

/// What is no digit is skipped.
fn decode_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for byte in text.bytes() {
        let Some(digit) = DIGITS.iter().position(|&digit| digit == byte) else { continue };
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}

/// Whether the process at the other end is one of our user's, or root's. Where the system does not tell, it
/// may be.
fn may_be_same_user(remote: SocketAddr, local: SocketAddr) -> bool {
    let table = if remote.is_ipv4() { "/proc/net/tcp" } else { "/proc/net/tcp6" };
    let Ok(table) = std::fs::read_to_string(table) else { return true };
    let (ours, _) = outlast_host::system::user_and_group();
    owner(&table, remote, local).is_some_and(|user| user == ours || user == 0)
}

/// The user whose socket goes from one address to the other, by the kernel's table.
fn owner(table: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    let (from, to) = (in_table(from), in_table(to));
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let matches = fields.next()? == from && fields.next()? == to;
        // State, queues, timer and retransmissions stand before the user.
        if matches { fields.nth(4)?.parse().ok() } else { None }
    })
}

/// An address as the kernel's table writes it: words in the machine's order of bytes.
fn in_table(address: SocketAddr) -> String {
    let words = match address.ip() {
        IpAddr::V4(ip) => format!("{:08X}", u32::from_ne_bytes(ip.octets())),
        IpAddr::V6(ip) => {
            let octets = ip.octets();
            let (words, _) = octets.as_chunks::<4>();
            words.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word))).collect()
        }
    };
    format!("{words}:{:04X}", address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for name in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:8080", "[::1]:1", "::1"] {
            assert!(names_this_machine(name), "{name}");
        }
        for name in ["example.com", "localhost.evil.com", "127.0.0.1.evil.com:80", "10.0.0.1", ""] {
            assert!(!names_this_machine(name), "{name}");
        }
    }

    #[test]
    fn a_token_is_shown_in_two_ways() {
        let shown = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            shows(&headers, "0123456789abcdef")
        };
        assert!(shown("Bearer 0123456789abcdef"));
        assert!(shown("basic YW55Ym9keTowMTIzNDU2Nzg5YWJjZGVm"));
        assert!(!shown("Bearer 0123456789abcdeg"));
        assert!(!shown("Basic MDEyMzQ1Njc4OWFiY2RlZg=="));
        assert!(!shown("0123456789abcdef"));
    }

    #[test]
    fn the_kernel_tells_whose_a_connection_is() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let client = std::net::TcpStream::connect(to).unwrap();
        let from = client.local_addr().unwrap();
        assert!(may_be_same_user(from, to));
        let table = format!(
            "head\n 1: {} {} 01 00000000:00000000 00:00000000 00000000  1234 0 5",
            in_table(from),
            in_table(to)
        );
        assert_eq!(owner(&table, from, to), Some(1234));
        assert_eq!(owner(&table, to, from), None);
        assert_eq!(in_table("[::1]:80".parse().unwrap()), "00000000000000000000000001000000:0050");
    }
}
