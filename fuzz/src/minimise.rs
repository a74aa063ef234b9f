//! Makes a failing text small: pieces are left out as long as it still fails.

use crate::tokens;
use std::io;

/// Smaller texts to try at once.
const AT_ONCE: usize = 64;

/// Tells of each text whether it still fails.
pub type Judge<'a> = dyn FnMut(&[Vec<u8>]) -> io::Result<Vec<bool>> + 'a;

/// Leaves out of `text` lines, then tokens. `fails` judges many texts in one go.
pub fn minimise(text: Vec<u8>, fails: &mut Judge<'_>) -> io::Result<Vec<u8>> {
    let mut text = text;
    let mut rounds = 0;
    loop {
        let before = text.len();
        text = without(&text, |t| t.split_inclusive(|&b| b == b'\n').collect(), fails)?;
        if text.len() < 6000 {
            text = without(&text, tokens::cut, fails)?;
        }
        rounds += 1;
        if text.len() == before || rounds == 4 {
            return Ok(text);
        }
    }
}

/// Drops runs of pieces, halving their length down to one piece.
fn without(
    text: &[u8],
    cut: impl Fn(&[u8]) -> Vec<&[u8]>,
    fails: &mut Judge<'_>,
) -> io::Result<Vec<u8>> {
    let mut text = text.to_vec();
    let mut run = cut(&text).len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        loop {
            let pieces = cut(&text);
            let starts: Vec<usize> = (start..pieces.len()).step_by(run).take(AT_ONCE).collect();
            let Some(&last) = starts.last() else { break };
            let shorter: Vec<Vec<u8>> = starts
                .iter()
                .map(|&at| {
                    let end = (at + run).min(pieces.len());
                    [pieces[..at].concat(), pieces[end..].concat()].concat()
                })
                .collect();
            let found = fails(&shorter)?.iter().position(|&failed| failed);
            match found {
                Some(n) => {
                    start = starts[n];
                    text = shorter[n].clone();
                }
                None => start = last + run,
            }
        }
        if run == 1 {
            return Ok(text);
        }
        run /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::minimise;

    #[test]
    fn what_does_not_matter_goes() {
        let mut fails = |texts: &[Vec<u8>]| {
            Ok(texts.iter().map(|t| t.contains(&b'!') && t.starts_with(b"a")).collect())
        };
        let text = b"a line\nanother\nthe culprit !\nmore".to_vec();
        assert_eq!(minimise(text, &mut fails).unwrap(), b"another!");
    }
}
