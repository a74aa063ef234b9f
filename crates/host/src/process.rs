//! Child processes whose pipes park.
#![allow(unsafe_code)] // descriptors beyond 2, and signals; see the SAFETY lines

use crate::Result;
use crate::blocking::wait_at_most;
use crate::pipe::{ReadEnd, WriteEnd};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use tokio::process as tokio_process;

/// What a child finds at one of its descriptors.
#[derive(Debug)]
pub enum Descriptor {
    /// A pipe; the child reads from it.
    PipeIn,
    /// A pipe; the child writes to it.
    PipeOut,
    /// `/dev/null`.
    Null,
    /// What the server has there.
    Inherit,
    /// This file, or anything else that is open.
    Open(OwnedFd),
}

/// Our end of a child's pipe.
#[derive(Debug)]
pub enum PipeEnd {
    /// We read what the child writes.
    Read(ReadEnd),
    /// We write what the child reads.
    Write(WriteEnd),
}

/// What to run.
#[derive(Clone, Copy, Debug)]
pub enum Program<'a> {
    /// A command line for `/bin/sh`.
    Shell(&'a [u8]),
    /// A program and its arguments.
    Arguments(&'a [Vec<u8>]),
}

/// A running or ended child.
#[derive(Debug)]
pub struct Child {
    child: RefCell<tokio_process::Child>,
    id: u32,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Its exit code, if it ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Exit {
        Exit { code: status.code(), signal: status.signal() }
    }
}

/// Starts a child; must be called inside a script. Returns our ends of its pipes by descriptor.
pub fn spawn(
    program: Program<'_>,
    directory: &Path,
    environment: Option<&[(Vec<u8>, Vec<u8>)]>,
    descriptors: Vec<(RawFd, Descriptor)>,
) -> io::Result<(Child, Vec<(RawFd, PipeEnd)>)> {
    let mut command = match program {
        Program::Shell(line) => {
            let mut command = tokio_process::Command::new("/bin/sh");
            command.arg0("sh").arg("-c").arg(OsStr::from_bytes(line));
            command
        }
        Program::Arguments(arguments) => {
            let (first, rest) = arguments
                .split_first()
                .ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
            let mut command = tokio_process::Command::new(OsStr::from_bytes(first));
            command.args(rest.iter().map(|argument| OsStr::from_bytes(argument)));
            command
        }
    };
    command.current_dir(directory);
    if let Some(environment) = environment {
        let pairs = environment.iter();
        command
            .env_clear()
            .envs(pairs.map(|(name, value)| (OsStr::from_bytes(name), OsStr::from_bytes(value))));
    }
    let mut ours = Vec::new();
    let mut beyond = Vec::new();
    for (number, descriptor) in descriptors {
        let theirs = match descriptor {
            Descriptor::PipeIn => {
                let (reader, writer) = io::pipe()?;
                ours.push((number, PipeEnd::Write(WriteEnd::new(writer.into())?)));
                Some(reader.into())
            }
            Descriptor::PipeOut => {
                let (reader, writer) = io::pipe()?;
                ours.push((number, PipeEnd::Read(ReadEnd::new(reader.into())?)));
                Some(writer.into())
            }
            Descriptor::Null => {
                Some(std::fs::File::options().read(true).write(true).open("/dev/null")?.into())
            }
            Descriptor::Inherit => None,
            Descriptor::Open(fd) => Some(fd),
        };
        let stdio = |fd: Option<OwnedFd>| fd.map_or_else(Stdio::inherit, Stdio::from);
        match number {
            0 => drop(command.stdin(stdio(theirs))),
            1 => drop(command.stdout(stdio(theirs))),
            2 => drop(command.stderr(stdio(theirs))),
            _ => beyond.extend(theirs.map(|fd| (number, fd))),
        }
    }
    if !beyond.is_empty() {
        let moves: Vec<(RawFd, RawFd)> =
            beyond.iter().map(|(number, fd)| (fd.as_raw_fd(), *number)).collect();
        // SAFETY: between fork and exec the closure only calls dup2 and fcntl, which are async-signal-safe, on
        // descriptors that `beyond` keeps open until the child is spawned; it allocates nothing.
        unsafe {
            command.pre_exec(move || {
                for &(from, to) in &moves {
                    // dup2 onto itself would leave close-on-exec set.
                    let done = if from == to {
                        libc::fcntl(from, libc::F_SETFD, 0)
                    } else {
                        libc::dup2(from, to)
                    };
                    if done < 0 {
                        return Err(io::Error::last_os_error());
                    }
                }
                Ok(())
            });
        }
    }
    let child = command.spawn()?;
    drop(beyond);
    let id = child.id().unwrap_or(0);
    Ok((Child { child: RefCell::new(child), id }, ours))
}

impl Child {
    /// The child's process number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> io::Result<Option<Exit>> {
        Ok(self.child.borrow_mut().try_wait()?.map(Exit::from))
    }

    /// Waits for its end.
    pub fn wait(&self) -> Result<Exit> {
        // The borrow is taken anew at each poll: it must not be held while the script is parked.
        let status = wait_at_most(
            None,
            std::future::poll_fn(|cx| {
                let mut child = self.child.borrow_mut();
                let waiting = std::pin::pin!(child.wait());
                waiting.poll(cx)
            }),
        )?;
        Ok(status.into())
    }

    /// Sends a signal; false if it has ended.
    pub fn signal(&self, signal: i32) -> bool {
        if !matches!(self.ended(), Ok(None)) {
            return false;
        }
        // SAFETY: the child is ours and not reaped, so its number names no other process.
        unsafe { libc::kill(self.id.cast_signed(), signal) == 0 }
    }
}

/// Runs a shell command to its end; returns what it wrote and how it ended.
pub fn run_shell(line: &[u8], directory: &Path) -> Result<(Vec<u8>, Exit)> {
    let (child, pipes) = spawn(
        Program::Shell(line),
        directory,
        None,
        vec![(0, Descriptor::Inherit), (1, Descriptor::PipeOut), (2, Descriptor::Inherit)],
    )?;
    let mut output = Vec::new();
    for (_, end) in pipes {
        if let PipeEnd::Read(end) = end {
            output = end.read_all()?;
        }
    }
    Ok((output, child.wait()?))
}
