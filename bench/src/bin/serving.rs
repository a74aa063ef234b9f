//! How fast pages are served, beside nginx with php-fpm and Apache with mod_php: each round loads each page of
//! `site/serving` from each server in turn over keep-alive connections. The clients share the cores with
//! the servers, so the figure that counts is the processor time that all processes of a server take a request.

use clap::Parser;
use outlast_bench::cpu::spread;
use outlast_bench::servers::{Kind, Programs, Served};
use outlast_bench::{Client, Stats, http};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::{LocalSet, spawn_local};

/// The pages, and what tables call them.
const PAGES: [(&str, &str); 4] = [
    ("/hello.php", "hello"),
    ("/page.php", "realistic page"),
    ("/sqlite.php", "ten queries"),
    ("/style.css", "static file, 16 KB"),
];
/// The length of the static file.
const STATIC: usize = 16 << 10;

#[derive(Parser)]
#[command(about = "Loads pages from Outlast, nginx + php-fpm and Apache + mod_php")]
struct Options {
    /// The outlast program.
    #[arg(long, default_value = "target/release/outlast")]
    outlast: PathBuf,
    /// The root of a Debian system with nginx, php8.4-fpm and libapache2-mod-php8.4.
    #[arg(long, default_value = "/")]
    root: PathBuf,
    /// Rounds over all pages and servers.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds for each page.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Worker threads of Outlast and processes of nginx.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Only pages whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
}

/// What one load told.
struct Load {
    rate: f64,
    p50: f64,
    p99: f64,
    /// Microseconds of processor time a request.
    cost: f64,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let programs = Programs { outlast: options.outlast.clone(), root: options.root.clone() };
    let folder = programs.folder("serving");
    let result = run(&options, &programs, &folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn run(options: &Options, programs: &Programs, folder: &Path) -> io::Result<()> {
    let site = folder.join("site");
    make_site(&site)?;
    let mut servers = Vec::new();
    for kind in [Kind::Outlast, Kind::Nginx, Kind::Apache] {
        servers.push(Served::start(kind, programs, &site, folder, options.workers)?);
    }
    let made = http::get(servers[0].address, "/setup.php", "")?;
    if made.body != b"done\n" {
        return Err(io::Error::other(String::from_utf8_lossy(&made.body).into_owned()));
    }
    // Made by one of the servers, read by all.
    fs::set_permissions(site.join("items.db"), fs::Permissions::from_mode(0o644))?;
    println!(
        "{} connections, {} workers, {} rounds of {} s.\n",
        options.connections, options.workers, options.rounds, options.seconds
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (path, name) in PAGES.iter().filter(|(_, name)| name.contains(&options.filter)) {
        check(&servers, path)?;
        let mut loads: Vec<Vec<Load>> = servers.iter().map(|_| Vec::new()).collect();
        for round in 0..=options.rounds {
            for (server, loads) in servers.iter().zip(&mut loads) {
                // The first round warms.
                let time = Duration::from_secs(if round == 0 { 1 } else { options.seconds });
                let done = load(server, path, options.connections, time);
                let done = LocalSet::new().block_on(&runtime, done)?;
                if round > 0 {
                    loads.push(done);
                }
            }
        }
        table(name, &servers, &loads);
    }
    println!("Memory that each process has for itself alone, in MiB:\n");
    for server in &servers {
        let each: Vec<String> = server
            .memory()
            .into_iter()
            .map(|bytes| format!("{:.1}", bytes as f64 / f64::from(1 << 20)))
            .collect();
        println!("- {}: {}", server.kind.name(), each.join(", "));
    }
    Ok(())
}

/// Copies the pages and makes the static file.
fn make_site(site: &Path) -> io::Result<()> {
    fs::create_dir_all(site)?;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("site/serving");
    for entry in fs::read_dir(pages)? {
        let entry = entry?;
        fs::copy(entry.path(), site.join(entry.file_name()))?;
    }
    let rule = ".rule { color: #102030; margin: 0 auto }\n";
    fs::write(site.join("style.css"), &rule.repeat(STATIC / rule.len() + 1)[..STATIC])?;
    // Code is kept only of files that are not new.
    std::thread::sleep(Duration::from_millis(2500));
    Ok(())
}

/// All servers give the same.
fn check(servers: &[Served], path: &str) -> io::Result<()> {
    let expected = http::get(servers[0].address, path, "")?;
    for server in servers {
        let answer = http::get(server.address, path, "")?;
        if answer.status != 200 || answer.body != expected.body {
            return Err(io::Error::other(format!("{} differs at {path}", server.kind.name())));
        }
    }
    Ok(())
}

async fn load(server: &Served, path: &str, connections: usize, time: Duration) -> io::Result<Load> {
    let before = server.processor_time();
    let started = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| spawn_local(client(server.address, path.to_owned(), started + time)))
        .collect();
    let mut stats = Stats::default();
    for client in clients {
        stats.merge(client.await.map_err(io::Error::other)??);
    }
    let took = started.elapsed().as_secs_f64();
    let ran = server.processor_time() - before;
    let count = stats.count() as f64;
    let summary = stats.summary();
    Ok(Load {
        rate: count / took,
        p50: summary.p50.as_secs_f64() * 1e3,
        p99: summary.p99.as_secs_f64() * 1e3,
        cost: ran as f64 / 1e3 / count,
    })
}

async fn client(address: SocketAddr, path: String, until: Instant) -> io::Result<Stats> {
    let mut client = Client::connect(address).await?;
    let mut stats = Stats::default();
    while Instant::now() < until {
        let sent = Instant::now();
        let (status, _) = client.get(&path).await?;
        if status != 200 {
            return Err(io::Error::other(format!("status {status} at {path}")));
        }
        stats.add(sent.elapsed());
    }
    Ok(stats)
}

fn table(name: &str, servers: &[Served], loads: &[Vec<Load>]) {
    println!(
        "| {name} | requests/s | p50 (ms) | p99 (ms) | CPU a request (µs) | CPU beside Outlast |"
    );
    println!("|---|---|---|---|---|---|");
    let median = |loads: &[Load], of: fn(&Load) -> f64| spread(loads.iter().map(of).collect()).0;
    for (server, own) in servers.iter().zip(loads) {
        let ratios = own.iter().zip(&loads[0]).map(|(load, ours)| load.cost / ours.cost).collect();
        let (ratio, least, most) = spread(ratios);
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.1} | {ratio:.2} ({least:.2}–{most:.2}) |",
            server.kind.name(),
            median(own, |load| load.rate),
            median(own, |load| load.p50),
            median(own, |load| load.p99),
            median(own, |load| load.cost),
        );
    }
    println!();
}
