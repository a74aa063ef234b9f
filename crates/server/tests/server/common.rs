//! A server with an engine written in Rust, whose "scripts" do what the query says.

use outlast_fiber::{in_script, interrupt_word, wait, yield_now};
use outlast_lifecycle::{Lifecycle, Output, Phase, TICK, Verdict};
use outlast_server::*;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub type Log = Arc<Mutex<Vec<String>>>;

struct Fake(Log);

impl Engine for Fake {
    fn worker(&self) -> Box<dyn EngineWorker> {
        Box::new(Fake(self.0.clone()))
    }
}

fn head(status: u16, headers: &[(&str, &str)]) -> ResponseHead {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let headers = headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect();
    ResponseHead { status, reason: None, headers }
}

fn sleep(ms: u64) -> bool {
    wait(async move { tokio::time::sleep(Duration::from_millis(ms)).await }).is_ok()
}

impl Fake {
    fn note(&self, text: impl Into<String>) {
        self.0.lock().unwrap().push(text.into());
    }

    /// Sends as an engine does: asks the lifecycle first.
    fn print(&self, connection: &dyn Connection, lifecycle: &Lifecycle, text: &str) -> bool {
        match lifecycle.output(Output::Flush) {
            Verdict::Deliver => {
                connection.write(text.as_bytes()).and_then(|()| connection.flush()).is_ok()
            }
            Verdict::Discard => true,
            Verdict::Stop(stop) => {
                self.note(format!("stopped {stop:?}"));
                false
            }
        }
    }

