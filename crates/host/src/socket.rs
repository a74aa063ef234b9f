//! Sockets.

use crate::blocking::wait_at_most;
use crate::pipe::{Pollable, Readiness};
use crate::{HostError, Result};
use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket, UnixListener, UnixStream};

/// The addresses of a host.
pub fn resolve(host: &str) -> Result<Vec<IpAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let host = host.to_owned();
    wait_at_most(None, async move {
        let addresses = tokio::net::lookup_host((host, 0)).await?;
        Ok(addresses.map(|address| address.ip()).collect())
    })
}

/// A connected stream.
#[derive(Debug)]
pub enum Stream {
    /// Over TCP.
    Tcp(TcpStream),
    /// Over a Unix socket.
    Unix(UnixStream),
}

impl Stream {
    /// Connects to the first address of `host` that answers.
    pub fn connect(
        host: &str,
        port: u16,
        bind: Option<SocketAddr>,
        limit: Option<Duration>,
    ) -> Result<Stream> {
        let addresses = resolve(host)?;
        let connect = async move {
            let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
            for address in addresses {
                let socket =
                    if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
                if let Some(bind) = bind {
                    socket.bind(bind)?;
                }
                match socket.connect((address, port).into()).await {
                    Ok(stream) => return Ok(Stream::Tcp(stream)),
                    Err(error) => last = error,
                }
            }
            Err(last)
        };
        wait_at_most(limit, connect)
    }

    /// Connects to a Unix socket.
    pub fn connect_unix(path: &Path, limit: Option<Duration>) -> Result<Stream> {
        wait_at_most(limit, async { Ok(Stream::Unix(UnixStream::connect(path).await?)) })
    }

    /// Two streams connected to each other; must be called inside a script.
    pub fn pair() -> io::Result<(Stream, Stream)> {
        let (one, two) = UnixStream::pair()?;
        Ok((Stream::Unix(one), Stream::Unix(two)))
    }

    /// Reads some bytes; 0 when the other side has closed.
    pub fn read(&self, buffer: &mut [u8], limit: Option<Duration>) -> Result<usize> {
        wait_at_most(limit, async {
            loop {
                match self.try_read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return result,
                }
                match self {
                    Stream::Tcp(stream) => stream.readable().await?,
                    Stream::Unix(stream) => stream.readable().await?,
                }
            }
        })
    }

    /// Writes some bytes.
    pub fn write(&self, bytes: &[u8], limit: Option<Duration>) -> Result<usize> {
        wait_at_most(limit, async {
            loop {
                match self.try_write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return result,
                }
                match self {
                    Stream::Tcp(stream) => stream.writable().await?,
                    Stream::Unix(stream) => stream.writable().await?,
                }
            }
        })
    }

    /// Writes all bytes; says how many went out if the time was over first.
    pub fn write_all(&self, bytes: &[u8], limit: Option<Duration>) -> Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.write(&bytes[sent..], limit) {
                Ok(count) => sent += count,
                Err(HostError::TimedOut) if sent > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    /// Reads what is there, or fails with `WouldBlock`.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.try_read(buffer),
            Stream::Unix(stream) => stream.try_read(buffer),
        }
    }

    /// Writes what fits, or fails with `WouldBlock`.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.try_write(bytes),
            Stream::Unix(stream) => stream.try_write(bytes),
        }
    }

    /// Ends one direction or both.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        socket2::SockRef::from(self).shutdown(how)
    }

    /// Our address, if it is one of TCP.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.local_addr().ok(),
            Stream::Unix(_) => None,
        }
    }

    /// The other side's address, if it is one of TCP.
    pub fn peer_address(&self) -> Option<SocketAddr> {
        match self {
            Stream::Tcp(stream) => stream.peer_addr().ok(),
            Stream::Unix(_) => None,
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Tcp(stream) => stream.as_fd(),
            Stream::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Pollable for Stream {
    fn readable(&self) -> Readiness<'_> {
        match self {
            Stream::Tcp(stream) => Box::pin(stream.readable()),
            Stream::Unix(stream) => Box::pin(stream.readable()),
        }
    }

    fn writable(&self) -> Readiness<'_> {
        match self {
            Stream::Tcp(stream) => Box::pin(stream.writable()),
            Stream::Unix(stream) => Box::pin(stream.writable()),
        }
    }
}

/// A socket that accepts streams.
#[derive(Debug)]
pub struct Listener {
    socket: ListenerSocket,
    /// Accepted by a wait for readiness, for the next `accept`.
    early: RefCell<Option<Accepted>>,
}

#[derive(Debug)]
enum ListenerSocket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A stream, and where it comes from if over TCP.
type Accepted = (Stream, Option<SocketAddr>);

impl Listener {
    fn new(socket: ListenerSocket) -> Listener {
        Listener { socket, early: RefCell::new(None) }
    }

    /// Listens on an address.
    pub fn bind(address: SocketAddr) -> Result<Listener> {
        wait_at_most(None, async move {
            Ok(Listener::new(ListenerSocket::Tcp(TcpListener::bind(address).await?)))
        })
    }

    /// Listens on a path; must be called inside a script.
    pub fn bind_unix(path: &Path) -> io::Result<Listener> {
        Ok(Listener::new(ListenerSocket::Unix(UnixListener::bind(path)?)))
    }

    /// Waits for a stream; says where it comes from, if over TCP.
    pub fn accept(&self, limit: Option<Duration>) -> Result<(Stream, Option<SocketAddr>)> {
        let early = self.early.take();
        match early {
            Some(accepted) => Ok(accepted),
            None => wait_at_most(limit, self.next()),
        }
    }

    async fn next(&self) -> io::Result<Accepted> {
        Ok(match &self.socket {
            ListenerSocket::Tcp(listener) => {
                let (stream, remote) = listener.accept().await?;
                (Stream::Tcp(stream), Some(remote))
            }
            ListenerSocket::Unix(listener) => (Stream::Unix(listener.accept().await?.0), None),
        })
    }

    /// The address it listens on, if it is one of TCP.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.socket {
            ListenerSocket::Tcp(listener) => listener.local_addr().ok(),
            ListenerSocket::Unix(_) => None,
        }
    }
}

impl Pollable for Listener {
    fn readable(&self) -> Readiness<'_> {
        Box::pin(async {
            if self.early.borrow().is_none() {
                let accepted = self.next().await?;
                *self.early.borrow_mut() = Some(accepted);
            }
            Ok(())
        })
    }

    fn writable(&self) -> Readiness<'_> {
        Box::pin(std::future::pending())
    }
}

/// A socket for datagrams.
#[derive(Debug)]
pub struct Datagrams(UdpSocket);

impl Datagrams {
    /// Binds to an address; port 0 for any.
    pub fn bind(address: SocketAddr) -> Result<Datagrams> {
        wait_at_most(None, async move { Ok(Datagrams(UdpSocket::bind(address).await?)) })
    }

    /// Sends one datagram.
    pub fn send_to(&self, bytes: &[u8], to: SocketAddr) -> Result<usize> {
        wait_at_most(None, self.0.send_to(bytes, to))
    }

    /// Waits for one datagram.
    pub fn receive_from(
        &self,
        buffer: &mut [u8],
        limit: Option<Duration>,
    ) -> Result<(usize, SocketAddr)> {
        wait_at_most(limit, self.0.recv_from(buffer))
    }

    /// The address it is bound to.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Pollable for Datagrams {
    fn readable(&self) -> Readiness<'_> {
        Box::pin(self.0.readable())
    }

    fn writable(&self) -> Readiness<'_> {
        Box::pin(self.0.writable())
    }
}
