//! Files that came with the request.

use crate::stream::backend::{error_text, host};
use crate::stream::registry::place;
use outlast_value::PhpString;
use outlast_vm::uploads::UploadedFiles;
use outlast_vm::{Cx, Ret};

#[path = "upload_stub.rs"]
mod upload_stub;
pub use upload_stub::MODULE;

/// `is_uploaded_file()`
pub fn is_uploaded_file(cx: &mut Cx, filename: &PhpString) -> Ret<bool> {
    crate::file::check_path(cx, 1, filename)?;
    Ok(cx.state::<UploadedFiles>().0.iter().any(|file| file == filename.as_bytes()))
}

/// `move_uploaded_file()`
pub fn move_uploaded_file(cx: &mut Cx, from: &PhpString, to: &PhpString) -> Ret<bool> {
    crate::file::check_path(cx, 1, from)?;
    crate::file::check_path(cx, 2, to)?;
    if !is_uploaded_file(cx, from)? {
        return Ok(false);
    }
    let place = place(cx);
    match host(cx, "rename", || place.rename(from, to))? {
        Ok(()) => {
            let mask = place.umask(None);
            let _kept_private = place.set_mode(to, 0o666 & !mask);
            cx.state::<UploadedFiles>().0.retain(|file| file != from.as_bytes());
            Ok(true)
        }
        Err(error) => {
            let (one, two) = (from.to_str_lossy().into_owned(), to.to_str_lossy().into_owned());
            let text = error_text(&error);
            cx.warning(format!("Unable to move \"{one}\" to \"{two}\": {text}"))?;
            Ok(false)
        }
    }
}
