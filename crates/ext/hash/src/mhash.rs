//! The functions of the old extension mhash, by number of algorithm.

use crate::algorithms::{self, Algorithm};
use crate::context::Running;
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

/// mhash's name and ours, by number.
const NAMES: [Option<(&str, &str)>; 42] = [
    Some(("CRC32", "crc32")),
    Some(("MD5", "md5")),
    Some(("SHA1", "sha1")),
    Some(("HAVAL256", "haval256,3")),
    None,
    Some(("RIPEMD160", "ripemd160")),
    None,
    Some(("TIGER", "tiger192,3")),
    Some(("GOST", "gost")),
    Some(("CRC32B", "crc32b")),
    Some(("HAVAL224", "haval224,3")),
    Some(("HAVAL192", "haval192,3")),
    Some(("HAVAL160", "haval160,3")),
    Some(("HAVAL128", "haval128,3")),
    Some(("TIGER128", "tiger128,3")),
    Some(("TIGER160", "tiger160,3")),
    Some(("MD4", "md4")),
    Some(("SHA256", "sha256")),
    Some(("ADLER32", "adler32")),
    Some(("SHA224", "sha224")),
    Some(("SHA512", "sha512")),
    Some(("SHA384", "sha384")),
    Some(("WHIRLPOOL", "whirlpool")),
    Some(("RIPEMD128", "ripemd128")),
    Some(("RIPEMD256", "ripemd256")),
    Some(("RIPEMD320", "ripemd320")),
    None,
    Some(("SNEFRU256", "snefru256")),
    Some(("MD2", "md2")),
    Some(("FNV132", "fnv132")),
    Some(("FNV1A32", "fnv1a32")),
    Some(("FNV164", "fnv164")),
    Some(("FNV1A64", "fnv1a64")),
    Some(("JOAAT", "joaat")),
    Some(("CRC32C", "crc32c")),
    Some(("MURMUR3A", "murmur3a")),
    Some(("MURMUR3C", "murmur3c")),
    Some(("MURMUR3F", "murmur3f")),
    Some(("XXH32", "xxh32")),
    Some(("XXH64", "xxh64")),
    Some(("XXH3", "xxh3")),
    Some(("XXH128", "xxh128")),
];

fn names(number: i64) -> Option<(&'static str, &'static str)> {
    usize::try_from(number).ok().and_then(|n| NAMES.get(n).copied().flatten())
}

fn algorithm(number: i64) -> Option<&'static Algorithm> {
    names(number).and_then(|(_, name)| algorithms::find(name.as_bytes()))
}

pub fn mhash_count(_: &mut Cx) -> Ret<i64> {
    Ok(NAMES.len() as i64 - 1)
}

pub fn mhash_get_hash_name(_: &mut Cx, number: i64) -> Ret<OrFalse<&'static str>> {
    Ok(OrFalse(names(number).map(|(name, _)| name)))
}

pub fn mhash_get_block_size(_: &mut Cx, number: i64) -> Ret<OrFalse<usize>> {
    Ok(OrFalse(algorithm(number).map(Algorithm::digest_len)))
}

pub fn mhash(
    cx: &mut Cx,
    number: i64,
    data: &PhpString,
    key: Option<&PhpString>,
) -> Ret<OrFalse<Vec<u8>>> {
    let Some(algorithm) = algorithm(number) else { return Ok(OrFalse(None)) };
    Ok(OrFalse(Some(match key {
        None => algorithm.digest(&[data]),
        Some(_) if !algorithm.cryptographic => {
            let text = "must be a valid cryptographic hashing algorithm";
            return Err(cx.arg_value_error(1, text));
        }
        Some(key) => {
            let mut running = Running::hmac(algorithm, key);
            running.hasher.update(data);
            running.finish()
        }
    })))
}

/// OpenPGP's salted string-to-key, each further digest behind one more zero byte.
pub fn mhash_keygen_s2k(
    cx: &mut Cx,
    number: i64,
    password: &PhpString,
    salt: &PhpString,
    length: i64,
) -> Ret<OrFalse<Vec<u8>>> {
    if length <= 0 {
        return Err(cx.arg_value_error(4, "must be a greater than 0"));
    }
    let Some(algorithm) = algorithm(number) else { return Ok(OrFalse(None)) };
    let mut padded = [0; 8];
    let used = salt.len().min(8);
    padded[..used].copy_from_slice(&salt[..used]);
    let mut key = Vec::new();
    let mut zeros = Vec::new();
    while key.len() < length as usize {
        key.extend(algorithm.digest(&[&zeros, &padded, password]));
        zeros.push(0);
    }
    key.truncate(length as usize);
    Ok(OrFalse(Some(key)))
}
