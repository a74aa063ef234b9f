//! `expectations.txt`: the tests that do not pass yet, and what a run means against it.

use crate::case::Status;
use std::collections::BTreeMap;

/// Tests that are known not to pass.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    known: BTreeMap<String, Status>,
}

/// How a result compares with what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// As expected.
    None,
    /// Worse than expected.
    Worse,
    /// Passes although it was not expected to.
    Better,
    /// Says that it does not apply, although it passed before.
    NewlySkipped,
}

impl Expectations {
    /// Parses `STATUS path` lines.
    pub fn parse(text: &str) -> Result<Expectations, String> {
        let mut known = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parsed = line
                .split_once(' ')
                .and_then(|(status, path)| Some((status.parse::<Status>().ok()?, path.trim())));
            match parsed {
                Some((status, path)) if status != Status::Pass => {
                    known.insert(path.to_owned(), status);
                }
                _ => return Err(format!("line {}: \"{line}\"", number + 1)),
            }
        }
        Ok(Expectations { known })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        self.known.iter().map(|(path, status)| format!("{status} {path}\n")).collect()
    }

    /// What is expected of a test.
    pub fn of(&self, name: &str) -> Status {
        self.known.get(name).copied().unwrap_or(Status::Pass)
    }

    /// Compares a result with what is expected.
    pub fn change(&self, name: &str, status: Status) -> Change {
        match (self.of(name), status) {
            (Status::Pass, Status::Pass) => Change::None,
            (_, Status::Pass) => Change::Better,
            (Status::Pass, Status::Skip) => Change::NewlySkipped,
            // A test that began to apply and fails was never known to pass.
            (Status::Skip, Status::Fail) | (_, Status::Skip) => Change::None,
            (before, now) if now > before => Change::Worse,
            _ => Change::None,
        }
    }

    /// Takes a result over as the new expectation.
    pub fn bless(&mut self, name: &str, status: Status) {
        if status == Status::Pass {
            self.known.remove(name);
        } else {
            self.known.insert(name.to_owned(), status);
        }
    }

    /// Forgets tests that `keep` does not know.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.known.retain(|name, _| keep(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_sorted_lines() {
        let e = Expectations::parse("# c\nFAIL b.phpt\n\nCRASH a.phpt\n").unwrap();
        assert_eq!(e.text(), "CRASH a.phpt\nFAIL b.phpt\n");
        assert!(Expectations::parse("PASS a.phpt").is_err());
        assert!(Expectations::parse("a.phpt").is_err());
    }

    #[test]
    fn judges_changes() {
        let e = Expectations::parse("FAIL f\nCRASH c\nSKIP s\n").unwrap();
        assert_eq!(e.change("new", Status::Fail), Change::Worse);
        assert_eq!(e.change("new", Status::Skip), Change::NewlySkipped);
        assert_eq!(e.change("f", Status::Fail), Change::None);
        assert_eq!(e.change("f", Status::Crash), Change::Worse);
        assert_eq!(e.change("f", Status::Pass), Change::Better);
        assert_eq!(e.change("c", Status::Fail), Change::None);
        assert_eq!(e.change("s", Status::Fail), Change::None);
        assert_eq!(e.change("s", Status::Timeout), Change::Worse);
    }

    #[test]
    fn blessing_keeps_only_what_fails() {
        let mut e = Expectations::parse("FAIL f\nFAIL g\n").unwrap();
        e.bless("f", Status::Pass);
        e.bless("h", Status::Timeout);
        e.retain(|name| name != "g");
        assert_eq!(e.text(), "TIMEOUT h\n");
    }
}
