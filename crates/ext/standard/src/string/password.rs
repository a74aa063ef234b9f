//! `password_hash` and its kin.

use super::crypt;
use argon2::{Algorithm, Argon2, Params, Version};
use outlast_text::encode::{base64_decode, base64_encode};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

const BCRYPT_COST: i64 = 12;
const ARGON2_MEMORY: i64 = 65_536;
const ARGON2_TIME: i64 = 4;
const ARGON2_THREADS: i64 = 1;
const ARGON2_LENGTH: usize = 32;
/// Bytes of salt, as text, that an Argon2 hash begins with.
const ARGON2_SALT: usize = 16;

/// How a password is hashed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bcrypt,
    Argon2i,
    Argon2id,
}

impl Scheme {
    const ALL: [Scheme; 3] = [Scheme::Bcrypt, Scheme::Argon2i, Scheme::Argon2id];

    fn ident(self) -> &'static str {
        match self {
            Scheme::Bcrypt => "2y",
            Scheme::Argon2i => "argon2i",
            Scheme::Argon2id => "argon2id",
        }
    }

    /// The scheme a script names.
    fn chosen(value: &Value) -> Option<Scheme> {
        match value {
            Value::Null | Value::Int(0 | 1) => Some(Scheme::Bcrypt),
            Value::Int(2) => Some(Scheme::Argon2i),
            Value::Int(3) => Some(Scheme::Argon2id),
            Value::Str(name) => {
                Scheme::ALL.into_iter().find(|s| s.ident().as_bytes() == name.as_bytes())
            }
            _ => None,
        }
    }

    /// The scheme a hash was made with.
    fn of(hash: &[u8]) -> Option<Scheme> {
        let ident = hash.strip_prefix(b"$")?.split(|b| *b == b'$').next()?;
        let scheme = Scheme::ALL.into_iter().find(|s| s.ident().as_bytes() == ident)?;
        (scheme != Scheme::Bcrypt || hash.len() == 60).then_some(scheme)
    }
}

/// The costs of an Argon2 hash.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Costs {
    memory: i64,
    time: i64,
    threads: i64,
}

fn option(cx: &mut Cx, options: &PhpArray, name: &str, otherwise: i64) -> Ret<i64> {
    match options.get_str(name.as_bytes()) {
        Some(value) => {
            let value = value.deref();
            cx.to_int(&value)
        }
        None => Ok(otherwise),
    }
}

fn costs(cx: &mut Cx, options: &PhpArray) -> Ret<Costs> {
    Ok(Costs {
        memory: option(cx, options, "memory_cost", ARGON2_MEMORY)?,
        time: option(cx, options, "time_cost", ARGON2_TIME)?,
        threads: option(cx, options, "threads", ARGON2_THREADS)?,
    })
}

fn random<const N: usize>(cx: &mut Cx) -> Ret<[u8; N]> {
    let mut bytes = [0; N];
    match outlast_host::random::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(cx.throw_value_error("Unable to generate salt")),
    }
}

pub fn password_hash(
    cx: &mut Cx,
    password: &PhpString,
    algorithm: &Value,
    options: PhpArray,
) -> Ret<Vec<u8>> {
    let Some(scheme) = Scheme::chosen(algorithm) else {
        return Err(cx.arg_value_error(2, "must be a valid password hashing algorithm"));
    };
    match scheme {
        Scheme::Bcrypt => bcrypt(cx, password, &options),
        _ => argon2(cx, scheme, password, &options),
    }
}

fn warn_of_salt(cx: &mut Cx, options: &PhpArray) -> Ret<()> {
    if options.get_str(b"salt").is_some() {
        cx.warning(
            "The \"salt\" option has been ignored, since providing a custom salt is no longer \
             supported",
        )?;
    }
    Ok(())
}

fn bcrypt(cx: &mut Cx, password: &[u8], options: &PhpArray) -> Ret<Vec<u8>> {
    if password.contains(&0) {
        return Err(cx.throw_value_error("Bcrypt password must not contain null character"));
    }
    let cost = option(cx, options, "cost", BCRYPT_COST)?;
    if !(4..=31).contains(&cost) {
        return Err(
            cx.throw_value_error(format!("Invalid bcrypt cost parameter specified: {cost}"))
        );
    }
    warn_of_salt(cx, options)?;
    let salt = crypt::encode(&random::<16>(cx)?);
    let mut setting = format!("$2y${cost:02}$").into_bytes();
    setting.extend_from_slice(&salt);
    match crypt::parked_hash(cx, password, &setting)? {
        Some(hash) => Ok(hash),
        None => Err(cx.throw_error("Password hashing failed for unknown reason")),
    }
}

fn argon2(cx: &mut Cx, scheme: Scheme, password: &[u8], options: &PhpArray) -> Ret<Vec<u8>> {
    let costs = costs(cx, options)?;
    if !(8..=i64::from(u32::MAX)).contains(&costs.memory) {
        return Err(cx.throw_value_error("Memory cost is outside of allowed memory range"));
    }
    if !(1..=i64::from(u32::MAX)).contains(&costs.time) {
        return Err(cx.throw_value_error("Time cost is outside of allowed time range"));
    }
    if !(1..=0xff_ffff).contains(&costs.threads) {
        return Err(cx.throw_value_error("Invalid number of threads"));
    }
    warn_of_salt(cx, options)?;
    let mut salt = base64_encode(&random::<ARGON2_SALT>(cx)?);
    salt.truncate(ARGON2_SALT);
    for byte in &mut salt {
        if *byte == b'+' {
            *byte = b'.';
        }
    }
    let Some(digest) = parked_argon2(cx, scheme, password, &salt, costs, ARGON2_LENGTH)? else {
        return Err(cx.throw_value_error("Memory allocation error"));
    };
    let Costs { memory, time, threads } = costs;
    let mut out = format!("${}$v=19$m={memory},t={time},p={threads}$", scheme.ident()).into_bytes();
    out.extend(unpadded(&salt));
    out.push(b'$');
    out.extend(unpadded(&digest));
    Ok(out)
}

