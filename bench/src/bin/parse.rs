//! How fast scripts are parsed: the lexer and the parser beside PHP's, in one process each.

use clap::Parser;
use outlast_syntax::{ParseOptions, parse};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(
    about = "Parses scripts with Outlast's parser and with PHP's, and prints the ratio of the times"
)]
struct Options {
    /// PHP.
    #[arg(long, default_value = "php")]
    php: PathBuf,
    /// Rounds of both in turn; the first of each warms up and does not count.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Folders or files with scripts.
    #[arg(required = true)]
    scripts: Vec<PathBuf>,
}

/// Why PHP's own syntax errors do not matter: the scripts that have some are left out.
fn is_parsed(source: &[u8]) -> bool {
    // What follows `__halt_compiler()` is not parsed, and could not be told from what is.
    let halts = source.windows(15).any(|w| w.eq_ignore_ascii_case(b"__halt_compiler"));
    !halts && parse(source, &ParseOptions::default()).is_ok()
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
        entries.sort();
        entries.retain(|entry| !entry.is_symlink());
        return entries.iter().try_for_each(|entry| collect(entry, found));
    }
    if path.extension().is_some_and(|e| e == "php") && path.is_file() {
        found.push(path.to_owned());
    }
    Ok(())
}

/// Processor time of this thread, in nanoseconds.
fn used() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    text.split(' ').next().and_then(|n| n.parse().ok()).ok_or_else(|| io::Error::other("no times"))
}

fn ours(sources: &[Vec<u8>]) -> io::Result<u64> {
    let options = ParseOptions::default();
    let start = used()?;
    for source in sources {
        std::hint::black_box(parse(source, &options).is_ok());
    }
    Ok(used()? - start)
}

/// The second of two rounds in a new process.
fn theirs(php: &Path, list: &Path) -> io::Result<u64> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("parse.php");
    let output = Command::new(php)
        .args(["-n", "-d", "memory_limit=-1"])
        .arg(script)
        .arg(list)
        .arg("2")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().nth(1).and_then(|n| n.parse().ok()).ok_or_else(|| io::Error::other(text))
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let mut paths = Vec::new();
    for path in &options.scripts {
        collect(&std::fs::canonicalize(path)?, &mut paths)?;
    }
    let (mut sources, mut list) = (Vec::new(), String::new());
    for path in paths {
        let source = std::fs::read(&path)?;
        if is_parsed(&source) {
            let _infallible = writeln!(list, "{}", path.display());
            sources.push(source);
        }
    }
    let file = std::env::temp_dir().join(format!("outlast-parse-{}", std::process::id()));
    std::fs::write(&file, list)?;
    let bytes: usize = sources.iter().map(Vec::len).sum();
    println!("{} scripts, {:.1} MB", sources.len(), bytes as f64 / 1e6);
    let mut ratios = Vec::new();
    for round in 0..=options.rounds {
        let (ours, theirs) = (ours(&sources)?, theirs(&options.php, &file)?);
        if round > 0 {
            let ratio = ours as f64 / theirs as f64;
            let speed = |ns: u64| bytes as f64 / ns as f64 * 1e3;
            println!(
                "Outlast {:6.0} ms ({:5.1} MB/s)   PHP {:6.0} ms ({:5.1} MB/s)   ratio {ratio:.2}",
                ours as f64 / 1e6,
                speed(ours),
                theirs as f64 / 1e6,
                speed(theirs),
            );
            ratios.push(ratio);
        }
    }
    std::fs::remove_file(file)?;
    ratios.sort_by(f64::total_cmp);
    println!("median of the ratios: {:.2} (below 1: Outlast is faster)", ratios[ratios.len() / 2]);
    Ok(())
}
