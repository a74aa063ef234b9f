//! Sessions: one lock for each, and what becomes of it.

use crate::site::{Site, body, serve_with, status};

/// Asks with a session's cookie.
fn ask(site: &Site, path: &str, id: &str) -> String {
    site.ask(&format!(
        "GET {path} HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID={id}\r\nConnection: close\r\n\r\n"
    ))
}

/// Serves scripts that keep their sessions beside them.
fn serve(name: &str, files: &[(&str, &str)]) -> Site {
    let sessions = crate::site::folder(&format!("{name}-sessions"));
    let path = format!("session.save_path={}", sessions.display());
    serve_with(name, files, &["-d", &path])
}

#[test]
fn a_hundred_requests_lose_no_increment() {
    let count = "<?php session_start(); $n = $_SESSION['n'] ?? 0; usleep(1000);
        $_SESSION['n'] = $n + 1; echo $_SESSION['n'];";
    let site = serve("increments", &[("t.php", count)]);
    std::thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| assert_eq!(status(&ask(&site, "/t.php", "counter")), "200"));
        }
    });
    assert_eq!(body(&ask(&site, "/t.php", "counter")), "101");
}

#[test]
fn a_waiting_script_lets_others_run() {
    let hold = "<?php session_start(); echo 'ready'; flush();
        while (!file_exists(__DIR__ . '/go')) { usleep(1000); } ";
    let take = "<?php session_start(); echo 'taken';";
    let free = "<?php echo 'free';";
    let site = serve("waiting", &[("hold.php", hold), ("take.php", take), ("free.php", free)]);
    let mut holder = site.send(
        "GET /hold.php HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID=one\r\nConnection: close\r\n\r\n",
    );
    crate::site::read_until(&mut holder, "ready");
    std::thread::scope(|scope| {
        // More waiting scripts than workers.
        let waiting: Vec<_> =
            (0..5).map(|_| scope.spawn(|| ask(&site, "/take.php", "one"))).collect();
        for _ in 0..5 {
            assert_eq!(body(&site.get("/free.php")), "free");
        }
        assert_eq!(body(&ask(&site, "/take.php", "two")), "taken");
        std::fs::write(site.folder.join("go"), "").unwrap();
        for waiting in waiting {
            assert_eq!(body(&waiting.join().unwrap()), "taken");
        }
    });
}

/// However a script ends, the next one gets the session, with what was stored.
#[test]
fn every_end_gives_the_lock_back() {
    let start = "<?php session_start(); $_SESSION['by'] = $_GET['how']; ";
    let ends = [
        ("normal", ""),
        ("exit", "exit('x');"),
        ("uncaught", "throw new Exception('x');"),
        ("fatal", "undefined_function();"),
        ("memory", "ini_set('memory_limit', '4M'); $a = str_repeat('x', 1 << 24);"),
        ("time", "set_time_limit(1); while (true) { $i = 1; }"),
    ];
    let scripts: Vec<(String, String)> =
        ends.iter().map(|(how, code)| (format!("{how}.php"), format!("{start}{code}"))).collect();
    let mut files: Vec<(&str, &str)> =
        scripts.iter().map(|(name, code)| (name.as_str(), code.as_str())).collect();
    files.push(("look.php", "<?php session_start(); echo $_SESSION['by'] ?? 'nobody';"));
    let site = serve("ends", &files);
    for (how, _) in ends {
        ask(&site, &format!("/{how}.php?how={how}"), "one");
        assert_eq!(body(&ask(&site, "/look.php", "one")), how);
    }
}

#[test]
fn an_abort_gives_the_lock_back_in_each_mode() {
    let hold = "<?php ini_set('outlast.abort', $_GET['mode']); session_start();
        $_SESSION['mode'] = $_GET['mode']; echo 'ready'; flush();
        $until = $_GET['mode'] === 'never' ? 50 : 100000;
        for ($i = 0; $i < $until; $i++) { usleep(1000); echo str_repeat('x', 100); flush(); }";
    let look = "<?php session_start(); echo $_SESSION['mode'] ?? 'nobody';";
    let site = serve("abort-modes", &[("hold.php", hold), ("look.php", look)]);
    for mode in ["output", "immediate", "never"] {
        let mut client = site.send(&format!(
            "GET /hold.php?mode={mode} HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID=one\r\n\r\n"
        ));
        crate::site::read_until(&mut client, "ready");
        drop(client);
        assert_eq!(body(&ask(&site, "/look.php", "one")), mode);
    }
}

#[test]
fn a_wait_for_the_lock_ends_when_the_client_leaves() {
    let hold = "<?php session_start(); echo 'ready'; flush();
        while (!file_exists(__DIR__ . '/go')) { usleep(1000); }";
    let wait = "<?php ini_set('outlast.abort', 'immediate');
        register_shutdown_function(function () {
            file_put_contents(__DIR__ . '/log', session_status() . connection_status());
        });
        file_put_contents(__DIR__ . '/waits', 'yes');
        session_start();
        file_put_contents(__DIR__ . '/log', 'started');";
    let site = serve("lock-abort", &[("hold.php", hold), ("wait.php", wait)]);
    let request =
        |path: &str| format!("GET {path} HTTP/1.1\r\nHost: h\r\nCookie: PHPSESSID=one\r\n\r\n");
    let mut holder = site.send(&request("/hold.php"));
    crate::site::read_until(&mut holder, "ready");
    let waiter = site.send(&request("/wait.php"));
    site.await_file("waits", |text| text == "yes");
    drop(waiter);
    // No session, and aborted.
    site.await_file("log", |text| text == "11");
    std::fs::write(site.folder.join("go"), "").unwrap();
}
