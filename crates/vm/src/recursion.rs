//! Native code that recurses into nested values: comparison, dumping, serialisation.

use crate::{Cx, Ret};

/// Nested native calls beyond which recursion counts as infinite. PHP's own limit is the size of
/// its stack, some ten thousand levels.
const MAX_DEPTH: u32 = 20_000;

impl Cx {
    /// Runs one level of a recursion, on a fresh stack segment when the running one nears its end.
    /// Throws PHP's Error where the recursion is too deep.
    pub fn recurse<T>(&mut self, f: impl FnOnce(&mut Cx) -> Ret<T>) -> Ret<T> {
        if self.recursion >= MAX_DEPTH {
            return Err(self.stack_error());
        }
        self.recursion += 1;
        let result = outlast_fiber::maybe_grow(|| f(self));
        self.recursion -= 1;
        result
    }

    /// Is there room for another level of [`Cx::recurse`]?
    pub fn may_recurse(&self) -> bool {
        self.recursion < MAX_DEPTH
    }
}
