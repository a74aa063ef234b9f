//! How the objects come to be.

use crate::objects::{get, in_method, instance, instance_of, peek, set};
use crate::parsing::{at_position, refuse_null_bytes, remember};
use crate::settings::{default_zone, now};
use outlast_datetime::{DateTime, Fill, Parsed, Zone, parse, parse_by_format};
use outlast_value::{Object, PhpString, Value};
use outlast_vm::{ClassRef, Cx, OrFalse, Ret};

/// The instant a text names; `zone` is that of a text without one.
pub(super) fn resolve(cx: &mut Cx, parsed: &Parsed, zone: Option<Zone>, fill: Fill) -> DateTime {
    let zone = match zone.or_else(|| parsed.zone.clone()) {
        Some(zone) => zone,
        None => default_zone(cx),
    };
    let (timestamp, micro) = now();
    DateTime::resolve(parsed, &DateTime::from_timestamp(timestamp, micro, zone), fill)
}

/// Reads a text for a constructor or `date_create()`; nothing if that fails quietly.
fn from_text(cx: &mut Cx, text: &[u8], zone: Option<&Object>) -> Ret<Option<DateTime>> {
    let parsed = parse(if text.is_empty() { b"now" } else { text });
    remember(cx, &parsed);
    if let Some(error) = parsed.errors.first() {
        if !in_method(cx) {
            return Ok(None);
        }
        let reason = at_position(error);
        let text = [b"Failed to parse time string (", text, b") ", &reason].concat();
        return Err(cx.throw("DateMalformedStringException", text));
    }
    let zone = zone.map(|zone| given_zone(cx, zone)).transpose()?;
    Ok(Some(resolve(cx, &parsed, zone, Fill::Midnight)))
}

/// The zone of an argument.
fn given_zone(cx: &mut Cx, zone: &Object) -> Ret<Zone> {
    peek(zone).ok_or_else(|| {
        let text = "The DateTimeZone object has not been correctly initialized by its constructor";
        cx.throw_error(text)
    })
}

fn from_format(
    cx: &mut Cx,
    spec: &[u8],
    text: &[u8],
    zone: Option<&Object>,
) -> Ret<Option<DateTime>> {
    refuse_null_bytes(cx, 2, text)?;
    let parsed = parse_by_format(spec, text);
    remember(cx, &parsed);
    if !parsed.errors.is_empty() {
        return Ok(None);
    }
    let zone = zone.map(|zone| given_zone(cx, zone)).transpose()?;
    Ok(Some(resolve(cx, &parsed, zone, Fill::Time)))
}

pub(super) fn date_time_construct(
    cx: &mut Cx,
    this: &Object,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<()> {
    if let Some(time) = from_text(cx, text, zone)? {
        set(this, time);
    }
    Ok(())
}

fn object_or_false(cx: &mut Cx, class: &str, time: Option<DateTime>) -> Ret<OrFalse<Object>> {
    Ok(OrFalse(time.map(|time| instance(cx, class, time)).transpose()?))
}

pub(super) fn date_create(
    cx: &mut Cx,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<OrFalse<Object>> {
    let time = from_text(cx, text, zone)?;
    object_or_false(cx, "DateTime", time)
}

pub(super) fn date_create_immutable(
    cx: &mut Cx,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<OrFalse<Object>> {
    let time = from_text(cx, text, zone)?;
    object_or_false(cx, "DateTimeImmutable", time)
}

pub(super) fn date_create_from_format(
    cx: &mut Cx,
    spec: &PhpString,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<OrFalse<Object>> {
    let time = from_format(cx, spec, text, zone)?;
    object_or_false(cx, "DateTime", time)
}

pub(super) fn date_create_immutable_from_format(
    cx: &mut Cx,
    spec: &PhpString,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<OrFalse<Object>> {
    let time = from_format(cx, spec, text, zone)?;
    object_or_false(cx, "DateTimeImmutable", time)
}

/// The class a static method was called on.
fn late_class(called: Option<ClassRef>) -> ClassRef {
    called.expect("static methods are called on a class")
}

pub(super) fn date_time_create_from_format(
    cx: &mut Cx,
    called: Option<ClassRef>,
    spec: &PhpString,
    text: &PhpString,
    zone: Option<&Object>,
) -> Ret<OrFalse<Object>> {
    let time = from_format(cx, spec, text, zone)?;
    let object = time.map(|time| instance_of(cx, late_class(called), time)).transpose()?;
    Ok(OrFalse(object))
}

pub(super) fn date_time_create_from_other(
    cx: &mut Cx,
    called: Option<ClassRef>,
    other: &Object,
) -> Ret<Object> {
    let time: DateTime = get(cx, other)?;
    instance_of(cx, late_class(called), time)
}

pub(super) fn date_time_create_from_timestamp(
    cx: &mut Cx,
    called: Option<ClassRef>,
    timestamp: &Value,
) -> Ret<Object> {
    let (seconds, micro) = match timestamp {
        Value::Float(instant) => {
            let range = -9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0;
            if !range.contains(instant) {
                let mut given = cx.float_to_string(*instant).to_str_lossy().into_owned();
                if instant.is_finite() {
                    given.make_ascii_lowercase();
                }
                let text = format!(
                    "must be a finite number between -9223372036854775808 and \
                     9223372036854775807.999999, {given} given"
                );
                return Err(cx.arg_error("DateRangeError", 1, &text));
            }
            let whole = instant.floor();
            match ((instant - whole) * 1_000_000.0).round() as i64 {
                1_000_000 => (whole as i64 + 1, 0),
                micro => (whole as i64, micro),
            }
        }
        value => (cx.to_int(value)?, 0),
    };
    let time = DateTime::from_timestamp(seconds, micro, Zone::Offset(0));
    instance_of(cx, late_class(called), time)
}
