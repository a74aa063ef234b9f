//! Lazy objects of a reflected class.

use super::facts::class;
use outlast_value::{Object, Value};
use outlast_vm::lazy::{self, LazyKind, LazyPlan};
use outlast_vm::{Callable, ClassRef, Cx, ObjectClass, Ret};

const SKIP_INITIALIZATION_ON_SERIALIZE: i64 = 8;
const SKIP_DESTRUCTOR: i64 = 16;

/// Argument `index` is the initializer, the one behind it the options.
fn plan(cx: &mut Cx, kind: LazyKind, index: usize, options: i64, resets: bool) -> Ret<LazyPlan> {
    let at = index + 2;
    let complaint = if options & !(SKIP_INITIALIZATION_ON_SERIALIZE | SKIP_DESTRUCTOR) != 0 {
        Some("contains invalid flags")
    } else if !resets && options & SKIP_DESTRUCTOR != 0 {
        Some("does not accept ReflectionClass::SKIP_DESTRUCTOR")
    } else {
        None
    };
    if let Some(complaint) = complaint {
        return Err(cx.arg_error("ReflectionException", at, complaint));
    }
    Ok(LazyPlan {
        kind,
        initializer: cx.native_argument(index),
        serialize_as_is: options & SKIP_INITIALIZATION_ON_SERIALIZE != 0,
    })
}

pub(super) fn reflection_class_new_lazy_ghost(
    cx: &mut Cx,
    this: &Object,
    _initializer: &Callable,
    options: i64,
) -> Ret<Object> {
    let class = class(cx, this)?;
    let plan = plan(cx, LazyKind::Ghost, 0, options, false)?;
    cx.new_lazy(class, plan)
}

pub(super) fn reflection_class_new_lazy_proxy(
    cx: &mut Cx,
    this: &Object,
    _factory: &Callable,
    options: i64,
) -> Ret<Object> {
    let class = class(cx, this)?;
    let plan = plan(cx, LazyKind::Proxy, 0, options, false)?;
    cx.new_lazy(class, plan)
}

fn reset(cx: &mut Cx, this: &Object, object: &Object, kind: LazyKind, options: i64) -> Ret<()> {
    let class = instance_of(cx, this, object)?;
    let plan = plan(cx, kind, 1, options, true)?;
    if lazy::is_uninitialized(object) {
        return Err(crate::support::fail(cx, "Object is already lazy"));
    }
    cx.reset_as_lazy(object, class, plan, options & SKIP_DESTRUCTOR != 0)
}

pub(super) fn reflection_class_reset_as_lazy_ghost(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
    _initializer: &Callable,
    options: i64,
) -> Ret<()> {
    reset(cx, this, object, LazyKind::Ghost, options)
}

pub(super) fn reflection_class_reset_as_lazy_proxy(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
    _factory: &Callable,
    options: i64,
) -> Ret<()> {
    reset(cx, this, object, LazyKind::Proxy, options)
}

/// The reflected class, of which the object must be an instance.
fn instance_of(cx: &mut Cx, this: &Object, object: &Object) -> Ret<ClassRef> {
    let class = class(cx, this)?;
    if object.class().is_subclass_of_or_same(class) {
        return Ok(class);
    }
    let given = object.class().display_name();
    let wanted = class.display_name();
    Err(cx.arg_type_error(1, &format!("must be of type {wanted}, {given} given")))
}

pub(super) fn reflection_class_initialize_lazy_object(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<Object> {
    instance_of(cx, this, object)?;
    cx.realize(object)
}

pub(super) fn reflection_class_is_uninitialized_lazy_object(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<bool> {
    instance_of(cx, this, object)?;
    Ok(lazy::is_uninitialized(object))
}

pub(super) fn reflection_class_mark_lazy_object_as_initialized(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<Object> {
    instance_of(cx, this, object)?;
    cx.mark_initialized(object)?;
    Ok(lazy::backing(object))
}

pub(super) fn reflection_class_get_lazy_initializer(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<Option<Value>> {
    instance_of(cx, this, object)?;
    Ok(lazy::initializer(object))
}
