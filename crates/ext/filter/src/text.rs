//! Validation of text by patterns: regular expressions, URLs, addresses of mail.

use crate::flags::*;
use crate::{Filtering, function_name, network, sanitize};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};

/// `FILTER_VALIDATE_REGEXP`
pub(crate) fn matches(cx: &mut Cx, text: &PhpString, how: &Filtering<'_>) -> Ret<bool> {
    let Some(pattern) = how.option("regexp") else {
        let name = function_name(cx);
        return Err(cx.throw_value_error(format!("{name}(): \"regexp\" option is missing")));
    };
    let found = cx.call(&Value::str("preg_match"), vec![pattern, Value::Str(text.clone())])?;
    Ok(matches!(found, Value::Int(1)))
}

/// User or password of a URL (RFC 3986, section 3.2.1).
fn is_userinfo(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:".contains(&byte) {
            at += 1;
        } else if byte == b'%'
            && text.len() > at + 2
            && text[at + 1..at + 3].iter().all(u8::is_ascii_hexdigit)
        {
            at += 3;
        } else {
            return false;
        }
    }
    true
}

/// `FILTER_VALIDATE_URL`
pub(crate) fn url(cx: &mut Cx, text: &PhpString, how: &Filtering<'_>) -> Ret<bool> {
    if !text.iter().all(|&b| sanitize::is_of_url(b)) {
        return Ok(false);
    }
    let parts = cx.call(&Value::str("parse_url"), vec![Value::Str(text.clone())])?;
    let Value::Array(parts) = parts.into_deref() else { return Ok(false) };
    let part = |name: &str| match parts.get_str(name.as_bytes()) {
        Some(Value::Str(text)) => Some(text.clone()),
        _ => None,
    };
    let (scheme, host) = (part("scheme"), part("host"));
    let Some(scheme) = scheme else { return Ok(false) };
    let lower = scheme.to_ascii_lowercase();
    match &host {
        Some(host) if matches!(lower.as_slice(), b"http" | b"https") => {
            let bracketed = host.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
            let valid = match bracketed {
                Some(address) => network::ipv6(address).is_some(),
                None => network::domain(host, true),
            };
            if !valid {
                return Ok(false);
            }
        }
        Some(_) => {}
        None if matches!(&scheme[..], b"mailto" | b"news" | b"file") => {}
        None => return Ok(false),
    }
    let users = [part("user"), part("pass")];
    if users.iter().flatten().any(|text| !is_userinfo(text)) {
        return Ok(false);
    }
    Ok(!(how.has(PATH_REQUIRED) && part("path").is_none()
        || how.has(QUERY_REQUIRED) && part("query").is_none()))
}

/// `FILTER_VALIDATE_EMAIL`: the addresses of RFC 5321 that are in use, without comments and
/// folding white space.
pub(crate) fn email(text: &[u8], how: &Filtering<'_>) -> bool {
    if text.len() > 320 {
        return false;
    }
    let unicode = how.has(EMAIL_UNICODE);
    let Some((local, domain)) = parted(text, unicode) else { return false };
    local.len() <= 64 && text.len() <= 254 && is_mail_domain(domain, unicode)
}

fn is_atom(byte: u8, unicode: bool) -> bool {
    byte.is_ascii_alphanumeric()
        || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
        || (unicode && byte >= 0x80)
}

/// The part before the `@`, made of atoms and quoted strings with dots between, and the rest.
fn parted(text: &[u8], unicode: bool) -> Option<(&[u8], &[u8])> {
    if unicode && std::str::from_utf8(text).is_err() {
        return None;
    }
    let mut at = 0;
    loop {
        if text.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match text.get(at)? {
                    b'"' => break,
                    b'\\' => at += 2,
                    b'\0' | b'\t' | b'\n' | b'\r' | b' ' | 0x80.. => return None,
                    _ => at += 1,
                }
            }
            at += 1;
        } else {
            let start = at;
            while text.get(at).is_some_and(|&b| is_atom(b, unicode)) {
                at += 1;
            }
            if at == start {
                return None;
            }
        }
        match text.get(at)? {
            b'@' => return Some((&text[..at], &text[at + 1..])),
            b'.' => at += 1,
            _ => return None,
        }
    }
}

fn is_mail_domain(domain: &[u8], unicode: bool) -> bool {
    if let Some(literal) = domain.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) {
        return match literal.get(..5) {
            Some(tag) if tag.eq_ignore_ascii_case(b"IPv6:") => {
                network::ipv6(&literal[5..]).is_some()
            }
            _ => network::ipv4(literal).is_some(),
        };
    }
    let labels: Vec<&[u8]> = domain.split(|&b| b == b'.').collect();
    let plain = |b: &u8| b.is_ascii_alphanumeric() || (unicode && *b >= 0x80);
    let valid = labels.iter().all(|label| {
        (1..=63).contains(&label.len())
            && label.first().is_some_and(plain)
            && label.last().is_some_and(plain)
            && label.iter().all(|b| plain(b) || *b == b'-')
    });
    let top = labels.last().and_then(|label| label.first());
    let lettered = top.is_some_and(|b| b.is_ascii_alphabetic() || (unicode && *b >= 0x80));
    valid && labels.len() > 1 && lettered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail() {
        let how = Filtering { flags: 0, options: None };
        let valid = |text: &str| email(text.as_bytes(), &how);
        assert!(valid("a.b@example.org") && valid("\"a\\\"b\"@c.de") && valid("x@[127.0.0.1]"));
        for wrong in ["a@b", "a..b@c.de", ".a@c.de", "a@-c.de", "a@c.1", "a b@c.de", "@c.de"] {
            assert!(!valid(wrong), "{wrong}");
        }
        assert!(!valid(&format!("{}@c.de", "x".repeat(65))));
        assert!(!valid("ü@c.de"));
        assert!(email("ü@c.de".as_bytes(), &Filtering { flags: EMAIL_UNICODE, options: None }));
    }
}
