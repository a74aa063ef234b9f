//! The scripts of the articles that asked for this program, served.

use crate::site::{Site, body, serve, serve_with, status};

/// The manual's example in the words of the first article: no semicolon behind `'log.txt'`.
const CONNECTION_HANDLING: &str = r"<?php
// 接続が切れてもプロセスを実行
ignore_user_abort(true);
// タイムアウトなし
set_time_limit(0);

echo 'PHP における接続ハンドリングのテスト';

$file = 'log.txt'
file_put_contents($file, 'START\n');
// 無限ループ
while(1)
{
    switch (connection_status()) {
        case CONNECTION_NORMAL:
            file_put_contents($file, 'ACTIVE\n');
            break;
        case CONNECTION_ABORTED:
            file_put_contents($file, 'ABORTED\n');
            break 2;
        case CONNECTION_TIMEOUT:
            file_put_contents($file, 'TIMEOUT\n');
            break 2;
        default:
            break;
    }
    sleep(10);
}
file_put_contents('end.txt', file_get_contents($file) . 'END\n');
";

#[test]
fn as_printed_the_missing_semicolon_is_told() {
    let site = serve("000", &[("t.php", CONNECTION_HANDLING)]);
    let answer = site.get("/t.php");
    let path = site.folder.join("t.php");
    let error = format!(
        "syntax error, unexpected identifier \"file_put_contents\" in {} on line 10",
        path.to_str().unwrap()
    );
    assert!(body(&answer).contains(&format!("Parse error: {error}")), "{answer}");

    let quiet = serve_with(
        "000-quiet",
        &[("t.php", CONNECTION_HANDLING)],
        &["-d", "display_errors=0", "-d", "log_errors=1"],
    );
    let answer = quiet.get("/t.php");
    assert_eq!((status(&answer), body(&answer)), ("500", ""));
    quiet.await_log(|log| {
        log.contains(
            "PHP Parse error:  syntax error, unexpected identifier \"file_put_contents\" in ",
        )
    });
}

#[test]
fn mended_it_sees_the_client_leave_without_any_output() {
    let mended = CONNECTION_HANDLING.replace("'log.txt'\n", "'log.txt';\n").replace("(10)", "(1)");
    // Whether output waits in a buffer changes nothing.
    for buffering in ["0", "4096"] {
        let option = format!("output_buffering={buffering}");
        let site = serve_with(&format!("000-{buffering}"), &[("t.php", &mended)], &["-d", &option]);
        let client = site.send("GET /t.php HTTP/1.1\r\nHost: h\r\n\r\n");
        site.await_file("log.txt", |text| text == r"ACTIVE\n");
        drop(client);
        site.await_file("end.txt", |text| text == r"ABORTED\nEND\n");
    }
}

fn counting(ignore: &str) -> String {
    format!(
        "<?php ignore_user_abort({ignore}); set_time_limit(50); $i = 0; echo 'ready';
         while ($i < 40) {{
             echo $i++, \"\\r\\n\"; flush();
             $fp = fopen('data.txt', 'a'); fwrite($fp, $i . \" \\r\\n\"); fclose($fp);
             usleep(50000);
         }}"
    )
}

/// Starts the counting, leaves after its first lines.
fn leave_in_the_middle(site: &Site) {
    let client = site.start("/t.php");
    site.await_file("data.txt", |text| text.lines().count() >= 3);
    drop(client);
}

#[test]
fn with_true_the_counting_goes_on_to_its_end() {
    let site = serve("004-true", &[("t.php", &counting("TRUE"))]);
    leave_in_the_middle(&site);
    site.await_file("data.txt", |text| text.lines().count() == 40);
}

#[test]
fn with_false_the_counting_stops_at_its_next_output() {
    let code = counting("FALSE").replacen(
        "<?php",
        "<?php register_shutdown_function(function () {
             file_put_contents('end.txt', 'end ' . connection_status()); });",
        1,
    );
    let site = serve("004-false", &[("t.php", &code)]);
    leave_in_the_middle(&site);
    site.await_file("end.txt", |text| text == "end 1");
    assert!(site.file("data.txt").lines().count() < 40);
}

#[test]
fn of_many_who_are_present_only_those_who_left_are_dropped() {
    let code = "<?php
        set_time_limit(0);
        $mark = __DIR__ . '/user-' . $_GET['user'];
        file_put_contents($mark, 'online');
        register_shutdown_function(function () use ($mark) { unlink($mark); });
        echo 'ready';
        while (true) { echo 1; flush(); usleep(20000); }";
    let site = serve("002", &[("presence.php", code)]);
    let present = |users: std::ops::Range<usize>| {
        users.filter(|user| site.folder.join(format!("user-{user}")).exists()).count()
    };
    let mut clients: Vec<_> =
        (0..40).map(|user| site.start(&format!("/presence.php?user={user}"))).collect();
    assert_eq!(present(0..40), 40);
    clients.drain(..20);
    site.await_file("none", |_| present(0..20) == 0);
    assert_eq!(present(20..40), 20);
}
