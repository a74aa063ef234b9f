//! PHP's extension `hash` (manual: book.hash.php).
#![forbid(unsafe_code)]

mod algorithms;
mod checksums;
mod context;
mod hash_stub;
mod hasher;
mod haval;
mod mhash;
mod murmur;
mod tiger;
mod xx;

use algorithms::{ALGORITHMS, Algorithm, Options, Start};
use context::{
    CONTEXT, Running, hash_context_construct, hash_context_magic_debug_info,
    hash_context_magic_serialize, hash_context_magic_unserialize, hash_copy, hash_final, hash_init,
    hash_update, hash_update_file, hash_update_stream,
};
use mhash::{mhash, mhash_count, mhash_get_block_size, mhash_get_hash_name, mhash_keygen_s2k};
use outlast_ext_standard::stream::{Opened, open};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeModule, OrFalse, Ret};
use std::sync::atomic::Ordering;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&hash_stub::MODULE];

/// Bytes read from files at once.
const CHUNK: usize = 8192;
/// Rounds between two looks at whether the script is wanted elsewhere.
const SAFE_POINTS: i64 = 64;

/// A digest as the script wants it.
fn shown(digest: Vec<u8>, binary: bool) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    if binary {
        return digest;
    }
    let digit = |n: u8| DIGITS[usize::from(n)];
    digest.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// The algorithm that argument 1 names.
fn known(cx: &mut Cx, name: &PhpString) -> Ret<&'static Algorithm> {
    match algorithms::find(name) {
        Some(algorithm) => Ok(algorithm),
        None => Err(cx.arg_value_error(1, "must be a valid hashing algorithm")),
    }
}

fn known_cryptographic(cx: &mut Cx, name: &PhpString) -> Ret<&'static Algorithm> {
    match algorithms::find(name) {
        Some(algorithm) if algorithm.cryptographic => Ok(algorithm),
        _ => Err(cx.arg_value_error(1, "must be a valid cryptographic hashing algorithm")),
    }
}

/// The seed or secret in an array of options.
fn start_of(cx: &mut Cx, algorithm: &Algorithm, options: &PhpArray) -> Ret<Start> {
    let mut start = Start::default();
    if algorithm.options == Options::None {
        return Ok(start);
    }
    let option = |name: &str| options.get(&Key::from(name)).map(Value::deref);
    let (seed, secret) = (option("seed"), option("secret"));
    let third = algorithm.options == Options::SeedOrSecret;
    if third && seed.is_some() && secret.is_some() {
        let name = algorithm.name;
        return Err(cx.throw_error(format!(
            "{name}: Only one of seed or secret is to be passed for initialization"
        )));
    }
    match seed {
        Some(Value::Int(seed)) => start.seed = seed,
        Some(_) => {
            let so =
                if third { "it is ignored" } else { "it is the same as setting the seed to 0" };
            cx.deprecated(format!(
                "Passing a seed of a type other than int is deprecated because {so}"
            ))?;
        }
        None => {}
    }
    if let Some(secret) = secret.filter(|_| third) {
        if !secret.is_str() {
            cx.deprecated(
                "Passing a secret of a type other than string is deprecated because it implicitly \
                 converts to a string, potentially hiding bugs",
            )?;
        }
        let secret = cx.to_str(&secret)?;
        if secret.len() < xx::SECRET_MIN {
            return Err(cx.throw_error(format!(
                "{}: Secret length must be >= {} bytes, {} bytes passed",
                algorithm.name,
                xx::SECRET_MIN,
                secret.len()
            )));
        }
        start.secret = Some(secret.to_vec());
    }
    Ok(start)
}

fn hash(
    cx: &mut Cx,
    algo: &PhpString,
    data: &PhpString,
    binary: bool,
    options: PhpArray,
) -> Ret<Vec<u8>> {
    let algorithm = known(cx, algo)?;
    let mut hasher = algorithm.start(&start_of(cx, algorithm, &options)?);
    hasher.update(data);
    Ok(shown(hasher.finish(), binary))
}

/// Reads a file into a hash; false after a warning.
fn read_file(cx: &mut Cx, path: &PhpString, mut update: impl FnMut(&[u8])) -> Ret<bool> {
    if path.contains(&0) {
        return Err(cx.arg_value_error(2, "must not contain any null bytes"));
    }
    let Some(stream) = open(cx, path, b"rb", Opened::default())? else { return Ok(false) };
    while let Some(bytes) = stream.read(cx, CHUNK)? {
        if bytes.is_empty() {
            break;
        }
        update(&bytes);
    }
    stream.close(cx)?;
    Ok(true)
}

