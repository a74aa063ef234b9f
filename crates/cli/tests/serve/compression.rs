//! Compressed responses: by the server, and by scripts themselves.

use crate::site::{Site, serve, serve_with};
use std::io::Read;
use std::net::TcpStream;

const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

/// The whole answer to a request with these headers: head in lower case, body as it was sent.
fn ask(site: &Site, line: &str, headers: &str) -> (String, Vec<u8>) {
    let request = format!("{line} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{headers}\r\n");
    let mut answer = Vec::new();
    site.send(&request).read_to_end(&mut answer).unwrap();
    split(&answer)
}

fn get(site: &Site, path: &str, coding: &str) -> (String, Vec<u8>) {
    ask(site, &format!("GET {path}"), &format!("Accept-Encoding: {coding}\r\n"))
}

/// Head and body, the latter without chunks; what has not come yet is missing.
fn split(answer: &[u8]) -> (String, Vec<u8>) {
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end + 2]).to_ascii_lowercase();
    let mut rest = &answer[end + 4..];
    if !head.contains("transfer-encoding: chunked") {
        return (head, rest.to_vec());
    }
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    (head, body)
}

/// What can be read of a body so far.
fn decoded(coding: &str, bytes: &[u8]) -> String {
    let mut out = Vec::new();
    // Without its end, what was flushed is there all the same.
    let _cut = match coding {
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out),
        "zstd" => zstd::stream::read::Decoder::new(bytes).and_then(|mut d| d.read_to_end(&mut out)),
        _ => bytes.to_vec().as_slice().read_to_end(&mut out),
    };
    String::from_utf8(out).unwrap()
}

/// Reads until the decoded body says `wanted`.
#[track_caller]
fn read_decoded(stream: &mut TcpStream, answer: &mut Vec<u8>, coding: &str, wanted: &str) {
    loop {
        if answer.windows(4).any(|w| w == b"\r\n\r\n") {
            let text = decoded(coding, &split(answer).1);
            if text.contains(wanted) {
                return;
            }
        }
        let mut part = [0; 1024];
        let length = stream.read(&mut part).unwrap();
        assert_ne!(length, 0, "the end came before {wanted:?}");
        answer.extend_from_slice(&part[..length]);
    }
}

const LONG: &str = "<?php header('ETag: \"t\"');
    if (isset($_GET['type'])) header('Content-Type: ' . $_GET['type']);
    if (isset($_GET['header'])) header($_GET['header'], false);
    if (isset($_GET['status'])) http_response_code($_GET['status']);
    if (isset($_GET['length'])) header('Content-Length: ' . $_GET['length']);
    echo str_repeat('words, words. ', $_GET['times'] ?? 1000);";

#[test]
fn a_script_s_output_is_compressed_for_who_takes_it() {
    let site = serve("compress", &[("t.php", LONG)]);
    for times in [1000, 100_000] {
        let (plain, body) = ask(&site, &format!("GET /t.php?times={times}"), "");
        assert!(!plain.contains("content-encoding"), "{plain}");
        let text = "words, words. ".repeat(times);
        assert!(body == text.as_bytes());
        assert!(plain.contains("etag: \"t\"\r\n"), "{plain}");
        for coding in CODINGS {
            let path = format!("/t.php?times={times}&length={}", text.len());
            let (head, body) = get(&site, &path, coding);
            assert!(head.contains(&format!("content-encoding: {coding}\r\n")), "{head}");
            assert!(head.contains("vary: accept-encoding\r\n"), "{head}");
            assert!(head.contains("etag: w/\"t\"\r\n"), "{head}");
            assert!(body.len() < text.len() / 4 && decoded(coding, &body) == text, "{coding}");
        }
    }
}

#[test]
fn what_is_not_to_be_compressed_is_not() {
    let site = serve("uncompressed", &[("t.php", LONG)]);
    for query in [
        "times=3",
        "type=image/png",
        "header=Content-Encoding:+x-own",
        "header=Cache-Control:+public,+no-transform",
        "header=Content-Range:+bytes+0-13999/99999&status=206",
        "status=304",
    ] {
        let (head, body) = get(&site, &format!("/t.php?{query}"), "gzip, br, zstd");
        assert!(!head.contains("content-encoding: gzip"), "{query}: {head}");
        assert!(!head.contains("content-encoding: br"), "{query}: {head}");
        assert!(!head.contains("content-encoding: zstd"), "{query}: {head}");
        let plain = if query == "status=304" { "" } else { "words, words. " };
        assert!(body.starts_with(plain.as_bytes()), "{query}");
    }
    for refused in ["identity", "gzip;q=0", "*;q=0", "deflate"] {
        let (head, _) = get(&site, "/t.php", refused);
        assert!(!head.contains("content-encoding"), "{refused}: {head}");
        assert!(head.contains("vary: accept-encoding"), "{refused}: {head}");
    }
    let (head, body) = ask(&site, "HEAD /t.php", "Accept-Encoding: gzip\r\n");
    let length = get(&site, "/t.php", "gzip").1.len();
    assert!(head.contains("content-encoding: gzip\r\n") && body.is_empty(), "{head}");
    assert!(head.contains(&format!("content-length: {length}\r\n")), "{head}");
}

