//! The settings, and what they may be.

use crate::report::{raise, refuse, warning};
use crate::state::{is_active, session};
use crate::{save, serializer};
use outlast_value::PhpString;
use outlast_vm::ini::{Display, IniDef, access, parse_bool, parse_quantity};
use outlast_vm::{Cx, Ret, Unwind, level};

const HERE: u32 = access::PERDIR | access::SYSTEM;

/// Characters that a name may not have: they would break the cookie or the name of a variable.
pub const FORBIDDEN: &[u8] = b"=,;.[ \t\r\n\x0b\x0c";

const fn guarded(name: &'static str, default: &'static str) -> IniDef {
    IniDef::all(name, default).checked(may_change)
}
const fn here(name: &'static str, default: &'static str) -> IniDef {
    IniDef::new(name, Some(default), HERE)
}

pub static SETTINGS: &[IniDef] = &[
    IniDef::all("session.save_path", "").checked(check_save_path),
    IniDef::all("session.name", "PHPSESSID").checked(check_name),
    IniDef::all("session.save_handler", "files").checked(check_save_handler),
    here("session.auto_start", "0"),
    IniDef::all("session.gc_probability", "1").checked(check_gc_probability),
    IniDef::all("session.gc_divisor", "100").checked(check_gc_divisor),
    guarded("session.gc_maxlifetime", "1440"),
    IniDef::all("session.serialize_handler", "php").checked(check_serializer),
    IniDef::all("session.cookie_lifetime", "0").checked(check_cookie_lifetime),
    guarded("session.cookie_path", "/"),
    guarded("session.cookie_domain", ""),
    guarded("session.cookie_secure", "0"),
    guarded("session.cookie_httponly", "0"),
    guarded("session.cookie_samesite", ""),
    guarded("session.use_cookies", "1"),
    IniDef::all("session.use_only_cookies", "1").checked(check_use_only_cookies),
    guarded("session.use_strict_mode", "0"),
    IniDef::all("session.referer_check", "").checked(check_referer),
    guarded("session.cache_limiter", "nocache"),
    guarded("session.cache_expire", "180"),
    IniDef::all("session.use_trans_sid", "0").checked(check_use_trans_sid),
    IniDef::all("session.sid_length", "32").checked(check_sid_length),
    IniDef::all("session.sid_bits_per_character", "4").checked(check_sid_bits),
    guarded("session.lazy_write", "1"),
    here("session.upload_progress.enabled", "1"),
    here("session.upload_progress.cleanup", "1"),
    here("session.upload_progress.prefix", "upload_progress_"),
    here("session.upload_progress.name", "PHP_SESSION_UPLOAD_PROGRESS"),
    here("session.upload_progress.freq", "1%").checked(check_freq),
    here("session.upload_progress.min_freq", "1"),
];

/// Nothing may change while there is a session, or once headers are sent.
fn may_change(cx: &mut Cx, _: &[u8]) -> Ret<bool> {
    if session(cx).startup.is_some() {
        return Ok(true);
    }
    if is_active(cx) {
        return refuse(cx, "Session ini settings cannot be changed when a session is active");
    }
    if cx.headers_sent().0 {
        return refuse(
            cx,
            "Session ini settings cannot be changed after headers have already been sent",
        );
    }
    Ok(true)
}

fn deprecated(cx: &mut Cx, message: &str) -> Ret<()> {
    raise(cx, level::DEPRECATED, message)
}

fn check_save_path(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    Ok(may_change(cx, value)? && !value.contains(&0))
}

fn check_name(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    let bad = value.is_empty()
        || value.iter().any(|b| *b == 0 || FORBIDDEN.contains(b))
        || outlast_number::is_numeric(value);
    if bad {
        let shown = String::from_utf8_lossy(value);
        return refuse(
            cx,
            &format!(
                "session.name \"{shown}\" must not be numeric, empty, contain null bytes or any of \
                 the following characters \"=,;.[ \\t\\r\\n\\013\\014\""
            ),
        );
    }
    Ok(true)
}

fn check_save_handler(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    let Some(kind) = save::Kind::named(value) else {
        let shown = String::from_utf8_lossy(value).into_owned();
        return refuse(cx, &format!("Session save handler \"{shown}\" cannot be found"));
    };
    if kind == save::Kind::User && !session(cx).setting_handler {
        let fatal = session(cx).startup.is_some();
        let level = if fatal { level::ERROR } else { level::WARNING };
        raise(cx, level, "Session save handler \"user\" cannot be set by ini_set()")?;
        return Ok(false);
    }
    session(cx).has_default = save::kind(cx) == Some(save::Kind::Files);
    Ok(true)
}

