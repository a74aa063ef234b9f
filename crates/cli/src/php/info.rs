//! What the command line tells about itself.

use outlast_runtime::{Configuration, PHP_VERSION, extension_names};
use std::io::Write;

/// Prints; nobody can be told that nobody reads.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// `-h`
pub fn print_usage() {
    let name = "php";
    say(&format!(
        "\
Usage: {name} [options] [-f] <file> [--] [args...]
   {name} [options] -r <code> [--] [args...]
   {name} [options] [-B <begin_code>] -R <code> [-E <end_code>] [--] [args...]
   {name} [options] [-B <begin_code>] -F <file> [-E <end_code>] [--] [args...]
   {name} [options] -S <addr>:<port> [-t docroot]
   {name} [options] -- [args...]
   {name} [options] -a

  -a               Run as interactive shell
  -c <path>|<file> Look for php.ini file in this directory
  -n               No configuration (ini) files will be used
  -d foo[=bar]     Define INI entry foo with value 'bar'
  -f <file>        Parse and execute <file>.
  -h               This help
  -i               PHP information
  -l               Syntax check only (lint)
  -m               Show compiled in modules
  -r <code>        Run PHP <code> without using script tags <?..?>
  -B <begin_code>  Run PHP <begin_code> before processing input lines
  -R <code>        Run PHP <code> for every input line
  -F <file>        Parse and execute <file> for every input line
  -E <end_code>    Run PHP <end_code> after processing all input lines
  -S <addr>:<port> Run with built-in web server.
  -t <docroot>     Specify document root <docroot> for built-in web server.
  -v               Version number

  args...          Arguments passed to script. Use -- args when first argument
                   starts with - or script is read from stdin

  --ini            Show configuration file names

  --rf <name>      Show information about function <name>.
  --rc <name>      Show information about class <name>.
  --re <name>      Show information about extension <name>.

"
    ));
}

/// `-v`
pub fn print_version() {
    say(&format!("PHP {PHP_VERSION} (cli) (Outlast {}) (NTS)\n", env!("CARGO_PKG_VERSION")));
}

/// `-m`
pub fn print_modules() {
    let mut names = extension_names();
    names.sort_by_key(|name| name.to_ascii_lowercase());
    say(&format!("[PHP Modules]\n{}\n\n[Zend Modules]\n\n", names.join("\n")));
}

/// `--ini`
pub fn print_ini_files(configuration: &Configuration) {
    let none = || "(none)".to_owned();
    let file = configuration.file.as_ref().map_or_else(none, |file| file.display().to_string());
    let folder = configuration.scanned_folder.as_ref();
    let folder = folder.map_or_else(none, |folder| folder.to_string_lossy().into_owned());
    let files: Vec<String> =
        configuration.scanned_files.iter().map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { none() } else { files.join(",\n") };
    say("Configuration File (php.ini) Path: /etc/outlast\n");
    say(&format!("Loaded Configuration File:         {file}\n"));
    say(&format!("Scan for additional .ini files in: {folder}\n"));
    say(&format!("Additional .ini files parsed:      {files}\n"));
}
