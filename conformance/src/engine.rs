//! Finding the engine under test and asking what it can do.

use crate::process::{self, End, Job};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Splits a command into the program, as an absolute path, and its first arguments.
pub fn command(text: &str) -> Result<Vec<OsString>, String> {
    if let Some(program) = find(text) {
        return Ok(vec![program.into()]);
    }
    let mut words = text.split_whitespace();
    let program = words.next().unwrap_or_default();
    let found = find(program).ok_or_else(|| format!("no such program: {program}"))?;
    Ok(std::iter::once(found.into()).chain(words.map(OsString::from)).collect())
}

fn find(program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        let path = Path::new(program);
        // Not canonical: a program may behave by the name it is called under.
        return path.is_file().then(|| std::path::absolute(path).ok()).flatten();
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|p| p.is_file())
}

/// The engine's extensions in lower case, or nothing if it cannot tell yet.
pub fn extensions(php: &[OsString]) -> Option<HashSet<String>> {
    let dir = std::env::temp_dir();
    let script = dir.join(format!("extensions-{}.php", std::process::id()));
    std::fs::write(&script, "<?php echo implode(\"\\n\", get_loaded_extensions());").ok()?;
    let mut argv = php.to_vec();
    argv.extend(["-n".into(), "-f".into(), script.clone().into()]);
    let outcome = process::run(Job {
        argv,
        env: Vec::new(),
        cwd: dir,
        stdin: Vec::new(),
        capture: (true, false),
        limit: Duration::from_secs(20),
        max_memory: u64::MAX,
    });
    // The file is ours and in the folder for temporary files.
    let _ = std::fs::remove_file(&script);
    let outcome = outcome.ok().filter(|o| o.end == End::Exit(0))?;
    let names: HashSet<String> = String::from_utf8_lossy(&outcome.output)
        .lines()
        .map(|l| l.trim().to_lowercase())
        // The opcode cache is loaded as a Zend extension, which tests name differently.
        .map(|l| if l == "zend opcache" { "opcache".to_owned() } else { l })
        .collect();
    names.contains("standard").then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_programs_on_the_path_with_arguments() {
        let argv = command("sh -c").unwrap();
        assert!(Path::new(&argv[0]).is_absolute());
        assert_eq!(argv[1], "-c");
        assert!(command("no-such-program-at-all x").is_err());
    }

    #[test]
    fn an_engine_that_cannot_tell_has_unknown_extensions() {
        assert_eq!(extensions(&["true".into()]), None);
    }
}
