//! A guard against slow code that times cannot give on a shared machine: how many instructions the
//! CPU suite takes, as valgrind counts them, beside the counts kept in `bench/instructions.txt`.

use clap::Parser;
use outlast_bench::cpu::{Engine, counted_instructions, scripts};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Counts the instructions of the CPU suite and compares them with those kept")]
struct Options {
    /// The outlast program, built for release.
    #[arg(long, default_value = "target/release/outlast")]
    outlast: PathBuf,
    /// Only cases whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
    /// How much more than the kept count is too much, in percent.
    #[arg(long, default_value_t = 5.0)]
    tolerance: f64,
    /// Keeps the new counts.
    #[arg(long)]
    bless: bool,
}

fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = folder.join("instructions.txt");
    let mut kept = BTreeMap::new();
    for line in std::fs::read_to_string(&file).unwrap_or_default().lines() {
        if let Some((name, count)) = line.split_once(' ')
            && let Ok(count) = count.trim().parse::<u64>()
        {
            kept.insert(name.to_string(), count);
        }
    }
    let engine = Engine::outlast(&options.outlast);
    let mut worse = false;
    for script in scripts(&folder.join("cpu"))? {
        let name = script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(&options.filter) {
            continue;
        }
        let count = counted_instructions(&engine, &script)?;
        match kept.get(&name) {
            Some(&before) if before > 0 => {
                let change = (count as f64 / before as f64 - 1.0) * 100.0;
                let verdict = if change > options.tolerance { "  TOO MANY" } else { "" };
                worse |= change > options.tolerance;
                println!("{name:24} {count:>14} {change:>+7.2} %{verdict}");
            }
            _ => println!("{name:24} {count:>14}     new"),
        }
        kept.insert(name, count);
    }
    if options.bless {
        let lines = kept.iter().map(|(name, count)| format!("{name} {count}\n"));
        std::fs::write(&file, lines.collect::<String>())?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(if worse { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
