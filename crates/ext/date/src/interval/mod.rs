//! `DateInterval`. What it shows are dynamic properties, kept in step with the native part.

mod interval_stub;

pub(crate) use interval_stub::MODULE;

use crate::fields::put;
use crate::objects::{copy, create, get, in_method, instance, peek, restore_members, set};
use crate::parsing::{at_position, remember, shown};
use outlast_datetime::{Interval, Message, Relative, format_interval, parse};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, Ret};
use std::cmp::Ordering;

static INTERVAL_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(create::<IntervalState>),
    clone: Some(copy::<IntervalState>),
    compare: Some(compare),
    read_property: Some(read_property),
    write_property: Some(write_property),
    has_property: Some(has_property),
    ..ObjectHandlers::STANDARD
};

const OWN: &[&str] =
    &["y", "m", "d", "h", "i", "s", "f", "invert", "days", "from_string", "date_string"];

/// What a `DateInterval` holds.
#[derive(Clone, Default)]
pub(crate) struct IntervalState {
    pub interval: Interval,
    /// The text given to `createFromDateString()`.
    pub text: Option<PhpString>,
}

/// A `DateInterval`.
pub(crate) fn interval_object(cx: &mut Cx, state: IntervalState) -> Ret<Object> {
    let object = instance(cx, "DateInterval", state.clone())?;
    show(&object, &state);
    Ok(object)
}

fn seconds(micros: i64) -> Value {
    Value::Float(micros as f64 / 1_000_000.0)
}

/// Sets the properties that show the state.
fn show(object: &Object, state: &IntervalState) {
    object.dynamic_mut(|table| {
        let table = table.get_or_insert_with(PhpArray::new);
        if let Some(text) = &state.text {
            for name in &OWN[..9] {
                table.remove(&Key::Str(PhpString::from(*name)));
            }
            put(table, "from_string", Value::Bool(true));
            put(table, "date_string", Value::Str(text.clone()));
            return;
        }
        for name in &OWN[..9] {
            if let Some(value) = member(state, name.as_bytes()) {
                put(table, name, value);
            }
        }
        put(table, "from_string", Value::Bool(false));
    });
}

/// The value of a property that the native part has.
fn member(state: &IntervalState, name: &[u8]) -> Option<Value> {
    let amount = &state.interval.amount;
    Some(match name {
        b"y" => Value::Int(amount.years),
        b"m" => Value::Int(amount.months),
        b"d" => Value::Int(amount.days),
        b"h" => Value::Int(amount.hours),
        b"i" => Value::Int(amount.minutes),
        b"s" => Value::Int(amount.seconds),
        b"f" => seconds(amount.micros),
        b"invert" => Value::Int(i64::from(state.interval.invert)),
        b"days" => state.interval.days.map_or(Value::Bool(false), Value::Int),
        _ => return None,
    })
}

fn amount_mut<'a>(amount: &'a mut Relative, name: &[u8]) -> Option<&'a mut i64> {
    Some(match name {
        b"y" => &mut amount.years,
        b"m" => &mut amount.months,
        b"d" => &mut amount.days,
        b"h" => &mut amount.hours,
        b"i" => &mut amount.minutes,
        b"s" => &mut amount.seconds,
        _ => return None,
    })
}

fn compare(cx: &mut Cx, _a: &Value, _b: &Value) -> Ret<Option<Ordering>> {
    cx.raise_warning("Cannot compare DateInterval objects")?;
    Ok(None)
}

fn read_property(_cx: &mut Cx, object: &Object, name: &PhpString) -> Ret<Option<Value>> {
    Ok(peek::<IntervalState>(object).and_then(|state| member(&state, name)))
}

fn has_property(cx: &mut Cx, object: &Object, name: &PhpString, empty: bool) -> Ret<Option<bool>> {
    let value = read_property(cx, object, name)?;
    Ok(value.map(|value| !empty || value.truthy()))
}

fn micros(cx: &mut Cx, value: &Value) -> Ret<i64> {
    Ok((cx.to_float(value)? * 1_000_000.0).round() as i64)
}

fn write_property(cx: &mut Cx, object: &Object, name: &PhpString, value: &Value) -> Ret<bool> {
    let Some(mut state) = peek::<IntervalState>(object) else { return Ok(false) };
    if let Some(field) = amount_mut(&mut state.interval.amount, name) {
        *field = cx.to_int(value)?;
    } else {
        match name.as_bytes() {
            b"f" => state.interval.amount.micros = micros(cx, value)?,
            b"invert" => state.interval.invert = cx.to_int(value)? != 0,
            // The count of days cannot be set.
            b"days" => {}
            _ => return Ok(false),
        }
    }
    show(object, &state);
    set(object, state);
    Ok(true)
}

