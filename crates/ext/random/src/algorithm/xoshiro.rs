//! xoshiro256**

use super::{of_hex, to_hex};
use outlast_value::PhpArray;

#[derive(Clone)]
pub struct Xoshiro([u64; 4]);

const JUMP: [u64; 4] =
    [0x180e_c6d3_3cfd_0aba, 0xd5a6_1266_f0c9_392c, 0xa958_2618_e03f_c9aa, 0x39ab_dc45_29b1_661c];
const LONG_JUMP: [u64; 4] =
    [0x76e1_5d3e_fefd_cbbf, 0xc500_4e44_1c52_2fb3, 0x7771_0069_854e_e241, 0x3910_9bb0_2acb_e635];

impl Xoshiro {
    /// The state for a seed, spread with splitmix64.
    pub fn new(mut seed: u64) -> Xoshiro {
        Xoshiro(std::array::from_fn(|_| {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// The state for 32 bytes; `None`: they are all zero, which yields nothing else.
    pub fn of_bytes(bytes: [u8; 32]) -> Option<Xoshiro> {
        let word = |i: usize| {
            bytes[8 * i..8 * i + 8].iter().rev().fold(0, |n, b| (n << 8) | u64::from(*b))
        };
        (bytes != [0; 32]).then(|| Xoshiro(std::array::from_fn(word)))
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Goes 2^128 steps on.
    pub fn jump(&mut self) {
        self.jump_by(JUMP);
    }

    /// Goes 2^192 steps on.
    pub fn jump_long(&mut self) {
        self.jump_by(LONG_JUMP);
    }

    fn jump_by(&mut self, polynomial: [u64; 4]) {
        let mut sum = [0; 4];
        for word in polynomial {
            for bit in 0..64 {
                if word >> bit & 1 == 1 {
                    sum.iter_mut().zip(self.0).for_each(|(a, b)| *a ^= b);
                }
                self.next();
            }
        }
        self.0 = sum;
    }

    pub fn state(&self) -> PhpArray {
        self.0.iter().map(|word| to_hex(&word.to_le_bytes())).collect()
    }

    pub fn of_state(state: &PhpArray) -> Option<Xoshiro> {
        if state.len() != 4 {
            return None;
        }
        let mut words = [0; 4];
        for (i, word) in words.iter_mut().enumerate() {
            *word = u64::from_le_bytes(of_hex(state, i)?);
        }
        (words != [0; 4]).then_some(Xoshiro(words))
    }
}
