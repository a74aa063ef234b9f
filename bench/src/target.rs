//! The server under test: one that runs already, or a command that starts it.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Options that every benchmark has.
#[derive(clap::Args, Debug)]
pub struct TargetOptions {
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub address: SocketAddr,
    /// The server's process number, to measure its memory.
    #[arg(long)]
    pub pid: Option<u32>,
    /// A shell command that starts the server; it is stopped at the end.
    #[arg(long)]
    pub command: Option<String>,
}

/// The server under test; stopped when dropped, if it was started here.
pub struct Target {
    /// Where it listens.
    pub address: SocketAddr,
    pid: Option<u32>,
    child: Option<Child>,
}

impl TargetOptions {
    /// Starts the server if there is a command, and waits until it listens.
    pub fn open(self) -> io::Result<Target> {
        let child = match &self.command {
            None => None,
            Some(line) => {
                // `exec`, so that the process number is the server's own and not a shell's.
                let line = format!("exec {line}");
                let mut shell = Command::new("/bin/sh");
                Some(shell.args(["-c", &line]).stdout(Stdio::null()).spawn()?)
            }
        };
        let pid = self.pid.or(child.as_ref().map(Child::id));
        let target = Target { address: self.address, pid, child };
        let until = Instant::now() + Duration::from_secs(20);
        while let Err(error) = TcpStream::connect(target.address) {
            if Instant::now() > until {
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(target)
    }
}

impl Target {
    /// The server's resident memory in bytes, where its process number is known.
    pub fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid?)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes << 10)
    }
}

impl Target {
    /// The files and sockets that the server has open, where its process number is known.
    pub fn open_files(&self) -> Option<usize> {
        Some(std::fs::read_dir(format!("/proc/{}/fd", self.pid?)).ok()?.count())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
