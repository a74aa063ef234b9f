//! House rules that no lint checks: the length of files, and where `unsafe` may stand.

use crate::workspace;
use std::collections::BTreeMap;
use std::path::Path;

/// The most lines a file may have.
const MOST_LINES: usize = 800;
/// Files that may be longer, each with its reason.
const LONG_FILES: &str = "xtask/long-files.txt";
/// Folders whose code may be `unsafe`.
const UNSAFE: &[&str] = &[
    "crates/value/",
    "crates/fiber/",
    "crates/host/",
    "crates/vm/",
    // The calls into PCRE2.
    "crates/ext/pcre/src/engine.rs",
    // The calls into SQLite, and from it.
    "crates/ext/sqlite/",
];
/// Folders with code of ours.
const FOLDERS: &[&str] = &["crates", "conformance", "xtask", "bench", "fuzz"];
/// The first line of a generated file starts so.
pub const GENERATED: &str = "// @generated";

/// Broken rules in the whole project.
pub fn violations() -> Result<Vec<String>, String> {
    let root = workspace::root();
    let read = |path: &Path| {
        std::fs::read_to_string(root.join(path)).map_err(|e| format!("{}: {e}", path.display()))
    };
    let mut long = parse_long_files(&read(Path::new(LONG_FILES))?)?;
    let mut found = Vec::new();
    for folder in FOLDERS {
        for path in workspace::files(folder, ".rs").map_err(|e| e.to_string())? {
            let text = read(&path)?;
            let name = path.to_string_lossy();
            let excused = long.remove(&*name);
            found.extend(check(&name, &text, excused));
        }
    }
    found.extend(long.keys().map(|name| format!("{LONG_FILES} names {name}, which is gone")));
    Ok(found)
}

fn parse_long_files(text: &str) -> Result<BTreeMap<String, ()>, String> {
    text.lines()
        .filter(|l| !l.trim().is_empty() && !l.starts_with('#'))
        .map(|line| match line.split_once(' ') {
            Some((path, reason)) if !reason.trim().is_empty() => Ok((path.to_owned(), ())),
            _ => Err(format!("{LONG_FILES}: \"{line}\" gives no reason")),
        })
        .collect()
}

fn check(name: &str, text: &str, excused: Option<()>) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    let generated = text.starts_with(GENERATED);
    match (lines > MOST_LINES && !generated, excused) {
        (true, None) => found.push(format!("{name} has {lines} lines, more than {MOST_LINES}")),
        (false, Some(())) => found.push(format!("{LONG_FILES} names {name}, which is not long")),
        _ => {}
    }
    if !UNSAFE.iter().any(|folder| name.starts_with(folder))
        && let Some(line) = unsafe_line(text)
    {
        found.push(format!("{name}:{line} is unsafe outside the crates that may be"));
    }
    found
}

/// The first line with the keyword, outside comments.
fn unsafe_line(text: &str) -> Option<usize> {
    let word = concat!("un", "safe");
    let is_keyword = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        code.match_indices(word).any(|(at, _)| {
            let part = |c: char| c.is_alphanumeric() || c == '_';
            let follows = code[at + word.len()..].trim_start();
            // What the keyword can stand before tells it from the word in a text.
            !code[..at].ends_with(part)
                && ["{", "(", "fn ", "impl", "extern", "trait "]
                    .iter()
                    .any(|s| follows.starts_with(s))
        })
    };
    text.lines().position(is_keyword).map(|line| line + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_keeps_its_rules() {
        assert_eq!(violations().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn finds_the_keyword_and_nothing_like_it() {
        let block = concat!("fn f() {\n    un", "safe { g() }\n}");
        assert_eq!(unsafe_line(block), Some(2));
        let harmless = concat!("#![deny(un", "safe_code)] // un", "safe\nlet s = \"un", "safe\";");
        assert_eq!(unsafe_line(harmless), None);
        assert!(check("crates/vm/src/a.rs", block, None).is_empty());
        assert_eq!(check("crates/ext/src/a.rs", block, None).len(), 1);
    }

    #[test]
    fn long_files_need_a_reason() {
        let long = "x\n".repeat(MOST_LINES + 1);
        assert_eq!(check("crates/vm/a.rs", &long, None).len(), 1);
        assert!(check("crates/vm/a.rs", &long, Some(())).is_empty());
        assert_eq!(check("crates/vm/a.rs", "x\n", Some(())).len(), 1);
        assert!(check("a.rs", &format!("{GENERATED}\n{long}"), None).is_empty());
        assert!(parse_long_files("a.rs").is_err());
    }
}
