//! When a script that writes learns that its client has gone: through buffers, compression, and nginx.

use super::loop_left;
use crate::case::{Case, Front};
use crate::visit::{Leave, Visit};
use std::time::Duration;

const LOOP: &[&str] = &["loop.php"];
const GZIP: &str = "Accept-Encoding: gzip\r\n";

fn left(target: &'static str) -> impl Fn(&Visit) -> Result<String, String> + Send + Sync {
    move |v| loop_left(v, target, "", Leave::Fin)
}

fn left_by_reset(target: &'static str) -> impl Fn(&Visit) -> Result<String, String> + Send + Sync {
    move |v| loop_left(v, target, "", Leave::Reset)
}

fn left_gzip(target: &'static str) -> impl Fn(&Visit) -> Result<String, String> + Send + Sync {
    move |v| loop_left(v, target, GZIP, Leave::Fin)
}

/// Group 5.
pub fn compressed() -> Vec<Case> {
    let zlib = |name: &str, target| {
        Case::new(5, format!("zlib.output_compression: {name}"), LOOP, left_gzip(target))
            .set("zlib.output_compression", "On")
    };
    vec![
        zlib("flush only", "loop.php?bytes=20&flush"),
        zlib("ob_flush + flush", "loop.php?bytes=20&ob_flush&flush"),
        zlib("2 KB random, flush", "loop.php?bytes=2048&random&flush"),
        Case::new(
            5,
            "the same setting, a client without gzip",
            LOOP,
            left("loop.php?bytes=20&flush"),
        )
        .set("zlib.output_compression", "On"),
        Case::new(5, "ob_gzhandler: flush only", LOOP, left_gzip("loop.php?bytes=20&gz&flush")),
        Case::new(
            5,
            "ob_gzhandler: ob_flush + flush",
            LOOP,
            left_gzip("loop.php?bytes=20&gz&ob_flush&flush"),
        ),
        Case::new(5, "compressed by the server: flush", LOOP, left_gzip("loop.php?bytes=20&flush"))
            .behind(Front::Gzip),
        Case::new(5, "the same, 2 KB random", LOOP, left_gzip("loop.php?bytes=2048&random&flush"))
            .behind(Front::Gzip),
    ]
}

/// Group 6.
pub fn plain() -> Vec<Case> {
    let ob = |name: &str, target| {
        Case::new(6, format!("deb: {name}"), LOOP, left(target)).set("output_buffering", "4096")
    };
    vec![
        Case::new(6, "ob0: echo + flush", LOOP, left("loop.php?bytes=20&flush")),
        Case::new(
            6,
            "ob0: echo + flush, no look at the status",
            LOOP,
            left("loop.php?bytes=20&flush&blind"),
        ),
        Case::new(
            6,
            "ob0: echo + flush, ignored, reset",
            LOOP,
            left_by_reset("loop.php?bytes=20&flush&ign=1"),
        ),
        Case::new(
            6,
            "ob0: echo + flush, ignored in php.ini",
            LOOP,
            left("loop.php?bytes=20&flush"),
        )
        .set("ignore_user_abort", "1"),
        Case::new(6, "ob0: echo, no flush", LOOP, left("loop.php?bytes=20")),
        Case::new(6, "ob0: echo 9000 B, no flush", LOOP, left("loop.php?bytes=9000")),
        Case::new(6, "ob0: flush() with nothing written", LOOP, left("loop.php?flush")),
        Case::new(6, "ob0: nothing written, status asked", LOOP, left("loop.php")),
        ob("echo + flush", "loop.php?bytes=20&flush"),
        ob("echo + ob_flush + flush", "loop.php?bytes=20&ob_flush&flush"),
        ob("1500 B, flush", "loop.php?bytes=1500&flush"),
        ob("1500 B, no flush", "loop.php?bytes=1500"),
        Case::new(6, "implicit_flush, ob0: echo", LOOP, left("loop.php?bytes=20"))
            .set("implicit_flush", "1"),
        ob("implicit_flush, echo", "loop.php?bytes=20").set("implicit_flush", "1"),
        Case::new(6, "fastcgi_buffering off", LOOP, left("loop.php?bytes=20&flush"))
            .behind(Front::Unbuffered),
        Case::new(6, "fastcgi_ignore_client_abort on", LOOP, left("loop.php?bytes=20&flush"))
            .behind(Front::IgnoresAborts),
        Case::new(6, "php-fpm over TCP: echo + flush", LOOP, left("loop.php?bytes=20&flush"))
            .behind(Front::Tcp),
        Case::new(
            6,
            "php-fpm over TCP: flush() with nothing written",
            LOOP,
            left("loop.php?flush"),
        )
        .behind(Front::Tcp),
        Case::new(6, "fastcgi_finish_request()", &["finish.php"], finish),
    ]
}

fn finish(visit: &Visit) -> Result<String, String> {
    let response = visit.get("finish.php")?.whole(Duration::from_secs(10));
    let early = !visit.log().iter().any(|l| l.starts_with("echoed 0"));
    let log = visit.settled().unwrap_or_else(|| visit.log());
    let when = if early { "at once" } else { "late" };
    Ok(format!("“{}” {when}; {}", response.text(), super::trace(&log)))
}
