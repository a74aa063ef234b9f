//! `crypt`: one-way hashes in the notations of Unix.

use super::unix_hash as unix;
use outlast_host::blocking::computing;
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};
use pwhash::{bsdi_crypt, unix_crypt};

/// The alphabet of bcrypt's base64.
const BCRYPT64: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Longer salts are cut.
const SALT_LENGTH: usize = 123;
/// A bcrypt setting: `$2y$`, the cost, `$` and 22 characters of salt.
const BCRYPT_SETTING: usize = 29;
/// The most bytes of a password bcrypt looks at.
const BCRYPT_KEY: usize = 72;

pub fn crypt(cx: &mut Cx, text: &PhpString, salt: &PhpString) -> Ret<Vec<u8>> {
    let salt = &salt[..salt.len().min(SALT_LENGTH)];
    Ok(parked_hash(cx, text, salt)?.unwrap_or_else(|| failure(salt).to_vec()))
}

/// Runs what takes long by intention; the script is parked meanwhile.
pub fn computed<R: Send + 'static>(
    cx: &mut Cx,
    work: impl FnOnce() -> R + Clone + Send + 'static,
) -> Ret<R> {
    let again = work.clone();
    match cx.parked("password hash", || computing(work))? {
        Ok(result) => Ok(result),
        Err(_) => {
            cx.interrupted()?;
            Ok(again())
        }
    }
}

/// [`hash`] while the script is parked.
pub fn parked_hash(cx: &mut Cx, password: &[u8], salt: &[u8]) -> Ret<Option<Vec<u8>>> {
    let (password, salt) = (password.to_vec(), salt.to_vec());
    computed(cx, move || hash(&password, &salt))
}

/// What stands for no hash; never the salt itself, which would verify.
fn failure(salt: &[u8]) -> &'static [u8] {
    if salt.starts_with(b"*0") { b"*1" } else { b"*0" }
}

/// The hash of a password as the salt says, `None` for a salt of no known notation.
// Old notations are what crypt() is about.
#[allow(deprecated)]
pub fn hash(password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    match salt {
        [b'$', b'2', b'a' | b'x' | b'y', b'$', ..] => bcrypt_hash(password, salt),
        [b'$', b'1', b'$', rest @ ..] => Some(unix::md5_crypt(until_nul(password), rest)),
        [b'$', b'5', b'$', rest @ ..] => unix::sha256_crypt(until_nul(password), rest),
        [b'$', b'6', b'$', rest @ ..] => unix::sha512_crypt(until_nul(password), rest),
        [b'_', rest @ ..] if rest.len() >= 8 => {
            let setting = std::str::from_utf8(&salt[..9]).ok()?;
            Some(bsdi_crypt::hash_with(setting, until_nul(password)).ok()?.into_bytes())
        }
        [first, second, ..] if is_bcrypt64(*first) && is_bcrypt64(*second) => {
            let setting = std::str::from_utf8(&salt[..2]).ok()?;
            Some(unix_crypt::hash_with(setting, until_nul(password)).ok()?.into_bytes())
        }
        _ => None,
    }
}

fn is_bcrypt64(byte: u8) -> bool {
    BCRYPT64.contains(&byte)
}

fn until_nul(password: &[u8]) -> &[u8] {
    password.split(|b| *b == 0).next().unwrap_or_default()
}

fn bcrypt_hash(password: &[u8], salt: &[u8]) -> Option<Vec<u8>> {
    let setting = salt.get(..BCRYPT_SETTING)?;
    let cost = std::str::from_utf8(&setting[4..6]).ok()?.parse::<u32>().ok()?;
    if setting[6] != b'$' || !(4..=31).contains(&cost) {
        return None;
    }
    let password = until_nul(password);
    // `$2x$` is the notation of a bug with bytes beyond ASCII.
    if setting[2] == b'x' && !password.is_ascii() {
        return None;
    }
    let bytes = decode(&setting[7..])?;
    let mut key = password.to_vec();
    key.push(0);
    key.truncate(BCRYPT_KEY);
    let digest = bcrypt::bcrypt(cost, bytes, &key);
    let mut out = setting[..7].to_vec();
    out.extend(encode(&bytes));
    out.extend(encode(&digest[..23]));
    Some(out)
}

/// Bytes in bcrypt's base64, without padding.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 4 / 3 + 1);
    for chunk in bytes.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..=chunk.len() {
            out.push(BCRYPT64[(bits >> (18 - 6 * place)) as usize & 63]);
        }
    }
    out
}

/// The 16 bytes of a salt.
fn decode(text: &[u8]) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let (mut bits, mut count, mut at) = (0u32, 0, 0);
    for byte in text {
        bits = bits << 6 | BCRYPT64.iter().position(|c| c == byte)? as u32;
        count += 6;
        if count >= 8 && at < bytes.len() {
            count -= 8;
            bytes[at] = (bits >> count) as u8;
            at += 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(password: &str, salt: &str) -> Option<String> {
        hash(password.as_bytes(), salt.as_bytes()).map(|h| String::from_utf8(h).unwrap())
    }

    #[test]
    fn hashes_in_every_notation() {
        for (password, salt, expected) in [
            ("rasmuslerdorf", "rl", "rl.3StKT.4T8M"),
            ("a", "$1$abc$", "$1$abc$uAXS.Zj1ZDNcW9iX1TVH2/"),
            ("a", "_J9..rasm", "_J9..rasmWuvos8B/9gQ"),
            (
                "a",
                "$2y$04$abcdefghijklmnopqrstuu",
                "$2y$04$abcdefghijklmnopqrstuuMFdJu9yVgmagVAIC24fOZkaFqd3s9JC",
            ),
            ("a", "$5$ab$", "$5$ab$WGOp4rrnVkzd41QtCddYFTEQ9dQil8O7VF2OXqtI3/7"),
            (
                "rasmuslerdorf",
                "$5$rounds=5000$usesomesillystringforsalt$",
                "$5$rounds=5000$usesomesillystri$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH/Tp.6",
            ),
            ("test", "$1$f+uslYF01$", "$1$f+uslYF0$orVloNmKSLvOeswusE0bY."),
            ("test", "$5$$", "$5$$sljnGYK4EExoItGYm2l5Wqg0JwDfZE4.67vp/tIXZk6"),
            (
                "test",
                "$6$",
                "$6$$6QSjyCZ4UTABm7iK56Bu/FSrlxpvZLspm/TLE3/o10bt9Kkf9vk4CzV.eF6R8Xc7oxRO65kpgL.VICoaadDA80",
            ),
            ("", "$1$abc", "$1$abc$Or2rbeUYTvt12aiVzMuS/."),
            (
                "test",
                "$5$rounds=1000x$abc",
                "$5$rounds=1000x$8pz5lUc1C4fL2W7JGm.LghUwcN6QjErSjFP6MtGRWqA",
            ),
            ("test\0x", "$1$abc", "$1$abc$B..HicC/afMveWeNyfNsf/"),
            ("test\0x", "$5$abc", "$5$abc$xhLlZvoXRNo2v63CS0Ku6RxTjR8AtjqvUgTrPKnxyb1"),
        ] {
            assert_eq!(hashed(password, salt).as_deref(), Some(expected), "{salt}");
        }
    }

    #[test]
    fn refuses_other_salts() {
        for salt in ["", "x", "*0", "$2y$03$abcdefghijklmnopqrstuu", "$5$rounds=10$a$", "$9$a$"] {
            assert_eq!(hashed("a", salt), None, "{salt}");
        }
    }
}
