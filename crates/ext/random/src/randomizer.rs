//! `Random\Randomizer`

use crate::algorithm::{Algorithm, Mode};
use crate::engines::{EngineData, invalid_data, members};
use crate::global;
use crate::interval::{self, Boundary};
use crate::source::{ATTEMPTS, Source, too_many_attempts};
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret};

pub static RANDOMIZER: ObjectHandlers =
    ObjectHandlers { uncloneable: true, ..ObjectHandlers::STANDARD };

/// Where the property `engine` is.
const ENGINE: usize = 0;

/// The engine of a randomizer.
fn engine(cx: &mut Cx, this: &Object) -> Ret<Object> {
    match this.slot(ENGINE) {
        Value::Object(engine) => Ok(engine),
        _ => {
            let text = "Typed property Random\\Randomizer::$engine must not be accessed before \
                        initialization";
            Err(cx.throw_error(text))
        }
    }
}

pub fn random_randomizer_construct(cx: &mut Cx, this: &Object, engine: Option<&Object>) -> Ret<()> {
    if !this.slot(ENGINE).is_undef() {
        return Err(cx.throw_error("Cannot modify readonly property Random\\Randomizer::$engine"));
    }
    let engine = match engine {
        Some(engine) => engine.clone(),
        None => {
            let class = cx.class(b"Random\\Engine\\Secure").expect("it is declared here");
            cx.instantiate(class)?
        }
    };
    this.set_slot(ENGINE, Value::Object(engine));
    Ok(())
}

pub fn random_randomizer_next_int(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let engine = engine(cx, this)?;
    Ok((Source::Engine(&engine).draw(cx)?.value >> 1) as i64)
}

pub fn random_randomizer_next_float(cx: &mut Cx, this: &Object) -> Ret<f64> {
    let engine = engine(cx, this)?;
    let bits = Source::Engine(&engine).draw_word(cx)?;
    // As many bits as a float between one and two has.
    Ok((bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64))
}

pub fn random_randomizer_get_float(
    cx: &mut Cx,
    this: &Object,
    min: f64,
    max: f64,
    boundary: Option<&Object>,
) -> Ret<f64> {
    if !min.is_finite() {
        return Err(cx.arg_value_error(1, "must be finite"));
    }
    if !max.is_finite() {
        return Err(cx.arg_value_error(2, "must be finite"));
    }
    let boundary = match boundary {
        None => Boundary::ClosedOpen,
        Some(case) => {
            let name = cx.read_prop(case, &PhpString::from("name"))?;
            match name.as_str().map(PhpString::as_bytes) {
                Some(b"ClosedClosed") => Boundary::ClosedClosed,
                Some(b"OpenClosed") => Boundary::OpenClosed,
                Some(b"OpenOpen") => Boundary::OpenOpen,
                _ => Boundary::ClosedOpen,
            }
        }
    };
    if boundary == Boundary::ClosedClosed {
        if max < min {
            let text = "must be greater than or equal to argument #1 ($min)";
            return Err(cx.arg_value_error(2, text));
        }
    } else if max <= min {
        return Err(cx.arg_value_error(2, "must be greater than argument #1 ($min)"));
    }
    let engine = engine(cx, this)?;
    match interval::float(cx, Source::Engine(&engine), min, max, boundary)? {
        Some(float) => Ok(float),
        None => Err(cx.throw_value_error(
            "The given interval is empty, there are no floats between argument #1 ($min) and \
             argument #2 ($max).",
        )),
    }
}

pub fn random_randomizer_get_int(cx: &mut Cx, this: &Object, min: i64, max: i64) -> Ret<i64> {
    if max < min {
        let text = "must be greater than or equal to argument #1 ($min)";
        return Err(cx.arg_value_error(2, text));
    }
    let engine = engine(cx, this)?;
    if let Some(data) = engine.data::<EngineData>()
        && let Algorithm::Mt19937(mt) = &mut *data.0.borrow_mut()
        && mt.mode() == Mode::Legacy
    {
        return Ok(global::scale_badly(mt.next(), min, max));
    }
    Source::Engine(&engine).range(cx, min, max)
}

pub fn random_randomizer_get_bytes(cx: &mut Cx, this: &Object, length: i64) -> Ret<PhpString> {
    if length < 1 {
        return Err(cx.arg_value_error(1, "must be greater than 0"));
    }
    let engine = engine(cx, this)?;
    let length = length as usize;
    let mut out = Vec::with_capacity(length);
    while out.len() < length {
        let drawn = Source::Engine(&engine).draw(cx)?;
        let take = drawn.size.min(length - out.len());
        out.extend_from_slice(&drawn.value.to_le_bytes()[..take]);
    }
    Ok(PhpString::from(out))
}

