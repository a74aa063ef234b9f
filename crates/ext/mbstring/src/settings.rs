//! What scripts set for the extension: encodings, substitutes, language.

use crate::codec::Substitute;
use crate::encodings::{self, Encoding, Kind, find};
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::ini::{IniDef, access};
use outlast_vm::{Cx, OrFalse, Ret};

pub static SETTINGS: &[IniDef] = &[
    IniDef::new("mbstring.detect_order", None, access::ALL),
    IniDef::new("mbstring.encoding_translation", Some("0"), access::PERDIR | access::SYSTEM),
    IniDef::new("mbstring.http_input", None, access::ALL).checked(check_http_input),
    IniDef::new("mbstring.http_output", None, access::ALL).checked(check_http_output),
    IniDef::all("mbstring.http_output_conv_mimetypes", "^(text/|application/xhtml\\+xml)"),
    IniDef::new("mbstring.internal_encoding", None, access::ALL).checked(check_internal_encoding),
    IniDef::all("mbstring.language", "neutral"),
    IniDef::all("mbstring.strict_detection", "0"),
    IniDef::new("mbstring.substitute_character", None, access::ALL),
];

/// Settings that `default_charset` and its like have replaced.
fn deprecated_setting(cx: &mut Cx, name: &str) -> Ret<bool> {
    cx.deprecated(format!("Use of {name} is deprecated"))?;
    Ok(true)
}

fn check_http_input(cx: &mut Cx, _: &[u8]) -> Ret<bool> {
    deprecated_setting(cx, "mbstring.http_input")
}

fn check_http_output(cx: &mut Cx, _: &[u8]) -> Ret<bool> {
    deprecated_setting(cx, "mbstring.http_output")
}

fn check_internal_encoding(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    deprecated_setting(cx, "mbstring.internal_encoding")?;
    if let Some(encoding) = find(value) {
        cx.state::<Set>().internal = Some(encoding);
    }
    Ok(true)
}

/// What the running script has set.
#[derive(Default)]
struct Set {
    internal: Option<&'static Encoding>,
    http_output: Option<&'static Encoding>,
    substitute: Option<Substitute>,
    /// The last character set as substitute.
    character: Option<u32>,
    language: Option<&'static Language>,
    detect_order: Option<Vec<&'static Encoding>>,
    illegal: i64,
}

/// A language with what follows from it.
pub struct Language {
    name: &'static str,
    codes: &'static [&'static str],
    mail_charset: &'static str,
    mail_header: &'static str,
    mail_body: &'static str,
}

const fn language(
    name: &'static str,
    codes: &'static [&'static str],
    mail_charset: &'static str,
    mail_header: &'static str,
    mail_body: &'static str,
) -> Language {
    Language { name, codes, mail_charset, mail_header, mail_body }
}

static LANGUAGES: &[Language] = &[
    language("neutral", &[], "UTF-8", "BASE64", "BASE64"),
    language("uni", &["universal"], "UTF-8", "BASE64", "BASE64"),
    language("Japanese", &["ja"], "ISO-2022-JP", "BASE64", "7bit"),
    language("Korean", &["ko"], "ISO-2022-KR", "BASE64", "7bit"),
    language("Simplified Chinese", &["zh-cn"], "HZ", "BASE64", "7bit"),
    language("Traditional Chinese", &["zh-tw"], "BIG-5", "BASE64", "8bit"),
    language("English", &["en"], "ISO-8859-1", "Quoted-Printable", "8bit"),
    language("German", &["de"], "ISO-8859-15", "Quoted-Printable", "8bit"),
    language("Russian", &["ru"], "KOI8-R", "Quoted-Printable", "8bit"),
    language("Ukrainian", &["ua"], "KOI8-U", "Quoted-Printable", "8bit"),
    language("Armenian", &["hy"], "ArmSCII-8", "Quoted-Printable", "8bit"),
    language("Turkish", &["tr"], "ISO-8859-9", "Quoted-Printable", "8bit"),
];

/// The encoding in force.
pub fn internal(cx: &mut Cx) -> &'static Encoding {
    if let Some(set) = cx.state::<Set>().internal {
        return set;
    }
    let named = |name: &str| {
        let text = cx.ini.bytes(name);
        if text.is_empty() { None } else { find(text) }
    };
    named("mbstring.internal_encoding")
        .or_else(|| named("internal_encoding"))
        .or_else(|| named("default_charset"))
        .unwrap_or_else(encodings::utf8)
}

