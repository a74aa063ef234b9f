//! Static files.

use crate::body::{BodyKind, ResponseBody};
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
pub(crate) fn respond(request: &Parts, path: &Path, metadata: &Metadata) -> Response<ResponseBody> {
    if request.method != Method::GET && request.method != Method::HEAD {
        return pages::method_not_allowed("GET, HEAD");
    }
    let modified = metadata.modified().unwrap_or(UNIX_EPOCH);
    let stamp = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let size = metadata.len();
    let tag = format!("\"{:x}-{size:x}\"", stamp.as_nanos() / 1000);

    let mut response = Response::new(ResponseBody::empty());
    let headers = response.headers_mut();
    insert(headers, header::ETAG, &tag);
    insert(headers, header::LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    if not_modified(&request.headers, &tag, stamp) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime::content_type(extension)));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));

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
    match open(path, start, length, request.method == Method::HEAD) {
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
        return Ok(BodyKind::File(FileBody {
            file: Arc::new(file),
            position: start,
            left: length,
            reading: None,
        }));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, start)?;
    Ok(BodyKind::Whole(bytes.into()))
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
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileBody {
    /// Bytes still to send.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    pub(crate) fn poll_part(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let (position, length) = (self.position, self.left.min(PART) as usize);
        let file = &self.file;
        let reading = self.reading.get_or_insert_with(|| {
            let file = file.clone();
            tokio::task::spawn_blocking(move || {
                let mut bytes = vec![0; length];
                file.read_exact_at(&mut bytes, position)?;
                Ok(bytes.into())
            })
        });
        let part = ready!(std::pin::Pin::new(reading).poll(cx)).map_err(io::Error::other).flatten();
        self.reading = None;
        if let Ok(bytes) = &part {
            self.position += bytes.len() as u64;
            self.left -= bytes.len() as u64;
        }
        Poll::Ready(Some(part))
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
