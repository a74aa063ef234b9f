//! `DateTime`, `DateTimeImmutable` and the functions on them.

mod create;
mod functions_stub;
mod immutable;
mod immutable_stub;
mod interface_stub;
mod mutable;
mod mutable_stub;
mod state;

pub(crate) static MODULES: [&NativeModule; 4] = [
    &interface_stub::MODULE,
    &mutable_stub::MODULE,
    &immutable_stub::MODULE,
    &functions_stub::MODULE,
];

use crate::interval::{IntervalState, interval_object};
use crate::objects::{complain, copy, create as create_slot, get, peek};
use crate::parsing::{at_position, last_errors, remember};
use crate::zones::zone_object;
use create::{
    date_create, date_create_from_format, date_create_immutable, date_create_immutable_from_format,
    date_time_construct, date_time_create_from_format, date_time_create_from_other,
    date_time_create_from_timestamp,
};
use immutable::*;
use mutable::*;
use outlast_datetime::{DateTime, Interval, diff, format, parse};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeModule, ObjectHandlers, OrFalse, Ret};
use state::{
    date_time_immutable_magic_set_state, date_time_immutable_magic_unserialize,
    date_time_immutable_magic_wakeup, date_time_magic_serialize, date_time_magic_set_state,
    date_time_magic_unserialize, date_time_magic_wakeup, properties,
};
use std::cmp::Ordering;

static TIME_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create_slot::<DateTime>),
    clone: Some(copy::<DateTime>),
    compare: Some(compare),
    properties: Some(properties),
    ..ObjectHandlers::STANDARD
};

fn compare(cx: &mut Cx, a: &Value, b: &Value) -> Ret<Option<Ordering>> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return Ok(None) };
    match (peek::<DateTime>(a), peek::<DateTime>(b)) {
        (Some(a), Some(b)) => Ok(a.partial_cmp(&b)),
        _ => {
            let text = "Trying to compare an incomplete DateTime or DateTimeImmutable object";
            Err(cx.throw("DateObjectError", text))
        }
    }
}

fn date_time_format(cx: &mut Cx, this: &Object, spec: &PhpString) -> Ret<Vec<u8>> {
    let time: DateTime = get(cx, this)?;
    Ok(format(spec, &time, true))
}

fn date_time_get_timezone(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    zone_object(cx, time.zone)
}

fn date_time_get_offset(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let time: DateTime = get(cx, this)?;
    Ok(i64::from(time.offset))
}

fn date_time_get_timestamp(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let time: DateTime = get(cx, this)?;
    Ok(time.timestamp)
}

fn date_time_get_microsecond(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let time: DateTime = get(cx, this)?;
    Ok(time.micro)
}

fn date_time_get_last_errors(cx: &mut Cx) -> Ret<OrFalse<PhpArray>> {
    last_errors(cx)
}

fn date_time_diff(cx: &mut Cx, this: &Object, target: &Object, absolute: bool) -> Ret<Object> {
    let from: DateTime = get(cx, this)?;
    let to: DateTime = get(cx, target)?;
    let mut interval = diff(&from, &to);
    interval.invert &= !absolute;
    interval_object(cx, IntervalState { interval, text: None })
}

/// `modify()`; nothing where the text is wrong and that was only warned about.
fn modified(cx: &mut Cx, time: &DateTime, text: &[u8]) -> Ret<Option<DateTime>> {
    let parsed = parse(text);
    remember(cx, &parsed);
    let Some(error) = parsed.errors.first() else { return Ok(Some(time.modify(&parsed))) };
    let reason = at_position(error);
    let text = [b"Failed to parse time string (", text, b") ", &reason].concat();
    complain(cx, "DateMalformedStringException", &text)?;
    Ok(None)
}

/// `sub()`; nothing where the interval cannot be subtracted and that was only warned about.
fn subtracted(cx: &mut Cx, time: &DateTime, interval: &Interval) -> Ret<Option<DateTime>> {
    if !interval.has_special() {
        return Ok(Some(time.sub(interval)));
    }
    let text = b"Only non-special relative time specifications are supported for subtraction";
    complain(cx, "DateInvalidOperationException", text)?;
    Ok(None)
}

/// `setMicrosecond()`
fn with_micro(cx: &mut Cx, time: DateTime, micro: i64) -> Ret<DateTime> {
    if !(0..1_000_000).contains(&micro) {
        let text = format!("must be between 0 and 999999, {micro} given");
        return Err(cx.arg_error("DateRangeError", 1, &text));
    }
    Ok(DateTime { micro, ..time })
}
