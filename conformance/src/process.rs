//! Runs one command in its own process group, with a time limit and bounds on its output
//! and memory.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How often the memory of a running test is looked at.
const TICK: Duration = Duration::from_millis(100);
/// How long a pipe may stay open in grandchildren once the test itself is gone.
const LINGER: Duration = Duration::from_secs(3);
/// More output than any test needs.
const MAX_OUTPUT: usize = 16 << 20;
/// What fits into a pipe without a reader.
const PIPE_ROOM: usize = 32 << 10;

/// A command to run.
pub struct Job {
    /// The program and its first arguments, then the rest.
    pub argv: Vec<OsString>,
    /// Set on top of the runner's own environment.
    pub env: Vec<(String, OsString)>,
    /// The working directory.
    pub cwd: PathBuf,
    /// What the command reads.
    pub stdin: Vec<u8>,
    /// Whether standard output, and standard error, are collected.
    pub capture: (bool, bool),
    /// Wall-clock limit.
    pub limit: Duration,
    /// Bytes of memory in use after which the group is killed.
    pub max_memory: u64,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It exited with this code.
    Exit(i32),
    /// A signal that it did not get from us ended it.
    Signal(i32),
    /// It ran over the time limit.
    TimeLimit,
    /// It went over the memory limit.
    Memory,
    /// It wrote without end.
    Output,
}

/// What came of a command.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Standard output and error, interleaved as written.
    pub output: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// Runs the job to its end, or to the end of its patience.
pub fn run(job: Job) -> std::io::Result<Outcome> {
    let (mut reader, writer) = std::io::pipe()?;
    let sink = |wanted: bool| -> std::io::Result<Stdio> {
        if wanted { Ok(writer.try_clone()?.into()) } else { Ok(Stdio::null()) }
    };
    let mut command = Command::new(&job.argv[0]);
    command
        .args(&job.argv[1..])
        .envs(job.env.iter().map(|(k, v)| (k, v)))
        .current_dir(&job.cwd)
        .stdin(Stdio::piped())
        .stdout(sink(job.capture.0)?)
        .stderr(sink(job.capture.1)?)
        .process_group(0);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO") || text.starts_with("RUST") {
            command.env_remove(&name);
        }
    }
    let mut child = command.spawn()?;
    // The command holds copies of the pipe's writing end: without dropping both, no end of file.
    drop(command);
    drop(writer);

    let pid = Pid::from_child(&child);
    let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
    feed(child.stdin.take(), job.stdin);

    let mut watch = Watch { pid, started: Instant::now(), exited: None, output: Vec::new() };
    let stopped = watch.collect(&mut reader, &pidfd, job.limit, job.max_memory)?;
    // Also ends servers that the test left behind in its group.
    let _ = kill_process_group(pid, Signal::KILL);
    let status = child.wait()?;
    let end = match stopped {
        Some(end) => end,
        None => match status.signal() {
            Some(signal) => End::Signal(signal),
            None => End::Exit(status.code().unwrap_or(-1)),
        },
    };
    Ok(Outcome { output: watch.output, end })
}

fn feed(stdin: Option<std::process::ChildStdin>, input: Vec<u8>) {
    let Some(mut stdin) = stdin else { return };
    // A test that does not read its input is no error.
    if input.len() <= PIPE_ROOM {
        let _ = stdin.write_all(&input);
    } else {
        std::thread::spawn(move || {
            let _ = stdin.write_all(&input);
        });
    }
}

struct Watch {
    pid: Pid,
    started: Instant,
    exited: Option<Instant>,
    output: Vec<u8>,
}

impl Watch {
    /// Reads until the pipe closes and the leader has exited; says why it stopped early if so.
    fn collect(
        &mut self,
        reader: &mut std::io::PipeReader,
        pidfd: &OwnedFd,
        limit: Duration,
        max_memory: u64,
    ) -> std::io::Result<Option<End>> {
        let mut open = true;
        let mut buffer = vec![0; 64 << 10];
        let mut looked = self.started;
        while open || self.exited.is_none() {
            let now = Instant::now();
            if now.duration_since(self.started) >= limit {
                return Ok(Some(End::TimeLimit));
            }
            if self.exited.is_some_and(|at| now.duration_since(at) > LINGER) {
                return Ok(None);
            }
            if now.duration_since(looked) >= TICK {
                looked = now;
                if resident(self.pid) > max_memory {
                    return Ok(Some(End::Memory));
                }
            }
            let (readable, exited) = {
                let none = PollFlags::empty();
                let mut fds = [
                    PollFd::new(&*reader, if open { PollFlags::IN } else { none }),
                    PollFd::new(pidfd, if self.exited.is_none() { PollFlags::IN } else { none }),
                ];
                let skip = usize::from(!open);
                let count = 2 - usize::from(self.exited.is_some()) - skip;
                let slice = &mut fds[skip..skip + count];
                let wait = Timespec { tv_sec: 0, tv_nsec: TICK.as_nanos() as i64 };
                match poll(slice, Some(&wait)) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(e) => return Err(e.into()),
                }
                (!fds[0].revents().is_empty(), !fds[1].revents().is_empty())
            };
            if exited && self.exited.is_none() {
                self.exited = Some(now);
            }
            if open && readable {
                let n = reader.read(&mut buffer)?;
                open = n > 0;
                self.output.extend_from_slice(&buffer[..n]);
                if self.output.len() > MAX_OUTPUT {
                    self.output.truncate(MAX_OUTPUT);
                    return Ok(Some(End::Output));
                }
            }
        }
        Ok(None)
    }
}

/// Memory of a process in use, in bytes; 0 when it is gone.
fn resident(pid: Pid) -> u64 {
    let statm = std::fs::read_to_string(format!("/proc/{}/statm", pid.as_raw_nonzero()));
    let pages = statm
        .ok()
        .and_then(|s| s.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()))
        .unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(script: &str) -> Job {
        Job {
            argv: ["sh", "-c", script].map(OsString::from).to_vec(),
            env: vec![("GREETING".to_owned(), "hello".into())],
            cwd: std::env::temp_dir(),
            stdin: b"in\n".to_vec(),
            capture: (true, true),
            limit: Duration::from_secs(20),
            max_memory: u64::MAX,
        }
    }

    #[test]
    fn collects_both_streams_and_the_exit_code() {
        let outcome = run(job("read x; echo $GREETING $x; echo err >&2; exit 3")).unwrap();
        assert_eq!(outcome.output, b"hello in\nerr\n");
        assert_eq!(outcome.end, End::Exit(3));
    }

    #[test]
    fn leaves_out_what_is_not_captured() {
        let outcome = run(Job { capture: (true, false), ..job("echo a; echo b >&2") }).unwrap();
        assert_eq!(outcome.output, b"a\n");
    }

    #[test]
    fn sees_a_signal() {
        assert_eq!(run(job("kill -SEGV $$")).unwrap().end, End::Signal(11));
    }

    #[test]
    fn kills_the_whole_group_at_the_limit() {
        let quick = Job { limit: Duration::from_millis(200), ..job("sleep 600 & sleep 600") };
        assert_eq!(run(quick).unwrap().end, End::TimeLimit);
    }

    #[test]
    fn stops_endless_output() {
        assert_eq!(run(job("yes")).unwrap().end, End::Output);
    }
}
