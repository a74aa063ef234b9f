//! XPath 1.0.

mod eval;
mod functions;
mod lex;
mod parse;

pub use eval::{Context, Value};

/// Why an expression gives no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XPathError {
    /// It is not an expression.
    Invalid,
    /// A prefix without a namespace.
    Prefix(Vec<u8>),
    /// A function that is not there.
    Function(Vec<u8>),
    /// `$x`
    Variable(Vec<u8>),
    /// An operand or argument of the wrong type.
    Type,
    /// A function with the wrong number of arguments.
    Arity,
    /// Nodes of a kind that this tree does not have (the namespace axis).
    Unsupported(&'static str),
}

/// Evaluates an expression.
pub fn evaluate(text: &[u8], context: &Context<'_>) -> Result<Value, XPathError> {
    let tokens = lex::tokens(text)?;
    let expression = parse::expression(&tokens)?;
    context.evaluate(&expression)
}
