//! What a text says, without making an instant of it.

mod parsing_stub;

pub(crate) use parsing_stub::MODULE;

use crate::fields::{put, record};
use crate::settings::{Messages, State};
use outlast_datetime::{EdgeOfMonth, Message, Parsed, Special, Zone, parse, parse_by_format};
use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

fn date_parse(cx: &mut Cx, text: &PhpString) -> Ret<PhpArray> {
    let parsed = parse(text);
    remember(cx, &parsed);
    Ok(described(&parsed))
}

fn date_parse_from_format(cx: &mut Cx, spec: &PhpString, text: &PhpString) -> Ret<PhpArray> {
    refuse_null_bytes(cx, 2, text)?;
    let parsed = parse_by_format(spec, text);
    remember(cx, &parsed);
    Ok(described(&parsed))
}

fn date_get_last_errors(cx: &mut Cx) -> Ret<OrFalse<PhpArray>> {
    last_errors(cx)
}

/// `DateTime::getLastErrors()`
pub(crate) fn last_errors(cx: &mut Cx) -> Ret<OrFalse<PhpArray>> {
    let last = cx.state::<State>().last_messages.as_ref();
    Ok(OrFalse(last.map(|last| {
        let mut array = PhpArray::new();
        put_messages(&mut array, &last.warnings, &last.errors);
        array
    })))
}

/// Keeps the messages for `DateTime::getLastErrors()`.
pub(crate) fn remember(cx: &mut Cx, parsed: &Parsed) {
    let silent = parsed.warnings.is_empty() && parsed.errors.is_empty();
    cx.state::<State>().last_messages = (!silent)
        .then(|| Messages { warnings: parsed.warnings.clone(), errors: parsed.errors.clone() });
}

/// A ValueError if the argument has null bytes.
pub(crate) fn refuse_null_bytes(cx: &mut Cx, argument: usize, text: &[u8]) -> Ret<()> {
    match text.contains(&0) {
        true => Err(cx.arg_value_error(argument, "must not contain any null bytes")),
        false => Ok(()),
    }
}

/// `at position 0 (f): The timezone …` of the first error.
pub(crate) fn at_position(message: &Message) -> Vec<u8> {
    let mut text = format!("at position {} (", message.position).into_bytes();
    text.push(shown(message));
    text.extend_from_slice(b"): ");
    text.extend_from_slice(message.text.as_bytes());
    text
}

/// The byte at the position; an empty text has none, and PHP shows a blank.
pub(crate) fn shown(message: &Message) -> u8 {
    if message.text == "Empty string" { b' ' } else { message.character }
}

fn put_messages(array: &mut PhpArray, warnings: &[Message], errors: &[Message]) {
    let list = |messages: &[Message]| {
        let mut list = PhpArray::new();
        for message in messages {
            list.insert(Key::Int(message.position as i64), Value::str(message.text));
        }
        Value::Array(list)
    };
    put(array, "warning_count", Value::Int(warnings.len() as i64));
    put(array, "warnings", list(warnings));
    put(array, "error_count", Value::Int(errors.len() as i64));
    put(array, "errors", list(errors));
}

fn described(parsed: &Parsed) -> PhpArray {
    let field = |field: Option<i64>| field.map_or(Value::Bool(false), Value::Int);
    let fraction = parsed.micro.map(|micro| micro as f64 / 1_000_000.0);
    let mut array = record([
        ("year", field(parsed.year)),
        ("month", field(parsed.month)),
        ("day", field(parsed.day)),
        ("hour", field(parsed.hour)),
        ("minute", field(parsed.minute)),
        ("second", field(parsed.second)),
        ("fraction", fraction.map_or(Value::Bool(false), Value::Float)),
    ]);
    put_messages(&mut array, &parsed.warnings, &parsed.errors);
    put(&mut array, "is_localtime", Value::Bool(parsed.is_local));
    if parsed.is_local {
        put_zone(&mut array, parsed);
    }
    if let Some(relative) = &parsed.relative {
        let mut fields = record([
            ("year", Value::Int(relative.years)),
            ("month", Value::Int(relative.months)),
            ("day", Value::Int(relative.days)),
            ("hour", Value::Int(relative.hours)),
            ("minute", Value::Int(relative.minutes)),
            ("second", Value::Int(relative.seconds)),
        ]);
        if let Some(weekday) = relative.weekday {
            put(&mut fields, "weekday", Value::Int(weekday.day));
        }
        if let Some(Special::WorkingDays(count)) = relative.special {
            put(&mut fields, "weekdays", Value::Int(count));
        }
        match relative.edge_of_month {
            Some(EdgeOfMonth::First) => {
                put(&mut fields, "first_day_of_month", Value::Bool(true));
            }
            Some(EdgeOfMonth::Last) => put(&mut fields, "last_day_of_month", Value::Bool(true)),
            None => {}
        }
        put(&mut array, "relative", Value::Array(fields));
    }
    array
}

fn put_zone(array: &mut PhpArray, parsed: &Parsed) {
    let kind = parsed.zone.as_ref().map_or(0, Zone::kind);
    put(array, "zone_type", Value::Int(i64::from(kind)));
    match &parsed.zone {
        Some(Zone::Offset(offset)) => {
            put(array, "zone", Value::Int(i64::from(*offset)));
            put(array, "is_dst", Value::Bool(false));
        }
        Some(Zone::Abbreviation(zone)) => {
            put(array, "zone", Value::Int(i64::from(zone.standard_offset)));
            put(array, "is_dst", Value::Bool(zone.dst));
            put(array, "tz_abbr", Value::str(&zone.name));
        }
        Some(Zone::Identifier(zone)) => {
            if let Some(abbreviation) = &parsed.zone_abbreviation {
                put(array, "tz_abbr", Value::str(abbreviation));
            }
            put(array, "tz_id", Value::str(&zone.name));
        }
        None => {}
    }
}
