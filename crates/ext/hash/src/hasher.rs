//! What all algorithms have in common, and those that come from crates.

use digest::Digest;

/// A hash being computed.
pub trait Hasher {
    /// More of the message.
    fn update(&mut self, bytes: &[u8]);
    /// The digest of the message so far.
    fn finish(&self) -> Vec<u8>;
    /// Another one in the same state.
    fn copy(&self) -> Box<dyn Hasher>;
}

/// A digest of a crate.
#[derive(Clone)]
pub struct Digested<D>(pub D);

impl<D: Digest + Clone + 'static> Hasher for Digested<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

/// Collects a message into blocks of `N` bytes.
#[derive(Clone)]
pub struct Blocks<const N: usize> {
    held: [u8; N],
    len: usize,
    /// Length of the message so far.
    pub total: u64,
}

impl<const N: usize> Default for Blocks<N> {
    fn default() -> Self {
        Blocks { held: [0; N], len: 0, total: 0 }
    }
}

impl<const N: usize> Blocks<N> {
    /// Hands every complete block on.
    pub fn update(&mut self, mut bytes: &[u8], mut block: impl FnMut(&[u8; N])) {
        self.total = self.total.wrapping_add(bytes.len() as u64);
        if self.len > 0 {
            let take = bytes.len().min(N - self.len);
            self.held[self.len..self.len + take].copy_from_slice(&bytes[..take]);
            self.len += take;
            bytes = &bytes[take..];
            if self.len < N {
                return;
            }
            block(&self.held);
            self.len = 0;
        }
        while let Some((whole, rest)) = bytes.split_first_chunk::<N>() {
            block(whole);
            bytes = rest;
        }
        self.held[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len();
    }

    /// What does not fill a block.
    pub fn rest(&self) -> &[u8] {
        &self.held[..self.len]
    }
}
