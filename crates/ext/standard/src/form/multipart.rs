//! `multipart/form-data`: fields for `$_POST`, uploads for `$_FILES`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Limits and places that php.ini sets.
#[derive(Clone, Debug)]
pub struct UploadRules {
    /// `file_uploads`
    pub enabled: bool,
    /// `max_file_uploads`
    pub max_files: usize,
    /// `upload_max_filesize`, 0 for none.
    pub max_size: u64,
    /// `max_multipart_body_parts`
    pub max_parts: usize,
    /// `upload_tmp_dir` or the system's.
    pub folder: PathBuf,
}

/// `UPLOAD_ERR_…`
mod upload_error {
    pub const OK: i64 = 0;
    pub const INI_SIZE: i64 = 1;
    pub const FORM_SIZE: i64 = 2;
    pub const PARTIAL: i64 = 3;
    pub const NO_FILE: i64 = 4;
    pub const NO_TMP_DIR: i64 = 6;
    pub const CANT_WRITE: i64 = 7;
    pub const EXTENSION: i64 = 8;
}

/// An entry of `$_FILES`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Name of the field, brackets included.
    pub field: Vec<u8>,
    /// File name without folders.
    pub name: Vec<u8>,
    /// File name as sent.
    pub full_path: Vec<u8>,
    /// Its Content-Type as sent.
    pub kind: Vec<u8>,
    /// Where it is stored; empty after an error.
    pub tmp_name: Vec<u8>,
    /// `UPLOAD_ERR_…`
    pub error: i64,
    /// Bytes stored.
    pub size: i64,
}

/// What a body says.
#[derive(Debug, Default)]
pub struct Form {
    /// Name and value of each field, in order.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
    /// The files.
    pub uploads: Vec<Upload>,
    /// What PHP warns of.
    pub warnings: Vec<String>,
}

/// What happens while a body is read.
#[derive(Debug)]
pub enum Event {
    /// A field has come.
    Field(Vec<u8>, Vec<u8>),
    /// A file begins: its field and name.
    FileStart(Vec<u8>, Vec<u8>),
    /// So many bytes of the file have come.
    FileData(u64),
    /// A file has come: where it is stored, and `UPLOAD_ERR_…`.
    FileEnd(Vec<u8>, i64),
}

/// The boundary that a Content-Type names, or PHP's complaint.
pub fn boundary(content_type: &[u8]) -> Result<Vec<u8>, &'static str> {
    let lower = content_type.to_ascii_lowercase();
    let missing = "Missing boundary in multipart/form-data POST data";
    let at = find(&lower, b"boundary").ok_or(missing)?;
    let rest = &content_type[at..];
    let value = &rest[rest.iter().position(|&b| b == b'=').ok_or(missing)? + 1..];
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => {
            let end = quoted.iter().position(|&b| b == b'"');
            &quoted[..end.ok_or("Invalid boundary in multipart/form-data POST data")?]
        }
        None => &value[..value.iter().position(|b| b",;".contains(b)).unwrap_or(value.len())],
    };
    if value.len() > 5116 {
        return Err("Boundary too large in multipart/form-data POST data");
    }
    Ok(value.to_vec())
}

/// A body that is taken apart as it comes. Files are stored as they are met; those of a form that nobody
/// takes are removed.
pub struct Reader {
    rules: UploadRules,
    delimiter: Vec<u8>,
    /// What came and was not understood yet.
    buffer: Vec<u8>,
    state: State,
    form: Form,
    events: Vec<Event>,
    parts: usize,
    files: usize,
    too_many_files: bool,
    /// The field `MAX_FILE_SIZE`.
    max_file_size: u64,
}

enum State {
    /// Before the first delimiter.
    Preamble,
    /// Behind a delimiter.
    Delimiter,
    Headers,
    Data {
        part: Content,
        /// Nothing of it has come yet, so that a delimiter may follow without a line break.
        fresh: bool,
    },
    Done,
}

