//! Tiger with three or four passes, its digest cut to 128, 160 or 192 bits.

use crate::hasher::{Blocks, Hasher};
use std::sync::LazyLock;

const START: [u64; 3] = [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0xf096_a5b4_c3b2_e187];

type Boxes = [[u64; 256]; 4];

/// The S-boxes, made as their authors made them: byte columns shuffled by Tiger itself.
static BOXES: LazyLock<Box<Boxes>> = LazyLock::new(|| {
    const TEXT: &[u8; 64] = b"Tiger - A Fast New Hash Function, by Ross Anderson and Eli Biham";
    let mut boxes: Box<Boxes> = Box::new(std::array::from_fn(|_| {
        std::array::from_fn(|i| i as u64 * 0x0101_0101_0101_0101)
    }));
    let mut state = START;
    let mut at = 2;
    for _ in 0..5 {
        for i in 0..256 {
            for sbox in 0..4 {
                at += 1;
                if at == 3 {
                    at = 0;
                    compress(&mut state, TEXT, 3, &boxes);
                }
                for (column, other) in state[at].to_le_bytes().into_iter().enumerate() {
                    let mask = 0xff << (8 * column);
                    let (a, b) = (boxes[sbox][i], boxes[sbox][usize::from(other)]);
                    boxes[sbox][i] = (boxes[sbox][i] & !mask) | (b & mask);
                    let place = &mut boxes[sbox][usize::from(other)];
                    *place = (*place & !mask) | (a & mask);
                }
            }
        }
    }
    boxes
});

fn pass(abc: [&mut u64; 3], words: &[u64; 8], factor: u64, boxes: &Boxes) {
    let mut s = abc;
    for word in words {
        let [a, b, c] = &mut s;
        **c ^= word;
        let bytes = c.to_le_bytes().map(usize::from);
        let even =
            boxes[0][bytes[0]] ^ boxes[1][bytes[2]] ^ boxes[2][bytes[4]] ^ boxes[3][bytes[6]];
        let odd = boxes[3][bytes[1]] ^ boxes[2][bytes[3]] ^ boxes[1][bytes[5]] ^ boxes[0][bytes[7]];
        **a = a.wrapping_sub(even);
        **b = b.wrapping_add(odd).wrapping_mul(factor);
        s.rotate_left(1);
    }
}

fn schedule(x: &mut [u64; 8]) {
    x[0] = x[0].wrapping_sub(x[7] ^ 0xa5a5_a5a5_a5a5_a5a5);
    x[1] ^= x[0];
    x[2] = x[2].wrapping_add(x[1]);
    x[3] = x[3].wrapping_sub(x[2] ^ (!x[1] << 19));
    x[4] ^= x[3];
    x[5] = x[5].wrapping_add(x[4]);
    x[6] = x[6].wrapping_sub(x[5] ^ (!x[4] >> 23));
    x[7] ^= x[6];
    x[0] = x[0].wrapping_add(x[7]);
    x[1] = x[1].wrapping_sub(x[0] ^ (!x[7] << 19));
    x[2] ^= x[1];
    x[3] = x[3].wrapping_add(x[2]);
    x[4] = x[4].wrapping_sub(x[3] ^ (!x[2] >> 23));
    x[5] ^= x[4];
    x[6] = x[6].wrapping_add(x[5]);
    x[7] = x[7].wrapping_sub(x[6] ^ 0x0123_4567_89ab_cdef);
}

fn compress(state: &mut [u64; 3], block: &[u8; 64], passes: u32, boxes: &Boxes) {
    let mut x: [u64; 8] = std::array::from_fn(|i| {
        u64::from_le_bytes(block[8 * i..8 * i + 8].try_into().expect("eight bytes"))
    });
    let [mut a, mut b, mut c] = *state;
    pass([&mut a, &mut b, &mut c], &x, 5, boxes);
    schedule(&mut x);
    pass([&mut c, &mut a, &mut b], &x, 7, boxes);
    schedule(&mut x);
    pass([&mut b, &mut c, &mut a], &x, 9, boxes);
    for _ in 3..passes {
        schedule(&mut x);
        pass([&mut a, &mut b, &mut c], &x, 9, boxes);
        (a, b, c) = (c, a, b);
    }
    *state = [a ^ state[0], b.wrapping_sub(state[1]), c.wrapping_add(state[2])];
}

#[derive(Clone)]
pub struct Tiger {
    state: [u64; 3],
    blocks: Blocks<64>,
    passes: u32,
    bytes: usize,
}

impl Tiger {
    pub fn new(passes: u32, bytes: usize) -> Tiger {
        Tiger { state: START, blocks: Blocks::default(), passes, bytes }
    }
}

impl Hasher for Tiger {
    fn update(&mut self, bytes: &[u8]) {
        let (state, passes) = (&mut self.state, self.passes);
        self.blocks.update(bytes, |block| compress(state, block, passes, &BOXES));
    }
    fn finish(&self) -> Vec<u8> {
        let mut last = self.clone();
        let bits = self.blocks.total.wrapping_mul(8);
        let used = self.blocks.rest().len();
        let zeros = (56 + 64 - 1 - used) % 64;
        let mut tail = vec![0x01];
        tail.resize(1 + zeros, 0);
        tail.extend_from_slice(&bits.to_le_bytes());
        last.update(&tail);
        let digest: Vec<u8> = last.state.iter().flat_map(|w| w.to_le_bytes()).collect();
        digest[..self.bytes].to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}
