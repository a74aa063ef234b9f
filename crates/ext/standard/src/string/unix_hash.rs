//! The iterated hashes behind `crypt`: MD5 as FreeBSD had it, SHA-2 as glibc has it.

use md5::{Digest, Md5};
use sha2::{Sha256, Sha512};

/// The alphabet of their base64, least significant bits first.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MD5_SALT: usize = 8;
const MD5_ROUNDS: usize = 1000;
const SHA_SALT: usize = 16;
const SHA_ROUNDS: u64 = 5000;

/// The salt up to a `$`, at most so long.
fn salt_of(text: &[u8], most: usize) -> &[u8] {
    let length = text.iter().position(|b| *b == b'$').unwrap_or(text.len());
    &text[..length.min(most)]
}

/// The lowest bits of three bytes, six at a time.
fn push_bits(out: &mut Vec<u8>, bytes: [u8; 3], characters: usize) {
    let [high, middle, low] = bytes.map(u32::from);
    let bits = high << 16 | middle << 8 | low;
    for place in 0..characters {
        out.push(ALPHABET[(bits >> (6 * place)) as usize & 63]);
    }
}

/// A digest over parts.
fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut state = D::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().to_vec()
}

/// `bytes` over and over, up to a length.
fn stretched(bytes: &[u8], length: usize) -> Vec<u8> {
    bytes.iter().copied().cycle().take(length).collect()
}

/// The rounds all of them share: which parts are hashed depends on the number of the round.
fn iterate<D: Digest>(mut last: Vec<u8>, password: &[u8], salt: &[u8], rounds: usize) -> Vec<u8> {
    for round in 0..rounds {
        let odd = round % 2 == 1;
        let mut state = D::new();
        state.update(if odd { password } else { &last });
        if round % 3 != 0 {
            state.update(salt);
        }
        if round % 7 != 0 {
            state.update(password);
        }
        state.update(if odd { &last } else { password });
        last = state.finalize().to_vec();
    }
    last
}

/// `$1$`; `rest` follows the prefix.
pub fn md5_crypt(password: &[u8], rest: &[u8]) -> Vec<u8> {
    let salt = salt_of(rest, MD5_SALT);
    let inner = digest::<Md5>(&[password, salt, password]);
    let mut state = Md5::new();
    state.update(password);
    state.update(b"$1$");
    state.update(salt);
    state.update(stretched(&inner, password.len()));
    let mut bits = password.len();
    while bits > 0 {
        state.update([if bits & 1 == 1 { 0 } else { password[0] }]);
        bits >>= 1;
    }
    let hash = iterate::<Md5>(state.finalize().to_vec(), password, salt, MD5_ROUNDS);
    let mut out = [b"$1$", salt, b"$"].concat();
    for place in 0..4 {
        push_bits(&mut out, [hash[place], hash[place + 6], hash[place + 12]], 4);
    }
    push_bits(&mut out, [hash[4], hash[10], hash[5]], 4);
    push_bits(&mut out, [0, 0, hash[11]], 2);
    out
}

/// The rounds a setting asks for and its salt; `None` where they are out of range.
fn sha_setting(rest: &[u8]) -> Option<(Option<u64>, &[u8])> {
    if let Some(after) = rest.strip_prefix(b"rounds=") {
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        if let Some(salt) = after[digits..].strip_prefix(b"$") {
            let rounds: u64 = std::str::from_utf8(&after[..digits]).ok()?.parse().ok()?;
            let in_range = (1000..=999_999_999).contains(&rounds);
            return in_range.then(|| (Some(rounds), salt_of(salt, SHA_SALT)));
        }
    }
    Some((None, salt_of(rest, SHA_SALT)))
}

/// The hash, and what precedes it in the result.
fn sha_crypt<D: Digest>(password: &[u8], prefix: &[u8], rest: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (rounds, salt) = sha_setting(rest)?;
    let inner = digest::<D>(&[password, salt, password]);
    let mut state = D::new();
    state.update(password);
    state.update(salt);
    state.update(stretched(&inner, password.len()));
    let mut bits = password.len();
    while bits > 0 {
        state.update(if bits & 1 == 1 { &inner } else { password });
        bits >>= 1;
    }
    let first = state.finalize().to_vec();
    let mut state = D::new();
    for _ in 0..password.len() {
        state.update(password);
    }
    let key = stretched(&state.finalize(), password.len());
    let mut state = D::new();
    for _ in 0..16 + usize::from(first[0]) {
        state.update(salt);
    }
    let seed = stretched(&state.finalize(), salt.len());
    let count = rounds.unwrap_or(SHA_ROUNDS) as usize;
    let hash = iterate::<D>(first, &key, &seed, count);
    let mut head = prefix.to_vec();
    if let Some(rounds) = rounds {
        head.extend_from_slice(format!("rounds={rounds}$").as_bytes());
    }
    head.extend_from_slice(salt);
    head.push(b'$');
    Some((hash, head))
}

/// `$5$`; `rest` follows the prefix.
pub fn sha256_crypt(password: &[u8], rest: &[u8]) -> Option<Vec<u8>> {
    let (hash, mut out) = sha_crypt::<Sha256>(password, b"$5$", rest)?;
    let (mut a, mut b, mut c) = (0, 10, 20);
    for _ in 0..10 {
        push_bits(&mut out, [hash[a], hash[b], hash[c]], 4);
        (a, b, c) = (c + 1, a + 1, b + 1);
    }
    push_bits(&mut out, [0, hash[31], hash[30]], 3);
    Some(out)
}

/// `$6$`; `rest` follows the prefix.
pub fn sha512_crypt(password: &[u8], rest: &[u8]) -> Option<Vec<u8>> {
    let (hash, mut out) = sha_crypt::<Sha512>(password, b"$6$", rest)?;
    let (mut a, mut b, mut c) = (0, 21, 42);
    for _ in 0..21 {
        push_bits(&mut out, [hash[a], hash[b], hash[c]], 4);
        (a, b, c) = (b + 1, c + 1, a + 1);
    }
    push_bits(&mut out, [0, 0, hash[63]], 2);
    Some(out)
}
