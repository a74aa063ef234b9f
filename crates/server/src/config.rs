//! The server's options.

use crate::Builtin;
use outlast_lifecycle::{AbortMode, Limits};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Options of the server, each with a default that suits a small site.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses to listen on.
    pub listen: Vec<String>,
    /// The folder that is served.
    pub document_root: PathBuf,
    /// Names tried in a folder, in order.
    pub index: Vec<String>,
    /// The script that answers where there is no file, below the document root.
    pub front_controller: Option<String>,
    /// `SERVER_NAME`; by default the Host header's.
    pub server_name: Option<String>,
    /// Worker threads; 0 for one a core.
    pub workers: usize,
    /// Connections at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// Scripts at once, detached ones included; further requests get 503.
    pub max_scripts: usize,
    /// Scripts that outlive their client at once; one more is stopped. 0 for no limit.
    pub max_detached: usize,
    /// Seconds that a script may outlive its client; 0 for no limit.
    pub detached_wall_time: u64,
    /// Seconds that a script may take, waits included; 0 for no limit.
    pub max_wall_time: u64,
    /// CPU seconds that a script may take; 0 for no limit.
    pub max_execution_time: u64,
    /// What a disconnect does: `output`, `immediate` or `never`.
    pub abort: String,
    /// Whether a client may close its sending side and still wait for the response. By default it is gone.
    pub half_close: bool,
    /// Bytes of a request's body; more is refused with 413.
    pub max_body_size: u64,
    /// Bytes of a request's head; more is refused with 431.
    pub max_header_size: usize,
    /// Seconds a request's head may take.
    pub header_timeout: u64,
    /// Seconds a connection may wait for its next request.
    pub keep_alive_timeout: u64,
    /// Seconds between two parts of a request's body; 0 for no limit.
    pub body_timeout: u64,
    /// Bytes a second that a request's body must come with: beyond `body_timeout` its client has a second more
    /// for each so many bytes that it has sent. 0 for no such limit.
    pub body_min_rate: u64,
    /// Seconds a client may leave a response unread.
    pub send_timeout: u64,
    /// Seconds that a stopping server may take. Scripts that still run near their end are stopped, early
    /// enough to leave `shutdown_time` to their shutdown functions, or the half of it all.
    pub drain_timeout: u64,
    /// Seconds from the moment a script is stopped to the end of its shutdown functions; 0 for no limit.
    pub shutdown_time: u64,
    /// The file that tells where slow scripts are; empty for none.
    pub slowlog: PathBuf,
    /// Seconds after which a script is slow; 0 for never.
    pub slowlog_timeout: f64,
    /// Where the status page is, with a `/` at both ends; `off` for nowhere.
    pub status_path: String,
    /// What opens the status page to anybody who knows it.
    pub status_token: Option<String>,
    /// Whether a proxy on this machine hands on requests for the status page that it lets through itself.
    pub status_from_proxy: bool,
    /// The socket that `outlast ps` and its kin ask; `auto` for one named by the port in the user's runtime
    /// folder, `off` for none.
    pub control_socket: String,
    /// Whether responses are compressed for clients that take that.
    pub compression: bool,
    /// `off`, `-` for standard output, or a file.
    pub access_log: String,
    /// Serve as `php -S` does.
    #[serde(skip)]
    pub builtin: Option<Builtin>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            listen: vec!["127.0.0.1:8080".into()],
            document_root: ".".into(),
            index: vec!["index.php".into(), "index.html".into()],
            front_controller: None,
            server_name: None,
            workers: 0,
            max_connections: 200_000,
            max_scripts: 200_000,
            max_detached: 10_000,
            detached_wall_time: 0,
            max_wall_time: 0,
            max_execution_time: 30,
            abort: "output".into(),
            half_close: false,
            max_body_size: 64 << 20,
            max_header_size: 32 << 10,
            header_timeout: 20,
            keep_alive_timeout: 75,
            body_timeout: 60,
            body_min_rate: 500,
            send_timeout: 60,
            drain_timeout: 30,
            shutdown_time: 10,
            slowlog: PathBuf::new(),
            slowlog_timeout: 0.0,
            status_path: "/_outlast/".into(),
            status_token: None,
            status_from_proxy: false,
            control_socket: "auto".into(),
            compression: true,
            access_log: "-".into(),
            builtin: None,
        }
    }
}

