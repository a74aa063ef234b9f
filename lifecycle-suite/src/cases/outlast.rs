//! What only Outlast has: the three modes of an abort, and callbacks.

use super::{loop_left, trace};
use crate::case::Case;
use crate::visit::{Leave, Visit};

const LOOP: &[&str] = &["loop.php"];
const WAITS: &[&str] = &["waits.php"];

pub fn cases() -> Vec<Case> {
    let mode = |name: &str, mode, target: &'static str| {
        Case::new(9, name, LOOP, move |v| loop_left(v, target, "", Leave::Fin))
            .set("outlast.abort", mode)
            .of_outlast()
    };
    let sleeps = |name: &str, mode, target: &'static str| {
        Case::new(9, name, WAITS, move |v| asleep(v, target))
            .set("outlast.abort", mode)
            .of_outlast()
    };
    vec![
        mode("output: a silent loop, no look at the status", "output", "loop.php?blind"),
        mode("immediate: a silent loop, no look at the status", "immediate", "loop.php?blind"),
        mode("immediate: the same, ignored", "immediate", "loop.php?blind&ign=1"),
        mode(
            "never: echo + flush, no look at the status",
            "never",
            "loop.php?bytes=20&flush&blind",
        ),
        sleeps("output: asleep", "output", "waits.php"),
        sleeps("immediate: asleep", "immediate", "waits.php"),
        sleeps("never: asleep", "never", "waits.php"),
        sleeps("output: asleep, on_abort()", "output", "waits.php?callback"),
        sleeps("immediate: asleep, on_abort()", "immediate", "waits.php?callback"),
        sleeps("never: asleep, on_abort()", "never", "waits.php?callback"),
    ]
}

fn asleep(visit: &Visit, target: &str) -> Result<String, String> {
    let client = visit.get(target)?;
    visit.wait_for("READY")?;
    visit.leave(client, Leave::Fin)?;
    Ok(trace(&visit.settled().unwrap_or_else(|| visit.log())))
}
