//! PHP over HTTP.

use crate::site::{folder, serve};
use std::process::Command;

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
    let request = "POST /post.php HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3\r\n\
                   Content-Type: application/x-www-form-urlencoded\r\n\r\na=5";
    let answer = site.ask(request);
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
        drop(site.start(&format!("/wait.php?{query}")));
        site.await_file(&query[4..5], |found| found == text);
    }
}
