//! Which responses are compressed, and with what (RFC 9110, 8.4 and 12.5.3).

use crate::body::{BodyKind, ResponseBody};
use crate::compressor::Compressor;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};

/// Bodies below this size gain nothing.
const LEAST: u64 = 512;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// What a body known as a whole gets, of what its client likes equally: the quickest first.
const FOR_WHOLE: [Coding; 3] = [Coding::Zstd, Coding::Brotli, Coding::Gzip];
/// What a body gets that a script is still writing: gzip's compressor is put away between flushes.
const FOR_STREAM: [Coding; 3] = [Coding::Gzip, Coding::Zstd, Coding::Brotli];

impl Coding {
    /// Its name in headers.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }
}

/// What a client takes, by its `Accept-Encoding`: weights in thousandths, 0 for not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    gzip: u16,
    brotli: u16,
    zstd: u16,
    identity: u16,
}

impl Accepted {
    /// Reads the headers of a request.
    pub(crate) fn of(headers: &HeaderMap) -> Accepted {
        let (mut gzip, mut brotli, mut zstd, mut identity, mut any) = (None, None, None, None, 0);
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        for item in values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','))
        {
            let mut parts = item.split(';');
            let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = parts.find_map(weight).unwrap_or(1000);
            match name.as_str() {
                "gzip" | "x-gzip" => gzip = Some(weight),
                "br" => brotli = Some(weight),
                "zstd" => zstd = Some(weight),
                "identity" => identity = Some(weight),
                "*" => any = weight,
                _ => {}
            }
        }
        Accepted {
            gzip: gzip.unwrap_or(any),
            brotli: brotli.unwrap_or(any),
            zstd: zstd.unwrap_or(any),
            // Always taken unless refused, but liked less than what is named.
            identity: identity.unwrap_or(0),
        }
    }

    fn weight(self, coding: Coding) -> u16 {
        match coding {
            Coding::Gzip => self.gzip,
            Coding::Brotli => self.brotli,
            Coding::Zstd => self.zstd,
        }
    }

    /// The best liked, the first of `order` where several are.
    fn best(self, order: [Coding; 3]) -> Option<Coding> {
        let mut best = None;
        for coding in order {
            let weight = self.weight(coding);
            if weight > best.map_or(0, |best| self.weight(best)) && weight >= self.identity {
                best = Some(coding);
            }
        }
        best
    }
}

/// The weight that a parameter states.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight = value.trim().parse::<f32>().ok()?;
    Some((weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

/// Whether a content type is of text, or of what packs as well.
fn packs(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (family, name) = kind.split_once('/').unwrap_or_default();
    match family {
        "text" => true,
        "application" => {
            name.ends_with("+json")
                || name.ends_with("+xml")
                || matches!(
                    name,
                    "json"
                        | "javascript"
                        | "x-javascript"
                        | "ecmascript"
                        | "xml"
                        | "wasm"
                        | "x-ndjson"
                        | "graphql"
                        | "rtf"
                        | "vnd.ms-fontobject"
                )
        }
        "image" => name.ends_with("+xml") || matches!(name, "bmp" | "x-icon"),
        "font" => matches!(name, "ttf" | "otf"),
        _ => false,
    }
}

/// The coding of a file; `None`: it goes as it is. The response varies where the type packs.
pub(crate) fn for_file(
    accepted: Option<Accepted>,
    request: &HeaderMap,
    content_type: &str,
    size: u64,
    headers: &mut HeaderMap,
) -> Option<Coding> {
    let accepted = accepted?;
    if size < LEAST || !packs(content_type) {
        return None;
    }
    vary(headers);
    // A range is one of the file's own bytes.
    if request.contains_key(header::RANGE) {
        return None;
    }
    accepted.best(FOR_WHOLE)
}

/// Compresses what a script answered, if it may be and is worth it.
pub(crate) fn script(accepted: Option<Accepted>, response: &mut Response<ResponseBody>) {
    let Some(accepted) = accepted else { return };
    if !may_change(response) {
        return;
    }
    vary(response.headers_mut());
    let (whole, size) = match &response.body().kind {
        BodyKind::Whole(bytes) => (true, Some(bytes.len() as u64)),
        _ => (false, declared_length(response.headers())),
    };
    // Where nothing says how much there is, it may be much.
    if size.is_some_and(|size| size < LEAST) {
        return;
    }
    let Some(coding) = accepted.best(if whole { FOR_WHOLE } else { FOR_STREAM }) else { return };
    announce(response.headers_mut(), coding);
    match &mut response.body_mut().kind {
        BodyKind::Whole(bytes) => *bytes = Compressor::whole(coding, bytes),
        BodyKind::Script(body) => body.compress(Compressor::streaming(coding)),
        _ => {}
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}

/// Whether a script's response is of a kind that packs, and is not encoded, a part, or to stay as it is.
fn may_change(response: &Response<ResponseBody>) -> bool {
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let status = response.status();
    if matches!(
        status,
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::PARTIAL_CONTENT
    ) || status.is_informational()
        || headers.contains_key(header::CONTENT_ENCODING)
        || headers.contains_key(header::CONTENT_RANGE)
    {
        return false;
    }
    let kept = headers
        .get_all(header::CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|directive| directive.trim().eq_ignore_ascii_case("no-transform"));
    !kept && text(header::CONTENT_TYPE).is_some_and(packs)
}

/// Sets what tells the client of the coding; what no longer holds is taken back.
fn announce(headers: &mut HeaderMap, coding: Coding) {
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.token()));
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::ACCEPT_RANGES);
    // The same content, but not the same bytes.
    if let Some(tag) = headers.get(header::ETAG)
        && tag.as_bytes().starts_with(b"\"")
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        headers.insert(header::ETAG, weak);
    }
}

fn vary(headers: &mut HeaderMap) {
    let known = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == "*" || name.trim().eq_ignore_ascii_case("accept-encoding"));
    if !known {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(text: &str) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
        Accepted::of(&headers).best(FOR_WHOLE)
    }

    #[test]
    fn weights_decide() {
        assert_eq!(Accepted::of(&HeaderMap::new()).best(FOR_WHOLE), None);
        assert_eq!(best(""), None);
        assert_eq!(best("gzip, deflate"), Some(Coding::Gzip));
        assert_eq!(best("gzip, deflate, br, zstd"), Some(Coding::Zstd));
        assert_eq!(best("gzip;q=1.0, br;q=0.8, *;q=0.1"), Some(Coding::Gzip));
        assert_eq!(best("gzip; Q=0.5 , br;q=0"), Some(Coding::Gzip));
        assert_eq!(best("*"), Some(Coding::Zstd));
        assert_eq!(best("*;q=0"), None);
        assert_eq!(best("identity, gzip;q=0.5"), None);
        assert_eq!(best("identity;q=0, br;q=0.1"), Some(Coding::Brotli));
        assert_eq!(best("X-GZIP"), Some(Coding::Gzip));
        assert_eq!(best("deflate"), None);
    }

    #[test]
    fn types_that_pack() {
        for kind in [
            "text/html; charset=utf-8",
            "application/ld+json",
            "IMAGE/SVG+XML",
            "text/event-stream",
        ] {
            assert!(packs(kind), "{kind}");
        }
        for kind in ["image/png", "application/zip", "video/mp4", "font/woff2", "nonsense", ""] {
            assert!(!packs(kind), "{kind}");
        }
    }
}
