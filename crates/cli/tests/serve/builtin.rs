//! `php -S`: PHP's own development server, as far as scripts and their authors can tell.

use crate::site::{await_text, body, folder, status};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

struct Builtin {
    child: Child,
    address: String,
    folder: PathBuf,
    log: Arc<Mutex<String>>,
}

impl Drop for Builtin {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Builtin {
    fn start(name: &str, files: &[(&str, &str)], router: Option<&str>) -> Builtin {
        let folder = folder(name);
        for (file, text) in files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_outlast"))
            .args(["php", "-n", "-S", "127.0.0.1:0"])
            .args(router)
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let started = lines.next().expect("a first line").unwrap();
        assert!(started.contains("] PHP 8.4.") && started.contains(" Development Server (http://"));
        let address = started.split("http://").nth(1).and_then(|rest| rest.split(')').next());
        let address = address.expect("an address").to_owned();
        let log = Arc::new(Mutex::new(String::new()));
        let kept = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // Without the date in front.
                let text = line.split_once("] ").map_or(line.as_str(), |(_, text)| text);
                *kept.lock().unwrap() += &format!("{text}\n");
            }
        });
        Builtin { child, address, folder, log }
    }

    /// The answer to a GET, and what the log says of it behind the client's address.
    fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let own = stream.local_addr().unwrap().to_string();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
        let mut answer = String::new();
        // Each connection is for one request: it ends by itself.
        stream.read_to_string(&mut answer).unwrap();
        let closing = format!("{own} Closing");
        let log = await_text(|| self.log.lock().unwrap().clone(), |log| log.contains(&closing));
        let lines = log.lines().filter_map(|line| line.strip_prefix(&own));
        let lines: Vec<_> = lines.map(str::trim).collect();
        (answer, lines.join("; "))
    }
}

const SHOW: &str = "<?php echo PHP_SAPI, ' ', $_SERVER['SCRIPT_NAME'], ' ', $_SERVER['PATH_INFO'] ?? '-', ' ',
    $_SERVER['PHP_SELF'], ' ', basename($_SERVER['SCRIPT_FILENAME']), ' ', $_SERVER['QUERY_STRING'] ?? '-';";

#[test]
fn paths_lead_where_php_has_them_lead() {
    let files =
        [("index.php", SHOW), ("sub/index.php", SHOW), ("empty/a.txt", "text"), ("b.php", SHOW)];
    let site = Builtin::start("builtin-paths", &files, None);
    for (path, wanted) in [
        ("/", "cli-server /index.php - /index.php index.php -"),
        ("/b.php?x=1", "cli-server /b.php - /b.php b.php x=1"),
        ("/b.php/more/y", "cli-server /b.php /more/y /b.php/more/y b.php -"),
        ("/sub", "cli-server /sub/index.php - /sub/index.php index.php -"),
        ("/sub/none/x", "cli-server /sub/index.php /none/x /sub/index.php/none/x index.php -"),
        ("/none.txt", "cli-server /index.php /none.txt /index.php/none.txt index.php -"),
        ("/empty/a.txt", "text"),
        ("/empty/a.txt/more", "text"),
    ] {
        let (answer, log) = site.get(path);
        assert_eq!((status(&answer), body(&answer)), ("200", wanted), "{path}");
        assert_eq!(log, format!("Accepted; [200]: GET {path}; Closing"));
    }
    let (answer, log) = site.get("/empty/none");
    assert_eq!(status(&answer), "404");
    assert_eq!(log, "Accepted; [404]: GET /empty/none - No such file or directory; Closing");
}

#[test]
fn a_router_answers_or_lets_the_request_go_on() {
    let router = "<?php
        error_log('asked ' . $_SERVER['SCRIPT_NAME']);
        if (str_contains($_SERVER['REQUEST_URI'], 'pass')) { $left = 'left by the router'; return false; }
        echo 'routed ', $_SERVER['REQUEST_URI'], ' ', $_SERVER['SCRIPT_NAME'], ' ', __FILE__ === realpath('r.php');";
    let files = [
        ("r.php", router),
        ("b.php", "<?php echo $left ?? 'nothing', ' ', basename(getcwd());"),
        ("sub/pass.php", "<?php echo $left, ' ', basename(getcwd());"),
        ("pass.css", "colours"),
    ];
    let site = Builtin::start("builtin-router", &files, Some("r.php"));
    let (answer, log) = site.get("/b.php");
    assert_eq!(body(&answer), "routed /b.php /b.php 1");
    assert_eq!(log, "Accepted; Closing", "what a router answers is not logged");
    let (answer, _) = site.get("/missing/thing");
    assert_eq!(body(&answer), "routed /missing/thing /missing/thing 1");
    let (answer, log) = site.get("/sub/pass.php");
    assert_eq!(body(&answer), "left by the router sub");
    assert_eq!(log, "Accepted; [200]: GET /sub/pass.php; Closing");
    let (answer, log) = site.get("/pass.css");
    assert!(answer.to_ascii_lowercase().contains("content-type: text/css"), "{answer}");
    assert_eq!(body(&answer), "colours");
    assert_eq!(log, "Accepted; [200]: GET /pass.css; Closing");
    let (answer, log) = site.get("/pass/none");
    assert_eq!(status(&answer), "404");
    assert!(log.contains("[404]: GET /pass/none"), "{log}");
    let log = site.log.lock().unwrap().clone();
    assert!(log.contains("asked /pass.css\n") && log.contains("asked /pass/none\n"), "{log}");
}
