//! Starting and stopping the servers, each with a document root and settings of its own.

mod apache;
mod builtin;
mod fpm;
mod outlast;

use crate::case::{Case, Settings};
use crate::options::{Options, Target};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How many attempts at a case there may be, each in a folder of its own.
pub const ATTEMPTS: usize = 3;

/// The cases that one started server serves.
pub struct Plan<'a> {
    pub cases: Vec<&'a Case>,
    /// What stands in its php.ini beside the usual.
    pub main: Settings,
}

impl Plan<'_> {
    /// The folders of all attempts, each with its case.
    fn folders(&self) -> impl Iterator<Item = (String, &Case)> {
        let of = |case: &Case| (0..ATTEMPTS).map(|n| folder(case, n)).collect::<Vec<_>>();
        self.cases.iter().flat_map(move |c| of(c).into_iter().map(move |f| (f, *c)))
    }
}

/// The folder of an attempt, below the document root.
pub fn folder(case: &Case, attempt: usize) -> String {
    format!("{}-{attempt}", case.slug())
}

/// A server that runs; ends with this value, where the suite started it.
pub struct Running {
    pub address: String,
    /// What stands before the paths of the cases in URLs.
    pub prefix: &'static str,
    pub root: PathBuf,
    processes: Vec<Child>,
    /// Where all it needs is, to be removed at the end.
    home: PathBuf,
}

/// Plans what must run to serve `cases`: one server, or one for each php.ini.
pub fn plans<'a>(target: &Target, cases: &[&'a Case]) -> Vec<Plan<'a>> {
    let mut plans: Vec<Plan<'a>> = Vec::new();
    for case in cases {
        let mut main = case.main.clone();
        if matches!(target, Target::BuiltIn(_)) {
            main.extend(&case.folder);
        }
        match plans.iter_mut().find(|p| p.main == main) {
            Some(plan) => plan.cases.push(case),
            None => plans.push(Plan { cases: vec![case], main }),
        }
    }
    plans
}

/// Starts `target` for `plan`, or joins the one that runs.
pub fn start(target: &Target, plan: &Plan, options: &Options) -> Result<Running, String> {
    if let Target::Running { address, root, .. } = target {
        // A folder of the suite's own, so that nothing of the site's is touched.
        let root = root.join("lifecycle-suite");
        make_folder(&root)?;
        fill(&root, plan)?;
        return Ok(Running {
            address: address.clone(),
            prefix: "/lifecycle-suite",
            root: root.clone(),
            processes: Vec::new(),
            home: root,
        });
    }
    let home = temporary()?;
    let root = home.join("root");
    make_folder(&root)?;
    fill(&root, plan)?;
    let mut ini = match &options.php_ini {
        Some(path) => fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => String::new(),
    };
    ini.push_str(BASE_INI);
    for (name, value) in &plan.main {
        ini.push_str(&format!("{name} = {value}\n"));
    }
    write(&home.join("php.ini"), &ini)?;
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .map_err(|e| format!("no free port: {e}"))?
        .port();
    let site = Site { home: &home, root: &root, port, plan };
    let commands = match target {
        Target::Outlast(binary) => outlast::commands(&site, binary)?,
        Target::Fpm { fpm, nginx } => fpm::commands(&site, fpm, nginx)?,
        Target::Apache { apache, modules } => apache::commands(&site, apache, modules)?,
        Target::BuiltIn(php) => builtin::commands(&site, php)?,
        Target::Running { .. } => Vec::new(),
    };
    let mut running = Running {
        address: format!("127.0.0.1:{port}"),
        prefix: "",
        root: root.clone(),
        processes: Vec::new(),
        home: home.clone(),
    };
    for mut command in commands {
        let log = fs::File::create(home.join(format!("output-{}.log", running.processes.len())))
            .map_err(|e| e.to_string())?;
        let other = log.try_clone().map_err(|e| e.to_string())?;
        // A group of its own, so that its workers can be ended with it.
        command.stdin(Stdio::null()).stdout(log).stderr(other).process_group(0);
        let child = command.spawn().map_err(|e| format!("{:?}: {e}", command.get_program()))?;
        running.processes.push(child);
    }
    running.wait()?;
    Ok(running)
}

/// What a server's configuration is made from.
struct Site<'a> {
    home: &'a Path,
    root: &'a Path,
    port: u16,
    plan: &'a Plan<'a>,
}

