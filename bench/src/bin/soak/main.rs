//! A crowd of clients that come and go badly, for minutes: is all there that was promised, and is all gone
//! that should be? The pages are those of `bench/site/soak`. Ends with 1 where something does not hold.

mod checks;
mod crowd;
mod pages;

use checks::Check;
use clap::Parser;
use crowd::{Crowd, Told};
use outlast_bench::{Look, Server, Setup, http};
use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

#[derive(Parser)]
#[command(
    about = "Clients that cut their connections, for minutes; checks that nothing is lost or left"
)]
struct Options {
    /// The server's program.
    #[arg(long, default_value = "target/release/outlast")]
    server: PathBuf,
    /// The folder of pages.
    #[arg(long, default_value = "bench/site/soak")]
    site: PathBuf,
    /// How long the crowd comes.
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// Connections a second, at the most.
    #[arg(long, default_value_t = 40.0)]
    rate: f64,
    /// Clients at once.
    #[arg(long, default_value_t = 48)]
    clients: u64,
    /// Stop the server with SIGTERM and start it again after so many seconds, over and over; 0 for never.
    #[arg(long, default_value_t = 0)]
    restart: u64,
    /// What the clients do comes from this number.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the figures; standard output too.
    #[arg(long)]
    out: Option<PathBuf>,
    /// The server's files, kept; otherwise they are in a temporary folder and go if all holds.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// What was seen on the way.
#[derive(Default)]
struct Course {
    /// Minutes, and the look at them.
    looks: Vec<(u64, Look)>,
    /// The most resident memory, over all looks.
    most: Look,
    /// Nanoseconds that the server ran, and that it waited for a core, before the last start.
    cores: (u64, u64),
    /// How long each stop took.
    stops: Vec<Duration>,
    /// Stops that did not end well.
    bad_stops: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> io::Result<bool> {
    let temporary = std::env::temp_dir().join(format!("outlast-soak-{}", std::process::id()));
    let data = options.data.clone().unwrap_or_else(|| temporary.clone());
    std::fs::create_dir_all(&data)?;
    let program = std::path::absolute(&options.server)?;
    let setup = Setup::new(program, options.site.canonicalize()?, data.canonicalize()?)?;
    let mut server = setup.start()?;
    let done = http::get(setup.address, "/setup.php", "")?;
    if done.body != b"ok" {
        let text = String::from_utf8_lossy(&done.body).into_owned();
        return Err(io::Error::other(format!("the site cannot be set up: {text}")));
    }
    for _ in 0..100 {
        http::get(setup.address, "/verify.php", "")?;
    }
    std::thread::sleep(Duration::from_secs(1));
    let start = server.look()?;

    let crowd = Arc::new(Crowd::new(setup.address, options.rate, options.restart > 0));
    let clients: Vec<_> = (0..options.clients)
        .map(|number| {
            let (crowd, seed) = (crowd.clone(), options.seed * 1_000_003 + number);
            std::thread::spawn(move || crowd.client(seed))
        })
        .collect();
    let mut course = Course::default();
    server = watch(options, &setup, server, &mut course)?;
    crowd.leave();
    let failed = clients.into_iter().filter_map(|client| client.join().err()).count();
    let mut told = crowd.told.lock().unwrap_or_else(PoisonError::into_inner);
    if failed > 0 {
        told.complain(format!("{failed} clients of the soak itself failed"));
    }

    let end = checks::settled(&server, &start)?;
    let mut checks = checks::all(&setup, &told, &start, &end)?;
    checks.push(stop(server, &mut course));
    let wrong = told.complained;
    checks.push(Check { holds: wrong == 0, what: format!("{wrong} wrong or incomplete answers") });
    let text = report(options, &told, &course, &start, &end, &checks);
    println!("{text}");
    if let Some(out) = &options.out {
        std::fs::write(out, &text)?;
    }
    let holds = checks.iter().all(|check| check.holds);
    if holds && options.data.is_none() {
        std::fs::remove_dir_all(&temporary)?;
    } else {
        eprintln!("the server's files are in {}", setup.data.display());
    }
    Ok(holds)
}

/// Looks at the server each second, and stops and starts it, until the time is over.
fn watch(
    options: &Options,
    setup: &Setup,
    mut server: Server,
    course: &mut Course,
) -> io::Result<Server> {
    let started = Instant::now();
    let end = Duration::from_secs_f64(options.minutes * 60.0);
    let (mut minute, mut stop_at) = (0, Duration::from_secs(options.restart));
    while started.elapsed() < end {
        std::thread::sleep(Duration::from_secs(1));
        let look = server.look()?;
        course.most.memory = course.most.memory.max(look.memory);
        course.most.files = course.most.files.max(look.files);
        course.most.running = course.most.running.max(look.running);
        course.most.detached = course.most.detached.max(look.detached);
        if started.elapsed().as_secs() / 60 > minute {
            minute += 1;
            course.looks.push((minute, look));
        }
        if options.restart > 0 && started.elapsed() >= stop_at {
            stop_at = started.elapsed() + Duration::from_secs(options.restart);
            course.cores.0 += look.ran;
            course.cores.1 += look.starved;
            stop(server, course);
            server = setup.start()?;
        }
    }
    Ok(server)
}

/// Stops the server, and tells how that went with all stops so far.
fn stop(server: Server, course: &mut Course) -> Check {
    match server.terminate() {
        Ok((status, took)) => {
            course.stops.push(took);
            if !status.success() {
                course.bad_stops.push(status.to_string());
            }
        }
        Err(error) => course.bad_stops.push(error.to_string()),
    }
    let longest = course.stops.iter().max().map_or(0.0, Duration::as_secs_f64);
    Check {
        holds: course.bad_stops.is_empty(),
        what: format!(
            "{} stops by SIGTERM, the longest took {longest:.1} s; {} did not end well {}",
            course.stops.len(),
            course.bad_stops.len(),
            course.bad_stops.join(", ")
        ),
    }
}

fn report(
    options: &Options,
    told: &Told,
    course: &Course,
    start: &Look,
    end: &Look,
    checks: &[Check],
) -> String {
    let mut text = String::new();
    let restarts = match options.restart {
        0 => "no restart".to_owned(),
        seconds => format!("SIGTERM and restart every {seconds} s"),
    };
    let (minutes, rate, clients, seed) =
        (options.minutes, options.rate, options.clients, options.seed);
    let connections: u64 = told.manners.values().sum();
    let requests: u64 = told.sent.values().sum();
    let (refused, busy, received) = (told.refused, told.busy, told.received >> 20);
    let seconds = |now: u64, before: u64| (now + before) / 1_000_000_000;
    let ran = seconds(end.ran, course.cores.0);
    let starved = seconds(end.starved, course.cores.1);
    let list = |counts: Vec<(&str, u64)>| {
        let words: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        words.join(", ")
    };
    let manners = list(told.manners.iter().map(|(&name, &count)| (name, count)).collect());
    let pages = list(told.sent.iter().map(|(page, &count)| (page.name(), count)).collect());
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{minutes} minutes, at most {rate} connections a second, {clients} clients at once, seed {seed}, \
         {restarts}\n\n- {connections} connections: {manners}\n- {requests} requests: {pages}\n- \
         {refused} clients found no server, {busy} were told that the ledger is busy, {received} MiB \
         received\n- the server's threads ran for {ran} s, and waited {starved} s for a core\n\n\
         | | |\n| --- | --- |"
    );
    for check in checks {
        let word = if check.holds { "holds" } else { "FAILS" };
        let _ = writeln!(text, "| {word} | {} |", check.what.trim_end());
    }
    let _ = writeln!(
        text,
        "\n| | resident MiB | open files | threads | running | detached |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |"
    );
    let mut row = |name: &str, look: &Look| {
        let Look { memory, files, threads, running, detached, .. } = look;
        let memory = memory >> 20;
        let _ =
            writeln!(text, "| {name} | {memory} | {files} | {threads} | {running} | {detached} |");
    };
    row("before", start);
    for (minute, look) in &course.looks {
        row(&format!("minute {minute}"), look);
    }
    row("after", end);
    let Look { memory, files, running, detached, .. } = course.most;
    let memory = memory >> 20;
    let _ = writeln!(text, "| most | {memory} | {files} | | {running} | {detached} |");
    for complaint in &told.complaints {
        let _ = writeln!(text, "- {complaint}");
    }
    text
}
