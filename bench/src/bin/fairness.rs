//! How long a hello page takes while scripts compute that share its worker.

use clap::Parser;
use outlast_bench::servers::{Kind, Programs, Served};
use outlast_bench::{Client, Stats};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::task::{LocalSet, spawn_local};

#[derive(Parser)]
#[command(about = "Measures a hello page beside scripts that compute")]
struct Options {
    /// The outlast program.
    #[arg(long, default_value = "target/release/outlast")]
    outlast: PathBuf,
    /// Worker threads.
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// Busy scripts a worker, in steps.
    #[arg(long, value_delimiter = ',', default_value = "0,1,4,16")]
    busy: Vec<usize>,
    /// Connections that ask for the hello page.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Seconds for each step.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let programs = Programs { outlast: options.outlast.clone(), root: PathBuf::from("/") };
    let folder = programs.folder("fairness");
    let result = run(&options, &programs, &folder);
    std::fs::remove_dir_all(&folder)?;
    result
}

fn run(options: &Options, programs: &Programs, folder: &Path) -> io::Result<()> {
    let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("site/serving");
    let server = Served::start(Kind::Outlast, programs, &site, folder, options.workers)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!(
        "{} workers, {} connections for hello, {} s a step.\n",
        options.workers, options.connections, options.seconds
    );
    println!("| busy scripts a worker | hellos | p50 (ms) | p99 (ms) | max (ms) |");
    println!("|---|---|---|---|---|");
    for &busy in &options.busy {
        let step = step(options, server.address, busy * options.workers);
        let summary = LocalSet::new().block_on(&runtime, step)?.summary();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        println!(
            "| {busy} | {} | {:.2} | {:.2} | {:.2} |",
            summary.count,
            ms(summary.p50),
            ms(summary.p99),
            ms(summary.max)
        );
    }
    Ok(())
}

/// Asks for the hello page while so many scripts are busy.
async fn step(options: &Options, address: SocketAddr, busy: usize) -> io::Result<Stats> {
    let mut crowd = Vec::new();
    for _ in 0..busy {
        let mut client = Client::connect(address).await?;
        client.send("/busy.php").await?;
        client.read_until(b"ready").await?;
        crowd.push(client);
    }
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let clients: Vec<_> =
        (0..options.connections).map(|_| spawn_local(hello(address, until))).collect();
    let mut all = Stats::default();
    for client in clients {
        all.merge(client.await.map_err(io::Error::other)??);
    }
    drop(crowd);
    // The busy scripts notice that their clients have left.
    tokio::time::sleep(Duration::from_millis(500)).await;
    Ok(all)
}

async fn hello(address: SocketAddr, until: Instant) -> io::Result<Stats> {
    let mut client = Client::connect(address).await?;
    let mut stats = Stats::default();
    while Instant::now() < until {
        let sent = Instant::now();
        client.get("/hello.php").await?;
        stats.add(sent.elapsed());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    Ok(stats)
}
