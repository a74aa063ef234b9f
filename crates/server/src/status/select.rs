//! Which of the running scripts are shown, of which there may be very many: totals over all of them, and the
//! first few in some order.

use crate::script::CLOCK;
use crate::scripts::{Entry, ScriptInfo};
use crate::worker::Shared;
use outlast_lifecycle::Phase;
use serde_json::{Value, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The most rows that are given at once.
const MAX_ROWS: usize = 1000;
/// Characters shown of a path or address.
const SHOWN: usize = 300;

/// What is asked for: `sort` (`age`, `cpu`, `memory`, `sent`, `detached`, `id`, `script`, `uri`), `order` (`desc`,
/// `asc`), `state` (`all`, `attached`, `detached`, `busy`, `waiting`, `stopping`), `wait` (a word), `filter` (a
/// part of the script's path or of the URL), `limit`, `offset`.
#[derive(Debug)]
pub(super) struct Query {
    sort: Sort,
    ascending: bool,
    state: State,
    wait: Option<String>,
    filter: String,
    limit: usize,
    offset: usize,
}

#[derive(Clone, Copy, Debug)]
enum Sort {
    Age,
    Cpu,
    Memory,
    Sent,
    Detached,
    Id,
    Script,
    Uri,
}

#[derive(Clone, Copy, Debug)]
enum State {
    All,
    Attached,
    Detached,
    Busy,
    Waiting,
    Stopping,
}

impl Query {
    pub(super) fn parse(text: &str) -> Result<Query, String> {
        let mut query = Query {
            sort: Sort::Age,
            ascending: false,
            state: State::All,
            wait: None,
            filter: String::new(),
            limit: 50,
            offset: 0,
        };
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value);
            let number = || value.parse().map_err(|_| format!("{name} must be a number"));
            match name {
                "sort" => query.sort = sort(&value)?,
                "order" => match value.as_str() {
                    "asc" => query.ascending = true,
                    "desc" => query.ascending = false,
                    _ => return Err("order must be asc or desc".into()),
                },
                "state" => query.state = state(&value)?,
                "wait" => query.wait = (!value.is_empty()).then_some(value),
                "filter" => query.filter = value.to_lowercase(),
                "limit" => query.limit = number()?,
                "offset" => query.offset = number()?,
                _ => return Err(format!("there is no parameter {name}")),
            }
        }
        query.limit = query.limit.min(MAX_ROWS);
        Ok(query)
    }

    fn wants(&self, entry: &Entry, wait: &str) -> bool {
        let vitals = &entry.vitals;
        let state = match self.state {
            State::All => true,
            State::Attached => vitals.detached_at().is_none(),
            State::Detached => vitals.detached_at().is_some(),
            State::Busy => wait.is_empty(),
            State::Waiting => !wait.is_empty(),
            State::Stopping => vitals.is_stopping(),
        };
        state
            && self.wait.as_ref().is_none_or(|wanted| wanted == wait)
            && (self.filter.is_empty()
                || entry.uri.to_lowercase().contains(&self.filter)
                || entry.script.to_string_lossy().to_lowercase().contains(&self.filter))
    }

    fn order(&self, one: &(u64, Arc<Entry>), other: &(u64, Arc<Entry>)) -> Ordering {
        let by_text = match self.sort {
            Sort::Script => one.1.script.cmp(&other.1.script),
            Sort::Uri => one.1.uri.cmp(&other.1.uri),
            _ => one.0.cmp(&other.0),
        };
        let ordering = if self.ascending { by_text } else { by_text.reverse() };
        ordering.then(one.1.id.cmp(&other.1.id))
    }

    /// What is compared, read once: values change meanwhile.
    fn key(&self, entry: &Entry, now: Duration) -> u64 {
        let vitals = &entry.vitals;
        let nanos = |time: Duration| time.as_nanos() as u64;
        match self.sort {
            Sort::Age => nanos(now.saturating_sub(vitals.started())),
            Sort::Cpu => nanos(vitals.cpu()),
            Sort::Memory => vitals.memory(),
            Sort::Sent => vitals.sent(),
            Sort::Detached => {
                vitals.detached_at().map_or(0, |at| nanos(now.saturating_sub(at)).max(1))
            }
            Sort::Id => entry.id,
            Sort::Script | Sort::Uri => 0,
        }
    }
}

