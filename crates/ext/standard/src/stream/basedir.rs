//! `open_basedir`: the folders that a script may touch (manual: ini.core.php#ini.open-basedir).

use super::registry::place;
use outlast_host::files::Place;
use outlast_vm::{Cx, Ret};
use std::os::unix::ffi::OsStrExt;

/// The path with its links followed as far as it exists.
fn resolved(place: &Place, path: &[u8]) -> Vec<u8> {
    let clean = place.absolute(path);
    let mut exists = clean.as_path();
    loop {
        if let Ok(real) = place.real_path(exists.as_os_str().as_bytes()) {
            let rest = clean.strip_prefix(exists).unwrap_or(&clean);
            let joined = if rest.as_os_str().is_empty() { real } else { real.join(rest) };
            return joined.as_os_str().as_bytes().to_vec();
        }
        match exists.parent() {
            Some(parent) => exists = parent,
            None => return clean.as_os_str().as_bytes().to_vec(),
        }
    }
}

fn lies_within(place: &Place, path: &[u8], folder: &[u8]) -> bool {
    let slash = |mut path: Vec<u8>| {
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        path
    };
    let base = slash(resolved(place, folder));
    slash(resolved(place, path)).starts_with(&base)
}

/// `PHP_MAXPATHLEN`
const LONGEST_PATH: usize = 4096;

/// Does `open_basedir` allow the path? Says nothing.
pub fn allows(cx: &mut Cx, path: &[u8]) -> bool {
    let Some(folders) = cx.ini.get("open_basedir").filter(|f| !f.is_empty()) else { return true };
    let place = place(cx);
    folders.split(|b| *b == b':').any(|f| !f.is_empty() && lies_within(&place, path, f))
}

/// Refuses the path with PHP's warning if `open_basedir` does not allow it.
pub fn forbids(cx: &mut Cx, path: &[u8]) -> Ret<bool> {
    if path.len() >= LONGEST_PATH && cx.ini.get("open_basedir").is_some_and(|f| !f.is_empty()) {
        let shown = String::from_utf8_lossy(path);
        cx.warning(format!(
            "File name is longer than the maximum allowed path length on this platform ({LONGEST_PATH}): {shown}"
        ))?;
        return Ok(true);
    }
    if allows(cx, path) {
        return Ok(false);
    }
    let folders = cx.ini.get("open_basedir").unwrap_or_default();
    let (shown, folders) = (String::from_utf8_lossy(path), folders.to_str_lossy());
    cx.warning(format!(
        "open_basedir restriction in effect. File({shown}) is not within the allowed path(s): ({folders})"
    ))?;
    Ok(true)
}

/// What a script may set `open_basedir` to: folders within those allowed so far, made absolute.
pub fn narrowed(cx: &mut Cx, folders: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    for folder in folders.split(|b| *b == b':') {
        if folder == b".." || folder.starts_with(b"../") || !allows(cx, folder) {
            return None;
        }
        kept.push(resolved(&place(cx), folder));
    }
    Some(kept.join(&b':'))
}
