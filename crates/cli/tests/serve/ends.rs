//! The ends of a request: what still runs, in which order, and what it sees.

use crate::site::{Site, serve, status};

const SCRIPT: &str = "<?php
    define('LOG', __DIR__ . '/' . $_GET['log']);
    function note($text) { file_put_contents(LOG, $text . ' ', FILE_APPEND); }
    class Thing {
        function __construct(public $name) {}
        function __destruct() { note('~' . $this->name); }
    }
    function leave() {
        echo 'ready'; flush();
        while (!connection_aborted()) { usleep(1000); }
    }
    function work($end) {
        $local = new Thing('local');
        try {
            switch ($end) {
                case 'exit': exit;
                case 'uncaught': throw new Exception('x');
                case 'undefined': nope();
                case 'fatal': trigger_error('x', E_USER_ERROR);
                case 'memory': ini_set('memory_limit', '4M'); str_repeat('x', 1 << 24);
                case 'limit': set_time_limit(1); while (true) {}
                case 'abort': leave(); echo 'x'; flush(); break;
                case 'ignored': ignore_user_abort(true); leave(); echo 'x'; flush(); break;
                case 'both': ignore_user_abort(true); leave(); set_time_limit(1); while (true) {}
            }
            note('after');
        } finally {
            note('finally');
        }
    }
    register_shutdown_function(function () {
        register_shutdown_function(function () { note('nested'); note('end'); });
        note('shutdown' . connection_status());
    });
    register_shutdown_function(function () { note('second'); });
    $global = new Thing('global');
    if (isset($_GET['sent'])) { echo 'sent'; flush(); }
    work($_GET['end']);
    note('main');";

const SHUTDOWN: &str = "second nested end";

#[track_caller]
fn check(site: &Site, end: &str, wanted: &str) {
    let wanted = wanted.replace("...", SHUTDOWN) + " ";
    site.await_file(end, |text| text == wanted);
}

#[test]
fn each_end_runs_what_php_runs() {
    let site = serve("ends", &[("t.php", SCRIPT)]);
    let cases = [
        ("normal", "200", "after finally ~local main shutdown0 ... ~global"),
        ("exit", "200", "~local shutdown0 ... ~global"),
        ("uncaught", "500", "finally ~local shutdown0 ... ~global"),
        ("undefined", "500", "finally ~local shutdown0 ... ~global"),
        ("fatal", "500", "shutdown0 ..."),
        ("memory", "500", "shutdown0 ..."),
        ("limit", "500", "shutdown2 ..."),
    ];
    std::thread::scope(|scope| {
        for (end, code, wanted) in cases {
            let site = &site;
            scope.spawn(move || {
                // Errors are not displayed: that would be output, which sends the headers.
                let answer = site.get(&format!("/t.php?end={end}&log={end}"));
                assert!(["200", code].contains(&status(&answer)), "{end}: {answer}");
                check(site, end, wanted);
                let answer = site.get(&format!("/t.php?end={end}&log=sent-{end}&sent=1"));
                assert_eq!(status(&answer), "200", "{end}: {answer}");
            });
        }
    });
}

#[test]
fn the_status_is_500_where_no_header_is_sent() {
    let options = ["-d", "display_errors=0"];
    let site = crate::site::serve_with("ends-status", &[("t.php", SCRIPT)], &options);
    for (end, code) in [
        ("normal", "200"),
        ("exit", "200"),
        ("uncaught", "500"),
        ("undefined", "500"),
        ("fatal", "500"),
        ("memory", "500"),
    ] {
        let answer = site.get(&format!("/t.php?end={end}&log={end}"));
        assert_eq!(status(&answer), code, "{end}: {answer}");
    }
}

#[test]
fn shutdown_functions_run_after_an_abort_a_limit_and_both() {
    let site = serve("ends-abort", &[("t.php", SCRIPT)]);
    let cases = [
        ("abort", "shutdown1 ... ~global ~local"),
        ("ignored", "after finally ~local main shutdown1 ... ~global"),
        ("both", "shutdown3 ..."),
    ];
    for (end, _) in cases {
        drop(site.start(&format!("/t.php?end={end}&log={end}")));
    }
    for (end, wanted) in cases {
        check(&site, end, wanted);
    }
}

#[test]
fn sleeping_does_not_count_as_time() {
    let code = "<?php set_time_limit(1); sleep(1); usleep(600000); echo 'slept ';
        register_shutdown_function(function () { echo 'status ', connection_status(); });
        while (isset($_GET['busy'])) {}";
    let site = serve("limit", &[("t.php", code)]);
    assert!(site.get("/t.php").ends_with("slept status 0"));
    let answer = site.get("/t.php?busy=1");
    assert!(
        answer.contains("Fatal error: Maximum execution time of 1 second exceeded in "),
        "{answer}"
    );
    assert!(answer.contains("slept ") && answer.ends_with("status 2"), "{answer}");
}

#[test]
fn exit_in_a_shutdown_function_skips_the_later_ones() {
    let code = "<?php class D { function __destruct() { echo 'destructed'; } } $d = new D;
        ob_start(fn($text) => strtoupper($text));
        register_shutdown_function(function () { echo 'one '; exit; });
        register_shutdown_function(function () { echo 'two '; });";
    let site = serve("exit", &[("t.php", code)]);
    assert!(site.get("/t.php").ends_with("\r\n\r\nONE DESTRUCTED"));
}

#[test]
fn error_get_last_tells_a_shutdown_function_of_the_end() {
    let code = "<?php ini_set('display_errors', 0);
        register_shutdown_function(function () { echo error_get_last()['message'] ?? 'none'; });
        if (isset($_GET['fatal'])) { trigger_error('the last', E_USER_ERROR); }";
    let site = serve("last", &[("t.php", code)]);
    assert!(site.get("/t.php").ends_with("\r\n\r\nnone"));
    assert!(site.get("/t.php?fatal=1").ends_with("\r\n\r\nthe last"));
}
