//! xxHash in its four forms.

use crate::hasher::Hasher;
use xxhash_rust::xxh3::{self, Xxh3};
use xxhash_rust::xxh32::Xxh32;
use xxhash_rust::xxh64::Xxh64;

/// The shortest secret of XXH3.
pub const SECRET_MIN: usize = 136;

/// `xxh32`
#[derive(Clone)]
pub struct Short(pub Xxh32);

impl Hasher for Short {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> Vec<u8> {
        self.0.digest().to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// `xxh64`
#[derive(Clone)]
pub struct Long(pub Xxh64);

impl Hasher for Long {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> Vec<u8> {
        self.0.digest().to_be_bytes().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

#[derive(Clone)]
enum State {
    Seeded(Box<Xxh3>),
    /// With a secret of any length the message is needed whole.
    Secret(Vec<u8>, Vec<u8>),
}

/// `xxh3` and `xxh128`
#[derive(Clone)]
pub struct Third {
    state: State,
    wide: bool,
}

impl Third {
    pub fn seeded(seed: u64, wide: bool) -> Third {
        Third { state: State::Seeded(Box::new(Xxh3::with_seed(seed))), wide }
    }

    /// With a secret of at least [`SECRET_MIN`] bytes.
    pub fn with_secret(secret: &[u8], wide: bool) -> Third {
        Third { state: State::Secret(secret.to_vec(), Vec::new()), wide }
    }
}

impl Hasher for Third {
    fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Seeded(state) => state.update(bytes),
            State::Secret(_, message) => message.extend_from_slice(bytes),
        }
    }
    fn finish(&self) -> Vec<u8> {
        match (&self.state, self.wide) {
            (State::Seeded(state), false) => state.digest().to_be_bytes().to_vec(),
            (State::Seeded(state), true) => state.digest128().to_be_bytes().to_vec(),
            (State::Secret(secret, message), false) => {
                xxh3::xxh3_64_with_secret(message, secret).to_be_bytes().to_vec()
            }
            (State::Secret(secret, message), true) => {
                xxh3::xxh3_128_with_secret(message, secret).to_be_bytes().to_vec()
            }
        }
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}