/// What takes the place of characters that an encoding lacks.
pub fn substitute(cx: &mut Cx) -> Substitute {
    if let Some(set) = cx.state::<Set>().substitute {
        return set;
    }
    match cx.ini.bytes("mbstring.substitute_character") {
        b"" => Substitute::Char(0x3f),
        text => substitute_of_name(text, 0x3f).unwrap_or_else(|| {
            let number =
                std::str::from_utf8(text).ok().and_then(|text| match text.strip_prefix("0x") {
                    Some(hex) => u32::from_str_radix(hex, 16).ok(),
                    None => text.parse().ok(),
                });
            Substitute::Char(number.unwrap_or(0x3f))
        }),
    }
}

fn substitute_of_name(name: &[u8], character: u32) -> Option<Substitute> {
    let is = |word: &str| word.as_bytes().eq_ignore_ascii_case(name);
    if is("none") {
        Some(Substitute::None)
    } else if is("long") {
        Some(Substitute::Long(character))
    } else if is("entity") {
        Some(Substitute::Entity(character))
    } else {
        None
    }
}

/// Counts characters that could not be written.
pub fn count_illegal(cx: &mut Cx, errors: i64) {
    cx.state::<Set>().illegal += errors;
}

/// How many there were so far.
pub fn illegal(cx: &mut Cx) -> i64 {
    cx.state::<Set>().illegal
}

/// Is it an encoding of bytes, whose use here is deprecated? What to use is told.
fn deprecated(encoding: &Encoding) -> Option<&'static str> {
    Some(match encoding.kind {
        Kind::Base64 => {
            "Base64 via mbstring is deprecated; use base64_encode/base64_decode instead"
        }
        Kind::QuotedPrintable => {
            "QPrint via mbstring is deprecated; use quoted_printable_encode/quoted_printable_decode \
             instead"
        }
        Kind::HtmlEntities => {
            "HTML entities via mbstring is deprecated; use htmlspecialchars, htmlentities, or \
             mb_encode_numericentity/mb_decode_numericentity instead"
        }
        Kind::Uuencode => {
            "Uuencode via mbstring is deprecated; use convert_uuencode/convert_uudecode instead"
        }
        _ => return None,
    })
}

/// The encoding that argument `n` names; without one that in force.
pub fn encoding_arg(cx: &mut Cx, n: usize, name: Option<&PhpString>) -> Ret<&'static Encoding> {
    let Some(name) = name else { return Ok(internal(cx)) };
    match find(name) {
        Some(encoding) => {
            if let Some(text) = deprecated(encoding) {
                cx.deprecated(format!("Handling {text}"))?;
            }
            Ok(encoding)
        }
        None => {
            let text = format!("must be a valid encoding, \"{}\" given", name.to_str_lossy());
            Err(cx.arg_value_error(n, &text))
        }
    }
}

/// The encodings tried if the script names none.
pub fn detect_order(cx: &mut Cx) -> Vec<&'static Encoding> {
    if let Some(order) = &cx.state::<Set>().detect_order {
        return order.clone();
    }
    let text = cx.ini.bytes("mbstring.detect_order").to_vec();
    if !text.is_empty() {
        let auto = auto_order(cx);
        let known = |name: &[u8]| find(name).map(|e| vec![e]);
        let named = text.split(|b| *b == b',').map(<[u8]>::trim_ascii);
        return named
            .flat_map(|n| if is_auto(n) { Some(auto.clone()) } else { known(n) })
            .flatten()
            .collect();
    }
    auto_order(cx)
}

fn is_auto(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"auto")
}

/// What `auto` means in the language set.
fn auto_order(cx: &mut Cx) -> Vec<&'static Encoding> {
    let names: &[&str] = match current_language(cx).name {
        "Japanese" => &["ASCII", "JIS", "UTF-8", "EUC-JP", "SJIS"],
        "Korean" => &["ASCII", "UTF-8", "EUC-KR", "UHC"],
        "Simplified Chinese" => &["ASCII", "UTF-8", "EUC-CN", "CP936"],
        "Traditional Chinese" => &["ASCII", "UTF-8", "BIG-5"],
        "Russian" => &["ASCII", "UTF-8", "KOI8-R", "CP1251", "CP866"],
        "Ukrainian" => &["ASCII", "UTF-8", "KOI8-U"],
        "Armenian" => &["ASCII", "UTF-8", "ArmSCII-8"],
        "Turkish" => &["ASCII", "UTF-8", "CP1254", "ISO-8859-9"],
        _ => &["ASCII", "UTF-8"],
    };
    names.iter().filter_map(|name| find(name.as_bytes())).collect()
}

