//! First drafts of stubs, from the reflection of a PHP that has the builtin.

use std::io::Write;
use std::process::{Command, Stdio};

/// Prints declarations in PHP's notation; its arguments are a kind and names.
const SCRIPT: &str = include_str!("draft.php");

/// The draft for `--extension NAME`, `--function NAME` or `--class NAME`, each repeatable.
pub fn draft(args: &[&str]) -> Result<String, String> {
    let mut php = "php84";
    let mut wanted = Vec::new();
    let mut rest = args;
    while let [option, value, tail @ ..] = rest {
        match *option {
            "--php" => php = value,
            "--extension" | "--function" | "--class" => wanted.extend([&option[2..], value]),
            other => return Err(format!("unknown option {other}")),
        }
        rest = tail;
    }
    if !rest.is_empty() || wanted.is_empty() {
        return Err("give --extension, --function or --class, each with a name".to_owned());
    }
    run(php, &wanted)
}

fn run(php: &str, wanted: &[&str]) -> Result<String, String> {
    let fail = |e: std::io::Error| format!("{php}: {e}");
    let mut child = Command::new(php)
        .args(["-n", "-d", "display_errors=stderr", "-d", "zend.exception_ignore_args=1", "--"])
        .args(wanted)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fail)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(SCRIPT.as_bytes()).map_err(fail)?;
    }
    let output = child.wait_with_output().map_err(fail)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() { Ok(text) } else { Err(format!("{text}{php} failed")) }
}