const BASE_INI: &str = "
output_buffering = 0
display_errors = 0
log_errors = 1
error_reporting = E_ALL
max_execution_time = 60
user_ini.cache_ttl = 0
date.timezone = UTC
";

impl Running {
    /// The version of PHP that answers.
    pub fn version(&self) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let request = format!(
            "GET {}/probe.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            self.prefix
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let response = crate::response::Response::of(&bytes);
        (response.status == 200).then(|| response.text())
    }

    fn wait(&mut self) -> Result<(), String> {
        let start = Instant::now();
        while self.version().is_none() {
            let ended = self.processes.iter_mut().any(|c| matches!(c.try_wait(), Ok(Some(_))));
            if ended || start.elapsed() > Duration::from_secs(20) {
                return Err(format!("it does not serve; it says: {}", self.said()));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn said(&self) -> String {
        let logs = (0..self.processes.len()).map(|n| self.home.join(format!("output-{n}.log")));
        let logs = logs.chain([self.home.join("error.log")]);
        logs.filter_map(|p| fs::read_to_string(p).ok()).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let signal = |child: &Child, signal| {
            if let Some(pid) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
                let _ = rustix::process::kill_process_group(pid, signal);
            }
        };
        for child in self.processes.iter().rev() {
            signal(child, rustix::process::Signal::TERM);
        }
        let start = Instant::now();
        for child in &mut self.processes {
            while matches!(child.try_wait(), Ok(None)) && start.elapsed() < Duration::from_secs(3) {
                std::thread::sleep(Duration::from_millis(20));
            }
            signal(child, rustix::process::Signal::KILL);
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn temporary() -> Result<PathBuf, String> {
    let stamp = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |d| d.as_nanos() % 1_000_000_000);
    let home = std::env::temp_dir().join(format!("lifecycle-{}-{stamp}", std::process::id()));
    make_folder(&home)?;
    Ok(home)
}

/// A folder that the server's user may write to, whoever that is.
fn make_folder(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o777)))
        .map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o666)))
        .map_err(|e| format!("{}: {e}", path.display()))
}

/// Puts scripts and settings of all cases into a document root.
fn fill(root: &Path, plan: &Plan) -> Result<(), String> {
    write(&root.join("lib.php"), &script("lib.php")?)?;
    write(&root.join("probe.php"), &script("probe.php")?)?;
    for (name, case) in plan.folders() {
        let folder = root.join(&name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        make_folder(&folder)?;
        for file in case.scripts {
            write(&folder.join(file), &script(file)?)?;
        }
        write(&folder.join("log.txt"), "")?;
        let log = folder.join("php.log");
        let log = format!("\"{}\"", log.display());
        // What the case itself sets comes later, and wins.
        let usual =
            [("error_log", log.as_str()), ("output_buffering", "0"), ("display_errors", "0")];
        let mut user_ini: String = usual.iter().map(|(n, v)| format!("{n} = {v}\n")).collect();
        let mut htaccess: String =
            usual.iter().map(|(n, v)| format!("php_value {n} {v}\n")).collect();
        for (name, value) in &case.folder {
            user_ini.push_str(&format!("{name} = {value}\n"));
            let switch = matches!(*value, "On" | "Off");
            let directive = if switch { "php_flag" } else { "php_value" };
            htaccess.push_str(&format!("{directive} {name} {value}\n"));
        }
        if case.front == crate::case::Front::Gzip {
            htaccess.push_str("SetOutputFilter DEFLATE\n");
        }
        write(&folder.join(".user.ini"), &user_ini)?;
        write(&folder.join(".htaccess"), &htaccess)?;
    }
    Ok(())
}

macro_rules! scripts {
    ($($name:literal),* $(,)?) => {
        /// One of the suite's PHP scripts.
        fn script(name: &str) -> Result<String, String> {
            match name {
                $($name => Ok(include_str!(concat!("../php/", $name)).to_owned()),)*
                _ => Err(format!("there is no script {name}")),
            }
        }
    };
}

scripts!(
    "000-printed.php",
    "000.php",
    "004-printed.php",
    "004.php",
    "ends.php",
    "finish.php",
    "holder.php",
    "ini.php",
    "large.php",
    "lib.php",
    "limits.php",
    "loop.php",
    "post.php",
    "probe.php",
    "rows.php",
    "second.php",
    "tables.php",
    "waits.php",
);
