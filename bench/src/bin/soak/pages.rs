//! What is asked for: the pages of `bench/site/soak`, and what their answers must say.

use outlast_bench::Random;
use outlast_bench::http::{Response, find};

/// How many sessions there are.
pub const SESSIONS: usize = 20;

/// A page of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    Hello,
    Session,
    Ledger,
    Upload,
    Counter,
    Must,
    Stream,
    Buffer,
    Sleep,
}

/// Each as often as it is asked for.
const MIX: &[Page] = &[
    Page::Hello,
    Page::Session,
    Page::Session,
    Page::Session,
    Page::Ledger,
    Page::Ledger,
    Page::Ledger,
    Page::Upload,
    Page::Upload,
    Page::Counter,
    Page::Counter,
    Page::Must,
    Page::Stream,
    Page::Stream,
    Page::Buffer,
    Page::Sleep,
];

impl Page {
    pub fn name(self) -> &'static str {
        match self {
            Page::Hello => "hello",
            Page::Session => "session",
            Page::Ledger => "ledger",
            Page::Upload => "upload",
            Page::Counter => "counter",
            Page::Must => "must",
            Page::Stream => "stream",
            Page::Buffer => "buffer",
            Page::Sleep => "sleep",
        }
    }
}

/// One request.
pub struct Request {
    pub page: Page,
    /// Known to no other request.
    pub token: String,
    /// The session's number.
    pub session: usize,
    /// What goes over the wire.
    pub bytes: Vec<u8>,
    /// The sum over an uploaded file.
    sum: u32,
}

impl Request {
    pub fn new(number: u64, random: &mut Random) -> Request {
        let page = random.pick(MIX);
        let token = format!("t{number}.");
        let session = random.below(SESSIONS);
        let target = format!("/{}.php?token={token}", page.name());
        let mut sum = 0;
        let mut head = format!("Host: soak\r\nCookie: PHPSESSID=soak{session}\r\n");
        let bytes = if page == Page::Upload {
            let mut body = b"--limit\r\nContent-Disposition: form-data; name=\"file\"; \
                filename=\"f.bin\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                .to_vec();
            let size = random.below(300_000);
            let file: Vec<u8> = (0..size).map(|_| random.number() as u8).collect();
            sum = crc32(&file);
            body.extend_from_slice(&file);
            body.extend_from_slice(b"\r\n--limit--\r\n");
            head += "Content-Type: multipart/form-data; boundary=limit\r\n";
            post(&target, &head, &body, random)
        } else {
            format!("GET {target} HTTP/1.1\r\n{head}\r\n").into_bytes()
        };
        Request { page, token, session, bytes, sum }
    }

    /// What is wrong with a complete answer.
    pub fn complaint(&self, answer: &Response) -> Option<String> {
        let body = &answer.body;
        let has = |text: &str| find(body, text.as_bytes()).is_some();
        let fine = answer.status == 200
            && match self.page {
                Page::Hello => has("hello"),
                Page::Session => has("counted") || has(&self.kept()),
                Page::Upload => has(&format!("sum {}\n", self.sum)) && has(&self.kept()),
                Page::Buffer => has(&self.kept()) && self.is_whole(body),
                _ => has(&self.kept()),
            };
        let start = String::from_utf8_lossy(&body[..body.len().min(120)]).into_owned();
        (!fine).then(|| format!("{}: {} {start:?}", self.page.name(), answer.status))
    }

    /// The words behind which the server cannot go back.
    pub fn kept(&self) -> String {
        format!("ok {}\n", self.token)
    }

    /// Whether the page's own count of bytes is right.
    fn is_whole(&self, body: &[u8]) -> bool {
        let Some(at) = body.iter().rposition(|&byte| byte == b's') else { return false };
        let last = String::from_utf8_lossy(&body[at..]).into_owned();
        last == format!("sent {at}\n{}", self.kept())
    }
}

/// With a length, or in chunks.
fn post(target: &str, head: &str, body: &[u8], random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 {
        let length = body.len();
        let mut bytes = format!("POST {target} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n")
            .into_bytes();
        bytes.extend_from_slice(body);
        return bytes;
    }
    let mut bytes =
        format!("POST {target} HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for chunk in body.chunks(1 + random.below(20_000)) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

/// The sum that PHP's `crc32` gives.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_php() {
        assert_eq!(crc32(b"hello"), 0x3610_a686);
    }
}
