//! What a script learns, and what becomes of it, when its client goes away.

use crate::site::{body, serve, serve_with};
use std::io::Write;

/// Writes down what a script does, in a file that its query names.
const NOTE: &str = "<?php
    function note($text) { file_put_contents(__DIR__ . '/' . $_GET['log'], $text . ' ', FILE_APPEND); }";

#[test]
fn status_and_aborted_tell_the_truth_without_output() {
    let code = "<?php require 'note.php'; ignore_user_abort(true);
        note(connection_status() . connection_aborted());
        echo 'ready'; flush();
        while (!connection_aborted()) { usleep(1000); }
        note(connection_status() . connection_aborted());
        echo 'nobody reads this'; flush();
        note(connection_status() . connection_aborted() . 'end');";
    let site = serve("truth", &[("note.php", NOTE), ("t.php", code)]);
    let clients: Vec<_> = (0..30).map(|n| site.start(&format!("/t.php?log=log{n}"))).collect();
    for (n, client) in clients.into_iter().enumerate() {
        match n % 3 {
            // Close; close with a request behind that nobody reads; half-close.
            0 => drop(client),
            1 => {
                let mut client = client;
                client.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
                drop(client);
            }
            _ => client.shutdown(std::net::Shutdown::Write).unwrap(),
        }
        site.await_file(&format!("log{n}"), |text| text == "00 11 11end ");
    }
}

#[test]
fn ignore_user_abort_gives_the_old_value() {
    let code = "<?php echo json_encode([ignore_user_abort(), ignore_user_abort(true), ignore_user_abort(),
        ignore_user_abort(null), ignore_user_abort(false), ignore_user_abort(), ini_get('ignore_user_abort')]);";
    let site = serve("values", &[("t.php", code)]);
    assert_eq!(body(&site.get("/t.php")), r#"[0,0,1,1,1,0,"0"]"#);
}

const WAITING: &str = "<?php require 'note.php';
    if (isset($_GET['mode'])) ini_set('outlast.abort', $_GET['mode']);
    register_shutdown_function(function () { note('shutdown' . connection_status()); });
    echo 'ready'; flush();
    for ($i = 0; $i < (int) $_GET['wait']; $i++) { sleep(1); }
    echo 'x'; flush();
    note('after');";

#[test]
fn immediate_ends_a_sleep_and_a_loop() {
    let busy = "<?php require 'note.php';
        register_shutdown_function(function () { note('shutdown' . connection_status()); });
        echo 'ready'; flush();
        set_time_limit(0);
        while (true) { $i = 1; }";
    let files = [("note.php", NOTE), ("t.php", WAITING), ("busy.php", busy)];
    let site = serve_with("immediate", &files, &["-d", "outlast.abort=immediate"]);
    let sleeping: Vec<_> =
        (0..50).map(|n| site.start(&format!("/t.php?wait=1000&log=log{n}"))).collect();
    drop(sleeping);
    for n in 0..50 {
        site.await_file(&format!("log{n}"), |text| text == "shutdown1 ");
    }
    drop(site.start("/busy.php?log=busy"));
    site.await_file("busy", |text| text == "shutdown1 ");
}

#[test]
fn the_mode_is_each_scripts_own() {
    let site = serve("modes", &[("note.php", NOTE), ("t.php", WAITING)]);
    let cases = [
        ("mode=immediate&wait=1000", "shutdown1 "),
        ("mode=never&wait=1", "after shutdown1 "),
        ("mode=output&wait=1", "shutdown1 "),
        ("wait=1", "shutdown1 "),
    ];
    for (n, (query, _)) in cases.iter().enumerate() {
        drop(site.start(&format!("/t.php?{query}&log=log{n}")));
    }
    for (n, (_, wanted)) in cases.iter().enumerate() {
        site.await_file(&format!("log{n}"), |text| text == *wanted);
    }
}

#[test]
fn on_abort_runs_inside_a_wait_and_only_then() {
    let code = "<?php require 'note.php'; ignore_user_abort(true);
        $seconds = 1000;
        Outlast\\on_abort(function () { note('callback' . connection_status()); });
        register_shutdown_function(function () { note('shutdown'); });
        if (isset($_GET['stay'])) { exit; }
        echo 'ready'; flush();
        sleep(3);
        note('slept');";
    let site = serve("on-abort", &[("note.php", NOTE), ("t.php", code)]);
    drop(site.start("/t.php?log=left"));
    site.await_file("left", |text| text.starts_with("callback1 "));
    site.await_file("left", |text| text == "callback1 slept shutdown ");
    site.get("/t.php?log=stayed&stay=1");
    site.await_file("stayed", |text| text == "shutdown ");
}

