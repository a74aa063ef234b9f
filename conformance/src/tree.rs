//! Which tests run, and the private copy of their folders that they run in.
//!
//! Tests write scripts and temporary files beside themselves, so two runs over the same
//! folder would spoil each other.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Test names, relative to the root, from a list: one a line.
pub fn from_list(text: &str) -> Vec<String> {
    let names = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    names.map(str::to_owned).collect()
}

/// Every test below `root`, sorted.
pub fn from_folder(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if path.extension() == Some(OsStr::new("phpt"))
                && let Ok(name) = path.strip_prefix(root)
            {
                found.push(name.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Keeps the names that any of the filters selects; no filter selects all.
///
/// A filter with `*` or `?` is a pattern for the whole name; any other is a prefix, or,
/// where no name starts with it, a part of the name.
pub fn select(names: Vec<String>, filters: &[String]) -> Vec<String> {
    if filters.is_empty() {
        return names;
    }
    let chosen: Vec<Filter> = filters
        .iter()
        .map(|f| {
            let f = f.trim_start_matches("./");
            if f.contains(['*', '?']) {
                Filter::Glob(f)
            } else if names.iter().any(|n| n.starts_with(f)) {
                Filter::Prefix(f)
            } else {
                Filter::Part(f)
            }
        })
        .collect();
    let wanted = |name: &str| {
        chosen.iter().any(|filter| match filter {
            Filter::Glob(pattern) => glob(pattern.as_bytes(), name.as_bytes()),
            Filter::Prefix(prefix) => name.starts_with(prefix),
            Filter::Part(part) => name.contains(part),
        })
    };
    let keep: Vec<bool> = names.iter().map(|n| wanted(n)).collect();
    names.into_iter().zip(keep).filter_map(|(n, k)| k.then_some(n)).collect()
}

enum Filter<'a> {
    Glob(&'a str),
    Prefix(&'a str),
    Part(&'a str),
}

fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|i| glob(rest, &name[i..])),
        Some((b'?', rest)) => name.split_first().is_some_and(|(_, n)| glob(rest, n)),
        Some((c, rest)) => name.split_first().is_some_and(|(n, tail)| n == c && glob(rest, tail)),
    }
}

/// The first `levels` folders of a test's name.
pub fn folder(name: &str, levels: usize) -> &str {
    let parent = name.rsplit_once('/').map_or(".", |(dir, _)| dir);
    match parent.match_indices('/').nth(levels - 1) {
        Some((end, _)) => &parent[..end],
        None => parent,
    }
}

/// A folder that goes away with the run.
pub struct Copy {
    /// The root of the copied tests.
    pub root: PathBuf,
    remove: bool,
}

impl Copy {
    /// Copies the folders (two levels deep) of the chosen tests to `target`, or to a new
    /// folder for temporary files; other folders are only linked.
    pub fn make(source: &Path, names: &[String], target: Option<&Path>) -> io::Result<Copy> {
        let source = source.canonicalize()?;
        let remove = target.is_none();
        let root = match target {
            Some(dir) => dir.to_path_buf(),
            None => std::env::temp_dir().join(format!("phpt-{}", std::process::id())),
        };
        if std::fs::read_dir(&root).is_ok_and(|mut d| d.next().is_some()) {
            let message = format!("{} is not empty", root.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        std::fs::create_dir_all(&root)?;
        let copy = Copy { root: root.canonicalize()?, remove };
        let used: BTreeSet<&str> = names.iter().map(|n| folder(n, 2)).collect();
        copy.fill(&source, Path::new(""), &used, 0)?;
        Ok(copy)
    }

    fn fill(
        &self,
        source: &Path,
        at: &Path,
        used: &BTreeSet<&str>,
        depth: usize,
    ) -> io::Result<()> {
        for entry in std::fs::read_dir(source.join(at))? {
            let entry = entry?;
            let name = at.join(entry.file_name());
            let to = self.root.join(&name);
            if !entry.file_type()?.is_dir() {
                if used.contains(name.parent().and_then(Path::to_str).unwrap_or_default())
                    || depth == 0
                {
                    std::fs::copy(entry.path(), &to)?;
                } else {
                    symlink(entry.path(), &to)?;
                }
                continue;
            }
            let text = name.to_string_lossy();
            if used.contains(&*text) {
                copy_folder(&entry.path(), &to)?;
            } else if used.iter().any(|u| u.starts_with(&format!("{text}/"))) {
                std::fs::create_dir(&to)?;
                self.fill(source, &name, used, depth + 1)?;
            } else {
                symlink(entry.path(), &to)?;
            }
        }
        Ok(())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if self.remove && remove_folder(&self.root).is_err() {
            eprintln!("could not remove {}", self.root.display());
        }
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_symlink() {
            symlink(std::fs::read_link(entry.path())?, &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Tests leave folders behind that nobody may enter.
fn remove_folder(root: &Path) -> io::Result<()> {
    if std::fs::remove_dir_all(root).is_ok() {
        return Ok(());
    }
    open_up(root);
    std::fs::remove_dir_all(root)
}

fn open_up(dir: &Path) {
    use std::os::unix::fs::PermissionsExt;
    // Whatever stays closed makes the removal fail, which is reported.
    let _ = std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755));
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            open_up(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["Zend/tests/a.phpt", "Zend/tests/gen/b.phpt", "ext/spl/tests/c.phpt"]
            .map(str::to_owned)
            .to_vec()
    }

    fn chosen(filter: &str) -> Vec<String> {
        select(names(), &[filter.to_owned()])
    }

    #[test]
    fn filters_by_prefix_pattern_and_part() {
        assert_eq!(chosen("Zend").len(), 2);
        assert_eq!(chosen("Zend/*/b.phpt"), ["Zend/tests/gen/b.phpt"]);
        assert_eq!(chosen("?xt/spl*"), ["ext/spl/tests/c.phpt"]);
        assert_eq!(chosen("gen/"), ["Zend/tests/gen/b.phpt"]);
        assert_eq!(select(names(), &[]).len(), 3);
    }

    #[test]
    fn folders_have_levels() {
        assert_eq!(folder("Zend/tests/gen/b.phpt", 2), "Zend/tests");
        assert_eq!(folder("Zend/tests/gen/b.phpt", 9), "Zend/tests/gen");
        assert_eq!(folder("b.phpt", 2), ".");
    }

    #[test]
    fn copies_what_is_used_and_links_the_rest() {
        let base = std::env::temp_dir().join(format!("conformance-tree-{}", std::process::id()));
        let source = base.join("src");
        for dir in ["Zend/tests/gen", "ext/spl/tests"] {
            std::fs::create_dir_all(source.join(dir)).unwrap();
        }
        for name in names() {
            std::fs::write(source.join(&name), name).unwrap();
        }
        let copy = Copy::make(&source, &chosen("ext"), Some(&base.join("out"))).unwrap();
        assert!(copy.root.join("Zend").is_symlink());
        assert!(!copy.root.join("ext").is_symlink());
        assert!(copy.root.join("ext/spl/tests/c.phpt").is_file());
        assert!(Copy::make(&source, &names(), Some(&base.join("out"))).is_err());
        std::fs::remove_dir_all(&base).unwrap();
    }
}
