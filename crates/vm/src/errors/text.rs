//! Escaping in messages.

/// `& < > "` as entities.
pub(super) fn escape_html(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        match b {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            _ => out.push(b),
        }
    }
    out
}

/// Control characters, backslashes and high bytes as PHP escapes, as traces show strings.
pub(crate) fn escape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for &b in text {
        match b {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x0c => out.extend_from_slice(b"\\f"),
            0x0b => out.extend_from_slice(b"\\v"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x1b => out.extend_from_slice(b"\\e"),
            0..0x20 | 0x7f..=0xff => out.extend_from_slice(format!("\\x{b:02X}").as_bytes()),
            _ => out.push(b),
        }
    }
    out
}

/// A string as an unhandled `match` shows it.
pub(crate) fn quoted_for_match(text: &[u8]) -> String {
    const MOST: usize = 15;
    let cut = &text[..text.len().min(MOST)];
    let end = if text.len() > MOST { "...'" } else { "'" };
    format!("'{}{end}", String::from_utf8_lossy(&escape(cut)))
}
