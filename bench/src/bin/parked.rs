//! Scripts that stream now and then to clients that stay: what each costs, and what a hello page takes meanwhile.

use clap::Parser;
use outlast_bench::{Client, Stats, Target, TargetOptions};
use std::io;
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(about = "Parks many streaming scripts; measures memory and the latency of another page")]
struct Options {
    #[command(flatten)]
    target: TargetOptions,
    /// The streaming page; it must send a line "ready" first.
    #[arg(long, default_value = "/stream.php")]
    path: String,
    /// The other page.
    #[arg(long, default_value = "/hello.php")]
    hello: String,
    /// How many scripts, in steps.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000")]
    scripts: Vec<usize>,
    /// Requests for the other page at each step.
    #[arg(long, default_value_t = 2000)]
    requests: usize,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let target = options.target.open()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Warm: the code is compiled, the pools are filled.
        hello(&target, &options.hello, 200).await?;
        println!(
            "0 scripts: hello {}",
            hello(&target, &options.hello, options.requests).await?.summary()
        );
        let before = target.memory();
        let mut parked = Vec::new();
        for &wanted in &options.scripts {
            while parked.len() < wanted {
                let mut client = Client::connect(target.address).await?;
                client.send(&options.path).await?;
                client.read_until(b"ready").await?;
                parked.push(client);
            }
            let stats = hello(&target, &options.hello, options.requests).await?;
            let each = match (before, target.memory()) {
                (Some(before), Some(now)) => {
                    format!(
                        "{:.1} KiB each",
                        now.saturating_sub(before) as f64 / 1024.0 / wanted as f64
                    )
                }
                _ => "memory unknown (give --pid or --command)".into(),
            };
            println!("{wanted} scripts: {each}, hello {}", stats.summary());
        }
        Ok(())
    })
}

async fn hello(target: &Target, path: &str, count: usize) -> io::Result<Stats> {
    let mut client = Client::connect(target.address).await?;
    let mut stats = Stats::default();
    for _ in 0..count {
        let sent = Instant::now();
        client.get(path).await?;
        stats.add(sent.elapsed());
        tokio::time::sleep(Duration::from_micros(500)).await;
    }
    Ok(stats)
}
