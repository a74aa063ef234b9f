//! The servers that are compared: Outlast, nginx with php-fpm, and Apache with mod_php, each with files of its
//! own and nothing of the system's configuration.

use crate::http;
use std::fmt;
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take.
const START: Duration = Duration::from_secs(20);

/// Children of php-fpm, and the least that Apache has.
const CHILDREN: usize = 8;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `outlast serve`
    Outlast,
    /// nginx, and php-fpm behind it on a Unix socket.
    Nginx,
    /// Apache with its prefork MPM and mod_php.
    Apache,
}

impl Kind {
    /// What tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Outlast => "Outlast",
            Kind::Nginx => "nginx + php-fpm",
            Kind::Apache => "Apache + mod_php",
        }
    }
}

/// Where the programs are.
pub struct Programs {
    /// Outlast.
    pub outlast: PathBuf,
    /// The root of the Debian system that has the others; `/` for the one that runs.
    pub root: PathBuf,
}

impl Programs {
    /// A folder for the files of servers and pages, where all of them can read it.
    pub fn folder(&self, name: &str) -> PathBuf {
        let temp = if self.is_here() { std::env::temp_dir() } else { self.root.join("tmp") };
        temp.join(format!("outlast-{name}-{}", std::process::id()))
    }

    fn is_here(&self) -> bool {
        self.root == Path::new("/")
    }

    /// A program of the other system, which sees that system's files.
    pub fn of_root(&self, path: &str) -> Command {
        if self.is_here() {
            return Command::new(path);
        }
        let mut command = Command::new("chroot");
        command.arg(&self.root).arg(path);
        command
    }

    /// What the other system calls this path.
    pub fn inside<'a>(&self, path: &'a Path) -> InsidePath<'a> {
        match path.strip_prefix(&self.root) {
            Ok(inside) if !self.is_here() => InsidePath { slash: "/", path: inside },
            _ => InsidePath { slash: "", path },
        }
    }

    fn extensions(&self) -> io::Result<PathBuf> {
        let folder = self.root.join("usr/lib/php");
        let mut found = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
        found.find(|path| path.join("opcache.so").is_file()).ok_or(io::ErrorKind::NotFound.into())
    }
}

/// A path as a configuration names it.
pub struct InsidePath<'a> {
    slash: &'static str,
    path: &'a Path,
}

impl fmt::Display for InsidePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.slash, self.path.display())
    }
}

/// A server that runs; stopped when dropped.
pub struct Served {
    /// Which it is.
    pub kind: Kind,
    /// Where it listens.
    pub address: SocketAddr,
    children: Vec<Child>,
}

impl Served {
    /// Starts a server for the pages of `site` with `workers` workers; its own files go to `folder`.
    ///
    /// # Errors
    /// If a program is missing or the server does not answer.
    pub fn start(
        kind: Kind,
        programs: &Programs,
        site: &Path,
        folder: &Path,
        workers: usize,
    ) -> io::Result<Served> {
        let own = folder.join(format!("{kind:?}"));
        fs::create_dir_all(&own)?;
        // The servers' children run as somebody else.
        share(folder)?;
        let folder = own;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let commands = match kind {
            Kind::Outlast => outlast(programs, site, &folder, address, workers)?,
            Kind::Nginx => nginx(programs, site, &folder, address, workers)?,
            Kind::Apache => apache(programs, site, &folder, address)?,
        };
        let mut served = Served { kind, address, children: Vec::new() };
        let log = fs::File::options().create(true).append(true).open(folder.join("log"))?;
        for mut command in commands {
            let command = command.stdin(Stdio::null()).stdout(Stdio::null());
            served.children.push(command.stderr(log.try_clone()?).spawn()?);
        }
        let until = Instant::now() + START;
        loop {
            if http::get(address, "/hello.php", "").is_ok_and(|answer| answer.status == 200) {
                return Ok(served);
            }
            if Instant::now() > until {
                let log = fs::read_to_string(folder.join("log"))?;
                return Err(io::Error::other(format!("{} does not start: {log}", kind.name())));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Nanoseconds that all its threads have run.
    pub fn processor_time(&self) -> u64 {
        self.processes().iter().map(|&process| ran(process)).sum()
    }

    /// The memory in bytes that each of its processes has for itself alone.
    pub fn memory(&self) -> Vec<u64> {
        let read = |process: &u32| {
            let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
            let own = text.lines().filter_map(|line| line.strip_prefix("Private_"));
            let own = own.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
            Some(own.sum::<u64>() << 10)
        };
        self.processes().iter().filter_map(read).collect()
    }

    /// The processes started here and those that they have started.
    fn processes(&self) -> Vec<u32> {
        let mut found: Vec<u32> = self.children.iter().map(Child::id).collect();
        let all: Vec<(u32, u32)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
                let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
                Some((entry.file_name().to_str()?.parse().ok()?, parent))
            })
            .collect();
        let mut at = 0;
        while at < found.len() {
            let parent = found[at];
            found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(process, _)| process));
            at += 1;
        }
        found
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        for child in &mut self.children {
            // Told, not killed: these end their own children. It may have ended by itself.
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

/// Lets everybody read what is in a folder.
fn share(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            share(&path)?;
        } else if path.is_file() {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        }
    }
    Ok(())
}