/// Where the data of a part goes.
enum Content {
    Field(Vec<u8>, Vec<u8>),
    File(Box<Incoming>),
    Nowhere,
}

/// A file that is being received.
struct Incoming {
    upload: Upload,
    file: Option<File>,
    received: u64,
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let State::Data { part: Content::File(incoming), .. } = &mut self.state {
            incoming.discard();
        }
        for upload in &self.form.uploads {
            if !upload.tmp_name.is_empty() {
                // Nobody can be told that it is gone already.
                let _ = std::fs::remove_file(OsStr::from_bytes(&upload.tmp_name));
            }
        }
    }
}

impl Reader {
    /// Reads a body with this boundary.
    pub fn new(boundary: &[u8], rules: UploadRules) -> Reader {
        Reader {
            rules,
            delimiter: [b"--", boundary].concat(),
            buffer: Vec::new(),
            state: State::Preamble,
            form: Form::default(),
            events: Vec::new(),
            parts: 0,
            files: 0,
            too_many_files: false,
            max_file_size: 0,
        }
    }

    /// The next bytes of the body; what happened by them.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.buffer.extend_from_slice(bytes);
        while self.step() {}
        std::mem::take(&mut self.events)
    }

    /// The file that has just begun is not wanted.
    pub fn cancel_file(&mut self) {
        if let State::Data { part: Content::File(incoming), .. } = &mut self.state {
            incoming.refuse(upload_error::EXTENSION);
        } else if let Some(upload) = self.form.uploads.last_mut() {
            let mut incoming = Incoming { upload: upload.clone(), file: None, received: 0 };
            incoming.refuse(upload_error::EXTENSION);
            *upload = incoming.upload;
        }
    }

    /// The body is over.
    pub fn finish(&mut self) -> (Form, Vec<Event>) {
        if matches!(self.state, State::Data { .. }) {
            let rest = std::mem::take(&mut self.buffer);
            self.data(&rest);
            self.end_part(false);
        }
        self.state = State::Done;
        (std::mem::take(&mut self.form), std::mem::take(&mut self.events))
    }

    /// Understands some more; false: more must come first.
    fn step(&mut self) -> bool {
        match &self.state {
            State::Preamble => match find(&self.buffer, &self.delimiter) {
                Some(at) => {
                    self.buffer.drain(..at + self.delimiter.len());
                    self.state = State::Delimiter;
                    true
                }
                None => {
                    let keep = self.buffer.len().min(self.delimiter.len());
                    self.buffer.drain(..self.buffer.len() - keep);
                    false
                }
            },
            State::Delimiter => {
                if self.buffer.starts_with(b"--") {
                    self.state = State::Done;
                    return true;
                }
                let Some(end) = self.buffer.iter().position(|&b| b == b'\n') else { return false };
                self.buffer.drain(..=end);
                self.state = State::Headers;
                true
            }
            State::Headers => {
                let Some((headers, rest)) = split_headers(&self.buffer) else { return false };
                let part = Part::of(headers);
                let used = self.buffer.len() - rest.len();
                self.buffer.drain(..used);
                self.state = match self.begin_part(part) {
                    Some(part) => State::Data { part, fresh: true },
                    None => State::Done,
                };
                true
            }
            State::Data { fresh, .. } => {
                let (end, behind) = match *fresh && self.buffer.starts_with(&self.delimiter) {
                    true => (0, self.delimiter.len()),
                    false => match find(&self.buffer, &[b"\n", &self.delimiter[..]].concat()) {
                        Some(at) => {
                            let line = at > 0 && self.buffer[at - 1] == b'\r';
                            (at - usize::from(line), at + 1 + self.delimiter.len())
                        }
                        None => {
                            // What may be the start of a delimiter stays.
                            let keep = self.delimiter.len() + 2;
                            if self.buffer.len() > keep {
                                let rest = self.buffer.split_off(self.buffer.len() - keep);
                                let data = std::mem::replace(&mut self.buffer, rest);
                                self.data(&data);
                            }
                            return false;
                        }
                    },
                };
                let rest = self.buffer.split_off(behind);
                let data = std::mem::replace(&mut self.buffer, rest);
                self.data(&data[..end]);
                self.end_part(true);
                self.state = State::Delimiter;
                true
            }
            State::Done => {
                self.buffer.clear();
                false
            }
        }
    }

    /// A part begins; `None`: no further one is read.
    fn begin_part(&mut self, part: Part) -> Option<Content> {
        self.parts += 1;
        if self.parts > self.rules.max_parts {
            self.form.warnings.push(format!(
                "Multipart body parts limit exceeded {}. To increase the limit change \
                 max_multipart_body_parts in php.ini.",
                self.rules.max_parts
            ));
            return None;
        }
        let (name, file_name) = match (part.name, part.file_name) {
            (Some(name), None) => return Some(Content::Field(name, Vec::new())),
            (None, None) => {
                self.form.warnings.push("File Upload Mime headers garbled".into());
                return None;
            }
            (name, Some(file_name)) => (name, file_name),
        };
        if !self.rules.enabled {
            return Some(Content::Nowhere);
        }
        if !file_name.is_empty() {
            self.files += 1;
        }
        if self.files > self.rules.max_files {
            if !std::mem::replace(&mut self.too_many_files, true) {
                self.form
                    .warnings
                    .push("Maximum number of allowable file uploads has been exceeded".into());
            }
            return Some(Content::Nowhere);
        }
        let field = name.unwrap_or_else(|| self.files.to_string().into_bytes());
        let upload = Upload {
            field,
            name: base_name(&file_name).to_vec(),
            full_path: file_name,
            kind: part.kind,
            tmp_name: Vec::new(),
            error: upload_error::OK,
            size: 0,
        };
        let mut incoming = Incoming { upload, file: None, received: 0 };
        if incoming.upload.full_path.is_empty() {
            incoming.upload.error = upload_error::NO_FILE;
        } else {
            let event =
                Event::FileStart(incoming.upload.field.clone(), incoming.upload.name.clone());
            self.events.push(event);
            match temporary_file(&self.rules.folder) {
                Ok((file, path)) => {
                    incoming.upload.tmp_name = path.into_os_string().into_encoded_bytes();
                    incoming.file = Some(file);
                }
                Err(_) => incoming.upload.error = upload_error::NO_TMP_DIR,
            }
        }
        Some(Content::File(Box::new(incoming)))
    }

    /// Data of the current part.
    fn data(&mut self, bytes: &[u8]) {
        let State::Data { part, fresh } = &mut self.state else { return };
        *fresh &= bytes.is_empty();
        match part {
            Content::Field(_, value) => value.extend_from_slice(bytes),
            Content::File(incoming) if !bytes.is_empty() => {
                incoming.add(bytes, self.max_file_size, &self.rules);
                self.events.push(Event::FileData(incoming.received));
            }
            Content::File(_) | Content::Nowhere => {}
        }
    }

    /// The current part is over, or the body ended inside it.
    fn end_part(&mut self, complete: bool) {
        let state = std::mem::replace(&mut self.state, State::Done);
        let State::Data { part, .. } = state else { return };
        match part {
            Content::Field(name, value) => {
                if name.eq_ignore_ascii_case(b"MAX_FILE_SIZE") {
                    self.max_file_size = leading_number(&value);
                }
                self.events.push(Event::Field(name.clone(), value.clone()));
                self.form.fields.push((name, value));
            }
            Content::File(mut incoming) => {
                if !complete {
                    incoming.refuse(upload_error::PARTIAL);
                }
                if incoming.upload.error == upload_error::OK {
                    incoming.upload.size = incoming.received as i64;
                } else {
                    // PHP forgets the type of what it did not take.
                    incoming.upload.kind.clear();
                }
                let upload = incoming.upload;
                if upload.error != upload_error::NO_FILE {
                    self.events.push(Event::FileEnd(upload.tmp_name.clone(), upload.error));
                }
                self.form.uploads.push(upload);
            }
            Content::Nowhere => {}
        }
    }
}

