//! `multipart/form-data`: fields for `$_POST`, uploads for `$_FILES`.

use std::fs::File;
use std::io::{self, Write};
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
}

/// An entry of `$_FILES`.
#[derive(Debug, PartialEq, Eq)]
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

/// Takes a body apart. Files are stored as they are met.
pub fn read_form(body: &[u8], boundary: &[u8], rules: &UploadRules) -> Form {
    let mut form = Form::default();
    let delimiter = [b"--", boundary].concat();
    let Some(start) = find(body, &delimiter) else { return form };
    let mut rest = &body[start + delimiter.len()..];
    let mut max_file_size = 0u64;
    let mut parts = 0;
    let mut files = 0;
    let mut too_many_files = false;
    while !rest.starts_with(b"--") {
        let Some(line_end) = rest.iter().position(|&b| b == b'\n') else { break };
        rest = &rest[line_end + 1..];
        let Some((headers, content)) = split_headers(rest) else { break };
        parts += 1;
        if parts > rules.max_parts {
            form.warnings.push(format!(
                "Multipart body parts limit exceeded {}. To increase the limit change \
                 max_multipart_body_parts in php.ini.",
                rules.max_parts
            ));
            return form;
        }
        let end = find_delimiter(content, &delimiter);
        let complete = end.is_some();
        let data = &content[..end.unwrap_or(content.len())];
        let part = Part::of(headers);
        match (part.name, part.file_name) {
            (Some(name), None) => {
                if name.eq_ignore_ascii_case(b"MAX_FILE_SIZE") {
                    max_file_size = leading_number(data);
                }
                form.fields.push((name, data.to_vec()));
            }
            (None, None) => {
                form.warnings.push("File Upload Mime headers garbled".into());
                return form;
            }
            (name, Some(file_name)) if rules.enabled => {
                if !file_name.is_empty() {
                    files += 1;
                }
                if files > rules.max_files {
                    if !too_many_files {
                        form.warnings.push(
                            "Maximum number of allowable file uploads has been exceeded".into(),
                        );
                    }
                    too_many_files = true;
                } else {
                    let field = name.unwrap_or_else(|| files.to_string().into_bytes());
                    let upload = Upload {
                        field,
                        name: base_name(&file_name).to_vec(),
                        full_path: file_name,
                        kind: part.kind,
                        tmp_name: Vec::new(),
                        error: upload_error::OK,
                        size: 0,
                    };
                    form.uploads.push(store(upload, data, complete, max_file_size, rules));
                }
            }
            (_, Some(_)) => {}
        }
        let Some(end) = end else { break };
        let after = find(&content[end..], &delimiter)
            .map_or(content.len(), |at| end + at + delimiter.len());
        rest = &content[after..];
    }
    form
}

fn store(
    mut upload: Upload,
    data: &[u8],
    complete: bool,
    max_file_size: u64,
    rules: &UploadRules,
) -> Upload {
    let size = data.len() as u64;
    upload.error = if upload.full_path.is_empty() {
        upload_error::NO_FILE
    } else if rules.max_size > 0 && size > rules.max_size {
        upload_error::INI_SIZE
    } else if max_file_size > 0 && size > max_file_size {
        upload_error::FORM_SIZE
    } else if !complete {
        upload_error::PARTIAL
    } else {
        upload_error::OK
    };
    if upload.error != upload_error::OK {
        // PHP forgets the type of what it did not take.
        upload.kind.clear();
        return upload;
    }
    match temporary_file(&rules.folder) {
        Ok((mut file, path)) => match file.write_all(data) {
            Ok(()) => {
                upload.tmp_name = path.into_os_string().into_encoded_bytes();
                upload.size = size as i64;
            }
            Err(_) => {
                let _ = std::fs::remove_file(&path);
                upload.error = upload_error::CANT_WRITE;
            }
        },
        Err(_) => upload.error = upload_error::NO_TMP_DIR,
    }
    upload
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

/// Where a part's data ends: before the line break of the next delimiter.
fn find_delimiter(content: &[u8], delimiter: &[u8]) -> Option<usize> {
    if content.starts_with(delimiter) {
        return Some(0);
    }
    let at = find(content, &[b"\n", delimiter].concat())?;
    Some(if at > 0 && content[at - 1] == b'\r' { at - 1 } else { at })
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

    #[test]
    fn fields_and_files() {
        let body = b"--X\r\nContent-Disposition: form-data; name=\"a[]\"\r\n\r\nline\r\nline\r\n\
            --X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"d\\c.txt\"\r\n\
            Content-Type: text/plain; charset=x\r\n\r\nhello\r\n\
            --X\r\nContent-Disposition: form-data; name=\"g\"; filename=\"\"\r\n\r\n\r\n\
            --X\r\nContent-Disposition: form-data; name=\"h\"; filename=\"big\"\r\n\r\n0123456789+\r\n--X--\r\n";
        let form = read_form(body, b"X", &rules());
        assert_eq!(form.fields, [(b"a[]".to_vec(), b"line\r\nline".to_vec())]);
        let [file, none, big] = form.uploads.as_slice() else { panic!("{form:?}") };
        assert_eq!((file.name.as_slice(), file.size, file.error), (&b"c.txt"[..], 5, 0));
        assert_eq!(file.kind, b"text/plain");
        let path = PathBuf::from(String::from_utf8(file.tmp_name.clone()).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"hello");
        std::fs::remove_file(path).unwrap();
        assert_eq!((none.error, big.error), (4, 1));
    }

    #[test]
    fn a_body_cut_short_is_partial() {
        let body = b"--X\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nhel";
        assert_eq!(read_form(body, b"X", &rules()).uploads[0].error, 3);
    }
}
