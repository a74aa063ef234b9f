//! How a request ends: what still runs, in which order, and which status it sees.

use super::trace;
use crate::case::Case;
use crate::visit::{Leave, Visit};
use std::time::Duration;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for end in ["normal", "exit", "exit3", "uncaught", "undef", "usererr", "memory"] {
        for ob in [0, 1] {
            let target = format!("ends.php?end={end}&ob={ob}");
            cases.push(case(&format!("{end}, ob={ob}"), move |v| answered(v, &target)));
        }
    }
    for ob in [0, 1] {
        let target = format!("ends.php?end=timeout&ob={ob}");
        cases.push(case(&format!("timeout, ob={ob}"), move |v| answered(v, &target)).busy());
    }
    for end in ["abort", "abort_ign"] {
        for ob in [0, 1] {
            let target = format!("ends.php?end={end}&ob={ob}&leaves");
            cases.push(case(&format!("{end}, ob={ob}"), move |v| left(v, &target)));
        }
    }
    let more = [
        ("abort + ignore + timeout", "end=abort_timeout"),
        ("timeout after the client left", "end=timeout"),
        ("the same, flush() in shutdown", "end=timeout&sd_flush"),
    ];
    for (name, query) in more {
        let target = format!("ends.php?{query}&ob=0&leaves");
        cases.push(case(name, move |v| left(v, &target)).busy());
    }
    cases.push(case("normal, exit in shutdown", |v| {
        answered(v, "ends.php?end=normal&ob=0&sd_exit")
    }));
    cases.push(case("abort, exit in shutdown", |v| {
        left(v, "ends.php?end=abort&ob=0&sd_exit&leaves")
    }));
    cases.push(case("abort, flush() in shutdown", |v| {
        left(v, "ends.php?end=abort&ob=0&sd_flush&leaves")
    }));
    cases
}

fn case(
    name: &str,
    run: impl Fn(&Visit) -> Result<String, String> + Send + Sync + 'static,
) -> Case {
    Case::new(3, name, &["ends.php"], run)
}

fn answered(visit: &Visit, target: &str) -> Result<String, String> {
    let response = visit.get(target)?.whole(Duration::from_secs(30));
    let log = visit.quiet("sd1");
    Ok(format!("{} “{}” {}", response.status, response.text(), trace(&log)))
}

fn left(visit: &Visit, target: &str) -> Result<String, String> {
    let client = visit.get(target)?;
    visit.wait_for("READY")?;
    visit.leave(client, Leave::Fin)?;
    Ok(trace(&visit.quiet("sd1")))
}
