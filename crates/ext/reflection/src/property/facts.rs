//! What a property says about itself.

use super::get;
use crate::attribute::{attributes, target};
use crate::support::{Place, PropertyKind, make_class, modifiers};
use crate::text::property_text;
use crate::types::make_type_or_null;
use outlast_bytecode::member_flags as m;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::props::prop_flags;
use outlast_vm::{Cx, OrFalse, Ret};

pub(super) fn reflection_property_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let p = get(cx, this)?;
    property_text(cx, &p, "")
}

pub(super) fn reflection_property_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(get(cx, this)?.name)
}

fn has(cx: &mut Cx, this: &Object, flags: u32) -> Ret<bool> {
    Ok(get(cx, this)?.flags() & flags != 0)
}

pub(super) fn reflection_property_is_public(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PUBLIC)
}

pub(super) fn reflection_property_is_private(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PRIVATE)
}

pub(super) fn reflection_property_is_protected(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PROTECTED)
}

pub(super) fn reflection_property_is_private_set(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PRIVATE_SET)
}

pub(super) fn reflection_property_is_protected_set(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PROTECTED_SET)
}

pub(super) fn reflection_property_is_static(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::STATIC)
}

pub(super) fn reflection_property_is_read_only(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::READONLY)
}

pub(super) fn reflection_property_is_default(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(!matches!(get(cx, this)?.kind, PropertyKind::Dynamic))
}

pub(super) fn reflection_property_is_dynamic(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(matches!(get(cx, this)?.kind, PropertyKind::Dynamic))
}

pub(super) fn reflection_property_is_abstract(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::ABSTRACT | prop_flags::ABSTRACT_GET | prop_flags::ABSTRACT_SET)
}

pub(super) fn reflection_property_is_virtual(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::VIRTUAL)
}

pub(super) fn reflection_property_is_promoted(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PROMOTED)
}

pub(super) fn reflection_property_is_final(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::FINAL)
}

pub(super) fn reflection_property_get_modifiers(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(modifiers(get(cx, this)?.flags()))
}

pub(super) fn reflection_property_get_declaring_class(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let class = get(cx, this)?.declaring();
    make_class(cx, class)
}

pub(super) fn reflection_property_get_doc_comment(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(get(cx, this)?.doc()))
}

pub(super) fn reflection_property_set_accessible(
    _cx: &mut Cx,
    _this: &Object,
    _accessible: bool,
) -> Ret<()> {
    Ok(())
}

pub(super) fn reflection_property_get_type(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let ty = get(cx, this)?.ty();
    make_type_or_null(cx, ty.as_deref())
}

pub(super) fn reflection_property_has_type(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.ty().is_some())
}

pub(super) fn reflection_property_has_default_value(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let p = get(cx, this)?;
    Ok(match &p.kind {
        PropertyKind::Instance(i) => {
            !i.is_virtual() && i.flags & m::PROMOTED == 0 && (i.has_default || i.ty.is_none())
        }
        PropertyKind::Static(s) => s.has_default || s.ty.is_none(),
        PropertyKind::Dynamic => false,
    })
}

pub(super) fn reflection_property_get_default_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let p = get(cx, this)?;
    Ok(p.default(cx)?.unwrap_or(Value::Null))
}

pub(super) fn reflection_property_get_attributes(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    let p = get(cx, this)?;
    let owner = p.declaring();
    let place = Place { unit: owner.unit.clone(), scope: Some(owner) };
    attributes(cx, p.attributes(), &place, target::PROPERTY, name, flags)
}
