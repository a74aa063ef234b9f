//! Clients that send half, too much, nonsense, or leave: none of it harms the others.

use crate::site::{body, serve, serve_with, status};
use std::io::{Read, Write};

const TOUCH: &str = "<?php file_put_contents(__DIR__ . '/touched', 'x', FILE_APPEND); echo 'ok';";

#[test]
fn a_cut_or_half_sent_request_starts_no_script() {
    let site = serve("cut", &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")]);
    for request in [
        "POST /touch.php HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nonly this",
        "POST /touch.php HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "GET /touch.php HTTP/1.1\r\nHost: h\r\nX-Cut",
        "GET /touch.php HT",
        "",
    ] {
        for _ in 0..10 {
            drop(site.send(request));
        }
    }
    assert_eq!(body(&site.get("/ok.php")), "ok");
    assert_eq!(site.file("touched"), "");
}

#[test]
fn nonsense_is_refused_and_the_next_one_served() {
    let site = serve("nonsense", &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")]);
    let huge = format!("GET /touch.php HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "a".repeat(100_000));
    assert_eq!(status(&site.ask(&huge)), "431");
    for request in [
        "\u{1}\u{2}\u{3}\r\n\r\n",
        "GET /touch.php HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /touch.php HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        "POST /touch.php HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST /touch.php HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "GET /touch.php HTTP/1.1\r\nHost : h\r\n\r\n",
    ] {
        let answer = site.ask(request);
        assert!(answer.is_empty() || status(&answer) == "400", "{request:?}: {answer}");
        assert_eq!(body(&site.get("/ok.php")), "ok", "after {request:?}");
    }
    assert_eq!(site.file("touched"), "");
}

#[test]
fn no_path_leads_out_of_the_document_root() {
    let site = serve("paths", &[("ok.php", "<?php echo 'ok';"), (".hidden", "secret")]);
    std::fs::write(site.folder.with_extension("outside"), "secret").unwrap();
    let name = site.folder.file_name().unwrap().to_str().unwrap();
    for path in [
        format!("/../{name}.outside"),
        format!("/..%2f{name}.outside"),
        format!("/%2e%2e/{name}.outside"),
        format!("/x/../../{name}.outside"),
        format!("/..%5c{name}.outside"),
        format!("//../{name}.outside"),
        "/.hidden".into(),
        "/ok.php%00.txt".into(),
        "/%00".into(),
        "/ok.php%20".into(),
        "/ok.php%2f..%2f..%2fx".into(),
        "/%2e%2e%2f%2e%2e%2fetc/passwd".into(),
        "/%252e%252e%252fetc/passwd".into(),
        "/..%c0%af..%c0%afetc/passwd".into(),
        "/..\\..\\etc\\passwd".into(),
        "/a%0d%0aX-Injected:%20yes".into(),
        "/%zz".into(),
        "/%4".into(),
        format!("/.%2e/{name}.outside"),
        format!("/%252e%252e/{name}.outside"),
        "/%".into(),
        "/etc/passwd".into(),
        format!("/{}", "a/".repeat(3000)),
    ] {
        let answer = site.get(&path);
        assert!(!answer.contains("secret") && !answer.contains("<?php"), "{path}: {answer}");
        assert!(["400", "403", "404", "414"].contains(&status(&answer)), "{path}: {answer}");
    }
    std::fs::remove_file(site.folder.with_extension("outside")).unwrap();
}

const BEHIND: &str = "GET /touch.php HTTP/1.1\r\nHost: h\r\n\r\n";

#[test]
fn what_two_readers_read_differently_is_refused_with_all_behind_it() {
    let site = serve("smuggled", &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")]);
    for (lines, status_wanted) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked", "400"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4", "400"),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "400"),
        ("Transfer-Encoding: gzip, chunked", "501"),
        ("Transfer-Encoding: chunked, identity", "501"),
        ("Transfer-Encoding: xchunked", "501"),
        ("Transfer-Encoding : chunked", "400"),
        ("Transfer-Encoding:\u{b}chunked", "400"),
        ("Content-Length: 4\r\nContent-Length: 5", "400"),
        ("Content-Length: 4, 4", "400"),
        ("Content-Length: +4", "400"),
        ("Content-Length: 0x4", "400"),
        ("Content-Length: 4 4", "400"),
        ("Content-Length:", "400"),
        ("Content-Length: 99999999999999999999", "400"),
        ("Content-Length : 4", "400"),
        ("X: a\r\n folded: b", "400"),
        ("X: a\rTransfer-Encoding: chunked", "400"),
        ("X: a\0b", "400"),
        ("X: a\nTransfer-Encoding: chunked", "400"),
        ("X: a\n\r\nGET /touch.php HTTP/1.1\r\nHost: h", "400"),
        ("no colon", "400"),
        ("X\u{e9}: a", "400"),
    ] {
        let head = format!("POST /touch.php HTTP/1.1\r\nHost: h\r\n{lines}\r\n\r\n");
        let answer = site.ask(&format!("{head}0\r\n\r\n{BEHIND}"));
        assert_eq!(status(&answer), status_wanted, "{lines:?}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{lines:?}: {answer}");
    }
    let old = "POST /touch.php HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(status(&site.ask(old)), "400");
    assert_eq!(body(&site.get("/ok.php")), "ok");
    assert_eq!(site.file("touched"), "");
}

#[test]
fn bad_chunks_are_refused_with_all_behind_them() {
    let site = serve("chunks", &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")]);
    let endless_line = format!("5;{}\r\n", "x".repeat(5_000));
    let endless_trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(7_000));
    for chunks in [
        "g\r\n",
        "\r\n",
        "-1\r\n",
        "0x5\r\nhello\r\n",
        " 5\r\nhello\r\n",
        "5 5\r\nhello\r\n",
        "5\nhello\r\n",
        "5;a\rb\r\nhello\r\n",
        "11111111111111111\r\n",
        "3\r\nhello\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "0\r\nX: y\n\r\n",
        &endless_line,
        &endless_trailers,
    ] {
        let head = "POST /touch.php HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        let answer = site.ask(&format!("{head}{chunks}{BEHIND}"));
        let start = &chunks[..chunks.len().min(20)];
        assert_eq!(status(&answer), "400", "{start:?}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{start:?}: {answer}");
    }
    let head = "POST /touch.php HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    // More than any body may have, told in one number.
    assert_eq!(status(&site.ask(&format!("{head}ffffffffffffffff\r\nx"))), "413");
    assert_eq!(body(&site.get("/ok.php")), "ok");
    assert_eq!(site.file("touched"), "");
}

#[test]
fn hosts_and_methods_that_cannot_be_are_refused() {
    let site = serve("hosts", &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")]);
    for host in ["a b", "a/b", "a\\b", "u@a", "a?b", "a#b", "<a>", "\"a\"", "a\tb", "\u{e9}"] {
        let request =
            format!("GET /touch.php HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&site.ask(&request)), "400", "{host:?}");
    }
    for host in ["example.org:8080", "[::1]:80", "a_b-c.d", ""] {
        let request = format!("GET /ok.php HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        assert_eq!(status(&site.ask(&request)), "200", "{host:?}");
    }
    for (start, wanted) in [
        ("CONNECT h:80 HTTP/1.1", "405"),
        ("TRACE /touch.php HTTP/1.1", "405"),
        ("G@T /touch.php HTTP/1.1", "400"),
        ("G(T /touch.php HTTP/1.1", "400"),
        (" /touch.php HTTP/1.1", "400"),
        ("GET touch.php HTTP/1.1", "400"),
        ("GET /touch.php", "400"),
        ("GET /touch.php HTTP/2.0", "400"),
        ("GET /touch.php HTTP/1.11", "400"),
        ("GET /touch.php http/1.1", "400"),
        ("GET /touch .php HTTP/1.1", "400"),
        ("GET  /touch.php HTTP/1.1", "400"),
        ("GET /touch\0.php HTTP/1.1", "400"),
    ] {
        let answer = site.ask(&format!("{start}\r\nHost: h\r\nConnection: close\r\n\r\n"));
        assert_eq!(status(&answer), wanted, "{start:?}: {answer}");
    }
    assert_eq!(body(&site.get("/ok.php")), "ok");
    assert_eq!(site.file("touched"), "");
}

#[test]
fn limits_of_size_and_time_end_what_has_no_end() {
    let folder = crate::site::folder("endless-options");
    let options = folder.join("options.toml");
    let text = "max_body_size = 1000\nheader_timeout = 1\nbody_timeout = 1\nkeep_alive_timeout = 1\n\
         body_min_rate = 100\n";
    std::fs::write(&options, text).unwrap();
    let site = serve_with(
        "endless",
        &[("touch.php", TOUCH), ("ok.php", "<?php echo 'ok';")],
        &["--config", options.to_str().unwrap()],
    );
    // By size: the rest need not come.
    let start = "POST /touch.php HTTP/1.1\r\nHost: h\r\n";
    let chunk = format!("3e9\r\n{}\r\n", "x".repeat(1001));
    for (request, wanted) in [
        (format!("{start}Content-Length: 1001\r\n\r\n"), "413"),
        (format!("{start}Content-Length: 18446744073709551615\r\n\r\n"), "413"),
        (format!("{start}Transfer-Encoding: chunked\r\n\r\n{chunk}"), "413"),
        (format!("GET /ok.php?{} HTTP/1.1\r\nHost: h\r\n", "x".repeat(40_000)), "431"),
        (format!("GET /ok.php HTTP/1.1\r\nHost: h\r\n{}", "X: y\r\n".repeat(10_000)), "431"),
        (format!("GET /ok.php HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(200)), "431"),
    ] {
        assert_eq!(status(&site.ask(&request)), wanted, "{:?}", &request[..60]);
    }
    // By time: each of these is ended by the server alone, and others are served meanwhile.
    let waiting: Vec<_> = [
        (String::new(), ""),
        ("\r\n\r\n".into(), ""),
        ("GET /touch.php HTTP/1.1\r\nHost: h\r\nX-Half".into(), ""),
        (format!("{start}Content-Length: 10\r\n\r\nhalf"), "408"),
        (format!("{start}Transfer-Encoding: chunked\r\n\r\n5\r\nhal"), "408"),
        (format!("{start}Transfer-Encoding: chunked\r\n\r\n5"), "408"),
        (format!("{start}Transfer-Encoding: chunked\r\n\r\n0\r\nX: y"), "408"),
    ]
    .into_iter()
    .flat_map(|case| std::iter::repeat_n(case, 20))
    .map(|(request, wanted)| (site.send(&request), wanted))
    .collect();
    assert_eq!(body(&site.get("/ok.php")), "ok");
    for (mut client, wanted) in waiting {
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert_eq!(status(&answer), wanted, "{answer}");
    }
    // By pace: a byte now and then keeps no body alive, be it read by the server or by the script.
    let form = "Content-Type: multipart/form-data; boundary=x\r\n";
    for more in ["", form] {
        let request = format!("{start}{more}Content-Length: 900\r\n\r\n");
        let mut slow = site.send(&request);
        slow.set_read_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
        let mut answer = [0; 12];
        // The server has answered, or it has closed.
        while slow.read_exact(&mut answer).is_err() && slow.write_all(b"x").is_ok() {}
        assert_eq!(&answer, b"HTTP/1.1 408", "{more:?}");
    }
    assert_eq!(body(&site.get("/ok.php")), "ok");
    assert_eq!(site.file("touched"), "");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let code = "<?php usleep(20000 - 4000 * $_GET['n']); echo '<', $_GET['n'], '>';";
    let site = serve("pipelined", &[("t.php", code)]);
    let mut requests = String::new();
    for n in 0..5 {
        let close = if n == 4 { "Connection: close\r\n" } else { "" };
        requests += &format!("GET /t.php?n={n} HTTP/1.1\r\nHost: h\r\n{close}\r\n");
    }
    let answer = site.ask(&requests);
    let found: Vec<_> = (0..5).map(|n| answer.find(&format!("<{n}>"))).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{answer}");
}

#[test]
fn clients_that_leave_with_data_on_the_way_are_forgotten() {
    let code = "<?php register_shutdown_function(function () {
            file_put_contents(__DIR__ . '/ended', 'x', FILE_APPEND | LOCK_EX); });
        echo 'ready'; flush();
        for ($i = 0; $i < 100000; $i++) { echo str_repeat('x', 10000); flush(); }";
    let options = ["-d", "memory_limit=64M"];
    let site = serve_with("reset", &[("t.php", code), ("ok.php", "<?php echo 'ok';")], &options);
    for n in 0..40 {
        let mut client = site.start("/t.php");
        match n % 4 {
            // Closed with unread data in the socket, which sends a reset.
            0 => drop(client),
            1 => client.shutdown(std::net::Shutdown::Both).unwrap(),
            2 => client.shutdown(std::net::Shutdown::Write).unwrap(),
            _ => {
                client.read_exact(&mut [0; 50_000]).unwrap();
                let _ = client.write_all(b"GET /ok.php HTTP/1.1\r\nHost: h\r\n\r\n");
            }
        }
    }
    site.await_file("ended", |text| text.len() == 40);
    assert_eq!(body(&site.get("/ok.php")), "ok");
}
