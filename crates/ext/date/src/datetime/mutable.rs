//! Methods that change a `DateTime`.

use super::{modified, subtracted, with_micro};
use crate::interval::IntervalState;
use crate::objects::{get, set};
use outlast_datetime::{DateTime, Zone};
use outlast_value::{Object, PhpString};
use outlast_vm::{Cx, OrFalse, Ret};

pub(super) fn date_time_modify(
    cx: &mut Cx,
    this: &Object,
    text: &PhpString,
) -> Ret<OrFalse<Object>> {
    let time: DateTime = get(cx, this)?;
    let changed = modified(cx, &time, text)?;
    let Some(time) = changed else { return Ok(OrFalse(None)) };
    set(this, time);
    Ok(OrFalse(Some(this.clone())))
}

pub(super) fn date_time_add(cx: &mut Cx, this: &Object, interval: &Object) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = {
        let interval: IntervalState = get(cx, interval)?;
        time.add(&interval.interval)
    };
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_sub(cx: &mut Cx, this: &Object, interval: &Object) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = {
        let interval: IntervalState = get(cx, interval)?;
        subtracted(cx, &time, &interval.interval)?
    };
    if let Some(time) = changed {
        set(this, time);
    }
    Ok(this.clone())
}

pub(super) fn date_time_set_timezone(cx: &mut Cx, this: &Object, zone: &Object) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = {
        let zone: Zone = get(cx, zone)?;
        time.with_zone(zone)
    };
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_set_time(
    cx: &mut Cx,
    this: &Object,
    hour: i64,
    minute: i64,
    second: i64,
    micro: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = time.with_time(hour, minute, second, micro);
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_set_date(
    cx: &mut Cx,
    this: &Object,
    year: i64,
    month: i64,
    day: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = time.with_date(year, month, day);
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_set_iso_date(
    cx: &mut Cx,
    this: &Object,
    year: i64,
    week: i64,
    day: i64,
) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = time.with_iso_date(year, week, day);
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_set_timestamp(cx: &mut Cx, this: &Object, timestamp: i64) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = DateTime::from_timestamp(timestamp, 0, time.zone);
    set(this, changed);
    Ok(this.clone())
}

pub(super) fn date_time_set_microsecond(cx: &mut Cx, this: &Object, micro: i64) -> Ret<Object> {
    let time: DateTime = get(cx, this)?;
    let changed = with_micro(cx, time, micro)?;
    set(this, changed);
    Ok(this.clone())
}
