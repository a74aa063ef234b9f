//! A server of its own for each test, and clients that do what clients do.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a test waits for what must come: far longer than any of it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server and its document root.
pub struct Site {
    child: Child,
    pub address: String,
    pub folder: PathBuf,
    /// The folder was made for this test, and goes with it.
    made: bool,
    log: Arc<Mutex<String>>,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.made {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// An empty folder that no other test uses.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("outlast-serve-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Serves the files.
pub fn serve(name: &str, files: &[(&str, &str)]) -> Site {
    serve_with(name, files, &[])
}

/// Serves the files with more options.
pub fn serve_with(name: &str, files: &[(&str, &str)], options: &[&str]) -> Site {
    let folder = folder(name);
    for (file, text) in files {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let mut site = serve_folder(&folder, options);
    site.made = true;
    site
}

/// Serves a folder that exists.
pub fn serve_folder(folder: &Path, options: &[&str]) -> Site {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "-d", "html_errors=0"])
        // No php.ini but the test's.
        .args((!options.iter().any(|option| option.starts_with("-c"))).then_some("-n"))
        .args(options)
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("a line that names the address").unwrap();
        if let Some(at) = line.find("http://") {
            break line[at + 7..].split('/').next().unwrap().to_owned();
        }
    };
    let log = Arc::new(Mutex::new(String::new()));
    // Keep reading, so that its log never blocks the server.
    let kept = log.clone();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            *kept.lock().unwrap() += &(line + "\n");
        }
    });
    Site { child, address, folder: folder.to_owned(), made: false, log }
}

impl Site {
    /// Sends these bytes on a connection of their own.
    pub fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    /// Sends these bytes and reads all that comes.
    pub fn ask(&self, request: &str) -> String {
        let mut answer = Vec::new();
        let result = self.send(request).read_to_end(&mut answer);
        // Where the server refuses what it has not read, the rest can be a reset.
        if let Err(error) = result {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The whole answer to a GET.
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"))
    }

    /// Starts a GET and waits until the script's output says `ready`.
    pub fn start(&self, path: &str) -> TcpStream {
        let mut stream = self.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"));
        read_until(&mut stream, "ready");
        stream
    }

    /// Tells the server to end, and waits for that; true if it left nothing behind.
    pub fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }

    /// Waits until a file of the document root is as wanted; gives its text.
    #[track_caller]
    pub fn await_file(&self, name: &str, wanted: impl Fn(&str) -> bool) -> String {
        await_text(|| std::fs::read_to_string(self.folder.join(name)).unwrap_or_default(), wanted)
    }

    /// Waits until the server's log is as wanted.
    #[track_caller]
    pub fn await_log(&self, wanted: impl Fn(&str) -> bool) -> String {
        await_text(|| self.log.lock().unwrap().clone(), wanted)
    }

    /// What a file of the document root says now.
    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }
}

/// Waits until what `look` sees is as wanted; gives it.
#[track_caller]
pub fn await_text(look: impl Fn() -> String, wanted: impl Fn(&str) -> bool) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let text = look();
        if wanted(&text) {
            return text;
        }
        assert!(Instant::now() < until, "still {text:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reads until the text has come; gives all that was read.
#[track_caller]
pub fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut part = [0; 1024];
    while !text.contains(wanted) {
        let length = stream.read(&mut part).unwrap();
        assert_ne!(length, 0, "the end came before {wanted:?}: {text:?}");
        text += &String::from_utf8_lossy(&part[..length]);
    }
    text
}

/// All that still comes.
pub fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    // The end of a chunked body; the connection stays open for another request.
    while !bytes.ends_with(b"\r\n0\r\n\r\n") {
        let length = stream.read(&mut part).unwrap();
        if length == 0 {
            break;
        }
        bytes.extend_from_slice(&part[..length]);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What follows the head.
pub fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// The status code.
pub fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or_default()
}