fn date_interval_construct(cx: &mut Cx, this: &Object, text: &PhpString) -> Ret<()> {
    let (what, interval) = match Interval::from_iso(text) {
        Some(Ok(interval)) => {
            let state = IntervalState { interval, text: None };
            show(this, &state);
            set(this, state);
            return Ok(());
        }
        Some(Err(_)) => (&b"Failed to parse interval"[..], text),
        None => (&b"Unknown or bad format"[..], text),
    };
    let message = [what, b" (", interval, b")"].concat();
    Err(cx.throw("DateMalformedIntervalStringException", message))
}

/// Reads a relative text; the first error if there is one.
fn relative(cx: &mut Cx, text: &PhpString) -> Result<IntervalState, Message> {
    let parsed = parse(text);
    remember(cx, &parsed);
    match parsed.errors.first() {
        Some(error) => Err(*error),
        None => {
            Ok(IntervalState { interval: Interval::from_parsed(&parsed), text: Some(text.clone()) })
        }
    }
}

fn date_interval_create_from_date_string(cx: &mut Cx, text: &PhpString) -> Ret<OrFalse<Object>> {
    let parsed = parse(text);
    remember(cx, &parsed);
    let message = if let Some(error) = parsed.errors.first() {
        [b"Unknown or bad format (", &**text, b") ", &at_position(error)].concat()
    } else if parsed.has_date || parsed.has_time || parsed.zones > 0 {
        [b"String '", &**text, b"' contains non-relative elements"].concat()
    } else {
        let interval = Interval::from_parsed(&parsed);
        let state = IntervalState { interval, text: Some(text.clone()) };
        return Ok(OrFalse(Some(interval_object(cx, state)?)));
    };
    if in_method(cx) {
        return Err(cx.throw("DateMalformedIntervalStringException", message));
    }
    cx.warning(message)?;
    Ok(OrFalse(None))
}

fn date_interval_format(cx: &mut Cx, this: &Object, spec: &PhpString) -> Ret<Vec<u8>> {
    let state: IntervalState = get(cx, this)?;
    Ok(format_interval(spec, &state.interval))
}

fn date_interval_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    get::<IntervalState>(cx, this)?;
    Ok(cx.mangled_vars(this))
}

/// The interval that such elements stand for.
fn interval_from(cx: &mut Cx, data: &PhpArray) -> Ret<IntervalState> {
    if let Some(Value::Str(text)) = data.get_str(b"date_string").map(Value::deref) {
        return relative(cx, &text).map_err(|error| {
            let mut message = b"Unknown or bad format (".to_vec();
            message.extend_from_slice(&text);
            message.extend_from_slice(format!(") at position {} (", error.position).as_bytes());
            message.push(shown(&error));
            message.extend_from_slice(b") while unserializing: ");
            message.extend_from_slice(error.text.as_bytes());
            cx.throw_error(message)
        });
    }
    let mut interval = Interval::default();
    for name in &OWN[..6] {
        let value = data.get_str(name.as_bytes()).map(Value::deref);
        let value = value.map(|value| cx.to_int(&value)).transpose()?.unwrap_or(-1);
        if let Some(field) = amount_mut(&mut interval.amount, name.as_bytes()) {
            *field = value;
        }
    }
    if let Some(value) = data.get_str(b"f").map(Value::deref) {
        interval.amount.micros = micros(cx, &value)?;
    }
    if let Some(value) = data.get_str(b"invert").map(Value::deref) {
        interval.invert = cx.to_int(&value)? != 0;
    }
    interval.days = match data.get_str(b"days").map(Value::deref) {
        Some(Value::Bool(false)) => None,
        Some(value) => Some(cx.to_int(&value)?),
        None => Some(-1),
    };
    // The days between two dates are known only of their difference.
    interval.elapsed = interval.days.is_none();
    Ok(IntervalState { interval, text: None })
}

fn date_interval_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let state = interval_from(cx, &data)?;
    restore_members(cx, this, &data, OWN)?;
    show(this, &state);
    set(this, state);
    Ok(())
}

fn date_interval_magic_wakeup(cx: &mut Cx, this: &Object) -> Ret<()> {
    let data = cx.mangled_vars(this);
    let state = interval_from(cx, &data)?;
    show(this, &state);
    set(this, state);
    Ok(())
}

fn date_interval_magic_set_state(cx: &mut Cx, data: PhpArray) -> Ret<Object> {
    let state = interval_from(cx, &data)?;
    interval_object(cx, state)
}