    fn script(&self, request: Request, connection: &dyn Connection, lifecycle: &Lifecycle) {
        let html = [("Content-Type", "text/html"), ("X-Script", "yes")];
        let (what, number) = request.query.split_once('=').unwrap_or((&request.query, "0"));
        let number: u64 = number.parse().unwrap_or(0);
        connection.send_headers(head(200, &html));
        match what {
            "hello" => connection.write(b"hello").unwrap(),
            "sleep" => {
                let slept = sleep(number);
                self.note(format!("slept {slept} {}", lifecycle.connection_status()));
                let _ = connection.write(b"slept");
            }
            // Prints every few milliseconds until it is stopped.
            "stream" => {
                for n in 0..2000 {
                    if !self.print(connection, lifecycle, &format!("{n}\n")) || !sleep(5) {
                        break;
                    }
                }
                self.note(format!("streamed {}", lifecycle.connection_status()));
            }
            // Waits for nothing, with the head sent or not.
            "silent" | "silent-after" => {
                if what == "silent-after" {
                    self.print(connection, lifecycle, "first");
                }
                self.note("silent");
                while lifecycle.connection_status() == 0 {
                    sleep(2);
                }
                self.note(format!("saw {}", lifecycle.connection_status()));
            }
            "flood" => {
                let part = vec![b'x'; 100_000];
                let mut sent = 0;
                while connection.write(&part).is_ok() && sent < number {
                    sent += part.len() as u64;
                }
                self.note(format!("flooded {}", lifecycle.connection_status()));
            }
            "body" => {
                let (kind, mut bytes) = match request.body {
                    RequestBody::Memory(bytes) => ("memory", bytes.to_vec()),
                    RequestBody::File { mut file, .. } => {
                        let mut bytes = Vec::new();
                        file.read_to_end(&mut bytes).unwrap();
                        ("file", bytes)
                    }
                    RequestBody::Stream(_) => unreachable!("this engine reads no bodies itself"),
                };
                bytes.dedup();
                let text = format!("{kind} {}", String::from_utf8_lossy(&bytes));
                self.note(&text);
                connection.write(text.as_bytes()).unwrap();
            }
            "finish" => {
                connection.write(b"early").unwrap();
                connection.finish();
                sleep(number);
                assert!(self.print(connection, lifecycle, "late"));
                self.note(format!("finished {}", lifecycle.connection_status()));
            }
            "busy" => {
                let word = interrupt_word();
                let until = Instant::now() + Duration::from_millis(number);
                while Instant::now() < until {
                    if word.load(Relaxed) != 0 && lifecycle.take_interrupts() & TICK != 0 {
                        yield_now();
                        if let Some(stop) = lifecycle.check() {
                            self.note(format!("stopped {stop:?}"));
                            break;
                        }
                    }
                }
                connection.write(b"busy").unwrap();
            }
            "vars" => {
                for (name, value) in request.server_variables() {
                    let line = format!("{name}={}\n", String::from_utf8_lossy(&value));
                    connection.write(line.as_bytes()).unwrap();
                }
            }
            "status" => {
                let mut head =
                    head(404, &[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Bad\nName", "x")]);
                head.reason = Some(b"Nowhere".to_vec());
                connection.send_headers(head);
                connection.write(b"none").unwrap();
            }
            "panic" => panic!("as asked"),
            "panic-late" => {
                self.print(connection, lifecycle, "begun");
                panic!("as asked");
            }
            _ => {
                let info = request.path_info.map(|info| String::from_utf8(info).unwrap());
                let name = String::from_utf8(request.script_name).unwrap();
                connection.write(format!("{name} {info:?}").as_bytes()).unwrap();
            }
        }
    }
}

impl EngineWorker for Fake {
    fn run(
        &self,
        request: Box<Request>,
        connection: Rc<dyn Connection>,
        lifecycle: &Rc<Lifecycle>,
    ) {
        assert!(in_script());
        self.script(*request, &*connection, lifecycle);
        // What stopped the script was delivered; from here on waiting works again.
        lifecycle.check();
        lifecycle.enter(Phase::ShutdownFunctions);
        assert!(sleep(0));
    }
}

pub struct Site {
    pub running: Option<Running>,
    pub log: Log,
    pub root: PathBuf,
    pub address: SocketAddr,
}

impl Site {
    pub fn new(name: &str, change: impl FnOnce(&mut Config)) -> Site {
        let root =
            std::env::temp_dir().join(format!("outlast-server-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::create_dir_all(root.join("empty")).unwrap();
        std::fs::create_dir_all(root.join(".git")).unwrap();
        let put = |file: &str, text: &[u8]| std::fs::write(root.join(file), text).unwrap();
        put("index.php", b"");
        put("t.php", b"");
        put("sub/index.html", b"<p>sub</p>");
        put("plain.txt", b"0123456789");
        put("large.bin", &vec![7; 1 << 20]);
        put(".git/config", b"secret");
        put("old.phtml", b"secret");
        let mut config = Config {
            listen: vec!["127.0.0.1:0".into()],
            document_root: root.clone(),
            workers: 2,
            access_log: root.join("access.log").to_str().unwrap().into(),
            drain_timeout: 5,
            control_socket: "off".into(),
            ..Config::default()
        };
        change(&mut config);
        let log = Log::default();
        let running = Server::start(config, Arc::new(Fake(log.clone()))).unwrap();
        Site { address: running.addresses()[0], running: Some(running), log, root }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    pub fn send(&self, request: &str) -> TcpStream {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// One request on a connection of its own; the whole response.
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: site:81\r\nConnection: close\r\n\r\n"))
    }

    pub fn ask(&self, request: &str) -> String {
        let mut answer = Vec::new();
        // A server that refuses a body closes before it has read all of it.
        let _ = self.send(request).read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Waits until the scripts have noted this.
    pub fn await_note(&self, wanted: &str) {
        let until = Instant::now() + Duration::from_secs(20);
        while !self.log.lock().unwrap().iter().any(|note| note == wanted) {
            assert!(Instant::now() < until, "no {wanted:?} in {:?}", self.log.lock().unwrap());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
        }
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

pub fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut seen = Vec::new();
    let mut part = [0; 1024];
    while !String::from_utf8_lossy(&seen).contains(wanted) {
        let count = stream.read(&mut part).unwrap();
        assert!(count > 0, "closed before {wanted:?}");
        seen.extend_from_slice(&part[..count]);
    }
    String::from_utf8_lossy(&seen).into_owned()
}

/// Closes with a RST.
pub fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}
