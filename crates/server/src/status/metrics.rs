//! Metrics in Prometheus' text format.

use crate::scripts::CAUSES;
use crate::worker::Shared;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::atomic::Ordering::Relaxed;

/// One page of metrics.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        self.value(name, "", value);
    }
}

pub(super) fn text(shared: &Shared) -> String {
    let mut page = Page::default();
    let (running, detached) = shared.scripts.counts();
    let totals = &shared.scripts.totals;
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    let mut memory = 0;
    for entry in shared.scripts.all() {
        *waits.entry(entry.vitals.wait()).or_default() += 1;
        memory += entry.vitals.memory();
    }
    let busy = waits.remove("").unwrap_or(0);
    page.one("outlast_scripts_running", "gauge", "Scripts that run.", running);
    page.one("outlast_scripts_detached", "gauge", "Scripts whose client has gone.", detached);
    page.one("outlast_scripts_busy", "gauge", "Scripts that wait for nothing.", busy);
    page.head("outlast_scripts_waiting", "gauge", "Scripts that wait, by what they wait for.");
    for (wait, count) in waits {
        page.value("outlast_scripts_waiting", &format!("{{wait=\"{wait}\"}}"), count);
    }
    page.one("outlast_scripts_memory_bytes", "gauge", "Memory of the scripts' values.", memory);
    let started = totals.started.load(Relaxed);
    page.one("outlast_scripts_started_total", "counter", "Scripts started.", started);
    let ended = totals.ended.load(Relaxed);
    page.one("outlast_scripts_ended_total", "counter", "Scripts ended, for any reason.", ended);
    let left = totals.detached.load(Relaxed);
    page.one("outlast_scripts_detached_total", "counter", "Scripts left by their client.", left);
    page.head("outlast_scripts_stopped_total", "counter", "Scripts ended before their own end.");
    for (cause, count) in CAUSES.iter().zip(&totals.stopped) {
        let label = format!("{{cause=\"{}\"}}", cause.name());
        page.value("outlast_scripts_stopped_total", &label, count.load(Relaxed));
    }
    let panicked = totals.panicked.load(Relaxed);
    page.one(
        "outlast_scripts_panicked_total",
        "counter",
        "Scripts ended by a bug of ours.",
        panicked,
    );
    let sent = totals.sent.load(Relaxed);
    page.one("outlast_sent_bytes_total", "counter", "Bytes of responses of ended scripts.", sent);
    page.head("outlast_connections", "gauge", "Open connections.");
    for (worker, load) in shared.loads.iter().enumerate() {
        let label = format!("{{worker=\"{worker}\"}}");
        page.value("outlast_connections", &label, load.load(Relaxed));
    }
    let cpu = outlast_host::clock::process_cpu().as_secs_f64();
    page.one("process_cpu_seconds_total", "counter", "CPU time of the server.", cpu);
    let start = super::seconds(shared.started);
    page.one("process_start_time_seconds", "gauge", "When the server started.", start);
    if let Some(pages) = resident_pages() {
        page.one("process_resident_memory_bytes", "gauge", "Memory of the server.", pages * 4096);
    }
    page.0
}

fn resident_pages() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse().ok()
}
