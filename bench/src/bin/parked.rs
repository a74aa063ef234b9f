//! Scripts that say something now and then to clients that stay: what each costs, what a hello page takes
//! meanwhile, how fast such a crowd comes and goes, and what it leaves behind.
//!
//! Each connection needs an open file here and one in the server, so `ulimit -Hn` of both bounds the crowd. Here
//! it is shared out to helper processes, each with as many as it may have; the server's own limit must fit
//! the crowd. Each 5,000 connections come from a loopback address of their own, since one has
//! no more than 28,000 ports to give; so the server must listen on a loopback address.

use clap::Parser;
use outlast_bench::{Client, Stats, Target, TargetOptions};
use std::cell::Cell;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::{LocalSet, spawn_local};

/// Connections from one address: with more of its ports taken the system takes long to find a free one.
const PORTS: usize = 5_000;
/// Open files that a helper needs for itself.
const SPARE_FILES: usize = 100;
/// Connections that a helper opens at the same time.
const OPENING: usize = 32;

#[derive(Parser)]
#[command(about = "Parks many scripts; measures memory and the latency of another page")]
struct Options {
    #[command(flatten)]
    target: TargetOptions,
    /// The page that stays; it must send a line "ready" first.
    #[arg(long, default_value = "/parked.php")]
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
    /// Seconds after the crowd has left until the memory is read that is still held.
    #[arg(long, default_value_t = 15)]
    settle: u64,
    /// For helpers: how many connections to hold.
    #[arg(long, hide = true)]
    hold: Option<usize>,
    /// For helpers: the first connection's number.
    #[arg(long, hide = true, default_value_t = 0)]
    first: usize,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let files = outlast_host::system::raise_open_files() as usize;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(count) = options.hold {
        let held = hold(options.target.address, options.path, options.first, count);
        return LocalSet::new().block_on(&runtime, held);
    }
    let target = options.target.open()?;
    let hello = |count| runtime.block_on(hello(&target, &options.hello, count));
    // Warm: the code is compiled, the pools are filled.
    hello(200)?;
    println!("0 scripts: hello {}", hello(options.requests)?.summary());
    let (before, files_before) = (target.memory(), target.open_files());
    let mut helpers = Vec::new();
    let mut count = 0;
    for &wanted in &options.scripts {
        let started = Instant::now();
        let mut starting = Vec::new();
        while count < wanted {
            let more = (wanted - count).min(PORTS - count % PORTS).min(files - SPARE_FILES);
            starting.push(Helper::start(&options.path, target.address, count, more)?);
            count += more;
        }
        for helper in &mut starting {
            helper.await_ready()?;
        }
        helpers.append(&mut starting);
        let took = started.elapsed().as_secs_f64();
        let stats = hello(options.requests)?.summary();
        let memory = match (before, target.memory()) {
            (Some(before), Some(now)) => {
                let each = now.saturating_sub(before) as f64 / 1024.0 / wanted as f64;
                format!("{each:.1} KiB each, {} MiB in all", now >> 20)
            }
            _ => "memory unknown (give --pid or --command)".into(),
        };
        println!("{wanted} scripts: here after {took:.1} s, {memory}, hello {stats}");
    }
    let started = Instant::now();
    drop(helpers);
    if let Some(files_before) = files_before {
        while target.open_files().is_some_and(|files| files > files_before) {
            std::thread::sleep(Duration::from_millis(20));
        }
        println!("all connections closed after {:.1} s", started.elapsed().as_secs_f64());
    }
    std::thread::sleep(Duration::from_secs(options.settle));
    let stats = hello(options.requests)?.summary();
    if let (Some(before), Some(now)) = (before, target.memory()) {
        let (before, now) = (before >> 20, now >> 20);
        println!(
            "after {} s more: {now} MiB held ({before} MiB before), hello {stats}",
            options.settle
        );
    }
    Ok(())
}

/// A process of its own that holds connections until it is dropped.
struct Helper {
    child: Child,
    /// Its end tells the helper to end.
    input: Option<ChildStdin>,
}

impl Helper {
    fn start(path: &str, address: SocketAddr, first: usize, count: usize) -> io::Result<Helper> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--path", path, "--address", &address.to_string()]);
        command.args(["--hold", &count.to_string(), "--first", &first.to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take();
        Ok(Helper { child, input })
    }

    fn await_ready(&mut self) -> io::Result<()> {
        let mut line = String::new();
        if let Some(output) = self.child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line != "ready\n" {
            return Err(io::Error::other("a helper could not connect as often as it should"));
        }
        Ok(())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.input = None;
        // Whatever it says at its end, it is gone.
        let _ = self.child.wait();
    }
}

/// A helper: connects, says "ready", and stays until its input ends. A connection that is lost meanwhile is
/// said on standard error.
async fn hold(address: SocketAddr, path: String, first: usize, count: usize) -> io::Result<()> {
    let next = Rc::new(Cell::new(first));
    // Ports that the last run has used are not free at once.
    let network = (std::process::id() as u16).to_le_bytes();
    let opening: Vec<_> = (0..OPENING)
        .map(|_| {
            let (next, path) = (next.clone(), path.clone());
            spawn_local(async move {
                let mut clients = Vec::new();
                while next.get() < first + count {
                    let number = next.replace(next.get() + 1);
                    let host = Ipv4Addr::new(
                        127,
                        network[1],
                        network[0],
                        (number / PORTS % 250 + 1) as u8,
                    );
                    let mut client = Client::connect_from(IpAddr::V4(host), address).await?;
                    client.send(&path).await?;
                    client.read_until(b"ready").await?;
                    clients.push(client);
                }
                io::Result::Ok(clients)
            })
        })
        .collect();
    for clients in opening {
        for mut client in clients.await.map_err(io::Error::other)?? {
            spawn_local(async move {
                if let Err(error) = client.drain().await {
                    eprintln!("lost a connection: {error}");
                }
            });
        }
    }
    println!("ready");
    let mut input = String::new();
    tokio::task::spawn_blocking(move || io::stdin().read_line(&mut input))
        .await
        .map_err(io::Error::other)??;
    Ok(())
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
