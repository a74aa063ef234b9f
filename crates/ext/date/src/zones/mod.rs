//! `DateTimeZone` and the functions on time zones.

mod zones_stub;

pub(crate) use zones_stub::MODULE;

use crate::fields::{put, record};
use crate::objects::{
    complain, copy, create, get, instance, invalid_data, peek, restore_members, set,
};
use outlast_datetime::zone::{
    self, Group, Transition, abbreviations, identifiers, identifiers_of_country,
    name_from_abbreviation, parse_zone_text,
};
use outlast_datetime::{DateTime, Zone, format};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, PropertiesFor, Ret};
use std::cmp::Ordering;

static ZONE_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create::<Zone>),
    clone: Some(copy::<Zone>),
    compare: Some(compare),
    properties: Some(properties),
    ..ObjectHandlers::STANDARD
};

const OWN: &[&str] = &["timezone_type", "timezone"];

fn compare(cx: &mut Cx, a: &Value, b: &Value) -> Ret<Option<Ordering>> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return Ok(None) };
    let (Some(a), Some(b)) = (peek::<Zone>(a), peek::<Zone>(b)) else {
        let text = "Trying to compare uninitialized DateTimeZone objects";
        return Err(cx.throw("DateObjectError", text));
    };
    if a.kind() != b.kind() {
        let text = "Cannot compare two different kinds of DateTimeZone objects";
        return Err(cx.throw("DateException", text));
    }
    Ok((a == b).then_some(Ordering::Equal))
}

fn properties(cx: &mut Cx, object: &Object, _purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut fields = cx.mangled_vars(object);
    if let Some(zone) = peek::<Zone>(object) {
        put_zone(&mut fields, &zone);
    }
    Ok(fields)
}

/// The elements that stand for a zone where an object is shown.
pub(crate) fn put_zone(fields: &mut PhpArray, zone: &Zone) {
    put(fields, "timezone_type", Value::Int(i64::from(zone.kind())));
    put(fields, "timezone", Value::str(zone.name()));
}

/// A `DateTimeZone`.
pub(crate) fn zone_object(cx: &mut Cx, zone: Zone) -> Ret<Object> {
    instance(cx, "DateTimeZone", zone)
}

/// The zone a text names, or what is wrong with the text.
fn named(text: &[u8]) -> Result<Zone, Vec<u8>> {
    let mut position = 0;
    let found = parse_zone_text(text, &mut position);
    let about = |what: &[u8]| [what, b" (", text, b")"].concat();
    match found.zone {
        Some(Zone::Offset(offset)) if offset.unsigned_abs() >= 100 * 3600 => {
            Err(about(b"Timezone offset is out of range"))
        }
        Some(zone) if found.known && position == text.len() => Ok(zone),
        _ => Err(about(b"Unknown or bad timezone")),
    }
}

