//! What a run prints: tables by folder, causes by cost, and the result file.

use crate::case::Status;
use crate::tree::folder;
use crate::why;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One result, as printed and as kept in the result file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The test.
    pub name: String,
    /// What it came to.
    pub status: Status,
    /// Why it did not pass.
    pub reason: String,
}

/// The result file: a line a test, tabs between status, name and reason.
pub fn to_text(rows: &[Row]) -> String {
    rows.iter().map(|r| format!("{}\t{}\t{}\n", r.status, r.name, r.reason)).collect()
}

/// Reads a result file.
pub fn from_text(text: &str) -> Result<Vec<Row>, String> {
    text.lines()
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let status = parts.next().unwrap_or_default().parse()?;
            let name = parts.next().ok_or("a line without a name")?.to_owned();
            let reason = parts.next().unwrap_or_default().to_owned();
            Ok(Row { name, status, reason })
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    pass: usize,
    skip: usize,
    fail: usize,
    timeout: usize,
    crash: usize,
}

impl Tally {
    fn add(&mut self, status: Status) {
        *match status {
            Status::Pass => &mut self.pass,
            Status::Skip => &mut self.skip,
            Status::Fail => &mut self.fail,
            Status::Timeout => &mut self.timeout,
            Status::Crash => &mut self.crash,
        } += 1;
    }

    fn total(&self) -> usize {
        self.pass + self.skip + self.fail + self.timeout + self.crash
    }

    fn line(&self, name: &str, width: usize) -> String {
        let total = self.total();
        let share = if total == 0 { 0.0 } else { 100.0 * self.pass as f64 / total as f64 };
        let score = format!("{}/{total}", self.pass);
        let mut line = format!("{name:width$}  {score:>11} {share:>6.1}%");
        let others = [
            (self.fail, "fail"),
            (self.crash, "crash"),
            (self.timeout, "timeout"),
            (self.skip, "skip"),
        ];
        let others: Vec<String> =
            others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if !others.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(line, "   {}", others.join(", "));
        }
        line
    }
}

/// Passes by folder, and in all.
pub fn table(rows: &[Row], levels: usize) -> String {
    let mut folders: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut all = Tally::default();
    for row in rows {
        folders.entry(folder(&row.name, levels)).or_default().add(row.status);
        all.add(row.status);
    }
    let width = folders.keys().map(|k| k.len()).max().unwrap_or(0).max(5);
    let mut out = String::new();
    for (name, tally) in &folders {
        out.push_str(&tally.line(name, width));
        out.push('\n');
    }
    out.push_str(&all.line("total", width));
    out.push('\n');
    out
}

/// The most costly causes of failure, each with tests to look at.
pub fn causes(rows: &[Row], most: usize) -> String {
    let failures = rows.iter().filter(|r| r.status != Status::Pass).map(|r| {
        let reason = match r.status {
            Status::Fail => r.reason.clone(),
            status => format!("{status}: {}", r.reason),
        };
        (r.name.as_str(), reason)
    });
    let groups = why::group(failures);
    let mut out = String::new();
    for group in groups.iter().take(most) {
        let example = group.tests.first().copied().unwrap_or_default();
        out.push_str(&format!("{:>5}  {}\n         {example}", group.tests.len(), group.reason));
        if let Some(second) = group.tests.get(group.tests.len() / 2).filter(|t| **t != example) {
            out.push_str(&format!("  {second}"));
        }
        out.push('\n');
    }
    let rest: usize = groups.iter().skip(most).map(|g| g.tests.len()).sum();
    if rest > 0 {
        let kinds = groups.len() - most;
        out.push_str(&format!("{rest:>5}  for {kinds} other reasons (--top N shows more)\n"));
    }
    out
}

/// Tests that do not pass, one a line.
pub fn failures(rows: &[Row]) -> String {
    rows.iter()
        .filter(|r| r.status != Status::Pass)
        .map(|r| format!("{:<7} {}  {}\n", r.status, r.name, r.reason))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Row> {
        let row = |name: &str, status, reason: &str| Row {
            name: name.to_owned(),
            status,
            reason: reason.to_owned(),
        };
        vec![
            row("Zend/tests/a.phpt", Status::Pass, ""),
            row("Zend/tests/x/b.phpt", Status::Fail, "Call to undefined function f()"),
            row("ext/spl/tests/c.phpt", Status::Crash, "killed by SIGSEGV"),
        ]
    }

    #[test]
    fn the_table_counts_by_folder() {
        let text = table(&rows(), 2);
        let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["Zend/tests", "1/2", "50.0%", "1", "fail"]);
        assert_eq!(lines[1], ["ext/spl", "0/1", "0.0%", "1", "crash"]);
        assert_eq!(lines[2], ["total", "1/3", "33.3%", "1", "fail,", "1", "crash"]);
    }

    #[test]
    fn the_result_file_round_trips() {
        assert_eq!(from_text(&to_text(&rows())).unwrap(), rows());
    }

    #[test]
    fn causes_name_crashes() {
        assert!(causes(&rows(), 9).contains("1  CRASH: killed by SIGSEGV"));
        assert!(causes(&rows(), 1).contains("other reasons"));
    }
}
