//! `outlast serve`: PHP over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct Site {
    child: Child,
    address: String,
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("outlast-serve-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn serve(name: &str, files: &[(&str, &str)]) -> Site {
    let folder = folder(name);
    for (file, text) in files {
        std::fs::write(folder.join(file), text).unwrap();
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["serve", "--listen", "127.0.0.1:0", "--workers", "2", "-n", "-d", "html_errors=0"])
        .arg(&folder)
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
    // Keep reading, so that its log never blocks the server.
    std::thread::spawn(move || lines.for_each(drop));
    Site { child, address }
}

impl Site {
    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }

    fn get(&self, path: &str) -> String {
        let host = "Host: h\r\nConnection: close\r\n\r\n";
        let mut answer = String::new();
        self.send(&format!("GET {path} HTTP/1.1\r\n{host}")).read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn scripts_answer_requests() {
    let site = serve(
        "answers",
        &[
            ("index.php", "<?php echo 'q=', $_GET['q'] ?? '-', ';', $_SERVER['PATH_INFO'] ?? '';"),
            ("post.php", "<?php echo $_POST['a'], $_SERVER['CONTENT_LENGTH'];"),
            ("own.php", "<?php $GLOBALS['seen'] = ($seen ?? 0) + 1; echo $seen;"),
        ],
    );
    assert!(site.get("/?q=1").ends_with("\r\n\r\nq=1;"));
    assert!(site.get("/index.php/x/y").ends_with("q=-;/x/y"));
    assert!(site.get("/none.php").starts_with("HTTP/1.1 404 "));
    for _ in 0..3 {
        assert!(site.get("/own.php").ends_with("\r\n\r\n1"), "nothing is left of the last request");
    }
    let mut answer = String::new();
    let request = "POST /post.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\n\r\na=5";
    site.send(request).read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("\r\n\r\n53"), "{answer}");
}

#[test]
fn busy_scripts_share_their_worker() {
    let code = "<?php $sum = ''; for ($i = 0; $i < 200000; $i++) { $sum = $sum . ($i % 10); \
                if ($i % 1000 == 0) { $sum = ''; } } class D { public $n = 1; } \
                $d = new D; $d->n = $_GET['n']; echo $d->n;";
    let site = serve("busy", &[("busy.php", code)]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let site = &site;
            scope.spawn(move || {
                let answer = site.get(&format!("/busy.php?n={n}"));
                assert!(answer.ends_with(&format!("\r\n\r\n{n}")), "{answer}");
            });
        }
    });
}

#[test]
fn an_error_is_the_page_of_its_request_only() {
    let site = serve(
        "error",
        &[
            ("bad.php", "<?php\necho 1"),
            ("boom.php", "<?php nope();"),
            ("ok.php", "<?php echo 'ok';"),
        ],
    );
    let text = site.get("/bad.php");
    assert!(text.contains("Parse error: syntax error, unexpected end of file"), "{text}");
    assert!(site.get("/boom.php").contains("Call to undefined function nope()"));
    assert!(site.get("/ok.php").ends_with("ok"));
}

#[test]
fn a_bad_option_ends_it_with_a_clear_line() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_outlast"))
            .arg("serve")
            .args(arguments)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&["/no/such/folder"]).contains("document_root /no/such/folder: No such file"));
    assert!(run(&["-c", "/no/such/php.ini", "."]).contains("no php.ini at /no/such/php.ini"));
    assert!(run(&["--bogus"]).contains("--bogus"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let root = folder("taken");
    let text = run(&["-n", "--listen", &address, root.to_str().unwrap()]);
    assert!(
        text.contains(&format!("cannot listen on {address}: another program is using it")),
        "{text}"
    );
}

/// Waits until the file says `text`.
fn await_text(file: &std::path::Path, text: &str) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let found = std::fs::read_to_string(file).unwrap_or_default();
        if found == text {
            return;
        }
        assert!(std::time::Instant::now() < until, "{found:?} is not {text:?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_sleeping_script_learns_that_its_client_has_gone() {
    let code = "<?php
        $log = __DIR__ . '/' . $_GET['log'];
        Outlast\\on_abort(function () use ($log) {
            file_put_contents($log, 'abort ' . connection_status());
        });
        register_shutdown_function(function () use ($log) {
            file_put_contents($log, file_get_contents($log) . ' end');
        });
        if (isset($_GET['mode'])) ini_set('outlast.abort', $_GET['mode']);
        echo 'ready'; flush();
        sleep((int) $_GET['sleep']);
        file_put_contents($log, file_get_contents($log) . ' slept');";
    let site = serve("gone", &[("wait.php", code)]);
    for (query, text) in
        [("log=a&sleep=60&mode=immediate", "abort 1 end"), ("log=b&sleep=1", "abort 1 slept end")]
    {
        let mut stream = site.send(&format!("GET /wait.php?{query} HTTP/1.1\r\nHost: h\r\n\r\n"));
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        drop(stream);
        await_text(&folder("gone").join(&query[4..5]), text);
    }
}
