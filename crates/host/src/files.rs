//! Files, relative to a script's own current directory.
//!
//! Reads and writes of regular files happen at once, up to [`INLINE`] bytes: they come from the page cache
//! and a trip to the blocking pool costs more. Longer ones, and anything that can wait for somebody else
//! (pipes, terminals), go to the pool.
#![allow(unsafe_code)] // flock, umask by /proc, access; see the SAFETY lines

use crate::Result;
use crate::blocking::{blocking, sleep};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, OsStr};
use std::fs::{self, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The most that is read or written on the script's own thread.
pub const INLINE: usize = 256 << 10;

/// A script's current directory and umask; the process has its own, which nobody changes.
#[derive(Debug)]
pub struct Place {
    directory: RefCell<PathBuf>,
    umask: Cell<u32>,
    process_umask: u32,
}

impl Place {
    /// Starts in `directory`.
    pub fn new(directory: PathBuf) -> Place {
        let process_umask = process_umask();
        Place { directory: RefCell::new(directory), umask: Cell::new(process_umask), process_umask }
    }

    /// `getcwd()`.
    pub fn directory(&self) -> PathBuf {
        self.directory.borrow().clone()
    }

    /// `chdir()`.
    pub fn change_directory(&self, path: &[u8]) -> io::Result<()> {
        let path = fs::canonicalize(self.resolve(path)?)?;
        if !path.is_dir() {
            return Err(io::Error::from_raw_os_error(libc::ENOTDIR));
        }
        access(&path, libc::X_OK)?;
        *self.directory.borrow_mut() = path;
        Ok(())
    }

    /// `umask()`: sets the mask if given; returns the old one.
    pub fn umask(&self, mask: Option<u32>) -> u32 {
        let old = self.umask.get();
        if let Some(mask) = mask {
            self.umask.set(mask & 0o777);
        }
        old
    }

    /// The path that the system is given. Fails on a null byte.
    pub fn resolve(&self, path: &[u8]) -> io::Result<PathBuf> {
        if path.contains(&0) {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        if path.is_empty() {
            return Err(io::Error::from_raw_os_error(libc::ENOENT));
        }
        Ok(self.directory.borrow().join(OsStr::from_bytes(path)))
    }

    /// The path made absolute and free of `.` and `..`, without looking at the file system.
    pub fn absolute(&self, path: &[u8]) -> PathBuf {
        let joined = self.directory.borrow().join(OsStr::from_bytes(path));
        let mut clean = PathBuf::new();
        for part in joined.components() {
            match part {
                Component::ParentDir => {
                    clean.pop();
                }
                Component::CurDir => {}
                part => clean.push(part),
            }
        }
        clean
    }

    /// Opens a file.
    pub fn open(&self, path: &[u8], mode: Mode) -> Result<File> {
        let path = self.resolve(path)?;
        let mut options = OpenOptions::new();
        options
            .read(mode.read)
            .write(mode.write && !mode.append)
            .append(mode.append)
            .create(mode.create)
            .create_new(mode.exclusive)
            .truncate(mode.truncate)
            .mode(0o666);
        let adjust = mode.create && self.umask.get() != self.process_umask && !path.exists();
        // To open a pipe waits for its other end.
        let pipe = fs::metadata(&path).is_ok_and(|metadata| metadata.file_type().is_fifo());
        let file =
            if pipe { blocking(move || options.open(path))?? } else { options.open(path)? };
        if adjust {
            file.set_permissions(Permissions::from_mode(0o666 & !self.umask.get()))?;
        }
        Ok(File::from_std(file))
    }

    /// Opens a regular file to read and write, made with `mode` if there is none; never by a symbolic link.
    pub fn open_private(&self, path: &[u8], mode: u32) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(mode).custom_flags(libc::O_NOFOLLOW);
        Ok(File::from_std(options.open(self.resolve(path)?)?))
    }

    /// `stat()`, or `lstat()` where links are not followed.
    pub fn stat(&self, path: &[u8], follow: bool) -> io::Result<Metadata> {
        let path = self.resolve(path)?;
        if follow { fs::metadata(path) } else { fs::symlink_metadata(path) }
    }

    /// `realpath()`.
    pub fn real_path(&self, path: &[u8]) -> io::Result<PathBuf> {
        fs::canonicalize(self.resolve(if path.is_empty() { b"." } else { path })?)
    }

    /// Whether we may do to the file what `mode` says (`R_OK`, `W_OK`, `X_OK`, `F_OK`).
    pub fn access(&self, path: &[u8], mode: i32) -> io::Result<()> {
        access(&self.resolve(path)?, mode)
    }

    /// The names in a folder, `.` and `..` first, in the system's order.
    pub fn names(&self, path: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let mut names = vec![b".".to_vec(), b"..".to_vec()];
        for entry in fs::read_dir(self.resolve(path)?)? {
            names.push(entry?.file_name().as_bytes().to_vec());
        }
        Ok(names)
    }

    /// `mkdir()`.
    pub fn make_directory(&self, path: &[u8], mode: u32, parents: bool) -> io::Result<()> {
        let path = self.resolve(path)?;
        if parents && path.exists() {
            return Err(io::Error::from_raw_os_error(libc::EEXIST));
        }
        fs::DirBuilder::new().recursive(parents).mode(mode).create(&path)?;
        if self.umask.get() != self.process_umask {
            fs::set_permissions(path, Permissions::from_mode(mode & !self.umask.get()))?;
        }
        Ok(())
    }

    /// `rmdir()`.
    pub fn remove_directory(&self, path: &[u8]) -> io::Result<()> {
        fs::remove_dir(self.resolve(path)?)
    }

    /// `unlink()`.
    pub fn remove_file(&self, path: &[u8]) -> io::Result<()> {
        fs::remove_file(self.resolve(path)?)
    }

    /// `rename()`. Across file systems a file is copied, as PHP does.
    pub fn rename(&self, from: &[u8], to: &[u8]) -> Result<()> {
        let (from, to) = (self.resolve(from)?, self.resolve(to)?);
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices && !from.is_dir() => {
                blocking(move || fs::copy(&from, &to).and_then(|_| fs::remove_file(&from)))??;
                Ok(())
            }
            result => Ok(result?),
        }
    }

    /// `copy()`.
    pub fn copy(&self, from: &[u8], to: &[u8]) -> Result<u64> {
        let (from, to) = (self.resolve(from)?, self.resolve(to)?);
        Ok(blocking(move || {
            // Not fs::copy: PHP gives the copy fresh permissions.
            io::copy(&mut fs::File::open(from)?, &mut fs::File::create(to)?)
        })??)
    }

    /// `symlink()`, or `link()` for a hard one.
    pub fn link(&self, target: &[u8], link: &[u8], hard: bool) -> io::Result<()> {
        let link = self.resolve(link)?;
        if hard {
            return fs::hard_link(self.resolve(target)?, link);
        }
        std::os::unix::fs::symlink(OsStr::from_bytes(target), link)
    }

    /// `readlink()`.
    pub fn read_link(&self, path: &[u8]) -> io::Result<PathBuf> {
        fs::read_link(self.resolve(path)?)
    }

    /// `chmod()`.
    pub fn set_mode(&self, path: &[u8], mode: u32) -> io::Result<()> {
        fs::set_permissions(self.resolve(path)?, Permissions::from_mode(mode))
    }

    /// `chown()` and `chgrp()`, on the link itself where links are not followed.
    pub fn set_owner(
        &self,
        path: &[u8],
        user: Option<u32>,
        group: Option<u32>,
        follow: bool,
    ) -> io::Result<()> {
        let path = self.resolve(path)?;
        if follow {
            std::os::unix::fs::chown(path, user, group)
        } else {
            std::os::unix::fs::lchown(path, user, group)
        }
    }

    /// `touch()`: sets both times, making the file if there is none.
    pub fn touch(&self, path: &[u8], modified: SystemTime, accessed: SystemTime) -> Result<()> {
        let resolved = self.resolve(path)?;
        if !resolved.exists() {
            self.open(path, Mode { write: true, create: true, ..Mode::default() })?;
        }
        let times = fs::FileTimes::new().set_modified(modified).set_accessed(accessed);
        // Read access is enough for the owner, and folders cannot be opened for writing.
        Ok(fs::File::open(resolved)?.set_times(times)?)
    }
}

