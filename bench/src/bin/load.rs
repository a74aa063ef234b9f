//! Requests over keep-alive connections: how many a second, and how long each takes.

use clap::Parser;
use outlast_bench::{Client, Stats, TargetOptions};
use std::io;
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(about = "Loads one page over keep-alive connections")]
struct Options {
    #[command(flatten)]
    target: TargetOptions,
    /// The page.
    #[arg(long, default_value = "/hello.php")]
    path: String,
    /// Connections.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let target = options.target.open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let mut probe = Client::connect(target.address).await?;
        let (status, length) = probe.get(&options.path).await?;
        println!("{}: status {status}, {length} bytes", options.path);
        let started = Instant::now();
        let until = started + Duration::from_secs(options.seconds);
        let clients: Vec<_> = (0..options.connections)
            .map(|_| {
                let (address, path) = (target.address, options.path.clone());
                tokio::task::spawn_local(async move {
                    let mut client = Client::connect(address).await?;
                    let mut stats = Stats::default();
                    let mut failed = 0;
                    while Instant::now() < until {
                        let sent = Instant::now();
                        let (answer, _) = client.get(&path).await?;
                        stats.add(sent.elapsed());
                        failed += usize::from(answer != status);
                    }
                    io::Result::Ok((stats, failed))
                })
            })
            .collect();
        let (mut all, mut failed) = (Stats::default(), 0);
        for client in clients {
            let (stats, failures) = client.await.map_err(io::Error::other)??;
            all.merge(stats);
            failed += failures;
        }
        let rate = all.count() as f64 / started.elapsed().as_secs_f64();
        println!("{rate:.0} requests/s  {}  other status {failed}", all.summary());
        Ok(())
    })
}
