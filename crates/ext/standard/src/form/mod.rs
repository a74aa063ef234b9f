//! Forms that come as the body of a request: `$_POST` and `$_FILES`.

pub mod multipart;

use multipart::{Event, Reader, Upload, UploadRules};
use outlast_text::query::{self, Limits, QueryArray, QueryValue, register_variable};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::ini::parse_bool;
use outlast_vm::sapi::BodyCut;
use outlast_vm::uploads::UploadedFiles;
use outlast_vm::{Cx, Ret, Unwind};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Limits, by the names of their settings.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub max_file_uploads: i64,
    pub max_input_vars: i64,
    /// Below 0: the sum of the two above.
    pub max_multipart_body_parts: i64,
    pub post_max_size: i64,
    pub upload_max_filesize: i64,
}

impl Options {
    /// As the settings say.
    pub fn new(cx: &Cx) -> Options {
        Options {
            max_file_uploads: cx.ini.int("max_file_uploads"),
            max_input_vars: cx.ini.int("max_input_vars"),
            max_multipart_body_parts: cx.ini.int("max_multipart_body_parts"),
            post_max_size: cx.ini.int("post_max_size"),
            upload_max_filesize: cx.ini.int("upload_max_filesize"),
        }
    }

    fn limits(&self, cx: &Cx) -> Limits {
        Limits {
            variables: usize::try_from(self.max_input_vars).unwrap_or(0),
            nesting: usize::try_from(cx.ini.int("max_input_nesting_level")).unwrap_or(0),
        }
    }

    fn upload_rules(&self, cx: &Cx) -> UploadRules {
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let folder = ["upload_tmp_dir", "sys_temp_dir"]
            .map(|name| cx.ini.bytes(name).to_vec())
            .into_iter()
            .find(|folder| !folder.is_empty());
        UploadRules {
            enabled: parse_bool(cx.ini.bytes("file_uploads")),
            max_files: count(self.max_file_uploads),
            max_size: u64::try_from(self.upload_max_filesize).unwrap_or(0),
            max_parts: usize::try_from(self.max_multipart_body_parts)
                .unwrap_or_else(|_| count(self.max_input_vars) + count(self.max_file_uploads)),
            folder: match folder {
                Some(folder) => OsStr::from_bytes(&folder).into(),
                None => std::env::temp_dir(),
            },
        }
    }
}

/// A form that was read.
#[derive(Default)]
pub struct Form {
    /// `$_POST`
    pub post: PhpArray,
    /// `$_FILES`
    pub files: PhpArray,
    /// What PHP says about it.
    pub complaints: Vec<String>,
}

/// Is told what happens while a body is read.
pub trait Watcher {
    /// The body begins; `length`: its announced length in bytes.
    fn started(&mut self, cx: &mut Cx, length: u64) -> Ret<()>;
    /// `processed` bytes have come so far. False: the file that is being read is not wanted.
    fn event(&mut self, cx: &mut Cx, event: Event, processed: u64) -> Ret<bool>;
    /// The body is complete, or was cut.
    fn ended(&mut self, cx: &mut Cx, processed: u64) -> Ret<()>;
}

/// Nobody.
impl Watcher for () {
    fn started(&mut self, _: &mut Cx, _: u64) -> Ret<()> {
        Ok(())
    }
    fn event(&mut self, _: &mut Cx, _: Event, _: u64) -> Ret<bool> {
        Ok(true)
    }
    fn ended(&mut self, _: &mut Cx, _: u64) -> Ret<()> {
        Ok(())
    }
}

const MULTIPART: &[u8] = b"multipart/form-data";

fn essence(content_type: &[u8]) -> Vec<u8> {
    let essence = content_type.split(|b| b";, ".contains(b)).next().unwrap_or_default();
    essence.to_ascii_lowercase()
}

/// Does a body of this type make `$_POST`?
pub fn is_form(content_type: &[u8]) -> bool {
    let essence = essence(content_type);
    essence == MULTIPART || essence == b"application/x-www-form-urlencoded"
}

/// PHP's words about too many variables.
pub fn too_many(limit: usize) -> String {
    format!(
        "Input variables exceeded {limit}. To increase the limit change max_input_vars in php.ini."
    )
}

