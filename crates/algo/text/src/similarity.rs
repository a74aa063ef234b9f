//! Distances between strings, and `soundex()`.

/// How many bytes two strings share, as `similar_text()` counts them.
pub fn similar_text(a: &[u8], b: &[u8]) -> usize {
    let mut sum = 0;
    let mut pending = vec![(a, b)];
    while let Some((a, b)) = pending.pop() {
        let (at_a, at_b, length) = longest_common(a, b);
        if length == 0 {
            continue;
        }
        sum += length;
        pending.push((&a[..at_a], &b[..at_b]));
        pending.push((&a[at_a + length..], &b[at_b + length..]));
    }
    sum
}

/// The percentage `similar_text()` gives for strings of these lengths.
pub fn similar_percent(similarity: usize, length_a: usize, length_b: usize) -> f64 {
    if length_a + length_b == 0 {
        return 0.0;
    }
    similarity as f64 * 2.0 * 100.0 / (length_a + length_b) as f64
}

/// The first longest run of bytes both strings have.
fn longest_common(a: &[u8], b: &[u8]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    for at_a in 0..a.len() {
        if a.len() - at_a <= best.2 {
            break;
        }
        for at_b in 0..b.len() {
            if b.len() - at_b <= best.2 {
                break;
            }
            let length = a[at_a..].iter().zip(&b[at_b..]).take_while(|(x, y)| x == y).count();
            if length > best.2 {
                best = (at_a, at_b, length);
            }
        }
    }
    best
}

/// `levenshtein()` with the costs of its three operations.
pub fn levenshtein(a: &[u8], b: &[u8], insertion: i64, replacement: i64, deletion: i64) -> i64 {
    if a.is_empty() {
        return (b.len() as i64).wrapping_mul(insertion);
    }
    if b.is_empty() {
        return (a.len() as i64).wrapping_mul(deletion);
    }
    let mut previous: Vec<i64> = (0..=b.len() as i64).map(|n| n.wrapping_mul(insertion)).collect();
    let mut current = vec![0i64; b.len() + 1];
    for x in a {
        current[0] = previous[0].wrapping_add(deletion);
        for (at, y) in b.iter().enumerate() {
            let replaced = previous[at].wrapping_add(if x == y { 0 } else { replacement });
            let deleted = previous[at + 1].wrapping_add(deletion);
            let inserted = current[at].wrapping_add(insertion);
            current[at + 1] = replaced.min(deleted).min(inserted);
        }
        std::mem::swap(&mut previous, &mut current);
    }
    previous[b.len()]
}

/// `soundex()`: all zeros without any letter.
pub fn soundex(text: &[u8]) -> Vec<u8> {
    // '0' is a vowel or silent, and parts equal codes.
    const CODES: &[u8; 26] = b"01230120022455012623010202";
    let mut out = Vec::with_capacity(4);
    let mut last = 0;
    for byte in text.iter().map(u8::to_ascii_uppercase) {
        if out.len() == 4 {
            break;
        }
        if !byte.is_ascii_uppercase() {
            continue;
        }
        let code = CODES[usize::from(byte - b'A')];
        if out.is_empty() {
            out.push(byte);
            last = code;
        } else if code != last {
            last = code;
            if code != b'0' {
                out.push(code);
            }
        }
    }
    out.resize(4, b'0');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(similar_text(b"World", b"Word"), 4);
        assert_eq!(similar_text(b"bafoobar", b"mafoorar"), 6);
        assert_eq!(similar_percent(4, 5, 4), 88.88888888888889);
        assert_eq!(levenshtein(b"kitten", b"sitting", 1, 1, 1), 3);
        assert_eq!(levenshtein(b"carrrot", b"carrot", 2, 3, 4), 4);
        assert_eq!(levenshtein(b"", b"abc", 2, 1, 1), 6);
    }

    #[test]
    fn sounds() {
        assert_eq!(soundex(b"Robert"), b"R163");
        assert_eq!(soundex(b"Tymczak"), b"T522");
        assert_eq!(soundex(b"Ashcraft"), b"A226");
        assert_eq!(soundex(b""), b"0000");
    }
}
