//! Validation of addresses and names of the network.

use crate::flags::*;
use crate::{Filtering, function_name};
use outlast_value::Value;
use outlast_vm::{Cx, Ret};
use std::net::Ipv4Addr;

/// Four numbers to 255 without leading zeros.
pub(crate) fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split(|&b| b == b'.');
    for octet in &mut octets {
        let part = parts.next()?;
        let digits = !part.is_empty() && part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
        if !digits || (part.len() > 1 && part[0] == b'0') {
            return None;
        }
        *octet = std::str::from_utf8(part).ok()?.parse().ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Groups of up to four hexadecimal digits, one run of zero groups left out, at the end an IPv4
/// address for two of them.
pub(crate) fn ipv6(text: &[u8]) -> Option<[u16; 8]> {
    let (head, tail) = match text.windows(2).position(|w| w == b"::") {
        Some(at) => (&text[..at], Some(&text[at + 2..])),
        None => (text, None),
    };
    let head = groups(head, tail.is_none())?;
    let Some(tail) = tail else { return head.try_into().ok() };
    let tail = groups(tail, true)?;
    if head.len() + tail.len() > 7 {
        return None;
    }
    let mut all = [0; 8];
    all[..head.len()].copy_from_slice(&head);
    all[8 - tail.len()..].copy_from_slice(&tail);
    Some(all)
}

fn groups(text: &[u8], last: bool) -> Option<Vec<u16>> {
    let mut out = Vec::new();
    if text.is_empty() {
        return Some(out);
    }
    let parts: Vec<&[u8]> = text.split(|&b| b == b':').collect();
    for (i, part) in parts.iter().enumerate() {
        if last && i + 1 == parts.len() && part.contains(&b'.') {
            let [a, b, c, d] = ipv4(part)?.octets();
            out.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
            continue;
        }
        if part.is_empty() || part.len() > 4 || !part.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        out.push(u16::from_str_radix(std::str::from_utf8(part).ok()?, 16).ok()?);
    }
    Some(out)
}

/// What an address is for, by the registries of special-purpose addresses (RFC 6890).
#[derive(Default)]
struct Purpose {
    private: bool,
    reserved: bool,
    /// It is not reachable from everywhere.
    local: bool,
}

fn purpose_v4(ip: Ipv4Addr) -> Purpose {
    let [a, b, c, _] = ip.octets();
    let private = ip.is_private();
    let reserved = a == 0 || a >= 240 || a == 127 || (a == 169 && b == 254);
    let local = (a == 100 && (64..128).contains(&b))
        || [a, b, c] == [192, 0, 0]
        || [a, b, c] == [192, 0, 2]
        || (a == 198 && (b == 18 || b == 19))
        || [a, b, c] == [198, 51, 100]
        || [a, b, c] == [203, 0, 113];
    Purpose { private, reserved, local: private || reserved || local }
}

fn purpose_v6(ip: &[u16; 8]) -> Purpose {
    let zeros = |count: usize| ip[..count].iter().all(|&group| group == 0);
    let private = (0xfc00..=0xfdff).contains(&ip[0]);
    let reserved = (zeros(7) && ip[7] <= 1)
        || (zeros(5) && ip[5] == 0xffff)
        || (zeros(6) && ip[6] != 0)
        || (0xfe80..=0xfebf).contains(&ip[0]);
    let local = (ip[0] == 0x0100 && ip[1..4] == [0, 0, 0])
        || (ip[0] == 0x2001 && (ip[1] <= 0x01ff || ip[1] == 0x0db8))
        || ip[0] == 0x2002;
    Purpose { private, reserved, local: private || reserved || local }
}

/// `FILTER_VALIDATE_IP`
pub(crate) fn ip(text: &[u8], how: &Filtering<'_>) -> bool {
    let any = !how.has(IPV4 | IPV6);
    let purpose = if text.contains(&b':') {
        let address = if any || how.has(IPV6) { ipv6(text) } else { None };
        address.map(|ip| purpose_v6(&ip))
    } else {
        let address = if any || how.has(IPV4) { ipv4(text) } else { None };
        address.map(purpose_v4)
    };
    let Some(purpose) = purpose else { return false };
    !(how.has(NO_PRIV_RANGE) && purpose.private
        || how.has(NO_RES_RANGE) && purpose.reserved
        || how.has(GLOBAL_RANGE) && purpose.local)
}

/// `FILTER_VALIDATE_MAC`
pub(crate) fn mac(cx: &mut Cx, text: &[u8], how: &Filtering<'_>) -> Ret<bool> {
    let wanted = match how.option("separator") {
        Some(Value::Str(separator)) if separator.len() == 1 => Some(separator[0]),
        Some(Value::Str(_)) => {
            let name = function_name(cx);
            let text = format!("{name}(): \"separator\" option must be one character long");
            return Err(cx.throw_value_error(text));
        }
        _ => None,
    };
    let (separator, groups, length) = match (text.len(), text.get(4), text.get(2)) {
        (14, Some(b'.'), _) => (b'.', 3, 4),
        (17, _, Some(&separator @ (b'-' | b':'))) => (separator, 6, 2),
        _ => return Ok(false),
    };
    if wanted.is_some_and(|wanted| wanted != separator) {
        return Ok(false);
    }
    let parts: Vec<&[u8]> = text.split(|&b| b == separator).collect();
    let fits = |part: &&[u8]| part.len() == length && part.iter().all(u8::is_ascii_hexdigit);
    Ok(parts.len() == groups && parts.iter().all(fits))
}

/// `FILTER_VALIDATE_DOMAIN`; a host's name is made of letters, digits and inner hyphens alone.
pub(crate) fn domain(text: &[u8], hostname: bool) -> bool {
    let text = text.strip_suffix(b".").unwrap_or(text);
    if text.len() > 253 || text.first().is_none_or(|&b| b == b'.') {
        return false;
    }
    text.split(|&b| b == b'.').all(|label| {
        let plain = |&b: &u8| b.is_ascii_alphanumeric();
        let host = !hostname
            || (label.first().is_some_and(plain)
                && label.last().is_some_and(plain)
                && label.iter().all(|b| plain(b) || *b == b'-'));
        (1..=63).contains(&label.len()) && host
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_leave_out_one_run_of_zeros() {
        assert!(ipv6(b"::").is_some() && ipv6(b"::1").is_some() && ipv6(b"fe80::1:2").is_some());
        assert!(ipv6(b"1:2:3:4:5:6:7:8").is_some() && ipv6(b"::ffff:1.2.3.4").is_some());
        for wrong in ["1::2::3", "1:2:3:4:5:6:7", ":1", "1:", "12345::", "::1.2.3", "1.2.3.4::"] {
            assert!(ipv6(wrong.as_bytes()).is_none(), "{wrong}");
        }
        assert!(ipv4(b"192.168.0.1").is_some() && ipv4(b"1.2.3.04").is_none());
    }

    #[test]
    fn labels_are_neither_empty_nor_long() {
        assert!(domain(b"a-b.example.org.", true) && domain(b"_dmarc.example.org", false));
        assert!(!domain(b"a..b", false) && !domain(b"-a.b", true) && !domain(b"_a.b", true));
        assert!(!domain(format!("{}.org", "a".repeat(64)).as_bytes(), false));
    }
}
