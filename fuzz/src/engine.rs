//! An engine as a command, and what it says of many files in few processes.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A command line that understands PHP's options.
#[derive(Debug, Clone)]
pub struct Engine {
    words: Vec<String>,
    /// How long one process may take.
    limit: Duration,
}

/// What became of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Exited,
    Killed,
    TooLong,
}

/// What an engine did with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It printed this.
    Said(Vec<u8>),
    /// It died of a signal, or panicked, after printing this.
    Crashed(Vec<u8>),
    /// It took longer than the limit.
    Hung,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Said(text) => f.write_str(&String::from_utf8_lossy(text)),
            Verdict::Crashed(text) => write!(f, "CRASHED {}", String::from_utf8_lossy(text)),
            Verdict::Hung => f.write_str("HUNG"),
        }
    }
}

impl Engine {
    /// `command` is split at blanks.
    pub fn new(command: &str, limit: Duration) -> io::Result<Self> {
        let mut words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let Some(program) = words.first_mut() else {
            return Err(io::Error::other("the command of an engine is empty"));
        };
        // Processes start in another folder.
        if program.contains('/') {
            *program = std::path::absolute(&*program)?.to_string_lossy().into_owned();
        }
        Ok(Self { words, limit })
    }

    /// What `-l` says of each file.
    pub fn lint(&self, folder: &Path, names: &[String]) -> io::Result<Vec<Verdict>> {
        let done = |output: &[u8], name: &str| {
            let ends = [
                format!("Errors parsing {name}\n"),
                format!("No syntax errors detected in {name}\n"),
            ];
            ends.iter().filter_map(|end| Some(find(output, end.as_bytes())? + end.len())).min()
        };
        self.each(folder, names, &["-l"], done)
    }

    /// What each file prints; `driver` is the script that runs the files it is given, each followed by
    /// `marker`.
    pub fn run(
        &self,
        folder: &Path,
        driver: &str,
        marker: &str,
        names: &[String],
    ) -> io::Result<Vec<Verdict>> {
        let done = |output: &[u8], name: &str| {
            let end = format!("{marker}{name}\n");
            Some(find(output, end.as_bytes())? + end.len())
        };
        self.each(folder, names, &[driver], done)
    }

    /// Runs processes until each file has its verdict: where one dies, the next goes on behind it.
    fn each(
        &self,
        folder: &Path,
        names: &[String],
        options: &[&str],
        done: impl Fn(&[u8], &str) -> Option<usize>,
    ) -> io::Result<Vec<Verdict>> {
        let mut verdicts = Vec::new();
        while verdicts.len() < names.len() {
            let (end, output, errors) = self.process(folder, options, &names[verdicts.len()..])?;
            let mut rest = &output[..];
            while let Some(name) = names.get(verdicts.len()) {
                let Some(length) = done(rest, name) else { break };
                verdicts.push(Verdict::Said(rest[..length].to_vec()));
                rest = &rest[length..];
            }
            if verdicts.len() < names.len() {
                let panicked = find(&errors, b"panicked at").is_some();
                verdicts.push(match end {
                    End::TooLong => Verdict::Hung,
                    End::Exited if !panicked => Verdict::Said(rest.to_vec()),
                    End::Exited | End::Killed => Verdict::Crashed([rest, &errors[..]].concat()),
                });
            }
        }
        Ok(verdicts)
    }

    fn process(
        &self,
        folder: &Path,
        options: &[&str],
        names: &[String],
    ) -> io::Result<(End, Vec<u8>, Vec<u8>)> {
        let (output, errors) = (folder.join("output"), folder.join("errors"));
        let mut child = Command::new(&self.words[0])
            .args(&self.words[1..])
            .args(options)
            .args(names)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(File::create(&output)?)
            .stderr(File::create(&errors)?)
            .spawn()?;
        let start = Instant::now();
        let end = loop {
            if let Some(status) = child.try_wait()? {
                break if was_killed(status) { End::Killed } else { End::Exited };
            }
            if start.elapsed() > self.limit {
                child.kill()?;
                child.wait()?;
                break End::TooLong;
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Ok((end, std::fs::read(output)?, std::fs::read(errors)?))
    }
}

/// By a signal: seen directly, or told by a shell in between.
fn was_killed(status: ExitStatus) -> bool {
    status.code().is_none_or(|code| (129..160).contains(&code))
}

/// Where `needle` begins in `text`.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

/// Writes the texts as files of `folder` and gives their names.
pub fn write_all(folder: &Path, texts: &[Vec<u8>]) -> io::Result<Vec<String>> {
    let name = |n: usize| format!("p{n}.php");
    for (n, text) in texts.iter().enumerate() {
        std::fs::write(folder.join(name(n)), text)?;
    }
    Ok((0..texts.len()).map(name).collect())
}

/// A folder for the files of this process, removed at the end.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder among the temporary ones.
    pub fn new(name: &str) -> io::Result<Self> {
        let folder =
            std::env::temp_dir().join(format!("outlast-fuzz-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind, it is only untidy.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
