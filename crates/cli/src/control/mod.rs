//! `outlast ps`, `outlast top` and `outlast stop`: what a running server does, asked on its control socket.

mod client;
mod table;
mod top;

use clap::Parser;
use client::Client;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which server.
#[derive(Debug, Parser)]
pub struct Server {
    /// The server's control socket [default: that of this user's only server]
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// The server that listens on this port
    #[arg(short, long, value_name = "PORT", conflicts_with = "socket")]
    port: Option<u16>,
}

/// Which scripts, in which order.
#[derive(Clone, Debug, Parser)]
pub struct Selection {
    /// Order: age, cpu, memory, sent, detached, id, script or uri
    #[arg(short, long, value_name = "FIELD", default_value = "age")]
    sort: String,
    /// Only scripts that are: attached, detached, busy, waiting or stopping
    #[arg(long, value_name = "STATE", default_value = "all")]
    state: String,
    /// Only scripts that wait for this: sleep, read, flock, …
    #[arg(long, value_name = "WORD", default_value = "")]
    wait: String,
    /// Only scripts with this in their URL or path
    #[arg(short, long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// At most so many rows
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 100)]
    limit: usize,
}

impl Selection {
    /// The place to ask for it.
    fn place(&self) -> String {
        let Selection { sort, state, wait, filter, limit } = self;
        let order = if matches!(sort.as_str(), "script" | "uri") { "asc" } else { "desc" };
        format!(
            "/api/scripts?sort={}&order={order}&state={}&wait={}&filter={}&limit={limit}",
            encoded(sort),
            encoded(state),
            encoded(wait),
            encoded(filter)
        )
    }
}

/// Lists the scripts that a server runs.
#[derive(Debug, Parser)]
#[command(name = "outlast ps", no_binary_name = true)]
struct Ps {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    selection: Selection,
    /// Print the server's answer as it is, in JSON
    #[arg(long)]
    json: bool,
}

/// Shows the scripts that a server runs, again each second; q quits.
#[derive(Debug, Parser)]
#[command(name = "outlast top", no_binary_name = true)]
struct Top {
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    selection: Selection,
    /// Seconds between two looks
    #[arg(short, long, value_name = "SECONDS", default_value_t = 1.0)]
    delay: f64,
}

/// Stops scripts; their shutdown functions run.
#[derive(Debug, Parser)]
#[command(name = "outlast stop", no_binary_name = true)]
struct Stop {
    #[command(flatten)]
    server: Server,
    /// The scripts' ids, as `outlast ps` shows them
    #[arg(required_unless_present = "all_detached", value_name = "ID")]
    ids: Vec<u64>,
    /// Stop all scripts whose clients have gone
    #[arg(long, conflicts_with = "ids")]
    all_detached: bool,
}

/// Runs one of the subcommands.
pub fn main(name: &str, arguments: Vec<OsString>) -> ExitCode {
    let done = match name {
        "ps" => Ps::try_parse_from(arguments).map(ps),
        "top" => Top::try_parse_from(arguments).map(|options| {
            let client = Client::connect(&options.server)?;
            top::run(&client, options.selection, options.delay)
        }),
        _ => Stop::try_parse_from(arguments).map(stop),
    };
    match done {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(message)) => {
            eprintln!("outlast {name}: {message}");
            ExitCode::FAILURE
        }
        Err(error) => {
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

fn ps(options: Ps) -> Result<(), String> {
    let answer = Client::connect(&options.server)?.get(&options.selection.place())?;
    let text = match options.json {
        true => format!("{answer:#}\n"),
        false => table::of(&answer, None),
    };
    print(&text)
}

fn stop(options: Stop) -> Result<(), String> {
    let client = Client::connect(&options.server)?;
    if options.all_detached {
        let answer = client.post("/api/stop-detached")?;
        return print(&format!("{} told to stop\n", answer["stopped"]));
    }
    let mut failed = Vec::new();
    for id in options.ids {
        if let Err(message) = client.post(&format!("/api/scripts/{id}/stop")) {
            failed.push(message);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("; ")) }
}

/// A reader that has gone (`| head`) has seen enough.
fn print(text: &str) -> Result<(), String> {
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            out += &format!("%{byte:02X}");
        }
    }
    out
}
