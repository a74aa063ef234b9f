//! A client's visit to a case: requests, the ways to leave, and what the script noted meanwhile.

use crate::response::Response;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How a client leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// `close()`.
    Fin,
    /// A reset.
    Reset,
    /// It says that it sends no more, and goes on reading.
    HalfClose,
    /// It sends a second request, then closes.
    Pipelined,
}

/// One attempt at one case.
pub struct Visit {
    pub address: String,
    /// The case's folder on disk, and its path in URLs.
    pub folder: PathBuf,
    pub path: String,
    /// Between two writes of a script.
    pub tick: Duration,
}

/// A request under way.
pub struct Client {
    stream: TcpStream,
    got: Vec<u8>,
}

impl Visit {
    /// Sends a GET; `target` is a script with its query.
    pub fn get(&self, target: &str) -> Result<Client, String> {
        self.send("GET", target, "", b"")
    }

    /// Sends a request with its body, all of it or as much as the caller likes.
    pub fn send(
        &self,
        method: &str,
        target: &str,
        fields: &str,
        body: &[u8],
    ) -> Result<Client, String> {
        let mut stream = TcpStream::connect(&self.address).map_err(|e| format!("connect: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let close = if fields.contains("Connection:") { "" } else { "Connection: close\r\n" };
        let head = self.head(method, target, &format!("{close}{fields}"));
        let bytes = [head.as_bytes(), body].concat();
        stream.write_all(&bytes).map_err(|e| format!("send: {e}"))?;
        Ok(Client { stream, got: Vec::new() })
    }

    fn head(&self, method: &str, target: &str, fields: &str) -> String {
        let mark = if target.contains('?') { '&' } else { '?' };
        let tick = self.tick.as_millis();
        let path = &self.path;
        format!(
            "{method} {path}/{target}{mark}tick={tick} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        )
    }

    /// What the scripts noted so far.
    pub fn log(&self) -> Vec<String> {
        let text = fs::read(self.folder.join("log.txt")).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }

    fn until(&self, limit: Duration, mut done: impl FnMut(&[String]) -> bool) -> bool {
        let start = Instant::now();
        loop {
            if done(&self.log()) {
                return true;
            }
            if start.elapsed() > limit {
                return false;
            }
            std::thread::sleep(self.tick / 15);
        }
    }

    /// Waits until a script has noted a line that begins so.
    pub fn wait_for(&self, line: &str) -> Result<(), String> {
        match self.until(self.tick * 100, |log| log.iter().any(|l| l.starts_with(line))) {
            true => Ok(()),
            false => Err(format!("the script never came to “{line}”; its log: {:?}", self.log())),
        }
    }

    /// All lines, once the last shutdown function has spoken, or `None` where it does not.
    pub fn settled(&self) -> Option<Vec<String>> {
        let ended = self.until(self.tick * 60, |log| log.iter().any(|l| l.starts_with("SHUTDOWN")));
        ended.then(|| self.log())
    }

    /// All lines, once nothing has been added for a while.
    pub fn quiet(&self, first: &str) -> Vec<String> {
        self.until(self.tick * 300, |log| log.iter().any(|l| l.starts_with(first)));
        let mut last = (Instant::now(), 0);
        let while_ = self.tick * 5;
        self.until(self.tick * 60, |log| {
            if log.len() != last.1 {
                last = (Instant::now(), log.len());
            }
            last.0.elapsed() > while_
        });
        self.log()
    }

    /// Leaves a mark for scripts that wait for it.
    pub fn mark(&self, name: &str) -> Result<(), String> {
        fs::write(self.folder.join(name), "").map_err(|e| format!("{name}: {e}"))
    }

    /// Leaves between two writes, and notes it: what stands behind `LEFT` happened later. Gives
    /// what had come until then, and the stream where half of it stays open.
    pub fn leave(
        &self,
        mut client: Client,
        how: Leave,
    ) -> Result<(Response, Option<Client>), String> {
        std::thread::sleep(self.tick / 3);
        client.take_what_is_there();
        let before = Response::of(&client.got);
        let log = OpenOptions::new().append(true).open(self.folder.join("log.txt"));
        log.and_then(|mut f| f.write_all(b"LEFT\n")).map_err(|e| format!("log: {e}"))?;
        let mut open = None;
        match how {
            Leave::Fin => drop(client),
            Leave::Reset => {
                let at_once = Some(Duration::ZERO);
                rustix::net::sockopt::set_socket_linger(&client.stream, at_once)
                    .map_err(|e| format!("linger: {e}"))?;
                drop(client);
            }
            Leave::HalfClose => {
                client.stream.shutdown(Shutdown::Write).map_err(|e| format!("shutdown: {e}"))?;
                open = Some(client);
            }
            Leave::Pipelined => {
                let second = self.head("GET", "second.php", "");
                client.stream.write_all(second.as_bytes()).map_err(|e| format!("send: {e}"))?;
                drop(client);
            }
        }
        self.mark("left")?;
        Ok((before, open))
    }
}

impl Client {
    /// Reads to the end.
    pub fn whole(mut self, limit: Duration) -> Response {
        let start = Instant::now();
        let mut buffer = vec![0; 65536];
        let _ = self.stream.set_read_timeout(Some(Duration::from_millis(100)));
        while start.elapsed() < limit {
            match self.stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => self.got.extend_from_slice(&buffer[..n]),
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => break,
            }
        }
        Response::of(&self.got)
    }

    /// Reads about `bytes` bytes, then no more for now.
    pub fn some(&mut self, bytes: usize) {
        let mut buffer = vec![0; bytes];
        if let Ok(n) = self.stream.read(&mut buffer) {
            self.got.extend_from_slice(&buffer[..n]);
        }
    }

    /// So that `close()` is a FIN; what is left unread would make it a reset.
    fn take_what_is_there(&mut self) {
        let mut buffer = vec![0; 65536];
        let _ = self.stream.set_nonblocking(true);
        if let Ok(n) = self.stream.read(&mut buffer) {
            self.got.extend_from_slice(&buffer[..n]);
        }
        let _ = self.stream.set_nonblocking(false);
    }
}
