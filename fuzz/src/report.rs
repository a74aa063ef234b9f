//! Failures by kind: the first of each is saved and shown.

use crate::engine::Verdict;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// The kinds of failures met so far.
#[derive(Debug)]
pub struct Report {
    folder: PathBuf,
    seen: HashSet<String>,
    start: Instant,
    last_new: Instant,
}

impl Report {
    /// Failures are saved in `folder`.
    pub fn new(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let now = Instant::now();
        Ok(Self { folder, seen: HashSet::new(), start: now, last_new: now })
    }

    /// Is it the first failure where the engines part like this?
    pub fn is_new(&mut self, ours: &Verdict, theirs: &Verdict) -> bool {
        self.seen.insert(kind(ours, theirs))
    }

    /// How many kinds there are.
    pub fn kinds(&self) -> usize {
        self.seen.len()
    }

    /// Saves and shows a failing input with what the engines say of it.
    pub fn add(&mut self, input: &[u8], ours: &Verdict, theirs: &Verdict) -> io::Result<()> {
        self.last_new = Instant::now();
        let file = self.folder.join(format!("{:016x}.php", hash(input)));
        std::fs::write(&file, input)?;
        println!("== {}", file.display());
        println!("{}", String::from_utf8_lossy(input));
        println!("-- engine: {}\n-- reference: {}\n", ours, theirs);
        Ok(())
    }

    /// The last lines.
    pub fn finish(&self, inputs: usize) {
        println!(
            "{inputs} inputs in {} s, {} kinds of failures, none new for {} s",
            self.start.elapsed().as_secs(),
            self.seen.len(),
            self.last_new.elapsed().as_secs()
        );
    }
}

/// The first lines that differ, without names and numbers.
fn kind(ours: &Verdict, theirs: &Verdict) -> String {
    let (ours, theirs) = (ours.to_string(), theirs.to_string());
    let (mut left, mut right) = (ours.lines(), theirs.lines());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return String::new(),
            (a, b) if a == b => {}
            (a, b) => return format!("{} / {}", plain(a), plain(b)),
        }
    }
}

fn plain(line: Option<&str>) -> String {
    let line = line.unwrap_or("end");
    let mut text = String::new();
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '0'..='9' if text.ends_with('0') => {}
            '0'..='9' => text.push('0'),
            _ => text.push(c),
        }
    }
    text
}

/// FNV-1a.
fn hash(text: &[u8]) -> u64 {
    text.iter()
        .fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
