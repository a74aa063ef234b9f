//! Files: handles, whole files, their status and names (manual: book.filesystem).

pub mod csv;
pub mod handle;
pub mod ini;
pub mod manage;
pub mod pattern;
pub mod status;
pub mod whole;

use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// Refuses a path with a null byte.
pub fn check_path(cx: &mut Cx, n: usize, path: &PhpString) -> Ret<()> {
    if path.contains(&0) {
        return Err(cx.arg_value_error(n, "must not contain any null bytes"));
    }
    Ok(())
}

/// A path in a message.
pub fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}
