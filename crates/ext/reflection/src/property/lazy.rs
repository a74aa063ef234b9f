//! Properties of lazy objects.

use super::get;
use super::values::{set_raw, target};
use crate::support::{PropertyKind, PropertyOf, fail};
use outlast_value::{Object, Value};
use outlast_vm::class::{Lazy, PropInfo};
use outlast_vm::{Cx, ObjectClass, Ret, lazy};
use std::rc::Rc;

/// The declared property that `method` works on, and the object behind a proxy.
fn place(
    cx: &mut Cx,
    p: &PropertyOf,
    object: &Object,
    method: &str,
) -> Ret<(Rc<PropInfo>, Object)> {
    let o = target(cx, p, Some(object))?;
    let (what, class) = match &p.kind {
        PropertyKind::Dynamic => ("dynamic", p.class),
        PropertyKind::Static(_) => ("static", p.declaring()),
        PropertyKind::Instance(info) if info.is_virtual() => ("virtual", p.declaring()),
        PropertyKind::Instance(info) => {
            let class = o.class();
            if class.native.is_some() && class.key.as_bytes() != b"stdclass" {
                return Err(fail(
                    cx,
                    format!("Can not use {method} on internal class {}", class.display_name()),
                ));
            }
            return Ok((info.clone(), lazy::backing(o)));
        }
    };
    Err(fail(
        cx,
        format!("Can not use {method} on {what} property {}::${}", class.display_name(), p.name),
    ))
}

pub(super) fn reflection_property_set_raw_value_without_lazy_initialization(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
    value: &Value,
) -> Ret<()> {
    let p = get(cx, this)?;
    let (info, o) = place(cx, &p, object, "setRawValueWithoutLazyInitialization")?;
    let was_lazy = lazy::is_lazy_slot(&o, info.slot);
    lazy::set_lazy_slot(&o, info.slot, false);
    let result = set_raw(cx, &p, &o, value);
    if was_lazy && result.is_err() && o.with_slot(info.slot as usize, Value::is_undef) {
        lazy::set_lazy_slot(&o, info.slot, true);
    }
    lazy::settle(&o);
    result
}

pub(super) fn reflection_property_skip_lazy_initialization(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<()> {
    let p = get(cx, this)?;
    let (info, o) = place(cx, &p, object, "skipLazyInitialization")?;
    if !lazy::is_lazy_slot(&o, info.slot) {
        return Ok(());
    }
    let class = o.class();
    cx.prepare_class(class)?;
    lazy::set_lazy_slot(&o, info.slot, false);
    let default = match class.slots.borrow().get(info.slot as usize) {
        Some(Lazy::Value(v)) => v.clone(),
        _ => Value::Undef,
    };
    o.set_slot(info.slot as usize, default);
    lazy::settle(&o);
    Ok(())
}

pub(super) fn reflection_property_is_lazy(
    cx: &mut Cx,
    this: &Object,
    object: &Object,
) -> Ret<bool> {
    let p = get(cx, this)?;
    let o = target(cx, &p, Some(object))?;
    Ok(match &p.kind {
        PropertyKind::Instance(info) if !info.is_virtual() => {
            lazy::is_lazy_slot(&lazy::backing(o), info.slot)
        }
        _ => false,
    })
}
