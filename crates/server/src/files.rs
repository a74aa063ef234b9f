//! Static files.

use crate::body::{BodyKind, ResponseBody};
use crate::compression::{self, Accepted, Coding};
use crate::compressor::Compressor;
use crate::packed::{self, Key, PackedFiles};
use crate::{mime, pages};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::JoinHandle;

/// Files up to this size are read at once, on the worker: they come from the page cache.
const SMALL: u64 = 64 << 10;
/// Larger ones are read in parts of this size, on the blocking pool.
const PART: u64 = 256 << 10;

/// Sends a file, or the part of it that is asked for.
pub(crate) fn respond(
    request: &Parts,
    path: &Path,
    metadata: &Metadata,
    accepted: Option<Accepted>,
    packed: &Arc<PackedFiles>,
) -> Response<ResponseBody> {
    if request.method != Method::GET && request.method != Method::HEAD {
        return pages::method_not_allowed("GET, HEAD");
    }
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    let stamp = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let size = metadata.len();
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let content_type = mime::content_type(extension);

    let mut response = Response::new(ResponseBody::empty());
    let headers = response.headers_mut();
    let coding = compression::for_file(accepted, &request.headers, content_type, size, headers);
    // Each encoding of a file is known by a tag of its own.
    let suffix = coding.map(|coding| format!("-{}", coding.token())).unwrap_or_default();
    let tag = format!("\"{:x}-{size:x}{suffix}\"", stamp.as_nanos() / 1000);
    insert(headers, header::ETAG, &tag);
    insert(headers, header::LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    if not_modified(&request.headers, &tag, stamp) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    match coding {
        Some(coding) => {
            let name = HeaderValue::from_static(coding.token());
            headers.insert(header::CONTENT_ENCODING, name);
        }
        None => {
            headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
    }

    let (start, length) = match range(&request.headers, size, &tag, stamp) {
        Range::Whole => (0, size),
        Range::Part(start, end) => {
            insert(headers, header::CONTENT_RANGE, &format!("bytes {start}-{end}/{size}"));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, end - start + 1)
        }
        Range::Impossible => {
            let mut page = pages::status(416);
            insert(page.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{size}"));
            return page;
        }
    };
    let head = request.method == Method::HEAD;
    let opened = match coding {
        Some(coding) => {
            let key = Key::new(path, metadata, coding);
            match packed.get(&key) {
                Some(bytes) => Ok(BodyKind::Whole(bytes)),
                None => pack(path, length, head, Packing::new(coding, key, packed.clone())),
            }
        }
        None => open(path, start, length, head),
    };
    match opened {
        Ok(kind) => response.body_mut().kind = kind,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return pages::status(403),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return pages::status(404),
        Err(error) => {
            tracing::error!("cannot read {}: {error}", path.display());
            return pages::status(500);
        }
    }
    response
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn open(path: &Path, start: u64, length: u64, head: bool) -> io::Result<BodyKind> {
    let file = File::open(path)?;
    if length > SMALL || head {
        return Ok(FileBody::of(file, start, length, None));
    }
    Ok(BodyKind::Whole(part(&file, start, length)?.into()))
}

/// A whole file, compressed.
fn pack(path: &Path, length: u64, head: bool, packing: Packing) -> io::Result<BodyKind> {
    let file = File::open(path)?;
    if length > SMALL || head {
        return Ok(FileBody::of(file, 0, length, Some(packing)));
    }
    let bytes = Compressor::whole(packing.coding, &part(&file, 0, length)?);
    packing.files.keep(packing.key, bytes.clone());
    Ok(BodyKind::Whole(bytes))
}

fn part(file: &File, start: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, start)?;
    Ok(bytes)
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// A date header as whole seconds since 1970.
fn header_date(text: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

fn not_modified(headers: &HeaderMap, tag: &str, stamp: Duration) -> bool {
    if let Some(known) = header_text(headers, header::IF_NONE_MATCH) {
        let strip = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        return known.split(',').any(|known| known.trim() == "*" || strip(known) == tag);
    }
    header_text(headers, header::IF_MODIFIED_SINCE)
        .and_then(header_date)
        .is_some_and(|since| stamp.as_secs() <= since)
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part(u64, u64),
    Impossible,
}

/// One range is served; several, or what is no range of bytes, get the whole file, as the RFC allows.
fn range(headers: &HeaderMap, size: u64, tag: &str, stamp: Duration) -> Range {
    let Some(wanted) = header_text(headers, header::RANGE) else { return Range::Whole };
    if let Some(condition) = header_text(headers, header::IF_RANGE) {
        let same = condition == tag || header_date(condition) == Some(stamp.as_secs());
        if !same {
            return Range::Whole;
        }
    }
    let Some((first, last)) = wanted.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'))
    else {
        return Range::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (first.trim().is_empty(), number(first), last.trim().is_empty(), number(last)) {
        (true, _, _, Some(0)) => Range::Impossible,
        (true, _, _, Some(suffix)) if size > 0 => {
            Range::Part(size.saturating_sub(suffix), size - 1)
        }
        (_, Some(start), true, _) if start < size => Range::Part(start, size - 1),
        (_, Some(start), _, Some(end)) if start < size && start <= end => {
            Range::Part(start, end.min(size - 1))
        }
        (_, Some(start), true, _) if start >= size => Range::Impossible,
        (_, Some(start), _, Some(end)) if start <= end => Range::Impossible,
        (true, _, _, Some(_)) => Range::Impossible,
        _ => Range::Whole,
    }
}

/// A large file on its way.
pub(crate) struct FileBody {
    file: Arc<File>,
    position: u64,
    left: u64,
    /// Away while a part is read, gone when the last has been.
    packing: Option<Packing>,
    reading: Option<JoinHandle<io::Result<Part>>>,
}

/// A file being compressed.
struct Packing {
    coding: Coding,
    compressor: Compressor,
    /// All that has come out of it, unless that is too much to be kept.
    out: Option<Vec<u8>>,
    key: Key,
    files: Arc<PackedFiles>,
}

impl Packing {
    fn new(coding: Coding, key: Key, files: Arc<PackedFiles>) -> Packing {
        Packing { coding, compressor: Compressor::new(coding), out: Some(Vec::new()), key, files }
    }

    fn add(&mut self, bytes: &[u8]) -> Bytes {
        let bytes = self.compressor.add(bytes, false);
        match &mut self.out {
            Some(out) if out.len() + bytes.len() <= packed::LARGEST => {
                out.extend_from_slice(&bytes)
            }
            out => *out = None,
        }
        bytes
    }

    fn finish(self) -> Bytes {
        let Packing { compressor, out, key, files, .. } = self;
        let last = compressor.finish();
        if let Some(mut out) = out {
            out.extend_from_slice(&last);
            files.keep(key, out.into());
        }
        last
    }
}

/// Some of a file, and what compresses the rest.
struct Part {
    bytes: Bytes,
    taken: u64,
    packing: Option<Packing>,
}

/// Reads until there is something to send, or to the end.
fn read(
    file: &File,
    mut position: u64,
    mut left: u64,
    mut packing: Option<Packing>,
) -> io::Result<Part> {
    let mut taken = 0;
    loop {
        let length = left.min(PART);
        let bytes = part(file, position, length)?;
        position += length;
        left -= length;
        taken += length;
        let bytes = match &mut packing {
            Some(packing) => packing.add(&bytes),
            None => bytes.into(),
        };
        if left == 0 {
            let last = packing.take().map(Packing::finish).unwrap_or_default();
            let bytes = if last.is_empty() { bytes } else { [bytes, last].concat().into() };
            return Ok(Part { bytes, taken, packing: None });
        }
        if !bytes.is_empty() {
            return Ok(Part { bytes, taken, packing });
        }
    }
}

impl FileBody {
    fn of(file: File, start: u64, length: u64, packing: Option<Packing>) -> BodyKind {
        let (file, reading) = (Arc::new(file), None);
        BodyKind::File(FileBody { file, position: start, left: length, packing, reading })
    }

    /// Bytes still to send, if that is known.
    pub(crate) fn left(&self) -> Option<u64> {
        (self.left == 0 || (self.packing.is_none() && self.reading.is_none())).then_some(self.left)
    }

    pub(crate) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let (position, left) = (self.position, self.left);
        let (file, packing) = (&self.file, &mut self.packing);
        let reading = self.reading.get_or_insert_with(|| {
            let (file, packing) = (file.clone(), packing.take());
            tokio::task::spawn_blocking(move || read(&file, position, left, packing))
        });
        let part = ready!(std::pin::Pin::new(reading).poll(cx)).map_err(io::Error::other).flatten();
        self.reading = None;
        Poll::Ready(Some(part.map(|part| {
            self.position += part.taken;
            self.left -= part.taken;
            self.packing = part.packing;
            part.bytes
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, size: u64) -> Range {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(text).unwrap());
        range(&headers, size, "\"t\"", Duration::ZERO)
    }

    #[test]
    fn ranges() {
        assert_eq!(of("bytes=0-4", 10), Range::Part(0, 4));
        assert_eq!(of("bytes=5-", 10), Range::Part(5, 9));
        assert_eq!(of("bytes=5-99", 10), Range::Part(5, 9));
        assert_eq!(of("bytes=-3", 10), Range::Part(7, 9));
        assert_eq!(of("bytes=-30", 10), Range::Part(0, 9));
        assert_eq!(of("bytes=10-", 10), Range::Impossible);
        assert_eq!(of("bytes=10-12", 10), Range::Impossible);
        assert_eq!(of("bytes=-0", 10), Range::Impossible);
        assert_eq!(of("bytes=-1", 0), Range::Impossible);
        assert_eq!(of("bytes=4-2", 10), Range::Whole);
        assert_eq!(of("bytes=0-1,3-4", 10), Range::Whole);
        assert_eq!(of("lines=0-1", 10), Range::Whole);
    }
}