fn date_time_zone_construct(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<()> {
    if name.contains(&0) {
        return Err(cx.arg_value_error(1, "must not contain any null bytes"));
    }
    match named(name) {
        Ok(zone) => {
            set(this, zone);
            Ok(())
        }
        Err(text) => complain(cx, "DateInvalidTimeZoneException", &text),
    }
}

fn timezone_open(cx: &mut Cx, name: &PhpString) -> Ret<OrFalse<Object>> {
    if name.contains(&0) {
        return Err(cx.arg_value_error(1, "must not contain any null bytes"));
    }
    match named(name) {
        Ok(zone) => Ok(OrFalse(Some(zone_object(cx, zone)?))),
        Err(text) => {
            cx.warning(text)?;
            Ok(OrFalse(None))
        }
    }
}

fn date_time_zone_get_name(cx: &mut Cx, this: &Object) -> Ret<String> {
    Ok(get::<Zone>(cx, this)?.name())
}

fn date_time_zone_get_offset(cx: &mut Cx, this: &Object, time: &Object) -> Ret<i64> {
    let zone: Zone = get(cx, this)?;
    let time: DateTime = get(cx, time)?;
    Ok(i64::from(zone.offset_at(time.timestamp).0))
}

fn date_time_zone_get_transitions(
    cx: &mut Cx,
    this: &Object,
    begin: i64,
    end: i64,
) -> Ret<OrFalse<PhpArray>> {
    let Zone::Identifier(zone) = get::<Zone>(cx, this)? else { return Ok(OrFalse(None)) };
    // Without an end, the list goes as far as 32 bits do.
    let end = if end == i64::MAX { i64::from(i32::MAX) } else { end };
    let list = zone.transitions(begin, end).into_iter().map(|transition| {
        let Transition { timestamp, offset, dst, abbreviation } = transition;
        let time = DateTime::from_timestamp(timestamp, 0, Zone::utc());
        Value::Array(record([
            ("ts", Value::Int(timestamp)),
            ("time", Value::str(format(br"x-m-d\TH:i:sP", &time, true))),
            ("offset", Value::Int(i64::from(offset))),
            ("isdst", Value::Bool(dst)),
            ("abbr", Value::str(abbreviation)),
        ]))
    });
    Ok(OrFalse(Some(PhpArray::from_list(list.collect()))))
}

fn date_time_zone_get_location(cx: &mut Cx, this: &Object) -> Ret<OrFalse<PhpArray>> {
    let Zone::Identifier(zone) = get::<Zone>(cx, this)? else { return Ok(OrFalse(None)) };
    let place = zone::location(&zone.name);
    Ok(OrFalse(Some(record([
        ("country_code", Value::str(place.country)),
        ("latitude", Value::Float(place.latitude)),
        ("longitude", Value::Float(place.longitude)),
        ("comments", Value::str(place.comments)),
    ]))))
}

fn date_time_zone_list_abbreviations(_cx: &mut Cx) -> Ret<PhpArray> {
    let mut list = PhpArray::new();
    for (name, meanings) in abbreviations() {
        let meanings = meanings.into_iter().map(|meaning| {
            Value::Array(record([
                ("dst", Value::Bool(meaning.dst)),
                ("offset", Value::Int(i64::from(meaning.offset))),
                ("timezone_id", meaning.zone.map_or(Value::Null, Value::str)),
            ]))
        });
        put(&mut list, &name, Value::Array(PhpArray::from_list(meanings.collect())));
    }
    Ok(list)
}

fn date_time_zone_list_identifiers(
    cx: &mut Cx,
    group: i64,
    country: Option<&PhpString>,
) -> Ret<PhpArray> {
    let per_country = group == i64::from(Group::PER_COUNTRY.0);
    let names = if per_country {
        let Some(country) = country.filter(|country| country.len() == 2) else {
            let text = "must be a two-letter ISO 3166-1 compatible country code when argument #1 \
                        ($timezoneGroup) is DateTimeZone::PER_COUNTRY";
            return Err(cx.arg_value_error(2, text));
        };
        identifiers_of_country(country)
    } else {
        identifiers(Group(group as u32))
    };
    Ok(names.into_iter().map(Value::str).collect())
}

fn timezone_name_from_abbr(
    _cx: &mut Cx,
    name: &PhpString,
    offset: i64,
    dst: i64,
) -> Ret<OrFalse<String>> {
    let dst = (dst != -1).then_some(dst != 0);
    Ok(OrFalse(name_from_abbreviation(name, offset, dst)))
}

fn timezone_version_get(_cx: &mut Cx) -> Ret<String> {
    // PHP names the year and the number of its release.
    let version = zone::database_version();
    let (year, letter) = version.split_at_checked(4).unwrap_or((version, ""));
    let number = letter.bytes().next().map_or(0, |letter| letter - b'a' + 1);
    Ok(format!("{year}.{number}"))
}

/// The zone of the elements that stand for one.
pub(crate) fn zone_from(data: &PhpArray) -> Option<Zone> {
    let kind = data.get_str(b"timezone_type")?.deref().as_int()?;
    let name = data.get_str(b"timezone")?.deref();
    let name = name.as_str()?;
    if name.contains(&0) {
        return None;
    }
    named(name).ok().filter(|zone| (1..=3).contains(&kind) && i64::from(zone.kind()) == kind)
}

fn date_time_zone_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let zone: Zone = get(cx, this)?;
    let mut fields = PhpArray::new();
    put_zone(&mut fields, &zone);
    for (key, value) in cx.mangled_vars(this).into_entries() {
        fields.insert(key, value);
    }
    Ok(fields)
}

fn date_time_zone_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let Some(zone) = zone_from(&data) else { return Err(invalid_data(cx, "DateTimeZone")) };
    set(this, zone);
    restore_members(cx, this, &data, OWN)
}

fn date_time_zone_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = cx.mangled_vars(this);
    let Some(zone) = zone_from(&data) else { return Err(invalid_data(cx, "DateTimeZone")) };
    set(this, zone);
    Ok(())
}

fn date_time_zone_magic_set_state(cx: &mut Cx, data: PhpArray) -> Ret<Object> {
    match zone_from(&data) {
        Some(zone) => zone_object(cx, zone),
        None => Err(invalid_data(cx, "DateTimeZone")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_zones() {
        assert_eq!(named(b"europe/berlin").unwrap().name(), "Europe/Berlin");
        assert_eq!(named(b"+02:00").unwrap().kind(), 1);
        assert_eq!(named(b"foo").unwrap_err(), b"Unknown or bad timezone (foo)");
        assert_eq!(named(b"UTC+3:00").unwrap_err(), b"Unknown or bad timezone (UTC+3:00)");
        let far = named(b"+99:60").unwrap_err();
        assert_eq!(far, b"Timezone offset is out of range (+99:60)");
    }
}
