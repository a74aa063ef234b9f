//! What comes in on a connection: heads, and the bodies behind them.

use super::head::{BadHead, Head, find_end, parse};
use crate::io::Socket;
use crate::worker::Worker;
use bytes::{Buf, Bytes, BytesMut};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;

/// The longest line in front of a chunk, its extensions included.
const MAX_CHUNK_LINE: usize = 4096;
/// As much may stand behind the last chunk.
const MAX_TRAILERS: usize = 32 << 10;

/// What is still to come of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked(Chunk),
}

/// Where in a chunked body we are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    Size,
    /// So many bytes of a chunk are to come.
    Data(u64),
    /// The line end behind a chunk.
    End,
    /// The lines behind the last chunk; so many bytes of them were seen.
    Trailers(usize),
}

impl Framing {
    pub(super) fn chunked() -> Framing {
        Framing::Chunked(Chunk::Size)
    }
}

/// The receiving side of a connection.
pub(crate) struct Incoming {
    socket: Rc<Socket>,
    buffer: BytesMut,
    max_head: usize,
    framing: Framing,
    expects_continue: bool,
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Incoming {
    pub(super) fn new(socket: Rc<Socket>, max_head: usize) -> Incoming {
        Incoming {
            socket,
            buffer: BytesMut::new(),
            max_head,
            framing: Framing::Length(0),
            expects_continue: false,
        }
    }

    pub(super) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Whether nothing has come that was not asked for yet.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Whether the request's body has been read to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.framing == Framing::Length(0)
    }

    /// As much of the body is to come at the least, as far as it is known.
    pub(crate) fn at_least(&self) -> u64 {
        match self.framing {
            Framing::Length(length) | Framing::Chunked(Chunk::Data(length)) => length,
            Framing::Chunked(_) => 0,
        }
    }

    /// The next request's head; `None` where the client wants no more or the server stops.
    pub(super) async fn head(&mut self, worker: &Worker) -> Result<Option<Head>, BadHead> {
        let mut seen = 0;
        self.socket.head_started.set(None);
        loop {
            // Empty lines in front of a request are nothing (RFC 9112, 2.2).
            let empty = self.buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if empty > 0 {
                self.buffer.advance(empty);
                seen = 0;
            }
            if let Some(end) = find_end(&self.buffer, seen) {
                if end > self.max_head {
                    return Err(BadHead::Status(431));
                }
                let head = parse(self.take(end))?;
                return Ok(Some(self.began(head)));
            }
            if self.buffer.len() > self.max_head {
                return Err(BadHead::Status(431));
            }
            if self.buffer.is_empty() {
                // Held by nobody: the connection may wait for long.
                self.buffer = BytesMut::new();
                if worker.is_draining() {
                    return Ok(None);
                }
            } else {
                self.socket.head_begins();
            }
            // The end may be cut in two: the last bytes are looked at again.
            seen = self.buffer.len().saturating_sub(2);
            if self.more().await? == 0 {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                return Err(BadHead::Io(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    fn began(&mut self, mut head: Head) -> Head {
        self.framing = std::mem::replace(&mut head.framing, Framing::Length(0));
        self.expects_continue = head.expects_continue;
        head
    }

    /// The next part of the body; `None` at its end.
    pub(crate) async fn part(&mut self) -> io::Result<Option<Bytes>> {
        if std::mem::take(&mut self.expects_continue) && self.buffer.is_empty() {
            self.socket.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        loop {
            match &mut self.framing {
                Framing::Length(0) => return Ok(None),
                Framing::Length(left) | Framing::Chunked(Chunk::Data(left)) => {
                    if !self.buffer.is_empty() {
                        let now =
                            self.buffer.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                        *left -= now as u64;
                        if self.framing == Framing::Chunked(Chunk::Data(0)) {
                            self.framing = Framing::Chunked(Chunk::End);
                        }
                        return Ok(Some(self.take(now)));
                    }
                    self.filled().await?;
                }
                Framing::Chunked(Chunk::Size) => {
                    let line = self.line(MAX_CHUNK_LINE).await?;
                    self.framing = match chunk_size(&line)? {
                        0 => Framing::Chunked(Chunk::Trailers(0)),
                        size => Framing::Chunked(Chunk::Data(size)),
                    };
                }
                Framing::Chunked(Chunk::End) => {
                    if !self.line(2).await?.is_empty() {
                        return Err(invalid("no line end behind a chunk"));
                    }
                    self.framing = Framing::Chunked(Chunk::Size);
                }
                Framing::Chunked(Chunk::Trailers(seen)) => {
                    let seen = *seen;
                    let line = self.line(MAX_TRAILERS.saturating_sub(seen)).await?;
                    self.framing = if line.is_empty() {
                        Framing::Length(0)
                    } else {
                        Framing::Chunked(Chunk::Trailers(seen + line.len() + 2))
                    };
                }
            }
        }
    }

    /// A line without its end, which must be CR and LF.
    async fn line(&mut self, limit: usize) -> io::Result<Bytes> {
        loop {
            if let Some(at) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let mut line = self.take(at + 1);
                line.truncate(at);
                if line.last() != Some(&b'\r') || line.len() > limit {
                    return Err(invalid("a bad line in a chunked body"));
                }
                line.truncate(at - 1);
                return Ok(line);
            }
            if self.buffer.len() > limit {
                return Err(invalid("a bad line in a chunked body"));
            }
            self.filled().await?;
        }
    }

    /// Takes bytes off the buffer's front; leaves nothing of it allocated behind the last.
    fn take(&mut self, count: usize) -> Bytes {
        if count == self.buffer.len() {
            return std::mem::take(&mut self.buffer).freeze();
        }
        let taken = Bytes::copy_from_slice(&self.buffer[..count]);
        self.buffer.advance(count);
        taken
    }

    async fn filled(&mut self) -> io::Result<()> {
        match self.more().await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Waits for bytes; 0 at the end of the stream.
    async fn more(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.socket.poll_read(cx, |bytes| self.buffer.extend_from_slice(bytes))).await
    }

    /// Reads and forgets.
    pub(super) async fn skip(&mut self) -> io::Result<usize> {
        poll_fn(|cx| self.socket.poll_read(cx, |_| {})).await
    }
}

/// The size in front of a chunk; what follows it is not for us.
fn chunk_size(line: &[u8]) -> io::Result<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(digits);
    let extension = rest.trim_ascii_start();
    let known = extension.is_empty() || extension.starts_with(b";");
    // A control character, a lone CR above all, may be a line's end to others.
    let clean = extension.iter().all(|&byte| byte == b'\t' || !byte.is_ascii_control());
    if !(1..=16).contains(&digits.len()) || !known || !clean {
        return Err(invalid("a bad chunk size"));
    }
    let text = std::str::from_utf8(digits).map_err(|_| invalid("a bad chunk size"))?;
    u64::from_str_radix(text, 16).map_err(|_| invalid("a bad chunk size"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_chunks() {
        for (line, size) in [("0", 0), ("a", 10), ("FF;x=y", 255), ("00010 ; x", 16)] {
            assert_eq!(chunk_size(line.as_bytes()).unwrap(), size, "{line}");
        }
        for line in ["", " 1", "-1", "0x1", "1 2", "g", "11111111111111111", "1;a\rb"] {
            assert!(chunk_size(line.as_bytes()).is_err(), "{line}");
        }
    }
}
