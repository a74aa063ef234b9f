//! What the VM asks of whatever it runs in: a server, the command line, a test.

use outlast_bytecode::Unit;
use outlast_value::PhpString;
use std::sync::Arc;

/// The client is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientGone;

/// The body of a request did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyCut;

/// The host of a script.
pub trait Sapi {
    /// `PHP_SAPI`: `cli`, `fpm-fcgi`, …
    fn name(&self) -> &'static str;
    /// Sends the status line and headers; called once, before the first byte of the body.
    fn send_headers(&mut self, status: u16, reason: Option<&str>, headers: &[(String, Vec<u8>)]);
    /// Sends body bytes. May park the script while the client does not read.
    fn write(&mut self, bytes: &[u8]) -> Result<(), ClientGone>;
    /// Hands everything written so far to the client.
    fn flush(&mut self) -> Result<(), ClientGone>;
    /// Ends the response while the script runs on; false if there is none to end.
    fn finish(&mut self) -> bool {
        false
    }
    /// A line for the error log.
    fn log(&mut self, message: &[u8]);
    /// A line for the file (or `syslog`) that `error_log` names.
    fn log_to(&mut self, file: &[u8], message: &[u8]) {
        let _ = file;
        self.log(message);
    }
    /// Bytes for `STDERR` (display_errors=stderr).
    fn stderr(&mut self, bytes: &[u8]) {
        self.log(bytes);
    }
    /// The whole request body.
    fn body(&mut self) -> Vec<u8> {
        Vec::new()
    }
    /// The next part of the body as it arrives, which is kept nowhere; empty at its end. Parks the script
    /// until something comes.
    fn body_part(&mut self) -> Result<Vec<u8>, BodyCut> {
        Ok(Vec::new())
    }
    /// Waits until the whole body is here, for [`Sapi::body`].
    fn receive_body(&mut self) -> Result<(), BodyCut> {
        Ok(())
    }
    /// Variables of `$_SERVER` that come from the request.
    fn server_variables(&self) -> Vec<(PhpString, PhpString)> {
        Vec::new()
    }
    /// One of them.
    fn server_variable(&self, name: &str) -> Option<Vec<u8>> {
        let mut all = self.server_variables().into_iter();
        all.find(|(known, _)| known.as_bytes() == name.as_bytes()).map(|(_, value)| value.to_vec())
    }
    /// Headers of the request.
    fn request_headers(&self) -> Vec<(String, Vec<u8>)> {
        Vec::new()
    }
    /// Wants HTML in error messages when `html_errors` is on, and buffers headers.
    fn is_web(&self) -> bool {
        false
    }
}

/// Finds and compiles code for `include` and `eval`.
pub trait Loader {
    /// The canonical path of a file that exists and can be included.
    fn resolve(&self, path: &[u8]) -> Option<Vec<u8>>;
    /// Compiles a file that exists, from the cache if it is unchanged.
    fn load_file(&self, path: &[u8]) -> Result<std::sync::Arc<outlast_bytecode::Unit>, LoadError>;
    /// Compiles the text of a file that is not on disk: what a stream wrapper gave for `name`.
    fn load_text(
        &self,
        source: &[u8],
        name: &[u8],
    ) -> Result<std::sync::Arc<outlast_bytecode::Unit>, LoadError>;
    /// Compiles a string for `eval` (no `<?php` in front); `name` is shown as its file.
    fn load_string(
        &self,
        source: &[u8],
        name: &[u8],
    ) -> Result<std::sync::Arc<outlast_bytecode::Unit>, LoadError>;
}

/// What `include` does about a path, as the streams have it.
pub enum IncludeSource {
    /// It is a file on disk.
    File,
    /// A wrapper could not open it, which was reported.
    Failed,
    /// What a wrapper gave.
    Text(Vec<u8>),
}

/// Says where the code of `include $path` comes from.
pub type IncludeSources = fn(&mut crate::Cx, &[u8]) -> crate::Ret<IncludeSource>;

/// What is wrong with code.
#[derive(Debug, Clone)]
pub struct CodeError {
    /// The text.
    pub message: Vec<u8>,
    /// The file as messages show it.
    pub file: Vec<u8>,
    /// The line it is reported for.
    pub line: u32,
    /// What was compiled before it, whose early declarations and reports come first.
    pub before: Option<Arc<Unit>>,
}

/// Why code could not be loaded.
#[derive(Debug, Clone)]
pub enum LoadError {
    /// Could not be read: the message of the system, e.g. `No such file or directory`.
    Io(String),
    /// `ParseError`
    Parse(CodeError),
    /// A fatal compile-time error.
    Compile(CodeError),
}