/// How long the threads of a process have run, in nanoseconds.
fn ran(process: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let times = tasks.filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    times.sum()
}

fn outlast(
    programs: &Programs,
    site: &Path,
    folder: &Path,
    address: SocketAddr,
    workers: usize,
) -> io::Result<Vec<Command>> {
    let config = folder.join("outlast.toml");
    fs::write(&config, "access_log = \"off\"\ncontrol_socket = \"off\"\n")?;
    let mut command = Command::new(&programs.outlast);
    command.args(["serve", "-n", "-d", "output_buffering=4096"]);
    command.args(["--workers", &workers.to_string()]);
    command.args(["--listen", &address.to_string(), "--config"]).arg(config).arg(site);
    Ok(vec![command])
}

/// php.ini for the others: opcache, and what the pages use.
fn php_ini(programs: &Programs, folder: &Path) -> io::Result<PathBuf> {
    let file = folder.join("php.ini");
    let extensions = programs.extensions()?;
    fs::write(
        &file,
        format!(
            "extension_dir={}\nzend_extension=opcache.so\nextension=pdo.so\nextension=pdo_sqlite.so\n\
             opcache.enable=1\nopcache.jit=off\noutput_buffering=4096\ndisplay_errors=0\n",
            programs.inside(&extensions)
        ),
    )?;
    Ok(file)
}

fn nginx(
    programs: &Programs,
    site: &Path,
    folder: &Path,
    address: SocketAddr,
    workers: usize,
) -> io::Result<Vec<Command>> {
    let ini = php_ini(programs, folder)?;
    let (here, site) = (programs.inside(folder), programs.inside(site));
    let pool = folder.join("fpm.conf");
    fs::write(
        &pool,
        format!(
            "[global]\ndaemonize = no\nerror_log = {here}/fpm.log\npid = {here}/fpm.pid\n\
             [www]\nuser = nobody\ngroup = nogroup\nlisten = {here}/fpm.sock\nlisten.mode = 0666\n\
             pm = static\npm.max_children = {CHILDREN}\n"
        ),
    )?;
    let config = folder.join("nginx.conf");
    fs::write(
        &config,
        format!(
            "daemon off;\nuser nobody nogroup;\nworker_processes {workers};\npid {here}/nginx.pid;\n\
             error_log {here}/nginx.log;\nevents {{ worker_connections 1024; }}\n\
             http {{\n include /etc/nginx/mime.types;\n access_log off;\n sendfile on;\n tcp_nopush on;\n\
             keepalive_requests 100000000;\n\
             client_body_temp_path {here}/body;\n fastcgi_temp_path {here}/fastcgi;\n\
             proxy_temp_path {here}/proxy;\n uwsgi_temp_path {here}/uwsgi;\n scgi_temp_path {here}/scgi;\n\
             server {{\n listen {address};\n root {site};\n\
             location ~ \\.php$ {{\n include /etc/nginx/fastcgi.conf;\n fastcgi_pass unix:{here}/fpm.sock;\n }}\n }}\n}}\n",
        ),
    )?;
    let mut fpm = programs.of_root("/usr/sbin/php-fpm8.4");
    fpm.arg("-F").args(["-c", &programs.inside(&ini).to_string()]);
    fpm.args(["-y", &programs.inside(&pool).to_string()]);
    let mut front = programs.of_root("/usr/sbin/nginx");
    front.args(["-p", &here.to_string(), "-c", &programs.inside(&config).to_string()]);
    Ok(vec![fpm, front])
}

fn apache(
    programs: &Programs,
    site: &Path,
    folder: &Path,
    address: SocketAddr,
) -> io::Result<Vec<Command>> {
    php_ini(programs, folder)?;
    let (here, site) = (programs.inside(folder), programs.inside(site));
    let modules = "/usr/lib/apache2/modules";
    let mut text = String::new();
    for (name, file) in [
        ("mpm_prefork_module", "mod_mpm_prefork.so"),
        ("authz_core_module", "mod_authz_core.so"),
        ("mime_module", "mod_mime.so"),
        ("php_module", "libphp8.4.so"),
    ] {
        text += &format!("LoadModule {name} {modules}/{file}\n");
    }
    fs::write(folder.join("mime.types"), "text/css css\n")?;
    text += &format!(
        "ServerRoot {here}\nDefaultRuntimeDir {here}\nPidFile {here}/apache.pid\nServerName bench\n\
         Listen {address}\nUser nobody\nGroup nogroup\nErrorLog {here}/apache.log\nTypesConfig {here}/mime.types\n\
         StartServers {CHILDREN}\nMinSpareServers {CHILDREN}\nMaxSpareServers 150\n\
         MaxRequestWorkers 150\nKeepAlive On\nMaxKeepAliveRequests 0\nKeepAliveTimeout 60\n\
         PHPIniDir {here}\nDocumentRoot {site}\n<Directory {site}>\nAllowOverride None\nRequire all granted\n\
         </Directory>\n<FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n",
    );
    let config = folder.join("apache.conf");
    fs::write(&config, text)?;
    let mut command = programs.of_root("/usr/sbin/apache2");
    command.args(["-D", "FOREGROUND", "-f", &programs.inside(&config).to_string()]);
    Ok(vec![command])
}
