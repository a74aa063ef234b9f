//! A server with files of its own: started, watched from outside, told to stop.

use crate::http;
use std::fs::{self, File};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// All others are the defaults, that of the time for a stop too.
const OPTIONS: &str = "access_log = \"off\"\ncontrol_socket = \"off\"\n";
/// How long a start may take.
const START: Duration = Duration::from_secs(60);

/// What every start of the server shares.
pub struct Setup {
    /// The program.
    pub program: PathBuf,
    /// The folder of pages.
    pub site: PathBuf,
    /// Where the server and its pages keep their files.
    pub data: PathBuf,
    /// Where it listens, at every start.
    pub address: SocketAddr,
}

impl Setup {
    /// Makes the folders, and takes an address that nobody uses.
    pub fn new(program: PathBuf, site: PathBuf, data: PathBuf) -> io::Result<Setup> {
        for folder in ["sessions", "uploads", "temp"] {
            fs::create_dir_all(data.join(folder))?;
        }
        fs::write(data.join("outlast.toml"), OPTIONS)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Setup { program, site, data, address })
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) -> io::Result<Server> {
        let log = File::options().append(true).create(true).open(self.log())?;
        let setting =
            |name: &str, folder: &str| format!("{name}={}", self.data.join(folder).display());
        let child = Command::new(&self.program)
            .args(["serve", "-n", "--listen", &self.address.to_string(), "--config"])
            .arg(self.data.join("outlast.toml"))
            .args(["-d", &setting("session.save_path", "sessions")])
            .args(["-d", &setting("upload_tmp_dir", "uploads")])
            .args(["-d", &setting("sys_temp_dir", "temp")])
            .args(["-d", "display_errors=0", "-d", "log_errors=1"])
            .arg(&self.site)
            .env("SOAK_DATA", &self.data)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut server = Server { child, address: self.address };
        let until = Instant::now() + START;
        while http::get(self.address, "/hello.php", "").is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(io::Error::other(format!("the server does not start: {status}")));
            }
            if Instant::now() > until {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// The file with what the server has to say.
    pub fn log(&self) -> PathBuf {
        self.data.join("server.log")
    }
}

/// A server that runs; killed when dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

/// What the system and the server's metrics say of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Look {
    /// Resident bytes.
    pub memory: u64,
    /// Open files and sockets.
    pub files: usize,
    /// Threads.
    pub threads: usize,
    /// Locks on files that it holds.
    pub locks: usize,
    /// Scripts that run.
    pub running: u64,
    /// Those of them whose client has gone.
    pub detached: u64,
    /// Scripts ended by a bug of the server.
    pub panicked: u64,
    /// Open connections, the one that asks included.
    pub connections: u64,
    /// Nanoseconds that its threads have run.
    pub ran: u64,
    /// Nanoseconds that its threads were ready to run, and had no core.
    pub starved: u64,
}

impl Server {
    /// Looks at it. What its metrics say is an error where it does not answer.
    pub fn look(&self) -> io::Result<Look> {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let metrics = http::get(self.address, "/_outlast/metrics", "")?;
        let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
        let sum = |name: &str| {
            let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
            let values = lines.filter(|rest| rest.starts_with([' ', '{']));
            values.filter_map(|rest| rest.rsplit(' ').next()?.parse::<u64>().ok()).sum::<u64>()
        };
        let (ran, starved) = cores(&process);
        Ok(Look {
            ran,
            starved,
            memory: field(&process, "VmRSS:").unwrap_or(0) << 10,
            files: fs::read_dir(process.join("fd"))?.count(),
            threads: field(&process, "Threads:").unwrap_or(0) as usize,
            locks: self.locks(),
            running: sum("outlast_scripts_running"),
            detached: sum("outlast_scripts_detached"),
            panicked: sum("outlast_scripts_panicked_total"),
            connections: sum("outlast_connections"),
        })
    }

    fn locks(&self) -> usize {
        let pid = self.child.id().to_string();
        let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
        locks.lines().filter(|line| line.split_whitespace().any(|word| word == pid)).count()
    }

    /// Tells it to stop, and waits: how it ended, and after what time.
    pub fn terminate(mut self) -> io::Result<(ExitStatus, Duration)> {
        let asked = Instant::now();
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        Ok((status, asked.elapsed()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How long the threads have run, and how long they were kept from it.
fn cores(process: &Path) -> (u64, u64) {
    let tasks = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    let times = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        let mut words = text.split(' ').map(str::parse::<u64>);
        Some((words.next()?.ok()?, words.next()?.ok()?))
    });
    times.fold((0, 0), |sum, time| (sum.0 + time.0, sum.1 + time.1))
}

fn field(process: &Path, name: &str) -> Option<u64> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}
