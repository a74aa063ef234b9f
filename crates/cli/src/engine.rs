//! Joins the server, which knows no PHP, to the runtime, which knows no HTTP.

use outlast_host::blocking::blocking;
use outlast_lifecycle::Lifecycle;
use outlast_runtime::{Job, Main, Place, Runtime, ScriptNames, Worker};
use outlast_server::{
    Connection, Engine, EngineWorker, Request, RequestBody, ResponseHead, WriteError,
};
use outlast_value::PhpString;
use outlast_vm::sapi::{ClientGone, Sapi};
use std::io::Read;
use std::rc::Rc;

/// PHP for the server.
pub struct PhpEngine(pub Runtime);

impl Engine for PhpEngine {
    fn worker(&self) -> Box<dyn EngineWorker> {
        Box::new(PhpWorker(self.0.worker()))
    }
}

struct PhpWorker(Worker);

impl EngineWorker for PhpWorker {
    fn run(
        &self,
        request: Box<Request>,
        connection: Rc<dyn Connection>,
        lifecycle: &Rc<Lifecycle>,
    ) {
        let path = request.script_filename.as_os_str().as_encoded_bytes().to_vec();
        let directory = request.script_filename.parent();
        let directory = directory.map(|folder| folder.as_os_str().as_encoded_bytes().to_vec());
        let names = ScriptNames { time: Some(request.received), ..ScriptNames::default() };
        let place = Place {
            script: request.script_filename.clone(),
            document_root: request.document_root.clone(),
            host: request.server_name().into_bytes(),
        };
        let job =
            Job { main: Main::File(path.clone()), path, directory, names, place: Some(place) };
        let sapi = WebSapi::new(request, connection);
        self.0.run(&job, Box::new(sapi), lifecycle);
    }
}

/// A request and its response, as the VM sees them.
struct WebSapi {
    connection: Rc<dyn Connection>,
    /// Its body stays here where it can be read again from memory.
    request: Box<Request>,
    /// A body that was in a file, once it was read.
    read: Option<Vec<u8>>,
}

impl WebSapi {
    fn new(request: Box<Request>, connection: Rc<dyn Connection>) -> WebSapi {
        WebSapi { connection, request, read: None }
    }

    /// The body is a form with uploads: PHP does not keep it once it was read.
    fn is_upload(&self) -> bool {
        let kind =
            self.request.headers.get("content-type").map_or(&b""[..], |kind| kind.as_bytes());
        self.request.method == http::Method::POST
            && kind.to_ascii_lowercase().starts_with(b"multipart/form-data")
    }
}

/// `content-type` as `Content-Type`: names come in lower case, `getallheaders()` shows them so.
fn title_case(name: &str) -> String {
    let mut start = true;
    let letters = name.chars().map(|letter| {
        let shown = if start { letter.to_ascii_uppercase() } else { letter };
        start = letter == '-';
        shown
    });
    letters.collect()
}

fn gone(result: Result<(), WriteError>) -> Result<(), ClientGone> {
    match result {
        Err(WriteError::Gone) => Err(ClientGone),
        // The script stops at its next safe point, for a reason that its lifecycle knows.
        Err(WriteError::Interrupted) | Ok(()) => Ok(()),
    }
}

impl Sapi for WebSapi {
    fn name(&self) -> &'static str {
        "fpm-fcgi"
    }

    fn send_headers(&mut self, status: u16, reason: Option<&str>, headers: &[(String, Vec<u8>)]) {
        let headers = headers.iter();
        self.connection.send_headers(ResponseHead {
            status,
            reason: reason.map(|reason| reason.as_bytes().to_vec()),
            headers: headers
                .map(|(name, value)| (name.as_bytes().to_vec(), value.clone()))
                .collect(),
        });
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ClientGone> {
        gone(self.connection.write(bytes))
    }

    fn flush(&mut self) -> Result<(), ClientGone> {
        gone(self.connection.flush())
    }

    fn finish(&mut self) -> bool {
        self.connection.finish();
        true
    }

    fn log(&mut self, message: &[u8]) {
        tracing::warn!(target: "php", "{}", String::from_utf8_lossy(message));
    }

    fn body(&mut self) -> Vec<u8> {
        if let Some(bytes) = &self.read {
            return bytes.clone();
        }
        let empty = RequestBody::Memory(Default::default());
        let bytes = match std::mem::replace(&mut self.request.body, empty) {
            RequestBody::Memory(bytes) => {
                let copy = bytes.to_vec();
                if !self.is_upload() {
                    self.request.body = RequestBody::Memory(bytes);
                }
                return copy;
            }
            RequestBody::File { mut file, length } => {
                let read = move || {
                    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
                    file.read_to_end(&mut bytes).map(|_| bytes)
                };
                // A stop meanwhile, or a broken disk: the script gets no body.
                blocking(read).ok().and_then(Result::ok).unwrap_or_default()
            }
        };
        if !self.is_upload() {
            self.read = Some(bytes.clone());
        }
        bytes
    }

    fn server_variables(&self) -> Vec<(PhpString, PhpString)> {
        let variables = self.request.server_variables();
        let variables = variables.iter();
        variables
            .map(|(name, value)| (PhpString::new(name.as_bytes()), PhpString::new(value)))
            .collect()
    }

    fn server_variable(&self, name: &str) -> Option<Vec<u8>> {
        self.request.server_variable(name)
    }

    fn request_headers(&self) -> Vec<(String, Vec<u8>)> {
        let headers = self.request.headers.iter();
        headers
            .map(|(name, value)| (title_case(name.as_str()), value.as_bytes().to_vec()))
            .collect()
    }

    fn is_web(&self) -> bool {
        true
    }
}
