//! Errors: kept for the script, or reported as warnings.

use outlast_value::{Object, PhpString, Resource, Value};
use outlast_vm::{Cx, Ret, level};
use outlast_xml::{Level, XmlError};

/// What a script has set and collected.
#[derive(Default)]
pub struct ErrorList {
    /// `libxml_use_internal_errors(true)`
    pub keep: bool,
    pub(crate) kept: Vec<Kept>,
    pub(crate) last: Option<Kept>,
    pub(crate) entities_disabled: bool,
    /// The context files are opened with.
    pub context: Option<Resource>,
}

/// An error with the file it is about.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    error: XmlError,
    file: Vec<u8>,
}

/// The `LibXMLError` of an error.
pub(crate) fn object(cx: &mut Cx, kept: &Kept) -> Ret<Object> {
    let class = cx.class(b"LibXMLError").expect("it is declared here");
    let object = cx.instantiate(class)?;
    let e = &kept.error;
    let values: [(&str, Value); 6] = [
        ("level", Value::Int(e.level as i64)),
        ("code", Value::Int(e.code)),
        ("column", Value::Int(i64::from(e.column))),
        ("message", Value::Str(PhpString::new(&e.message))),
        ("file", Value::Str(PhpString::new(&kept.file))),
        ("line", Value::Int(i64::from(e.line))),
    ];
    for (name, value) in values {
        cx.write_prop(&object, &PhpString::from(name), value)?;
    }
    Ok(object)
}

/// Keeps the errors, or reports each as a warning of the running function.
pub fn report(cx: &mut Cx, errors: Vec<XmlError>, file: Option<&[u8]>) -> Ret<()> {
    for error in errors {
        let kept = Kept { error, file: file.unwrap_or_default().to_vec() };
        if keep(cx, &kept) {
            continue;
        }
        let e = &kept.error;
        let mut text = e.message.trim_ascii_end().to_vec();
        text.extend_from_slice(b" in ");
        text.extend_from_slice(file.unwrap_or(b"Entity"));
        text.extend_from_slice(format!(", line: {}", e.line).as_bytes());
        let level = if e.level == Level::Warning { level::NOTICE } else { level::WARNING };
        cx.raise_docref(level, &text)?;
    }
    Ok(())
}

/// As [`report`], for errors that name what they are about themselves (schemas).
pub fn report_plain(cx: &mut Cx, errors: Vec<XmlError>, file: Option<&[u8]>) -> Ret<()> {
    for error in errors {
        let kept = Kept { error, file: file.unwrap_or_default().to_vec() };
        if !keep(cx, &kept) {
            cx.raise_docref(level::WARNING, kept.error.message.trim_ascii_end())?;
        }
    }
    Ok(())
}

/// Keeps an error if the script wants that.
fn keep(cx: &mut Cx, kept: &Kept) -> bool {
    let list = cx.state::<ErrorList>();
    list.last = Some(kept.clone());
    if list.keep {
        list.kept.push(kept.clone());
    }
    list.keep
}

/// A file that could not be opened.
pub fn raise_io_error(cx: &mut Cx, file: &[u8]) -> Ret<()> {
    let shown = String::from_utf8_lossy(file);
    let text = format!("failed to load external entity \"{shown}\"\n");
    let message = text.clone().into_bytes();
    let error = XmlError { level: Level::Warning, code: 1549, message, line: 0, column: 0 };
    if keep(cx, &Kept { error, file: Vec::new() }) {
        return Ok(());
    }
    cx.warning(format!("I/O warning : {}", text.trim_end()))
}
