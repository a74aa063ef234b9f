//! Requests with bodies, whole and cut; HEAD; clients that close half, pipeline, or read slowly.

use super::{learned, loop_left, trace};
use crate::case::{Case, Front};
use crate::visit::{Leave, Visit};
use std::time::Duration;

const POST: &[&str] = &["post.php"];
const LOOP: &[&str] = &["loop.php"];
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
const LIMIT: Duration = Duration::from_secs(20);

pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new(8, "HEAD to the end", LOOP, |v| head(v, false)),
        Case::new(8, "HEAD, the client leaves", LOOP, |v| head(v, true)),
        Case::new(8, "POST", POST, |v| {
            let response = v.send("POST", "post.php", &form(1000), &field(1000))?.whole(LIMIT);
            Ok(format!("{}; {}", response.status, trace(&v.settled().unwrap_or_else(|| v.log()))))
        }),
    ];
    let cut = [
        ("POST cut in the middle, FIN", Leave::Fin, 1000),
        ("POST cut in the middle, reset", Leave::Reset, 1000),
        ("POST cut in the middle, half-closed", Leave::HalfClose, 1000),
        ("POST of 64 KB cut in the middle, FIN", Leave::Fin, 65536),
    ];
    for (name, how, length) in cut {
        let run = move |v: &Visit| cut_off(v, &form(length), &field(length)[..length / 2], how);
        cases.push(Case::new(8, name, POST, run));
        if how == Leave::Fin {
            let name = format!("{name}, nginx streams");
            cases.push(Case::new(8, name, POST, run).behind(Front::StreamsBodies));
        }
    }
    cases.push(Case::new(8, "upload cut in the middle, FIN", POST, |v| {
        let fields = "Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: 9000\r\n";
        let begin = "--cut\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n";
        cut_off(v, fields, format!("{begin}{}", "x".repeat(4000)).as_bytes(), Leave::Fin)
    }));
    cases.push(Case::new(8, "a body that the script never reads, FIN", LOOP, |v| {
        let client = v.send("POST", "loop.php?bytes=20&flush", &form(200_000), &field(200_000))?;
        v.wait_for("write 2")?;
        v.leave(client, Leave::Fin)?;
        Ok(learned(v))
    }));
    cases.push(Case::new(8, "half-closed in a loop", LOOP, |v| {
        let client = v.get("loop.php?bytes=20&flush")?;
        v.wait_for("write 2")?;
        let (_, open) = v.leave(client, Leave::HalfClose)?;
        let response = open.map(|c| c.whole(LIMIT));
        let all = response.is_some_and(|r| r.complete && r.body.len() == 200);
        Ok(format!("{}; {}", learned(v), if all { "answer whole" } else { "answer cut" }))
    }));
    cases.push(Case::new(8, "half-closed with the request", LOOP, |v| {
        let client = v.get("loop.php?bytes=20&flush")?;
        let (_, open) = v.leave(client, Leave::HalfClose)?;
        let response = open.map(|c| c.whole(LIMIT));
        let all = response.is_some_and(|r| r.complete && r.body.len() == 200);
        Ok(format!("{}; {}", learned(v), if all { "answer whole" } else { "answer cut" }))
    }));
    cases.push(Case::new(8, "a second request, then FIN", &["loop.php", "second.php"], |v| {
        let told = loop_left(
            v,
            "loop.php?bytes=20&flush",
            "Connection: keep-alive\r\n",
            Leave::Pipelined,
        )?;
        std::thread::sleep(v.tick * 2);
        let second = v.log().iter().any(|l| l == "second");
        Ok(format!("{told}; the second {}", if second { "runs" } else { "does not run" }))
    }));
    cases.push(Case::new(8, "reads 16 MB slowly, to the end", &["large.php"], |v| {
        let mut client = v.get("large.php")?;
        for _ in 0..5 {
            client.some(65536);
            std::thread::sleep(v.tick);
        }
        let response = client.whole(LIMIT);
        let all = response.complete && response.body.len() == 256 * 65536;
        let answer = if all { "answer whole" } else { "answer cut" };
        Ok(format!("{answer}; {}", trace(&v.settled().unwrap_or_else(|| v.log()))))
    }));
    cases.push(Case::new(8, "reads slowly, then leaves in the middle", &["large.php"], |v| {
        let mut client = v.get("large.php")?;
        v.wait_for("READY")?;
        for _ in 0..3 {
            client.some(65536);
            std::thread::sleep(v.tick);
        }
        v.leave(client, Leave::Fin)?;
        Ok(trace(&v.settled().unwrap_or_else(|| v.log())))
    }));
    cases
}

fn form(length: usize) -> String {
    format!("{FORM}Content-Length: {length}\r\n")
}

/// One field of a form, of `length` bytes in all.
fn field(length: usize) -> Vec<u8> {
    let mut body = b"a=".to_vec();
    body.resize(length, b'v');
    body
}

fn head(visit: &Visit, leaves: bool) -> Result<String, String> {
    let client = visit.send("HEAD", "loop.php?bytes=20&flush", "", b"")?;
    if leaves {
        // On php-fpm it may have ended before there is a second write.
        visit.wait_for("write 1")?;
        visit.leave(client, Leave::Fin)?;
        return Ok(learned(visit));
    }
    let response = client.whole(LIMIT);
    let log = visit.settled().unwrap_or_else(|| visit.log());
    let writes = log.iter().filter(|l| l.starts_with("write ")).count();
    let status =
        log.iter().find(|l| l.starts_with("SHUTDOWN")).map_or("still running", |l| &l[9..]);
    let end = if log.iter().any(|l| l == "END") { "runs to its end" } else { "is stopped" };
    Ok(format!(
        "{}, {} bytes; {end} at write {writes}, {status}",
        response.status,
        response.body.len()
    ))
}

fn cut_off(visit: &Visit, fields: &str, body: &[u8], how: Leave) -> Result<String, String> {
    let client = visit.send("POST", "post.php", fields, body)?;
    let (_, open) = visit.leave(client, how)?;
    let status = open.map_or(0, |c| c.whole(visit.tick * 8).status);
    std::thread::sleep(visit.tick * 5);
    let log = if visit.log().len() > 1 { visit.settled() } else { None };
    let told = trace(&log.unwrap_or_else(|| visit.log()));
    let told = if told.is_empty() { "the script never starts".to_owned() } else { told };
    Ok(if status == 0 { told } else { format!("{status}; {told}") })
}
