//! Lines and words: `wordwrap`, `chunk_split`, `nl2br`, `ucwords`, `str_word_count`.

/// `wordwrap()`. The caller has ruled out an empty `break_with` and a zero width with `cut`.
pub fn wordwrap(text: &[u8], width: i64, break_with: &[u8], cut: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 16);
    let (mut start, mut space) = (0usize, 0usize);
    let mut at = 0;
    while at < text.len() {
        let long = at as i64 - start as i64 >= width;
        let is_break = text[at..].starts_with(break_with)
            && ((break_with.len() == 1 && !cut) || at + break_with.len() < text.len());
        if is_break {
            out.extend_from_slice(&text[start..at + break_with.len()]);
            at += break_with.len() - 1;
            start = at + 1;
            space = start;
        } else if text[at] == b' ' {
            if long {
                out.extend_from_slice(&text[start..at]);
                out.extend_from_slice(break_with);
                start = at + 1;
            }
            space = at;
        } else if long && cut && start >= space {
            out.extend_from_slice(&text[start..at]);
            out.extend_from_slice(break_with);
            start = at;
            space = at;
        } else if long && start < space {
            out.extend_from_slice(&text[start..space]);
            out.extend_from_slice(break_with);
            start = space + 1;
            space = start;
        }
        at += 1;
    }
    out.extend_from_slice(&text[start.min(text.len())..]);
    out
}

/// `chunk_split()`; `length` is at least 1.
pub fn chunk_split(text: &[u8], length: usize, separator: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + separator.len() * (text.len() / length + 1));
    for chunk in text.chunks(length) {
        out.extend_from_slice(chunk);
        out.extend_from_slice(separator);
    }
    if text.is_empty() {
        out.extend_from_slice(separator);
    }
    out
}

/// `nl2br()`: `<br />` with `xhtml`, else `<br>`, before every line end.
pub fn nl2br(text: &[u8], xhtml: bool) -> Vec<u8> {
    let tag: &[u8] = if xhtml { b"<br />" } else { b"<br>" };
    let mut out = Vec::with_capacity(text.len() + 16);
    let mut at = 0;
    while at < text.len() {
        let length = match (text[at], text.get(at + 1)) {
            (b'\r', Some(b'\n')) | (b'\n', Some(b'\r')) => 2,
            (b'\r' | b'\n', _) => 1,
            (byte, _) => {
                out.push(byte);
                at += 1;
                continue;
            }
        };
        out.extend_from_slice(tag);
        out.extend_from_slice(&text[at..at + length]);
        at += length;
    }
    out
}

/// `ucwords()`: upper-cases the first byte and every one after a delimiter.
pub fn ucwords(text: &[u8], delimiters: &[bool; 256]) -> Vec<u8> {
    let mut out = text.to_vec();
    let mut starts = true;
    for byte in &mut out {
        if starts {
            byte.make_ascii_uppercase();
        }
        starts = delimiters[usize::from(*byte)];
    }
    out
}

/// `ucfirst()`.
pub fn ucfirst(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// `lcfirst()`.
pub fn lcfirst(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    if let Some(first) = out.first_mut() {
        first.make_ascii_lowercase();
    }
    out
}

/// The words of `str_word_count()` with where they start; `extra` bytes count as letters.
pub fn words<'a>(text: &'a [u8], extra: &[bool; 256]) -> Vec<(usize, &'a [u8])> {
    let is_extra = |byte: u8| extra[usize::from(byte)];
    let mut found = Vec::new();
    let mut at = 0;
    let mut end = text.len();
    if at < end && matches!(text[at], b'\'' | b'-') && !is_extra(text[at]) {
        at += 1;
    }
    if at < end && text[end - 1] == b'-' && !is_extra(b'-') {
        end -= 1;
    }
    while at < end {
        let start = at;
        while at < end
            && (text[at].is_ascii_alphabetic()
                || is_extra(text[at])
                || matches!(text[at], b'\'' | b'-'))
        {
            at += 1;
        }
        if at > start {
            found.push((start, &text[start..at]));
        } else {
            at += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps() {
        assert_eq!(wordwrap(b"The quick brown fox", 10, b"\n", false), b"The quick\nbrown fox");
        assert_eq!(
            wordwrap(b"A very long woooooooooooord.", 8, b"\n", true),
            b"A very\nlong\nwooooooo\nooooord."
        );
        assert_eq!(chunk_split(b"abcde", 2, b"|"), b"ab|cd|e|");
        assert_eq!(nl2br(b"a\r\nb\n", true), b"a<br />\r\nb<br />\n");
    }

    #[test]
    fn splits_words() {
        let found = words(b"-Hello fri3nd, you're ok-", &[false; 256]);
        let texts: Vec<&[u8]> = found.iter().map(|w| w.1).collect();
        assert_eq!(texts, [&b"Hello"[..], b"fri", b"nd", b"you're", b"ok"]);
    }
}
