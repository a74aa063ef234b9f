//! Chores of the project: `cargo xtask <command>`.

mod draft;
mod graph;
mod source;
mod stubs;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask check-graph            holds the crates against the graph in ARCHITECTURE.md
cargo xtask check-source           long files, and code that is unsafe where it may not be
cargo xtask stubs [--check]        writes what the stubs generate, or says what is stale
cargo xtask stub-draft [--php CMD] (--extension | --function | --class) NAME ...
                                   prints a first draft of a stub from PHP's own reflection";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["check-graph"] => graph::actual().map(|g| graph::violations(&g)).and_then(none),
        ["check-source"] => source::violations().and_then(none),
        ["stubs"] => stubs::write().map(|files| report("wrote", &files)),
        ["stubs", "--check"] => stubs::stale().and_then(|files| {
            none(files.iter().map(|f| format!("{} is stale", f.display())).collect())
        }),
        ["stub-draft", rest @ ..] => draft::draft(rest).map(|text| print!("{text}")),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn none(violations: Vec<String>) -> Result<(), String> {
    if violations.is_empty() { Ok(()) } else { Err(violations.join("\n")) }
}

fn report(what: &str, files: &[std::path::PathBuf]) {
    for file in files {
        println!("{what} {}", file.display());
    }
}