fn unpadded(bytes: &[u8]) -> Vec<u8> {
    let mut text = base64_encode(bytes);
    text.retain(|b| *b != b'=');
    text
}

/// [`argon2_digest`] while the script is parked.
fn parked_argon2(
    cx: &mut Cx,
    scheme: Scheme,
    password: &[u8],
    salt: &[u8],
    costs: Costs,
    length: usize,
) -> Ret<Option<Vec<u8>>> {
    let (password, salt) = (password.to_vec(), salt.to_vec());
    crypt::computed(cx, move || argon2_digest(scheme, &password, &salt, costs, length))
}

fn argon2_digest(
    scheme: Scheme,
    password: &[u8],
    salt: &[u8],
    costs: Costs,
    length: usize,
) -> Option<Vec<u8>> {
    let number = |n: i64| u32::try_from(n).ok();
    let params = Params::new(
        number(costs.memory)?,
        number(costs.time)?,
        number(costs.threads)?,
        Some(length),
    )
    .ok()?;
    let algorithm =
        if scheme == Scheme::Argon2i { Algorithm::Argon2i } else { Algorithm::Argon2id };
    let mut digest = vec![0; length];
    Argon2::new(algorithm, Version::V0x13, params)
        .hash_password_into(password, salt, &mut digest)
        .ok()?;
    Some(digest)
}

/// The costs, salt and digest of an Argon2 hash.
fn argon2_parts(hash: &[u8]) -> Option<(Costs, Vec<u8>, Vec<u8>)> {
    let parts: Vec<&[u8]> = hash.split(|b| *b == b'$').collect();
    let [_, _, b"v=19", costs, salt, digest] = parts[..] else {
        return None;
    };
    Some((argon2_costs(costs)?, base64_decode(salt, true)?, base64_decode(digest, true)?))
}

/// Reads `m=…,t=…,p=…`.
fn argon2_costs(text: &[u8]) -> Option<Costs> {
    let mut numbers = [0; 3];
    let mut fields = std::str::from_utf8(text).ok()?.split(',');
    for (number, name) in numbers.iter_mut().zip(["m=", "t=", "p="]) {
        *number = fields.next()?.strip_prefix(name)?.parse().ok()?;
    }
    let [memory, time, threads] = numbers;
    Some(Costs { memory, time, threads })
}

fn costs_of(hash: &[u8]) -> Costs {
    let otherwise = Costs { memory: ARGON2_MEMORY, time: ARGON2_TIME, threads: ARGON2_THREADS };
    hash.split(|b| *b == b'$').nth(3).and_then(argon2_costs).unwrap_or(otherwise)
}

fn bcrypt_cost(hash: &[u8]) -> i64 {
    let digits = hash.get(4..6).and_then(|d| std::str::from_utf8(d).ok());
    digits.and_then(|d| d.parse().ok()).unwrap_or(BCRYPT_COST)
}

pub fn password_verify(cx: &mut Cx, password: &PhpString, hash: &PhpString) -> Ret<bool> {
    Ok(match Scheme::of(hash) {
        Some(scheme @ (Scheme::Argon2i | Scheme::Argon2id)) => {
            let Some((costs, salt, digest)) = argon2_parts(hash) else { return Ok(false) };
            let again = parked_argon2(cx, scheme, password, &salt, costs, digest.len())?;
            again.is_some_and(|again| same(&again, &digest))
        }
        // Any hash of crypt() will do.
        _ => {
            let again = crypt::parked_hash(cx, password, hash)?;
            again.is_some_and(|again| again.len() >= 13 && same(&again, hash))
        }
    })
}

/// Equality in a time that does not tell where the difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

pub fn password_get_info(_cx: &mut Cx, hash: &PhpString) -> Ret<PhpArray> {
    let scheme = Scheme::of(hash);
    let options = match scheme {
        None => PhpArray::new(),
        Some(Scheme::Bcrypt) => [("cost", Value::Int(bcrypt_cost(hash)))].into(),
        Some(_) => {
            let costs = costs_of(hash);
            [
                ("memory_cost", Value::Int(costs.memory)),
                ("time_cost", Value::Int(costs.time)),
                ("threads", Value::Int(costs.threads)),
            ]
            .into()
        }
    };
    let name = match scheme {
        None => "unknown",
        Some(Scheme::Bcrypt) => "bcrypt",
        Some(other) => other.ident(),
    };
    let ident = scheme.map_or(Value::Null, |s| Value::str(s.ident()));
    Ok([("algo", ident), ("algoName", Value::str(name)), ("options", Value::Array(options))].into())
}

pub fn password_needs_rehash(
    cx: &mut Cx,
    hash: &PhpString,
    algorithm: &Value,
    options: PhpArray,
) -> Ret<bool> {
    // With an unknown algorithm there is nothing to rehash to.
    let Some(wanted) = Scheme::chosen(algorithm) else {
        return Ok(false);
    };
    if Scheme::of(hash) != Some(wanted) {
        return Ok(true);
    }
    if wanted == Scheme::Bcrypt {
        return Ok(option(cx, &options, "cost", BCRYPT_COST)? != bcrypt_cost(hash));
    }
    Ok(costs(cx, &options)? != costs_of(hash))
}

pub fn password_algos(_cx: &mut Cx) -> Ret<PhpArray> {
    Ok(Scheme::ALL.into_iter().map(|scheme| Value::str(scheme.ident())).collect())
}
