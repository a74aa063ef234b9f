//! CGI: the request in the environment and on standard input, the response on standard output.

use super::descriptor::Descriptor;
use outlast_value::PhpString;
use outlast_vm::sapi::{BodyCut, ClientGone, Sapi};
use std::io::Read;

/// One CGI request.
pub struct CgiSapi {
    output: Descriptor,
    errors: Descriptor,
    variables: Vec<(Vec<u8>, Vec<u8>)>,
    /// Read when first asked for.
    body: Option<Vec<u8>>,
    /// Print no headers (`-q`).
    quiet: bool,
}

impl CgiSapi {
    /// The process's request. `variables` go over the environment.
    pub fn new(variables: Vec<(&'static str, Vec<u8>)>, quiet: bool) -> CgiSapi {
        let mut all = outlast_host::system::environment();
        for (name, value) in variables {
            all.retain(|(known, _)| known != name.as_bytes());
            all.push((name.as_bytes().to_vec(), value));
        }
        CgiSapi {
            output: Descriptor::of(std::io::stdout()),
            errors: Descriptor::of(std::io::stderr()),
            variables: all,
            body: None,
            quiet,
        }
    }

    fn variable(&self, name: &[u8]) -> Option<&[u8]> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_slice())
    }

    fn read_body(&self) -> Vec<u8> {
        let length = self.variable(b"CONTENT_LENGTH").unwrap_or_default();
        let length = std::str::from_utf8(length).ok().and_then(|text| text.trim().parse().ok());
        let mut body = Vec::new();
        // A body cut short is what the script gets, as under PHP.
        let _ = std::io::stdin().lock().take(length.unwrap_or(0)).read_to_end(&mut body);
        body
    }
}

impl Sapi for CgiSapi {
    fn name(&self) -> &'static str {
        "cgi-fcgi"
    }

    fn send_headers(&mut self, status: u16, reason: Option<&str>, headers: &[(String, Vec<u8>)]) {
        if self.quiet {
            return;
        }
        let mut head = Vec::new();
        if status != 200 {
            let reason = reason.unwrap_or_else(|| reason_phrase(status));
            let line = format!("Status: {status} {reason}");
            head.extend_from_slice(line.trim_end().as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        for (name, value) in headers {
            head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        head.extend_from_slice(b"\r\n");
        // A server that has closed our output is noticed at the next write.
        let _ = self.output.write(&head);
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ClientGone> {
        self.output.write(bytes).map_err(|_| ClientGone)
    }

    fn flush(&mut self) -> Result<(), ClientGone> {
        Ok(())
    }

    fn log(&mut self, message: &[u8]) {
        self.stderr(&[message, b"\n"].concat());
    }

    fn log_to(&mut self, file: &[u8], message: &[u8]) {
        if !super::append_to_error_log(file, message) {
            self.log(message);
        }
    }

    fn stderr(&mut self, bytes: &[u8]) {
        // Nobody can be told that standard error is closed.
        let _ = self.errors.write(bytes);
    }

    fn body(&mut self) -> Vec<u8> {
        if self.body.is_none() {
            self.body = Some(self.read_body());
        }
        self.body.clone().unwrap_or_default()
    }

    fn body_part(&mut self) -> Result<Vec<u8>, BodyCut> {
        if self.body.is_some() {
            return Ok(Vec::new());
        }
        self.body = Some(Vec::new());
        Ok(self.read_body())
    }

    fn server_variables(&self) -> Vec<(PhpString, PhpString)> {
        let row =
            |(name, value): &(Vec<u8>, Vec<u8>)| (PhpString::new(name), PhpString::new(value));
        self.variables.iter().map(row).collect()
    }

    fn request_headers(&self) -> Vec<(String, Vec<u8>)> {
        let header = |(name, value): &(Vec<u8>, Vec<u8>)| {
            let name = name.strip_prefix(b"HTTP_")?;
            Some((header_name(&String::from_utf8_lossy(name)), value.clone()))
        };
        self.variables.iter().filter_map(header).collect()
    }

    fn is_web(&self) -> bool {
        true
    }
}

/// `ACCEPT_LANGUAGE` as `Accept-Language`.
fn header_name(variable: &str) -> String {
    let words = variable.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
    });
    words.collect::<Vec<_>>().join("-")
}

/// The reason PHP's CGI prints for a status.
fn reason_phrase(status: u16) -> &'static str {
    match status {
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        305 => "Use Proxy",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        506 => "Variant Also Negotiates",
        511 => "Network Authentication Required",
        _ => "",
    }
}
