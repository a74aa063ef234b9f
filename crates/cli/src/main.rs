//! The binary: a PHP application server (`outlast serve`) and PHP's own command line.

mod cgi;
mod control;
mod engine;
mod php;
mod places;
mod serve;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
Outlast runs PHP 8.4 scripts and serves them over HTTP.

Usage:
  outlast serve [DIR] [OPTIONS]   serve a folder of scripts and files (outlast serve --help)
  outlast php [OPTIONS] [FILE]    PHP's own command line (outlast php -h); `php` may be left out
  outlast cgi [OPTIONS]           answer one CGI request
  outlast ps [OPTIONS]            list the scripts that a server runs
  outlast top [OPTIONS]           the same, live
  outlast stop ID…                stop scripts; --all-detached: those that their clients left
  outlast --version
  outlast --help

Called under the name `php`, it is PHP's command line.
";

fn main() -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let program = if arguments.is_empty() { OsString::new() } else { arguments.remove(0) };
    if is_php(&program) {
        return php::main(arguments);
    }
    match arguments.first().and_then(|first| first.to_str()) {
        None if std::io::IsTerminal::is_terminal(&std::io::stdin()) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Some("--help") => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Some("--version") => {
            println!(
                "outlast {} (PHP {})",
                env!("CARGO_PKG_VERSION"),
                outlast_runtime::PHP_VERSION
            );
            ExitCode::SUCCESS
        }
        Some("serve") => serve::main(arguments.split_off(1)),
        Some("cgi") => cgi::main(arguments.split_off(1)),
        Some("ps") => control::main("ps", arguments.split_off(1)),
        Some("top") => control::main("top", arguments.split_off(1)),
        Some("stop") => control::main("stop", arguments.split_off(1)),
        Some("php") => php::main(arguments.split_off(1)),
        _ => php::main(arguments),
    }
}

/// Is the program called as `php` or `php8.4`?
fn is_php(program: &OsString) -> bool {
    let name = Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "php" | "php8" | "php84" | "php8.4")
}
