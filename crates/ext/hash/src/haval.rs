//! HAVAL with three to five passes, its digest of 128 to 256 bits.

use crate::hasher::{Blocks, Hasher};
use std::sync::LazyLock;

/// The fraction of pi in words: the start of the state, then the constants of the passes.
static PI: LazyLock<Vec<u32>> = LazyLock::new(|| pi_fraction(8 + 4 * 32));

/// Words of the fraction of pi, by Machin's formula.
fn pi_fraction(words: usize) -> Vec<u32> {
    // A word before the point, and some behind that take up rounding errors.
    let len = words + 3;
    let mut pi = vec![0u32; len];
    for (factor, x) in [(16u32, 5u32), (4, 239)] {
        let mut power = vec![0u32; len];
        power[0] = factor;
        divide(&mut power, x);
        let mut odd = 1;
        let mut plus = factor == 16;
        while power.iter().any(|w| *w != 0) {
            let mut term = power.clone();
            divide(&mut term, odd);
            if plus {
                add(&mut pi, &term)
            } else {
                subtract(&mut pi, &term)
            }
            divide(&mut power, x * x);
            odd += 2;
            plus = !plus;
        }
    }
    pi[1..=words].to_vec()
}

fn divide(number: &mut [u32], by: u32) {
    let mut rest = 0u64;
    for word in number {
        let n = (rest << 32) | u64::from(*word);
        *word = (n / u64::from(by)) as u32;
        rest = n % u64::from(by);
    }
}

fn add(to: &mut [u32], what: &[u32]) {
    let mut carry = 0u64;
    for (a, b) in to.iter_mut().zip(what).rev() {
        let sum = u64::from(*a) + u64::from(*b) + carry;
        *a = sum as u32;
        carry = sum >> 32;
    }
}

fn subtract(from: &mut [u32], what: &[u32]) {
    let mut borrow = false;
    for (a, b) in from.iter_mut().zip(what).rev() {
        let (n, first) = a.overflowing_sub(*b);
        let (n, second) = n.overflowing_sub(u32::from(borrow));
        *a = n;
        borrow = first || second;
    }
}

/// The order in which passes take the words of a block.
const ORDER: [[u8; 32]; 5] = [
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
        25, 26, 27, 28, 29, 30, 31,
    ],
    [
        5, 14, 26, 18, 11, 28, 7, 16, 0, 23, 20, 22, 1, 10, 4, 8, 30, 3, 21, 9, 17, 24, 29, 6, 19,
        12, 15, 13, 2, 25, 31, 27,
    ],
    [
        19, 9, 4, 20, 28, 17, 8, 22, 29, 14, 25, 12, 24, 30, 16, 26, 31, 15, 7, 3, 1, 0, 18, 27,
        13, 6, 21, 10, 23, 11, 5, 2,
    ],
    [
        24, 4, 0, 14, 2, 7, 28, 23, 26, 6, 30, 20, 18, 25, 19, 3, 22, 11, 31, 21, 8, 27, 12, 9, 1,
        29, 5, 15, 17, 10, 16, 13,
    ],
    [
        27, 3, 21, 26, 17, 11, 20, 29, 19, 0, 12, 7, 13, 8, 31, 10, 5, 9, 14, 30, 18, 6, 28, 24, 2,
        23, 16, 22, 4, 1, 25, 15,
    ],
];

/// Which variables a pass gives to its function as x6 to x0, by number of passes.
const PHI: [[[u8; 7]; 5]; 3] = [
    [[1, 0, 3, 5, 6, 2, 4], [4, 2, 1, 0, 5, 3, 6], [6, 1, 2, 3, 4, 5, 0], [0; 7], [0; 7]],
    [
        [2, 6, 1, 4, 5, 3, 0],
        [3, 5, 2, 0, 1, 6, 4],
        [1, 4, 3, 6, 0, 2, 5],
        [6, 4, 0, 5, 2, 1, 3],
        [0; 7],
    ],
    [
        [3, 4, 1, 0, 5, 2, 6],
        [6, 2, 1, 0, 3, 4, 5],
        [2, 6, 0, 4, 3, 1, 5],
        [1, 5, 3, 2, 0, 4, 6],
        [2, 5, 0, 6, 4, 3, 1],
    ],
];

/// The function of a pass.
fn mix(pass: usize, [x6, x5, x4, x3, x2, x1, x0]: [u32; 7]) -> u32 {
    match pass {
        0 => x1 & (x0 ^ x4) ^ x2 & x5 ^ x3 & x6 ^ x0,
        1 => x2 & (x1 & !x3 ^ x4 & x5 ^ x6 ^ x0) ^ x4 & (x1 ^ x5) ^ x3 & x5 ^ x0,
        2 => x3 & (x1 & x2 ^ x6 ^ x0) ^ x1 & x4 ^ x2 & x5 ^ x0,
        3 => x4 & (x5 & !x2 ^ x3 & !x6 ^ x1 ^ x6 ^ x0) ^ x3 & (x1 & x2 ^ x5 ^ x6) ^ x2 & x6 ^ x0,
        _ => x0 & (x1 & x2 & x3 ^ !x5) ^ x1 & x4 ^ x2 & x5 ^ x3 & x6,
    }
}

