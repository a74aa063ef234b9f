//! Documents held against schemas.

use crate::place;
use outlast_ext_libxml::{raise_io_error, report, report_plain, source};
use outlast_value::{Object, PhpString};
use outlast_vm::{Cx, Ret, Unwind};
use outlast_xml::build::{Wanted, document};
use outlast_xml::schema::{self, Schema};
use outlast_xml::{Level, Tree, XmlError};

/// `LIBXML_SCHEMA_CREATE`
const CREATE: i64 = 1;

/// What libxml2 calls a schema that it was given as text.
const IN_MEMORY: &[u8] = b"in_memory_buffer";

pub fn dom_document_schema_validate(
    cx: &mut Cx,
    this: &Object,
    path: &PhpString,
    flags: i64,
) -> Ret<bool> {
    if path.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    let Some(text) = source::read(cx, path)? else {
        raise_io_error(cx, path)?;
        let shown = String::from_utf8_lossy(path);
        let text = format!("Failed to locate the main schema resource at '{shown}'.\n");
        report_plain(cx, vec![error(1757, text)], None)?;
        return invalid(cx);
    };
    validate(cx, this, &text, path, flags)
}

pub fn dom_document_schema_validate_source(
    cx: &mut Cx,
    this: &Object,
    source: &PhpString,
    flags: i64,
) -> Ret<bool> {
    if source.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    validate(cx, this, source, IN_MEMORY, flags)
}

fn error(code: i64, message: String) -> XmlError {
    XmlError { level: Level::Error, code, message: message.into_bytes(), line: 0, column: 0 }
}

fn invalid(cx: &mut Cx) -> Ret<bool> {
    cx.warning("Invalid Schema")?;
    Ok(false)
}

fn validate(cx: &mut Cx, this: &Object, text: &[u8], location: &[u8], flags: i64) -> Ret<bool> {
    let (validated, _) = place(cx, this)?;
    let built = document(text, None, Wanted::default());
    let told = (location != IN_MEMORY).then_some(location);
    report(cx, built.errors, told)?;
    let Some(tree) = built.tree else {
        let shown = String::from_utf8_lossy(location);
        let text = format!("Failed to parse the XML resource '{shown}'.\n");
        report_plain(cx, vec![error(3067, text)], None)?;
        return invalid(cx);
    };
    let schema = match read(cx, &tree, location)? {
        Ok(schema) => schema,
        Err(error) => {
            let file = (error.line > 0).then_some(location);
            report_plain(cx, vec![error], file)?;
            return invalid(cx);
        }
    };
    let errors = schema::validate(&schema, &mut validated.tree.borrow_mut(), flags & CREATE != 0);
    let file = validated.uri.borrow().clone();
    let valid = errors.is_empty();
    report_plain(cx, errors, file.as_deref())?;
    Ok(valid)
}

/// Reads a schema with those that it includes and imports.
fn read(cx: &mut Cx, tree: &Tree, location: &[u8]) -> Ret<Result<Schema, XmlError>> {
    let mut failed: Option<Unwind> = None;
    let result = schema::read(tree, location, &mut |wanted, base| {
        let path = beside(wanted, base);
        match source::read(cx, &path) {
            Ok(text) => Some((path, document(&text?, None, Wanted::default()).tree?)),
            Err(unwind) => {
                failed = Some(unwind);
                None
            }
        }
    });
    match failed {
        Some(unwind) => Err(unwind),
        None => Ok(result),
    }
}

/// The location, from the folder of the document that names it.
fn beside(wanted: &[u8], base: &[u8]) -> Vec<u8> {
    let absolute = wanted.starts_with(b"/") || wanted.windows(3).any(|w| w == b"://");
    match base.iter().rposition(|&b| b == b'/') {
        Some(at) if !absolute => [&base[..=at], wanted].concat(),
        _ => wanted.to_vec(),
    }
}
