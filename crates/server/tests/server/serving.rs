//! Requests and responses: scripts, files, routing, limits, stopping.

use crate::common::*;
use outlast_server::{Config, Server};
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn status(answer: &str) -> &str {
    answer.lines().next().unwrap_or("").strip_prefix("HTTP/1.1 ").unwrap_or("(none)")
}

#[test]
fn a_short_script_sends_one_full_body() {
    let site = Site::new("hello", |_| {});
    let answer = site.get("/t.php?hello");
    assert_eq!(status(&answer), "200 OK");
    assert!(answer.contains("\r\nContent-Length: 5\r\n"), "{answer}");
    assert!(answer.contains("\r\nX-Script: yes\r\n"));
    assert_eq!(body(&answer), "hello");
    let answer = site.get("/t.php?status");
    assert_eq!(status(&answer), "404 Nowhere");
    assert!(answer.contains("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
}

#[test]
fn a_hundred_requests_in_parallel() {
    let site = Site::new("parallel", |_| {});
    let clients: Vec<_> = (0..100)
        .map(|n| {
            site.send(&format!(
                "GET /t.php?{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                if n % 2 == 0 { "sleep=50" } else { "hello" }
            ))
        })
        .collect();
    for (n, mut client) in clients.into_iter().enumerate() {
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(body(&answer), if n % 2 == 0 { "slept" } else { "hello" });
    }
}

#[test]
fn keep_alive_and_pipelining_keep_the_order() {
    let site = Site::new("pipeline", |_| {});
    let one = |query| format!("GET /t.php?{query} HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut stream = site.send(&(one("sleep=30") + &one("hello") + &one("status")));
    let answer = read_until(&mut stream, "none");
    let (slept, hello) = (answer.find("slept").unwrap(), answer.find("hello").unwrap());
    assert!(slept < hello);
    stream.write_all(one("hello").as_bytes()).unwrap();
    read_until(&mut stream, "hello");
}

#[test]
fn streams_are_chunked_and_head_has_no_body() {
    let site = Site::new("chunked", |_| {});
    let answer = site.get("/t.php?flood=300000");
    assert!(answer.contains("\r\nTransfer-Encoding: chunked\r\n"));
    assert!(answer.ends_with("\r\n0\r\n\r\n") && answer.len() > 300_000);
    for query in ["hello", "flood=300000"] {
        let answer = site
            .ask(&format!("HEAD /t.php?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        assert_eq!((status(&answer), body(&answer)), ("200 OK", ""));
    }
    site.await_note("flooded 0");
}

#[test]
fn clients_of_every_age_are_told_where_a_body_ends() {
    let site = Site::new("ages", |_| {});
    let old = site.ask("GET /t.php?flood=300000 HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200 OK\r\n") && !old.contains("chunked"), "{}", &old[..200]);
    assert!(body(&old).len() >= 300_000 && body(&old).bytes().all(|byte| byte == b'x'));
    let keep = "GET /t.php?hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    let mut stream = site.send(keep);
    assert!(read_until(&mut stream, "hello").contains("\r\nConnection: keep-alive\r\n"));
    stream.write_all(keep.as_bytes()).unwrap();
    read_until(&mut stream, "hello");

    let head =
        "POST /t.php?body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    let mut stream = site.send(head);
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"yyy").unwrap();
    read_until(&mut stream, "memory y");
}

#[test]
fn bodies_that_are_cut_wrongly_start_no_script() {
    let site = Site::new("chunks", |_| {});
    let chunked = |body: &str| {
        let head = "POST /t.php?body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
        site.ask(&format!("{head}{body}"))
    };
    for body in
        ["x\r\n", "2\r\nyyy\r\n0\r\n\r\n", "1\ny\r\n0\r\n\r\n", "-1\r\n", "fffffffffffffffff\r\n"]
    {
        assert_eq!(status(&chunked(body)), "400 Bad Request", "{body:?}");
    }
    assert!(site.log.lock().unwrap().is_empty());
    let trailed = "2;a=b\r\nyy\r\n0\r\nX: y\r\n\r\nGET /t.php?hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = chunked(trailed);
    assert!(answer.contains("memory y") && answer.ends_with("hello"), "{answer}");
}

#[test]
fn bodies_are_spooled() {
    let site = Site::new("bodies", |config| config.max_body_size = 1_000_000);
    let post = |length: usize| {
        site.ask(&format!(
            "POST /t.php?body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{}",
            "y".repeat(length)
        ))
    };
    assert_eq!(body(&post(0)), "memory ");
    assert_eq!(body(&post(60_000)), "memory y");
    assert_eq!(body(&post(900_000)), "file y");
    assert_eq!(status(&post(1_000_001)), "413 Payload Too Large");
    let chunked = site.ask("POST /t.php?body HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyyy\r\n2\r\nyy\r\n0\r\n\r\n");
    assert_eq!(body(&chunked), "memory y");
}

#[test]
fn a_panic_is_one_500_and_no_more() {
    let site = Site::new("panic", |_| {});
    assert_eq!(status(&site.get("/t.php?panic")), "500 Internal Server Error");
    let answer = site.get("/t.php?panic-late");
    assert!(answer.contains("begun") && !answer.ends_with("0\r\n\r\n"), "{answer}");
    assert_eq!(body(&site.get("/t.php?hello")), "hello");
}

#[test]
fn variables_are_those_of_php_fpm() {
    let site = Site::new("vars", |_| {});
    let answer = site.ask("GET /t.php/a%20b/?vars HTTP/1.1\r\nHost: site:81\r\nX-A-B: 1\r\nX-A-B: 2\r\nX_Evil: 1\r\nProxy: evil\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n\r\n");
    let root = std::fs::canonicalize(&site.root).unwrap();
    for line in [
        &format!("SCRIPT_FILENAME={}/t.php", root.display()),
        "SCRIPT_NAME=/t.php",
        "PATH_INFO=/a b/",
        "PHP_SELF=/t.php/a b/",
        "REQUEST_URI=/t.php/a%20b/?vars",
        "QUERY_STRING=vars",
        "SERVER_NAME=site",
        "HTTP_HOST=site:81",
        "HTTP_X_A_B=1, 2",
        "HTTP_COOKIE=a=1; b=2",
        "CONTENT_LENGTH=",
        "REMOTE_ADDR=127.0.0.1",
        &format!("SERVER_PORT={}", site.address.port()),
    ] {
        assert!(body(&answer).lines().any(|known| known == line), "{line} in {answer}");
    }
    assert!(!answer.contains("EVIL") && !answer.contains("HTTP_PROXY"));
}

#[test]
fn routes() {
    let site = Site::new("routes", |_| {});
    for (path, expected) in [
        ("/", "/index.php None"),
        ("/index.php", "/index.php None"),
        ("/t.php/info/x", "/t.php Some(\"/info/x\")"),
        ("/sub/../t.php", "/t.php None"),
        ("/sub/", "<p>sub</p>"),
    ] {
        assert_eq!(body(&site.get(path)), expected, "{path}");
    }
    assert!(site.get("/sub?a=1").contains("\r\nLocation: /sub/?a=1\r\n"));
    for (path, expected) in [
        ("/none", "404 Not Found"),
        ("/none.php", "404 Not Found"),
        ("/empty/", "403 Forbidden"),
        ("/.git/config", "403 Forbidden"),
        ("/old.phtml", "403 Forbidden"),
        ("/sub%2findex.html", "404 Not Found"),
        ("/../t.php", "400 Bad Request"),
        ("/%2e%2e/%2e%2e/etc/passwd", "400 Bad Request"),
        ("/a%00.php", "400 Bad Request"),
        ("/plain.txt/", "404 Not Found"),
    ] {
        assert_eq!(status(&site.get(path)), expected, "{path}");
    }
    for hosts in ["", "Host: a\r\nHost: b\r\n"] {
        let answer = site.ask(&format!("GET / HTTP/1.1\r\nConnection: close\r\n{hosts}\r\n"));
        assert_eq!(status(&answer), "400 Bad Request");
    }
    let front = Site::new("front", |config| config.front_controller = Some("index.php".into()));
    for path in ["/none", "/users/1%2F2", "/empty/"] {
        assert_eq!(body(&front.get(path)), "/index.php None", "{path}");
    }
}

#[test]
fn files() {
    let site = Site::new("files", |_| {});
    let ask = |method: &str, path: &str, header: &str| {
        site.ask(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}\r\n\r\n"
        ))
    };
    let answer = ask("GET", "/plain.txt", "A: b");
    assert_eq!(body(&answer), "0123456789");
    assert!(answer.contains("Content-Type: text/plain; charset=utf-8\r\n"));
    let field = |name: &str| {
        let line = answer.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once(": ").unwrap().1.to_owned()
    };
    for condition in [
        format!("If-None-Match: \"x\", W/{}", field("Etag")),
        format!("If-Modified-Since: {}", field("Last-Modified")),
    ] {
        let answer = ask("GET", "/plain.txt", &condition);
        assert_eq!((status(&answer), body(&answer)), ("304 Not Modified", ""), "{condition}");
    }
    let part = ask("GET", "/plain.txt", "Range: bytes=2-4");
    assert_eq!((status(&part), body(&part)), ("206 Partial Content", "234"));
    assert!(part.contains("Content-Range: bytes 2-4/10\r\n"));
    assert_eq!(status(&ask("GET", "/plain.txt", "Range: bytes=20-")), "416 Range Not Satisfiable");
    let head = ask("HEAD", "/large.bin", "A: b");
    assert!(head.contains("Content-Length: 1048576\r\n") && body(&head).is_empty());
    assert_eq!(body(&ask("GET", "/large.bin", "A: b")).len(), 1 << 20);
    assert_eq!(body(&ask("GET", "/large.bin", "Range: bytes=100-299999")).len(), 299_900);
    let post = ask("POST", "/plain.txt", "Content-Length: 0");
    assert_eq!(status(&post), "405 Method Not Allowed");
    assert!(post.contains("Allow: GET, HEAD\r\n"));
    assert_eq!(status(&ask("TRACE", "/t.php", "A: b")), "405 Method Not Allowed");
}

#[test]
fn heads_that_are_too_large_or_too_slow() {
    let site = Site::new("heads", |config| {
        config.header_timeout = 1;
        config.keep_alive_timeout = 1;
    });
    let long = "x".repeat(100_000);
    assert_eq!(
        status(&site.ask(&format!("GET / HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n"))),
        "431 Request Header Fields Too Large"
    );
    let mut idle = site.connect();
    let mut slow = site.send("GET / HTTP/1.1\r\nHost");
    assert_eq!(slow.read(&mut [0; 10]).unwrap(), 0);
    assert_eq!(idle.read(&mut [0; 10]).unwrap(), 0);
}

#[test]
fn too_many_scripts_get_503() {
    let site = Site::new("admission", |config| {
        config.workers = 1;
        config.max_scripts = 2;
    });
    let waiting: Vec<_> =
        (0..2).map(|_| site.send("GET /t.php?silent HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    while site.log.lock().unwrap().len() < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let answer = site.get("/t.php?hello");
    assert_eq!(status(&answer), "503 Service Unavailable");
    assert!(answer.contains("Retry-After: 1\r\n"));
    assert_eq!(body(&site.get("/plain.txt")), "0123456789");
    drop(waiting);
    site.await_note("saw 1");
}

#[test]
fn busy_scripts_leave_room_for_others() {
    let site = Site::new("busy", |config| config.workers = 1);
    let mut busy =
        site.send("GET /t.php?busy=400 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    std::thread::sleep(Duration::from_millis(20));
    for _ in 0..5 {
        assert_eq!(body(&site.get("/t.php?hello")), "hello");
    }
    busy.set_nonblocking(true).unwrap();
    assert!(busy.read(&mut [0; 1]).is_err(), "the busy script still runs");
}

#[test]
fn stopping_lets_requests_end_and_stops_what_does_not() {
    let mut site = Site::new("drain", |config| config.drain_timeout = 1);
    let mut ends = site.send("GET /t.php?sleep=200 HTTP/1.1\r\nHost: x\r\n\r\n");
    let _idle = site.connect();
    let _never = site.send("GET /t.php?sleep=600000 HTTP/1.1\r\nHost: x\r\n\r\n");
    std::thread::sleep(Duration::from_millis(50));
    assert!(site.running.take().unwrap().stop());
    let mut answer = String::new();
    ends.read_to_string(&mut answer).unwrap();
    assert_eq!(body(&answer), "slept");
    site.await_note("slept false 0");
    let log = std::fs::read_to_string(site.root.join("access.log")).unwrap();
    assert!(log.contains("\"GET /t.php?sleep=200 HTTP/1.1\" 200 5 "), "{log}");
}

#[test]
fn a_port_in_use_is_said_clearly() {
    let site = Site::new("port", |_| {});
    struct Nothing;
    impl outlast_server::Engine for Nothing {
        fn worker(&self) -> Box<dyn outlast_server::EngineWorker> {
            unreachable!("the server does not start")
        }
    }
    let listen = vec![site.address.to_string()];
    let config = Config { listen, document_root: site.root.clone(), ..Config::default() };
    let error = Server::start(config, Arc::new(Nothing)).err().unwrap().to_string();
    let address = site.address;
    assert_eq!(error, format!("cannot listen on {address}: another program is using it"));
}