fn compress(state: &mut [u32; 8], block: &[u8; 128], passes: usize) {
    let word = |i: u8| {
        let at = 4 * usize::from(i);
        u32::from_le_bytes(block[at..at + 4].try_into().expect("four bytes"))
    };
    let mut t = *state;
    for pass in 0..passes {
        for round in 0..32 {
            let x = |n: u8| t[(usize::from(n) + 32 - round) % 8];
            let mixed = mix(pass, PHI[passes - 3][pass].map(x));
            let constant = if pass == 0 { 0 } else { PI[8 + 32 * (pass - 1) + round] };
            let place = (7 + 32 - round) % 8;
            t[place] = mixed
                .rotate_right(7)
                .wrapping_add(t[place].rotate_right(11))
                .wrapping_add(word(ORDER[pass][round]))
                .wrapping_add(constant);
        }
    }
    for (s, t) in state.iter_mut().zip(t) {
        *s = s.wrapping_add(t);
    }
}

#[derive(Clone)]
pub struct Haval {
    state: [u32; 8],
    blocks: Blocks<128>,
    passes: usize,
    bits: u32,
}

impl Haval {
    pub fn new(passes: usize, bits: u32) -> Haval {
        let state = PI[..8].try_into().expect("eight words");
        Haval { state, blocks: Blocks::default(), passes, bits }
    }

    /// Folds the words that the digest leaves out into the others.
    fn fold(&self, mut s: [u32; 8]) -> [u32; 8] {
        let [.., s4, s5, s6, s7] = s;
        // Masks for words 7, 6, 5, 4 and how far the sum is turned right, for each word.
        let rules: &[([u32; 4], u32)] = match self.bits {
            128 => &[
                ([0xff, 0xff00_0000, 0x00ff_0000, 0xff00], 8),
                ([0xff00, 0xff, 0xff00_0000, 0x00ff_0000], 16),
                ([0x00ff_0000, 0xff00, 0xff, 0xff00_0000], 24),
                ([0xff00_0000, 0x00ff_0000, 0xff00, 0xff], 0),
            ],
            160 => &[
                ([0x3f, 0x7f << 25, 0x3f << 19, 0], 19),
                ([0x3f << 6, 0x3f, 0x7f << 25, 0], 25),
                ([0x7f << 12, 0x3f << 6, 0x3f, 0], 0),
                ([0x3f << 19, 0x7f << 12, 0x3f << 6, 0], 6),
                ([0x7f << 25, 0x3f << 19, 0x7f << 12, 0], 12),
            ],
            192 => &[
                ([0x1f, 0x3f << 26, 0, 0], 26),
                ([0x1f << 5, 0x1f, 0, 0], 0),
                ([0x3f << 10, 0x1f << 5, 0, 0], 5),
                ([0x1f << 16, 0x3f << 10, 0, 0], 10),
                ([0x1f << 21, 0x1f << 16, 0, 0], 16),
                ([0x3f << 26, 0x1f << 21, 0, 0], 21),
            ],
            224 => &[
                ([0x1f << 27, 0, 0, 0], 27),
                ([0x1f << 22, 0, 0, 0], 22),
                ([0x0f << 18, 0, 0, 0], 18),
                ([0x1f << 13, 0, 0, 0], 13),
                ([0x0f << 9, 0, 0, 0], 9),
                ([0x1f << 4, 0, 0, 0], 4),
                ([0x0f, 0, 0, 0], 0),
            ],
            _ => &[],
        };
        for (word, ([m7, m6, m5, m4], turn)) in s.iter_mut().zip(rules) {
            let sum = (s7 & m7) | (s6 & m6) | (s5 & m5) | (s4 & m4);
            *word = word.wrapping_add(sum.rotate_right(*turn));
        }
        s
    }
}

impl Hasher for Haval {
    fn update(&mut self, bytes: &[u8]) {
        let (state, passes) = (&mut self.state, self.passes);
        self.blocks.update(bytes, |block| compress(state, block, passes));
    }
    fn finish(&self) -> Vec<u8> {
        let mut last = self.clone();
        let total = self.blocks.total.wrapping_mul(8);
        let used = self.blocks.rest().len();
        let zeros = (118 + 128 - 1 - used) % 128;
        let mut tail = vec![0x01];
        tail.resize(1 + zeros, 0);
        tail.push(((self.bits & 3) << 6) as u8 | (self.passes << 3) as u8 | 1);
        tail.push((self.bits >> 2) as u8);
        tail.extend_from_slice(&total.to_le_bytes());
        last.update(&tail);
        let digest = self.fold(last.state);
        let words = digest.iter().take(self.bits as usize / 32);
        words.flat_map(|w| w.to_le_bytes()).collect()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}
