//! `hebrev`: logical Hebrew to visual.

use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// Letters of ISO-8859-8.
fn is_hebrew(byte: u8) -> bool {
    (0xe0..=0xfa).contains(&byte)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | 0x0b)
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The bracket or slash that faces the other way.
fn mirrored(byte: u8) -> u8 {
    match byte {
        b'(' => b')',
        b')' => b'(',
        b'[' => b']',
        b']' => b'[',
        b'{' => b'}',
        b'}' => b'{',
        b'<' => b'>',
        b'>' => b'<',
        b'\\' => b'/',
        b'/' => b'\\',
        other => other,
    }
}

/// The text right to left, runs of other scripts left as they are.
fn visual(text: &[u8]) -> Vec<u8> {
    let mut reversed = Vec::with_capacity(text.len());
    let mut hebrew = is_hebrew(text[0]);
    let mut start = 0;
    while start < text.len() {
        let mut end = start + 1;
        if hebrew {
            let continues =
                |b: u8| is_hebrew(b) || is_blank(b) || b.is_ascii_punctuation() || b == b'\n';
            while end < text.len() && continues(text[end]) {
                end += 1;
            }
            reversed.extend(text[start..end].iter().map(|b| mirrored(*b)));
        } else {
            while end < text.len() && !is_hebrew(text[end]) && text[end] != b'\n' {
                end += 1;
            }
            // Blanks and punctuation before Hebrew belong to it.
            let belongs =
                |b: u8| (is_blank(b) || b.is_ascii_punctuation()) && !matches!(b, b'/' | b'-');
            while end < text.len() && end > start + 1 && belongs(text[end - 1]) {
                end -= 1;
            }
            reversed.extend(text[start..end].iter().rev());
        }
        hebrew = !hebrew;
        start = end;
    }
    reversed.reverse();
    reversed
}

/// Lines of at most `width` bytes (0: no limit), from the end of the text backwards.
fn broken(mut text: Vec<u8>, width: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut end = text.len() - 1;
    loop {
        let mut begin = end;
        let mut count = 0;
        while (width == 0 || count < width) && begin > 0 {
            count += 1;
            begin -= 1;
            if is_newline(text[begin]) {
                while begin > 0 && is_newline(text[begin - 1]) {
                    begin -= 1;
                    count += 1;
                }
                break;
            }
        }
        if width > 0 && count == width {
            let parts = |b: u8| is_blank(b) || is_newline(b);
            if let Some(at) = text[begin..begin + count].iter().position(|b| parts(*b)) {
                begin += at;
            }
        }
        let line = begin;
        if is_blank(text[begin]) {
            text[begin] = b'\n';
        }
        while begin < end && is_newline(text[begin]) {
            begin += 1;
        }
        out.extend(text[begin..=end].iter().filter(|b| !is_newline(**b)));
        out.extend(text[line..=end].iter().take_while(|b| is_newline(**b)));
        if line == 0 {
            return out;
        }
        end = line - 1;
    }
}

pub fn hebrev(_cx: &mut Cx, text: &PhpString, width: i64) -> Ret<Vec<u8>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    Ok(broken(visual(text), usize::try_from(width).unwrap_or(0)))
}
