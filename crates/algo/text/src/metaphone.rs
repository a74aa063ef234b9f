//! `metaphone()`: how an English word sounds.

struct Word {
    letters: Vec<u8>,
}

impl Word {
    /// The upper-case byte at `at`, 0 outside the word.
    fn at(&self, at: isize) -> u8 {
        usize::try_from(at).ok().and_then(|at| self.letters.get(at)).copied().unwrap_or(0)
    }
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'A' | b'E' | b'I' | b'O' | b'U')
}

/// Makes a preceding C or G soft.
fn softens(byte: u8) -> bool {
    matches!(byte, b'E' | b'I' | b'Y')
}

/// Keeps a GH three letters on from sounding as F.
fn keeps_gh_silent(byte: u8) -> bool {
    matches!(byte, b'B' | b'D' | b'H')
}

/// Silences a following H.
fn silences_h(byte: u8) -> bool {
    matches!(byte, b'C' | b'G' | b'P' | b'S' | b'T')
}

/// `metaphone()` with at most `most` phonemes (0: no limit).
pub fn metaphone(word: &[u8], most: usize) -> Vec<u8> {
    let word = Word { letters: word.to_ascii_uppercase() };
    let mut out = Vec::new();
    let end = word.letters.len() as isize;
    let mut at = 0isize;
    while at < end && !word.at(at).is_ascii_uppercase() {
        at += 1;
    }
    if at >= end {
        return out;
    }
    let next = word.at(at + 1);
    match word.at(at) {
        b'A' if next == b'E' => {
            out.push(b'E');
            at += 2;
        }
        b'G' | b'K' | b'P' if next == b'N' => {
            out.push(b'N');
            at += 2;
        }
        b'X' => {
            out.push(b'S');
            at += 1;
        }
        vowel if is_vowel(vowel) => {
            out.push(vowel);
            at += 1;
        }
        b'W' if next == b'R' => {
            out.push(b'R');
            at += 2;
        }
        b'W' if next == b'H' || is_vowel(next) => {
            out.push(b'W');
            at += 2;
        }
        b'W' => at += 1,
        _ => {}
    }
    while at < end && (most == 0 || out.len() < most) {
        let letter = word.at(at);
        let repeated = at > 0 && word.at(at - 1) == letter && letter != b'C';
        if letter.is_ascii_uppercase() && !repeated {
            at += phoneme(&word, at, &mut out);
        }
        at += 1;
    }
    out
}

/// Adds what the letter at `at` sounds like; gives how many further letters it took.
fn phoneme(word: &Word, at: isize, out: &mut Vec<u8>) -> isize {
    let letter = word.at(at);
    let (previous, next, after) = (word.at(at - 1), word.at(at + 1), word.at(at + 2));
    let mut skip = 0;
    let sound = match letter {
        b'B' if previous == b'M' => return 0,
        b'C' if softens(next) => {
            if next == b'I' && after == b'A' {
                b'X'
            } else if previous == b'S' {
                return 0;
            } else {
                b'S'
            }
        }
        b'C' if next == b'H' => {
            skip = 1;
            b'X'
        }
        b'C' | b'Q' => b'K',
        b'D' if next == b'G' && softens(after) => {
            skip = 1;
            b'J'
        }
        b'D' => b'T',
        b'G' if next == b'H' => {
            if keeps_gh_silent(word.at(at - 3)) || word.at(at - 4) == b'H' {
                return 0;
            }
            skip = 1;
            b'F'
        }
        b'G' if next == b'N' => {
            let ends = !after.is_ascii_uppercase();
            if ends || (after == b'E' && word.at(at + 3) == b'D') {
                return 0;
            }
            b'K'
        }
        b'G' if softens(next) && previous != b'G' => b'J',
        b'G' => b'K',
        b'H' if is_vowel(next) && !silences_h(previous) => b'H',
        b'K' if previous != b'C' => b'K',
        b'P' if next == b'H' => b'F',
        b'S' if next == b'I' && matches!(after, b'O' | b'A') => b'X',
        b'S' if next == b'H' => {
            skip = 1;
            b'X'
        }
        b'T' if next == b'I' && matches!(after, b'O' | b'A') => b'X',
        b'T' if next == b'H' => {
            skip = 1;
            b'0'
        }
        b'T' if next == b'C' && after == b'H' => return 0,
        b'V' => b'F',
        b'W' | b'Y' if is_vowel(next) => letter,
        b'X' => {
            out.push(b'K');
            b'S'
        }
        b'Z' => b'S',
        b'B' | b'F' | b'J' | b'L' | b'M' | b'N' | b'P' | b'R' | b'S' | b'T' => letter,
        _ => return 0,
    };
    out.push(sound);
    skip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sounds() {
        for (word, sound) in [
            ("Thompson", "0MPSN"),
            ("Thumb", "0M"),
            ("Knight", "NFT"),
            ("school", "SXL"),
            ("Aegis", "EJS"),
            ("nation", "NXN"),
            ("which", "WX"),
            ("xylophone", "SLFN"),
        ] {
            assert_eq!(metaphone(word.as_bytes(), 0), sound.as_bytes(), "{word}");
        }
    }
}
