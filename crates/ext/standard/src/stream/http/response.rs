//! What is answered: the head.

use super::super::Stream;
use super::Fetch;
use super::notify::{self, Event, notify};
use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret};
use std::rc::Rc;

/// How much of the status line is looked at.
const STATUS_LINE: usize = 126;
/// The longest place that a redirection may lead to.
const LONGEST_LOCATION: usize = 8182;

/// The head of a response.
pub struct Head {
    /// Its lines, behind those of former responses.
    pub lines: PhpArray,
    pub status: i64,
    /// With its line end, as messages show it.
    pub status_line: Vec<u8>,
    /// The status is one of success or redirection, or does not matter.
    pub accepted: bool,
    pub location: Option<Vec<u8>>,
    /// A redirection is followed.
    pub follow: bool,
    /// `Content-Length`, or 0.
    pub size: u64,
    pub chunked: bool,
}

impl Head {
    /// `lines`: those of former responses.
    pub fn new(lines: PhpArray) -> Head {
        Head {
            lines,
            status: 0,
            status_line: Vec::new(),
            accepted: false,
            location: None,
            follow: true,
            size: 0,
            chunked: false,
        }
    }

    fn keep(&mut self, line: &[u8]) {
        self.lines.insert_int(self.lines.len() as i64, Value::str(line));
    }
}

/// Without the line end and the blanks in front of it; were there blanks?
fn trim_end(line: &[u8]) -> (&[u8], bool) {
    let bare = line.iter().rposition(|b| !b"\r\n".contains(b)).map_or(0, |at| at + 1);
    let end = line[..bare].iter().rposition(|b| !b" \t".contains(b)).map_or(0, |at| at + 1);
    (&line[..end], end < bare)
}

fn starts_with(line: &[u8], name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
}

/// The number that a status line begins with behind `HTTP/1.1 `.
fn status_of(line: &[u8]) -> i64 {
    let digits = line.get(9..).unwrap_or_default();
    let digits = digits.iter().skip_while(|b| **b == b' ').take_while(|b| b.is_ascii_digit());
    digits.fold(0, |n: i64, b| n.saturating_mul(10).saturating_add(i64::from(b - b'0')))
}

impl Fetch<'_> {
    /// Reads the head; false: it is none, which `errors` tells.
    pub(super) fn read_head(
        &mut self,
        cx: &mut Cx,
        stream: &Rc<Stream>,
        head: &mut Head,
    ) -> Ret<bool> {
        if !self.read_status(cx, stream, head)? {
            self.fail("HTTP request failed!")?;
            return Ok(false);
        }
        // A header is complete when the next line does not continue it.
        let mut last: Option<Vec<u8>> = None;
        while let Some(line) = stream.line(cx, None)? {
            let ends = match line[0] {
                b'\r' if line.get(1) != Some(&b'\n') => {
                    self.fail("HTTP invalid header name (cannot start with CR character)!")?;
                    return Ok(false);
                }
                b'\r' | b'\n' => true,
                _ => false,
            };
            let (text, had_blanks) = trim_end(&line);
            let folded = !ends && matches!(line[0], b' ' | b'\t');
            match &mut last {
                Some(_) if folded && text.is_empty() && had_blanks => continue,
                Some(header) if folded => {
                    let start = text.iter().position(|b| !b" \t".contains(b)).unwrap_or(0);
                    header.push(b' ');
                    header.extend_from_slice(&text[start..]);
                    continue;
                }
                None if folded => {
                    self.fail("HTTP invalid response format (folding header at the start)!")?;
                    return Ok(false);
                }
                _ => {}
            }
            if let Some(header) = last.take()
                && !self.header(cx, head, &header)?
            {
                return Ok(false);
            }
            if ends {
                return Ok(true);
            }
            last = Some(text.to_vec());
        }
        // The connection ended early: what came counts.
        match last {
            Some(header) => self.header(cx, head, &header),
            None => Ok(true),
        }
    }

    fn read_status(&mut self, cx: &mut Cx, stream: &Rc<Stream>, head: &mut Head) -> Ret<bool> {
        let Some(mut line) = stream.line(cx, Some(STATUS_LINE))? else { return Ok(false) };
        head.status = status_of(&line);
        // What is only informational is followed by the answer.
        while (100..200).contains(&head.status) {
            let Some(next) = stream.line(cx, Some(STATUS_LINE))? else { break };
            if starts_with(&next, "HTTP/1") {
                head.status = status_of(&next);
                line = next;
            }
        }
        let ignored = self.how.headers_only || self.flag("ignore_errors") == Some(true);
        head.accepted = ignored || (200..400).contains(&head.status);
        if !(200..400).contains(&head.status) {
            let code = if head.status == 403 { notify::AUTH_RESULT } else { notify::FAILURE };
            notify(cx, self.how.context, Event::error(code, &line, head.status))?;
        }
        head.status_line.clone_from(&line);
        match line.strip_suffix(b"\n") {
            Some(bare) => {
                let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
                head.keep(bare);
            }
            None => {
                stream.line(cx, None)?;
                head.keep(&line);
            }
        }
        Ok(true)
    }

    /// Notes a header; false: it is malformed.
    fn header(&mut self, cx: &mut Cx, head: &mut Head, line: &[u8]) -> Ret<bool> {
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            self.fail("HTTP invalid response format (no colon in header line)!")?;
            return Ok(false);
        };
        if line[..colon].iter().any(|b| b" \t".contains(b)) {
            self.fail("HTTP invalid response format (space in header name)!")?;
            return Ok(false);
        }
        let value = &line[colon + 1..];
        let blanks = value.iter().take_while(|b| b" \t".contains(b)).count();
        let value = &value[blanks..];
        let context = self.how.context;
        if starts_with(line, "Location:") {
            match self.flag("follow_location") {
                Some(follow) => head.follow = follow,
                None if !matches!(head.status, 300..=303 | 307 | 308) => head.follow = false,
                None => {}
            }
            if value.len() > LONGEST_LOCATION {
                self.fail(format!(
                    "HTTP Location header size is over the limit of {LONGEST_LOCATION} bytes"
                ))?;
                return Ok(false);
            }
            head.location = Some(value.to_vec());
        } else if starts_with(line, "Content-Type:") {
            let event = Event { message: Some(value), ..Event::info(notify::MIME_TYPE_IS) };
            notify(cx, context, event)?;
        } else if starts_with(line, "Content-Length:") {
            let size = std::str::from_utf8(value).ok().filter(|v| !v.starts_with('+'));
            if let Some(size) = size.and_then(|digits| digits.parse().ok()) {
                head.size = size;
                let max = i64::try_from(size).unwrap_or(i64::MAX);
                let event = Event { message: Some(line), max, ..Event::info(notify::FILE_SIZE_IS) };
                notify(cx, context, event)?;
            }
        } else if starts_with(line, "Transfer-Encoding:")
            && starts_with(value, "Chunked")
            && !self.how.headers_only
            && self.flag("auto_decode") != Some(false)
        {
            head.chunked = true;
            return Ok(true);
        }
        head.keep(line);
        Ok(true)
    }
}
