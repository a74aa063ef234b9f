//! Bytes as text: base64, hexadecimal, quoted-printable, uuencode, Latin-1 and UTF-8.

use outlast_text::encode;
use outlast_value::PhpString;
use outlast_vm::{Cx, OrFalse, Ret};

pub fn base64_encode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::base64_encode(text))
}

pub fn base64_decode(_cx: &mut Cx, text: &PhpString, strict: bool) -> Ret<OrFalse<Vec<u8>>> {
    Ok(OrFalse(encode::base64_decode(text, strict)))
}

pub fn bin2hex(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::bin2hex(text))
}

pub fn hex2bin(cx: &mut Cx, text: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    match encode::hex2bin(text) {
        Ok(bytes) => Ok(OrFalse(Some(bytes))),
        Err(error) => {
            cx.warning(error.message())?;
            Ok(OrFalse(None))
        }
    }
}

pub fn quoted_printable_decode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::quoted_printable_decode(text))
}

pub fn quoted_printable_encode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::quoted_printable_encode(text))
}

pub fn convert_uuencode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::uuencode(text))
}

pub fn convert_uudecode(cx: &mut Cx, text: &PhpString) -> Ret<OrFalse<Vec<u8>>> {
    let bytes = if text.is_empty() { None } else { encode::uudecode(text) };
    if bytes.is_none() {
        cx.warning("Argument #1 ($data) is not a valid uuencoded string")?;
    }
    Ok(OrFalse(bytes))
}

pub fn utf8_encode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::utf8_encode(text))
}

pub fn utf8_decode(_cx: &mut Cx, text: &PhpString) -> Ret<Vec<u8>> {
    Ok(encode::utf8_decode(text))
}
