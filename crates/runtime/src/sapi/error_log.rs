//! The file that `error_log` names.

use outlast_text::http_date::log_date;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

/// Adds a line with its date to `file`, as PHP writes it; false where that cannot be done, and for
/// `syslog`, which is no file.
pub fn append(file: &[u8], message: &[u8]) -> bool {
    if file == b"syslog" {
        return false;
    }
    let now = outlast_host::clock::wall().as_secs().cast_signed();
    let line = [b"[", log_date(now).as_bytes(), b"] ", message, b"\n"].concat();
    // One write, so that lines of several scripts do not mix.
    let log = File::options().create(true).append(true).open(OsStr::from_bytes(file));
    log.is_ok_and(|mut log| log.write_all(&line).is_ok())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_has_its_date_in_front() {
        let file = std::env::temp_dir().join(format!("outlast-error-log-{}", std::process::id()));
        assert!(super::append(file.as_os_str().as_encoded_bytes(), b"PHP Notice:  x"));
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert!(text.starts_with('[') && text.ends_with(" UTC] PHP Notice:  x\n"), "{text}");
        assert!(!super::append(b"/", b"PHP Notice:  x"));
    }
}
