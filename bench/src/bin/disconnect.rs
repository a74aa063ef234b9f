//! From the moment a client leaves to the moment its script's shutdown function runs.
//!
//! The page is given `?id=N&report=PATH`: when its shutdown function runs it appends one line, `N SECONDS`, the
//! wall clock's time with microseconds, to the file. It must send a line "ready" first, and then wait.

use clap::Parser;
use outlast_bench::{Client, Stats, TargetOptions};
use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant, SystemTime};

#[derive(Parser)]
#[command(about = "Measures the time from a disconnect to the script's shutdown function")]
struct Options {
    #[command(flatten)]
    target: TargetOptions,
    /// The page.
    #[arg(long, default_value = "/disconnect.php")]
    path: String,
    /// Scripts that stay parked all the while.
    #[arg(long, default_value_t = 1000)]
    parked: usize,
    /// Disconnects to measure.
    #[arg(long, default_value_t = 1000)]
    disconnects: usize,
    /// Milliseconds to wait for a report before it counts as missed.
    #[arg(long, default_value_t = 5000)]
    patience: u64,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let target = options.target.open()?;
    let report = std::env::temp_dir().join(format!("outlast-disconnect-{}", std::process::id()));
    std::fs::write(&report, b"")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let open = async |id: usize| {
            let mut client = Client::connect(target.address).await?;
            client.send(&format!("{}?id={id}&report={}", options.path, report.display())).await?;
            client.read_until(b"ready").await?;
            io::Result::Ok(client)
        };
        let mut parked = Vec::new();
        for id in 0..options.parked {
            parked.push(open(1_000_000 + id).await?);
        }
        let mut left = HashMap::new();
        for id in 0..options.disconnects {
            let client = open(id).await?;
            left.insert(id, SystemTime::now());
            drop(client);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let until = Instant::now() + Duration::from_millis(options.patience);
        loop {
            let reports = std::fs::read_to_string(&report)?;
            let found = reports.lines().filter_map(|line| {
                let (id, seconds) = line.split_once(' ')?;
                Some((id.parse().ok()?, Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?))
            });
            let mut stats = Stats::default();
            for (id, at) in found.collect::<HashMap<usize, Duration>>() {
                if let Some(&left) = left.get(&id) {
                    let at = SystemTime::UNIX_EPOCH + at;
                    stats.add(at.duration_since(left).unwrap_or_default());
                }
            }
            if stats.count() == left.len() || Instant::now() > until {
                let missed = left.len() - stats.count();
                println!("{} parked: {}  missed {missed}", parked.len(), stats.summary());
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    std::fs::remove_file(&report)?;
    result
}
