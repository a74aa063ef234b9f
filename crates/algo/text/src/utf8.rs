//! Reading UTF-8 that may be malformed.

fn is_lead(byte: u8) -> bool {
    byte < 0x80 || (0xc2..=0xf4).contains(&byte)
}

fn is_trail(byte: u8) -> bool {
    (0x80..=0xbf).contains(&byte)
}

/// Reads the character at `at` and moves past it. Malformed bytes give `None`, and `at`
/// moves past as many as belong together.
pub fn next_char(text: &[u8], at: &mut usize) -> Option<u32> {
    let lead = text[*at];
    let (size, least) = match lead {
        0..=0x7f => {
            *at += 1;
            return Some(u32::from(lead));
        }
        0xc2..=0xdf => (2, 0x80),
        0xe0..=0xef => (3, 0x800),
        0xf0..=0xf4 => (4, 0x1_0000),
        _ => {
            *at += 1;
            return None;
        }
    };
    let rest = &text[*at + 1..];
    let trail = rest.iter().take(size - 1).take_while(|b| is_trail(**b)).count();
    if trail < size - 1 {
        // The next character starts at a lead byte, else the stray bytes go along.
        let stray = rest.iter().take(size - 1).position(|b| is_lead(*b)).unwrap_or(if size == 2 {
            rest.len().min(1)
        } else {
            rest.len().min(size - 1)
        });
        *at += 1 + stray;
        return None;
    }
    let mut code = u32::from(lead) & (0x7f >> size);
    for byte in &rest[..size - 1] {
        code = code << 6 | u32::from(byte & 0x3f);
    }
    *at += size;
    let valid = code >= least && code <= 0x10_ffff && !(0xd800..=0xdfff).contains(&code);
    valid.then_some(code)
}

/// Appends a code point as UTF-8, lone surrogates included.
pub fn push_char(out: &mut Vec<u8>, code: u32) {
    let trail = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..=0x7f => out.push(code as u8),
        0x80..=0x7ff => out.extend_from_slice(&[0xc0 | (code >> 6) as u8, trail(0)]),
        0x800..=0xffff => {
            out.extend_from_slice(&[0xe0 | (code >> 12) as u8, trail(6), trail(0)]);
        }
        _ => out.extend_from_slice(&[0xf0 | (code >> 18) as u8, trail(12), trail(6), trail(0)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_bad(text: &[u8]) -> (usize, usize) {
        let (mut at, mut good, mut bad) = (0, 0, 0);
        while at < text.len() {
            match next_char(text, &mut at) {
                Some(_) => good += 1,
                None => bad += 1,
            }
        }
        (good, bad)
    }

    #[test]
    fn resynchronizes() {
        assert_eq!(count_bad("aé€😀".as_bytes()), (4, 0));
        assert_eq!(count_bad(b"\xe2\x82a"), (1, 1));
        assert_eq!(count_bad(b"\xc3a"), (1, 1));
        assert_eq!(count_bad(b"\xed\xa0\x80"), (0, 1));
        assert_eq!(count_bad(b"\xff\xfe"), (0, 2));
    }
}
