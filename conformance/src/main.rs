//! Runs PHP's own test suite against an engine and keeps track of what does not pass yet.

mod case;
mod diff;
mod engine;
mod expectations;
mod ini;
mod pattern;
mod phpt;
mod process;
mod report;
mod request;
mod schedule;
mod tree;
mod why;

use case::{Setup, Status, Verdict};
use clap::Parser;
use expectations::{Change, Expectations};
use report::Row;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

/// More regressions than this have one cause that trying again does not cure.
const MOST_RETRIES: usize = 200;
/// So many failures are named without being asked for.
const FEW: usize = 40;

/// Runs PHP's own tests (.phpt) against an engine.
#[derive(Parser)]
#[command(name = "conformance")]
struct Options {
    /// The engine: a program, or a program with its first arguments [default: our release build].
    #[arg(long)]
    php: Option<String>,
    /// The same engine as a CGI program, for tests of HTTP requests.
    #[arg(long)]
    cgi: Option<String>,
    /// The folder of the tests.
    #[arg(long, default_value = "/opt/phpt")]
    dir: PathBuf,
    /// The tests that count, one a line [default: applicable.txt of this crate].
    #[arg(long)]
    list: Option<PathBuf>,
    /// Run every test of the folder, listed or not.
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// Only these: a prefix, a pattern with * and ?, or a part of the name.
    #[arg(long, num_args = 1..)]
    filter: Vec<String>,
    /// The same as --filter.
    filters: Vec<String>,
    /// Tests at a time [default: one a core].
    #[arg(long, short)]
    jobs: Option<usize>,
    /// Seconds for each process.
    #[arg(long, default_value_t = 10)]
    timeout: u64,
    /// Megabytes for each process.
    #[arg(long, default_value_t = 2048)]
    memory: u64,
    /// What is known not to pass [default: expectations.txt of this crate].
    #[arg(long)]
    expectations: Option<PathBuf>,
    /// Take the results over as the new expectations.
    #[arg(long)]
    bless: bool,
    /// Also fail for tests that pass or are skipped unexpectedly.
    #[arg(long)]
    strict: bool,
    /// Run this test and show its script and what differs.
    #[arg(long, value_name = "NAME")]
    show: Vec<String>,
    /// Group what does not pass by cause, the most costly first.
    #[arg(long)]
    why: bool,
    /// How many causes --why shows.
    #[arg(long, default_value_t = 60)]
    top: usize,
    /// Count by the full folder instead of its first two levels.
    #[arg(long)]
    by_folder: bool,
    /// Name every test that does not pass.
    #[arg(long, short)]
    verbose: bool,
    /// Report on the results of the last run instead of running.
    #[arg(long)]
    last: bool,
    /// Where results are kept [default: conformance-results.txt in the target folder].
    #[arg(long)]
    results: Option<PathBuf>,
    /// Run in a copy made here, and keep it.
    #[arg(long, value_name = "DIR", conflicts_with = "in_place")]
    copy: Option<PathBuf>,
    /// Run in the folder itself: only for a folder that nobody else uses.
    #[arg(long)]
    in_place: bool,
    /// Leave the scripts beside their tests (with --copy or --in-place).
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("conformance: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(options: Options) -> Result<ExitCode, String> {
    let results_file = options.results.clone().unwrap_or_else(default_results);
    let mut filters = options.filter.clone();
    filters.extend(options.filters.iter().chain(&options.show).cloned());

    if options.last {
        let rows = report::from_text(&read(&results_file)?)?;
        let names: HashSet<String> =
            tree::select(rows.iter().map(|r| r.name.clone()).collect(), &filters)
                .into_iter()
                .collect();
        let rows: Vec<Row> = rows.into_iter().filter(|r| names.contains(&r.name)).collect();
        describe(&options, &rows);
        return Ok(ExitCode::SUCCESS);
    }

    let listed = all_names(&options)?;
    let names = tree::select(listed.clone(), &filters);
    if names.is_empty() {
        return Err("no test is selected".to_owned());
    }
    let copy = if options.in_place {
        None
    } else {
        let copy = tree::Copy::make(&options.dir, &names, options.copy.as_deref());
        Some(copy.map_err(|e| format!("cannot copy {}: {e}", options.dir.display()))?)
    };
    let root = match &copy {
        Some(copy) => copy.root.clone(),
        None => options.dir.canonicalize().map_err(|e| e.to_string())?,
    };
    let setup = setup(&options, root)?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut verdicts = schedule::run_all(&setup, &names, options.jobs.unwrap_or(cores));

    let expectations_file =
        options.expectations.clone().unwrap_or_else(|| crate_file("expectations.txt"));
    let mut expected = match std::fs::read_to_string(&expectations_file) {
        Ok(text) => Expectations::parse(&text)
            .map_err(|e| format!("{}: {e}", expectations_file.display()))?,
        Err(_) => Expectations::default(),
    };
    if options.show.is_empty() {
        retry(&setup, &names, &mut verdicts, &expected);
    }
    let rows: Vec<Row> = names
        .iter()
        .zip(&verdicts)
        .map(|(name, v)| Row { name: name.clone(), status: v.status, reason: v.reason.clone() })
        .collect();

    if !options.show.is_empty() {
        for (name, verdict) in names.iter().zip(&verdicts) {
            show(&setup, name, verdict);
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(dir) = results_file.parent() {
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    write(&results_file, &report::to_text(&rows))?;
    describe(&options, &rows);
    if options.bless {
        for row in &rows {
            expected.bless(&row.name, row.status);
        }
        if !options.all {
            let listed: HashSet<&str> = listed.iter().map(String::as_str).collect();
            expected.retain(|name| listed.contains(name));
        }
        write(&expectations_file, &expected.text())?;
    }
    Ok(conclude(&options, &rows, &expected))
}

fn setup(options: &Options, root: PathBuf) -> Result<Setup, String> {
    let ours = || target_folder().join("release/outlast").to_string_lossy().into_owned();
    let php = engine::command(&options.php.clone().unwrap_or_else(ours))?;
    let cgi = options.cgi.as_deref().map(engine::command).transpose()?;
    let extensions = engine::extensions(&php);
    if extensions.is_none() {
        eprintln!("the engine cannot list its extensions: no test is turned away for them");
    }
    Ok(Setup {
        php,
        cgi,
        root,
        extensions,
        limit: Duration::from_secs(options.timeout),
        max_memory: options.memory << 20,
        keep: options.keep,
        skips: Mutex::default(),
    })
}

fn all_names(options: &Options) -> Result<Vec<String>, String> {
    if options.all {
        return tree::from_folder(&options.dir)
            .map_err(|e| format!("{}: {e}", options.dir.display()));
    }
    let list = options.list.clone().unwrap_or_else(|| crate_file("applicable.txt"));
    Ok(tree::from_list(&read(&list)?))
}

/// A noisy machine is no regression: what got worse is tried twice more, one at a time.
fn retry(setup: &Setup, names: &[String], verdicts: &mut [Verdict], expected: &Expectations) {
    let worse: Vec<usize> = (0..names.len())
        .filter(|&i| expected.change(&names[i], verdicts[i].status) == Change::Worse)
        .collect();
    if worse.len() > MOST_RETRIES {
        return;
    }
    for i in worse {
        for _ in 0..2 {
            let again = setup.run(&names[i]);
            let cured = expected.change(&names[i], again.status) != Change::Worse;
            if again.status < verdicts[i].status {
                verdicts[i] = again;
            }
            if cured {
                println!("passed only when tried again: {}", names[i]);
                break;
            }
        }
    }
}

fn describe(options: &Options, rows: &[Row]) {
    let failing = rows.iter().filter(|r| r.status != Status::Pass).count();
    if options.verbose || (failing <= FEW && !options.why) {
        print!("{}", report::failures(rows));
    }
    if options.why {
        print!("{}", report::causes(rows, options.top));
    }
    let levels = if options.by_folder { usize::MAX } else { 2 };
    print!("\n{}", report::table(rows, levels));
}

/// The last lines: what changed, and the count that continuous integration reads.
fn conclude(options: &Options, rows: &[Row], expected: &Expectations) -> ExitCode {
    let changed = |change: Change| -> Vec<&Row> {
        rows.iter().filter(|r| expected.change(&r.name, r.status) == change).collect()
    };
    let worse = changed(Change::Worse);
    let better = changed(Change::Better);
    let skipped_now = changed(Change::NewlySkipped);
    let heading = |rows: &[&Row], what: &str| {
        if !rows.is_empty() {
            println!("\n{}:", what.replace("{}", &rows.len().to_string()));
        }
        for row in rows.iter().take(FEW) {
            let was = expected.of(&row.name);
            println!("  {was} -> {} {}  {}", row.status, row.name, row.reason);
        }
        if rows.len() > FEW {
            println!("  and {} more", rows.len() - FEW);
        }
    };
    heading(&worse, "{} regressions");
    heading(&better, "{} tests pass unexpectedly (--bless takes them over)");
    heading(&skipped_now, "{} tests are skipped that were expected to run");

    let passed = rows.iter().filter(|r| r.status == Status::Pass).count();
    let skipped = rows.iter().filter(|r| r.status == Status::Skip).count();
    let mut failed = worse.len();
    let known = rows.len() - passed - skipped - failed;
    if options.strict {
        failed += better.len() + skipped_now.len();
    }
    println!("\n{known} known not to pass");
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn show(setup: &Setup, name: &str, verdict: &Verdict) {
    println!("=== {name}: {} ({} ms)", verdict.status, verdict.took.as_millis());
    if !verdict.reason.is_empty() {
        println!("{}", verdict.reason);
    }
    if let Ok(test) = phpt::Phpt::read(&setup.root.join(name)) {
        for section in ["INI", "ENV", "ARGS", "SKIPIF"] {
            if let Some(text) = test.text(section) {
                println!("--- {section}\n{}", text.trim_end());
            }
        }
        println!("--- script\n{}", String::from_utf8_lossy(test.script()).trim_end());
    }
    if verdict.status != Status::Pass {
        let (form, expected) = &verdict.expected;
        println!("--- difference (- expected, + actual)");
        print!("{}", diff::diff(*form, expected, &verdict.output));
    }
}

/// A file of this crate, found from where cargo runs us or from the project's root.
fn crate_file(name: &str) -> PathBuf {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(dir) => Path::new(&dir).join(name),
        None => Path::new("conformance").join(name),
    }
}

fn default_results() -> PathBuf {
    target_folder().join("conformance-results.txt")
}

fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
