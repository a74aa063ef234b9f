//! What a process is told about itself and its machine.
#![allow(unsafe_code)] // system calls without memory of ours, and `uname`; see the SAFETY lines

use std::ffi::CStr;
use std::os::unix::ffi::OsStringExt;

/// The process's number.
pub fn process_id() -> u32 {
    std::process::id()
}

/// The effective user and group.
pub fn user_and_group() -> (u32, u32) {
    // SAFETY: these calls take nothing and cannot fail.
    unsafe { (libc::geteuid(), libc::getegid()) }
}

/// A copy of the process's environment, for a script to change as its own.
pub fn environment() -> Vec<(Vec<u8>, Vec<u8>)> {
    std::env::vars_os().map(|(name, value)| (name.into_vec(), value.into_vec())).collect()
}

/// Allows the process as many open files and sockets as the system lets it have; says how many.
pub fn raise_open_files() -> u64 {
    // SAFETY: both calls read or fill the structure that they are given, which lives on our stack.
    unsafe {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) != 0 {
            return 0;
        }
        let most = libc::rlimit { rlim_cur: limit.rlim_max, ..limit };
        if libc::setrlimit(libc::RLIMIT_NOFILE, &most) == 0 {
            most.rlim_cur
        } else {
            limit.rlim_cur
        }
    }
}

/// What `uname` tells.
#[derive(Clone, Debug)]
pub struct SystemName {
    /// `Linux`.
    pub system: String,
    /// The machine's name.
    pub node: String,
    /// The kernel's release.
    pub release: String,
    /// The kernel's version.
    pub version: String,
    /// The processor's kind.
    pub machine: String,
}

/// The system's name, release and so on: `php_uname()`.
pub fn name() -> SystemName {
    // SAFETY: all-zero is a valid `utsname` (arrays of characters), and the call fills it with
    // null-terminated strings.
    let info = unsafe {
        let mut info: libc::utsname = std::mem::zeroed();
        libc::uname(&mut info);
        info
    };
    let text = |field: &[libc::c_char]| {
        let bytes: Vec<u8> = field.iter().map(|&unit| unit as u8).collect();
        CStr::from_bytes_until_nul(&bytes).unwrap_or_default().to_string_lossy().into_owned()
    };
    SystemName {
        system: text(&info.sysname),
        node: text(&info.nodename),
        release: text(&info.release),
        version: text(&info.version),
        machine: text(&info.machine),
    }
}

/// Load averages over 1, 5 and 15 minutes.
pub fn load_average() -> Option<[f64; 3]> {
    let mut loads = [0.0; 3];
    // SAFETY: the array holds the three numbers asked for.
    let count = unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) };
    (count == 3).then_some(loads)
}

/// Bytes free for us and in total on the file system that holds `path`.
pub fn disk_space(path: &std::path::Path) -> std::io::Result<(u64, u64)> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path is null-terminated and the structure, valid when zero, is ours to fill.
    unsafe {
        let mut info: libc::statvfs = std::mem::zeroed();
        if libc::statvfs(path.as_ptr(), &mut info) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        Ok((info.f_bavail * info.f_frsize, info.f_blocks * info.f_frsize))
    }
}
