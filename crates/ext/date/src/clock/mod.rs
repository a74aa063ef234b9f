//! Functions on Unix timestamps.

mod clock_stub;
mod strftime;

pub(crate) use clock_stub::MODULE;

use crate::fields::record;
use crate::settings::{SETTINGS, State, default_zone, default_zone_name, local, now};
use outlast_datetime::{DateTime, Fill, Zone, civil, format, full_year, idate as part, parse};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use strftime::{gmstrftime, strftime};

fn time(_cx: &mut Cx) -> Ret<i64> {
    Ok(now().0)
}

fn strtotime(cx: &mut Cx, text: &PhpString, base: Option<i64>) -> Ret<OrFalse<i64>> {
    let parsed = parse(text);
    if !parsed.errors.is_empty() {
        return Ok(OrFalse(None));
    }
    let base = local(cx, base);
    Ok(OrFalse(Some(DateTime::resolve(&parsed, &base, Fill::Midnight).timestamp)))
}

fn date(cx: &mut Cx, spec: &PhpString, timestamp: Option<i64>) -> Ret<Vec<u8>> {
    let time = local(cx, timestamp);
    Ok(format(spec, &time, true))
}

fn gmdate(_cx: &mut Cx, spec: &PhpString, timestamp: Option<i64>) -> Ret<Vec<u8>> {
    let timestamp = timestamp.unwrap_or_else(|| now().0);
    Ok(format(spec, &DateTime::from_timestamp(timestamp, 0, Zone::utc()), false))
}

fn idate(cx: &mut Cx, spec: &PhpString, timestamp: Option<i64>) -> Ret<OrFalse<i64>> {
    let [letter] = **spec else {
        cx.warning("idate format is one char")?;
        return Ok(OrFalse(None));
    };
    let time = local(cx, timestamp);
    let found = part(letter, &time);
    if found.is_none() {
        cx.warning("Unrecognized date format token")?;
    }
    Ok(OrFalse(found))
}

/// `mktime()` in a zone; what is left out is that of now.
fn make(zone: Zone, hour: i64, rest: [Option<i64>; 5]) -> OrFalse<i64> {
    let base = DateTime::from_timestamp(now().0, 0, zone);
    let [minute, second, month, day, year] = rest;
    let date =
        [year.map_or(base.year, full_year), month.unwrap_or(base.month), day.unwrap_or(base.day)];
    let time = [hour, minute.unwrap_or(base.minute), second.unwrap_or(base.second)];
    OrFalse(Some(base.with_fields(date, time).timestamp))
}

fn mktime(
    cx: &mut Cx,
    hour: i64,
    minute: Option<i64>,
    second: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    year: Option<i64>,
) -> Ret<OrFalse<i64>> {
    let zone = default_zone(cx);
    Ok(make(zone, hour, [minute, second, month, day, year]))
}

fn gmmktime(
    _cx: &mut Cx,
    hour: i64,
    minute: Option<i64>,
    second: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    year: Option<i64>,
) -> Ret<OrFalse<i64>> {
    Ok(make(Zone::utc(), hour, [minute, second, month, day, year]))
}

fn checkdate(_cx: &mut Cx, month: i64, day: i64, year: i64) -> Ret<bool> {
    Ok(civil::check_date(year, month, day))
}

fn localtime(cx: &mut Cx, timestamp: Option<i64>, associative: bool) -> Ret<PhpArray> {
    let t = local(cx, timestamp);
    let fields = record([
        ("tm_sec", Value::Int(t.second)),
        ("tm_min", Value::Int(t.minute)),
        ("tm_hour", Value::Int(t.hour)),
        ("tm_mday", Value::Int(t.day)),
        ("tm_mon", Value::Int(t.month - 1)),
        ("tm_year", Value::Int(t.year - 1900)),
        ("tm_wday", Value::Int(civil::day_of_week(t.year, t.month, t.day))),
        ("tm_yday", Value::Int(civil::day_of_year(t.year, t.month, t.day))),
        ("tm_isdst", Value::Int(i64::from(t.dst))),
    ]);
    Ok(if associative { fields } else { PhpArray::from_list(fields.into_values()) })
}

fn getdate(cx: &mut Cx, timestamp: Option<i64>) -> Ret<PhpArray> {
    let t = local(cx, timestamp);
    let mut fields = record([
        ("seconds", Value::Int(t.second)),
        ("minutes", Value::Int(t.minute)),
        ("hours", Value::Int(t.hour)),
        ("mday", Value::Int(t.day)),
        ("wday", Value::Int(civil::day_of_week(t.year, t.month, t.day))),
        ("mon", Value::Int(t.month)),
        ("year", Value::Int(t.year)),
        ("yday", Value::Int(civil::day_of_year(t.year, t.month, t.day))),
        ("weekday", Value::str(format(b"l", &t, true))),
        ("month", Value::str(format(b"F", &t, true))),
    ]);
    fields.insert(Key::Int(0), Value::Int(t.timestamp));
    Ok(fields)
}

fn date_default_timezone_set(cx: &mut Cx, name: &PhpString) -> Ret<bool> {
    if Zone::from_identifier(name).is_none() {
        cx.notice([b"Timezone ID '", &**name, b"' is invalid"].concat())?;
        return Ok(false);
    }
    cx.state::<State>().default_zone = Some(name.to_vec());
    Ok(true)
}

fn date_default_timezone_get(cx: &mut Cx) -> Ret<Vec<u8>> {
    Ok(default_zone_name(cx))
}
