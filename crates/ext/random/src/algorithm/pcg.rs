//! PCG of 128 bits with one stream, output XSL RR 64.

use super::{of_hex, to_hex};
use outlast_value::PhpArray;

const MULTIPLIER: u128 = (2_549_297_995_355_413_924 << 64) + 4_865_540_595_714_422_341;
const INCREMENT: u128 = (6_364_136_223_846_793_005 << 64) + 1_442_695_040_888_963_407;

#[derive(Clone)]
pub struct Pcg(u128);

impl Pcg {
    /// The state for a seed.
    pub fn new(seed: u128) -> Pcg {
        let mut pcg = Pcg(0);
        pcg.step();
        pcg.0 = pcg.0.wrapping_add(seed);
        pcg.step();
        pcg
    }

    /// The state for 16 bytes: two numbers, the high one first.
    pub fn of_bytes(bytes: [u8; 16]) -> Pcg {
        let (high, low) = bytes.split_at(8);
        let word = |b: &[u8]| b.iter().rev().fold(0u128, |n, b| (n << 8) | u128::from(*b));
        Pcg::new((word(high) << 64) | word(low))
    }

    fn step(&mut self) {
        self.0 = self.0.wrapping_mul(MULTIPLIER).wrapping_add(INCREMENT);
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.step();
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        (high ^ low).rotate_right((high >> 58) as u32)
    }

    /// Goes `count` steps on.
    pub fn jump(&mut self, mut count: u64) {
        let (mut multiplier, mut increment) = (MULTIPLIER, INCREMENT);
        let (mut all, mut plus) = (1u128, 0u128);
        while count > 0 {
            if count & 1 == 1 {
                all = all.wrapping_mul(multiplier);
                plus = plus.wrapping_mul(multiplier).wrapping_add(increment);
            }
            increment = multiplier.wrapping_add(1).wrapping_mul(increment);
            multiplier = multiplier.wrapping_mul(multiplier);
            count >>= 1;
        }
        self.0 = all.wrapping_mul(self.0).wrapping_add(plus);
    }

    pub fn state(&self) -> PhpArray {
        let (high, low) = ((self.0 >> 64) as u64, self.0 as u64);
        [high, low].iter().map(|word| to_hex(&word.to_le_bytes())).collect()
    }

    pub fn of_state(state: &PhpArray) -> Option<Pcg> {
        if state.len() != 2 {
            return None;
        }
        let word = |i| of_hex(state, i).map(|b| u128::from(u64::from_le_bytes(b)));
        Some(Pcg((word(0)? << 64) | word(1)?))
    }
}