impl Incoming {
    fn add(&mut self, bytes: &[u8], max_file_size: u64, rules: &UploadRules) {
        self.received += bytes.len() as u64;
        if rules.max_size > 0 && self.received > rules.max_size {
            self.refuse(upload_error::INI_SIZE);
        } else if max_file_size > 0 && self.received > max_file_size {
            self.refuse(upload_error::FORM_SIZE);
        }
        if let Some(file) = &mut self.file
            && file.write_all(bytes).is_err()
        {
            self.refuse(upload_error::CANT_WRITE);
        }
    }

    /// The first reason counts.
    fn refuse(&mut self, error: i64) {
        if self.upload.error == upload_error::OK {
            self.upload.error = error;
        }
        self.discard();
    }

    fn discard(&mut self) {
        self.file = None;
        let path = std::mem::take(&mut self.upload.tmp_name);
        if !path.is_empty() {
            // Nobody can be told that it is gone already.
            let _ = std::fs::remove_file(OsStr::from_bytes(&path));
        }
    }
}

/// A new file that only we may read: `phpXXXXXX`.
fn temporary_file(folder: &Path) -> io::Result<(File, PathBuf)> {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut attempts = 0;
    loop {
        let mut random = [0; 6];
        outlast_host::random::fill(&mut random)?;
        let mut name = String::from("php");
        name.extend(random.map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])));
        let path = folder.join(name);
        match File::options().write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < 100 => {
                attempts += 1;
            }
            opened => return opened.map(|file| (file, path)),
        }
    }
}

