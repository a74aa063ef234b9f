//! Functions on numbers.

mod base;
mod elementary;
pub mod math_stub;
mod rounding;

use base::*;
use elementary::*;
use rounding::*;
