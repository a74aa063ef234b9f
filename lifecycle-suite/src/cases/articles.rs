//! The scripts of the articles from which the project began.

use super::{learned, loop_left};
use crate::case::Case;
use crate::visit::{Leave, Visit};
use std::time::Duration;

pub fn cases() -> Vec<Case> {
    let fin = |target: &'static str| move |v: &Visit| loop_left(v, target, "", Leave::Fin);
    let rst = |target: &'static str| move |v: &Visit| loop_left(v, target, "", Leave::Reset);
    vec![
        Case::new(1, "as printed (no semicolon)", &["000-printed.php"], |v| {
            printed(v, "000-printed.php")
        })
        .set("display_errors", "0"),
        Case::new(1, "as printed, display_errors", &["000-printed.php"], |v| {
            printed(v, "000-printed.php")
        })
        .set("display_errors", "1"),
        Case::new(1, "mended, no output, ob0", &["000.php"], |v| asking(v, "000.php")),
        Case::new(1, "mended, no output, deb", &["000.php"], |v| asking(v, "000.php"))
            .set("output_buffering", "4096"),
        Case::new(1, "mended, echo + flush, ob0", &["000.php"], |v| asking(v, "000.php?echo")),
        Case::new(1, "mended, echo + flush, deb", &["000.php"], |v| asking(v, "000.php?echo"))
            .set("output_buffering", "4096"),
        Case::new(2, "as printed (U+00A0)", &["004-printed.php"], |v| {
            printed(v, "004-printed.php")
        })
        .set("display_errors", "0"),
        Case::new(2, "TRUE, ob0", &["004.php"], fin("004.php?ign=1")),
        Case::new(2, "TRUE, deb", &["004.php"], fin("004.php?ign=1"))
            .set("output_buffering", "4096"),
        Case::new(2, "FALSE, ob0", &["004.php"], fin("004.php?ign=0")),
        Case::new(2, "FALSE, ob0, reset", &["004.php"], rst("004.php?ign=0")),
        Case::new(2, "FALSE, deb", &["004.php"], fin("004.php?ign=0"))
            .set("output_buffering", "4096"),
        Case::new(2, "connection_status, ob0", &["004.php"], fin("004.php?ign=0&status")),
        Case::new(2, "connection_status, deb", &["004.php"], fin("004.php?ign=0&status"))
            .set("output_buffering", "4096"),
    ]
}

/// A script that does not parse: status, body, and the log's line.
fn printed(visit: &Visit, script: &str) -> Result<String, String> {
    let response = visit.get(script)?.whole(Duration::from_secs(10));
    let folder = visit.folder.to_string_lossy().into_owned();
    // Where a folder has no settings of its own, all log into the folder above.
    let logs = [visit.folder.join("php.log"), visit.folder.join("../php.log")];
    let log = logs.iter().find_map(|p| std::fs::read_to_string(p).ok()).unwrap_or_default();
    let log = log.lines().rfind(|l| l.contains(&folder)).unwrap_or_default();
    let log = log.split_once("] ").map_or(log, |(_, text)| text);
    let tidy = |text: &str| text.replace(&folder, "…").trim().replace('\n', "\\n");
    Ok(format!("{}; body={}; log={}", response.status, tidy(&response.text()), tidy(log)))
}

/// The loop of article 000, which counts its turns as writes.
fn asking(visit: &Visit, target: &str) -> Result<String, String> {
    let client = visit.get(target)?;
    visit.wait_for("write 2")?;
    visit.leave(client, Leave::Fin)?;
    let told = learned(visit);
    Ok(told.replace("at write", "after turn").replace("before a write", "at the next turn"))
}
