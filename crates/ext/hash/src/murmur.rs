//! MurmurHash3 in its three forms.

use crate::hasher::{Blocks, Hasher};

fn mix32(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

fn mix64(mut h: u64) -> u64 {
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    h = h.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// Bytes with zeros behind them.
fn padded<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out[..bytes.len()].copy_from_slice(bytes);
    out
}

fn word32(bytes: &[u8], i: usize) -> u32 {
    u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().expect("four bytes"))
}

fn word64(bytes: &[u8], i: usize) -> u64 {
    u64::from_le_bytes(bytes[8 * i..8 * i + 8].try_into().expect("eight bytes"))
}

/// `murmur3a`: 32 bits.
#[derive(Clone)]
pub struct Murmur3a {
    h: u32,
    blocks: Blocks<4>,
}

impl Murmur3a {
    pub fn new(seed: u32) -> Murmur3a {
        Murmur3a { h: seed, blocks: Blocks::default() }
    }

    fn scramble(k: u32) -> u32 {
        k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
    }
}

impl Hasher for Murmur3a {
    fn update(&mut self, bytes: &[u8]) {
        let h = &mut self.h;
        self.blocks.update(bytes, |block| {
            *h ^= Murmur3a::scramble(u32::from_le_bytes(*block));
            *h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
        });
    }
    fn finish(&self) -> Vec<u8> {
        let tail = u32::from_le_bytes(padded(self.blocks.rest()));
        let h = self.h ^ Murmur3a::scramble(tail);
        mix32(h ^ self.blocks.total as u32).to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// `murmur3c`: 128 bits with words of 32.
#[derive(Clone)]
pub struct Murmur3c {
    h: [u32; 4],
    blocks: Blocks<16>,
}

const C32: [u32; 4] = [0x239b_961b, 0xab0e_9789, 0x38b3_4ae5, 0xa1e3_8b93];
const ROTATE32: [u32; 4] = [15, 16, 17, 18];

impl Murmur3c {
    pub fn new(seed: u32) -> Murmur3c {
        Murmur3c { h: [seed; 4], blocks: Blocks::default() }
    }

    fn scramble(k: u32, i: usize) -> u32 {
        k.wrapping_mul(C32[i]).rotate_left(ROTATE32[i]).wrapping_mul(C32[(i + 1) % 4])
    }
}

impl Hasher for Murmur3c {
    fn update(&mut self, bytes: &[u8]) {
        const TURN: [u32; 4] = [19, 17, 15, 13];
        const PLUS: [u32; 4] = [0x561c_cd1b, 0x0bca_a747, 0x96cd_1c35, 0x32ac_3b17];
        let h = &mut self.h;
        self.blocks.update(bytes, |block| {
            for i in 0..4 {
                h[i] ^= Murmur3c::scramble(word32(block, i), i);
                h[i] = h[i].rotate_left(TURN[i]).wrapping_add(h[(i + 1) % 4]);
                h[i] = h[i].wrapping_mul(5).wrapping_add(PLUS[i]);
            }
        });
    }
    fn finish(&self) -> Vec<u8> {
        let tail: [u8; 16] = padded(self.blocks.rest());
        let mut h = self.h;
        for (i, h) in h.iter_mut().enumerate() {
            *h ^= Murmur3c::scramble(word32(&tail, i), i);
            *h ^= self.blocks.total as u32;
        }
        let gather = |h: &mut [u32; 4]| {
            for i in 1..4 {
                h[0] = h[0].wrapping_add(h[i]);
            }
            for i in 1..4 {
                h[i] = h[i].wrapping_add(h[0]);
            }
        };
        gather(&mut h);
        h = h.map(mix32);
        gather(&mut h);
        h.iter().flat_map(|h| h.to_be_bytes()).collect()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// `murmur3f`: 128 bits with words of 64.
#[derive(Clone)]
pub struct Murmur3f {
    h: [u64; 2],
    blocks: Blocks<16>,
}

const C64: [u64; 2] = [0x87c3_7b91_1142_53d5, 0x4cf5_ad43_2745_937f];

impl Murmur3f {
    pub fn new(seed: u32) -> Murmur3f {
        Murmur3f { h: [u64::from(seed); 2], blocks: Blocks::default() }
    }

    fn scramble(k: u64, i: usize) -> u64 {
        k.wrapping_mul(C64[i]).rotate_left([31, 33][i]).wrapping_mul(C64[1 - i])
    }
}

impl Hasher for Murmur3f {
    fn update(&mut self, bytes: &[u8]) {
        let h = &mut self.h;
        self.blocks.update(bytes, |block| {
            for i in 0..2 {
                h[i] ^= Murmur3f::scramble(word64(block, i), i);
                h[i] = h[i].rotate_left([27, 31][i]).wrapping_add(h[1 - i]);
                h[i] = h[i].wrapping_mul(5).wrapping_add([0x52dc_e729, 0x3849_5ab5][i]);
            }
        });
    }
    fn finish(&self) -> Vec<u8> {
        let tail: [u8; 16] = padded(self.blocks.rest());
        let mut h = self.h;
        for (i, h) in h.iter_mut().enumerate() {
            *h ^= Murmur3f::scramble(word64(&tail, i), i);
            *h ^= self.blocks.total;
        }
        let gather = |h: &mut [u64; 2]| {
            h[0] = h[0].wrapping_add(h[1]);
            h[1] = h[1].wrapping_add(h[0]);
        };
        gather(&mut h);
        h = h.map(mix64);
        gather(&mut h);
        h.iter().flat_map(|h| h.to_be_bytes()).collect()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}
