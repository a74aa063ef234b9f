//! `DatePeriod`.

mod iterator;
mod period_stub;

pub(crate) use period_stub::MODULE;

use crate::interval::{IntervalState, interval_object};
use crate::objects::{
    Slot, copy, create, get, instance, instance_of, invalid_data, peek, restore_members, set,
    uninitialized,
};
use iterator::iterate;
use outlast_datetime::{DateTime, Interval, Zone, parse_iso_intervals};
use outlast_ext_core::internal_iterator;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, ObjectClass, ObjectHandlers, Ret, Unwind};

static PERIOD_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create::<Period>),
    clone: Some(copy::<Period>),
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

const EXCLUDE_START_DATE: i64 = 1;
const INCLUDE_END_DATE: i64 = 2;
const OWN: [&str; 7] = [
    "start",
    "current",
    "end",
    "interval",
    "recurrences",
    "include_start_date",
    "include_end_date",
];

/// What a `DatePeriod` holds.
#[derive(Clone)]
struct Period {
    /// Restored data may be without one.
    start: Option<DateTime>,
    /// The class of the start, which is that of all dates.
    class: ClassRef,
    current: Option<DateTime>,
    end: Option<DateTime>,
    interval: IntervalState,
    /// How many dates there are without an end.
    recurrences: i64,
    include_start: bool,
    include_end: bool,
}

impl Period {
    /// The number given to the constructor.
    fn asked(&self) -> i64 {
        self.recurrences - i64::from(self.include_start) - i64::from(self.include_end)
    }

    fn date(&self, cx: &mut Cx, time: Option<&DateTime>) -> Ret<Value> {
        match time {
            Some(time) => instance_of(cx, self.class, time.clone()).map(Value::Object),
            None => Ok(Value::Null),
        }
    }

    /// The values of the properties, in their order.
    fn members(&self, cx: &mut Cx) -> Ret<[Value; 7]> {
        Ok([
            self.date(cx, self.start.as_ref())?,
            self.date(cx, self.current.as_ref())?,
            self.date(cx, self.end.as_ref())?,
            Value::Object(interval_object(cx, self.interval.clone())?),
            Value::Int(self.recurrences),
            Value::Bool(self.include_start),
            Value::Bool(self.include_end),
        ])
    }
}

/// Makes the object hold a period, and its properties show it.
fn adopt(cx: &mut Cx, object: &Object, mut period: Period) -> Ret<()> {
    // Of an interval from a text only the amounts count.
    period.interval.text = None;
    for (slot, value) in period.members(cx)?.into_iter().enumerate() {
        object.set_slot(slot, value);
    }
    set(object, period);
    Ok(())
}

/// Throws about what is wrong, with the name of the running method.
fn malformed(cx: &mut Cx, text: &[u8]) -> Unwind {
    malformed_as(cx, "DateMalformedPeriodStringException", text)
}

fn malformed_as(cx: &mut Cx, class: &str, text: &[u8]) -> Unwind {
    let name = cx.running_native().map(|function| function.display_name()).unwrap_or_default();
    let message = [name.as_bytes(), b"(): ", text].concat();
    cx.throw(class, message)
}

/// The period of an ISO 8601 text.
fn from_iso(cx: &mut Cx, text: &[u8], options: i64, class: &str) -> Ret<Period> {
    let Some(parts) = parse_iso_intervals(text) else {
        let message = [b"Unknown or bad format (", text, b")"].concat();
        return Err(cx.throw("DateMalformedPeriodStringException", message));
    };
    let date = |fields: [i64; 6]| {
        let [year, month, day, hour, minute, second] = fields;
        let epoch = DateTime::from_timestamp(0, 0, Zone::Offset(0));
        epoch.with_fields([year, month, day], [hour, minute, second])
    };
    let missing = |what: &str| {
        [b"ISO interval must contain ", what.as_bytes(), b", \"", text, b"\" given"].concat()
    };
    let Some(start) = parts.begin else { return Err(malformed(cx, &missing("a start date"))) };
    let Some(amount) = parts.period else { return Err(malformed(cx, &missing("an interval"))) };
    if parts.end.is_none() && parts.recurrences.is_none() {
        return Err(malformed(cx, &missing("an end date or a recurrence count")));
    }
    let interval = Interval { amount, elapsed: true, ..Interval::default() };
    let class = cx.class(class.as_bytes()).expect("the extension declares it");
    finished(
        cx,
        Period {
            start: Some(date(start)),
            class,
            current: None,
            end: parts.end.map(date),
            interval: IntervalState { interval, text: None },
            recurrences: parts.recurrences.unwrap_or(0),
            include_start: options & EXCLUDE_START_DATE == 0,
            include_end: options & INCLUDE_END_DATE != 0,
        },
    )
}

/// Checks the number of recurrences and adds the dates at the ends.
fn finished(cx: &mut Cx, mut period: Period) -> Ret<Period> {
    if period.end.is_none() && !(1..2_147_483_640).contains(&period.recurrences) {
        let text = b"Recurrence count must be greater or equal to 1 and lower than 2147483640";
        return Err(malformed(cx, text));
    }
    period.recurrences += i64::from(period.include_start) + i64::from(period.include_end);
    if period.end.is_none() && period.recurrences >= 2_147_483_640 {
        let text = b"Recurrence count must be greater or equal to 1 and lower than 2147483640 \
                     (including options)";
        return Err(malformed_as(cx, "DateMalformedStringException", text));
    }
    Ok(period)
}

