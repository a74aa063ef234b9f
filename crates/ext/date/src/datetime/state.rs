//! How dates are shown, serialized and restored.

use super::create::resolve;
use crate::fields::put;
use crate::objects::{get, instance, invalid_data, peek, restore_members, set};
use crate::zones::{put_zone, zone_from};
use outlast_datetime::{DateTime, Fill, Zone, format, parse};
use outlast_value::{Object, PhpArray, Value};
use outlast_vm::{Cx, PropertiesFor, Ret};

const OWN: &[&str] = &["date", "timezone_type", "timezone"];

fn put_time(fields: &mut PhpArray, time: &DateTime) {
    put(fields, "date", Value::str(format(b"x-m-d H:i:s.u", time, true)));
    put_zone(fields, &time.zone);
}

pub(super) fn properties(cx: &mut Cx, object: &Object, _purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut fields = cx.mangled_vars(object);
    if let Some(time) = peek::<DateTime>(object) {
        put_time(&mut fields, &time);
    }
    Ok(fields)
}

/// The date that such elements stand for.
fn time_from(cx: &mut Cx, data: &PhpArray) -> Option<DateTime> {
    let date = data.get_str(b"date")?.deref();
    let date = date.as_str()?;
    let zone = zone_from(data)?;
    let text = match &zone {
        Zone::Identifier(_) => date.to_vec(),
        zone => [date.as_bytes(), b" ", zone.name().as_bytes()].concat(),
    };
    let parsed = parse(&text);
    let zone = matches!(zone, Zone::Identifier(_)).then_some(zone);
    parsed.errors.is_empty().then(|| resolve(cx, &parsed, zone, Fill::Midnight))
}

pub(super) fn date_time_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let time: DateTime = get(cx, this)?;
    let mut fields = PhpArray::new();
    put_time(&mut fields, &time);
    for (key, value) in cx.mangled_vars(this).into_entries() {
        fields.insert(key, value);
    }
    Ok(fields)
}

fn restore(cx: &mut Cx, this: &Object, data: &PhpArray, class: &str) -> Ret<()> {
    let Some(time) = time_from(cx, data) else { return Err(invalid_data(cx, class)) };
    set(this, time);
    Ok(())
}

pub(super) fn date_time_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    restore(cx, this, &data, "DateTime")?;
    restore_members(cx, this, &data, OWN)
}

pub(super) fn date_time_immutable_magic_unserialize(
    cx: &mut Cx,
    this: &Object,
    data: PhpArray,
) -> Ret<()> {
    restore(cx, this, &data, "DateTimeImmutable")?;
    restore_members(cx, this, &data, OWN)
}

pub(super) fn date_time_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = cx.mangled_vars(this);
    restore(cx, this, &data, "DateTime")
}

pub(super) fn date_time_immutable_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = cx.mangled_vars(this);
    restore(cx, this, &data, "DateTimeImmutable")
}

fn from_state(cx: &mut Cx, data: &PhpArray, class: &str) -> Ret<Object> {
    match time_from(cx, data) {
        Some(time) => instance(cx, class, time),
        None => Err(invalid_data(cx, class)),
    }
}

pub(super) fn date_time_magic_set_state(cx: &mut Cx, data: PhpArray) -> Ret<Object> {
    from_state(cx, &data, "DateTime")
}

pub(super) fn date_time_immutable_magic_set_state(cx: &mut Cx, data: PhpArray) -> Ret<Object> {
    from_state(cx, &data, "DateTimeImmutable")
}
