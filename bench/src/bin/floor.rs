//! The server with an engine written in Rust: what serving costs before any PHP runs. Its pages are those of
//! `site/`, by file name, so that the same benchmarks run against it.

use clap::Parser;
use outlast_fiber::wait;
use outlast_lifecycle::{AbortMode, Lifecycle};
use outlast_server::{Config, Connection, Engine, EngineWorker, Request, ResponseHead, Server};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[derive(Parser)]
#[command(about = "Serves the benchmark pages from Rust")]
struct Options {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// The folder with the pages.
    #[arg(long)]
    root: PathBuf,
    /// Worker threads; 0 for one a core.
    #[arg(long, default_value_t = 0)]
    workers: usize,
}

struct Pages;

impl Engine for Pages {
    fn worker(&self) -> Box<dyn EngineWorker> {
        Box::new(Pages)
    }
}

fn sleep(duration: Duration) -> bool {
    wait(async move { tokio::time::sleep(duration).await }).is_ok()
}

impl EngineWorker for Pages {
    fn run(
        &self,
        request: Box<Request>,
        connection: Rc<dyn Connection>,
        lifecycle: &Rc<Lifecycle>,
    ) {
        let kind = (b"Content-Type".to_vec(), b"text/plain".to_vec());
        connection.send_headers(ResponseHead { status: 200, reason: None, headers: vec![kind] });
        let say = |text: &str| {
            connection.write(text.as_bytes()).and_then(|()| connection.flush()).is_ok()
        };
        match request.script_name.as_slice() {
            b"/stream.php" => {
                let mut going = say("ready\n");
                while going {
                    going = sleep(Duration::from_secs(1)) && say("tick\n");
                }
            }
            b"/disconnect.php" => {
                lifecycle.set_abort_mode(AbortMode::Immediate);
                say("ready\n");
                sleep(Duration::from_secs(3600));
                let now =
                    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                let field = |name: &str| {
                    let mut pairs =
                        request.query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs.find(|(key, _)| *key == name).map_or("", |(_, value)| value)
                };
                let line = format!("{} {:.6}\n", field("id"), now.as_secs_f64());
                let file = std::fs::File::options().append(true).open(field("report"));
                if let Err(error) = file.and_then(|mut file| file.write_all(line.as_bytes())) {
                    eprintln!("cannot report: {error}");
                }
            }
            // Nobody listens to what it says after the client has left.
            _ => drop(connection.write(b"Hello, world\n")),
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let config = Config {
        listen: vec![options.listen],
        document_root: options.root,
        workers: options.workers,
        access_log: "off".into(),
        ..Config::default()
    };
    match Server::start(config, Arc::new(Pages)).map(|running| running.run_until_signal()) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
