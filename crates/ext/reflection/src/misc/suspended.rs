//! `ReflectionGenerator` and `ReflectionFiber`: code that may be suspended.

use crate::support::{FunctionOf, fail, fill, make_function, of};
use outlast_value::{Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::generator::GeneratorState;
use outlast_vm::{Cx, Ret, Unwind};

/// The object it is about.
#[derive(Clone)]
struct ObjectOf(Object);

impl ObjectData for ObjectOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Object(self.0.clone()));
    }
}

pub(super) fn reflection_generator_construct(
    _cx: &mut Cx,
    this: &Object,
    generator: &Object,
) -> Ret<()> {
    fill(this, &[], Box::new(ObjectOf(generator.clone())));
    Ok(())
}

fn is_done(cx: &mut Cx, generator: &Object) -> bool {
    cx.generator_state(generator) == GeneratorState::Done
}

fn generator(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let g = of::<ObjectOf>(cx, this)?.0;
    if is_done(cx, &g) {
        return Err(fail(cx, "Cannot fetch information from a closed Generator"));
    }
    Ok(g)
}

pub(super) fn reflection_generator_get_executing_line(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let g = generator(cx, this)?;
    Ok(match cx.generator_function(&g) {
        Some((_, line)) => i64::from(line),
        None => i64::from(cx.position().1),
    })
}

pub(super) fn reflection_generator_get_executing_file(
    cx: &mut Cx,
    this: &Object,
) -> Ret<PhpString> {
    let g = generator(cx, this)?;
    let f = cx.generator_body(&g);
    Ok(f.user().map_or_else(PhpString::empty, |u| u.unit.file.clone()))
}

pub(super) fn reflection_generator_get_trace(
    cx: &mut Cx,
    this: &Object,
    options: i64,
) -> Ret<PhpArray> {
    let g = generator(cx, this)?;
    Ok(cx.generator_trace(&g, options))
}

pub(super) fn reflection_generator_get_function(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let g = of::<ObjectOf>(cx, this)?.0;
    let func = cx.generator_body(&g);
    make_function(cx, &FunctionOf { func, closure: None, class: None })
}

pub(super) fn reflection_generator_get_this(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let g = generator(cx, this)?;
    Ok(cx.generator_this(&g))
}

pub(super) fn reflection_generator_get_executing_generator(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Object> {
    let g = generator(cx, this)?;
    Ok(cx.generator_leaf(&g))
}

pub(super) fn reflection_generator_is_closed(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let g = of::<ObjectOf>(cx, this)?.0;
    Ok(is_done(cx, &g))
}

pub(super) fn reflection_fiber_construct(_cx: &mut Cx, this: &Object, fiber: &Object) -> Ret<()> {
    fill(this, &[], Box::new(ObjectOf(fiber.clone())));
    Ok(())
}

pub(super) fn reflection_fiber_get_fiber(cx: &mut Cx, this: &Object) -> Ret<Object> {
    Ok(of::<ObjectOf>(cx, this)?.0)
}

fn not_under_way(cx: &mut Cx) -> Unwind {
    cx.throw_error(
        "Cannot fetch information from a fiber that has not been started or is terminated",
    )
}

fn position(cx: &mut Cx, this: &Object) -> Ret<(PhpString, u32)> {
    let fiber = of::<ObjectOf>(cx, this)?.0;
    match cx.fiber_position(&fiber)? {
        Some(position) => Ok(position),
        None => Err(not_under_way(cx)),
    }
}

pub(super) fn reflection_fiber_get_executing_file(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<PhpString>> {
    position(cx, this).map(|(file, _)| Some(file))
}

pub(super) fn reflection_fiber_get_executing_line(cx: &mut Cx, this: &Object) -> Ret<Option<i64>> {
    position(cx, this).map(|(_, line)| Some(i64::from(line)))
}

pub(super) fn reflection_fiber_get_callable(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let fiber = of::<ObjectOf>(cx, this)?.0;
    let Some(callable) = cx.fiber_callable(&fiber)? else {
        return Err(cx.throw_error("Cannot fetch the callable from a fiber that has terminated"));
    };
    if let Some(closure) = callable.closure {
        return Ok(Value::Object(closure));
    }
    let name = Value::Str(callable.magic_name.unwrap_or_else(|| callable.func.name.clone()));
    let owner = match (callable.this, callable.static_class) {
        (Some(o), _) => Value::Object(o),
        (None, Some(class)) => Value::Str(class.name.clone()),
        (None, None) => return Ok(name),
    };
    Ok(Value::Array(PhpArray::from_list(vec![owner, name])))
}

pub(super) fn reflection_fiber_get_trace(
    cx: &mut Cx,
    this: &Object,
    options: i64,
) -> Ret<PhpArray> {
    let fiber = of::<ObjectOf>(cx, this)?.0;
    match cx.fiber_trace(&fiber, options)? {
        Some(trace) => Ok(trace),
        None => Err(not_under_way(cx)),
    }
}
