//! The status and headers of the response.

use crate::{Cx, Ret};
use outlast_value::{PhpArray, PhpString, Value};

/// The version of PHP that is implemented.
pub const PHP_VERSION: &str = "8.4.24";

/// Status and headers.
#[derive(Default)]
pub struct Headers {
    /// Lines as set: `Name: value`.
    lines: Vec<Vec<u8>>,
    /// Status; 0 until set.
    pub(super) code: u16,
    /// Reason of a status line given by the script.
    pub(super) reason: Option<String>,
    pub(super) sent: bool,
    /// File and line of the first output.
    start: Option<(PhpString, u32)>,
    /// The script set a Content-Type itself.
    typed: bool,
    callback: Option<Value>,
}

/// The name of a header line.
fn name_of(line: &[u8]) -> &[u8] {
    line.split(|&b| b == b':').next().unwrap_or(line)
}

impl Headers {
    fn remove(&mut self, name: &[u8]) {
        self.lines.retain(|l| !(l.contains(&b':') && name_of(l).eq_ignore_ascii_case(name)));
    }

    /// Drops what refers to values of the script.
    pub(crate) fn clear(&mut self) {
        self.callback = None;
        self.start = None;
    }

    /// Have the headers been sent?
    pub fn are_sent(&self) -> bool {
        self.sent
    }
}

/// The status in `HTTP/1.1 404 Not Found` and the words behind it.
fn parse_status_line(line: &[u8]) -> (u16, Option<String>) {
    let text = String::from_utf8_lossy(line);
    let mut parts = text.split_once(' ').map_or("", |(_, rest)| rest).trim_start().splitn(2, ' ');
    let digits = parts.next().unwrap_or_default();
    let code = crate::ini::leading_int(digits.as_bytes());
    let reason = parts.next().map(str::trim).filter(|r| !r.is_empty()).map(str::to_string);
    (u16::try_from(code).unwrap_or(200), reason)
}

impl Cx {
    /// Is changing headers too late? Warns.
    fn headers_too_late(&mut self) -> Ret<bool> {
        if !self.out.headers.sent {
            return Ok(false);
        }
        let text = match &self.out.headers.start {
            Some((file, line)) => format!(
                "Cannot modify header information - headers already sent by (output started at {}:{line})",
                file.to_str_lossy()
            ),
            None => "Cannot modify header information - headers already sent".to_string(),
        };
        self.raise_warning(text)?;
        Ok(true)
    }

