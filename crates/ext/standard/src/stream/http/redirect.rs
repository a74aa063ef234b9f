//! Where a redirection leads.

use super::super::Stream;
use super::notify::{self, Event, notify};
use super::response::Head;
use super::{Fetch, Hop, Reply, port};
use outlast_text::url::{Url, parse_url, urldecode};
use outlast_vm::{Cx, Ret};
use std::rc::Rc;

impl Fetch<'_> {
    /// The answer is no success, or sends elsewhere.
    pub(super) fn redirect(
        &mut self,
        cx: &mut Cx,
        stream: &Rc<Stream>,
        hop: Hop,
        url: Url,
        head: &Head,
    ) -> Ret<Reply> {
        if let Some(location) = &head.location {
            let event = Event { message: Some(location), ..Event::info(notify::REDIRECTED) };
            notify(cx, self.how.context, event)?;
        }
        stream.close(cx)?;
        let Some(location) = &head.location else {
            let status = String::from_utf8_lossy(&head.status_line);
            return self.fail(format!("HTTP request failed! {status}"));
        };
        let target = absolute(location, url);
        let bad = match parse_url(&target) {
            None => true,
            Some(parts) => {
                let http = [&b"http://"[..], b"https://"].iter().any(|scheme| {
                    target.get(..scheme.len()).is_some_and(|t| t.eq_ignore_ascii_case(scheme))
                });
                http && has_control(&parts)
            }
        };
        if bad {
            let shown = String::from_utf8_lossy(&target);
            return self.fail(format!("Invalid redirect URL! {shown}"));
        }
        Ok(Reply::Redirect(Hop {
            url: target,
            redirects: hop.redirects - 1,
            redirected: true,
            keep_method: matches!(head.status, 307 | 308),
        }))
    }
}

/// Control characters in user, password or path.
fn has_control(parts: &Url) -> bool {
    [&parts.user, &parts.pass, &parts.path]
        .into_iter()
        .flatten()
        .any(|part| urldecode(part).iter().any(u8::is_ascii_control))
}

/// A location, beside the URL that named it.
fn absolute(location: &[u8], from: Url) -> Vec<u8> {
    const SCHEMES: [&[u8]; 4] = [b"http://", b"https://", b"ftp://", b"ftps://"];
    let has_scheme =
        location.len() >= 8 && SCHEMES.iter().any(|s| location[..s.len()].eq_ignore_ascii_case(s));
    if has_scheme {
        return location.to_vec();
    }
    let path = match (location.first(), &from.path) {
        (Some(b'/'), _) => location.to_vec(),
        (_, Some(path)) if location.len() > 1 => {
            let folder = match path.iter().rposition(|b| *b == b'/') {
                Some(at) => &path[..=at],
                None => b"/",
            };
            let slash: &[u8] = if folder == b"/" { b"" } else { b"/" };
            [folder, slash, location].concat()
        }
        _ => [b"/", location].concat(),
    };
    let host = from.host.as_deref().unwrap_or_default();
    let scheme = from.scheme.as_deref().unwrap_or_default();
    match port(&from) {
        80 => [scheme, b"://", host, &path].concat(),
        port => [scheme, b"://", host, format!(":{port}").as_bytes(), &path].concat(),
    }
}
