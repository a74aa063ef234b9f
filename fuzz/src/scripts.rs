//! Scripts on disk.

use crate::engine::find;
use std::io;
use std::path::{Path, PathBuf};

/// Calls `found` with each script at or below `path`, in the order of their names: .php, .inc and .phpt. Links to
/// folders are not followed below `path`.
pub fn walk(path: &Path, found: &mut impl FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
        entries.sort();
        entries.retain(|entry| !entry.is_symlink() || entry.is_file());
        return entries.iter().try_for_each(|entry| walk(entry, found));
    }
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if matches!(extension, "php" | "phpt" | "inc") && path.is_file() { found(path) } else { Ok(()) }
}

/// The script in a file: of a .phpt test the section that it runs, which is empty where there is none.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let text = std::fs::read(path)?;
    Ok(match path.extension() {
        Some(extension) if extension == "phpt" => script_of_test(&text).to_vec(),
        _ => text,
    })
}

/// The section that a test of PHP runs.
fn script_of_test(test: &[u8]) -> &[u8] {
    for head in [&b"\n--FILE--\n"[..], b"\n--FILEEOF--\n"] {
        if let Some(at) = find(test, head) {
            let rest = &test[at + head.len()..];
            return &rest[..section_end(rest)];
        }
    }
    &[]
}

/// Where the next section begins.
fn section_end(text: &[u8]) -> usize {
    let is_head = |line: &[u8]| {
        line.strip_prefix(b"--").and_then(|l| l.strip_suffix(b"--")).is_some_and(|name| {
            !name.is_empty() && name.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
        })
    };
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        if is_head(line.trim_ascii_end()) {
            break;
        }
        at += line.len();
    }
    at
}
