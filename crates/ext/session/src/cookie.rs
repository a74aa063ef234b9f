//! What the client is told: the cookie with the id, and how pages may be cached.

use crate::report::{refuse, warning};
use crate::settings::FORBIDDEN;
use crate::state::session;
use outlast_ext_standard::stream::registry::place;
use outlast_text::http_date::http_date;
use outlast_text::url::urlencode;
use outlast_vm::{Cx, Ret};
use std::time::UNIX_EPOCH;

/// When nothing was ever fresh.
const LONG_AGO: &str = "Expires: Thu, 19 Nov 1981 08:52:00 GMT";

fn now() -> i64 {
    outlast_host::clock::wall().as_secs() as i64
}

/// `(output started at FILE:LINE)`, if that is known.
fn with_origin(cx: &Cx, message: &str) -> String {
    let (_, file, line) = cx.headers_sent();
    if file.is_empty() {
        return message.to_owned();
    }
    format!("{message} (output started at {}:{line})", file.to_str_lossy())
}

/// Sends the id.
pub fn send(cx: &mut Cx) -> Ret<bool> {
    if cx.headers_sent().0 {
        let text = "Session cookie cannot be sent after headers have already been sent";
        let text = with_origin(cx, text);
        return refuse(cx, &text);
    }
    let name = cx.ini.bytes("session.name").to_vec();
    if name.iter().any(|b| FORBIDDEN.contains(b)) {
        return refuse(
            cx,
            "session.name cannot contain any of the following '=,;.[ \\t\\r\\n\\013\\014'",
        );
    }
    let id = session(cx).id.clone().unwrap_or_default();
    let mut line = [&b"Set-Cookie: "[..], &name, b"="].concat();
    let start = line.clone();
    line.extend_from_slice(&urlencode(&id));
    let lifetime = cx.ini.int("session.cookie_lifetime");
    let expires = now().saturating_add(lifetime);
    if lifetime > 0 && expires > 0 {
        let date = http_date(expires);
        line.extend_from_slice(format!("; expires={date}; Max-Age={lifetime}").as_bytes());
    }
    for (label, setting) in
        [("; path=", "session.cookie_path"), ("; domain=", "session.cookie_domain")]
    {
        add_attribute(cx, &mut line, label, setting);
    }
    if cx.ini.bool("session.cookie_secure") {
        line.extend_from_slice(b"; secure");
    }
    if cx.ini.bool("session.cookie_httponly") {
        line.extend_from_slice(b"; HttpOnly");
    }
    add_attribute(cx, &mut line, "; SameSite=", "session.cookie_samesite");
    // Of several ids the last one counts.
    cx.remove_header_lines(&start);
    cx.header(&line, false, 0)
}

fn add_attribute(cx: &Cx, line: &mut Vec<u8>, label: &str, setting: &str) {
    let value = cx.ini.bytes(setting);
    if !value.is_empty() {
        line.extend_from_slice(label.as_bytes());
        line.extend_from_slice(value);
    }
}

/// `session.cache_limiter`; false: it is too late for headers.
pub fn limit_cache(cx: &mut Cx) -> Ret<bool> {
    let limiter = cx.ini.bytes("session.cache_limiter").to_ascii_lowercase();
    if limiter.is_empty() {
        return Ok(true);
    }
    if cx.headers_sent().0 {
        let text = "Session cache limiter cannot be sent after headers have already been sent";
        let text = with_origin(cx, text);
        warning(cx, &text)?;
        return Ok(false);
    }
    let age = cx.ini.int("session.cache_expire").saturating_mul(60);
    let lines = match limiter.as_slice() {
        b"nocache" => vec![
            LONG_AGO.to_owned(),
            "Cache-Control: no-store, no-cache, must-revalidate".to_owned(),
            "Pragma: no-cache".to_owned(),
        ],
        b"public" => {
            let date = http_date(now().saturating_add(age));
            vec![format!("Expires: {date}"), format!("Cache-Control: public, max-age={age}")]
        }
        b"private" => {
            vec![LONG_AGO.to_owned(), format!("Cache-Control: private, max-age={age}")]
        }
        b"private_no_expire" => vec![format!("Cache-Control: private, max-age={age}")],
        _ => return Ok(true),
    };
    for line in lines {
        cx.header(line.as_bytes(), true, 0)?;
    }
    if limiter != b"nocache" {
        send_last_modified(cx)?;
    }
    Ok(true)
}

fn send_last_modified(cx: &mut Cx) -> Ret<()> {
    let script = cx.script_path.clone();
    let modified = place(cx).stat(&script, true).and_then(|stat| stat.modified());
    if let Some(time) = modified.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()) {
        let line = format!("Last-Modified: {}", http_date(time.as_secs() as i64));
        cx.header(line.as_bytes(), true, 0)?;
    }
    Ok(())
}
