//! What is sent.

use super::notify::{self, Event, notify};
use super::{Fetch, Hop, port};
use outlast_text::encode::base64_encode;
use outlast_text::url::{Url, urldecode};
use outlast_value::Value;
use outlast_vm::{Cx, Ret};

/// What `trim()` takes off.
fn trim(text: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | 0x0b | 0);
    let start = text.iter().position(|b| !blank(b)).unwrap_or(text.len());
    let end = text.iter().rposition(|b| !blank(b)).map_or(start, |at| at + 1);
    &text[start..end]
}

/// Headers that a script wrote, as lines.
struct Headers(Vec<u8>);

impl Headers {
    /// Where a line begins with `name`.
    fn find(&self, name: &[u8]) -> Option<usize> {
        let lower = self.0.to_ascii_lowercase();
        let at_line = |at: &usize| *at == 0 || lower[at - 1] == b'\n';
        (0..lower.len()).filter(at_line).find(|at| lower[*at..].starts_with(name))
    }

    fn has(&self, name: &[u8]) -> bool {
        self.find(name).is_some()
    }

    /// Takes a header off, all its lines.
    fn strip(&mut self, name: &[u8]) {
        while let Some(start) = self.find(name) {
            let rest = &self.0[start..];
            let end = rest.iter().position(|b| *b == b'\n').map_or(self.0.len(), |n| start + n + 1);
            self.0.drain(start..end);
        }
        self.0 = trim(&self.0).to_vec();
    }
}

impl Fetch<'_> {
    /// Request line, headers and content.
    pub(super) fn request_bytes(&mut self, cx: &mut Cx, hop: &Hop, url: &Url) -> Ret<Vec<u8>> {
        let mut out = self.request_line(cx, hop, url)?;
        let mut own = self.own_headers();
        let keeps_content = !hop.redirected || hop.keep_method;
        if let Some(own) = &mut own
            && !keeps_content
        {
            own.strip(b"content-length:");
            own.strip(b"content-type:");
        }
        let own = own.filter(|own| !own.0.is_empty());
        let has = |name: &[u8]| own.as_ref().is_some_and(|own| own.has(name));
        let mut line = |parts: &[&[u8]]| {
            out.extend_from_slice(&parts.concat());
            out.extend_from_slice(b"\r\n");
        };
        if !has(b"authorization:")
            && let Some(user) = &url.user
        {
            let pass = url.pass.as_deref().unwrap_or_default();
            let both = [&urldecode(user)[..], b":", &urldecode(pass)[..]].concat();
            line(&[b"Authorization: Basic ", &base64_encode(&both)]);
            notify(cx, self.how.context, Event::info(notify::AUTH_REQUIRED))?;
        }
        let setting = |name: &str| cx.ini.get(name).filter(|text| !text.is_empty());
        if !has(b"from:")
            && let Some(from) = setting("from")
        {
            line(&[b"From: ", &from]);
        }
        if !has(b"host:") {
            let host = url.host.as_deref().unwrap_or_default();
            match port(url) {
                80 => line(&[b"Host: ", host]),
                port => line(&[b"Host: ", host, format!(":{port}").as_bytes()]),
            }
        }
        if !has(b"connection:") {
            line(&[b"Connection: close"]);
        }
        let agent = self.text_option("user_agent").or_else(|| setting("user_agent"));
        if !has(b"user-agent:")
            && let Some(agent) = agent.filter(|agent| !agent.is_empty())
        {
            line(&[b"User-Agent: ", &agent]);
        }
        let content = self.text_option("content").filter(|c| keeps_content && !c.is_empty());
        if !has(b"content-length:")
            && let Some(content) = &content
        {
            line(&[b"Content-Length: ", content.len().to_string().as_bytes()]);
        }
        if let Some(own) = &own {
            line(&[&own.0]);
        }
        if content.is_some() && !has(b"content-type:") {
            line(&[b"Content-Type: application/x-www-form-urlencoded"]);
            cx.notice("Content-type not specified assuming application/x-www-form-urlencoded")?;
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(content.as_deref().unwrap_or_default());
        Ok(out)
    }

    fn request_line(&mut self, cx: &mut Cx, hop: &Hop, url: &Url) -> Ret<Vec<u8>> {
        let method = self.text_option("method").filter(|method| {
            let harmless = matches!(&method[..], b"GET" | b"HEAD");
            !method.is_empty() && (!hop.redirected || hop.keep_method || harmless)
        });
        let mut line = method.map_or_else(|| b"GET".to_vec(), |method| method.to_vec());
        line.push(b' ');
        if self.flag("request_fulluri") == Some(true) {
            line.extend_from_slice(&hop.url);
        } else {
            let path = url.path.as_deref().filter(|path| !path.is_empty());
            line.extend_from_slice(path.unwrap_or(b"/"));
            if let Some(query) = &url.query {
                line.push(b'?');
                line.extend_from_slice(query);
            }
        }
        let version = match self.option("protocol_version") {
            Some(version) => cx.to_float(&version)?,
            None => 1.1,
        };
        line.extend_from_slice(format!(" HTTP/{version:.1}\r\n").as_bytes());
        Ok(line)
    }

    /// The option `header`: text, or an array of lines.
    fn own_headers(&self) -> Option<Headers> {
        match self.option("header") {
            Some(Value::Str(text)) => Some(Headers(trim(&text).to_vec())),
            Some(Value::Array(lines)) => {
                let mut text = Vec::new();
                for (_, line) in lines.iter() {
                    if let Value::Str(line) = line.deref() {
                        text.extend_from_slice(&line);
                        text.extend_from_slice(b"\r\n");
                    }
                }
                Some(Headers(trim(&text).to_vec()))
            }
            _ => None,
        }
    }
}