pub fn random_randomizer_get_bytes_from_string(
    cx: &mut Cx,
    this: &Object,
    string: &PhpString,
    length: i64,
) -> Ret<PhpString> {
    if string.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if length < 1 {
        return Err(cx.arg_value_error(2, "must be greater than 0"));
    }
    let engine = engine(cx, this)?;
    let source = Source::Engine(&engine);
    let length = length as usize;
    let last = string.len() - 1;
    let mut out = Vec::with_capacity(length);
    if last > 0xff {
        while out.len() < length {
            out.push(string[source.up_to(cx, last as u64)? as usize]);
        }
        return Ok(PhpString::from(out));
    }
    // Each byte drawn serves for a place, if that is within the string.
    let mask = (last + 1).next_power_of_two() - 1;
    let mut failures = 0;
    while out.len() < length {
        let drawn = source.draw(cx)?;
        for byte in &drawn.value.to_le_bytes()[..drawn.size] {
            let place = usize::from(*byte) & mask;
            if place > last {
                failures += 1;
                if failures > ATTEMPTS {
                    return Err(too_many_attempts(cx));
                }
                continue;
            }
            failures = 0;
            out.push(string[place]);
            if out.len() == length {
                break;
            }
        }
    }
    Ok(PhpString::from(out))
}

/// Shuffles from the end on.
fn shuffle<T>(cx: &mut Cx, source: Source<'_>, items: &mut [T]) -> Ret<()> {
    for left in (1..items.len()).rev() {
        let other = source.up_to(cx, left as u64)? as usize;
        items.swap(left, other);
    }
    Ok(())
}

pub fn random_randomizer_shuffle_array(
    cx: &mut Cx,
    this: &Object,
    array: PhpArray,
) -> Ret<PhpArray> {
    let engine = engine(cx, this)?;
    let mut values = array.into_values();
    shuffle(cx, Source::Engine(&engine), &mut values)?;
    Ok(PhpArray::from_list(values))
}

pub fn random_randomizer_shuffle_bytes(
    cx: &mut Cx,
    this: &Object,
    bytes: &PhpString,
) -> Ret<PhpString> {
    let engine = engine(cx, this)?;
    let mut bytes = bytes.as_bytes().to_vec();
    shuffle(cx, Source::Engine(&engine), &mut bytes)?;
    Ok(PhpString::from(bytes))
}

pub fn random_randomizer_pick_array_keys(
    cx: &mut Cx,
    this: &Object,
    array: PhpArray,
    num: i64,
) -> Ret<PhpArray> {
    let engine = engine(cx, this)?;
    let source = Source::Engine(&engine);
    let len = array.len();
    if len == 0 {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    if num <= 0 || num > len as i64 {
        let text = "must be between 1 and the number of elements in argument #1 ($array)";
        return Err(cx.arg_value_error(2, text));
    }
    let mut picked = vec![false; len];
    // Of many keys those are drawn that are left out.
    let inverse = num > 1 && num as usize > len / 2;
    let mut left = if inverse { len - num as usize } else { num as usize };
    let mut failures = 0;
    while left > 0 {
        let place = source.up_to(cx, len as u64 - 1)? as usize;
        if picked[place] {
            failures += 1;
            if failures > ATTEMPTS {
                return Err(too_many_attempts(cx));
            }
        } else {
            picked[place] = true;
            left -= 1;
            failures = 0;
        }
    }
    let keys = array.keys().zip(picked).filter(|(_, picked)| *picked != inverse);
    Ok(keys.map(|(key, _)| key.into_value()).collect())
}

pub fn random_randomizer_magic_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    Ok(PhpArray::from_list(vec![Value::Array(members(cx, this))]))
}

pub fn random_randomizer_magic_unserialize(cx: &mut Cx, this: &Object, data: PhpArray) -> Ret<()> {
    let members = match data.get_int(0).map(Value::deref) {
        Some(Value::Array(members)) if data.len() == 1 => members,
        _ => return Err(invalid_data(cx, this)),
    };
    match members.get(&Key::from("engine")).map(Value::deref) {
        Some(Value::Object(engine)) if members.len() == 1 && is_engine(cx, &engine) => {
            this.set_slot(ENGINE, Value::Object(engine));
            Ok(())
        }
        _ => Err(invalid_data(cx, this)),
    }
}

fn is_engine(cx: &mut Cx, object: &Object) -> bool {
    use outlast_vm::ObjectClass;
    let engine = cx.class(b"Random\\Engine").expect("it is declared here");
    object.class().is_subclass_of_or_same(engine)
}
