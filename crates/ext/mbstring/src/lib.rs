//! PHP's extension `mbstring` (manual: book.mbstring.php).
#![forbid(unsafe_code)]

mod affix;
mod case;
mod codec;
mod convert;
mod data;
mod detect;
mod encodings;
mod entity;
mod kana;
mod length;
mod mbstring_stub;
mod mime;
mod search;
mod settings;

use affix::{mb_ltrim, mb_rtrim, mb_str_pad, mb_trim};
use case::{mb_convert_case, mb_lcfirst, mb_strtolower, mb_strtoupper, mb_ucfirst};
use convert::{
    mb_check_encoding, mb_chr, mb_convert_encoding, mb_convert_variables, mb_ord,
    mb_output_handler, mb_parse_str, mb_scrub,
};
use detect::mb_detect_encoding;
use entity::{mb_decode_numericentity, mb_encode_numericentity};
use kana::mb_convert_kana;
use length::{mb_str_split, mb_strcut, mb_strimwidth, mb_strlen, mb_strwidth, mb_substr};
use mime::{mb_decode_mimeheader, mb_encode_mimeheader};
use outlast_vm::NativeModule;
use search::{
    mb_stripos, mb_stristr, mb_strpos, mb_strrchr, mb_strrichr, mb_strripos, mb_strrpos, mb_strstr,
    mb_substr_count,
};
use settings::{
    SETTINGS, mb_detect_order, mb_encoding_aliases, mb_get_info, mb_http_input, mb_http_output,
    mb_internal_encoding, mb_language, mb_list_encodings, mb_preferred_mime_name,
    mb_substitute_character,
};

/// What this crate defines.
pub static MODULES: &[&NativeModule] = &[&mbstring_stub::MODULE];
