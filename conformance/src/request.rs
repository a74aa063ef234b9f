//! The HTTP request of a test, as a CGI binary sees it.

use crate::phpt::Phpt;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// Environment and body of a request.
pub struct Request {
    /// CGI variables.
    pub env: Vec<(String, OsString)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Builds the request that the test's sections describe.
pub fn build(test: &Phpt, script: &Path) -> Request {
    let mut request = Request { env: Vec::new(), body: Vec::new() };
    request.set("REDIRECT_STATUS", "1");
    request.set("PATH_TRANSLATED", script);
    request.set("SCRIPT_FILENAME", script);
    request.set("QUERY_STRING", trimmed(test, "GET"));
    if let Some(cookie) = test.filled("COOKIE") {
        request.set("HTTP_COOKIE", String::from_utf8_lossy(cookie).trim());
    }
    request.set("REQUEST_METHOD", "GET");
    for (section, method) in [("PUT", "PUT"), ("POST_RAW", "POST")] {
        if let Some(raw) = test.filled(section) {
            request.raw_body(raw, method);
            return request;
        }
    }
    if let Some(post) = test.filled("POST") {
        request.form(post.trim_ascii().to_vec(), None);
    } else if let Some(post) = test.filled("GZIP_POST") {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        // Writing to memory cannot fail.
        let _ = encoder.write_all(post.trim_ascii());
        request.form(encoder.finish().unwrap_or_default(), Some("gzip"));
    } else if let Some(post) = test.filled("DEFLATE_POST") {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        let _ = encoder.write_all(post.trim_ascii());
        request.form(encoder.finish().unwrap_or_default(), Some("deflate"));
    }
    request
}

fn trimmed(test: &Phpt, section: &str) -> String {
    test.text(section).unwrap_or_default().trim().to_owned()
}

impl Request {
    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.env.retain(|(k, _)| k != name);
        self.env.push((name.to_owned(), value.into()));
    }

    fn form(&mut self, body: Vec<u8>, encoding: Option<&str>) {
        self.set("REQUEST_METHOD", "POST");
        self.set("CONTENT_TYPE", "application/x-www-form-urlencoded");
        self.set("CONTENT_LENGTH", body.len().to_string());
        if let Some(encoding) = encoding {
            self.set("HTTP_CONTENT_ENCODING", encoding);
        }
        self.body = body;
    }

    /// The first `Content-Type:` line is a header, the other lines are the body.
    fn raw_body(&mut self, raw: &[u8], method: &str) {
        let mut body: Vec<&[u8]> = Vec::new();
        let mut typed = false;
        for line in raw.trim_ascii().split(|&b| b == b'\n') {
            let text = String::from_utf8_lossy(line);
            let is_type = text.get(..13).is_some_and(|s| s.eq_ignore_ascii_case("content-type:"));
            if body.is_empty() && !typed && is_type {
                let value = text[13..].trim().to_owned();
                self.set("CONTENT_TYPE", value);
                typed = true;
            } else {
                body.push(line);
            }
        }
        self.body = body.join(&b'\n');
        self.set("CONTENT_LENGTH", self.body.len().to_string());
        self.set("REQUEST_METHOD", method);
    }
}

/// Splits a CGI response into its header lines and its body.
pub fn split_response(output: &[u8]) -> (Vec<String>, &[u8]) {
    let mut start = 0;
    let mut headers = Vec::new();
    while let Some(len) = output[start..].iter().position(|&b| b == b'\n') {
        let line = output[start..start + len].trim_ascii_end();
        start += len + 1;
        if line.is_empty() {
            return (headers, &output[start..]);
        }
        headers.push(String::from_utf8_lossy(line).into_owned());
    }
    (Vec::new(), output)
}

/// The first expected header that the response lacks, if any.
pub fn missing_header(expected: &str, headers: &[String]) -> Option<String> {
    let normal = |line: &str| {
        line.split_once(':').map(|(k, v)| (k.trim().to_lowercase(), v.trim().to_owned()))
    };
    expected
        .lines()
        .find(|line| {
            normal(line)
                .is_some_and(|wanted| !headers.iter().any(|h| normal(h).as_ref() == Some(&wanted)))
        })
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn request(sections: &str) -> Request {
        let text = format!("--TEST--\nx\n--FILE--\n--EXPECT--\n{sections}");
        build(&Phpt::parse(text.as_bytes(), PathBuf::new()).unwrap(), Path::new("/s.php"))
    }

    fn var(request: &Request, name: &str) -> Option<String> {
        let found = request.env.iter().find(|(k, _)| k == name);
        found.map(|(_, v)| v.to_string_lossy().into_owned())
    }

    #[test]
    fn a_form() {
        let r = request("--POST--\na=1&b=2\n--GET--\nq=3\n");
        assert_eq!(r.body, b"a=1&b=2");
        assert_eq!(var(&r, "REQUEST_METHOD").unwrap(), "POST");
        assert_eq!(var(&r, "CONTENT_LENGTH").unwrap(), "7");
        assert_eq!(var(&r, "QUERY_STRING").unwrap(), "q=3");
    }

    #[test]
    fn a_raw_body_names_its_type() {
        let r = request("--POST_RAW--\nContent-Type: multipart/form-data; boundary=x\n--x\nb\n");
        assert_eq!(var(&r, "CONTENT_TYPE").unwrap(), "multipart/form-data; boundary=x");
        assert_eq!(r.body, b"--x\nb");
    }

    #[test]
    fn headers_of_a_response() {
        let (headers, body) = split_response(b"Status: 404\r\nX-A: b\r\n\r\nbody\n\nmore");
        assert_eq!(body, b"body\n\nmore");
        assert_eq!(missing_header("x-a: b\nstatus:404", &headers), None);
        assert_eq!(missing_header("X-A: c", &headers).unwrap(), "X-A: c");
    }
}