fn sort(name: &str) -> Result<Sort, String> {
    Ok(match name {
        "age" => Sort::Age,
        "cpu" => Sort::Cpu,
        "memory" => Sort::Memory,
        "sent" => Sort::Sent,
        "detached" => Sort::Detached,
        "id" => Sort::Id,
        "script" => Sort::Script,
        "uri" => Sort::Uri,
        _ => return Err(format!("cannot sort by {name}")),
    })
}

fn state(name: &str) -> Result<State, String> {
    Ok(match name {
        "all" | "" => State::All,
        "attached" => State::Attached,
        "detached" => State::Detached,
        "busy" => State::Busy,
        "waiting" => State::Waiting,
        "stopping" => State::Stopping,
        _ => return Err(format!("there is no state {name}")),
    })
}

/// A value of a query string.
fn decoded(text: &str) -> String {
    let raw = text.as_bytes();
    let digit = |at: usize| raw.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'+', ..) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The answer to a query.
pub(super) fn scripts(shared: &Shared, query: &Query) -> Value {
    let now = (CLOCK.wall)();
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut memory, mut found) = (0, Vec::new());
    let all = shared.scripts.all();
    let total = all.len();
    for entry in all {
        let wait = entry.vitals.wait();
        *waits.entry(wait).or_default() += 1;
        memory += entry.vitals.memory();
        if query.wants(&entry, wait) {
            found.push((query.key(&entry, now), entry));
        }
    }
    let matched = found.len();
    let end = query.offset.saturating_add(query.limit);
    if found.len() > end {
        if end > 0 {
            found.select_nth_unstable_by(end - 1, |one, other| query.order(one, other));
        }
        found.truncate(end);
    }
    found.sort_unstable_by(|one, other| query.order(one, other));
    let rows = found.iter().skip(query.offset).map(|(_, entry)| row(&entry.info(now)));
    let rows: Value = rows.collect();
    let (_, detached) = shared.scripts.counts();
    let totals = &shared.scripts.totals;
    let load = std::sync::atomic::Ordering::Relaxed;
    let busy = waits.remove("").unwrap_or(0);
    json!({
        "server": {
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "workers": shared.workers.len(),
            "uptime": shared.started.elapsed().unwrap_or_default().as_secs_f64(),
            "document_root": shared.config.document_root.to_string_lossy(),
            "max_detached": shared.config.max_detached,
            "max_scripts": shared.config.max_scripts,
        },
        "totals": {
            "running": total,
            "detached": detached,
            "busy": busy,
            "waits": waits,
            "memory": memory,
            "started": totals.started.load(load),
            "ended": totals.ended.load(load),
        },
        "matched": matched,
        "offset": query.offset,
        "scripts": rows,
    })
}

fn row(info: &ScriptInfo) -> Value {
    let file = info.place.file.as_ref().map(|file| String::from_utf8_lossy(file));
    json!({
        "id": info.id,
        "worker": info.worker,
        "script": shortened(&info.script.to_string_lossy()),
        "method": info.method,
        "uri": shortened(&info.uri),
        "remote": info.remote.to_string(),
        "received": super::seconds(info.received),
        "age": info.age.as_secs_f64(),
        "cpu": info.cpu.as_secs_f64(),
        "memory": info.memory,
        "sent": info.sent,
        "connection_status": info.connection_status,
        "ignores_abort": info.ignores_abort,
        "detached_for": info.detached_for.map(|time| time.as_secs_f64()),
        "phase": phase(info.phase),
        "stopping": info.stopping,
        "on_thread": info.on_thread,
        "wait": info.place.wait,
        "file": file.map(|file| shortened(&file)),
        "line": info.place.line,
    })
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "script",
        Phase::ShutdownFunctions => "shutdown functions",
        Phase::Destructors => "destructors",
        Phase::OutputFlush => "output",
        Phase::SessionWrite => "session",
        Phase::Done => "done",
    }
}

/// The text, its end cut off if it is very long.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_and_bad_ones_named() {
        let query = Query::parse("sort=cpu&order=asc&filter=a%2Fb+C&limit=5000&offset=7").unwrap();
        assert_eq!((query.filter.as_str(), query.limit, query.offset), ("a/b c", MAX_ROWS, 7));
        assert!(query.ascending);
        for (bad, named) in [("sort=x", "x"), ("limit=x", "limit"), ("nope=1", "nope")] {
            assert!(Query::parse(bad).unwrap_err().contains(named), "{bad}");
        }
    }
}
