//! Functions that open and use sockets.

use super::backend::{error_text, host};
use super::context::context_arg;
use super::registry::path_of;
use super::socket::{Kind, Socket};
use super::{Make, Stream, stream_arg};
use outlast_host::socket::{Datagrams, Listener, Stream as Connection, resolve};
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

#[path = "sockets_stub.rs"]
mod sockets_stub;
pub use sockets_stub::MODULE;

/// How an address failed: number and text.
pub(super) struct Failed {
    number: i64,
    pub(super) text: String,
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        Failed { number: i64::from(error.raw_os_error().unwrap_or(0)), text: error_text(&error) }
    }
}

fn no_transport(scheme: &[u8]) -> Failed {
    let name = String::from_utf8_lossy(scheme);
    Failed {
        number: 0,
        text: format!(
            "Unable to find the socket transport \"{name}\" - did you forget to enable it when you configured PHP?"
        ),
    }
}

/// Splits `transport://address`.
fn transport(address: &[u8]) -> (&[u8], &[u8]) {
    match address.windows(3).position(|w| w == b"://") {
        Some(at) => (&address[..at], &address[at + 3..]),
        None => (b"tcp", address),
    }
}

/// Host and port of `host:port`.
fn host_and_port(address: &[u8]) -> Result<(String, u16), Failed> {
    let text = String::from_utf8_lossy(address).into_owned();
    let text = text.split('/').next().unwrap_or_default();
    let failed = || Failed { number: 0, text: format!("Failed to parse address \"{text}\"") };
    let (host, port) = text.rsplit_once(':').ok_or_else(failed)?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().map_err(|_| failed())?;
    Ok((host.to_owned(), port))
}

fn shown_address(address: SocketAddr) -> Vec<u8> {
    address.to_string().into_bytes()
}

/// The first address of a host.
fn address_of(cx: &mut Cx, name: &str, port: u16) -> Ret<Result<SocketAddr, Failed>> {
    let found = if name.is_empty() {
        Ok(vec![IpAddr::from([0, 0, 0, 0])])
    } else {
        host(cx, "dns", || resolve(name))?
    };
    Ok(match found.ok().and_then(|all| all.first().copied()) {
        Some(ip) => Ok((ip, port).into()),
        None => Err(Failed {
            number: 0,
            text: format!(
                "php_network_getaddresses: getaddrinfo for {name} failed: Name or service not known"
            ),
        }),
    })
}

/// Connects to `transport://address`.
pub(super) fn connect(
    cx: &mut Cx,
    address: &[u8],
    limit: Option<Duration>,
) -> Ret<Result<Socket, Failed>> {
    let read_limit = default_limit(cx);
    let (scheme, rest) = transport(address);
    match scheme {
        b"tcp" => {
            let (name, port) = match host_and_port(rest) {
                Ok(both) => both,
                Err(failed) => return Ok(Err(failed)),
            };
            if let Err(failed) = address_of(cx, &name, port)? {
                cx.warning(&failed.text)?;
                return Ok(Err(failed));
            }
            Ok(match host(cx, "connect", || Connection::connect(&name, port, None, limit))? {
                Ok(connection) => {
                    let local = connection.local_address().map(shown_address);
                    let remote = connection.peer_address().map(shown_address);
                    let socket =
                        Socket::new(Kind::Connection(connection), "tcp_socket", read_limit);
                    *socket.local.borrow_mut() = local.unwrap_or_default();
                    *socket.remote.borrow_mut() = remote.unwrap_or_default();
                    Ok(socket)
                }
                Err(error) => Err(error.into()),
            })
        }
        b"unix" => {
            let path = path_of(cx, rest);
            Ok(match host(cx, "connect", || Connection::connect_unix(&path, limit))? {
                Ok(connection) => {
                    let socket =
                        Socket::new(Kind::Connection(connection), "unix_socket", read_limit);
                    *socket.remote.borrow_mut() = rest.to_vec();
                    Ok(socket)
                }
                Err(error) => Err(error.into()),
            })
        }
        b"udp" => {
            let (name, port) = match host_and_port(rest) {
                Ok(both) => both,
                Err(failed) => return Ok(Err(failed)),
            };
            let to = match address_of(cx, &name, port)? {
                Ok(to) => to,
                Err(failed) => return Ok(Err(failed)),
            };
            let any: IpAddr = if to.is_ipv4() { [0, 0, 0, 0].into() } else { [0u16; 8].into() };
            Ok(match host(cx, "bind", || Datagrams::bind((any, 0).into()))? {
                Ok(datagrams) => {
                    let local = datagrams.local_address().map(shown_address);
                    let kind = Kind::Datagrams(datagrams, Some(to));
                    let socket = Socket::new(kind, "udp_socket", read_limit);
                    *socket.local.borrow_mut() = local.unwrap_or_default();
                    *socket.remote.borrow_mut() = shown_address(to);
                    Ok(socket)
                }
                Err(error) => Err(error.into()),
            })
        }
        other => Ok(Err(no_transport(other))),
    }
}

