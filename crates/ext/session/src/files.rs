//! The save handler `files`: one locked file a session.

use crate::id;
use crate::report::{raise, warning};
use outlast_ext_standard::stream::backend::{error_text, host};
use outlast_ext_standard::stream::registry::place;
use outlast_host::blocking::blocking;
use outlast_host::files::{File, INLINE, Lock};
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret, level};
use std::io::{self, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How often an id that is taken is replaced by another.
const ATTEMPTS: u32 = 4;

/// Where sessions are, and the file of the current one. Its lock goes with it, however the script ends.
pub struct Files {
    folder: Vec<u8>,
    /// How many folders, named by the id's first characters, are between `folder` and a file.
    depth: usize,
    mode: u32,
    open: Option<Open>,
}

struct Open {
    id: PhpString,
    file: File,
    /// Its size when it was read.
    size: u64,
}

/// `strtol`: the number in front, and whether it fits.
fn number(text: &[u8], radix: u32) -> (i64, bool) {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let mut value = 0i64;
    for digit in digits.iter().map_while(|&b| char::from(b).to_digit(radix)) {
        let next = value.checked_mul(i64::from(radix)).and_then(|v| v.checked_add(digit.into()));
        match next {
            Some(next) => value = next,
            None => return (value, false),
        }
    }
    (if negative { -value } else { value }, true)
}

impl Files {
    /// What `session.save_path` says; `None`: it was complained about.
    pub fn new(cx: &mut Cx, save_path: &[u8]) -> Ret<Option<Files>> {
        let parts: Vec<&[u8]> = save_path.splitn(3, |&b| b == b';').collect();
        let mut files = Files { folder: Vec::new(), depth: 0, mode: 0o600, open: None };
        if parts.len() > 1 {
            let (depth, fits) = number(parts[0], 10);
            let Some(depth) = usize::try_from(depth).ok().filter(|_| fits) else {
                warning(cx, "The first parameter in session.save_path is invalid")?;
                return Ok(None);
            };
            files.depth = depth;
        }
        if parts.len() > 2 {
            let (mode, fits) = number(parts[1], 8);
            let Some(mode) = u32::try_from(mode).ok().filter(|mode| fits && *mode <= 0o7777) else {
                warning(cx, "The second parameter in session.save_path is invalid")?;
                return Ok(None);
            };
            files.mode = mode;
        }
        let folder = parts.last().copied().unwrap_or_default();
        files.folder = if folder.is_empty() { temporary_folder(cx) } else { folder.to_vec() };
        Ok(Some(files))
    }

    /// The file of an id; `None`: the id is too short for the folders.
    fn path(&self, id: &[u8]) -> Option<Vec<u8>> {
        if id.len() <= self.depth {
            return None;
        }
        let mut path = self.folder.clone();
        path.push(b'/');
        for &letter in &id[..self.depth] {
            path.extend_from_slice(&[letter, b'/']);
        }
        path.extend_from_slice(b"sess_");
        path.extend_from_slice(id);
        Some(path)
    }

    /// Opens and locks the file of an id, parked while another script has it; false: it cannot be opened.
    fn open(&mut self, cx: &mut Cx, id: &PhpString) -> Ret<bool> {
        if self.open.as_ref().is_some_and(|open| open.id == *id) {
            return Ok(true);
        }
        self.open = None;
        if !id::is_valid(id) {
            warning(
                cx,
                "Session ID is too long or contains illegal characters. Only the A-Z, a-z, 0-9, \
                 \"-\", and \",\" characters are allowed",
            )?;
            return Ok(false);
        }
        let Some(path) = self.path(id) else {
            warning(
                cx,
                "Failed to create session data file path. Too short session ID, invalid save_path \
                 or path length exceeds 4096 characters",
            )?;
            return Ok(false);
        };
        let file = match place(cx).open_private(&path, self.mode) {
            Ok(file) => file,
            Err(error) => {
                let (path, text) = (String::from_utf8_lossy(&path), error_text(&error));
                let code = error.raw_os_error().unwrap_or(0);
                warning(cx, &format!("open({path}, O_RDWR) failed: {text} ({code})"))?;
                return Ok(false);
            }
        };
        let (user, _) = outlast_host::system::user_and_group();
        let owner = file.stat().map(|stat| stat.uid()).unwrap_or(u32::MAX);
        if owner != 0 && owner != user && user != 0 {
            warning(cx, "Session data file is not created by your uid")?;
            return Ok(false);
        }
        // A file system without locks: the session works without one, as in PHP.
        let _locked = host(cx, "session lock", || file.lock(Lock::Exclusive))?;
        self.open = Some(Open { id: id.clone(), file, size: 0 });
        Ok(true)
    }

    /// The data of an id, locked from now on.
    pub fn read(&mut self, cx: &mut Cx, id: &PhpString) -> Ret<Option<PhpString>> {
        if !self.open(cx, id)? {
            return Ok(None);
        }
        let Some(open) = &mut self.open else { return Ok(None) };
        match host(cx, "session file", || open.read())? {
            Ok(data) => Ok(Some(PhpString::new(&data))),
            Err(error) => {
                let (text, code) = (error_text(&error), error.raw_os_error().unwrap_or(0));
                warning(cx, &format!("Read failed: {text} ({code})"))?;
                Ok(None)
            }
        }
    }

    /// Stores data.
    pub fn write(&mut self, cx: &mut Cx, id: &PhpString, data: &[u8]) -> Ret<bool> {
        if !self.open(cx, id)? {
            return Ok(false);
        }
        let Some(open) = &mut self.open else { return Ok(false) };
        match host(cx, "session file", || open.write(data))? {
            Ok(()) => Ok(true),
            Err(error) => {
                let (text, code) = (error_text(&error), error.raw_os_error().unwrap_or(0));
                warning(cx, &format!("Write failed: {text} ({code})"))?;
                Ok(false)
            }
        }
    }

    /// Unchanged data lives on.
    pub fn update_timestamp(&mut self, cx: &mut Cx, id: &PhpString, data: &[u8]) -> Ret<bool> {
        let Some(path) = self.path(id) else { return Ok(false) };
        let place = place(cx);
        let now = SystemTime::now();
        let touched = place.stat(&path, true).is_ok() && place.touch(&path, now, now).is_ok();
        if touched { Ok(true) } else { self.write(cx, id, data) }
    }

    /// Removes the file of an id.
    pub fn destroy(&mut self, cx: &mut Cx, id: &PhpString) -> bool {
        let Some(path) = self.path(id) else { return false };
        if self.open.take().is_none() {
            return true;
        }
        let place = place(cx);
        // A session that was never written has no file to remove.
        place.remove_file(&path).is_ok() || place.stat(&path, true).is_err()
    }

    /// Removes what is older than `lifetime` seconds; the number, or `None`.
    pub fn collect(&self, cx: &mut Cx, lifetime: i64) -> Ret<Option<i64>> {
        if self.depth > 0 {
            return Ok(None);
        }
        let Ok(folder) = place(cx).resolve(&self.folder) else { return Ok(None) };
        let removed =
            host(cx, "session files", || blocking(move || remove_old(&folder, lifetime)))?;
        let removed = match removed {
            Ok(removed) => removed,
            Err(error) => Err(error),
        };
        match removed {
            Ok(count) => Ok(Some(count)),
            Err(error) => {
                let (folder, text) = (String::from_utf8_lossy(&self.folder), error_text(&error));
                let code = error.raw_os_error().unwrap_or(0);
                let text =
                    format!("ps_files_cleanup_dir: opendir({folder}) failed: {text} ({code})");
                raise(cx, level::NOTICE, &text)?;
                Ok(None)
            }
        }
    }

    /// Is there a session of this id?
    pub fn exists(&self, cx: &mut Cx, id: &[u8]) -> bool {
        self.path(id).is_some_and(|path| place(cx).stat(&path, true).is_ok())
    }

    /// An id that is not taken.
    pub fn create_id(&self, cx: &mut Cx) -> Option<PhpString> {
        for _ in 0..ATTEMPTS {
            if let Some(id) = id::create(cx)
                && !self.exists(cx, &id)
            {
                return Some(id);
            }
        }
        None
    }
}

impl Open {
    fn read(&mut self) -> outlast_host::Result<Vec<u8>> {
        self.size = self.file.stat()?.size();
        self.file.seek(SeekFrom::Start(0))?;
        let mut data = Vec::new();
        let mut buffer = vec![0; usize::try_from(self.size).unwrap_or(INLINE).clamp(1, INLINE)];
        while (data.len() as u64) < self.size {
            let count = self.file.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            data.extend_from_slice(&buffer[..count]);
        }
        Ok(data)
    }

    fn write(&mut self, mut data: &[u8]) -> outlast_host::Result<()> {
        if (data.len() as u64) < self.file.stat()?.size() {
            self.file.set_length(0)?;
        }
        self.file.seek(SeekFrom::Start(0))?;
        while !data.is_empty() {
            let part = &data[..data.len().min(INLINE)];
            let count = self.file.write(part)?;
            if count == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            data = &data[count..];
        }
        Ok(())
    }
}

fn temporary_folder(cx: &Cx) -> Vec<u8> {
    match cx.ini.bytes("sys_temp_dir") {
        b"" => std::env::temp_dir().into_os_string().into_encoded_bytes(),
        folder => folder.to_vec(),
    }
}

fn remove_old(folder: &Path, lifetime: i64) -> io::Result<i64> {
    let lifetime = Duration::from_secs(u64::try_from(lifetime).unwrap_or(0));
    let now = SystemTime::now();
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        // A file that goes meanwhile is none of ours.
        let Ok(entry) = entry else { continue };
        if !entry.file_name().as_encoded_bytes().starts_with(b"sess_") {
            continue;
        }
        let path: PathBuf = entry.path();
        let age = std::fs::metadata(&path).and_then(|stat| stat.modified());
        let age = age.ok().and_then(|modified| now.duration_since(modified).ok());
        // PHP counts whole seconds.
        let old = age.is_some_and(|age| age.as_secs() > lifetime.as_secs());
        if old && std::fs::remove_file(&path).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}