#[test]
fn compression_can_be_turned_off() {
    let options = ["-d", "outlast.compression=off"];
    let site = serve_with("compress-off", &[("t.php", LONG)], &options);
    let (head, _) = get(&site, "/t.php", "gzip, br, zstd");
    assert!(!head.contains("content-encoding") && !head.contains("vary"), "{head}");
}

const STEPS: &str = "<?php
    function step($text) {
        echo $text; flush();
        while (!file_exists(__DIR__ . '/' . $_GET['go'] . $text)) { clearstatcache(); usleep(2000); }
    }
    step('first'); step('second'); echo 'third';";

#[test]
fn what_is_flushed_can_be_read_at_once() {
    let site = serve("compress-flush", &[("t.php", STEPS)]);
    for coding in CODINGS {
        let mut client = site.send(&format!(
            "GET /t.php?go={coding} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: {coding}\r\nConnection: close\r\n\r\n"
        ));
        let mut answer = Vec::new();
        for (step, wanted) in [("first", "first"), ("second", "firstsecond")] {
            read_decoded(&mut client, &mut answer, coding, wanted);
            std::fs::write(site.folder.join(format!("{coding}{step}")), "").unwrap();
        }
        client.read_to_end(&mut answer).unwrap();
        let (head, body) = split(&answer);
        assert!(head.contains(&format!("content-encoding: {coding}\r\n")), "{head}");
        assert_eq!(decoded(coding, &body), "firstsecondthird");
    }
}

#[test]
fn an_abort_is_seen_through_the_compressor() {
    let code = "<?php ignore_user_abort(true); ini_set('zlib.output_compression', $_GET['own']);
        while (!connection_aborted()) { echo 'ready'; flush(); usleep(1000); }
        file_put_contents(__DIR__ . '/log' . $_GET['own'], connection_status());";
    let site = serve("compress-abort", &[("t.php", code)]);
    for own in ["0", "1"] {
        let mut client = site.send(&format!(
            "GET /t.php?own={own} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"
        ));
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        drop(client);
        site.await_file(&format!("log{own}"), |text| text == "1");
    }
}

#[test]
fn files_have_a_tag_for_each_encoding() {
    let (small, large) = ("body { }\n".repeat(500), "<p>Text.</p>\n".repeat(50_000));
    let files = [("s.css", small.as_str()), ("l.html", large.as_str()), ("tiny.txt", "tiny")];
    let site = serve("compress-files", &files);
    let tag_of = |head: &str| {
        let line = head.lines().find(|line| line.starts_with("etag: ")).expect("a tag");
        line["etag: ".len()..].to_owned()
    };
    for (name, text) in [("/s.css", &small), ("/l.html", &large)] {
        let (plain, body) = ask(&site, &format!("GET {name}"), "");
        assert!(body == text.as_bytes() && plain.contains("vary: accept-encoding"), "{plain}");
        let mut tags = vec![tag_of(&plain)];
        for coding in CODINGS {
            let (head, body) = get(&site, name, coding);
            assert!(head.contains(&format!("content-encoding: {coding}\r\n")), "{head}");
            assert!(!head.contains("accept-ranges"), "{head}");
            assert!(body.len() < text.len() / 4 && &decoded(coding, &body) == text, "{coding}");
            let (again, packed) = get(&site, name, coding);
            assert!(packed == body && tag_of(&again) == tag_of(&head), "{again}");
            let tag = tag_of(&head);
            let known = format!("Accept-Encoding: {coding}\r\nIf-None-Match: {tag}\r\n");
            let (head, body) = ask(&site, &format!("GET {name}"), &known);
            assert!(head.starts_with("http/1.1 304") && body.is_empty(), "{head}");
            let (head, body) =
                ask(&site, &format!("HEAD {name}"), &format!("Accept-Encoding: {coding}\r\n"));
            assert!(head.contains("content-encoding"), "{head}");
            assert!(body.is_empty());
            // A part is one of the file's own bytes, unless another encoding is asked to go on.
            let range = "Accept-Encoding: gzip, br, zstd\r\nRange: bytes=1-3\r\n";
            let (head, body) = ask(&site, &format!("GET {name}"), range);
            assert!(head.starts_with("http/1.1 206") && body == text.as_bytes()[1..4], "{head}");
            let other = format!("{range}If-Range: {tag}\r\n");
            let (head, body) = ask(&site, &format!("GET {name}"), &other);
            assert!(head.starts_with("http/1.1 200") && body == text.as_bytes(), "{head}");
            tags.push(tag);
        }
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 4, "{tags:?}");
    }
    let (head, body) = get(&site, "/tiny.txt", "gzip");
    assert!(!head.contains("content-encoding") && body == b"tiny", "{head}");
}

