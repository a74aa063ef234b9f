//! Where random bits come from, and numbers in a range made of them.

use crate::algorithm::{Algorithm, Drawn};
use crate::engines::EngineData;
use crate::global;
use outlast_value::{Object, Value};
use outlast_vm::{Cx, Ret, Unwind};

/// How often a generator may give bits that do not fit.
pub const ATTEMPTS: usize = 50;

/// A source of random bits.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// The script's Mersenne Twister (`mt_rand`).
    Global,
    /// The system.
    Secure,
    /// An object, perhaps of a class of the script.
    Engine(&'a Object),
}

impl Source<'_> {
    /// The next bits.
    pub fn draw(self, cx: &mut Cx) -> Ret<Drawn> {
        let drawn = match self {
            Source::Global => {
                return Ok(Drawn { value: u64::from(global::twister(cx)?.next()), size: 4 });
            }
            Source::Secure => Algorithm::Secure.draw(),
            Source::Engine(engine) => match engine.data::<EngineData>() {
                Some(data) => data.0.borrow_mut().draw(),
                None => return draw_user(cx, engine),
            },
        };
        drawn.ok_or_else(|| no_entropy(cx))
    }

    /// Bits until there are `size` bytes.
    fn draw_bytes(self, cx: &mut Cx, size: usize) -> Ret<u64> {
        let mut value = 0;
        let mut total = 0;
        while total < size {
            let drawn = self.draw(cx)?;
            value |= drawn.value << (8 * total);
            total += drawn.size;
        }
        Ok(if size < 8 { value & ((1 << (8 * size)) - 1) } else { value })
    }

    /// 64 random bits.
    pub fn draw_word(self, cx: &mut Cx) -> Ret<u64> {
        self.draw_bytes(cx, 8)
    }

    /// A number up to `max`, each as likely as the others.
    pub fn up_to(self, cx: &mut Cx, max: u64) -> Ret<u64> {
        let (size, all) =
            if max <= u64::from(u32::MAX) { (4, u64::from(u32::MAX)) } else { (8, u64::MAX) };
        let mut drawn = self.draw_bytes(cx, size)?;
        if max == all {
            return Ok(drawn);
        }
        let span = max + 1;
        if span.is_power_of_two() {
            return Ok(drawn & max);
        }
        // The numbers beyond the last whole multiple would favour the low ones.
        let limit = all - (all % span) - 1;
        let mut failures = 0;
        while drawn > limit {
            failures += 1;
            if failures > ATTEMPTS {
                return Err(too_many_attempts(cx));
            }
            drawn = self.draw_bytes(cx, size)?;
        }
        Ok(drawn % span)
    }

    /// A number from `min` to `max`.
    pub fn range(self, cx: &mut Cx, min: i64, max: i64) -> Ret<i64> {
        let n = self.up_to(cx, max.wrapping_sub(min) as u64)?;
        Ok(min.wrapping_add(n as i64))
    }
}

/// Bits from a generator of the script.
fn draw_user(cx: &mut Cx, engine: &Object) -> Ret<Drawn> {
    let result = cx.call_method(engine, "generate", Vec::new())?.into_deref();
    let Value::Str(bytes) = &result else {
        return Err(broken(cx, "A random engine must return a non-empty string"));
    };
    if bytes.is_empty() {
        return Err(broken(cx, "A random engine must return a non-empty string"));
    }
    let used = &bytes[..bytes.len().min(8)];
    let value = used.iter().rev().fold(0, |n, b| (n << 8) | u64::from(*b));
    Ok(Drawn { value, size: used.len() })
}

/// What is thrown if the system has no random bits.
pub fn no_entropy(cx: &mut Cx) -> Unwind {
    cx.throw("Random\\RandomException", "Cannot open source device")
}

fn broken(cx: &mut Cx, message: &str) -> Unwind {
    cx.throw("Random\\BrokenRandomEngineError", message)
}

/// What is thrown if bits do not fit again and again.
pub fn too_many_attempts(cx: &mut Cx) -> Unwind {
    broken(cx, &format!("Failed to generate an acceptable random number in {ATTEMPTS} attempts"))
}