/// `default_socket_timeout`
pub(super) fn default_limit(cx: &Cx) -> Option<Duration> {
    let seconds = cx.ini.get("default_socket_timeout");
    let seconds = seconds.and_then(|s| s.to_str_lossy().trim().parse::<f64>().ok()).unwrap_or(60.0);
    (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)))
}

/// The limit that argument `n` sets.
fn limit_of(cx: &mut Cx, n: usize, timeout: Option<f64>) -> Ret<Option<Duration>> {
    match timeout {
        Some(seconds) if !seconds.is_finite() => {
            Err(cx.arg_value_error(n, "must be a finite value"))
        }
        Some(seconds) => Ok((seconds >= 0.0).then(|| Duration::from_secs_f64(seconds.min(1e9)))),
        None => Ok(default_limit(cx)),
    }
}

fn set(reference: Option<&Reference>, value: Value) {
    if let Some(reference) = reference {
        reference.set(value);
    }
}

/// Makes the stream of a socket, or reports why there is none.
fn finish(
    cx: &mut Cx,
    opened: Result<Socket, Failed>,
    shown: &[u8],
    code: Option<&Reference>,
    message: Option<&Reference>,
) -> Ret<Value> {
    match opened {
        Ok(socket) => Ok(stream_of_socket(cx, socket).into_value(cx)),
        Err(Failed { number, text }) => {
            set(code, Value::Int(number));
            set(message, Value::str(&text));
            let shown = String::from_utf8_lossy(shown).into_owned();
            let text = if text.is_empty() { "Unknown error".to_owned() } else { text };
            cx.warning(format!("Unable to connect to {shown} ({text})"))?;
            Ok(Value::Bool(false))
        }
    }
}

fn stream_of_socket(cx: &mut Cx, socket: Socket) -> Rc<Stream> {
    Stream::new(cx, Make { backend: Rc::new(socket), wrapper: "", mode: b"r+", uri: None })
}

/// `stream_socket_client()`
pub fn stream_socket_client(
    cx: &mut Cx,
    address: &PhpString,
    error_code: Option<&Reference>,
    error_message: Option<&Reference>,
    timeout: Option<f64>,
    _flags: i64,
    context: &Value,
) -> Ret<Value> {
    let context = context_arg(cx, 6, Some(context))?;
    set(error_code, Value::Int(0));
    set(error_message, Value::empty_str());
    let limit = limit_of(cx, 4, timeout)?;
    let opened = connect(cx, address, limit)?;
    let value = finish(cx, opened, address, error_code, error_message)?;
    if let Some(stream) = value.as_resource().and_then(super::stream_of) {
        *stream.context.borrow_mut() = Some(context);
        *stream.uri.borrow_mut() = Some(address.clone());
    }
    Ok(value)
}

/// `fsockopen()`
pub fn fsockopen(
    cx: &mut Cx,
    hostname: &PhpString,
    port: i64,
    error_code: Option<&Reference>,
    error_message: Option<&Reference>,
    timeout: Option<f64>,
) -> Ret<Value> {
    set(error_code, Value::Int(0));
    set(error_message, Value::empty_str());
    let mut address = hostname.to_vec();
    if port > 0 {
        address.extend_from_slice(format!(":{port}").as_bytes());
    }
    let limit = limit_of(cx, 5, timeout)?;
    let opened = connect(cx, &address, limit)?;
    let shown = format!("{}:{port}", hostname.to_str_lossy());
    finish(cx, opened, shown.as_bytes(), error_code, error_message)
}