#[test]
fn scripts_compress_by_themselves() {
    let code = "<?php
        if ($_GET['how'] === 'handler') ob_start('ob_gzhandler');
        else ini_set('zlib.output_compression', '1');
        function step($text) {
            echo $text; ob_flush(); flush();
            while (!file_exists(__DIR__ . '/' . $_GET['how'] . $text)) { clearstatcache(); usleep(2000); }
        }
        step('first'); step('second');
        echo json_encode([ob_list_handlers(), ob_get_status()['flags'], zlib_get_coding_type()]);
        echo str_repeat('third', 1000);";
    let site = serve("own-compression", &[("t.php", code)]);
    for (how, name) in [("handler", "ob_gzhandler"), ("setting", "zlib output compression")] {
        let mut client = site.send(&format!(
            "GET /t.php?how={how} HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, br, zstd\r\nConnection: close\r\n\r\n"
        ));
        let mut answer = Vec::new();
        for (step, wanted) in [("first", "first"), ("second", "firstsecond")] {
            read_decoded(&mut client, &mut answer, "gzip", wanted);
            std::fs::write(site.folder.join(format!("{how}{step}")), "").unwrap();
        }
        client.read_to_end(&mut answer).unwrap();
        let (head, body) = split(&answer);
        assert_eq!(head.matches("content-encoding").count(), 1, "{head}");
        assert!(head.contains("content-encoding: gzip\r\nvary: accept-encoding\r\n"), "{head}");
        let text = decoded("gzip", &body);
        let shown = format!("firstsecond[[\"{name}\"],20512,\"gzip\"]thirdthird");
        assert!(text.starts_with(&shown), "{text}");
    }
    let (head, body) = get(&site, "/t.php?how=handler", "br");
    assert!(head.contains("vary: accept-encoding\r\n"), "{head}");
    assert!(decoded("br", &body).starts_with("firstsecond"), "{head}");
}

#[test]
fn a_file_that_changes_is_compressed_anew() {
    let site = serve("compress-again", &[("s.css", "a { }\n".repeat(500).as_str())]);
    for (text, age) in [("a { }\n", 100), ("b { }\n", 50), ("longer { }\n", 50), ("a { }\n", 0)] {
        std::fs::write(site.folder.join("s.css"), text.repeat(500)).unwrap();
        // Old enough to be kept, but for the last.
        let file = std::fs::File::options().write(true).open(site.folder.join("s.css")).unwrap();
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        file.set_modified(time).unwrap();
        for _ in 0..3 {
            assert_eq!(decoded("gzip", &get(&site, "/s.css", "gzip").1), text.repeat(500));
        }
    }
}

#[test]
fn the_log_counts_what_was_sent() {
    let folder = crate::site::folder("log-counts-options");
    let (options, log) = (folder.join("o.toml"), folder.join("access.log"));
    std::fs::write(&options, format!("access_log = \"{}\"\n", log.display())).unwrap();
    let files = [
        ("s.css", "a { }\n".repeat(5000)),
        ("l.css", "a { }\n".repeat(50_000)),
        ("whole.php", "<?php header('Content-Type: text/css'); echo str_repeat('a', 5000);".into()),
        (
            "stream.php",
            "<?php header('Content-Type: text/css'); for ($i = 0; $i < 9; $i++) {
                echo str_repeat('a', 5000); flush(); }"
                .into(),
        ),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let site = serve_with("log-counts", &files, &["--config", options.to_str().unwrap()]);
    let mut wanted = Vec::new();
    for (name, _) in &files {
        for coding in ["gzip", "identity"] {
            let (head, body) = get(&site, &format!("/{name}?{coding}"), coding);
            assert_eq!(head.contains("content-encoding"), coding == "gzip", "{head}");
            wanted.push(format!("\"GET /{name}?{coding} HTTP/1.1\" 200 {} ", body.len()));
        }
        ask(&site, &format!("HEAD /{name}?head"), "");
        wanted.push(format!("\"HEAD /{name}?head HTTP/1.1\" 200 0 "));
    }
    let look = || std::fs::read_to_string(&log).unwrap_or_default();
    crate::site::await_text(look, |text| wanted.iter().all(|line| text.contains(line)));
    std::fs::remove_dir_all(folder).unwrap();
}
