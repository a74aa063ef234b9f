//! Sunrise and sunset.

mod sun_stub;

pub(crate) use sun_stub::MODULE;

use crate::fields::put;
use crate::settings::{default_zone, local};
use outlast_datetime::{DateTime, SunTimes, sun_times};
use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret};

fn date_sun_info(cx: &mut Cx, timestamp: i64, latitude: f64, longitude: f64) -> Ret<PhpArray> {
    for (argument, degrees) in [(2, latitude), (3, longitude)] {
        if !degrees.is_finite() {
            return Err(cx.arg_value_error(argument, "must be finite"));
        }
    }
    let time = local(cx, Some(timestamp));
    let mut info = PhpArray::new();
    let horizons = [
        ("sunrise", "sunset", -35.0 / 60.0, true),
        ("civil_twilight_begin", "civil_twilight_end", -6.0, false),
        ("nautical_twilight_begin", "nautical_twilight_end", -12.0, false),
        ("astronomical_twilight_begin", "astronomical_twilight_end", -18.0, false),
    ];
    for (begin, end, altitude, upper_limb) in horizons {
        let times = sun_times(&time, longitude, latitude, altitude, upper_limb);
        let (rise, set, noon) = match times {
            SunTimes::Below { transit } => (Value::Bool(false), Value::Bool(false), transit),
            SunTimes::Above { transit } => (Value::Bool(true), Value::Bool(true), transit),
            SunTimes::Crosses { transit, rise, set, .. } => {
                (Value::Int(rise), Value::Int(set), transit)
            }
        };
        put(&mut info, begin, rise);
        put(&mut info, end, set);
        if upper_limb {
            put(&mut info, "transit", Value::Int(noon));
        }
    }
    Ok(info)
}

/// The arguments of `date_sunrise()` and `date_sunset()` after the timestamp.
struct Request {
    shape: i64,
    latitude: Option<f64>,
    longitude: Option<f64>,
    zenith: Option<f64>,
    utc_offset: Option<f64>,
}

fn rise_or_set(cx: &mut Cx, timestamp: i64, asked: &Request, sunset: bool) -> Ret<Value> {
    let latitude = asked.latitude.unwrap_or_else(|| cx.ini.float("date.default_latitude"));
    let longitude = asked.longitude.unwrap_or_else(|| cx.ini.float("date.default_longitude"));
    let setting = if sunset { "date.sunset_zenith" } else { "date.sunrise_zenith" };
    let zenith = asked.zenith.unwrap_or_else(|| cx.ini.float(setting));
    if !matches!(asked.shape, 0..=2) {
        let text = "must be one of SUNFUNCS_RET_TIMESTAMP, SUNFUNCS_RET_STRING, or \
                    SUNFUNCS_RET_DOUBLE";
        return Err(cx.arg_value_error(2, text));
    }
    let zone = default_zone(cx);
    let time = DateTime::from_timestamp(timestamp, 0, zone);
    let utc_offset = asked.utc_offset.unwrap_or_else(|| f64::from(time.offset) / 3600.0);
    if ![utc_offset, latitude, longitude].into_iter().all(f64::is_finite) {
        return Ok(Value::Bool(false));
    }
    let times = sun_times(&time, longitude, latitude, 90.0 - zenith, true);
    let SunTimes::Crosses { rise, set, rise_hour, set_hour, .. } = times else {
        return Ok(Value::Bool(false));
    };
    if asked.shape == 0 {
        return Ok(Value::Int(if sunset { set } else { rise }));
    }
    let hour = if sunset { set_hour } else { rise_hour } + utc_offset;
    let hour =
        if (0.0..=24.0).contains(&hour) { hour } else { hour - (hour / 24.0).floor() * 24.0 };
    if !(0.0..=24.0).contains(&hour) {
        return Ok(Value::Bool(false));
    }
    Ok(match asked.shape {
        2 => Value::Float(hour),
        _ => {
            let whole = hour as i64;
            Value::str(format!("{whole:02}:{:02}", ((hour - whole as f64) * 60.0) as i64))
        }
    })
}

fn date_sunrise(
    cx: &mut Cx,
    timestamp: i64,
    shape: i64,
    latitude: Option<f64>,
    longitude: Option<f64>,
    zenith: Option<f64>,
    utc_offset: Option<f64>,
) -> Ret<Value> {
    let asked = Request { shape, latitude, longitude, zenith, utc_offset };
    rise_or_set(cx, timestamp, &asked, false)
}

fn date_sunset(
    cx: &mut Cx,
    timestamp: i64,
    shape: i64,
    latitude: Option<f64>,
    longitude: Option<f64>,
    zenith: Option<f64>,
    utc_offset: Option<f64>,
) -> Ret<Value> {
    let asked = Request { shape, latitude, longitude, zenith, utc_offset };
    rise_or_set(cx, timestamp, &asked, true)
}