fn listen(cx: &mut Cx, address: &[u8]) -> Ret<Result<Socket, Failed>> {
    let limit = default_limit(cx);
    let (scheme, rest) = transport(address);
    match scheme {
        b"tcp" | b"udp" => {
            let (name, port) = match host_and_port(rest) {
                Ok(both) => both,
                Err(failed) => return Ok(Err(failed)),
            };
            let at = match address_of(cx, &name, port)? {
                Ok(at) => at,
                Err(failed) => return Ok(Err(failed)),
            };
            if scheme == b"udp" {
                return Ok(match host(cx, "bind", || Datagrams::bind(at))? {
                    Ok(datagrams) => {
                        let local = datagrams.local_address().map(shown_address);
                        let kind = Kind::Datagrams(datagrams, None);
                        let socket = Socket::new(kind, "udp_socket", limit);
                        *socket.local.borrow_mut() = local.unwrap_or_default();
                        Ok(socket)
                    }
                    Err(error) => Err(error.into()),
                });
            }
            Ok(match host(cx, "bind", || Listener::bind(at))? {
                Ok(listener) => {
                    let local = listener.local_address().map(shown_address);
                    let socket = Socket::new(Kind::Listener(listener), "tcp_socket", limit);
                    *socket.local.borrow_mut() = local.unwrap_or_default();
                    Ok(socket)
                }
                Err(error) => Err(error.into()),
            })
        }
        b"unix" => {
            let path = path_of(cx, rest);
            Ok(match Listener::bind_unix(&path) {
                Ok(listener) => {
                    let socket = Socket::new(Kind::Listener(listener), "unix_socket", limit);
                    *socket.local.borrow_mut() = rest.to_vec();
                    Ok(socket)
                }
                Err(error) => Err(error.into()),
            })
        }
        other => Ok(Err(no_transport(other))),
    }
}

/// `stream_socket_server()`
pub fn stream_socket_server(
    cx: &mut Cx,
    address: &PhpString,
    error_code: Option<&Reference>,
    error_message: Option<&Reference>,
    _flags: i64,
    context: &Value,
) -> Ret<Value> {
    let context = context_arg(cx, 5, Some(context))?;
    set(error_code, Value::Int(0));
    set(error_message, Value::empty_str());
    let opened = listen(cx, address)?;
    let value = finish(cx, opened, address, error_code, error_message)?;
    if let Some(stream) = value.as_resource().and_then(super::stream_of) {
        *stream.context.borrow_mut() = Some(context);
        *stream.uri.borrow_mut() = Some(address.clone());
    }
    Ok(value)
}

/// Calls `f` with the socket behind a stream.
fn with_socket<R>(stream: &Rc<Stream>, f: impl FnOnce(&Socket) -> R) -> Option<R> {
    let backend = stream.backend()?;
    backend.as_any().downcast_ref::<Socket>().map(f)
}

/// `stream_socket_accept()`
pub fn stream_socket_accept(
    cx: &mut Cx,
    socket: &Value,
    timeout: Option<f64>,
    peer_name: Option<&Reference>,
) -> Ret<Value> {
    let stream = stream_arg(cx, 1, socket)?;
    let limit = limit_of(cx, 2, timeout)?;
    let backend = stream.backend();
    let listener =
        backend.as_ref().and_then(|b| b.as_any().downcast_ref::<Socket>()).and_then(|socket| {
            match &socket.kind {
                Kind::Listener(listener) => Some((listener, socket)),
                _ => None,
            }
        });
    let Some((listener, server)) = listener else {
        cx.warning("Accept failed: Unknown error")?;
        return Ok(Value::Bool(false));
    };
    match host(cx, "accept", || listener.accept(limit))? {
        Ok((connection, remote)) => {
            let local = match connection.local_address() {
                Some(address) => shown_address(address),
                None => server.local.borrow().clone(),
            };
            let label = if remote.is_some() { "tcp_socket" } else { "unix_socket" };
            let remote = remote.map(shown_address).unwrap_or_default();
            set(peer_name, Value::str(&remote));
            let read_limit = default_limit(cx);
            let accepted = Socket::new(Kind::Connection(connection), label, read_limit);
            *accepted.local.borrow_mut() = local;
            *accepted.remote.borrow_mut() = remote;
            Ok(stream_of_socket(cx, accepted).into_value(cx))
        }
        Err(error) => {
            cx.warning(format!("Accept failed: {}", error_text(&error)))?;
            Ok(Value::Bool(false))
        }
    }
}

/// `stream_socket_get_name()`
pub fn stream_socket_get_name(cx: &mut Cx, socket: &Value, remote: bool) -> Ret<OrFalse<Vec<u8>>> {
    let stream = stream_arg(cx, 1, socket)?;
    let name = with_socket(&stream, |socket| {
        let name = if remote { &socket.remote } else { &socket.local };
        name.borrow().clone()
    });
    Ok(OrFalse(name.and_then(|name| (!name.is_empty()).then_some(name))))
}

