//! Files that came with the request.

use crate::form::{self, Options};
use crate::stream::backend::{error_text, host};
use crate::stream::registry::place;
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::ini::parse_quantity;
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

/// Limits that `request_parse_body()` is given instead of those of the settings.
fn read_options(cx: &mut Cx, given: &PhpArray, options: &mut Options) -> Ret<()> {
    for (key, value) in given.iter() {
        let Key::Str(name) = key else {
            return Err(cx.throw_value_error("Invalid integer key in $options argument"));
        };
        if name.is_empty() {
            return Err(cx.throw_value_error("Invalid empty string key in $options argument"));
        }
        let option = match name.as_bytes() {
            b"max_file_uploads" => &mut options.max_file_uploads,
            b"max_input_vars" => &mut options.max_input_vars,
            b"max_multipart_body_parts" => &mut options.max_multipart_body_parts,
            b"post_max_size" => &mut options.post_max_size,
            b"upload_max_filesize" => &mut options.upload_max_filesize,
            _ => {
                let shown = name.to_str_lossy();
                let text = format!("Invalid key \"{shown}\" in $options argument");
                return Err(cx.throw_value_error(text));
            }
        };
        match value.deref() {
            Value::Int(number) => *option = number,
            Value::Str(text) => {
                let (number, complaint) = parse_quantity(&text);
                *option = number;
                if let Some(complaint) = complaint {
                    cx.raise_warning(complaint)?;
                }
            }
            other => {
                let given = cx.value_type_name(&other);
                let text = format!("Invalid {given} value in $options argument");
                return Err(cx.throw_value_error(text));
            }
        }
    }
    Ok(())
}

/// `request_parse_body()`
pub fn request_parse_body(cx: &mut Cx, options: Option<PhpArray>) -> Ret<PhpArray> {
    const EXCEPTION: &str = "RequestParseBodyException";
    let mut limits = Options::new(cx);
    if let Some(given) = options {
        read_options(cx, &given, &mut limits)?;
    }
    let rows = cx.sapi.server_variables();
    let row = |name: &str| {
        let found = rows.iter().find(|(key, _)| key.as_bytes() == name.as_bytes());
        found.map(|(_, value)| value.as_bytes().to_vec()).unwrap_or_default()
    };
    let kind = row("CONTENT_TYPE");
    if kind.is_empty() {
        return Err(cx.throw(EXCEPTION, "Request does not provide a content type"));
    }
    if !form::is_form(&kind) {
        let text = format!("Content-Type \"{}\" is not supported", String::from_utf8_lossy(&kind));
        return Err(cx.throw("InvalidArgumentException", text));
    }
    let form = form::read(cx, &kind, &row("CONTENT_LENGTH"), &limits, &mut ())?;
    if let Some(complaint) = form.complaints.first() {
        return Err(cx.throw(EXCEPTION, complaint));
    }
    Ok(PhpArray::from_list(vec![Value::Array(form.post), Value::Array(form.files)]))
}