fn hash_file(
    cx: &mut Cx,
    algo: &PhpString,
    filename: &PhpString,
    binary: bool,
    options: PhpArray,
) -> Ret<OrFalse<Vec<u8>>> {
    let algorithm = known(cx, algo)?;
    let mut hasher = algorithm.start(&start_of(cx, algorithm, &options)?);
    let read = read_file(cx, filename, |bytes| hasher.update(bytes))?;
    Ok(OrFalse(read.then(|| shown(hasher.finish(), binary))))
}

fn hash_hmac(
    cx: &mut Cx,
    algo: &PhpString,
    data: &PhpString,
    key: &PhpString,
    binary: bool,
) -> Ret<Vec<u8>> {
    let mut running = Running::hmac(known_cryptographic(cx, algo)?, key);
    running.hasher.update(data);
    Ok(shown(running.finish(), binary))
}

fn hash_hmac_file(
    cx: &mut Cx,
    algo: &PhpString,
    filename: &PhpString,
    key: &PhpString,
    binary: bool,
) -> Ret<OrFalse<Vec<u8>>> {
    let mut running = Running::hmac(known_cryptographic(cx, algo)?, key);
    let read = read_file(cx, filename, |bytes| running.hasher.update(bytes))?;
    Ok(OrFalse(read.then(|| shown(running.finish(), binary))))
}

fn hash_algos(_: &mut Cx) -> Ret<PhpArray> {
    Ok(ALGORITHMS.iter().map(|a| Value::str(a.name)).collect())
}

fn hash_hmac_algos(_: &mut Cx) -> Ret<PhpArray> {
    Ok(ALGORITHMS.iter().filter(|a| a.cryptographic).map(|a| Value::str(a.name)).collect())
}

/// An HMAC of some parts.
fn hmac(algorithm: &'static Algorithm, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut running = Running::hmac(algorithm, key);
    parts.iter().for_each(|part| running.hasher.update(part));
    running.finish()
}

#[expect(clippy::too_many_arguments, reason = "PHP's function has that many")]
fn hash_pbkdf2(
    cx: &mut Cx,
    algo: &PhpString,
    password: &PhpString,
    salt: &PhpString,
    iterations: i64,
    length: i64,
    binary: bool,
    _options: PhpArray,
) -> Ret<Vec<u8>> {
    let algorithm = known_cryptographic(cx, algo)?;
    if iterations <= 0 {
        return Err(cx.arg_value_error(4, "must be greater than 0"));
    }
    if length < 0 {
        return Err(cx.arg_value_error(5, "must be greater than or equal to 0"));
    }
    let digest_len = algorithm.digest_len();
    let digits = if binary { 1 } else { 2 };
    let length = if length == 0 { digest_len * digits } else { length as usize };
    let needed = length.div_ceil(digits);
    let keyed = Running::hmac(algorithm, password);
    let sign = |parts: &[&[u8]]| {
        let mut hasher = keyed.hasher.copy();
        parts.iter().for_each(|part| hasher.update(part));
        keyed.with_outer(hasher.finish())
    };
    let wanted = cx.lifecycle.interrupt_word();
    let mut key = Vec::with_capacity(needed + digest_len);
    for block in 1u32.. {
        if key.len() >= needed {
            break;
        }
        let mut last = sign(&[salt, &block.to_be_bytes()]);
        let mut sum = last.clone();
        for count in 1..iterations {
            if count % SAFE_POINTS == 0 && wanted.load(Ordering::Relaxed) != 0 {
                cx.interrupted()?;
            }
            last = sign(&[&last]);
            sum.iter_mut().zip(&last).for_each(|(a, b)| *a ^= b);
        }
        key.extend(sum);
    }
    key.truncate(needed);
    let mut key = shown(key, binary);
    key.truncate(length);
    Ok(key)
}

fn hash_equals(_: &mut Cx, known: &PhpString, user: &PhpString) -> Ret<bool> {
    if known.len() != user.len() {
        return Ok(false);
    }
    // All bytes are looked at, wherever the first difference is.
    let difference = known.iter().zip(user.iter()).fold(0, |all, (a, b)| all | (a ^ b));
    Ok(std::hint::black_box(difference) == 0)
}