#[test]
fn a_finished_request_has_no_client_to_lose() {
    let code = "<?php require 'note.php';
        echo 'ready';
        note(json_encode(fastcgi_finish_request()));
        for ($i = 0; $i < 5; $i++) { usleep(50000); echo 'x'; flush(); }
        note('end' . connection_status());";
    let site = serve("finish", &[("note.php", NOTE), ("t.php", code)]);
    let answer = site.get("/t.php?log=log");
    assert!(answer.contains("ready"), "{answer}");
    site.await_file("log", |text| text == "true end0 ");
}

/// Scripts that are left in the middle, and what they had written down at their end.
const LEFT: [(&str, &str, &str); 8] = [
    (
        "a flush in a shutdown function ends it and the rest",
        "register_shutdown_function(function () { note('a'); echo 'x'; note('b'); flush(); note('c'); });
         register_shutdown_function(function () { note('second'); });
         ready(); leave(); echo 'x'; flush();",
        "a b ",
    ),
    (
        "a generator's finally does not run, destructors do",
        "class D { function __destruct() { note('D' . connection_status()); } }
         function g() { try { yield 1; leave(); echo 'x'; flush(); yield 2; } finally { note('finally'); } }
         register_shutdown_function(function () { note('shutdown'); });
         $d = new D; ready(); foreach (g() as $v) { note($v); }",
        "1 shutdown D1 ",
    ),
    (
        "a callback can exit",
        "ignore_user_abort(true); Outlast\\on_abort(function () { note('callback'); exit; });
         register_shutdown_function(function () { note('shutdown'); });
         ready(); sleep(1000);",
        "callback shutdown ",
    ),
    (
        "a callback can throw into the wait",
        "ignore_user_abort(true); Outlast\\on_abort(function () { throw new Exception('left'); });
         ready(); try { sleep(1000); } catch (Exception $e) { note($e->getMessage()); } note('end');",
        "left end ",
    ),
    (
        "a callback interrupts a loop",
        "ignore_user_abort(true); set_time_limit(0); $go = true;
         Outlast\\on_abort(function () use (&$go) { $go = false; });
         ready(); while ($go) { $x = 1; } note('end');",
        "end ",
    ),
    (
        "a wait below native code is left, nothing catches that",
        "ini_set('outlast.abort', 'immediate');
         register_shutdown_function(function () { note('shutdown'); });
         ready();
         try { $a = [3, 2, 1]; usort($a, function ($x, $y) { sleep(1000); return 0; }); }
         catch (Throwable $e) { note('caught'); } finally { note('finally'); }",
        "shutdown ",
    ),
    (
        "a wait in a fiber is left",
        "ini_set('outlast.abort', 'immediate');
         register_shutdown_function(function () { note('shutdown' . connection_status()); });
         $fiber = new Fiber(function () { try { ready(); sleep(1000); } finally { note('finally'); } });
         $fiber->start();",
        "shutdown1 ",
    ),
    (
        "a shutdown function may wait and work as long as it likes",
        "ini_set('outlast.abort', 'immediate');
         register_shutdown_function(function () {
             note('a'); usleep(100000); for ($i = 0; $i < 10000; $i++) {} note('b'); });
         ready(); sleep(1000);",
        "a b ",
    ),
];

#[test]
fn wherever_a_script_is_when_its_client_leaves() {
    let helpers = "function ready() { echo 'ready'; flush(); }
        function leave() { while (!connection_aborted()) { usleep(1000); } }";
    let note = format!("{NOTE} {helpers}");
    let site = serve("left", &[("note.php", &note)]);
    for (n, (_, code, _)) in LEFT.iter().enumerate() {
        let code = format!("<?php require 'note.php'; {code}");
        std::fs::write(site.folder.join(format!("t{n}.php")), code).unwrap();
    }
    let clients: Vec<_> =
        (0..LEFT.len()).map(|n| site.start(&format!("/t{n}.php?log=log{n}"))).collect();
    drop(clients);
    for (n, (what, _, wanted)) in LEFT.iter().enumerate() {
        let found = site.await_file(&format!("log{n}"), |text| text.len() >= wanted.len());
        assert_eq!(found, *wanted, "{what}");
    }
}
