//! PHP's string functions as pure algorithms over bytes.
#![forbid(unsafe_code)]

pub mod args;
pub mod charmask;
pub mod compare;
mod float_text;
pub mod metaphone;
pub mod natural;
pub mod pack;
pub mod printf;
pub mod scanf;
pub mod similarity;
pub mod slashes;
pub mod translate;
pub mod version;
pub mod wrap;