fn access(path: &Path, mode: i32) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is null-terminated.
    match unsafe { libc::access(path.as_ptr(), mode) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The process's umask, read without setting it.
fn process_umask() -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|mask| u32::from_str_radix(mask.trim(), 8).ok()).unwrap_or(0o022)
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mode {
    /// It can be read.
    pub read: bool,
    /// It can be written.
    pub write: bool,
    /// Writes go to its end.
    pub append: bool,
    /// It is made if there is none.
    pub create: bool,
    /// It must not exist.
    pub exclusive: bool,
    /// It is emptied.
    pub truncate: bool,
}

impl Mode {
    /// Reads the mode of `fopen()`.
    pub fn parse(text: &[u8]) -> Option<Mode> {
        let (first, flags) = text.split_first()?;
        if !flags.iter().all(|flag| b"+bten".contains(flag)) {
            return None;
        }
        let both = flags.contains(&b'+');
        let base = Mode { read: both, write: true, create: true, ..Mode::default() };
        Some(match first {
            b'r' => Mode { read: true, write: both, ..Mode::default() },
            b'w' => Mode { truncate: true, ..base },
            b'a' => Mode { append: true, ..base },
            b'x' => Mode { exclusive: true, ..base },
            b'c' => base,
            _ => return None,
        })
    }
}

