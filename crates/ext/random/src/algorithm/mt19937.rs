//! The Mersenne Twister of 32 bits.

use super::{of_hex, to_hex};
use outlast_value::{PhpArray, Value};

const N: usize = 624;
const M: usize = 397;

/// Which twister.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// The one that the world knows.
    #[default]
    Standard,
    /// That of old PHP versions, which mixed the wrong bit in.
    Legacy,
}

/// The twister's state.
#[derive(Clone)]
pub struct Mt19937 {
    words: [u32; N],
    at: usize,
    mode: Mode,
}

impl Mt19937 {
    /// The state for a seed.
    pub fn new(seed: u32, mode: Mode) -> Mt19937 {
        let mut words = [seed; N];
        for i in 1..N {
            let before = words[i - 1];
            words[i] =
                1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        let mut mt = Mt19937 { words, at: 0, mode };
        mt.reload();
        mt
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    fn reload(&mut self) {
        for i in 0..N {
            let (u, v) = (self.words[i], self.words[(i + 1) % N]);
            let mixed = (u & 0x8000_0000) | (v & 0x7fff_ffff);
            let bit = if self.mode == Mode::Legacy { u } else { v };
            let twist = if bit & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[i] = self.words[(i + M) % N] ^ (mixed >> 1) ^ twist;
        }
        self.at = 0;
    }

    /// The next 32 bits.
    pub fn next(&mut self) -> u32 {
        if self.at >= N {
            self.reload();
        }
        let mut bits = self.words[self.at];
        self.at += 1;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9d2c_5680;
        bits ^= (bits << 15) & 0xefc6_0000;
        bits ^ (bits >> 18)
    }

    /// The words, the place in them and the mode.
    pub fn state(&self) -> PhpArray {
        let words = self.words.iter().map(|w| to_hex(&w.to_le_bytes()));
        let rest = [Value::Int(self.at as i64), Value::Int(self.mode as i64)];
        words.chain(rest).collect()
    }

    pub fn of_state(state: &PhpArray) -> Option<Mt19937> {
        if state.len() != N + 2 {
            return None;
        }
        let mut mt = Mt19937 { words: [0; N], at: 0, mode: Mode::Standard };
        for (i, word) in mt.words.iter_mut().enumerate() {
            *word = u32::from_le_bytes(of_hex(state, i)?);
        }
        let at = state.get_int(N as i64)?.deref().as_int()?;
        mt.at = usize::try_from(at).ok().filter(|at| *at <= N)?;
        mt.mode = match state.get_int(N as i64 + 1)?.deref().as_int()? {
            0 => Mode::Standard,
            1 => Mode::Legacy,
            _ => return None,
        };
        Some(mt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_reference() {
        let mut mt = Mt19937::new(5489, Mode::Standard);
        let drawn: Vec<u32> = (0..10_000).map(|_| mt.next()).collect();
        assert_eq!(drawn[0], 3_499_211_612);
        assert_eq!(drawn[9_999], 4_123_659_995);
    }
}
