//! The classes of `Random\Engine`.

use crate::algorithm::{Algorithm, Mode, Mt19937, Pcg, Xoshiro};
use crate::global;
use crate::source::Source;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectClass, ObjectHandlers, Ret, Unwind};
use std::cell::RefCell;

/// The generator of an engine object.
pub struct EngineData(pub RefCell<Algorithm>);

impl ObjectData for EngineData {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

const ENGINE: ObjectHandlers = ObjectHandlers { clone: Some(copy), ..ObjectHandlers::STANDARD };
pub static MT19937: ObjectHandlers = ObjectHandlers { create: Some(create_mt19937), ..ENGINE };
pub static PCG: ObjectHandlers = ObjectHandlers { create: Some(create_pcg), ..ENGINE };
pub static XOSHIRO: ObjectHandlers = ObjectHandlers { create: Some(create_xoshiro), ..ENGINE };
pub static SECURE: ObjectHandlers =
    ObjectHandlers { create: Some(create_secure), uncloneable: true, ..ObjectHandlers::STANDARD };

fn set(object: &Object, algorithm: Algorithm) -> Ret<()> {
    object.set_data(Box::new(EngineData(RefCell::new(algorithm))));
    Ok(())
}

fn create_mt19937(_: &mut Cx, object: &Object) -> Ret<()> {
    set(object, Mt19937::new(0, Mode::Standard).into())
}

fn create_pcg(_: &mut Cx, object: &Object) -> Ret<()> {
    set(object, Algorithm::Pcg(Pcg::new(0)))
}

fn create_xoshiro(_: &mut Cx, object: &Object) -> Ret<()> {
    set(object, Algorithm::Xoshiro(Xoshiro::new(0)))
}

fn create_secure(_: &mut Cx, object: &Object) -> Ret<()> {
    set(object, Algorithm::Secure)
}

fn copy(_: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let algorithm = data(old).0.borrow().clone();
    set(new, algorithm)
}

fn data(object: &Object) -> &EngineData {
    object.data().expect("engines have their state from the start")
}

pub fn random_engine_mt19937_construct(
    cx: &mut Cx,
    this: &Object,
    seed: Option<i64>,
    mode: i64,
) -> Ret<()> {
    let Some(mode) = global::mode(cx, mode)? else {
        return Err(cx.arg_value_error(2, "must be either MT_RAND_MT19937 or MT_RAND_PHP"));
    };
    let seed = match seed {
        Some(seed) => seed as u32,
        None => u32::from_ne_bytes(global::bytes(cx)?),
    };
    *data(this).0.borrow_mut() = Mt19937::new(seed, mode).into();
    Ok(())
}

pub fn pcg_construct(cx: &mut Cx, this: &Object, seed: &Value) -> Ret<()> {
    let pcg = match seed {
        Value::Int(seed) => Pcg::new(u128::from(*seed as u64)),
        Value::Str(seed) => match seed.as_bytes().try_into() {
            Ok(bytes) => Pcg::of_bytes(bytes),
            Err(_) => return Err(cx.arg_value_error(1, "must be a 16 byte (128 bit) string")),
        },
        _ => Pcg::of_bytes(global::bytes(cx)?),
    };
    *data(this).0.borrow_mut() = Algorithm::Pcg(pcg);
    Ok(())
}

pub fn pcg_jump(cx: &mut Cx, this: &Object, advance: i64) -> Ret<()> {
    let Ok(advance) = u64::try_from(advance) else {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    };
    if let Algorithm::Pcg(pcg) = &mut *data(this).0.borrow_mut() {
        pcg.jump(advance);
    }
    Ok(())
}

pub fn xoshiro_construct(cx: &mut Cx, this: &Object, seed: &Value) -> Ret<()> {
    let xoshiro = match seed {
        Value::Int(seed) => Xoshiro::new(*seed as u64),
        Value::Str(seed) => match seed.as_bytes().try_into() {
            Ok(bytes) => match Xoshiro::of_bytes(bytes) {
                Some(xoshiro) => xoshiro,
                None => {
                    let text = "must not consist entirely of NUL bytes";
                    return Err(cx.arg_value_error(1, text));
                }
            },
            Err(_) => return Err(cx.arg_value_error(1, "must be a 32 byte (256 bit) string")),
        },
        _ => loop {
            if let Some(xoshiro) = Xoshiro::of_bytes(global::bytes(cx)?) {
                break xoshiro;
            }
        },
    };
    *data(this).0.borrow_mut() = Algorithm::Xoshiro(xoshiro);
    Ok(())
}

pub fn xoshiro_jump(_: &mut Cx, this: &Object) -> Ret<()> {
    if let Algorithm::Xoshiro(xoshiro) = &mut *data(this).0.borrow_mut() {
        xoshiro.jump();
    }
    Ok(())
}

pub fn xoshiro_jump_long(_: &mut Cx, this: &Object) -> Ret<()> {
    if let Algorithm::Xoshiro(xoshiro) = &mut *data(this).0.borrow_mut() {
        xoshiro.jump_long();
    }
    Ok(())
}

pub fn engine_generate(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let drawn = Source::Engine(this).draw(cx)?;
    Ok(PhpString::new(&drawn.value.to_le_bytes()[..drawn.size]))
}

pub fn engine_serialize(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let members = members(cx, this);
    let state = data(this).0.borrow().state();
    Ok(PhpArray::from_list(vec![Value::Array(members), Value::Array(state)]))
}

/// The properties of an object.
pub fn members(cx: &mut Cx, this: &Object) -> PhpArray {
    cx.mangled_vars(this)
}

pub fn engine_unserialize(cx: &mut Cx, this: &Object, state: PhpArray) -> Ret<()> {
    let parts = (state.get_int(0).map(Value::deref), state.get_int(1).map(Value::deref));
    let (2, (Some(Value::Array(members)), Some(Value::Array(words)))) = (state.len(), parts) else {
        return Err(invalid_data(cx, this));
    };
    if !members.is_empty() || !data(this).0.borrow_mut().restore(&words) {
        return Err(invalid_data(cx, this));
    }
    Ok(())
}

/// What is thrown for data that `__serialize()` did not make.
pub fn invalid_data(cx: &mut Cx, this: &Object) -> Unwind {
    let class = this.class().display_name();
    let message = format!("Invalid serialization data for {class} object");
    cx.throw("Exception", message)
}

pub fn engine_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut members = members(cx, this);
    let state = data(this).0.borrow().state();
    members.insert(Key::from("__states"), Value::Array(state));
    Ok(members)
}
