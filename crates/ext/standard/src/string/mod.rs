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
mod path;
mod replace;
mod search;
mod split;
mod substitute;
mod url;

mod change_stub;
mod compare_stub;
mod crypt_stub;
mod digest_stub;
mod encode_stub;
mod format_stub;
mod html_stub;
mod locale_stub;
mod path_stub;
mod replace_stub;
mod search_stub;
mod split_stub;
mod url_stub;

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
use outlast_vm::{Cx, NativeModule, Ret};
use password::*;
use path::*;
use replace::*;
use search::*;
use split::*;
use substitute::*;
use url::*;

pub use format::FormatArguments;

/// The modules of this folder.
pub static MODULES: &[&NativeModule] = &[
    &change_stub::MODULE,
    &compare_stub::MODULE,
    &crypt_stub::MODULE,
    &digest_stub::MODULE,
    &encode_stub::MODULE,
    &format_stub::MODULE,
    &html_stub::MODULE,
    &locale_stub::MODULE,
    &path_stub::MODULE,
    &replace_stub::MODULE,
    &search_stub::MODULE,
    &split_stub::MODULE,
    &url_stub::MODULE,
];

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
