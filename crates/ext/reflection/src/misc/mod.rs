//! `ReflectionExtension`, `ReflectionGenerator`, `ReflectionFiber`, `ReflectionReference`.

mod extension;
mod misc_stub;

pub(crate) use extension::make_extension;
pub(crate) use misc_stub::MODULE;

use crate::support::{FunctionOf, HANDLERS, fail, fill, make, make_function, of};
use extension::*;
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Reference, Value};
use outlast_vm::generator::GeneratorState;
use outlast_vm::{Cx, Ret};

/// Behind a `ReflectionGenerator` or `ReflectionFiber`: the object it is about.
#[derive(Clone)]
struct ObjectOf(Object);

/// Behind a `ReflectionReference`.
#[derive(Clone)]
struct ReferenceOf(Reference);

impl ObjectData for ObjectOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Object(self.0.clone()));
    }
}

impl ObjectData for ReferenceOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Ref(self.0.clone()));
    }
}

fn reflection_generator_construct(cx: &mut Cx, this: &Object, generator: &Object) -> Ret<()> {
    if is_done(cx, generator) {
        return Err(terminated(cx));
    }
    fill(this, &[], Box::new(ObjectOf(generator.clone())));
    Ok(())
}

fn is_done(cx: &mut Cx, generator: &Object) -> bool {
    cx.generator_state(generator) == GeneratorState::Done
}

fn terminated(cx: &mut Cx) -> outlast_vm::Unwind {
    fail(cx, "Cannot create ReflectionGenerator based on a terminated Generator")
}

fn generator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let g = of::<ObjectOf>(cx, this)?.0;
    if is_done(cx, &g) {
        return Err(fail(cx, "Cannot fetch information from a terminated Generator"));
    }
    Ok(g)
}

fn reflection_generator_get_executing_line(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let g = generator(cx, this)?;
    Ok(match cx.generator_function(&g) {
        Some((_, line)) => i64::from(line),
        None => i64::from(cx.position().1),
    })
}

fn reflection_generator_get_executing_file(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let g = generator(cx, this)?;
    let f = cx.generator_body(&g);
    Ok(f.user().map_or_else(PhpString::empty, |u| u.unit.file.clone()))
}

fn reflection_generator_get_function(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let g = generator(cx, this)?;
    let func = cx.generator_body(&g);
    make_function(cx, &FunctionOf { func, closure: None, class: None })
}

fn reflection_generator_is_closed(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let g = of::<ObjectOf>(cx, this)?.0;
    Ok(is_done(cx, &g))
}

fn reflection_fiber_construct(_cx: &mut Cx, this: &Object, fiber: &Object) -> Ret<()> {
    fill(this, &[], Box::new(ObjectOf(fiber.clone())));
    Ok(())
}

fn reflection_fiber_get_fiber(cx: &mut Cx, this: &Object) -> Ret<Object> {
    Ok(of::<ObjectOf>(cx, this)?.0)
}

fn reflection_reference_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn reflection_reference_from_array_element(
    cx: &mut Cx,
    array: PhpArray,
    key: &Value,
) -> Ret<Option<Object>> {
    let key = match key {
        Value::Int(i) => Key::Int(*i),
        v => Key::from_string(cx.to_str(v)?),
    };
    match array.get(&key) {
        None => Err(fail(cx, "Array key not found")),
        // One count is the array's: a reference that nobody shares is none.
        Some(Value::Ref(r)) if r.count() > 1 => {
            make(cx, "ReflectionReference", &[], Box::new(ReferenceOf(r.clone()))).map(Some)
        }
        Some(_) => Ok(None),
    }
}

/// An id that is the same for the same reference: its address, scrambled so that it tells nothing.
fn reflection_reference_get_id(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let r = of::<ReferenceOf>(cx, this)?.0;
    let mut word = r.ptr_id() as u64;
    let mut out = Vec::with_capacity(20);
    while out.len() < 20 {
        word = (word ^ word >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 0x5bd1;
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.truncate(20);
    Ok(out)
}
