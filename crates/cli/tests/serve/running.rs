//! Seeing and stopping scripts: the status page's interface, the command line, the limits.

use crate::site::{Site, await_text, body, serve, serve_with, status};
use std::process::{Command, Output};

const NOTE: &str = "<?php
    function note($text) { file_put_contents(__DIR__ . '/' . $_GET['log'], $text . ' ', FILE_APPEND); }
    register_shutdown_function(function () { note('shutdown' . connection_status()); });
    function ready() { echo 'ready'; flush(); }";

const API: &str = "/_outlast/api/scripts";

/// `outlast NAME … --port` of the site.
fn outlast(site: &Site, arguments: &[&str]) -> Output {
    let port = site.address.rsplit(':').next().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_outlast"));
    command.args(arguments).args(["--port", port]).output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

fn api(site: &Site, query: &str) -> String {
    let host = &site.address;
    let request = format!("GET {API}{query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    body(&site.ask(&request)).to_owned()
}

fn post(site: &Site, place: &str) -> String {
    site.ask(&format!(
        "POST {place} HTTP/1.1\r\nHost: {}\r\nX-Outlast: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        site.address
    ))
}

/// The first id in an answer.
fn first_id(answer: &str) -> String {
    let rows = answer.split_once("\"scripts\":").map_or("", |(_, rows)| rows);
    let id = rows.split_once("\"id\":").map_or("", |(_, id)| id);
    id.chars().take_while(char::is_ascii_digit).collect()
}

/// Waits that nobody ends but us: the word that names them, and their code.
const WAITS: [(&str, &str); 6] = [
    ("sleep", "sleep(1000);"),
    ("flock", "$f = fopen(__DIR__ . '/lock', 'c'); flock($f, LOCK_EX);"),
    ("read", "[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0); fread($a, 1);"),
    (
        "select",
        "[$a, $b] = stream_socket_pair(STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0);
         $r = [$a]; $w = $e = null; stream_select($r, $w, $e, null);",
    ),
    ("accept", "stream_socket_accept(stream_socket_server('tcp://127.0.0.1:0'), 1000);"),
    ("process", "exec('exec sleep 1000');"),
];

#[test]
fn each_wait_is_named_interrupted_by_a_disconnect_and_ended_by_a_stop() {
    let holder = "<?php require 'note.php'; ready();
        $f = fopen(__DIR__ . '/lock', 'c'); flock($f, LOCK_EX); note('held'); sleep(1000);";
    let site = serve("waits", &[("note.php", NOTE), ("holder.php", holder)]);
    let _holder = site.start("/holder.php?log=holder");
    site.await_file("holder", |text| text == "held ");
    for (wait, code) in WAITS {
        let code = format!(
            "<?php require 'note.php'; ignore_user_abort(true);
             Outlast\\on_abort(function () {{ note('callback'); }});
             ready();
             {code} note('after');"
        );
        std::fs::write(site.folder.join(format!("{wait}.php")), code).unwrap();
        let client = site.start(&format!("/{wait}.php?log={wait}"));
        let listed = |state: &str| {
            await_text(
                || api(&site, &format!("?filter={wait}.php&wait={wait}&state={state}")),
                |answer| answer.contains("\"matched\":1,"),
            )
        };
        let answer = listed("attached");
        assert!(answer.contains(&format!("/{wait}.php\",\"id\":")), "{answer}");
        let line = if wait == "select" { "\"line\":5," } else { "\"line\":4," };
        assert!(answer.contains(line), "{wait}: {answer}");
        drop(client);
        site.await_file(wait, |text| text == "callback ");
        let id = first_id(&listed("detached"));
        let stack = api(&site, &format!("/{id}/stack"));
        assert!(stack.contains(&format!("/{wait}.php\"")), "{stack}");
        assert_eq!(body(&post(&site, &format!("{API}/{id}/stop"))), "{\"stopped\":1}");
        site.await_file(wait, |text| text == "callback shutdown3 ");
    }
    let gone = post(&site, &format!("{API}/999999/stop"));
    assert_eq!((status(&gone), body(&gone)), ("404", "{\"error\":\"no script 999999 runs\"}"));
}

#[test]
fn many_scripts_are_listed_in_parts_and_stopped_from_the_command_line() {
    let code = "<?php require 'note.php'; ignore_user_abort(true); ready(); sleep(1000);";
    let busy = "<?php require 'note.php'; ready(); set_time_limit(0);
        function work() { while (true) { $x = 1; } }
        work();";
    let files = [("note.php", NOTE), ("t.php", code), ("busy.php", busy)];
    let site = serve("many", &files);
    let mut clients: Vec<_> = (0..60).map(|n| site.start(&format!("/t.php?log=log{n}"))).collect();
    let _busy = site.start("/busy.php?log=busy");
    let answer = await_text(
        || api(&site, "?limit=7&sort=id&order=asc"),
        |answer| answer.contains("\"waits\":{\"sleep\":60}"),
    );
    assert!(answer.contains("\"running\":61"), "{answer}");
    assert_eq!(answer.matches("\"remote\":").count(), 7, "{answer}");
    let listed = await_text(
        || text(&outlast(&site, &["ps", "--state", "busy"]).stdout),
        |listed| listed.contains("/busy.php:2"),
    );
    let id = listed.lines().nth(2).and_then(|line| line.split_whitespace().next()).unwrap();
    let stack = api(&site, &format!("/{id}/stack"));
    assert!(stack.contains("\"function\":\"work\"") && stack.contains("\"line\":3"), "{stack}");
    assert!(outlast(&site, &["stop", id]).status.success());
    site.await_file("busy", |text| text == "shutdown2 ");

    let stayed = clients.split_off(20);
    drop(clients);
    await_text(|| api(&site, ""), |answer| answer.contains("\"detached\":20,"));
    let stopped = outlast(&site, &["stop", "--all-detached"]);
    assert_eq!(text(&stopped.stdout), "20 told to stop\n");
    for n in 0..20 {
        site.await_file(&format!("log{n}"), |text| text == "shutdown3 ");
    }
    await_text(|| api(&site, ""), |answer| answer.contains("\"running\":40"));
    assert_eq!(site.file("log20"), "");
    drop(stayed);

    let history = site.ask(&format!(
        "GET /_outlast/api/history HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        site.address
    ));
    assert!(history.contains("\"cause\":\"stopped\""), "{history}");
    let unknown = outlast(&site, &["stop", id]);
    assert!(!unknown.status.success());
    assert_eq!(text(&unknown.stderr), format!("outlast stop: no script {id} runs\n"));
}

#[test]
fn without_a_server_the_command_line_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["ps", "--socket", "/no/such.sock"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_eq!(text(&output.stderr), "outlast ps: no server runs: there is no /no/such.sock\n");
}

#[test]
fn one_detached_script_too_many_is_stopped_as_by_an_abort() {
    let code = "<?php require 'note.php'; ignore_user_abort(true);
        class D { function __destruct() { note('destructed'); } }
        $d = new D; ready(); sleep(1000);";
    let files = [("note.php", NOTE), ("t.php", code)];
    let site = serve_with("max-detached", &files, &["-d", "outlast.max_detached=2"]);
    for n in 0..3 {
        drop(site.start(&format!("/t.php?log=log{n}")));
        let detached = format!("\"detached\":{},", (n + 1).min(2));
        await_text(|| api(&site, ""), |answer| answer.contains(&detached));
    }
    site.await_file("log2", |text| text == "shutdown1 destructed ");
    site.await_log(|log| log.contains("outlast.max_detached (2) reached: stopping script"));
    assert_eq!((site.file("log0"), site.file("log1")), (String::new(), String::new()));
}

#[test]
fn time_is_bounded_in_and_after_the_script() {
    let code = "<?php require 'note.php';
        ini_set($_GET['name'], $_GET['value']);
        register_shutdown_function(function () { sleep(1000); note('never'); });
        register_shutdown_function(function () { note('nor this'); });
        ready(); sleep(1000);";
    let files = [("note.php", NOTE), ("t.php", code)];
    let options = ["-d", "outlast.shutdown_time=1", "-d", "outlast.detached_wall_time=1"];
    let site = serve_with("bounded", &files, &options);
    let attached = site.start("/t.php?log=wall&name=outlast.max_wall_time&value=1");
    drop(site.start("/t.php?log=detached&name=ignore_user_abort&value=1"));
    site.await_file("wall", |text| text == "shutdown2 ");
    site.await_file("detached", |text| text == "shutdown3 ");
    await_text(|| api(&site, ""), |answer| answer.contains("\"running\":0"));
    let answer = crate::site::rest(attached);
    assert!(answer.contains("Maximum wall time of 1 second exceeded in "), "{answer}");
    assert!(answer.contains("Maximum shutdown time of 1 second exceeded in "), "{answer}");
}

#[test]
fn a_stopping_server_stops_its_scripts_within_its_time() {
    let code = "<?php require 'note.php'; ready(); sleep(1000);";
    let options = "drain_timeout = 2\ncontrol_socket = \"off\"\n";
    let files = [("note.php", NOTE), ("t.php", code), ("o.toml", options)];
    let folder = crate::site::folder("drain");
    let config = folder.join("o.toml");
    std::fs::write(&config, options).unwrap();
    let mut site = serve_with("drain", &files, &["--config", config.to_str().unwrap()]);
    let _client = site.start("/t.php?log=log");
    assert!(site.terminate(), "all scripts have ended");
    assert_eq!(site.file("log"), "shutdown2 ");
}

#[test]
fn strangers_neither_see_nor_stop_scripts() {
    let site = serve("strangers", &[("t.php", "<?php echo 'ready'; flush(); sleep(1000);")]);
    let _client = site.start("/t.php");
    let here = &site.address;
    let ask = |method: &str, place: &str, headers: &str| {
        let answer = site.ask(&format!(
            "{method} {place} HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n{headers}\r\n"
        ));
        status(&answer).to_owned()
    };
    let host = format!("Host: {here}\r\n");
    assert_eq!(ask("GET", "/_outlast/", &host), "200");
    assert_eq!(ask("GET", "/_outlast/metrics", "Host: localhost\r\n"), "200");
    for forwarded in ["X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4", "Via: 1.1 proxy"] {
        assert_eq!(ask("GET", API, &format!("{host}{forwarded}\r\n")), "403", "{forwarded}");
    }
    assert_eq!(ask("GET", API, "Host: rebound.example\r\n"), "403");
    let stop = format!("{API}/{}/stop", first_id(&api(&site, "")));
    assert_eq!(ask("GET", &stop, &host), "405");
    assert_eq!(ask("POST", &stop, &host), "403");
    let strange = format!("{host}X-Outlast: 1\r\nOrigin: http://evil.example\r\n");
    assert_eq!(ask("POST", &stop, &strange), "403");
    let cross = format!("{host}X-Outlast: 1\r\nSec-Fetch-Site: cross-site\r\n");
    assert_eq!(ask("POST", &stop, &cross), "403");
    assert!(api(&site, "").contains("\"running\":1,"));
    let own = format!("{host}X-Outlast: 1\r\nOrigin: http://{here}\r\n");
    assert_eq!(ask("POST", &stop, &own), "200");
    await_text(|| api(&site, ""), |answer| answer.contains("\"running\":0"));
    assert!(
        site.get("/t.html").starts_with("HTTP/1.1 404"),
        "what lies beside the page is served as ever"
    );
}

#[test]
fn slow_scripts_are_logged_with_their_stack() {
    let code = "<?php
        class Slow { function down($t) { sleep($t); } }
        function work() { (new Slow)->down(1000); }
        echo 'ready'; flush();
        work();";
    let folder = crate::site::folder("slow");
    let log = format!("outlast.slowlog={}", folder.join("slow.log").display());
    let options = ["-d", &log, "-d", "outlast.slowlog_timeout=0.3"];
    let site = serve_with("slow", &[("t.php", code)], &options);
    let _client = site.start("/t.php?x=1");
    let log = site.await_file("slow.log", |text| text.contains("work()"));
    let script = folder.join("t.php");
    let script = script.display();
    let wanted = format!(
        "script_filename = {script}\nrequest = GET /t.php?x=1 (id 1)\n\
         [0x0000000000000003] sleep() {script}:2\n\
         [0x0000000000000002] Slow->down() {script}:3\n\
         [0x0000000000000001] work() {script}:5\n"
    );
    assert!(log.contains("[pool outlast] pid ") && log.ends_with(&wanted), "{log}");
}

#[test]
fn a_password_is_hashed_beside_the_worker_and_a_stop_does_not_wait_for_it() {
    let code = "<?php require 'note.php'; ready();
        password_hash('secret', PASSWORD_BCRYPT, ['cost' => 31]); note('never');";
    let site = serve("password", &[("note.php", NOTE), ("t.php", code)]);
    let _clients: Vec<_> = (0..4).map(|n| site.start(&format!("/t.php?log=log{n}"))).collect();
    // All wait, also those for whom there is no core; nobody is busy.
    let listed =
        await_text(|| api(&site, ""), |answer| answer.contains("\"waits\":{\"password hash\":4}"));
    assert!(listed.contains("\"busy\":0,"), "{listed}");
    for n in 0..4 {
        let listed = text(&outlast(&site, &["ps", "--filter", &format!("log{n}")]).stdout);
        let id = listed.lines().nth(2).and_then(|line| line.split_whitespace().next()).unwrap();
        assert!(outlast(&site, &["stop", id]).status.success());
        site.await_file(&format!("log{n}"), |text| text == "shutdown2 ");
    }
}

#[test]
fn a_stop_reaches_one_of_many_busy_scripts() {
    let code = "<?php require 'note.php'; ready(); set_time_limit(0); while (true) { $x = 1; }";
    let site = serve("busy-stop", &[("note.php", NOTE), ("t.php", code)]);
    let _clients: Vec<_> = (0..8).map(|n| site.start(&format!("/t.php?log=log{n}"))).collect();
    for n in 0..8 {
        let listed = text(&outlast(&site, &["ps", "--filter", &format!("log{n}")]).stdout);
        let id = listed.lines().nth(2).and_then(|line| line.split_whitespace().next()).unwrap();
        assert!(outlast(&site, &["stop", id]).status.success());
        site.await_file(&format!("log{n}"), |text| text == "shutdown2 ");
    }
}
