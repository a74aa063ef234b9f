//! As much of an HTTP client as the soak needs, on sockets that block.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a client waits for bytes that must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// A response.
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// Its body, without the chunks it came in.
    pub body: Vec<u8>,
}

/// Connects.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Asks on a connection of its own; `lines`: more lines of the head, each with its end.
pub fn get(address: SocketAddr, path: &str, lines: &str) -> io::Result<Response> {
    let mut stream = connect(address)?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    match split(&bytes) {
        Some((response, _)) => Ok(response),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// The response at the start of the bytes and its length, if it is complete.
pub fn split(bytes: &[u8]) -> Option<(Response, usize)> {
    let start = find(bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..start]).to_ascii_lowercase();
    let status = head.get(9..12)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    if let Some(length) = length {
        let end = start + length.trim().parse::<usize>().ok()?;
        let body = bytes.get(start..end)?.to_vec();
        return Some((Response { status, body }, end));
    }
    let (mut at, mut body) = (start, Vec::new());
    loop {
        let line = find(&bytes[at..], b"\r\n")?;
        let size = std::str::from_utf8(&bytes[at..at + line]).ok()?;
        let size = usize::from_str_radix(size, 16).ok()?;
        at += line + 2;
        body.extend_from_slice(bytes.get(at..at + size)?);
        at += size;
        if bytes.get(at..at + 2)? != b"\r\n" {
            return None;
        }
        at += 2;
        if size == 0 {
            return Some((Response { status, body }, at));
        }
    }
}

/// Where one text is in another.
pub fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_told_apart() {
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let mut bytes = chunked.to_vec();
        bytes.extend_from_slice(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
        let (first, end) = split(&bytes).unwrap();
        assert_eq!((first.status, &first.body[..], end), (200, &b"abc"[..], chunked.len()));
        let (second, _) = split(&bytes[end..]).unwrap();
        assert_eq!((second.status, &second.body[..]), (404, &b"no"[..]));
        assert!(split(&chunked[..chunked.len() - 1]).is_none());
    }
}