/// `stream_socket_recvfrom()`
pub fn stream_socket_recvfrom(
    cx: &mut Cx,
    socket: &Value,
    length: i64,
    flags: i64,
    address: Option<&Reference>,
) -> Ret<OrFalse<Vec<u8>>> {
    let stream = stream_arg(cx, 1, socket)?;
    set(address, Value::Null);
    if length <= 0 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let count = length as usize;
    let backend = stream.backend();
    let datagrams = backend.as_ref().and_then(|b| b.as_any().downcast_ref::<Socket>());
    if let Some(Socket { kind: Kind::Datagrams(datagrams, _), .. }) = datagrams {
        let mut bytes = vec![0; count];
        let limit = default_limit(cx);
        let received = host(cx, "read", || datagrams.receive_from(&mut bytes, limit))?;
        return Ok(OrFalse(match received {
            Ok((count, from)) => {
                set(address, Value::str(shown_address(from)));
                bytes.truncate(count);
                Some(bytes)
            }
            Err(_) => None,
        }));
    }
    if flags & 2 != 0 {
        return Ok(OrFalse(stream.peek(cx, count)?));
    }
    let bytes = stream.read(cx, count)?;
    let name = with_socket(&stream, |socket| socket.remote.borrow().clone());
    set(address, Value::str(name.unwrap_or_default()));
    Ok(OrFalse(bytes))
}

/// `stream_socket_sendto()`
pub fn stream_socket_sendto(
    cx: &mut Cx,
    socket: &Value,
    data: &PhpString,
    _flags: i64,
    address: &PhpString,
) -> Ret<OrFalse<i64>> {
    let stream = stream_arg(cx, 1, socket)?;
    let backend = stream.backend();
    let datagrams = backend.as_ref().and_then(|b| b.as_any().downcast_ref::<Socket>());
    if let (Some(Socket { kind: Kind::Datagrams(datagrams, _), .. }), false) =
        (datagrams, address.is_empty())
    {
        let (_, rest) = transport(address);
        let to = match host_and_port(rest) {
            Ok((name, port)) => address_of(cx, &name, port)?,
            Err(failed) => Err(failed),
        };
        let Ok(to) = to else {
            let shown = address.to_str_lossy().into_owned();
            cx.warning(format!("Failed to parse `{shown}' into a valid network address"))?;
            return Ok(OrFalse(None));
        };
        let sent = host(cx, "write", || datagrams.send_to(data, to))?;
        return Ok(OrFalse(Some(sent.map_or(-1, |n| n as i64))));
    }
    Ok(OrFalse(Some(stream.write(cx, data)?.map_or(-1, |n| n as i64))))
}

/// `stream_socket_shutdown()`
pub fn stream_socket_shutdown(cx: &mut Cx, stream: &Value, mode: i64) -> Ret<bool> {
    let how = match mode {
        0 => Shutdown::Read,
        1 => Shutdown::Write,
        2 => Shutdown::Both,
        _ => {
            return Err(cx.arg_value_error(
                2,
                "must be one of STREAM_SHUT_RD, STREAM_SHUT_WR, or STREAM_SHUT_RDWR",
            ));
        }
    };
    let stream = stream_arg(cx, 1, stream)?;
    Ok(with_socket(&stream, |socket| match &socket.kind {
        Kind::Connection(connection) => connection.shutdown(how).is_ok(),
        _ => false,
    })
    .unwrap_or(false))
}

/// `stream_socket_pair()`
pub fn stream_socket_pair(
    cx: &mut Cx,
    domain: i64,
    kind: i64,
    _protocol: i64,
) -> Ret<OrFalse<PhpArray>> {
    if domain != 1 || kind != 1 {
        cx.warning("Failed to create sockets: [94]: Socket type not supported")?;
        return Ok(OrFalse(None));
    }
    match Connection::pair() {
        Ok((one, two)) => {
            let limit = default_limit(cx);
            let mut pair = Vec::new();
            for connection in [one, two] {
                let socket = Socket::new(Kind::Connection(connection), "generic_socket", limit);
                pair.push(stream_of_socket(cx, socket).into_value(cx));
            }
            Ok(OrFalse(Some(PhpArray::from_list(pair))))
        }
        Err(error) => {
            let code = error.raw_os_error().unwrap_or(0);
            cx.warning(format!("Failed to create sockets: [{code}]: {}", error_text(&error)))?;
            Ok(OrFalse(None))
        }
    }
}
