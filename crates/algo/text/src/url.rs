//! URLs: `parse_url` and percent encoding.

/// The parts of a URL that are present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Url {
    /// Before `:`.
    pub scheme: Option<Vec<u8>>,
    /// After the user information and before the port.
    pub host: Option<Vec<u8>>,
    /// The port number.
    pub port: Option<u16>,
    /// The user name.
    pub user: Option<Vec<u8>>,
    /// The password.
    pub pass: Option<Vec<u8>>,
    /// The path.
    pub path: Option<Vec<u8>>,
    /// After `?`.
    pub query: Option<Vec<u8>>,
    /// After `#`.
    pub fragment: Option<Vec<u8>>,
}

/// Where parsing goes on after the scheme and a leading port were looked at.
enum Next {
    Host,
    Path,
}

/// Copies a part, control characters replaced.
fn part(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(bytes.iter().map(|b| if b.is_ascii_control() { b'_' } else { *b }).collect())
}

fn find(bytes: &[u8], wanted: u8) -> Option<usize> {
    bytes.iter().position(|b| *b == wanted)
}

fn port_number(digits: &[u8]) -> Option<u16> {
    // As strtol reads it: whitespace and a sign may precede, anything may follow.
    let start = digits.iter().take_while(|b| matches!(b, b' ' | b'\t'..=b'\r')).count();
    let (negative, body) = match &digits[start..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let count = body.iter().take_while(|b| b.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let value =
        body[..count].iter().fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'));
    if negative && value != 0 {
        return None;
    }
    u16::try_from(value).ok()
}

/// `parse_url()`: `None` for a seriously malformed URL.
pub fn parse_url(text: &[u8]) -> Option<Url> {
    let mut url = Url::default();
    let mut start = 0;
    let next = match find(text, b':') {
        Some(colon) if colon > 0 => {
            if text[..colon]
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
            {
                match after_scheme(text, colon, &mut start, &mut url)? {
                    Some(next) => next,
                    None => return Some(url),
                }
            } else {
                let query = text.iter().position(|b| matches!(b, b'?' | b'#'));
                if colon + 1 < text.len() && colon < query.unwrap_or(text.len()) {
                    leading_port(text, colon, &mut start, &mut url)?
                } else if text.starts_with(b"//") {
                    start = 2;
                    Next::Host
                } else {
                    Next::Path
                }
            }
        }
        Some(colon) => leading_port(text, colon, &mut start, &mut url)?,
        None if text.starts_with(b"//") => {
            start = 2;
            Next::Host
        }
        None => Next::Path,
    };
    if matches!(next, Next::Host) {
        let end = host(text, start, &mut url)?;
        if end == text.len() {
            return Some(url);
        }
        start = end;
    }
    path(&text[start..], &mut url);
    Some(url)
}

/// Goes on after a valid scheme; the inner `None` means the URL ends there.
fn after_scheme(
    text: &[u8],
    colon: usize,
    start: &mut usize,
    url: &mut Url,
) -> Option<Option<Next>> {
    if colon + 1 == text.len() {
        url.scheme = part(&text[..colon]);
        return Some(None);
    }
    if text[colon + 1] != b'/' {
        // Digits up to a slash or the end are a port, as in `host:80`.
        let mut end = colon + 1;
        while end < text.len() && end - colon < 7 && text[end].is_ascii_digit() {
            end += 1;
        }
        if (end == text.len() || text[end] == b'/') && end - colon < 7 {
            return leading_port(text, colon, start, url).map(Some);
        }
        url.scheme = part(&text[..colon]);
        *start = colon + 1;
        return Some(Some(Next::Path));
    }
    url.scheme = part(&text[..colon]);
    if text.get(colon + 2) != Some(&b'/') {
        *start = colon + 1;
        return Some(Some(Next::Path));
    }
    *start = colon + 3;
    if text[..colon].eq_ignore_ascii_case(b"file") && text.get(colon + 3) == Some(&b'/') {
        // `file:///c:/dir` has a drive letter.
        if text.get(colon + 5) == Some(&b':') {
            *start = colon + 4;
        }
        return Some(Some(Next::Path));
    }
    Some(Some(Next::Host))
}

/// Looks for a port after the first colon of a URL without scheme.
fn leading_port(text: &[u8], colon: usize, start: &mut usize, url: &mut Url) -> Option<Next> {
    let first = colon + 1;
    let mut end = first;
    while end < text.len() && end - first < 6 && text[end].is_ascii_digit() {
        end += 1;
    }
    let length = end - first;
    let relative = text.starts_with(b"//");
    if (1..6).contains(&length) && (end == text.len() || text[end] == b'/') {
        url.port = Some(port_number(&text[first..end])?);
        if relative {
            *start = 2;
        }
        return Some(Next::Host);
    }
    if length == 0 && end == text.len() {
        return None;
    }
    if relative {
        *start = 2;
        return Some(Next::Host);
    }
    Some(Next::Path)
}

/// Reads user information, host and port; gives where they end.
fn host(text: &[u8], start: usize, url: &mut Url) -> Option<usize> {
    let mut start = start;
    let end = text[start..]
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#'))
        .map_or(text.len(), |at| start + at);
    if let Some(at) = text[start..end].iter().rposition(|b| *b == b'@') {
        let login = &text[start..start + at];
        match find(login, b':') {
            Some(colon) => {
                url.user = part(&login[..colon]);
                url.pass = part(&login[colon + 1..]);
            }
            None => url.user = part(login),
        }
        start += at + 1;
    }
    let authority = &text[start..end];
    let bracketed = authority.first() == Some(&b'[') && authority.last() == Some(&b']');
    let colon = if bracketed { None } else { authority.iter().rposition(|b| *b == b':') };
    if let Some(colon) = colon
        && url.port.is_none_or(|port| port == 0)
    {
        let digits = &authority[colon + 1..];
        if digits.len() > 5 {
            return None;
        }
        if !digits.is_empty() {
            url.port = Some(port_number(digits)?);
        }
    }
    let name = &authority[..colon.unwrap_or(authority.len())];
    if name.is_empty() {
        return None;
    }
    url.host = part(name);
    Some(end)
}

fn path(rest: &[u8], url: &mut Url) {
    let whole_is_empty = rest.is_empty();
    let mut rest = rest;
    if let Some(at) = find(rest, b'#') {
        url.fragment = part(&rest[at + 1..]);
        rest = &rest[..at];
    }
    if let Some(at) = find(rest, b'?') {
        url.query = part(&rest[at + 1..]);
        rest = &rest[..at];
    }
    if !rest.is_empty() || whole_is_empty {
        url.path = part(rest);
    }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn percent(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(&[b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
}

/// `urlencode()`: spaces become `+`.
pub fn urlencode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        match byte {
            b' ' => out.push(b'+'),
            b'-' | b'_' | b'.' => out.push(byte),
            _ if byte.is_ascii_alphanumeric() => out.push(byte),
            _ => percent(&mut out, byte),
        }
    }
    out
}

/// `rawurlencode()`: RFC 3986.
pub fn rawurlencode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    for &byte in text {
        match byte {
            b'-' | b'_' | b'.' | b'~' => out.push(byte),
            _ if byte.is_ascii_alphanumeric() => out.push(byte),
            _ => percent(&mut out, byte),
        }
    }
    out
}

fn decode(text: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let hex = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    while at < text.len() {
        match text[at] {
            b'+' if plus => out.push(b' '),
            b'%' => {
                if let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) {
                    out.push((high * 16 + low) as u8);
                    at += 3;
                    continue;
                }
                out.push(b'%');
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    out
}

/// `urldecode()`.
pub fn urldecode(text: &[u8]) -> Vec<u8> {
    decode(text, true)
}

/// `rawurldecode()`.
pub fn rawurldecode(text: &[u8]) -> Vec<u8> {
    decode(text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        Some(text.as_bytes().to_vec())
    }

    #[test]
    fn parses() {
        let url = parse_url(b"http://u:p@host:8080/p/a?q=1#f").unwrap();
        assert_eq!(url.scheme, bytes("http"));
        assert_eq!(url.user, bytes("u"));
        assert_eq!(url.pass, bytes("p"));
        assert_eq!(url.host, bytes("host"));
        assert_eq!(url.port, Some(8080));
        assert_eq!(url.path, bytes("/p/a"));
        assert_eq!(url.query, bytes("q=1"));
        assert_eq!(url.fragment, bytes("f"));
        assert_eq!(parse_url(b"http:///x"), None);
        assert_eq!(parse_url(b"a.com:80").unwrap().port, Some(80));
        assert_eq!(parse_url(b"mailto:a@b").unwrap().path, bytes("a@b"));
        assert_eq!(parse_url(b"file:///etc").unwrap().path, bytes("/etc"));
        assert_eq!(parse_url(b"").unwrap().path, bytes(""));
    }

    #[test]
    fn encodes() {
        assert_eq!(urlencode(b"a b~c/"), b"a+b%7Ec%2F");
        assert_eq!(rawurlencode(b"a b~c/"), b"a%20b~c%2F");
        assert_eq!(urldecode(b"a+b%2f%zz"), b"a b/%zz");
        assert_eq!(rawurldecode(b"a+b%2f"), b"a+b/");
    }
}
