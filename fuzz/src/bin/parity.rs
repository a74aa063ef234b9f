//! Scripts as they stand through `-l` of two engines: what is accepted, and the message and line of what is not.

use clap::Parser;
use outlast_fuzz::engine::{Engine, Verdict};
use outlast_fuzz::scripts;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Compiles scripts with the engine and with PHP, and shows where they part.
#[derive(Debug, Parser)]
struct Command {
    /// The engine on trial, as a command with its options
    #[arg(long, default_value = "target/release/outlast php -n")]
    engine: String,
    /// PHP, as a command with its options
    #[arg(long, default_value = "php -n")]
    reference: String,
    /// Scripts per process
    #[arg(long, default_value_t = 400)]
    batch: usize,
    /// Folder for what the .phpt tests run, which stays there to be looked at
    #[arg(long, default_value = "target/parity")]
    scratch: PathBuf,
    /// Folders or files with scripts (.php, .inc, and what .phpt tests run)
    #[arg(required = true)]
    scripts: Vec<PathBuf>,
}

fn main() -> io::Result<ExitCode> {
    let command = Command::parse();
    let limit = Duration::from_secs(120);
    let ours = Engine::new(&command.engine, limit)?;
    let theirs = Engine::new(&command.reference, limit)?;
    std::fs::create_dir_all(&command.scratch)?;
    let scratch = std::fs::canonicalize(&command.scratch)?;
    let mut names = Vec::new();
    for path in &command.scripts {
        scripts::walk(&std::fs::canonicalize(path)?, &mut |path| {
            names.extend(readable(path, &scratch)?);
            Ok(())
        })?;
    }
    let mut differences = 0;
    for batch in names.chunks(command.batch) {
        let verdicts = ours.lint(&scratch, batch)?.into_iter().zip(theirs.lint(&scratch, batch)?);
        for (name, pair) in batch.iter().zip(verdicts) {
            if pair.0 == pair.1 {
                continue;
            }
            // A process of its own decides: what one script leaves behind is no difference.
            let alone = std::slice::from_ref(name);
            let (one, two) = (ours.lint(&scratch, alone)?, theirs.lint(&scratch, alone)?);
            if one != two {
                differences += 1;
                println!("== {name}\n-- engine: {}\n-- reference: {}\n", show(&one), show(&two));
            }
        }
    }
    println!("{} scripts, {differences} differences", names.len());
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The file that the engines are to read: that of a .phpt test holds what the test runs.
fn readable(path: &Path, scratch: &Path) -> io::Result<Option<String>> {
    if path.extension().is_none_or(|extension| extension != "phpt") {
        return Ok(Some(path.to_string_lossy().into_owned()));
    }
    let script = scripts::read(path)?;
    if script.is_empty() {
        return Ok(None);
    }
    let name = path.to_string_lossy().trim_start_matches('/').replace('/', "--");
    let file = scratch.join(name).with_extension("php");
    std::fs::write(&file, script)?;
    Ok(Some(file.to_string_lossy().into_owned()))
}

fn show(verdicts: &[Verdict]) -> String {
    verdicts.iter().map(Verdict::to_string).collect()
}
