//! `ReflectionClassConstant`, the cases of enums, `ReflectionConstant`.

mod constant_stub;
mod global;

pub(crate) use constant_stub::MODULE;

use crate::attribute::{attributes, target};
use crate::support::{
    ConstantOf, HANDLERS, Place, class_argument, fail, fill, make, make_class, modifiers, of,
};
use crate::text::constant_text;
use crate::types::make_type_or_null;
use global::*;
use outlast_bytecode::member_flags as m;
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::class::ClassConst;
use outlast_vm::{ClassRef, Cx, ObjectClass, OrFalse, Ret};
use std::rc::Rc;

fn public_properties(c: &ClassConst) -> [(&'static str, Value); 2] {
    [("name", Value::Str(c.name.clone())), ("class", Value::Str(c.class.get().name.clone()))]
}

/// A `ReflectionClassConstant` or one of its children.
pub fn make_constant(cx: &mut Cx, class: &str, constant: &Rc<ClassConst>) -> Ret<Object> {
    let data = ConstantOf { constant: constant.clone() };
    make(cx, class, &public_properties(constant), Box::new(data))
}

/// The reflection class for the cases of an enum.
pub fn case_class(class: ClassRef) -> &'static str {
    if class.backing != 0 { "ReflectionEnumBackedCase" } else { "ReflectionEnumUnitCase" }
}

fn get(cx: &mut Cx, this: &Object) -> Ret<Rc<ClassConst>> {
    Ok(of::<ConstantOf>(cx, this)?.constant)
}

fn reflection_class_constant_construct(
    cx: &mut Cx,
    this: &Object,
    class: &Value,
    constant: &PhpString,
) -> Ret<()> {
    let class = class_argument(cx, class)?;
    let Some(found) = class.constants.get(constant).cloned() else {
        return Err(fail(
            cx,
            format!("Constant {}::{constant} does not exist", class.display_name()),
        ));
    };
    fill(this, &public_properties(&found), Box::new(ConstantOf { constant: found }));
    Ok(())
}

fn reflection_class_constant_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let c = get(cx, this)?;
    constant_text(cx, &c, "")
}

fn reflection_class_constant_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(get(cx, this)?.name.clone())
}

fn reflection_class_constant_get_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let c = get(cx, this)?;
    cx.constant_value(&c)
}

fn has(cx: &mut Cx, this: &Object, flags: u32) -> Ret<bool> {
    Ok(get(cx, this)?.flags & flags != 0)
}

fn reflection_class_constant_is_public(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(!has(cx, this, m::PROTECTED | m::PRIVATE)?)
}

fn reflection_class_constant_is_private(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PRIVATE)
}

fn reflection_class_constant_is_protected(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::PROTECTED)
}

fn reflection_class_constant_is_final(cx: &mut Cx, this: &Object) -> Ret<bool> {
    has(cx, this, m::FINAL)
}

fn reflection_class_constant_get_modifiers(cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(modifiers(get(cx, this)?.flags) & 0x27)
}

fn reflection_class_constant_get_declaring_class(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let class = get(cx, this)?.class.get();
    make_class(cx, class)
}

fn reflection_class_constant_get_doc_comment(
    cx: &mut Cx,
    this: &Object,
) -> Ret<OrFalse<PhpString>> {
    Ok(OrFalse(get(cx, this)?.doc.clone()))
}

fn reflection_class_constant_get_attributes(
    cx: &mut Cx,
    this: &Object,
    name: Option<&PhpString>,
    flags: i64,
) -> Ret<PhpArray> {
    let c = get(cx, this)?;
    let class = c.class.get();
    let place = Place { unit: class.unit.clone(), scope: Some(class) };
    attributes(cx, c.attributes.clone(), &place, target::CLASS_CONSTANT, name, flags)
}

fn reflection_class_constant_is_enum_case(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.is_case())
}

fn reflection_class_constant_is_deprecated(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.deprecated)
}

fn reflection_class_constant_has_type(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(get(cx, this)?.ty.is_some())
}

fn reflection_class_constant_get_type(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let c = get(cx, this)?;
    make_type_or_null(cx, c.ty.as_deref())
}

fn reflection_enum_unit_case_construct(
    cx: &mut Cx,
    this: &Object,
    class: &Value,
    constant: &PhpString,
) -> Ret<()> {
    reflection_class_constant_construct(cx, this, class, constant)?;
    let c = get(cx, this)?;
    if c.is_case() {
        return Ok(());
    }
    let shown = c.class.get().display_name();
    Err(fail(cx, format!("Constant {shown}::{} is not a case", c.name)))
}

fn reflection_enum_unit_case_get_enum(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let class = get(cx, this)?.class.get();
    make_class(cx, class)
}

fn reflection_enum_unit_case_get_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    reflection_class_constant_get_value(cx, this)
}

fn reflection_enum_backed_case_construct(
    cx: &mut Cx,
    this: &Object,
    class: &Value,
    constant: &PhpString,
) -> Ret<()> {
    reflection_enum_unit_case_construct(cx, this, class, constant)?;
    let c = get(cx, this)?;
    let class = c.class.get();
    if class.backing != 0 {
        return Ok(());
    }
    Err(fail(cx, format!("Enum case {}::{} is not a backed case", class.display_name(), c.name)))
}

fn reflection_enum_backed_case_get_backing_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    let c = get(cx, this)?;
    let Value::Object(case) = cx.constant_value(&c)? else { return Ok(Value::Null) };
    let class = case.class();
    let slot = class.props.get(b"value".as_slice()).map(|p| p.slot as usize);
    Ok(slot.map_or(Value::Null, |s| case.slot(s)))
}