/// What the headers of a part say.
struct Part {
    name: Option<Vec<u8>>,
    file_name: Option<Vec<u8>>,
    kind: Vec<u8>,
}

impl Part {
    fn of(headers: &[u8]) -> Part {
        let mut part = Part { name: None, file_name: None, kind: Vec::new() };
        for line in unfolded(headers) {
            let Some(colon) = line.iter().position(|&b| b == b':') else { continue };
            let value = line[colon + 1..].trim_ascii();
            match line[..colon].trim_ascii().to_ascii_lowercase().as_slice() {
                b"content-disposition" => {
                    for (name, value) in parameters(value) {
                        match name.as_slice() {
                            b"name" => part.name = Some(value),
                            b"filename" => part.file_name = Some(value),
                            _ => {}
                        }
                    }
                }
                b"content-type" => {
                    let end = value.iter().position(|&b| b == b';').unwrap_or(value.len());
                    part.kind = value[..end].to_vec();
                }
                _ => {}
            }
        }
        part
    }
}

/// Header lines, continuation lines joined.
fn unfolded(headers: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in headers.split(|&b| b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match (line.first(), lines.last_mut()) {
            (Some(b' ' | b'\t'), Some(last)) => last.extend_from_slice(line),
            (None, _) => {}
            _ => lines.push(line.to_vec()),
        }
    }
    lines
}

/// `; name="value"` pairs behind a header's value.
fn parameters(value: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some(semicolon) = rest.iter().position(|&b| b == b';') {
        rest = rest[semicolon + 1..].trim_ascii_start();
        let end = rest.iter().position(|b| b"=;".contains(b)).unwrap_or(rest.len());
        if rest.get(end) != Some(&b'=') {
            continue;
        }
        let name = rest[..end].trim_ascii().to_ascii_lowercase();
        rest = rest[end + 1..].trim_ascii_start();
        let (text, used) = word(rest);
        found.push((name, text));
        rest = &rest[used..];
    }
    found
}

/// A quoted or plain word, and how long it is as written.
fn word(text: &[u8]) -> (Vec<u8>, usize) {
    let Some(&quote @ (b'"' | b'\'')) = text.first() else {
        let end = text.iter().position(|&b| b == b';').unwrap_or(text.len());
        return (text[..end].trim_ascii_end().to_vec(), end);
    };
    let mut out = Vec::new();
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        // A backslash escapes itself and the quote only: Windows sends folders.
        if text[at] == b'\\' && text.get(at + 1).is_some_and(|&b| b == quote || b == b'\\') {
            at += 1;
        }
        out.push(text[at]);
        at += 1;
    }
    (out, (at + 1).min(text.len()))
}

