//! Headers, status, buffers and flushes as clients see them.

use crate::site::{body, read_until, serve, status};

#[test]
fn headers_and_status_are_the_scripts() {
    let code = "<?php
        header('X-One: 1'); header('X-One: 2'); header('X-Two: a'); header('X-Two: b', false);
        header_remove('X-Powered-By');
        echo json_encode([http_response_code(), http_response_code(404), http_response_code()]);
        echo json_encode(headers_sent());";
    let redirect = "<?php header('Location: /elsewhere'); echo 'x';";
    let line = "<?php header('HTTP/1.1 418 I am a teapot'); echo 'short and stout';";
    let none = "<?php http_response_code(204);";
    let site = serve(
        "headers",
        &[("t.php", code), ("to.php", redirect), ("line.php", line), ("none.php", none)],
    );
    let answer = site.get("/t.php");
    let head = answer.to_ascii_lowercase();
    assert_eq!((status(&answer), body(&answer)), ("404", "[200,200,404]true"));
    assert!(head.contains("x-one: 2\r\n") && !head.contains("x-one: 1\r\n"), "{head}");
    assert!(head.contains("x-two: a\r\n") && head.contains("x-two: b\r\n"), "{head}");
    assert!(!head.contains("x-powered-by"), "{head}");
    assert!(head.contains("content-type: text/html; charset=utf-8\r\n"), "{head}");
    let answer = site.get("/to.php");
    assert_eq!(status(&answer), "302");
    assert!(answer.to_ascii_lowercase().contains("location: /elsewhere\r\n"));
    assert!(site.get("/line.php").starts_with("HTTP/1.1 418 "));
    let answer = site.get("/none.php");
    assert_eq!((status(&answer), body(&answer)), ("204", ""));
}

#[test]
fn headers_behind_output_are_warned_of_with_their_place() {
    let code = "<?php\necho 'out'; flush();\nheader('X-Late: 1');";
    let site = serve("late", &[("t.php", code)]);
    let answer = site.get("/t.php");
    let wanted =
        "Warning: Cannot modify header information - headers already sent by (output started at ";
    assert!(answer.contains(wanted) && answer.contains("t.php:2) in "), "{answer}");
}

#[test]
fn what_is_flushed_is_with_the_client_at_once() {
    let code = "<?php echo 'first'; flush();
        $go = __DIR__ . '/go'; while (!file_exists($go)) { clearstatcache(); usleep(2000); }
        echo 'second';";
    let site = serve("flush", &[("t.php", code)]);
    let mut client = site.send("GET /t.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    let text = read_until(&mut client, "first");
    assert!(text.to_ascii_lowercase().contains("transfer-encoding: chunked"), "{text}");
    std::fs::write(site.folder.join("go"), "").unwrap();
    read_until(&mut client, "second");
}

#[test]
fn output_callbacks_see_their_phases() {
    let code = "<?php
        ob_start(function ($text, $phase) { return \"[$text:$phase]\"; });
        echo 'a'; ob_flush(); echo 'b'; ob_clean(); echo 'c'; ob_end_flush();
        ob_start(fn($text) => strtoupper($text)); echo 'rest';";
    let site = serve("callbacks", &[("t.php", code)]);
    let answer = site.get("/t.php");
    let reference = "[a:5][c:8]REST";
    assert_eq!(body(&answer), reference);
}

#[test]
fn a_head_request_gets_the_headers_only() {
    let code = "<?php header('X-Here: 1'); file_put_contents('log', $_SERVER['REQUEST_METHOD']);
        echo str_repeat('x', 1000); flush(); echo 'y'; file_put_contents('log', ' end', FILE_APPEND);";
    let site = serve("head", &[("t.php", code)]);
    let answer = site.ask("HEAD /t.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(answer.to_ascii_lowercase().contains("x-here: 1"), "{answer}");
    assert_eq!(body(&answer), "");
    site.await_file("log", |text| text.starts_with("HEAD"));
}

#[test]
fn a_hundred_requests_at_once_keep_apart() {
    let code = "<?php
        class Own { static $n = 0; }
        function deep($n) { return $n ? deep($n - 1) + 1 : 0; }
        Own::$n += (int) $_GET['n'];
        ini_set('precision', 3 + $_GET['n'] % 10);
        ob_start(); echo $_GET['n']; $n = ob_get_clean();
        usleep($_GET['n'] * 7 % 100 * 200);
        echo $n, ' ', Own::$n, ' ', deep(200), ' ', ini_get('precision'), ' ', $_COOKIE['c'];";
    let site = serve("hundred", &[("t.php", code)]);
    std::thread::scope(|scope| {
        for n in 0..100 {
            let site = &site;
            scope.spawn(move || {
                let answer = site.ask(&format!(
                    "GET /t.php?n={n} HTTP/1.1\r\nHost: h\r\nCookie: c=k{n}\r\nConnection: close\r\n\r\n"
                ));
                assert_eq!(body(&answer), format!("{n} {n} 200 {} k{n}", 3 + n % 10));
            });
        }
    });
}

#[test]
fn scripts_read_the_headers_of_both_sides() {
    let code = "<?php header('X-Out: 5');
        echo getallheaders()['X-In'], ' ', apache_response_headers()['X-Out'], ' ', $_SERVER['HTTP_X_IN'];";
    let site = serve("both-headers", &[("t.php", code)]);
    let answer =
        site.ask("GET /t.php HTTP/1.1\r\nhost: h\r\nx-in: a b\r\nConnection: close\r\n\r\n");
    assert_eq!(body(&answer), "a b 5 a b");
}
