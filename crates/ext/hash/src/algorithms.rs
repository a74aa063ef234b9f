//! The algorithms by name.

use crate::checksums::{Adler32, Crc, Crc32, Fnv32, Fnv64, Joaat};
use crate::hasher::{Digested, Hasher};
use crate::haval::Haval;
use crate::murmur::{Murmur3a, Murmur3c, Murmur3f};
use crate::tiger::Tiger;
use crate::xx;
use xxhash_rust::xxh32::Xxh32;
use xxhash_rust::xxh64::Xxh64;

/// What a hash may be started with.
#[derive(Clone, Default)]
pub struct Start {
    pub seed: i64,
    pub secret: Option<Vec<u8>>,
}

/// What options of the array an algorithm knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Options {
    None,
    Seed,
    SeedOrSecret,
}

/// An algorithm.
pub struct Algorithm {
    pub name: &'static str,
    /// Length of its blocks, for HMAC.
    pub block: usize,
    /// Is it one for cryptography?
    pub cryptographic: bool,
    pub options: Options,
    make: fn(&Start) -> Box<dyn Hasher>,
}

impl Algorithm {
    /// Starts a hash.
    pub fn start(&self, how: &Start) -> Box<dyn Hasher> {
        (self.make)(how)
    }

    /// The digest of a message.
    pub fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut hasher = self.start(&Start::default());
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }

    /// Length of its digests.
    pub fn digest_len(&self) -> usize {
        self.digest(&[]).len()
    }
}

/// The algorithm of a name.
pub fn find(name: &[u8]) -> Option<&'static Algorithm> {
    ALGORITHMS.iter().find(|a| a.name.as_bytes().eq_ignore_ascii_case(name))
}

/// One for cryptography.
const fn strong(
    name: &'static str,
    block: usize,
    make: fn(&Start) -> Box<dyn Hasher>,
) -> Algorithm {
    Algorithm { name, block, cryptographic: true, options: Options::None, make }
}

const fn weak(name: &'static str, make: fn(&Start) -> Box<dyn Hasher>) -> Algorithm {
    Algorithm { name, block: 4, cryptographic: false, options: Options::None, make }
}

const fn seeded(
    name: &'static str,
    options: Options,
    make: fn(&Start) -> Box<dyn Hasher>,
) -> Algorithm {
    Algorithm { name, block: 4, cryptographic: false, options, make }
}

fn of<D: digest::Digest + Clone + 'static>(_: &Start) -> Box<dyn Hasher> {
    Box::new(Digested(D::new()))
}

fn third(how: &Start, wide: bool) -> Box<dyn Hasher> {
    Box::new(match &how.secret {
        Some(secret) => xx::Third::with_secret(secret, wide),
        None => xx::Third::seeded(how.seed as u64, wide),
    })
}

/// In PHP's order.
pub static ALGORITHMS: &[Algorithm] = &[
    strong("md2", 16, of::<md2::Md2>),
    strong("md4", 64, of::<md4::Md4>),
    strong("md5", 64, of::<md5::Md5>),
    strong("sha1", 64, of::<sha1::Sha1>),
    strong("sha224", 64, of::<sha2::Sha224>),
    strong("sha256", 64, of::<sha2::Sha256>),
    strong("sha384", 128, of::<sha2::Sha384>),
    strong("sha512/224", 128, of::<sha2::Sha512_224>),
    strong("sha512/256", 128, of::<sha2::Sha512_256>),
    strong("sha512", 128, of::<sha2::Sha512>),
    strong("sha3-224", 144, of::<sha3::Sha3_224>),
    strong("sha3-256", 136, of::<sha3::Sha3_256>),
    strong("sha3-384", 104, of::<sha3::Sha3_384>),
    strong("sha3-512", 72, of::<sha3::Sha3_512>),
    strong("ripemd128", 64, of::<ripemd::Ripemd128>),
    strong("ripemd160", 64, of::<ripemd::Ripemd160>),
    strong("ripemd256", 64, of::<ripemd::Ripemd256>),
    strong("ripemd320", 64, of::<ripemd::Ripemd320>),
    strong("whirlpool", 64, of::<whirlpool::Whirlpool>),
    strong("tiger128,3", 64, |_| Box::new(Tiger::new(3, 16))),
    strong("tiger160,3", 64, |_| Box::new(Tiger::new(3, 20))),
    strong("tiger192,3", 64, |_| Box::new(Tiger::new(3, 24))),
    strong("tiger128,4", 64, |_| Box::new(Tiger::new(4, 16))),
    strong("tiger160,4", 64, |_| Box::new(Tiger::new(4, 20))),
    strong("tiger192,4", 64, |_| Box::new(Tiger::new(4, 24))),
    strong("gost", 32, of::<gost94::Gost94Test>),
    strong("gost-crypto", 32, of::<gost94::Gost94CryptoPro>),
    weak("adler32", |_| Box::new(Adler32::new())),
    weak("crc32", |_| Box::new(Crc32::new(Crc::Bzip2))),
    weak("crc32b", |_| Box::new(Crc32::new(Crc::Zip))),
    weak("crc32c", |_| Box::new(Crc32::new(Crc::Castagnoli))),
    weak("fnv132", |_| Box::new(Fnv32::new(false))),
    weak("fnv1a32", |_| Box::new(Fnv32::new(true))),
    weak("fnv164", |_| Box::new(Fnv64::new(false))),
    weak("fnv1a64", |_| Box::new(Fnv64::new(true))),
    weak("joaat", |_| Box::new(Joaat::default())),
    seeded("murmur3a", Options::Seed, |how| Box::new(Murmur3a::new(how.seed as u32))),
    seeded("murmur3c", Options::Seed, |how| Box::new(Murmur3c::new(how.seed as u32))),
    seeded("murmur3f", Options::Seed, |how| Box::new(Murmur3f::new(how.seed as u32))),
    seeded("xxh32", Options::Seed, |how| Box::new(xx::Short(Xxh32::new(how.seed as u32)))),
    seeded("xxh64", Options::Seed, |how| Box::new(xx::Long(Xxh64::new(how.seed as u64)))),
    seeded("xxh3", Options::SeedOrSecret, |how| third(how, false)),
    seeded("xxh128", Options::SeedOrSecret, |how| third(how, true)),
    strong("haval128,3", 128, |_| Box::new(Haval::new(3, 128))),
    strong("haval160,3", 128, |_| Box::new(Haval::new(3, 160))),
    strong("haval192,3", 128, |_| Box::new(Haval::new(3, 192))),
    strong("haval224,3", 128, |_| Box::new(Haval::new(3, 224))),
    strong("haval256,3", 128, |_| Box::new(Haval::new(3, 256))),
    strong("haval128,4", 128, |_| Box::new(Haval::new(4, 128))),
    strong("haval160,4", 128, |_| Box::new(Haval::new(4, 160))),
    strong("haval192,4", 128, |_| Box::new(Haval::new(4, 192))),
    strong("haval224,4", 128, |_| Box::new(Haval::new(4, 224))),
    strong("haval256,4", 128, |_| Box::new(Haval::new(4, 256))),
    strong("haval128,5", 128, |_| Box::new(Haval::new(5, 128))),
    strong("haval160,5", 128, |_| Box::new(Haval::new(5, 160))),
    strong("haval192,5", 128, |_| Box::new(Haval::new(5, 192))),
    strong("haval224,5", 128, |_| Box::new(Haval::new(5, 224))),
    strong("haval256,5", 128, |_| Box::new(Haval::new(5, 256))),
];
