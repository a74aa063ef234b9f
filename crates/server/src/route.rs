//! From a request's path to a file: what nginx's `try_files`, `index` and `fastcgi_split_path_info` do.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Target {
    /// A script.
    Script {
        /// Its file.
        file: PathBuf,
        /// Its path below the document root.
        name: Vec<u8>,
        /// What follows it.
        path_info: Option<Vec<u8>>,
    },
    /// A file to send.
    File(PathBuf, Metadata),
    /// A folder asked for without its slash.
    Redirect(Vec<u8>),
    /// Nothing, for this reason.
    Refused(u16),
}

/// Where files are looked for.
#[derive(Debug)]
pub(crate) struct Router {
    root: PathBuf,
    index: Vec<String>,
    front_controller: Option<String>,
}

/// A path taken apart; only what can name a file is left.
struct CleanPath {
    segments: Vec<Vec<u8>>,
    /// It ends with a slash.
    folder: bool,
    /// A segment holds an encoded slash, so no file has this name.
    no_file: bool,
}

impl Router {
    /// `root` must be absolute.
    pub(crate) fn new(
        root: PathBuf,
        index: Vec<String>,
        front_controller: Option<String>,
    ) -> Router {
        let front_controller = front_controller.map(|name| name.trim_start_matches('/').to_owned());
        Router { root, index, front_controller }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Finds what `path`, as sent and without its query, leads to.
    pub(crate) fn find(&self, path: &str) -> Target {
        let path = match clean(path.as_bytes()) {
            Ok(path) => path,
            Err(status) => return Target::Refused(status),
        };
        if path.no_file {
            return self.fall_back(404);
        }
        if let Some(script) = self.find_script(&path) {
            return script;
        }
        let file = self.below_root(&path.segments);
        let Ok(metadata) = std::fs::metadata(&file) else { return self.fall_back(404) };
        if metadata.is_dir() {
            return self.find_index(&path, &file);
        }
        // A device or a pipe would block or never end.
        if !metadata.is_file() || path.folder {
            return self.fall_back(404);
        }
        if has_extension(&file, &["phar", "phtml", "php"]) {
            return Target::Refused(403);
        }
        Target::File(file, metadata)
    }

    /// The same as `php -S` finds it: the longest part of the path that exists, be it a script, a file or a folder
    /// with an index; what follows that is the PATH_INFO, of files too. Also gives the names of what was found.
    pub(crate) fn find_builtin(&self, path: &str) -> (Target, Vec<u8>, Option<Vec<u8>>) {
        let path = match clean(path.as_bytes()) {
            Ok(path) => path,
            Err(status) => return (Target::Refused(status), path.as_bytes().to_vec(), None),
        };
        let whole = joined(&path.segments, path.folder);
        for count in (0..=path.segments.len()).rev() {
            let (front, rest) = path.segments.split_at(count);
            let mut file = self.below_root(front);
            let Ok(mut metadata) = std::fs::metadata(&file) else { continue };
            let mut name = joined(front, false);
            if metadata.is_dir() {
                let index = self.index.iter().find_map(|index| {
                    let file = file.join(index);
                    let metadata = std::fs::metadata(&file).ok()?;
                    metadata.is_file().then_some((index, file, metadata))
                });
                let Some((index, index_file, index_metadata)) = index else { break };
                name = [&joined(front, true), index.as_bytes()].concat();
                (file, metadata) = (index_file, index_metadata);
            }
            if !metadata.is_file() {
                break;
            }
            let info = (!rest.is_empty()).then(|| joined(rest, path.folder));
            if !has_extension(&file, &["php"]) {
                return (Target::File(file, metadata), name, info);
            }
            let target = Target::Script { file, name: name.clone(), path_info: info.clone() };
            return (target, name, info);
        }
        (Target::Refused(404), whole, None)
    }

    /// The first part of the path that is a script; the rest is its PATH_INFO.
    fn find_script(&self, path: &CleanPath) -> Option<Target> {
        for (at, segment) in path.segments.iter().enumerate() {
            if !segment.ends_with(b".php") {
                continue;
            }
            let (script, rest) = path.segments.split_at(at + 1);
            let file = self.below_root(script);
            if !file.is_file() {
                continue;
            }
            let path_info = (!rest.is_empty() || path.folder).then(|| joined(rest, path.folder));
            return Some(Target::Script { file, name: joined(script, false), path_info });
        }
        None
    }

    fn find_index(&self, path: &CleanPath, folder: &Path) -> Target {
        if !path.folder {
            return Target::Redirect(encoded(&joined(&path.segments, true)));
        }
        for index in &self.index {
            let file = folder.join(index);
            let Ok(metadata) = std::fs::metadata(&file) else { continue };
            if !metadata.is_file() {
                continue;
            }
            if index.ends_with(".php") {
                let name = [&joined(&path.segments, true), index.as_bytes()].concat();
                return Target::Script { file, name, path_info: None };
            }
            return Target::File(file, metadata);
        }
        self.fall_back(403)
    }

    fn fall_back(&self, status: u16) -> Target {
        let Some(front) = &self.front_controller else { return Target::Refused(status) };
        let file = self.root.join(front);
        if !file.is_file() {
            return Target::Refused(status);
        }
        Target::Script { file, name: format!("/{front}").into_bytes(), path_info: None }
    }

    fn below_root(&self, segments: &[Vec<u8>]) -> PathBuf {
        let mut path = self.root.clone();
        path.extend(segments.iter().map(|segment| OsStr::from_bytes(segment)));
        path
    }
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    let extension = file.extension().and_then(OsStr::to_str);
    extension.is_some_and(|ext| extensions.iter().any(|known| known.eq_ignore_ascii_case(ext)))
}

/// `/a/b`, or `/a/b/` for a folder; `/` for no segments.
fn joined(segments: &[Vec<u8>], folder: bool) -> Vec<u8> {
    let mut path = Vec::new();
    for segment in segments {
        path.push(b'/');
        path.extend_from_slice(segment);
    }
    if folder || path.is_empty() {
        path.push(b'/');
    }
    path
}

/// A decoded path, fit for a Location header.
fn encoded(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

/// Decodes a path, resolves `.` and `..`, and refuses what is hostile: 400 for null bytes, broken escapes and
/// paths that leave the root, 403 for hidden files.
fn clean(path: &[u8]) -> Result<CleanPath, u16> {
    let Some(path) = path.strip_prefix(b"/") else { return Err(400) };
    let mut clean = CleanPath { segments: Vec::new(), folder: true, no_file: false };
    for raw in path.split(|&byte| byte == b'/') {
        let segment = decode(raw)?;
        clean.folder = false;
        match segment.as_slice() {
            b"" | b"." => clean.folder = true,
            b".." => {
                clean.segments.pop().ok_or(400u16)?;
                clean.folder = true;
            }
            _ => {
                clean.no_file |= segment.contains(&b'/');
                clean.segments.push(segment);
            }
        }
    }
    // An encoded slash must not smuggle in what the rules above refuse.
    for part in clean.segments.iter().flat_map(|segment| segment.split(|&byte| byte == b'/')) {
        if part == b".." {
            return Err(400);
        }
        if part.starts_with(b".") && part != b".well-known" {
            return Err(403);
        }
    }
    Ok(clean)
}

fn decode(raw: &[u8]) -> Result<Vec<u8>, u16> {
    let hex = |at: usize| raw.get(at).and_then(|&digit| (digit as char).to_digit(16)).ok_or(400u16);
    let mut segment = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let byte = if raw[at] == b'%' {
            at += 2;
            (hex(at - 1)? * 16 + hex(at)?) as u8
        } else {
            raw[at]
        };
        if byte == 0 {
            return Err(400);
        }
        segment.push(byte);
        at += 1;
    }
    Ok(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(path: &str) -> Result<String, u16> {
        clean(path.as_bytes())
            .map(|clean| String::from_utf8(joined(&clean.segments, clean.folder)).unwrap())
    }

    #[test]
    fn paths_are_resolved_and_hostile_ones_refused() {
        assert_eq!(segments("/"), Ok("/".into()));
        assert_eq!(segments("/a//b/./c/../d"), Ok("/a/b/d".into()));
        assert_eq!(segments("/a%20b/"), Ok("/a b/".into()));
        assert_eq!(segments("/.well-known/x"), Ok("/.well-known/x".into()));
        for path in ["/..", "/a/../../b", "/%2e%2e/b", "/a%00", "/%zz", "/%4", "a", "/x%2f..%2fy"] {
            assert_eq!(segments(path), Err(400), "{path}");
        }
        for path in ["/.git/config", "/a/.env", "/a/%2ehtaccess", "/x%2f.env"] {
            assert_eq!(segments(path), Err(403), "{path}");
        }
        assert!(clean(b"/a%2Fb").is_ok_and(|clean| clean.no_file));
    }

    #[test]
    fn a_redirect_cannot_leave_the_host() {
        assert_eq!(
            encoded(&joined(&clean(b"//evil.example/%0d%0ax").unwrap().segments, true)),
            b"/evil.example/%0D%0Ax/"
        );
    }
}
