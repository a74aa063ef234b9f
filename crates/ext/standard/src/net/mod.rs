//! Addresses, hosts, services and protocols (manual: book.network).

use crate::stream::backend::host;
use outlast_host::socket::resolve;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

mod net_stub;
pub use net_stub::MODULE;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// `ip2long()`
pub fn ip2long(_cx: &mut Cx, ip: &PhpString) -> Ret<OrFalse<i64>> {
    let parsed: Option<Ipv4Addr> = text(ip).parse().ok();
    Ok(OrFalse(parsed.map(|ip| i64::from(u32::from(ip)))))
}

/// `long2ip()`
pub fn long2ip(_cx: &mut Cx, ip: i64) -> Ret<String> {
    Ok(Ipv4Addr::from(ip as u32).to_string())
}

/// `inet_pton()`
pub fn inet_pton(_cx: &mut Cx, ip: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    Ok(OrFalse(match text(ip).parse() {
        Ok(IpAddr::V4(ip)) => Some(ip.octets().to_vec()),
        Ok(IpAddr::V6(ip)) => Some(ip.octets().to_vec()),
        Err(_) => None,
    }))
}

/// `inet_ntop()`
pub fn inet_ntop(_cx: &mut Cx, ip: &PhpString) -> Ret<OrFalse<String>> {
    let bytes = ip.as_bytes();
    Ok(OrFalse(if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        Some(Ipv4Addr::from(octets).to_string())
    } else if let Ok(octets) = <[u8; 16]>::try_from(bytes) {
        Some(Ipv6Addr::from(octets).to_string())
    } else {
        None
    }))
}

/// The IPv4 addresses of a host.
fn addresses(cx: &mut Cx, name: &PhpString) -> Ret<Option<Vec<Ipv4Addr>>> {
    if name.len() > 255 {
        cx.warning("Host name cannot be longer than 255 characters")?;
        return Ok(None);
    }
    let name = name.to_str_lossy().into_owned();
    let found = host(cx, "dns", || resolve(&name))?;
    Ok(found.ok().map(|all| {
        let mut list: Vec<Ipv4Addr> = Vec::new();
        for ip in all {
            if let IpAddr::V4(ip) = ip
                && !list.contains(&ip)
            {
                list.push(ip);
            }
        }
        list
    }))
}

/// `gethostbyname()`
pub fn gethostbyname(cx: &mut Cx, hostname: &PhpString) -> Ret<Vec<u8>> {
    let found = addresses(cx, hostname)?.and_then(|all| all.first().copied());
    Ok(found.map_or_else(|| hostname.to_vec(), |ip| ip.to_string().into_bytes()))
}

/// `gethostbynamel()`
pub fn gethostbynamel(cx: &mut Cx, hostname: &PhpString) -> Ret<OrFalse<PhpArray>> {
    let found = addresses(cx, hostname)?.filter(|all| !all.is_empty());
    Ok(OrFalse(found.map(|all| all.iter().map(|ip| Value::str(ip.to_string())).collect())))
}

/// Lines of a table of the system: a name, what stands behind it, other names.
fn lines(file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .filter(|fields: &Vec<String>| fields.len() >= 2)
        .collect()
}

fn is_named(fields: &[String], name: &str) -> bool {
    fields[0] == name || fields[2..].iter().any(|other| other == name)
}

/// `getservbyname()`
pub fn getservbyname(_cx: &mut Cx, service: &PhpString, protocol: &PhpString) -> Ret<OrFalse<i64>> {
    Ok(OrFalse(lines("/etc/services").into_iter().find_map(|fields| {
        let (port, of) = fields[1].split_once('/')?;
        (of.as_bytes() == protocol.as_bytes() && is_named(&fields, text(service)))
            .then(|| port.parse().ok())?
    })))
}

/// `getservbyport()`
pub fn getservbyport(_cx: &mut Cx, port: i64, protocol: &PhpString) -> Ret<OrFalse<String>> {
    Ok(OrFalse(lines("/etc/services").into_iter().find_map(|fields| {
        let (number, of) = fields[1].split_once('/')?;
        (of.as_bytes() == protocol.as_bytes() && number.parse() == Ok(port))
            .then(|| fields[0].clone())
    })))
}

/// `getprotobyname()`
pub fn getprotobyname(_cx: &mut Cx, protocol: &PhpString) -> Ret<OrFalse<i64>> {
    let name = text(protocol);
    Ok(OrFalse(
        lines("/etc/protocols")
            .into_iter()
            .find_map(|fields| is_named(&fields, name).then(|| fields[1].parse().ok())?),
    ))
}

/// `getprotobynumber()`
pub fn getprotobynumber(_cx: &mut Cx, protocol: i64) -> Ret<OrFalse<String>> {
    Ok(OrFalse(
        lines("/etc/protocols")
            .into_iter()
            .find_map(|fields| (fields[1].parse() == Ok(protocol)).then(|| fields[0].clone())),
    ))
}
