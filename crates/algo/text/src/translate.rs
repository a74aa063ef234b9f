//! `strtr()`.

use std::collections::HashMap;

/// `strtr($text, $from, $to)`: byte for byte, the longer list cut.
pub fn translate_bytes(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
    for (from, to) in from.iter().zip(to) {
        table[usize::from(*from)] = *to;
    }
    text.iter().map(|byte| table[usize::from(*byte)]).collect()
}

/// `strtr($text, $pairs)`: the longest key that matches is replaced, and nothing twice.
/// Empty keys are ignored.
pub fn translate_pairs(text: &[u8], pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut table: HashMap<&[u8], &[u8]> = HashMap::with_capacity(pairs.len());
    let mut lengths: Vec<usize> = Vec::new();
    let mut first = [false; 256];
    for &(key, value) in pairs {
        if key.is_empty() || key.len() > text.len() {
            continue;
        }
        table.insert(key, value);
        lengths.push(key.len());
        first[usize::from(key[0])] = true;
    }
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths.dedup();
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let hit = first[usize::from(rest[0])]
            .then(|| {
                lengths
                    .iter()
                    .filter(|length| **length <= rest.len())
                    .find_map(|length| table.get(&rest[..*length]).map(|value| (*length, *value)))
            })
            .flatten();
        match hit {
            Some((length, value)) => {
                out.extend_from_slice(value);
                at += length;
            }
            None => {
                out.push(rest[0]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translates() {
        assert_eq!(translate_bytes(b"Hi all", b"ai", b"eo?"), b"Ho ell");
        let pairs: [(&[u8], &[u8]); 3] = [(b"Hello", b"Hi"), (b"Hi", b"Hello"), (b"", b"x")];
        assert_eq!(translate_pairs(b"Hi all, Hello", &pairs), b"Hello all, Hi");
    }
}
