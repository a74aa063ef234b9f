//! Strings: everything of ext/standard that works on bytes.
//!
//! Each family has its bodies in one file and its stub beside it; the algorithms are in
//! `outlast-text` and `outlast-number`.

mod change;
mod compare;
mod crypt;
mod digest;
mod encode;
mod format;
mod hebrew;
mod html;
mod locale;
mod password;
pub mod path;
mod replace;
mod search;
mod split;
mod substitute;
mod unix_hash;
mod url;

pub(crate) mod change_stub;
pub(crate) mod compare_stub;
pub(crate) mod crypt_stub;
pub(crate) mod digest_stub;
pub(crate) mod encode_stub;
pub(crate) mod format_stub;
pub(crate) mod html_stub;
pub(crate) mod locale_stub;
pub(crate) mod path_stub;
pub(crate) mod replace_stub;
pub(crate) mod search_stub;
pub(crate) mod split_stub;
pub(crate) mod url_stub;

use change::*;
use compare::*;
use crypt::crypt;
use digest::*;
use encode::*;
use format::*;
use hebrew::hebrev;
use html::*;
use locale::*;
use outlast_text::charmask::charmask;
use outlast_value::{PhpString, Reference, Value};
use outlast_vm::{Cx, Ret};
use password::*;
use path::*;
use replace::*;
use search::*;
use split::*;
use substitute::*;
use url::*;

pub use format::{FormatArguments, Passed, format_values};

/// Stores what a by-reference parameter gives back.
fn assign(_cx: &mut Cx, target: &Reference, value: Value) -> Ret<()> {
    target.set(value);
    Ok(())
}

/// A string whose size was checked, or the end of the script for want of memory.
fn checked(cx: &mut Cx, made: Result<PhpString, usize>) -> Ret<PhpString> {
    made.map_err(|bytes| cx.memory_exhausted(bytes))
}

/// The bytes of a list with `..` ranges; malformed ranges are warned of.
fn character_mask(cx: &mut Cx, list: &[u8]) -> Ret<[bool; 256]> {
    let (mask, warnings) = charmask(list);
    for warning in warnings {
        cx.warning(warning)?;
    }
    Ok(mask)
}