/// The encodings that argument `n` lists, as an array or with commas.
pub fn encodings_arg(cx: &mut Cx, n: usize, list: &Value) -> Ret<Vec<&'static Encoding>> {
    let mut names: Vec<PhpString> = Vec::new();
    match list {
        Value::Array(list) => {
            for value in list.values() {
                names.push(cx.to_str(value)?);
            }
        }
        text => {
            let text = cx.to_str(text)?;
            if !text.is_empty() {
                names.extend(
                    text.split(|b| *b == b',').map(|name| PhpString::new(name.trim_ascii())),
                );
            }
        }
    }
    let mut out: Vec<&'static Encoding> = Vec::new();
    for name in names {
        if is_auto(&name) {
            for encoding in auto_order(cx) {
                if !out.contains(&encoding) {
                    out.push(encoding);
                }
            }
            continue;
        }
        match find(&name) {
            Some(encoding) => out.push(encoding),
            None => {
                let text = format!("contains invalid encoding \"{}\"", name.to_str_lossy());
                return Err(cx.arg_value_error(n, &text));
            }
        }
    }
    if out.is_empty() {
        return Err(cx.arg_value_error(n, "must specify at least one encoding"));
    }
    Ok(out)
}

fn current_language(cx: &mut Cx) -> &'static Language {
    if let Some(set) = cx.state::<Set>().language {
        return set;
    }
    find_language(cx.ini.bytes("mbstring.language")).unwrap_or(&LANGUAGES[0])
}

fn find_language(name: &[u8]) -> Option<&'static Language> {
    let is = |word: &str| word.as_bytes().eq_ignore_ascii_case(name);
    LANGUAGES.iter().find(|l| is(l.name) || l.codes.iter().any(|c| is(c)))
}

/// The charset and the way of encoding that headers of mails have in the language set.
pub fn mail_header(cx: &mut Cx) -> (&'static Encoding, bool) {
    let language = current_language(cx);
    let charset = find(language.mail_charset.as_bytes()).unwrap_or_else(encodings::utf8);
    (charset, language.mail_header == "BASE64")
}

pub fn mb_language(cx: &mut Cx, name: Option<&PhpString>) -> Ret<Value> {
    let Some(name) = name else { return Ok(Value::str(current_language(cx).name)) };
    match find_language(name) {
        Some(language) => {
            cx.state::<Set>().language = Some(language);
            Ok(Value::Bool(true))
        }
        None => {
            cx.state::<Set>().language = Some(&LANGUAGES[0]);
            let text = format!("must be a valid language, \"{}\" given", name.to_str_lossy());
            Err(cx.arg_value_error(1, &text))
        }
    }
}

pub fn mb_internal_encoding(cx: &mut Cx, name: Option<&PhpString>) -> Ret<Value> {
    if name.is_none() {
        return Ok(Value::str(internal(cx).name));
    }
    let encoding = encoding_arg(cx, 1, name)?;
    cx.state::<Set>().internal = Some(encoding);
    Ok(Value::Bool(true))
}

fn http_output(cx: &mut Cx) -> &'static Encoding {
    if let Some(set) = cx.state::<Set>().http_output {
        return set;
    }
    let named = |name: &str| {
        let text = cx.ini.bytes(name);
        if text.is_empty() { None } else { find(text) }
    };
    named("mbstring.http_output")
        .or_else(|| named("output_encoding"))
        .or_else(|| named("default_charset"))
        .unwrap_or_else(encodings::utf8)
}

pub fn mb_http_output(cx: &mut Cx, name: Option<&PhpString>) -> Ret<Value> {
    if name.is_none() {
        return Ok(Value::str(http_output(cx).name));
    }
    let encoding = encoding_arg(cx, 1, name)?;
    cx.state::<Set>().http_output = Some(encoding);
    Ok(Value::Bool(true))
}

pub fn mb_http_input(cx: &mut Cx, kind: Option<&PhpString>) -> Ret<Value> {
    let Some(kind) = kind else { return Ok(Value::Bool(false)) };
    match kind.to_ascii_uppercase().as_slice() {
        b"G" | b"P" | b"C" | b"S" => Ok(Value::Bool(false)),
        b"I" => Ok(Value::Array(PhpArray::from_list(vec![Value::str(internal(cx).name)]))),
        b"L" => Ok(Value::str(internal(cx).name)),
        _ => {
            Err(cx.arg_value_error(1, "must be one of \"G\", \"P\", \"C\", \"S\", \"I\", or \"L\""))
        }
    }
}

