//! The generators: their states, their steps, and how a state is written down.

mod mt19937;
mod pcg;
mod xoshiro;

pub use mt19937::{Mode, Mt19937};
pub use pcg::Pcg;
pub use xoshiro::Xoshiro;

use outlast_value::{PhpArray, Value};

/// What one step of a generator gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The bits.
    pub value: u64,
    /// How many bytes of them count.
    pub size: usize,
}

/// A generator with a state that can be written down.
#[derive(Clone)]
pub enum Algorithm {
    Mt19937(Box<Mt19937>),
    Pcg(Pcg),
    Xoshiro(Xoshiro),
    /// The system's source.
    Secure,
}

impl Algorithm {
    /// The next bits; `None` if the system has none to give.
    pub fn draw(&mut self) -> Option<Drawn> {
        Some(match self {
            Algorithm::Mt19937(mt) => Drawn { value: u64::from(mt.next()), size: 4 },
            Algorithm::Pcg(pcg) => Drawn { value: pcg.next(), size: 8 },
            Algorithm::Xoshiro(x) => Drawn { value: x.next(), size: 8 },
            Algorithm::Secure => Drawn { value: outlast_host::random::number().ok()?, size: 8 },
        })
    }

    /// The state as `__serialize()` gives it.
    pub fn state(&self) -> PhpArray {
        match self {
            Algorithm::Mt19937(mt) => mt.state(),
            Algorithm::Pcg(pcg) => pcg.state(),
            Algorithm::Xoshiro(x) => x.state(),
            Algorithm::Secure => PhpArray::new(),
        }
    }

    /// Takes a state over; false: it is not one.
    pub fn restore(&mut self, state: &PhpArray) -> bool {
        let restored = match self {
            Algorithm::Mt19937(_) => Mt19937::of_state(state).map(Algorithm::from),
            Algorithm::Pcg(_) => Pcg::of_state(state).map(Algorithm::Pcg),
            Algorithm::Xoshiro(_) => Xoshiro::of_state(state).map(Algorithm::Xoshiro),
            Algorithm::Secure => None,
        };
        restored.map(|r| *self = r).is_some()
    }
}

impl From<Mt19937> for Algorithm {
    fn from(mt: Mt19937) -> Algorithm {
        Algorithm::Mt19937(Box::new(mt))
    }
}

/// A number in hexadecimal digits, lowest byte first.
fn to_hex(bytes: &[u8]) -> Value {
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    Value::str(text)
}

/// The reverse for element `index` of a state.
fn of_hex<const N: usize>(state: &PhpArray, index: usize) -> Option<[u8; N]> {
    let text = state.get_int(index as i64)?.deref();
    let text = std::str::from_utf8(text.as_str()?).ok()?;
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (i, b) in bytes.iter_mut().enumerate() {
        *b = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
    }
    Some(bytes)
}
