//! An HTTP/1.1 client that does little, so that it measures the server and not itself.

use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// One keep-alive connection.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> io::Result<Client> {
        Client::over(TcpStream::connect(address).await?)
    }

    /// Connects from this address, so that one address need not have ports for all clients.
    pub async fn connect_from(from: IpAddr, address: SocketAddr) -> io::Result<Client> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        Client::over(socket.connect(address).await?)
    }

    fn over(stream: TcpStream) -> io::Result<Client> {
        stream.set_nodelay(true)?;
        Ok(Client { stream, buffer: Vec::new() })
    }

    /// Reads and forgets until the server closes, which is an error here.
    pub async fn drain(&mut self) -> io::Result<()> {
        loop {
            self.read_more().await?;
            self.buffer = Vec::new();
        }
    }

    /// Sends a GET request and does not wait.
    pub async fn send(&mut self, path: &str) -> io::Result<()> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");
        self.stream.write_all(request.as_bytes()).await
    }

    /// Sends a GET request and reads the whole response; returns its status and the length of its body.
    pub async fn get(&mut self, path: &str) -> io::Result<(u16, usize)> {
        self.send(path).await?;
        let end = self.read_head().await?;
        let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
        let status = head.get(9..12).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| bad("no status line"))?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        if let Some(length) = length {
            let length: usize = length.trim().parse().map_err(|_| bad("bad content-length"))?;
            while self.buffer.len() < end + length {
                self.read_more().await?;
            }
            self.buffer.drain(..end + length);
            return Ok((status, length));
        }
        if head.contains("transfer-encoding: chunked") {
            while !self.buffer.ends_with(b"\r\n0\r\n\r\n") {
                self.read_more().await?;
            }
            let length = self.buffer.len() - end;
            self.buffer.clear();
            return Ok((status, length));
        }
        Err(bad("a response without a length"))
    }

    /// Reads until `text` has come.
    pub async fn read_until(&mut self, text: &[u8]) -> io::Result<()> {
        while !self.buffer.windows(text.len()).any(|window| window == text) {
            self.read_more().await?;
        }
        Ok(())
    }

    async fn read_head(&mut self) -> io::Result<usize> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok(at + 4);
            }
            self.read_more().await?;
        }
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
