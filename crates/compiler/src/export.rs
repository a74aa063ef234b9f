//! Expressions as text, for the messages of failed assertions.

use outlast_syntax::ast::Expr;

/// The message `assert()` gets when none is written.
pub(crate) fn assertion(_e: &Expr) -> Vec<u8> {
    b"assert()".to_vec()
}
