//! The cases, in the order of the table.

mod articles;
mod bodies;
mod ends;
mod ini;
mod limits;
mod outlast;
mod output;

use crate::case::Case;
use crate::visit::{Leave, Visit};

/// All of them.
pub fn all() -> Vec<Case> {
    let mut all = articles::cases();
    all.extend(ends::cases());
    all.extend(limits::cases());
    all.extend(output::compressed());
    all.extend(output::plain());
    all.extend(ini::cases());
    all.extend(bodies::cases());
    all.extend(outlast::cases());
    all
}

/// What the groups are, in the order of their numbers.
pub const GROUPS: &[(u8, &str)] = &[
    (1, "Article 000: a loop that asks for the status"),
    (2, "Article 004: a loop that writes"),
    (3, "How a request ends, and what of it still runs"),
    (4, "Time limits (one second each), and four tables with C locked"),
    (5, "Compressed output"),
    (6, "Output, buffers, and what stands in between"),
    (7, "Which ignore_user_abort wins"),
    (8, "HEAD, bodies, half-closed, pipelined and slow clients"),
    (9, "Outlast's own"),
];

/// A loop whose client leaves in the middle: at which write does it learn of that?
fn loop_left(visit: &Visit, target: &str, fields: &str, how: Leave) -> Result<String, String> {
    let client = visit.send("GET", target, fields, b"")?;
    visit.wait_for("write 2")?;
    let (before, _open) = visit.leave(client, how)?;
    let heard = if before.body.is_empty() { "no byte before" } else { "bytes came before" };
    Ok(format!("{}; {heard}", learned(visit)))
}

/// At which write after its client left the loop stopped, or saw the status.
fn learned(visit: &Visit) -> String {
    let Some(log) = visit.settled() else { return "still running".to_owned() };
    if let Some(missing) = log.iter().find(|l| l.starts_with("missing:")) {
        return missing.clone();
    }
    let after = log.iter().skip_while(|l| *l != "LEFT").skip(1);
    let writes = after.filter(|l| l.starts_with("write ")).count();
    let status = log.iter().rev().find(|l| l.starts_with("SHUTDOWN")).map_or("", |l| &l[9..]);
    match log.iter().find(|l| l.starts_with("sees ")) {
        Some(_) if writes == 0 => "seen before a write".to_owned(),
        Some(_) => format!("seen at write {writes}"),
        None if log.iter().any(|l| l == "END") || status == "cs=0" => "never".to_owned(),
        None if writes == 0 => format!("stopped before a write, {status}"),
        None => format!("stopped at write {writes}, {status}"),
    }
}

/// All that a script noted, but for the marks of the suite itself.
fn trace(log: &[String]) -> String {
    let told: Vec<&str> =
        log.iter().map(String::as_str).filter(|l| !matches!(*l, "LEFT" | "READY")).collect();
    told.join(" > ")
}
