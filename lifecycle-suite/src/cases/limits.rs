//! What counts against a time limit, and the four tables of article 001.

use super::trace;
use crate::case::Case;
use crate::visit::{Leave, Visit};
use std::fs::File;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(30);

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, what) in [("busy loop", "busy"), ("system calls", "syscall")] {
        cases.push(limit(name, move |v| told(v, what)).busy());
    }
    let waits = [
        ("sleep", "sleep"),
        ("usleep", "usleep"),
        ("stream_select", "select"),
        ("CPU and time of a child", "child"),
    ];
    for (name, what) in waits {
        cases.push(limit(name, move |v| told(v, what)).long());
    }
    cases.push(limit("flock held by another", flock).long());
    cases.push(
        Case::new(4, "SQLite lock held by another", &["limits.php", "holder.php"], sqlite).long(),
    );
    for (name, query) in
        [("no output", ""), ("echo + flush", "?out"), ("in a transaction", "?out&tx")]
    {
        let scripts = &["tables.php", "holder.php", "rows.php"];
        let name = format!("four tables, C locked, {name}");
        cases.push(Case::new(4, name, scripts, move |v| tables(v, query)).long());
    }
    cases
}

fn limit(
    name: &str,
    run: impl Fn(&Visit) -> Result<String, String> + Send + Sync + 'static,
) -> Case {
    Case::new(4, name, &["limits.php"], run)
}

fn told(visit: &Visit, what: &str) -> Result<String, String> {
    let response = visit.get(&format!("limits.php?in={what}"))?.whole(LIMIT);
    let log = visit.settled().unwrap_or_else(|| visit.log());
    Ok(format!("{}; {}", response.status, trace(&log)))
}

fn flock(visit: &Visit) -> Result<String, String> {
    let file = File::create(visit.folder.join("held")).map_err(|e| e.to_string())?;
    file.lock().map_err(|e| e.to_string())?;
    let client = visit.get("limits.php?in=flock")?;
    visit.wait_for("READY")?;
    std::thread::sleep(Duration::from_millis(1600));
    file.unlock().map_err(|e| e.to_string())?;
    let response = client.whole(LIMIT);
    let log = visit.settled().unwrap_or_else(|| visit.log());
    Ok(format!("{}; {}", response.status, trace(&log)))
}

/// Has another script hold a database; `None` where the server knows no SQLite.
fn hold(visit: &Visit, db: &str) -> Result<Option<crate::visit::Client>, String> {
    let holder = visit.get(&format!("holder.php?db={db}"))?;
    match visit.wait_for("HELD") {
        Ok(()) => Ok(Some(holder)),
        Err(_) if visit.log().iter().any(|l| l.starts_with("missing")) => Ok(None),
        Err(e) => Err(e),
    }
}

fn sqlite(visit: &Visit) -> Result<String, String> {
    let Some(holder) = hold(visit, "held")? else { return Ok("missing: pdo_sqlite".to_owned()) };
    let client = visit.get("limits.php?in=sqlite")?;
    visit.wait_for("READY")?;
    std::thread::sleep(Duration::from_millis(1600));
    visit.mark("release")?;
    let response = client.whole(LIMIT);
    drop(holder);
    let log = visit.settled().unwrap_or_else(|| visit.log());
    let log: Vec<String> = log.into_iter().filter(|l| l != "HELD").collect();
    Ok(format!("{}; {}", response.status, trace(&log)))
}

fn tables(visit: &Visit, query: &str) -> Result<String, String> {
    let Some(holder) = hold(visit, "c")? else { return Ok("missing: pdo_sqlite".to_owned()) };
    let client = visit.get(&format!("tables.php{query}"))?;
    visit.wait_for("into c")?;
    visit.leave(client, Leave::Fin)?;
    std::thread::sleep(visit.tick * 2);
    visit.mark("release")?;
    holder.whole(LIMIT);
    let log = visit.settled().unwrap_or_else(|| visit.log());
    let status =
        log.iter().find(|l| l.starts_with("SHUTDOWN")).map_or("still running", |l| &l[9..]);
    let rows = visit.get("rows.php")?.whole(LIMIT).text();
    let rows = if rows.is_empty() { "none" } else { rows.trim() };
    Ok(format!("rows in: {rows}; {status}"))
}
