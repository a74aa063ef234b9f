//! Methods that give a changed `DateTimeImmutable`.

use super::{modified, subtracted, with_micro};
use crate::interval::IntervalState;
use crate::objects::{get, set};
use outlast_datetime::{DateTime, Zone};
use outlast_value::{Object, PhpString};
use outlast_vm::{Cx, Ret};

/// A clone with another time.
fn changed(cx: &mut Cx, this: &Object, time: DateTime) -> Ret<Object> {
    let object = cx.clone_object(this)?;
    set(&object, time);
    Ok(object)
}

pub(super) fn date_time_immutable_modify(
    cx: &mut Cx,
    this: &Object,
    text: &PhpString,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let new = modified(cx, &time, text)?;
    changed(cx, this, new.unwrap_or(time))
}

pub(super) fn date_time_immutable_add(
    cx: &mut Cx,
    this: &Object,
    interval: &Object,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = {
        let interval: IntervalState = get(cx, interval)?;
        time.add(&interval.interval)
    };
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_sub(
    cx: &mut Cx,
    this: &Object,
    interval: &Object,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let new = {
        let interval: IntervalState = get(cx, interval)?;
        subtracted(cx, &time, &interval.interval)?
    };
    changed(cx, this, new.unwrap_or(time))
}

pub(super) fn date_time_immutable_set_timezone(
    cx: &mut Cx,
    this: &Object,
    zone: &Object,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = {
        let zone: Zone = get(cx, zone)?;
        time.with_zone(zone)
    };
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_set_time(
    cx: &mut Cx,
    this: &Object,
    hour: i64,
    minute: i64,
    second: i64,
    micro: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = time.with_time(hour, minute, second, micro);
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_set_date(
    cx: &mut Cx,
    this: &Object,
    year: i64,
    month: i64,
    day: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = time.with_date(year, month, day);
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_set_iso_date(
    cx: &mut Cx,
    this: &Object,
    year: i64,
    week: i64,
    day: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = time.with_iso_date(year, week, day);
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_set_timestamp(
    cx: &mut Cx,
    this: &Object,
    timestamp: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = DateTime::from_timestamp(timestamp, 0, time.zone);
    changed(cx, this, time)
}

pub(super) fn date_time_immutable_set_microsecond(
    cx: &mut Cx,
    this: &Object,
    micro: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let time = with_micro(cx, time, micro)?;
    changed(cx, this, time)
}
