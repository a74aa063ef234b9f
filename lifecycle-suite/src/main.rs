//! How a PHP server treats its scripts when clients leave: the same cases, the same clients, any server.
//!
//! The program starts servers (or is pointed at one), puts its own PHP scripts into their document
//! roots, behaves as every kind of client, and prints what happened: a table, case by server. What is
//! known of each server stands in `expected.txt`; where Outlast does not show what stands there, the
//! exit status is 1.

mod case;
mod cases;
mod expected;
mod options;
mod response;
mod runner;
mod server;
mod table;
mod visit;

use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("lifecycle-suite: {message}");
            ExitCode::from(2)
        }
    }
}

/// Whether all that must hold holds.
fn run() -> Result<bool, String> {
    let Some(options) = options::parse(std::env::args().skip(1))? else {
        print!("{}", options::HELP);
        return Ok(true);
    };
    let cases: Vec<case::Case> = cases::all()
        .into_iter()
        .filter(|c| !(options.short && c.long))
        .filter(|c| {
            options.filters.is_empty() || options.filters.iter().any(|f| c.title().contains(f))
        })
        .collect();
    let mut known = expected::Expected::built_in();
    let mut columns = Vec::new();
    for target in &options.targets {
        let column = runner::measure(target, &cases, &options, &known)
            .map_err(|e| format!("{}: {e}", target.column()))?;
        columns.push(column);
    }
    if let Some(path) = &options.record {
        known.record(&cases, &columns);
        std::fs::write(path, known.text()).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    if let Some(path) = &options.table {
        // Servers that were not measured now are in the table as they were recorded.
        let measured = |name: &str| columns.iter().any(|c| c.name == name);
        let recorded = expected::REFERENCES.into_iter().filter(|n| !measured(n));
        let mut all: Vec<runner::Column> = recorded.map(|n| known.column(n)).collect();
        all.extend(columns.iter().cloned());
        let text = table::markdown(&cases, &all, &known);
        std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    } else {
        print!("{}", table::plain(&cases, &columns));
    }
    let (differences, failed) = table::differences(&cases, &columns, &known);
    eprint!("{differences}");
    Ok(!failed)
}
