//! Hands tests to workers, keeping apart those that must not run at the same time.

use crate::case::{Setup, Verdict};
use crate::phpt::{Phpt, conflict_names};
use std::collections::{HashMap, HashSet};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A test, and the names of what it must not share.
struct Entry {
    index: usize,
    keys: Vec<String>,
}

#[derive(Default)]
struct Board {
    /// Tests still to run, the next one last.
    waiting: Vec<Entry>,
    busy: HashSet<String>,
    running: usize,
    /// A test that conflicts with all others runs alone.
    alone: bool,
    results: HashMap<usize, Verdict>,
}

impl Board {
    fn take(&mut self) -> Option<Entry> {
        if self.alone {
            return None;
        }
        let fits = |entry: &Entry| {
            if entry.keys.iter().any(|k| k == "all") {
                self.running == 0
            } else {
                !entry.keys.iter().any(|k| self.busy.contains(k))
            }
        };
        let at = self.waiting.iter().rposition(fits)?;
        let entry = self.waiting.remove(at);
        self.alone = entry.keys.iter().any(|k| k == "all");
        self.busy.extend(entry.keys.iter().cloned());
        self.running += 1;
        Some(entry)
    }

    fn give_back(&mut self, entry: &Entry, verdict: Verdict) {
        for key in &entry.keys {
            self.busy.remove(key);
        }
        self.alone = false;
        self.running -= 1;
        self.results.insert(entry.index, verdict);
    }
}

/// Runs all tests with so many workers; the results come in the order of the names.
pub fn run_all(setup: &Setup, names: &[String], jobs: usize) -> Vec<Verdict> {
    let mut folders = HashMap::new();
    let mut waiting: Vec<Entry> = names
        .iter()
        .enumerate()
        .map(|(index, name)| Entry { index, keys: keys_of(&setup.root, name, &mut folders) })
        .collect();
    waiting.reverse();
    // Those that run alone come last, when no worker has to wait for long.
    waiting.sort_by_key(|e| !e.keys.iter().any(|k| k == "all"));
    let board = Mutex::new(Board { waiting, ..Board::default() });
    let freed = Condvar::new();
    let progress = Progress::new(names.len());
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            scope.spawn(|| work(setup, names, &board, &freed, &progress));
        }
    });
    progress.clear();
    let mut results = board.into_inner().unwrap_or_else(PoisonError::into_inner).results;
    (0..names.len()).filter_map(|i| results.remove(&i)).collect()
}

fn work(
    setup: &Setup,
    names: &[String],
    board: &Mutex<Board>,
    freed: &Condvar,
    progress: &Progress,
) {
    let mut guard = board.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if guard.waiting.is_empty() {
            return;
        }
        let Some(entry) = guard.take() else {
            guard = freed.wait(guard).unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(guard);
        let verdict = setup.run(&names[entry.index]);
        guard = board.lock().unwrap_or_else(PoisonError::into_inner);
        guard.give_back(&entry, verdict);
        progress.show(guard.results.len());
        freed.notify_all();
    }
}

/// What the test's own section and its folder's CONFLICTS file name.
fn keys_of(root: &Path, name: &str, folders: &mut HashMap<String, Vec<String>>) -> Vec<String> {
    let path = root.join(name);
    let folder = name.rsplit_once('/').map_or("", |(dir, _)| dir);
    let mut keys = folders
        .entry(folder.to_owned())
        .or_insert_with(|| {
            let text = path.with_file_name("CONFLICTS");
            conflict_names(&std::fs::read_to_string(text).unwrap_or_default())
        })
        .clone();
    // An unusable test is reported when its turn comes.
    if let Ok(test) = Phpt::read(&path) {
        keys.extend(test.conflicts());
    }
    keys
}

struct Progress {
    total: usize,
    terminal: bool,
    state: Mutex<Instant>,
    started: Instant,
}

impl Progress {
    fn new(total: usize) -> Progress {
        let now = Instant::now();
        let terminal = std::io::stderr().is_terminal();
        Progress { total, terminal, state: Mutex::new(now), started: now }
    }

    fn show(&self, done: usize) {
        let pause = Duration::from_secs(if self.terminal { 1 } else { 30 });
        let mut last = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < pause {
            return;
        }
        *last = Instant::now();
        let end = if self.terminal { "\r" } else { "\n" };
        eprint!("{done}/{} after {} s{end}", self.total, self.started.elapsed().as_secs());
        // Progress that cannot be shown is no loss.
        let _ = std::io::stderr().flush();
    }

    fn clear(&self) {
        if self.terminal {
            eprint!("\x1b[2K\r");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Status;
    use crate::phpt::Form;

    fn board(keys: &[&[&str]]) -> Board {
        let entry = |(index, keys): (usize, &&[&str])| Entry {
            index,
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        };
        let mut waiting: Vec<Entry> = keys.iter().enumerate().map(entry).collect();
        waiting.reverse();
        Board { waiting, ..Board::default() }
    }

    fn verdict() -> Verdict {
        Verdict {
            status: Status::Pass,
            reason: String::new(),
            output: Vec::new(),
            expected: (Form::Exact, Vec::new()),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn tests_with_a_common_name_do_not_overlap() {
        let mut board = board(&[&["db"], &["db"], &[]]);
        let first = board.take().unwrap();
        assert_eq!(board.take().unwrap().index, 2);
        assert!(board.take().is_none());
        board.give_back(&first, verdict());
        assert_eq!(board.take().unwrap().index, 1);
    }

    #[test]
    fn all_means_alone() {
        let mut board = board(&[&["all"], &[]]);
        let alone = board.take().unwrap();
        assert!(board.take().is_none());
        board.give_back(&alone, verdict());
        assert_eq!(board.take().unwrap().index, 1);
    }
}
