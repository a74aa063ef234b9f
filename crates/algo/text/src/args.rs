//! How the formatting engines ask for the values they format.

/// The arguments of a formatting call. The caller converts its values, so a conversion
/// may fail with an error of its own or warn.
pub trait Arguments {
    /// What a failed conversion gives.
    type Error;

    /// How many arguments there are.
    fn count(&self) -> usize;
    /// The argument as a string.
    fn text(&mut self, index: usize) -> Result<Vec<u8>, Self::Error>;
    /// The argument as an int.
    fn int(&mut self, index: usize) -> Result<i64, Self::Error>;
    /// The argument as a float.
    fn float(&mut self, index: usize) -> Result<f64, Self::Error>;
    /// The argument when it already is an int.
    fn exact_int(&self, index: usize) -> Option<i64>;
    /// Raises a notice or warning of the engine.
    fn report(&mut self, notice: Notice);
}

/// A diagnostic that does not stop the formatting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `E_NOTICE` when set, else `E_WARNING`.
    pub is_notice: bool,
    /// The message, without the function's name.
    pub message: String,
}

impl Notice {
    pub(crate) fn warning(message: String) -> Self {
        Self { is_notice: false, message }
    }
}

/// Why a formatting call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure<E> {
    /// An argument could not be converted.
    Argument(E),
    /// A `ValueError` with its message.
    Value(String),
    /// Fewer arguments than the format uses: how many it needs.
    TooFewArguments(usize),
}

impl<E> From<E> for Failure<E> {
    fn from(error: E) -> Self {
        Failure::Argument(error)
    }
}
