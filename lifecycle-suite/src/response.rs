//! Answers, as a client gets them.

/// An answer, as far as it came.
pub struct Response {
    /// 0 where nothing came.
    pub status: u16,
    pub body: Vec<u8>,
    /// The body is as long as the head says, or its last chunk is there.
    pub complete: bool,
}

impl Response {
    /// Takes bytes apart.
    pub fn of(bytes: &[u8]) -> Response {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        let Some(end) = end else {
            return Response { status: 0, body: Vec::new(), complete: false };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        let rest = &bytes[end + 4..];
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_lowercase())
            })
        };
        let (body, complete) = if field("transfer-encoding").is_some_and(|v| v.contains("chunked"))
        {
            chunks(rest)
        } else {
            let length = field("content-length").and_then(|v| v.parse::<usize>().ok());
            (rest.to_vec(), length.is_none_or(|n| n == rest.len()))
        };
        Response { status, body, complete }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn chunks(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(line) = rest.windows(2).position(|w| w == b"\r\n") else { return (body, false) };
        let size = String::from_utf8_lossy(&rest[..line]);
        let size = size.split(';').next().unwrap_or_default();
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { return (body, false) };
        rest = &rest[line + 2..];
        if size == 0 {
            return (body, true);
        }
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        if rest.len() < size + 2 {
            return (body, false);
        }
        rest = &rest[size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_their_end_is_seen() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let whole = Response::of(format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").as_bytes());
        assert_eq!((whole.status, whole.text().as_str(), whole.complete), (200, "abcde", true));
        let cut = Response::of(format!("{head}3\r\nabc\r\n9\r\nde").as_bytes());
        assert_eq!((cut.text().as_str(), cut.complete), ("abcde", false));
    }

    #[test]
    fn a_body_shorter_than_promised_is_not_complete() {
        let cut = Response::of(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc");
        assert_eq!((cut.text().as_str(), cut.complete), ("abc", false));
        assert_eq!(Response::of(b"").status, 0);
    }
}
