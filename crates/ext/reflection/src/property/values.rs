//! Reading and writing through `ReflectionProperty`.

use super::get;
use crate::support::{PropertyKind, PropertyOf, fail};
use outlast_value::{Object, Value};
use outlast_vm::props::FetchMode;
use outlast_vm::{Cx, ObjectClass, Ret, lazy};

/// The object, which must be of the class that declares the property.
pub(super) fn target<'a>(
    cx: &mut Cx,
    p: &PropertyOf,
    object: Option<&'a Object>,
) -> Ret<&'a Object> {
    let Some(o) = object else {
        return Err(cx.throw_type_error(format!(
            "ReflectionProperty::{}(): Argument #1 ($object) must be provided for instance \
             properties",
            cx.running_native().map_or_else(String::new, |f| f.name.to_str_lossy().into_owned())
        )));
    };
    if !o.class().is_subclass_of_or_same(p.declaring()) {
        return Err(fail(
            cx,
            "Given object is not an instance of the class this property was declared in",
        ));
    }
    Ok(o)
}

/// The object that has the slot: it is initialized if it is lazy in this slot.
fn behind(cx: &mut Cx, o: &Object, slot: u32) -> Ret<Object> {
    if lazy::is_lazy_slot(o, slot) { cx.realize(o) } else { Ok(o.clone()) }
}

fn read(cx: &mut Cx, p: &PropertyOf, o: &Object) -> Ret<Value> {
    let value = cx.read_prop_scoped(o, &p.name, Some(p.declaring()), FetchMode::Warn)?;
    Ok(value.into_deref())
}

pub(super) fn reflection_property_get_value(
    cx: &mut Cx,
    this: &Object,
    object: Option<&Object>,
) -> Ret<Value> {
    let p = get(cx, this)?;
    if let PropertyKind::Static(_) = p.kind {
        let owner = p.declaring();
        return cx.read_static_prop(owner, &p.name, Some(owner));
    }
    let o = target(cx, &p, object)?;
    read(cx, &p, o)
}

pub(super) fn reflection_property_set_value(
    cx: &mut Cx,
    this: &Object,
    object_or_value: &Value,
    value: Option<&Value>,
) -> Ret<()> {
    let p = get(cx, this)?;
    if let PropertyKind::Static(_) = p.kind {
        let owner = p.declaring();
        let value = match value {
            Some(v) => v.clone(),
            None => {
                cx.raise_deprecated(
                    "Calling ReflectionProperty::setValue() with a single argument is deprecated",
                )?;
                object_or_value.clone()
            }
        };
        return cx.write_static_prop(owner, &p.name, Some(owner), value);
    }
    let Value::Object(o) = object_or_value else {
        let given = cx.value_type_name(object_or_value);
        return Err(cx.throw_type_error(format!(
            "ReflectionProperty::setValue(): Argument #1 ($objectOrValue) must be of type object, \
             {given} given"
        )));
    };
    let Some(value) = value else {
        return Err(cx.throw_arg_count_error(
            "ReflectionProperty::setValue() expects exactly 2 arguments, 1 given",
        ));
    };
    cx.write_prop_scoped(o, &p.name, value.clone(), Some(p.declaring()), false).map(drop)
}

pub(super) fn reflection_property_get_raw_value(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<Value> {
    let p = get(cx, this)?;
    let o = target(cx, &p, Some(object))?;
    match &p.kind {
        PropertyKind::Static(_) => Err(fail(cx, "May not use getRawValue on static properties")),
        PropertyKind::Instance(info) if info.is_virtual() => Err(cx.throw_error(format!(
            "Must not read from virtual property {}::${}",
            p.declaring().display_name(),
            p.name
        ))),
        PropertyKind::Instance(info) if info.has_hooks() => {
            let o = &behind(cx, o, info.slot)?;
            let value = o.slot(info.slot as usize).into_deref();
            if value.is_undef() {
                return Err(cx.throw_error(format!(
                    "Typed property {}::${} must not be accessed before initialization",
                    p.declaring().display_name(),
                    p.name
                )));
            }
            Ok(value)
        }
        _ => read(cx, &p, o),
    }
}

pub(super) fn reflection_property_set_raw_value(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
    value: &Value,
) -> Ret<()> {
    let p = get(cx, this)?;
    let o = target(cx, &p, Some(object))?;
    set_raw(cx, &p, o, value)
}

/// Sets the value behind hooks, if there are any.
pub(super) fn set_raw(cx: &mut Cx, p: &PropertyOf, o: &Object, value: &Value) -> Ret<()> {
    let owner = p.declaring();
    match &p.kind {
        PropertyKind::Static(_) => Err(fail(cx, "May not use setRawValue on static properties")),
        PropertyKind::Instance(info) if info.is_virtual() => Err(cx.throw_error(format!(
            "Must not write to virtual property {}::${}",
            owner.display_name(),
            p.name
        ))),
        PropertyKind::Instance(info) if info.has_hooks() => {
            let mut stored = value.clone();
            if let Some(ty) = &info.ty
                && !cx.check_type(ty, &mut stored, false, Some(owner))?
            {
                return Err(cx.prop_type_error(owner, &p.name, ty, value));
            }
            let o = behind(cx, o, info.slot)?;
            o.set_slot(info.slot as usize, stored);
            Ok(())
        }
        _ => cx.write_prop_scoped(o, &p.name, value.clone(), Some(owner), false).map(drop),
    }
}

pub(super) fn reflection_property_is_initialized(
    cx: &mut Cx,
    this: &Object,
    object: Option<&Object>,
) -> Ret<bool> {
    let p = get(cx, this)?;
    match &p.kind {
        PropertyKind::Static(_) => {
            let owner = p.declaring();
            Ok(!cx.static_prop(owner, &p.name, Some(owner))?.get().is_undef())
        }
        PropertyKind::Instance(info) => {
            let o = target(cx, &p, object)?;
            if info.is_virtual() {
                return Ok(true);
            }
            let o = behind(cx, o, info.slot)?;
            Ok(!o.slot(info.slot as usize).into_deref().is_undef())
        }
        PropertyKind::Dynamic => {
            let o = target(cx, &p, object)?;
            let o = cx.realize(o)?;
            Ok(o.with_dynamic(|t| t.is_some_and(|t| t.get_string(&p.name).is_some())))
        }
    }
}