    /// `header`
    pub fn header(&mut self, line: &[u8], replace: bool, code: i64) -> Ret<bool> {
        if self.headers_too_late()? {
            return Ok(false);
        }
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return Ok(false);
        }
        if line.iter().any(|b| matches!(b, b'\n' | b'\r')) {
            self.raise_warning(
                "Header may not contain more than a single header, new line detected",
            )?;
            return Ok(false);
        }
        if line.contains(&0) {
            self.raise_warning("Header may not contain NUL bytes")?;
            return Ok(false);
        }
        if line.len() >= 5 && line[..5].eq_ignore_ascii_case(b"HTTP/") {
            let (status, reason) = parse_status_line(line);
            self.set_status(i64::from(status));
            self.out.headers.reason = reason;
            return Ok(true);
        }
        let mut line = line.to_vec();
        if let Some(colon) = line.iter().position(|&b| b == b':') {
            let name = line[..colon].to_ascii_lowercase();
            match &name[..] {
                b"content-type" => {
                    let value = line[colon + 1..].trim_ascii_start();
                    let mut typed = b"Content-type: ".to_vec();
                    typed.extend_from_slice(&self.with_charset(value, b";charset="));
                    line = typed;
                    self.out.headers.typed = true;
                }
                b"location" => {
                    let status = self.out.headers.code;
                    if !(300..=399).contains(&status) && status != 201 {
                        self.set_status(302);
                    }
                }
                b"www-authenticate" => self.set_status(401),
                _ => {}
            }
        }
        if code != 0 {
            self.set_status(code);
        }
        if self.sapi.is_web() {
            if replace {
                let name = name_of(&line).to_vec();
                self.out.headers.remove(&name);
            }
            self.out.headers.lines.push(line);
        }
        Ok(true)
    }

    fn set_status(&mut self, code: i64) {
        let code = u16::try_from(code).unwrap_or(200);
        if self.out.headers.code != code {
            self.out.headers.reason = None;
        }
        self.out.headers.code = code;
    }

    /// A text type with the default charset, if it names none.
    fn with_charset(&self, mime: &[u8], glue: &[u8]) -> Vec<u8> {
        let mut out = mime.to_vec();
        let charset = self.ini.bytes("default_charset");
        let text = mime.len() >= 5 && mime[..5].eq_ignore_ascii_case(b"text/");
        if text && !charset.is_empty() && !mime.windows(8).any(|w| w == b"charset=") {
            out.extend_from_slice(glue);
            out.extend_from_slice(charset);
        }
        out
    }

    /// `header_remove`; without a name: all.
    pub fn header_remove(&mut self, name: Option<&[u8]>) -> Ret<()> {
        if self.headers_too_late()? {
            return Ok(());
        }
        match name {
            None => self.out.headers.lines.clear(),
            Some(name) => {
                let name = name.trim_ascii_end();
                if name.contains(&b':') {
                    return self.raise_warning("Header to delete may not contain colon.");
                }
                self.out.headers.remove(name);
            }
        }
        Ok(())
    }

    /// Takes back the lines that begin with `start`.
    pub fn remove_header_lines(&mut self, start: &[u8]) {
        self.out.headers.lines.retain(|line| !line.starts_with(start));
    }

    /// `headers_list`
    pub fn headers_list(&self) -> PhpArray {
        PhpArray::from_list(self.out.headers.lines.iter().map(Value::str).collect())
    }

    /// `headers_sent`: whether, and where output started.
    pub fn headers_sent(&self) -> (bool, PhpString, u32) {
        let (file, line) = self.out.headers.start.clone().unwrap_or_default();
        (self.out.headers.sent, file, line)
    }

    /// The status as it stands; 0 on the command line until it is set.
    pub fn response_status(&self) -> u16 {
        match self.out.headers.code {
            0 if self.sapi.is_web() => 200,
            code => code,
        }
    }

    /// `http_response_code`
    pub fn http_response_code(&mut self, code: i64) -> Ret<Value> {
        let old = self.response_status();
        if code != 0 {
            if self.out.headers.sent {
                let text = match &self.out.headers.start {
                    Some((file, line)) => format!(
                        "Cannot set response code - headers already sent (output started at {}:{line})",
                        file.to_str_lossy()
                    ),
                    None => "Cannot set response code - headers already sent".to_string(),
                };
                self.warning(text)?;
                return Ok(Value::Bool(false));
            }
            self.set_status(code);
            return Ok(if old == 0 { Value::Bool(true) } else { Value::Int(i64::from(old)) });
        }
        Ok(if old == 0 { Value::Bool(false) } else { Value::Int(i64::from(old)) })
    }

    /// `header_register_callback`
    pub fn header_register_callback(&mut self, callback: Value) {
        self.out.headers.callback = Some(callback);
    }

    /// The headers that every response has from its start.
    pub(crate) fn start_headers(&mut self) {
        if self.sapi.is_web() && self.ini.bool("expose_php") {
            let line = format!("X-Powered-By: PHP/{PHP_VERSION}").into_bytes();
            self.out.headers.lines.push(line);
        }
    }

    /// Sends the headers unless they are sent; the callback of the script runs first.
    pub(crate) fn send_headers(&mut self) -> Ret<()> {
        if self.out.headers.sent {
            return Ok(());
        }
        let called = match self.out.headers.callback.take() {
            Some(callback) => self.call(&callback, Vec::new()).map(|_| ()),
            None => Ok(()),
        };
        if self.out.headers.sent {
            return called;
        }
        let web = self.sapi.is_web();
        if web && !self.out.headers.typed {
            let mime = self.with_charset(self.ini.bytes("default_mimetype"), b"; charset=");
            if !mime.is_empty() {
                self.out.headers.lines.push([&b"Content-type: "[..], &mime].concat());
            }
        }
        self.out.headers.sent = true;
        let (file, line) = self.position();
        if !file.is_empty() {
            self.out.headers.start = Some((file, line));
        }
        self.lifecycle.mark_headers_sent();
        if web && !self.lifecycle.client_gone() {
            let mut status = self.response_status();
            let mut reason = self.out.headers.reason.clone();
            let mut list = Vec::with_capacity(self.out.headers.lines.len());
            for line in &self.out.headers.lines {
                let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
                let name = String::from_utf8_lossy(line[..colon].trim_ascii()).into_owned();
                let value = line[colon + 1..].trim_ascii().to_vec();
                if name.eq_ignore_ascii_case("status") {
                    let line = [&b"HTTP "[..], &value].concat();
                    (status, reason) = parse_status_line(&line);
                    continue;
                }
                list.push((name, value));
            }
            self.sapi.send_headers(status, reason.as_deref(), &list);
        }
        called
    }
}

#[cfg(test)]
mod tests {
    use super::parse_status_line;

    #[test]
    fn status_lines() {
        assert_eq!(parse_status_line(b"HTTP/1.1 403 Fo o"), (403, Some("Fo o".into())));
        assert_eq!(parse_status_line(b"HTTP/1.0  404"), (404, None));
    }
}