fn date_period_create_from_iso8601_string(
    cx: &mut Cx,
    called: Option<ClassRef>,
    text: &PhpString,
    options: i64,
) -> Ret<Object> {
    let class = called.expect("static methods are called on a class");
    let object = cx.instantiate(class)?;
    let period = from_iso(cx, text, options, "DateTimeImmutable")?;
    adopt(cx, &object, period)?;
    Ok(object)
}

fn date_period_construct(
    cx: &mut Cx,
    this: &Object,
    start: &Value,
    interval: Option<&Value>,
    end: Option<&Value>,
    options: Option<&Value>,
) -> Ret<()> {
    let object = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
    let date = |value: Option<&Value>| object(value).filter(is_date);
    let number = |value: Option<&Value>| match value {
        None | Some(Value::Null) => Some(0),
        value => value.and_then(Value::as_int),
    };
    if let (Some(first), Some(step), Some(options)) =
        (date(Some(start)), object(interval).filter(is_interval), number(options))
        && let Some(bound) = end
        && (date(end).is_some() || !bound.is_object())
    {
        let recurrences = if date(end).is_some() { 0 } else { cx.to_int(bound)? };
        let end = date(end).map(|end| get(cx, &end)).transpose()?;
        let period = Period {
            start: Some(get(cx, &first)?),
            class: first.class(),
            current: None,
            end,
            interval: get(cx, &step)?,
            recurrences,
            include_start: options & EXCLUDE_START_DATE == 0,
            include_end: options & INCLUDE_END_DATE != 0,
        };
        let period = finished(cx, period)?;
        return adopt(cx, this, period);
    }
    let text = match start {
        Value::Array(_) | Value::Object(_) => None,
        _ if end.is_some() => None,
        value => Some(cx.to_str(value)?),
    };
    let (Some(text), Some(options)) = (text, number(interval)) else {
        return Err(cx.throw_type_error(
            "DatePeriod::__construct() accepts (DateTimeInterface, DateInterval, int [, int]), or \
             (DateTimeInterface, DateInterval, DateTime [, int]), or (string [, int]) as arguments",
        ));
    };
    cx.raise_deprecated(
        "Calling DatePeriod::__construct(string $isostr, int $options = 0) is deprecated, use \
         DatePeriod::createFromISO8601String() instead",
    )?;
    let period = from_iso(cx, &text, options, "DateTime")?;
    adopt(cx, this, period)
}

/// Whether it is a `DateTimeInterface`.
fn is_date(object: &Object) -> bool {
    object.data::<Slot<DateTime>>().is_some()
}

/// Whether it is a `DateInterval`.
fn is_interval(object: &Object) -> bool {
    object.data::<Slot<IntervalState>>().is_some()
}

fn date_period_get_start_date(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let period: Period = get(cx, this)?;
    match &period.start {
        Some(start) => period.date(cx, Some(start)),
        None => Err(uninitialized(cx, this.class())),
    }
}

fn date_period_get_end_date(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let period: Period = get(cx, this)?;
    period.date(cx, period.end.as_ref())
}

fn date_period_get_date_interval(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let period: Period = get(cx, this)?;
    interval_object(cx, period.interval)
}

fn date_period_get_recurrences(cx: &mut Cx, this: &Object) -> Ret<Option<i64>> {
    let period: Period = get(cx, this)?;
    Ok(Some(period.asked()).filter(|asked| *asked != 0))
}

fn date_period_get_iterator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let iterator = iterate(cx, this, false)?;
    internal_iterator(cx, this, iterator)
}

fn date_period_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    get::<Period>(cx, this)?;
    Ok(cx.mangled_vars(this))
}

/// The period that such elements stand for.
fn period_from(cx: &mut Cx, data: &PhpArray) -> Option<Period> {
    let element = |name: &str| data.get_str(name.as_bytes()).map(Value::deref);
    let date = |name: &str| match element(name)? {
        Value::Null => Some(None),
        Value::Object(object) => peek::<DateTime>(&object).map(Some),
        _ => None,
    };
    let class = match element("start")? {
        Value::Object(start) => start.class(),
        _ => cx.class(b"DateTimeImmutable")?,
    };
    let (start, current, end) = (date("start")?, date("current")?, date("end")?);
    if start.is_none() && (current.is_some() || end.is_some()) {
        return None;
    }
    let interval = peek(element("interval")?.as_object()?)?;
    let recurrences = element("recurrences")?.as_int()?;
    let include_start = element("include_start_date")?.as_bool()?;
    let include_end = element("include_end_date")?.as_bool()?;
    if !(0..=i64::from(i32::MAX)).contains(&recurrences) {
        return None;
    }
    Some(Period { start, class, current, end, interval, recurrences, include_start, include_end })
}

fn date_period_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let Some(period) = period_from(cx, &data) else { return Err(invalid_data(cx, "DatePeriod")) };
    adopt(cx, this, period)?;
    restore_members(cx, this, &data, &OWN)
}

fn date_period_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = cx.mangled_vars(this);
    let Some(period) = period_from(cx, &data) else { return Err(invalid_data(cx, "DatePeriod")) };
    adopt(cx, this, period)
}

fn date_period_magic_set_state(cx: &mut Cx, data: PhpArray) -> Ret<Object> {
    let Some(period) = period_from(cx, &data) else { return Err(invalid_data(cx, "DatePeriod")) };
    let object = instance(cx, "DatePeriod", period.clone())?;
    adopt(cx, &object, period)?;
    Ok(object)
}
