//! A request as a script sees it.

use crate::spool::BodyStream;
use crate::{Builtin, BuiltinRequest};
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The body of a request, complete before its script starts unless the engine reads it itself.
#[derive(Debug)]
pub enum RequestBody {
    /// A body small enough to be held.
    Memory(Bytes),
    /// A larger one, in an unnamed file, positioned at its start.
    File {
        /// The file.
        file: File,
        /// Its length in bytes.
        length: u64,
    },
    /// One that is still arriving.
    Stream(BodyStream),
}

impl RequestBody {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            RequestBody::Memory(bytes) => bytes.len() as u64,
            RequestBody::File { length, .. } => *length,
            RequestBody::Stream(stream) => stream.length(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A request for a script: what nginx hands php-fpm.
#[derive(Debug)]
pub struct Request {
    /// The method, as sent.
    pub method: Method,
    /// `HTTP/1.1` and the like.
    pub protocol: &'static str,
    /// Path and query as sent, not decoded.
    pub uri: Arc<str>,
    /// What follows the `?`, as sent.
    pub query: String,
    /// The script's file.
    pub script_filename: PathBuf,
    /// The script's path below the document root, decoded.
    pub script_name: Vec<u8>,
    /// What follows the script's name in the path, decoded.
    pub path_info: Option<Vec<u8>>,
    /// The document root.
    pub document_root: PathBuf,
    /// All headers.
    pub headers: HeaderMap,
    /// The client's address.
    pub remote: SocketAddr,
    /// Our address that it reached.
    pub local: SocketAddr,
    /// Whether it came over TLS.
    pub https: bool,
    /// The server's configured name.
    pub server_name: Option<String>,
    /// The body.
    pub body: RequestBody,
    /// Its length in bytes, whoever has taken it.
    pub body_length: u64,
    /// When its head had been read.
    pub received: SystemTime,
    /// What `php -S` adds, if the server behaves as that.
    pub builtin: Option<BuiltinRequest>,
}

impl Request {
    /// The request's part of `$_SERVER`, as php-fpm shows it behind nginx with the usual parameters.
    ///
    /// Headers with an underscore in their names are left out, as nginx does (they could pass for
    /// others), and so is `Proxy`, which would become `HTTP_PROXY`.
    pub fn server_variables(&self) -> Vec<(String, Vec<u8>)> {
        if let Some(builtin) = &self.builtin {
            return self.builtin_variables(&builtin.server);
        }
        let header = |name: &str| self.headers.get(name).map_or(&b""[..], |value| value.as_bytes());
        let mut vars: Vec<(String, Vec<u8>)> = Vec::with_capacity(32 + self.headers.len());
        let mut set = |name: &str, value: &[u8]| vars.push((name.to_owned(), value.to_vec()));
        set("SCRIPT_FILENAME", bytes_of(&self.script_filename));
        if let Some(info) = &self.path_info {
            set("PATH_INFO", info);
            set("PATH_TRANSLATED", &[bytes_of(&self.document_root), info.as_slice()].concat());
        }
        set("QUERY_STRING", self.query.as_bytes());
        set("REQUEST_METHOD", self.method.as_str().as_bytes());
        set("CONTENT_TYPE", header("content-type"));
        set("CONTENT_LENGTH", &self.content_length());
        set("SCRIPT_NAME", &self.script_name);
        set("REQUEST_URI", self.uri.as_bytes());
        set("DOCUMENT_URI", &self.php_self());
        set("DOCUMENT_ROOT", bytes_of(&self.document_root));
        set("SERVER_PROTOCOL", self.protocol.as_bytes());
        set("REQUEST_SCHEME", if self.https { b"https" } else { b"http" });
        if self.https {
            set("HTTPS", b"on");
        }
        set("GATEWAY_INTERFACE", b"CGI/1.1");
        set("SERVER_SOFTWARE", concat!("outlast/", env!("CARGO_PKG_VERSION")).as_bytes());
        set("REMOTE_ADDR", self.remote.ip().to_string().as_bytes());
        set("REMOTE_PORT", self.remote.port().to_string().as_bytes());
        set("SERVER_ADDR", self.local.ip().to_string().as_bytes());
        set("SERVER_PORT", self.local.port().to_string().as_bytes());
        set("SERVER_NAME", self.server_name().as_bytes());
        set("REDIRECT_STATUS", b"200");
        vars.extend(self.header_variables());
        vars.push(("PHP_SELF".to_owned(), self.php_self()));
        vars
    }

    fn header_variables(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let named = |name: &&http::HeaderName| !name.as_str().contains('_') && *name != "proxy";
        self.headers.keys().filter(named).map(|name| {
            let separator: &[u8] = if name == "cookie" { b"; " } else { b", " };
            let values = self.headers.get_all(name).iter().map(|value| value.as_bytes());
            let values: Vec<&[u8]> = values.collect();
            let name = name.as_str().to_ascii_uppercase().replace('-', "_");
            (format!("HTTP_{name}"), values.join(separator))
        })
    }

    /// The same as `php -S` shows it.
    fn builtin_variables(&self, server: &Builtin) -> Vec<(String, Vec<u8>)> {
        let mut vars: Vec<(String, Vec<u8>)> = Vec::with_capacity(16 + self.headers.len());
        let mut set = |name: &str, value: &[u8]| vars.push((name.to_owned(), value.to_vec()));
        set("DOCUMENT_ROOT", bytes_of(&self.document_root));
        set("REMOTE_ADDR", self.remote.ip().to_string().as_bytes());
        set("REMOTE_PORT", self.remote.port().to_string().as_bytes());
        set("SERVER_SOFTWARE", server.software.as_bytes());
        set("SERVER_PROTOCOL", self.protocol.as_bytes());
        set("SERVER_NAME", server.host.as_bytes());
        set("SERVER_PORT", self.local.port().to_string().as_bytes());
        set("REQUEST_URI", self.uri.as_bytes());
        set("REQUEST_METHOD", self.method.as_str().as_bytes());
        set("SCRIPT_NAME", &self.script_name);
        set("SCRIPT_FILENAME", bytes_of(&self.script_filename));
        if let Some(info) = &self.path_info {
            set("PATH_INFO", info);
        }
        set("PHP_SELF", &self.php_self());
        if self.uri.contains('?') {
            set("QUERY_STRING", self.query.as_bytes());
        }
        for (name, variable) in
            [("content-length", "CONTENT_LENGTH"), ("content-type", "CONTENT_TYPE")]
        {
            if let Some(value) = self.headers.get(name) {
                set(variable, value.as_bytes());
            }
        }
        vars.extend(self.header_variables());
        vars
    }

    /// One of [`Request::server_variables`], as it stands there.
    pub fn server_variable(&self, name: &str) -> Option<Vec<u8>> {
        let header = |name: &str| {
            Some(self.headers.get(name).map_or(&b""[..], |value| value.as_bytes()).to_vec())
        };
        match name {
            "QUERY_STRING" => Some(self.query.as_bytes().to_vec()),
            "REQUEST_METHOD" => Some(self.method.as_str().as_bytes().to_vec()),
            "CONTENT_TYPE" => header("content-type"),
            "CONTENT_LENGTH" => Some(self.content_length()),
            "HTTP_COOKIE" if !self.headers.contains_key("cookie") => None,
            _ => {
                let mut all = self.server_variables().into_iter();
                all.find(|(known, _)| known == name).map(|(_, value)| value)
            }
        }
    }

    /// `PHP_SELF`: the script's name with the path info behind it.
    pub fn php_self(&self) -> Vec<u8> {
        [&self.script_name, self.path_info.as_deref().unwrap_or_default()].concat()
    }

    fn content_length(&self) -> Vec<u8> {
        // A chunked body has no header, but its length is known by now.
        match self.headers.get("content-length") {
            Some(length) => length.as_bytes().to_vec(),
            None if self.body_length == 0 => Vec::new(),
            None => self.body_length.to_string().into_bytes(),
        }
    }

    /// `SERVER_NAME`: as configured, else what the client calls this host.
    pub fn server_name(&self) -> String {
        if let Some(name) = &self.server_name {
            return name.clone();
        }
        let host = self.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("");
        let end = match host.rfind(']') {
            Some(bracket) => bracket + 1,
            None => host.find(':').unwrap_or(host.len()),
        };
        host[..end].to_owned()
    }
}

fn bytes_of(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}
