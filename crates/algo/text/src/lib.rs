//! PHP's string functions as pure algorithms over bytes.
#![forbid(unsafe_code)]

pub mod args;
pub mod charmask;
pub mod compare;
pub mod csv;
pub mod encode;
mod float_text;
pub mod html;
pub mod http_date;
pub mod metaphone;
pub mod natural;
pub mod pack;
pub mod printf;
pub mod query;
pub mod scanf;
pub mod similarity;
pub mod slashes;
pub mod tags;
pub mod translate;
pub mod url;
pub mod utf8;
pub mod version;
pub mod wrap;
