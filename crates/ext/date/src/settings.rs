//! The settings of the extension and what it keeps per script.

use outlast_datetime::{DateTime, Message, Zone};
use outlast_vm::ini::IniDef;
use outlast_vm::{Cx, Ret};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) static SETTINGS: &[IniDef] = &[
    IniDef::all("date.timezone", "UTC").checked(check_zone),
    IniDef::all("date.default_latitude", "31.7667"),
    IniDef::all("date.default_longitude", "35.2333"),
    IniDef::all("date.sunset_zenith", "90.833333"),
    IniDef::all("date.sunrise_zenith", "90.833333"),
];

/// Warnings and errors of the last text that was parsed.
#[derive(Clone, Default)]
pub(crate) struct Messages {
    pub warnings: Vec<Message>,
    pub errors: Vec<Message>,
}

/// What a script has set.
#[derive(Default)]
pub(crate) struct State {
    /// The name given to `date_default_timezone_set()`.
    pub default_zone: Option<Vec<u8>>,
    /// For `DateTime::getLastErrors()`.
    pub last_messages: Option<Messages>,
}

fn check_zone(cx: &mut Cx, value: &[u8]) -> Ret<bool> {
    if Zone::from_identifier(value).is_some() {
        return Ok(true);
    }
    let mut text = b"Invalid date.timezone value '".to_vec();
    text.extend_from_slice(value);
    text.extend_from_slice(b"', using 'UTC' instead");
    cx.warning(text)?;
    Ok(false)
}

/// The name of the default zone, as the script or the configuration wrote it.
pub(crate) fn default_zone_name(cx: &mut Cx) -> Vec<u8> {
    if let Some(name) = &cx.state::<State>().default_zone {
        return name.clone();
    }
    let name = cx.ini.bytes("date.timezone");
    if Zone::from_identifier(name).is_some() { name.to_vec() } else { b"UTC".to_vec() }
}

/// The default zone.
pub(crate) fn default_zone(cx: &mut Cx) -> Zone {
    let name = default_zone_name(cx);
    Zone::from_identifier(&name).unwrap_or_else(Zone::utc)
}

/// Seconds and microseconds since the epoch.
pub(crate) fn now() -> (i64, i64) {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (elapsed.as_secs() as i64, i64::from(elapsed.subsec_micros()))
}

/// An instant, or the present one, in the default zone.
pub(crate) fn local(cx: &mut Cx, timestamp: Option<i64>) -> DateTime {
    let zone = default_zone(cx);
    DateTime::from_timestamp(timestamp.unwrap_or_else(|| now().0), 0, zone)
}