fn check_gc_probability(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if parse_quantity(value).0 < 0 {
        return refuse(cx, "session.gc_probability must be greater than or equal to 0");
    }
    Ok(true)
}

fn check_gc_divisor(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if parse_quantity(value).0 <= 0 {
        return refuse(cx, "session.gc_divisor must be greater than 0");
    }
    Ok(true)
}

fn check_serializer(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if serializer::Kind::named(value).is_none() {
        let shown = String::from_utf8_lossy(value);
        return refuse(cx, &format!("Serialization handler \"{shown}\" cannot be found"));
    }
    Ok(true)
}

fn check_cookie_lifetime(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if parse_quantity(value).0 < 0 {
        return refuse(cx, "CookieLifetime cannot be negative");
    }
    Ok(true)
}

fn check_use_only_cookies(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if !parse_bool(value) {
        deprecated(cx, "Disabling session.use_only_cookies INI setting is deprecated")?;
    }
    Ok(true)
}

fn check_use_trans_sid(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if parse_bool(value) {
        deprecated(cx, "Enabling session.use_trans_sid INI setting is deprecated")?;
    }
    Ok(true)
}

fn check_referer(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    if !value.is_empty() {
        deprecated(cx, "Usage of session.referer_check INI setting is deprecated")?;
    }
    Ok(true)
}

/// A setting of ids that should stay as it is.
fn check_shape(
    cx: &mut Cx,
    value: &[u8],
    name: &str,
    default: i64,
    range: std::ops::RangeInclusive<i64>,
) -> Ret<bool> {
    if !may_change(cx, value)? {
        return Ok(false);
    }
    let number = parse_quantity(value).0;
    if number != default {
        deprecated(cx, &format!("session.{name} INI setting is deprecated"))?;
    }
    if !range.contains(&number) {
        let (from, to) = range.into_inner();
        let text =
            format!("session.configuration \"session.{name}\" must be between {from} and {to}");
        warning(cx, &text)?;
        return Ok(false);
    }
    Ok(true)
}

fn check_freq(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    let number = parse_quantity(value.strip_suffix(b"%").unwrap_or(value)).0;
    if number < 0 {
        return refuse(cx, "session.upload_progress.freq must be greater than or equal to 0");
    }
    if value.ends_with(b"%") && number > 100 {
        return refuse(cx, "session.upload_progress.freq must be less than or equal to 100%");
    }
    Ok(true)
}

/// Settings of URL rewriting, which belong to another extension, with their defaults.
const REWRITING: [(&str, &str); 2] = [
    ("session.trans_sid_hosts", ""),
    ("session.trans_sid_tags", "a=href,area=href,frame=src,form="),
];

/// Checks what was configured, as PHP does when it starts: bad values give way to the defaults, and what there
/// is to say stands before all output.
pub fn check_configured(cx: &mut Cx) -> Ret<()> {
    session(cx).startup = Some(Vec::new());
    for def in SETTINGS {
        let value = cx.ini.bytes(def.name).to_vec();
        let default = def.default.unwrap_or_default();
        if let Some(check) = def.check
            && value != default.as_bytes()
            && !check(cx, &value)?
        {
            cx.ini.force(def.name, PhpString::from(default));
        }
    }
    for (name, default) in REWRITING {
        if cx.ini.bytes(name) != default.as_bytes() {
            deprecated(cx, &format!("Usage of {name} INI setting is deprecated"))?;
        }
    }
    let mut fatal = false;
    for (level, message) in session(cx).startup.take().unwrap_or_default() {
        let label = match level {
            level::ERROR => "Fatal error",
            level::DEPRECATED => "Deprecated",
            _ => "Warning",
        };
        fatal |= level == level::ERROR;
        if cx.ini.error_reporting() & level == 0 {
            continue;
        }
        let text = format!("{label}: PHP Startup: {message} in Unknown on line 0");
        if cx.ini.display_errors() == Display::Output {
            // Before there are headers and buffers. That nobody reads it is noticed by the script.
            let _ = cx.sapi.write(format!("\n{text}\n").as_bytes());
        }
        if cx.ini.log_errors() {
            cx.log_message(format!("PHP {text}").as_bytes());
        }
    }
    if fatal {
        cx.exit_status = 255;
        return Err(Unwind::Fatal);
    }
    Ok(())
}

fn check_sid_length(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    check_shape(cx, value, "sid_length", 32, 22..=256)
}

fn check_sid_bits(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    check_shape(cx, value, "sid_bits_per_character", 4, 4..=6)
}
