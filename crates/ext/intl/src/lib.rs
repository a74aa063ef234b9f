//! Of PHP's extension `intl`, what needs no locale: normal forms and graphemes
//! (<https://www.php.net/manual/en/book.intl.php>).

mod error;
mod grapheme;
#[path = "intl_stub.rs"]
mod intl_stub;
mod normalizer;

use error::{intl_error_name, intl_get_error_code, intl_get_error_message, intl_is_failure};
use grapheme::*;
use normalizer::*;
use outlast_vm::NativeModule;

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&intl_stub::MODULE];
