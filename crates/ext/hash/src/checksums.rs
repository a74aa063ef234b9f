//! Checksums and small hashes: CRC32, Adler-32, FNV, Jenkins's one-at-a-time.

use crate::hasher::Hasher;

/// Which CRC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Crc {
    /// Bits of the highest order first, as in bzip2; PHP shows the lowest byte first.
    Bzip2,
    /// As in zip and PNG.
    Zip,
    /// Castagnoli's.
    Castagnoli,
}

const fn reflected_table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

const fn forward_table(polynomial: u32) -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut crc = (i as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc >> 31 == 1 { (crc << 1) ^ polynomial } else { crc << 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

static ZIP: [u32; 256] = reflected_table(0xedb8_8320);
static CASTAGNOLI: [u32; 256] = reflected_table(0x82f6_3b78);
static BZIP2: [u32; 256] = forward_table(0x04c1_1db7);

#[derive(Clone)]
pub struct Crc32 {
    kind: Crc,
    state: u32,
}

impl Crc32 {
    pub fn new(kind: Crc) -> Crc32 {
        Crc32 { kind, state: !0 }
    }
}

impl Hasher for Crc32 {
    fn update(&mut self, bytes: &[u8]) {
        let table = match self.kind {
            Crc::Bzip2 => {
                for b in bytes {
                    let index = (self.state >> 24) as u8 ^ b;
                    self.state = (self.state << 8) ^ BZIP2[usize::from(index)];
                }
                return;
            }
            Crc::Zip => &ZIP,
            Crc::Castagnoli => &CASTAGNOLI,
        };
        for b in bytes {
            self.state = (self.state >> 8) ^ table[usize::from(self.state as u8 ^ b)];
        }
    }
    fn finish(&self) -> Vec<u8> {
        match self.kind {
            Crc::Bzip2 => (!self.state).to_le_bytes().to_vec(),
            _ => (!self.state).to_be_bytes().to_vec(),
        }
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[derive(Clone)]
pub struct Adler32 {
    low: u32,
    high: u32,
}

impl Adler32 {
    pub fn new() -> Adler32 {
        Adler32 { low: 1, high: 0 }
    }
}

impl Hasher for Adler32 {
    fn update(&mut self, bytes: &[u8]) {
        // As many sums as fit before they have to be reduced.
        for chunk in bytes.chunks(5552) {
            for b in chunk {
                self.low += u32::from(*b);
                self.high += self.low;
            }
            self.low %= 65521;
            self.high %= 65521;
        }
    }
    fn finish(&self) -> Vec<u8> {
        ((self.high << 16) | self.low).to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[derive(Clone)]
pub struct Fnv32 {
    state: u32,
    /// FNV-1a: the byte is mixed in before the multiplication.
    xor_first: bool,
}

impl Fnv32 {
    pub fn new(xor_first: bool) -> Fnv32 {
        Fnv32 { state: 0x811c_9dc5, xor_first }
    }
}

impl Hasher for Fnv32 {
    fn update(&mut self, bytes: &[u8]) {
        for b in bytes {
            let b = u32::from(*b);
            self.state = if self.xor_first {
                (self.state ^ b).wrapping_mul(0x0100_0193)
            } else {
                self.state.wrapping_mul(0x0100_0193) ^ b
            };
        }
    }
    fn finish(&self) -> Vec<u8> {
        self.state.to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[derive(Clone)]
pub struct Fnv64 {
    state: u64,
    xor_first: bool,
}

impl Fnv64 {
    pub fn new(xor_first: bool) -> Fnv64 {
        Fnv64 { state: 0xcbf2_9ce4_8422_2325, xor_first }
    }
}

impl Hasher for Fnv64 {
    fn update(&mut self, bytes: &[u8]) {
        const PRIME: u64 = 0x0100_0000_01b3;
        for b in bytes {
            let b = u64::from(*b);
            self.state = if self.xor_first {
                (self.state ^ b).wrapping_mul(PRIME)
            } else {
                self.state.wrapping_mul(PRIME) ^ b
            };
        }
    }
    fn finish(&self) -> Vec<u8> {
        self.state.to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[derive(Clone, Default)]
pub struct Joaat(u32);

impl Hasher for Joaat {
    fn update(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.0 = self.0.wrapping_add(u32::from(*b));
            self.0 = self.0.wrapping_add(self.0 << 10);
            self.0 ^= self.0 >> 6;
        }
    }
    fn finish(&self) -> Vec<u8> {
        let mut h = self.0;
        h = h.wrapping_add(h << 3);
        h ^= h >> 11;
        h = h.wrapping_add(h << 15);
        h.to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}
