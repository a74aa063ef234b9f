//! A client of the control socket: HTTP/1.1, one request a connection.

use super::Server;
use outlast_server::runtime_folder;
use serde_json::Value;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The way to a server.
pub struct Client(PathBuf);

impl Client {
    /// Finds the server that the options mean.
    pub fn connect(server: &Server) -> Result<Client, String> {
        let named = match (&server.socket, server.port) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(port)) => Some(runtime_folder().join(format!("{port}.sock"))),
            (None, None) => None,
        };
        if let Some(path) = named {
            return match UnixStream::connect(&path) {
                Ok(_) => Ok(Client(path)),
                Err(error) => Err(unreachable(&path, &error)),
            };
        }
        let folder = runtime_folder();
        let mut found = sockets(&folder);
        found.retain(|path| UnixStream::connect(path).is_ok());
        match found.len() {
            1 => Ok(Client(found.remove(0))),
            0 => Err(format!(
                "no server of this user runs (looked in {}); name its control socket with --socket",
                folder.display()
            )),
            _ => {
                let ports: Vec<_> =
                    found.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
                Err(format!(
                    "{} servers run; choose one with --port: {}",
                    ports.len(),
                    ports.join(", ")
                ))
            }
        }
    }

    /// Asks for a place.
    pub fn get(&self, place: &str) -> Result<Value, String> {
        self.ask("GET", place)
    }

    /// Has something done.
    pub fn post(&self, place: &str) -> Result<Value, String> {
        self.ask("POST", place)
    }

    fn ask(&self, method: &str, place: &str) -> Result<Value, String> {
        let text = self.exchange(method, place).map_err(|error| unreachable(&self.0, &error))?;
        let unclear = || format!("the server at {} gave no clear answer", self.0.display());
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(unclear)?;
        let answer: Value = serde_json::from_str(body).map_err(|_| unclear())?;
        if head.starts_with("HTTP/1.1 200 ") {
            return Ok(answer);
        }
        Err(answer["error"].as_str().map_or_else(unclear, str::to_owned))
    }

    fn exchange(&self, method: &str, place: &str) -> io::Result<String> {
        let mut stream = UnixStream::connect(&self.0)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let request = format!(
            "{method} {place} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }
}

fn sockets(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    found.retain(|path| path.extension().is_some_and(|extension| extension == "sock"));
    found.sort();
    found
}

fn unreachable(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("no server runs: there is no {shown}"),
        io::ErrorKind::ConnectionRefused => format!("no server runs: nobody answers at {shown}"),
        io::ErrorKind::PermissionDenied => {
            format!("{shown} belongs to another user: ask as that user, or as root")
        }
        io::ErrorKind::WouldBlock => format!("the server at {shown} does not answer"),
        _ => format!("cannot ask the server at {shown}: {error}"),
    }
}
