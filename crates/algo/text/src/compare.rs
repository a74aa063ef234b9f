//! Byte comparison up to a length and with ASCII case folding.

use std::cmp::Ordering;

/// `strcasecmp()`.
pub fn compare_ignoring_case(a: &[u8], b: &[u8]) -> Ordering {
    let folded = |bytes: &'_ [u8]| bytes.to_ascii_lowercase();
    folded(a).cmp(&folded(b))
}

/// `strncmp()` and, with `fold_case`, `strncasecmp()`; also the heart of `substr_compare()`.
pub fn compare_prefix(a: &[u8], b: &[u8], length: usize, fold_case: bool) -> Ordering {
    let (a, b) = (&a[..a.len().min(length)], &b[..b.len().min(length)]);
    if fold_case { compare_ignoring_case(a, b) } else { a.cmp(b) }
}

/// The part of a string `substr_compare()` looks at; `None` when the offset lies beyond it.
pub fn offset_part(text: &[u8], offset: i64) -> Option<&[u8]> {
    let start = if offset < 0 { (text.len() as i64 + offset).max(0) } else { offset };
    text.get(usize::try_from(start).ok()?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares() {
        assert_eq!(compare_ignoring_case(b"HELLO", b"hello"), Ordering::Equal);
        assert_eq!(compare_prefix(b"abcd", b"ABzz", 2, true), Ordering::Equal);
        assert_eq!(compare_prefix(b"abcd", b"abzz", 3, false), Ordering::Less);
        assert_eq!(offset_part(b"abc", -5), Some(&b"abc"[..]));
        assert_eq!(offset_part(b"abc", 4), None);
    }
}
