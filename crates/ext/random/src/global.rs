//! The script's own generators, and the functions that use them.

use crate::algorithm::{Mode, Mt19937};
use crate::source::{Source, no_entropy};
use outlast_value::PhpString;
use outlast_vm::{Cx, Ret};

/// The greatest number that `mt_rand()` gives.
const MAX: i64 = 0x7fff_ffff;

#[derive(Default)]
struct Generators {
    twister: Option<Box<Mt19937>>,
    congruential: Option<(i32, i32)>,
}

/// Random bytes of the system.
pub fn bytes<const N: usize>(cx: &mut Cx) -> Ret<[u8; N]> {
    let mut bytes = [0; N];
    match outlast_host::random::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err(no_entropy(cx)),
    }
}

/// The script's twister, seeded at random if it was not seeded yet.
pub fn twister(cx: &mut Cx) -> Ret<&mut Mt19937> {
    if cx.state::<Generators>().twister.is_none() {
        let seed = u32::from_ne_bytes(bytes(cx)?);
        cx.state::<Generators>().twister = Some(Box::new(Mt19937::new(seed, Mode::Standard)));
    }
    Ok(cx.state::<Generators>().twister.as_mut().expect("just made"))
}

/// The mode for a number of the script; `MT_RAND_PHP` is deprecated.
pub fn mode(cx: &mut Cx, number: i64) -> Ret<Option<Mode>> {
    match number {
        0 => Ok(Some(Mode::Standard)),
        1 => {
            cx.raise_deprecated("The MT_RAND_PHP variant of Mt19937 is deprecated")?;
            Ok(Some(Mode::Legacy))
        }
        _ => Ok(None),
    }
}

/// A number in a range as the old versions scaled it, with gaps and all.
pub fn scale_badly(bits: u32, min: i64, max: i64) -> i64 {
    let span = (max as f64) - (min as f64) + 1.0;
    let offset = span * (f64::from(bits >> 1) / (MAX as f64 + 1.0));
    (offset + min as f64) as i64
}

/// A number from `min` to `max` of the script's (seeded) sequence: for `shuffle`, `array_rand`,
/// `str_shuffle`.
pub fn range(cx: &mut Cx, min: i64, max: i64) -> Ret<i64> {
    Source::Global.range(cx, min, max)
}

/// The same as `mt_rand` scales it.
fn scaled(cx: &mut Cx, min: i64, max: i64) -> Ret<i64> {
    let twister = twister(cx)?;
    if twister.mode() == Mode::Legacy {
        let bits = twister.next();
        return Ok(scale_badly(bits, min, max));
    }
    range(cx, min, max)
}

pub fn lcg_value(cx: &mut Cx) -> Ret<f64> {
    if cx.state::<Generators>().congruential.is_none() {
        let seed = u64::from_ne_bytes(bytes(cx)?);
        let of = |bits: u64| (bits as i32 & i32::MAX).max(1);
        cx.state::<Generators>().congruential = Some((of(seed), of(seed >> 32)));
    }
    let (a, b) = cx.state::<Generators>().congruential.as_mut().expect("just made");
    *a = modular_product(*a, 53668, 40014, 12211, 2_147_483_563);
    *b = modular_product(*b, 52774, 40692, 3791, 2_147_483_399);
    let mut z = a.wrapping_sub(*b);
    if z < 1 {
        z += 2_147_483_562;
    }
    Ok(f64::from(z) * 4.656_613e-10)
}

/// `s * b % m` by Schrage's method.
fn modular_product(s: i32, a: i32, b: i32, c: i32, m: i32) -> i32 {
    let q = s / a;
    let s = b.wrapping_mul(s - a * q).wrapping_sub(c.wrapping_mul(q));
    if s < 0 { s.wrapping_add(m) } else { s }
}

pub fn mt_srand(cx: &mut Cx, seed: Option<i64>, mode_number: i64) -> Ret<()> {
    let mode = mode(cx, mode_number)?.unwrap_or_default();
    let seed = match seed {
        Some(seed) => seed as u32,
        None => u32::from_ne_bytes(bytes(cx)?),
    };
    cx.state::<Generators>().twister = Some(Box::new(Mt19937::new(seed, mode)));
    Ok(())
}

/// The two limits, or neither.
fn limits(cx: &mut Cx, name: &str, min: Option<i64>, max: Option<i64>) -> Ret<Option<(i64, i64)>> {
    match (min, max) {
        (None, None) => Ok(None),
        (Some(min), Some(max)) => Ok(Some((min, max))),
        _ => Err(cx
            .throw("ArgumentCountError", format!("{name}() expects exactly 2 arguments, 1 given"))),
    }
}

pub fn rand(cx: &mut Cx, min: Option<i64>, max: Option<i64>) -> Ret<i64> {
    match limits(cx, "rand", min, max)? {
        None => Ok(i64::from(twister(cx)?.next() >> 1)),
        Some((min, max)) => scaled(cx, min.min(max), min.max(max)),
    }
}

pub fn mt_rand(cx: &mut Cx, min: Option<i64>, max: Option<i64>) -> Ret<i64> {
    match limits(cx, "mt_rand", min, max)? {
        None => Ok(i64::from(twister(cx)?.next() >> 1)),
        Some((min, max)) if max < min => {
            Err(cx.arg_value_error(2, "must be greater than or equal to argument #1 ($min)"))
        }
        Some((min, max)) => scaled(cx, min, max),
    }
}

pub fn mt_getrandmax(_: &mut Cx) -> Ret<i64> {
    Ok(MAX)
}

pub fn random_bytes(cx: &mut Cx, length: i64) -> Ret<PhpString> {
    if length < 1 {
        return Err(cx.arg_value_error(1, "must be greater than 0"));
    }
    let mut bytes = vec![0; length as usize];
    match outlast_host::random::fill(&mut bytes) {
        Ok(()) => Ok(PhpString::from(bytes)),
        Err(_) => Err(no_entropy(cx)),
    }
}

pub fn random_int(cx: &mut Cx, min: i64, max: i64) -> Ret<i64> {
    if min > max {
        return Err(cx.arg_value_error(1, "must be less than or equal to argument #2 ($max)"));
    }
    Source::Secure.range(cx, min, max)
}