pub fn mb_detect_order(cx: &mut Cx, list: &Value) -> Ret<Value> {
    if list.is_null() {
        let order = detect_order(cx);
        return Ok(Value::Array(order.iter().map(|e| Value::str(e.name)).collect()));
    }
    let order = encodings_arg(cx, 1, list)?;
    cx.state::<Set>().detect_order = Some(order);
    Ok(Value::Bool(true))
}

pub fn mb_substitute_character(cx: &mut Cx, with: &Value) -> Ret<Value> {
    let character = cx.state::<Set>().character.unwrap_or(0x3f);
    let substitute = match with {
        Value::Null => {
            return Ok(match substitute(cx) {
                Substitute::None => Value::str("none"),
                Substitute::Long(_) => Value::str("long"),
                Substitute::Entity(_) => Value::str("entity"),
                Substitute::Char(c) => Value::Int(i64::from(c)),
            });
        }
        Value::Str(name) => match substitute_of_name(name, character) {
            Some(substitute) => substitute,
            None => {
                return Err(cx.arg_value_error(
                    1,
                    "must be \"none\", \"long\", \"entity\" or a valid codepoint",
                ));
            }
        },
        number => {
            let number = cx.to_int(number)?;
            match u32::try_from(number).ok().filter(|c| char::from_u32(*c).is_some()) {
                Some(c) => {
                    cx.state::<Set>().character = Some(c);
                    Substitute::Char(c)
                }
                None => return Err(cx.arg_value_error(1, "is not a valid codepoint")),
            }
        }
    };
    cx.state::<Set>().substitute = Some(substitute);
    Ok(Value::Bool(true))
}

/// What `mb_get_info` tells, in its order.
fn info(cx: &mut Cx) -> Ret<Vec<(&'static str, Value)>> {
    let language = current_language(cx);
    let on = |set: bool| Value::str(if set { "On" } else { "Off" });
    let order = mb_detect_order(cx, &Value::Null)?;
    Ok(vec![
        ("internal_encoding", Value::str(internal(cx).name)),
        ("http_output", Value::str(http_output(cx).name)),
        (
            "http_output_conv_mimetypes",
            Value::str(cx.ini.bytes("mbstring.http_output_conv_mimetypes")),
        ),
        ("mail_charset", Value::str(language.mail_charset)),
        ("mail_header_encoding", Value::str(language.mail_header)),
        ("mail_body_encoding", Value::str(language.mail_body)),
        ("illegal_chars", Value::Int(cx.state::<Set>().illegal)),
        ("encoding_translation", on(cx.ini.bool("mbstring.encoding_translation"))),
        ("language", Value::str(language.name)),
        ("detect_order", order),
        ("substitute_character", mb_substitute_character(cx, &Value::Null)?),
        ("strict_detection", on(cx.ini.bool("mbstring.strict_detection"))),
    ])
}

pub fn mb_get_info(cx: &mut Cx, kind: &PhpString) -> Ret<Value> {
    let info = info(cx)?;
    if kind.eq_ignore_ascii_case(b"all") {
        return Ok(Value::Array(
            info.into_iter().map(|(k, v)| (outlast_value::Key::from(k), v)).collect(),
        ));
    }
    if kind.eq_ignore_ascii_case(b"http_input") {
        return Ok(Value::Null);
    }
    match info.into_iter().find(|(k, _)| kind.eq_ignore_ascii_case(k.as_bytes())) {
        Some((_, value)) => Ok(value),
        None => {
            cx.warning("argument #1 ($type) must be a valid type")?;
            Ok(Value::Bool(false))
        }
    }
}

pub fn mb_list_encodings(_: &mut Cx) -> Ret<PhpArray> {
    Ok(encodings::ENCODINGS.iter().map(|e| Value::str(e.name)).collect())
}

pub fn mb_encoding_aliases(cx: &mut Cx, name: &PhpString) -> Ret<PhpArray> {
    let encoding = encoding_arg(cx, 1, Some(name))?;
    Ok(encoding.aliases.iter().map(Value::str).collect())
}

pub fn mb_preferred_mime_name(cx: &mut Cx, name: &PhpString) -> Ret<OrFalse<&'static str>> {
    let Some(encoding) = find(name) else {
        let text = format!("must be a valid encoding, \"{}\" given", name.to_str_lossy());
        return Err(cx.arg_value_error(1, &text));
    };
    if encoding.mime.is_none() {
        let name = name.to_str_lossy();
        cx.warning(format!("No MIME preferred name corresponding to \"{name}\""))?;
    }
    Ok(OrFalse(encoding.mime))
}