/// Where access log lines go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessLogTarget {
    /// To the log of `php -S`, as that writes them.
    Builtin,
    /// Nowhere.
    Off,
    /// Standard output.
    Stdout,
    /// A file, appended to.
    File(PathBuf),
}

/// An option that cannot be.
#[derive(Debug)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a TOML file's text. An unknown or ill-typed option is an error that names it.
    pub fn from_toml(text: &str) -> Result<Config, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError(error.to_string().trim_end().to_owned()))
    }

    /// Looks at what the file system and the other options say about each option; makes paths absolute.
    pub fn checked(mut self) -> Result<Config, ConfigError> {
        let root = &self.document_root;
        self.document_root = std::fs::canonicalize(root)
            .map_err(|error| ConfigError(format!("document_root {}: {error}", root.display())))?;
        if !self.document_root.is_dir() {
            let root = self.document_root.display();
            return Err(ConfigError(format!("document_root {root} is not a folder")));
        }
        if let Some(front) = &self.front_controller {
            let file = self.document_root.join(front.trim_start_matches('/'));
            if !file.is_file() {
                return Err(ConfigError(format!("front_controller {} is no file", file.display())));
            }
        }
        if AbortMode::parse(&self.abort).is_none() {
            let abort = &self.abort;
            return Err(ConfigError(format!(
                "abort is \"{abort}\" but must be \"output\", \"immediate\" or \"never\""
            )));
        }
        self.status_token = self.status_token.filter(|token| !token.is_empty());
        let path = &self.status_path;
        let is_folder = path.len() > 2 && path.starts_with('/') && path.ends_with('/');
        if path != "off" && !is_folder {
            return Err(ConfigError(format!(
                "status_path is \"{path}\" but must be \"off\" or begin and end with a /"
            )));
        }
        if self.status_token.as_ref().is_some_and(|token| token.len() < 16) {
            return Err(ConfigError("status_token must have at least 16 characters".into()));
        }
        if !(0.0..=1e9).contains(&self.slowlog_timeout) {
            return Err(ConfigError("slowlog_timeout must be a number of seconds".into()));
        }
        if self.listen.is_empty() {
            return Err(ConfigError("listen names no address".into()));
        }
        if self.max_header_size < 8192 {
            return Err(ConfigError("max_header_size must be at least 8192".into()));
        }
        if self.max_connections == 0 || self.max_scripts == 0 {
            return Err(ConfigError("max_connections and max_scripts must not be 0".into()));
        }
        Ok(self)
    }

    pub(crate) fn access_log_target(&self) -> AccessLogTarget {
        if self.builtin.is_some() {
            return AccessLogTarget::Builtin;
        }
        match self.access_log.as_str() {
            "off" | "" => AccessLogTarget::Off,
            "-" => AccessLogTarget::Stdout,
            file => AccessLogTarget::File(file.into()),
        }
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            cpu_seconds: self.max_execution_time,
            wall_seconds: self.max_wall_time,
            detached_seconds: self.detached_wall_time,
            shutdown_seconds: self.shutdown_time,
            hard_seconds: 0,
        }
    }

    pub(crate) fn abort_mode(&self) -> AbortMode {
        AbortMode::parse(&self.abort).unwrap_or_default()
    }

    pub(crate) fn worker_count(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        }
    }

    pub(crate) fn timeout(seconds: u64) -> Duration {
        // 0 means none; a century is near enough.
        Duration::from_secs(if seconds == 0 { 100 * 365 * 86_400 } else { seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_option_is_named() {
        let unknown = Config::from_toml("document_rot = \"/\"").unwrap_err().to_string();
        assert!(unknown.contains("document_rot"), "{unknown}");
        let bad = Config { abort: "soon".into(), ..Config::default() }.checked().unwrap_err();
        assert!(bad.to_string().contains("\"soon\""));
        let gone = Config { document_root: "/no/such".into(), ..Config::default() };
        assert!(gone.checked().unwrap_err().to_string().starts_with("document_root /no/such: "));
    }
}
