//! Runs the cases against a server, several at a time.

use crate::case::Case;
use crate::expected::Expected;
use crate::options::{Options, Target};
use crate::server::{self, ATTEMPTS};
use crate::visit::Visit;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Between two writes of a script, at scale 1.
const TICK: Duration = Duration::from_millis(150);

/// What one server showed.
#[derive(Clone)]
pub struct Column {
    pub name: String,
    pub version: String,
    /// By title; a case that the server has nothing for is not there.
    pub seen: BTreeMap<String, String>,
}

/// All cases that `target` has something for. What is not as `expected` is tried again, so that a
/// busy machine fails nobody.
pub fn measure(
    target: &Target,
    cases: &[Case],
    options: &Options,
    expected: &Expected,
) -> Result<Column, String> {
    let applicable: Vec<&Case> = cases.iter().filter(|c| c.applies_to(target)).collect();
    let plans = server::plans(target, &applicable);
    let mut work = Vec::new();
    let mut running = Vec::new();
    for plan in &plans {
        let server = server::start(target, plan, options)?;
        work.extend(plan.cases.iter().map(|case| (*case, running.len())));
        running.push(server);
    }
    let version = running.first().and_then(server::Running::version).unwrap_or_default();
    let seen = Mutex::new(BTreeMap::new());
    // Those that keep cores busy disturb the others: they come last.
    for busy in [false, true] {
        let now: Vec<&(&Case, usize)> = work.iter().filter(|(c, _)| c.busy == busy).collect();
        let next = AtomicUsize::new(0);
        let worker = || {
            while let Some((case, server)) = now.get(next.fetch_add(1, Ordering::Relaxed)) {
                let told = attempts(case, &running[*server], target, options, expected);
                if let Ok(mut seen) = seen.lock() {
                    seen.insert(case.title(), told);
                }
            }
        };
        let jobs = if busy { options.jobs.min(4) } else { options.jobs };
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(worker);
            }
        });
    }
    let seen = seen.into_inner().map_err(|_| "a case panicked".to_owned())?;
    Ok(Column { name: target.column().to_owned(), version, seen })
}

fn attempts(
    case: &Case,
    running: &server::Running,
    target: &Target,
    options: &Options,
    expected: &Expected,
) -> String {
    let mut told = String::new();
    for attempt in 0..ATTEMPTS {
        let name = server::folder(case, attempt);
        let visit = Visit {
            address: running.address.clone(),
            folder: running.root.join(&name),
            path: format!("{}/{name}", running.prefix),
            tick: TICK.mul_f64(options.scale),
        };
        told = match case.run(&visit) {
            Ok(told) => told,
            Err(error) => format!("error: {error}"),
        };
        let known = expected.of(&case.title(), target.column());
        if options.record.is_some() || known.is_none_or(|k| k == told) {
            break;
        }
    }
    told
}
