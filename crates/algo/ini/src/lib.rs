//! PHP's ini format: scanner, parser and quantities.
#![forbid(unsafe_code)]

mod parser;
pub mod quantity;
mod scanner;

pub use parser::{Directive, Lookup, Parsed, SyntaxError, Value, parse};
pub use quantity::{Quantity, parse_quantity};

/// How values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `INI_SCANNER_NORMAL`: constants, variables and operators are evaluated.
    Normal,
    /// `INI_SCANNER_RAW`: values are taken as they stand.
    Raw,
    /// `INI_SCANNER_TYPED`: as normal, with bools, nulls and numbers kept as such.
    Typed,
}
