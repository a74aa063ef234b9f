//! The site of the README's first command: each page answers, each script does what its page says.

use crate::site::{await_text, body, serve_folder, status};
use std::path::Path;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

#[test]
fn every_example_answers() {
    let site = serve_folder(Path::new(EXAMPLES), &[]);
    let index = site.get("/");
    let pages: Vec<&str> =
        index.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(pages.len() > 8, "{index}");
    for page in pages {
        let answer = site.get(page);
        assert_eq!(status(&answer), "200", "{page}: {answer}");
        assert!(!answer.contains("Warning:") && !answer.contains("Fatal error:"), "{answer}");
    }
    assert_eq!(status(&site.get("/lifecycle/")), "302");
    assert_eq!(status(&site.get("/lifecycle/run.php?page=none")), "404");
}

#[test]
fn the_log_of_a_run_tells_what_its_script_did() {
    let site = serve_folder(Path::new(EXAMPLES), &[]);
    let run = |script: &str| format!("test{}{}", script.replace('-', ""), std::process::id());
    let start = |script: &str| {
        let path = format!("/lifecycle/{script}.php?run={}", run(script));
        site.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"))
    };
    let log = |script: &str| site.get(&format!("/lifecycle/log.php?run={}", run(script)));
    let cases = [
        ("stream", "status 1  the shutdown function runs in any case"),
        ("watch", "status 1  saw the client leave"),
        ("immediate", "status 1  stopped in the middle"),
        ("on-abort", "status 1  puts things in order and ends"),
        ("both", "status 3  the shutdown function sees both"),
        ("events", "status 1  the reader is gone"),
    ];
    let clients: Vec<_> = cases.iter().map(|(script, _)| start(script)).collect();
    for (script, _) in cases {
        await_text(|| log(script), |text| text.contains("begins"));
    }
    drop(clients);
    for (script, wanted) in cases {
        await_text(|| log(script), |text| text.contains(wanted));
    }
    let limit = site.get(&format!("/lifecycle/limit.php?run={}", run("limit")));
    assert!(body(&limit).contains("Maximum execution time of 1 second exceeded"), "{limit}");
    await_text(|| log("limit"), |text| text.contains("status 2  the shutdown function"));
}