fn split_headers(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        let length = text[at..].iter().position(|&b| b == b'\n')?;
        let line = &text[at..at + length];
        if line.is_empty() || line == b"\r" {
            return Some((&text[..at], &text[at + length + 1..]));
        }
        at += length + 1;
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|&b| b == first) {
        if text[from + at..].starts_with(what) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn base_name(path: &[u8]) -> &[u8] {
    path.iter().rposition(|b| b"/\\".contains(b)).map_or(path, |at| &path[at + 1..])
}

fn leading_number(text: &[u8]) -> u64 {
    let digits = text.trim_ascii_start().iter().take_while(|b| b.is_ascii_digit());
    digits.fold(0u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> UploadRules {
        UploadRules {
            enabled: true,
            max_files: 2,
            max_size: 10,
            max_parts: 100,
            folder: std::env::temp_dir(),
        }
    }

    #[test]
    fn boundaries() {
        assert_eq!(boundary(b"multipart/form-data; boundary=abc").unwrap(), b"abc");
        assert_eq!(boundary(b"multipart/form-data; boundary=\"a;b\"; x=1").unwrap(), b"a;b");
        assert!(boundary(b"multipart/form-data").unwrap_err().starts_with("Missing boundary"));
        assert!(boundary(b"multipart/form-data; boundary=\"a").unwrap_err().starts_with("Invalid"));
    }

    /// Takes a body apart that comes in pieces of this size.
    fn read_form(body: &[u8], piece: usize) -> Form {
        let mut reader = Reader::new(b"X", rules());
        for piece in body.chunks(piece) {
            reader.push(piece);
        }
        reader.finish().0
    }

    const BODY: &[u8] = b"--X\r\nContent-Disposition: form-data; name=\"a[]\"\r\n\r\nline\r\nline\r\n\
        --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"d\\c.txt\"\r\n\
        Content-Type: text/plain; charset=x\r\n\r\nhello\r\n\
        --X\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n\r\n\r\n\
        --X\r\nContent-Disposition: form-data; name=\"h\"; filename=\"big\"\r\n\r\n0123456789+\r\n--X--\r\n";

    #[test]
    fn fields_and_files_in_pieces_of_any_size() {
        for piece in [1, 7, BODY.len()] {
            let form = read_form(BODY, piece);
            assert_eq!(form.fields, [(b"a[]".to_vec(), b"line\r\nline".to_vec())]);
            let [file, none, big] = form.uploads.as_slice() else { panic!("{form:?}") };
            assert_eq!((file.name.as_slice(), file.size, file.error), (&b"c.txt"[..], 5, 0));
            assert_eq!(file.kind, b"text/plain");
            let path = PathBuf::from(String::from_utf8(file.tmp_name.clone()).unwrap());
            assert_eq!(std::fs::read(&path).unwrap(), b"hello");
            std::fs::remove_file(path).unwrap();
            assert_eq!((none.error, big.error), (4, 1));
            assert_eq!((none.tmp_name.len(), big.tmp_name.len()), (0, 0));
        }
    }

    #[test]
    fn a_body_cut_short_is_partial() {
        let body = b"--X\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nhel";
        assert_eq!(read_form(body, 100).uploads[0].error, 3);
    }

    #[test]
    fn what_nobody_takes_leaves_no_file() {
        let mut reader = Reader::new(b"X", rules());
        let head = BODY.len() - 40;
        let events = reader.push(&BODY[..head]);
        let stored = events.iter().find_map(|event| match event {
            Event::FileEnd(path, 0) => Some(path.clone()),
            _ => None,
        });
        let path = PathBuf::from(String::from_utf8(stored.unwrap()).unwrap());
        assert!(path.exists());
        drop(reader);
        assert!(!path.exists());
    }
}
