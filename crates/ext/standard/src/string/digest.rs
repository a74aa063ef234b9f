//! Checksums and hashes of strings and files, and unique names.

use md5::Digest;
use outlast_text::encode;
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// How much of a file is hashed at once.
const CHUNK: usize = 8192;

pub fn crc32(_cx: &mut Cx, text: &PhpString) -> Ret<i64> {
    Ok(i64::from(encode::crc32(text)))
}

/// A digest as bytes or hexadecimal.
fn shown(digest: &[u8], binary: bool) -> Vec<u8> {
    if binary { digest.to_vec() } else { encode::bin2hex(digest) }
}

pub fn md5(_cx: &mut Cx, text: &PhpString, binary: bool) -> Ret<Vec<u8>> {
    Ok(shown(&md5::Md5::digest(text.as_bytes()), binary))
}

pub fn sha1(_cx: &mut Cx, text: &PhpString, binary: bool) -> Ret<Vec<u8>> {
    Ok(shown(&sha1::Sha1::digest(text.as_bytes()), binary))
}

pub fn md5_file(cx: &mut Cx, path: &PhpString, binary: bool) -> Ret<OrFalse<Vec<u8>>> {
    hash_file::<md5::Md5>(cx, "md5_file", path, binary)
}

pub fn sha1_file(cx: &mut Cx, path: &PhpString, binary: bool) -> Ret<OrFalse<Vec<u8>>> {
    hash_file::<sha1::Sha1>(cx, "sha1_file", path, binary)
}

fn hash_file<D: Digest>(
    cx: &mut Cx,
    name: &str,
    path: &PhpString,
    binary: bool,
) -> Ret<OrFalse<Vec<u8>>> {
    if path.contains(&0) {
        return Err(cx.arg_value_error(1, "must not contain any null bytes"));
    }
    if path.is_empty() {
        return Err(cx.throw_value_error("Path must not be empty"));
    }
    let full = Path::new(OsStr::from_bytes(&cx.cwd)).join(OsStr::from_bytes(path));
    let mut file = match File::open(full) {
        Ok(file) => file,
        Err(error) => {
            let reason = match error.kind() {
                ErrorKind::NotFound => "No such file or directory",
                ErrorKind::PermissionDenied => "Permission denied",
                ErrorKind::NotADirectory => "Not a directory",
                _ => "operation failed",
            };
            cx.raise_warning(format!(
                "{name}({}): Failed to open stream: {reason}",
                path.to_str_lossy()
            ))?;
            return Ok(OrFalse(None));
        }
    };
    let mut digest = D::new();
    let mut buffer = [0; CHUNK];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => digest.update(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                let number = error.raw_os_error().unwrap_or(0);
                let text = error.to_string();
                let text = text.split(" (os error").next().unwrap_or_default();
                cx.notice(format!("Read of {CHUNK} bytes failed with errno={number} {text}"))?;
                break;
            }
        }
    }
    Ok(OrFalse(Some(shown(&digest.finalize(), binary))))
}

/// When the last name was made: two of one script never share a microsecond.
#[derive(Default)]
struct LastMade(u64);

pub fn uniqid(cx: &mut Cx, prefix: &PhpString, more_entropy: bool) -> Ret<Vec<u8>> {
    let micros = |wall: Duration| wall.as_micros() as u64;
    let last = cx.state::<LastMade>();
    let now = micros(outlast_host::clock::wall()).max(last.0 + 1);
    last.0 = now;
    let (seconds, rest) = (now / 1_000_000, now % 1_000_000);
    let mut out = prefix.to_vec();
    out.extend_from_slice(format!("{seconds:08x}{rest:05x}").as_bytes());
    if more_entropy {
        let random = outlast_host::random::number().unwrap_or(now);
        let share = (random >> 11) as f64 / (1u64 << 53) as f64 * 10.0;
        out.extend_from_slice(format!("{share:.8}").as_bytes());
    }
    Ok(out)
}
