//! The class `Generator`.

mod generator_stub;

pub(crate) use generator_stub::MODULE;

use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret};

static GENERATOR_HANDLERS: ObjectHandlers =
    ObjectHandlers { create: Some(refuse), uncloneable: true, ..ObjectHandlers::STANDARD };

fn refuse(cx: &mut Cx, _object: &Object) -> Ret<()> {
    Err(cx.throw_error(
        "The \"Generator\" class is reserved for internal use and cannot be manually instantiated",
    ))
}

fn generator_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    cx.generator_rewind(this)
}

fn generator_valid(cx: &mut Cx, this: &Object) -> Ret<bool> {
    cx.generator_valid(this)
}

fn generator_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    cx.generator_current(this)
}

fn generator_key(cx: &mut Cx, this: &Object) -> Ret<Value> {
    cx.generator_key(this)
}

fn generator_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    cx.generator_next(this)
}

fn generator_send(cx: &mut Cx, this: &Object, value: &Value) -> Ret<Value> {
    cx.generator_send(this, value.clone())
}

fn generator_throw(cx: &mut Cx, this: &Object, exception: &Object) -> Ret<Value> {
    cx.generator_throw(this, exception.clone())
}

fn generator_get_return(cx: &mut Cx, this: &Object) -> Ret<Value> {
    cx.generator_return(this)
}

fn generator_magic_debug_info(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut info = PhpArray::new();
    if let Some((func, _)) = cx.generator_function(this) {
        let name = PhpString::from("function");
        info.insert(Key::Str(name), Value::str(func.display_name()));
    }
    Ok(info)
}
