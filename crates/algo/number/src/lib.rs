//! PHP's numbers as pure algorithms: text of floats, numeric strings, conversions,
//! arithmetic that overflows to float, rounding and base conversion.
#![forbid(unsafe_code)]

pub mod arith;
pub mod base;
pub mod compare;
pub mod convert;
pub mod format;
pub mod grouping;
pub mod increment;
pub mod parse;
pub mod round;

pub use arith::{ArithError, add, fdiv, fmod, intdiv, modulo, mul, negate, pow, sub};
pub use compare::{compare_float_string, compare_floats, compare_int_string, smart_compare};
pub use convert::{
    array_index, float_to_int, float_to_int_saturating, is_integer_compatible, string_to_float,
    string_to_int,
};
pub use format::{json_float, repr, to_string_precision, var_export};
pub use grouping::{number_format, number_format_int};
pub use increment::{decrement_string, increment_string};
pub use parse::{Number, Numeric, is_numeric, parse_numeric};
pub use round::{RoundingMode, round, round_int};
