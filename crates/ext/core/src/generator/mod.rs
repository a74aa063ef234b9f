//! The class `Generator`.

mod generator_stub;

pub(crate) use generator_stub::MODULE;

use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::generator::GeneratorState;
use outlast_vm::{Cx, NativeIterator, ObjectHandlers, Ret};

static GENERATOR_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(refuse),
    uncloneable: true,
    iterate: Some(iterate),
    ..ObjectHandlers::STANDARD
};

/// foreach over a generator, with no frames of the methods.
struct GeneratorIterator {
    generator: Object,
    by_ref: bool,
}

fn iterate(cx: &mut Cx, generator: &Object, by_ref: bool) -> Ret<Box<dyn NativeIterator>> {
    if cx.generator_state(generator) == GeneratorState::Done {
        return Err(cx.throw("Exception", "Cannot traverse an already closed generator"));
    }
    if by_ref && !cx.generator_by_ref(generator) {
        return Err(cx.throw(
            "Exception",
            "You can only iterate a generator by-reference if it declared that it yields \
             by-reference",
        ));
    }
    Ok(Box::new(GeneratorIterator { generator: generator.clone(), by_ref }))
}

impl NativeIterator for GeneratorIterator {
    fn rewind(&mut self, cx: &mut Cx) -> Ret<()> {
        cx.generator_rewind(&self.generator)
    }
    fn valid(&mut self, cx: &mut Cx) -> Ret<bool> {
        cx.generator_valid(&self.generator)
    }
    fn current(&mut self, cx: &mut Cx) -> Ret<Value> {
        if self.by_ref {
            return cx.generator_current_ref(&self.generator).map(Value::Ref);
        }
        cx.generator_current(&self.generator)
    }
    fn key(&mut self, cx: &mut Cx) -> Ret<Value> {
        cx.generator_key(&self.generator)
    }
    fn next(&mut self, cx: &mut Cx) -> Ret<()> {
        cx.generator_next(&self.generator)
    }
}

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
    let body = cx.generator_body(this);
    // A closure is shown by its name alone; the name of an anonymous class in full.
    let name = match body.scope().filter(|_| !body.is_closure()) {
        Some(class) => PhpString::concat(&[&class.name, b"::", &body.name]),
        None => body.name.clone(),
    };
    info.insert(Key::Str(PhpString::from("function")), Value::Str(name));
    Ok(info)
}