/// What `flock()` is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// `LOCK_SH`.
    Shared,
    /// `LOCK_EX`.
    Exclusive,
    /// `LOCK_UN`.
    None,
}

/// An open file.
#[derive(Debug)]
pub struct File {
    file: Arc<fs::File>,
    /// Reading and writing do not wait for anybody.
    regular: bool,
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl File {
    /// Takes over an open file.
    pub fn from_std(file: fs::File) -> File {
        let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        File { file: Arc::new(file), regular }
    }

    /// A share of the process's standard input, output or error (0, 1, 2).
    pub fn standard(number: i32) -> io::Result<File> {
        let fd = match number {
            0 => io::stdin().as_fd().try_clone_to_owned()?,
            1 => io::stdout().as_fd().try_clone_to_owned()?,
            2 => io::stderr().as_fd().try_clone_to_owned()?,
            _ => return Err(io::Error::from_raw_os_error(libc::EBADF)),
        };
        Ok(File::from_std(fd.into()))
    }

    /// Reads some bytes; 0 at the end.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        if self.regular && buffer.len() <= INLINE {
            return Ok((&*self.file).read(buffer)?);
        }
        let (file, length) = (self.file.clone(), buffer.len());
        let bytes = blocking(move || {
            let mut bytes = vec![0; length];
            let count = (&*file).read(&mut bytes)?;
            bytes.truncate(count);
            io::Result::Ok(bytes)
        })??;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }

    /// Writes some bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<usize> {
        if self.regular && bytes.len() <= INLINE {
            return Ok((&*self.file).write(bytes)?);
        }
        let (file, bytes) = (self.file.clone(), bytes.to_vec());
        Ok(blocking(move || (&*file).write(&bytes))??)
    }

    /// Moves; returns the new position.
    pub fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        (&*self.file).seek(to)
    }

    /// Cuts or extends.
    pub fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    /// `fstat()`.
    pub fn stat(&self) -> io::Result<Metadata> {
        self.file.metadata()
    }

    /// Waits until what was written is on the disk; `fdatasync()` if the data alone matters.
    pub fn sync(&self, data_only: bool) -> Result<()> {
        let file = self.file.clone();
        Ok(blocking(move || if data_only { file.sync_data() } else { file.sync_all() })??)
    }

    /// Tries to lock; false if another holds the lock.
    pub fn try_lock(&self, lock: Lock) -> io::Result<bool> {
        let operation = match lock {
            Lock::Shared => libc::LOCK_SH,
            Lock::Exclusive => libc::LOCK_EX,
            Lock::None => libc::LOCK_UN,
        };
        // SAFETY: the descriptor is open as long as the file is borrowed.
        match unsafe { libc::flock(self.file.as_raw_fd(), operation | libc::LOCK_NB) } {
            0 => Ok(true),
            _ => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                error => Err(error),
            },
        }
    }

    /// Locks, parked until the lock is free. By trying again, not on the blocking pool: a thread that waits
    /// for a lock cannot be called off, and would take the lock after its script has stopped.
    pub fn lock(&self, lock: Lock) -> Result<()> {
        let mut pause = Duration::from_millis(1);
        while !self.try_lock(lock)? {
            sleep(pause)?;
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Whether it is a terminal.
    pub fn is_terminal(&self) -> bool {
        io::IsTerminal::is_terminal(&*self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Place {
        let folder =
            std::env::temp_dir().join(format!("outlast-host-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Place::new(folder)
    }

    #[test]
    fn modes_are_those_of_fopen() {
        let read = Mode { read: true, ..Mode::default() };
        assert_eq!(Mode::parse(b"r"), Some(read));
        assert_eq!(Mode::parse(b"rb+"), Some(Mode { write: true, ..read }));
        let write = Mode { write: true, create: true, ..Mode::default() };
        assert_eq!(Mode::parse(b"w"), Some(Mode { truncate: true, ..write }));
        assert_eq!(Mode::parse(b"x+"), Some(Mode { read: true, exclusive: true, ..write }));
        assert_eq!(Mode::parse(b"c"), Some(write));
        assert_eq!((Mode::parse(b""), Mode::parse(b"q"), Mode::parse(b"rq")), (None, None, None));
    }

    #[test]
    fn each_place_has_its_own_directory_and_umask() {
        let one = place("one");
        one.make_directory(b"sub", 0o777, false).unwrap();
        one.umask(Some(0o077));
        one.change_directory(b"sub").unwrap();
        let file = one.open(b"f", Mode::parse(b"w").unwrap()).unwrap();
        assert_eq!(file.write(b"text").unwrap(), 4);
        assert_eq!(one.stat(b"../sub/f", true).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(one.names(b".").unwrap(), [&b"."[..], b"..", b"f"]);
        assert_eq!(one.absolute(b"../x/./y"), one.directory().parent().unwrap().join("x/y"));
        assert!(one.change_directory(b"f").is_err());
        one.rename(b"f", b"g").unwrap();
        one.copy(b"g", b"h").unwrap();
        let mut buffer = [0; 10];
        let copy = one.open(b"h", Mode::parse(b"r").unwrap()).unwrap();
        assert_eq!(copy.read(&mut buffer).unwrap(), 4);
    }

    #[test]
    fn a_lock_is_waited_for() {
        let place = place("lock");
        let mode = Mode::parse(b"c+").unwrap();
        let (one, two) = (place.open(b"f", mode).unwrap(), place.open(b"f", mode).unwrap());
        one.lock(Lock::Exclusive).unwrap();
        assert!(!two.try_lock(Lock::Shared).unwrap());
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| two.lock(Lock::Shared));
            one.lock(Lock::None).unwrap();
            waiter.join().unwrap().unwrap();
        });
        assert!(!one.try_lock(Lock::Exclusive).unwrap());
    }
}
