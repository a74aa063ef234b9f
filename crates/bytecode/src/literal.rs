//! Constant values as the compiler knows them.

/// A constant of the constant pool.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Box<[u8]>),
    /// An array whose keys are already normalised.
    Array(Vec<(LiteralKey, Literal)>),
}

/// A key of a constant array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiteralKey {
    Int(i64),
    Str(Box<[u8]>),
}
