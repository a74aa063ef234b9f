//! Joins the server, which knows no PHP, to the runtime, which knows no HTTP.

use outlast_host::blocking::blocking;
use outlast_lifecycle::Lifecycle;
use outlast_runtime::{Job, Main, Place, Runtime, ScriptNames, Worker};
use outlast_server::{
    Builtin, BuiltinRequest, Connection, Engine, EngineWorker, Request, RequestBody, ResponseHead,
    WriteError,
};
use outlast_value::PhpString;
use outlast_vm::sapi::{BodyCut, ClientGone, Sapi};
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
    fn streams_body(&self, parts: &http::request::Parts) -> bool {
        is_upload(&parts.method, &parts.headers)
    }

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
        let mut job =
            Job { main: Main::File(path.clone()), path, directory, names, place: Some(place) };
        let builtin = request.builtin.clone();
        let sapi = Box::new(WebSapi::new(request, connection.clone()));
        let Some(BuiltinRequest { server: Builtin { router: Some(router), .. }, script }) = builtin
        else {
            self.0.run(&job, sapi, lifecycle);
            return;
        };
        // The router runs in the server's own folder.
        let router = Main::File(router.into_os_string().into_encoded_bytes());
        let folder = job.directory.take();
        self.0.run_routed(&job, &router, folder, sapi, lifecycle, || {
            connection.decline();
            script
        });
    }
}

/// A request and its response, as the VM sees them.
struct WebSapi {
    connection: Rc<dyn Connection>,
    request: Box<Request>,
    /// The body once it was read, unless it stays in memory in the request.
    read: Option<Vec<u8>>,
}

impl WebSapi {
    fn new(request: Box<Request>, connection: Rc<dyn Connection>) -> WebSapi {
        WebSapi { connection, request, read: None }
    }
}

/// A form that may have files: PHP takes it apart while it comes, and keeps nothing else of it.
fn is_upload(method: &http::Method, headers: &http::HeaderMap) -> bool {
    let kind = headers.get("content-type").map_or(&b""[..], |kind| kind.as_bytes());
    *method == http::Method::POST && kind.to_ascii_lowercase().starts_with(b"multipart/form-data")
}

/// What is read of a spooled body at once.
const PART: usize = 128 << 10;

/// The next bytes of a body; empty at its end.
fn next_part(body: &mut RequestBody) -> Result<Vec<u8>, BodyCut> {
    match body {
        RequestBody::Memory(bytes) => Ok(std::mem::take(bytes).to_vec()),
        RequestBody::File { file, .. } => {
            let mut part = vec![0; PART];
            let length = file.read(&mut part).map_err(|_| BodyCut)?;
            part.truncate(length);
            Ok(part)
        }
        RequestBody::Stream(stream) => {
            let part = stream.next_part().map_err(|_| BodyCut)?;
            Ok(part.map(|part| part.to_vec()).unwrap_or_default())
        }
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
        if self.request.builtin.is_some() { "cli-server" } else { "fpm-fcgi" }
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
        if self.request.builtin.is_some() {
            return outlast_server::say(&String::from_utf8_lossy(message));
        }
        tracing::warn!(target: "php", "{}", String::from_utf8_lossy(message));
    }

    fn log_to(&mut self, file: &[u8], message: &[u8]) {
        if !outlast_runtime::append_to_error_log(file, message) {
            self.log(message);
        }
    }

    fn body(&mut self) -> Vec<u8> {
        // A body that does not come to its end is told by `receive_body`.
        let _ = self.receive_body();
        match (&self.read, &self.request.body) {
            (Some(bytes), _) => bytes.clone(),
            (None, RequestBody::Memory(bytes)) => bytes.to_vec(),
            (None, _) => Vec::new(),
        }
    }

    fn body_part(&mut self) -> Result<Vec<u8>, BodyCut> {
        if self.read.is_some() {
            return Ok(Vec::new());
        }
        let part = next_part(&mut self.request.body)?;
        if part.is_empty() {
            self.read = Some(Vec::new());
        }
        Ok(part)
    }

    fn receive_body(&mut self) -> Result<(), BodyCut> {
        if self.read.is_some() || matches!(self.request.body, RequestBody::Memory(_)) {
            return Ok(());
        }
        let empty = RequestBody::Memory(Default::default());
        let mut body = std::mem::replace(&mut self.request.body, empty);
        let mut bytes = Vec::new();
        if let RequestBody::File { mut file, length } = body {
            let read = move || {
                let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
                file.read_to_end(&mut bytes).map(|_| bytes)
            };
            // A stop meanwhile, or a broken disk.
            bytes = blocking(read).ok().and_then(Result::ok).ok_or(BodyCut)?;
        } else {
            loop {
                let part = next_part(&mut body)?;
                if part.is_empty() {
                    break;
                }
                bytes.extend_from_slice(&part);
            }
        }
        self.read = Some(bytes);
        Ok(())
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
