//! What must hold when the crowd has left.

use crate::crowd::Told;
use crate::pages::Page;
use outlast_bench::{Look, Server, Setup, http};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// The accounts' sum.
const SUM: &str = "10000";
/// As much more memory than at the start may be held after the crowd.
const MEMORY: u64 = 24 << 20;
/// How long the server has to be as at its start.
const SETTLE: Duration = Duration::from_secs(30);

/// One thing that was looked at.
pub struct Check {
    pub what: String,
    pub holds: bool,
}

/// Waits until nothing runs any more, and no connection is open but ours; what is there then.
pub fn settled(server: &Server, start: &Look) -> io::Result<Look> {
    let until = Instant::now() + SETTLE;
    loop {
        let look = server.look()?;
        let calm = look.running == 0 && look.connections <= 1 && look.files <= start.files;
        if calm && look.memory <= start.memory + MEMORY / 3 || Instant::now() > until {
            return Ok(look);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Everything.
pub fn all(setup: &Setup, told: &Told, start: &Look, end: &Look) -> io::Result<Vec<Check>> {
    let mut checks = Checks(Vec::new());
    let answer = http::get(setup.address, "/verify.php", "")?;
    let verified = String::from_utf8_lossy(&answer.body).into_owned();
    let data = &setup.data;

    let said = |name: &str| {
        let mut lines = verified.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(key, _)| *key == name).map_or("", |(_, value)| value).to_owned()
    };
    let sum = said("sum");
    checks.add(sum == SUM, format!("the ledger's sum is {sum}, it was {SUM}"));
    let wrong = said("wrong_balances");
    checks.add(wrong == "0", format!("{wrong} accounts differ from their journal"));
    checks.add(said("integrity") == "ok", format!("SQLite's own check: {}", said("integrity")));
    let moved =
        counts(verified.lines().filter_map(|line| line.strip_prefix("moved ")).map(str::to_owned));
    checks.once("transactions in the journal", &moved);
    checks.there("transactions", told, Page::Ledger, &moved);

    let counted = list(data, "counted")?;
    checks.once("numbers counted in the file", &counted);
    checks.there("numbers counted in the file", told, Page::Counter, &counted);
    let (counter, noted) = (said("counter"), counted.len());
    checks.add(
        counter == noted.to_string(),
        format!("the file's counter is {counter}, {noted} scripts have counted"),
    );

    let (begun, done) = (list(data, "begun")?, list(data, "done")?);
    checks.once("scripts that work on without their client, at their end", &done);
    let lost = begun.keys().filter(|token| !done.contains_key(*token)).count();
    let total = begun.len();
    checks
        .add(lost == 0, format!("{total} scripts began work to be done in any case, {lost} lost"));
    let lost = told.promised.iter().filter(|token| !done.contains_key(*token)).count();
    let total = told.promised.len();
    checks.add(lost == 0, format!("{total} of them had told their client so, {lost} lost"));

    let (opened, closed) = (list(data, "opened")?, list(data, "closed")?);
    checks.once("shutdown functions of streams, buffers and sleepers", &closed);
    let same = opened.len() == closed.len();
    checks.add(same, format!("{} of them began, {} came to their end", opened.len(), closed.len()));

    sessions(setup, told, &mut checks)?;
    left_behind(setup, &mut checks, start, end, &said("lock"))?;
    Ok(checks.0)
}

fn sessions(setup: &Setup, told: &Told, checks: &mut Checks) -> io::Result<()> {
    let (mut acknowledged, mut sent, mut wrong) = (0, 0, 0);
    for (session, &(asked, kept)) in told.sessions.iter().enumerate() {
        let cookie = format!("Cookie: PHPSESSID=soak{session}\r\n");
        let answer = http::get(setup.address, "/verify.php?session", &cookie)?;
        let count = String::from_utf8_lossy(&answer.body).trim().parse::<u64>();
        wrong += u64::from(!count.is_ok_and(|count| (kept..=asked).contains(&count)));
        acknowledged += kept;
        sent += asked;
    }
    checks.add(
        wrong == 0,
        format!(
            "{acknowledged} increments of sessions acknowledged, {sent} asked for; {wrong} of {} \
             sessions have fewer or more",
            told.sessions.len()
        ),
    );
    Ok(())
}

fn left_behind(
    setup: &Setup,
    checks: &mut Checks,
    start: &Look,
    end: &Look,
    lock: &str,
) -> io::Result<()> {
    checks.add(
        end.running == 0 && end.connections <= 1,
        format!("{} scripts run, {} connections are open", end.running, end.connections - 1),
    );
    checks.add(end.panicked == 0, format!("{} scripts ended by a panic", end.panicked));
    checks.add(
        lock == "free" && end.locks == 0,
        format!("{} locks on files held; the counter's lock is {lock}", end.locks),
    );
    checks.add(
        end.files <= start.files,
        format!("{} open files, {} at the start", end.files, start.files),
    );
    checks.add(
        end.memory <= start.memory + MEMORY,
        format!("{} MiB resident, {} MiB at the start", end.memory >> 20, start.memory >> 20),
    );
    for folder in ["temp", "uploads"] {
        let count = fs::read_dir(setup.data.join(folder))?.count();
        checks.add(count == 0, format!("{count} files left in {folder}"));
    }
    let files = names(&setup.data)?;
    let moved = files.iter().filter(|name| name.starts_with("moved-")).count();
    checks.add(moved == 0, format!("{moved} moved uploads left"));
    let strangers = names(&setup.data.join("sessions"))?;
    let strangers = strangers.iter().filter(|name| !name.starts_with("sess_soak")).count();
    checks.add(strangers == 0, format!("{strangers} files in sessions that are no session's"));
    let log = fs::read_to_string(setup.log())?;
    let bad = log.lines().filter(|line| line.contains("panicked") || line.contains("PHP ")).count();
    let first = log.lines().find(|line| line.contains("panicked") || line.contains("PHP "));
    checks.add(bad == 0, format!("{bad} errors in the log {}", first.unwrap_or_default()));
    Ok(())
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// How often each token is in a list of the pages.
fn list(data: &Path, name: &str) -> io::Result<BTreeMap<String, usize>> {
    match fs::read_to_string(data.join(format!("{name}.txt"))) {
        Ok(text) => Ok(counts(text.lines().map(str::to_owned))),
        // No page has written it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

fn counts(tokens: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    tokens.for_each(|token| *counts.entry(token).or_default() += 1);
    counts
}

struct Checks(Vec<Check>);

impl Checks {
    fn add(&mut self, holds: bool, what: String) {
        self.0.push(Check { what, holds });
    }

    fn once(&mut self, what: &str, counts: &BTreeMap<String, usize>) {
        let twice = counts.values().filter(|&&count| count > 1).count();
        self.add(twice == 0, format!("{} {what}, {twice} more than once", counts.len()));
    }

    /// Whether all that was acknowledged is there.
    fn there(&mut self, what: &str, told: &Told, page: Page, there: &BTreeMap<String, usize>) {
        let kept = told.kept.get(&page);
        let total = kept.map_or(0, |tokens| tokens.len());
        let lost = kept.into_iter().flatten().filter(|token| !there.contains_key(*token)).count();
        self.add(lost == 0, format!("{total} {what} acknowledged, {lost} lost"));
    }
}