fn hash_hkdf(
    cx: &mut Cx,
    algo: &PhpString,
    key: &PhpString,
    length: i64,
    info: &PhpString,
    salt: &PhpString,
) -> Ret<Vec<u8>> {
    let algorithm = known_cryptographic(cx, algo)?;
    if key.is_empty() {
        return Err(cx.arg_value_error(2, "must not be empty"));
    }
    if length < 0 {
        return Err(cx.arg_value_error(3, "must be greater than or equal to 0"));
    }
    let digest_len = algorithm.digest_len();
    if length as usize > digest_len * 255 {
        let text = format!("must be less than or equal to {}", digest_len * 255);
        return Err(cx.arg_value_error(3, &text));
    }
    let length = if length == 0 { digest_len } else { length as usize };
    let extracted = hmac(algorithm, salt, &[key]);
    let mut out: Vec<u8> = Vec::new();
    let mut last = Vec::new();
    for round in 1u8.. {
        last = hmac(algorithm, &extracted, &[&last, info, &[round]]);
        out.extend_from_slice(&last);
        if out.len() >= length {
            break;
        }
    }
    out.truncate(length);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_agree_with_php() {
        let hex = |bytes| String::from_utf8(shown(bytes, false)).unwrap();
        let message = b"The quick brown fox";
        for (name, digest, long) in VECTORS {
            let algorithm = algorithms::find(name.as_bytes()).unwrap();
            assert_eq!(hex(algorithm.digest(&[&message[..3], &message[3..]])), *digest, "{name}");
            let block = b"0123456789abcdef".repeat(500);
            let sum = hex(algorithm.digest(&[&block, &block, b"xyz"]));
            let sum = hex(algorithms::find(b"crc32b").unwrap().digest(&[sum.as_bytes()]));
            assert_eq!(sum, *long, "{name}");
        }
    }

    /// Digests of a short text, and CRCs of those of a long one.
    const VECTORS: &[(&str, &str, &str)] = &[
        ("md2", "ea0db54a7590419c56c4ee9f6a41ebd5", "1fe8edc2"),
        ("md4", "d4559d26c7203ec400e382fd1c8a6092", "9deae6de"),
        ("md5", "a2004f37730b9445670a738fa0fc9ee5", "e548c6f7"),
        ("sha1", "c519c1a06cdbeb2bc499e22137fb48683858b345", "fb228d9f"),
        ("sha224", "146129bd31db775c819f4c28929cc5ac7130d4bac470e97134857c1a", "a4822435"),
        ("sha256", "5cac4f980fedc3d3f1f99b4be3472c9b30d56523e632d151237ec9309048bda9", "9a94bd04"),
        (
            "sha384",
            "2e45933dd1a1e6a6928a732d58abeb180c225e5e7b99c64eb6f233a7b99ee4635c17f44ca544cf620cf4289deb4c08cf",
            "362e9e9a",
        ),
        ("sha512/224", "d3f7845efd77de7aceb0e3049be18ce8e99e5607cd79a07323a19cea", "5c4ce825"),
        (
            "sha512/256",
            "d99dd5e1f7302ded09f1557974a2d53b3d001a2071c9ac24150a66c7c992d8f6",
            "777c01f4",
        ),
        (
            "sha512",
            "015e6d23e760f612cca616c54f110cb12dd54213f1e046c7607081372402eff4936b379296ed549236020afb37bd3e728a044a4243754f095498c98bc24f77e0",
            "b94ea8ef",
        ),
        ("sha3-224", "c0144010bf2c56c005a2cb6b26cc7d2cce38a9ce8038babf0867cf6d", "fa9eb2ec"),
        (
            "sha3-256",
            "6a982a1fd2b2b33bf284768bd0e3df2a67ee3d412ae6f3df8248b268755751d4",
            "1a12d9e3",
        ),
        (
            "sha3-384",
            "c82f7d2460b9dc489e9dea134c694de251b64e4b6862f7b8742fbce9d121e8e9b8bbc44972c1543f2fc885a398c191bc",
            "679d8253",
        ),
        (
            "sha3-512",
            "ca5ce3b1097b2cc9b6d63e234b9db237537b0c2bbedb746ca6df1ef7d06ec50b72745167ba4f171b77367bd66272d5d0d8af02e5df14bf0f2dbddfcb11a788e3",
            "a4c535b7",
        ),
        ("ripemd128", "51c426ea6aaa8c6716b275b2a76d7ca0", "ba1662d5"),
        ("ripemd160", "aa1dd8137a60bbfb149657beca550f4c7321060d", "e6243edb"),
        (
            "ripemd256",
            "907ddce668e4cfa07f87f3a67e084deac2dc0d883d4518d46699ae5a3571ff9b",
            "9ec0a6c2",
        ),
        (
            "ripemd320",
            "b218d0b0605815782cd635ffb9b5dfca655c7e9049b0390f144b1c84ff01f69e26d9feb64b500392",
            "5e7d500a",
        ),
        (
            "whirlpool",
            "317edc3c5172ea5987902aa9c4f1defedf4d5aa59209bdf7574cc6da0039852c24b8da70ecb07997ff83e86d32d2851215d3dcbd6bb9736bdef21c349d483e6d",
            "c2606644",
        ),
        ("tiger128,3", "e6d0f0984744b4f5d1e472abea5a86c4", "39c2b603"),
        ("tiger160,3", "e6d0f0984744b4f5d1e472abea5a86c40a850147", "d33ed4ee"),
        ("tiger192,3", "e6d0f0984744b4f5d1e472abea5a86c40a850147628aa398", "cab0dc4e"),
        ("tiger128,4", "9def585e85fdd2c6c63ae97d75ec2984", "69c49cca"),
        ("tiger160,4", "9def585e85fdd2c6c63ae97d75ec2984dfda944c", "2bb695dd"),
        ("tiger192,4", "9def585e85fdd2c6c63ae97d75ec2984dfda944cfc2d94cd", "750a40cc"),
        ("gost", "36019236080ccd57b489b4864982a71f4c09de624be703e647be3fc7bed53241", "17a86e2a"),
        (
            "gost-crypto",
            "4ffab0480add23e6018a46fc7f6696298ef714a9a97f6353e3d2925a177542bd",
            "5dd6443a",
        ),
        ("adler32", "452e0714", "5e3f8d3b"),
        ("crc32", "4c1c7a15", "3f0edec9"),
        ("crc32b", "b74574de", "a3a2b061"),
        ("crc32c", "537e5cf4", "e1bb5b65"),
        ("fnv132", "cb423604", "f876397f"),
        ("fnv1a32", "ae4d67e2", "6b39f595"),
        ("fnv164", "54b3b0bed86ce184", "c1696d93"),
        ("fnv1a64", "2374316b9b449782", "00e8252a"),
        ("joaat", "43cf4eff", "e8e3a25f"),
        ("murmur3a", "60a2c22d", "a36b7fca"),
        ("murmur3c", "22b291f7a35dd0df051704eacff851ea", "b15a6c53"),
        ("murmur3f", "85a60ea92caa4a2afde55440169b939e", "e51d78b8"),
        ("xxh32", "aa69eefe", "530228e6"),
        ("xxh64", "c9b4e7b3c328d9e0", "f594e2fa"),
        ("xxh3", "f8b92649fd8122b4", "c9b550ef"),
        ("xxh128", "b2c100c26f5d723ab7859350537dfedc", "3a264a2a"),
        ("haval128,3", "5ff2ea30e4233897cda759d52d0ee8c2", "3adf19d7"),
        ("haval160,3", "f3272d6154418677a89915e271cd35c06e6b0d05", "0d38e3f1"),
        ("haval192,3", "b8d6ba16a0bcc167c98a90ca70ffb52f88f28745f2df4200", "4b613b70"),
        ("haval224,3", "dfba4d225d84980cd163f565d96d76102a9848a39b25d7e0ac7c42ba", "d5cf81ba"),
        (
            "haval256,3",
            "ab9e5c8247b8828f6d5f5503b0f1bdff5c5d1379f9f7aaff7d6e91834ed219e5",
            "5b450199",
        ),
        ("haval128,4", "c61f8253cfb385042b6c07f10ae24c50", "a7b9bbd1"),
        ("haval160,4", "1a17c12819b06306b8161f1a26c01796c0dda4f6", "9dd7574b"),
        ("haval192,4", "5d8497fd528fd85a13661b2b615d69094cdfd34a03dab523", "9ee9d1e0"),
        ("haval224,4", "0e56f276812682fece946b27c3f12dfcd10a106e383c69bb6fbe906e", "10ba58f5"),
        (
            "haval256,4",
            "d4d1736c6285977b345038edcfe61bd50b5537609dd2e0362f862f2cfd101602",
            "e52c1678",
        ),
        ("haval128,5", "fd5f38eb61bef771bd85d0b98c2c5004", "c14494ab"),
        ("haval160,5", "ed00525d5b38213fc3c938779537c12be7091c4e", "80e7a81e"),
        ("haval192,5", "751c261410f002ed97156348213cfca6df62610fce07ea46", "6b685191"),
        ("haval224,5", "628e6929edc450ef733fae17768916135dce666545bf4a1a36e79bdd", "8249a03a"),
        (
            "haval256,5",
            "9cf64cab3408d8beb892e88320d1abc4cfa7cbca7347d3e18984c70335587905",
            "04ddaed0",
        ),
    ];
}