/// Reads the request's body as a form. Unwinds the script if the body does not come to its end.
pub fn read(
    cx: &mut Cx,
    content_type: &[u8],
    content_length: &[u8],
    options: &Options,
    watcher: &mut dyn Watcher,
) -> Ret<Form> {
    let length = std::str::from_utf8(content_length).ok().and_then(|text| text.trim().parse().ok());
    let length: i64 = length.unwrap_or(0);
    let max = options.post_max_size;
    if max > 0 && length > max {
        let text =
            format!("POST Content-Length of {length} bytes exceeds the limit of {max} bytes");
        return Ok(Form { complaints: vec![text], ..Form::default() });
    }
    let limits = options.limits(cx);
    if essence(content_type) != MULTIPART {
        let body = cx.parked_in_sapi("request body", |sapi| sapi.body())?;
        let (post, cut) = query::parse_query(&body, b"&", limits);
        let complaints = if cut { vec![too_many(limits.variables)] } else { Vec::new() };
        return Ok(Form { post: array_of(post), files: PhpArray::new(), complaints });
    }
    let boundary = match multipart::boundary(content_type) {
        Ok(boundary) => boundary,
        Err(message) => return Ok(Form { complaints: vec![message.into()], ..Form::default() }),
    };
    let mut reader = Reader::new(&boundary, options.upload_rules(cx));
    let mut processed = 0u64;
    watcher.started(cx, length.unsigned_abs())?;
    loop {
        let part = match cx.parked_in_sapi("upload", |sapi| sapi.body_part())? {
            Ok(part) => part,
            Err(BodyCut) => {
                watcher.ended(cx, processed)?;
                return Err(Unwind::Exit);
            }
        };
        if part.is_empty() {
            break;
        }
        processed += part.len() as u64;
        for event in reader.push(&part) {
            if !watcher.event(cx, event, processed)? {
                reader.cancel_file();
            }
        }
    }
    let (form, events) = reader.finish();
    let stored = form.uploads.iter().filter(|upload| !upload.tmp_name.is_empty());
    let stored: Vec<Vec<u8>> = stored.map(|upload| upload.tmp_name.clone()).collect();
    cx.state::<UploadedFiles>().0.extend(stored);
    for event in events {
        watcher.event(cx, event, processed)?;
    }
    watcher.ended(cx, processed)?;
    let mut complaints = Vec::new();
    let mut post = QueryArray::default();
    for (at, (name, value)) in form.fields.into_iter().enumerate() {
        if at >= limits.variables {
            complaints.push(too_many(limits.variables));
            break;
        }
        register_variable(&mut post, &name, value, limits.nesting);
    }
    complaints.extend(form.warnings);
    Ok(Form { post: array_of(post), files: files_array(form.uploads, limits.nesting), complaints })
}

/// `$_FILES`: each property of an upload stands under the field's name, brackets behind it.
fn files_array(uploads: Vec<Upload>, nesting: usize) -> PhpArray {
    let mut tree = QueryArray::default();
    for upload in uploads {
        let bracket = upload.field.iter().position(|&b| b == b'[').unwrap_or(upload.field.len());
        let (base, indexes) = upload.field.split_at(bracket);
        let mut put = |property: &str, value: Vec<u8>| {
            let name = [base, b"[", property.as_bytes(), b"]", indexes].concat();
            register_variable(&mut tree, &name, value, nesting);
        };
        put("name", upload.name);
        put("full_path", upload.full_path);
        put("type", upload.kind);
        put("tmp_name", upload.tmp_name);
        put("error", upload.error.to_string().into_bytes());
        put("size", upload.size.to_string().into_bytes());
    }
    let mut files = PhpArray::new();
    for (field, properties) in tree.into_entries() {
        let QueryValue::Array(properties) = properties else { continue };
        let mut row = PhpArray::new();
        for (property, value) in properties.into_entries() {
            let is_int =
                matches!(&property, query::Key::Text(name) if name == b"error" || name == b"size");
            row.insert(key_of(property), if is_int { ints_of(value) } else { value_of(value) });
        }
        files.insert(key_of(field), Value::Array(row));
    }
    files
}

fn ints_of(value: QueryValue) -> Value {
    match value {
        QueryValue::Text(text) => {
            Value::Int(String::from_utf8_lossy(&text).parse().unwrap_or_default())
        }
        QueryValue::Array(array) => {
            let mut out = PhpArray::new();
            for (key, value) in array.into_entries() {
                out.insert(key_of(key), ints_of(value));
            }
            Value::Array(out)
        }
    }
}

fn key_of(key: query::Key) -> Key {
    match key {
        query::Key::Int(int) => Key::Int(int),
        query::Key::Text(text) => Key::Str(PhpString::new(&text)),
    }
}

fn value_of(value: QueryValue) -> Value {
    match value {
        QueryValue::Text(text) => Value::Str(PhpString::new(&text)),
        QueryValue::Array(array) => Value::Array(array_of(array)),
    }
}

/// A parsed query as an array.
pub fn array_of(array: QueryArray) -> PhpArray {
    let mut out = PhpArray::new();
    for (key, value) in array.into_entries() {
        out.insert(key_of(key), value_of(value));
    }
    out
}
