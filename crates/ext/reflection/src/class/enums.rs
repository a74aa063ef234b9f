//! `ReflectionEnum`.

use super::facts::{class, reflection_class_construct};
use crate::constant::{case_class, make_constant};
use crate::support::{class_argument, fail, object_list};
use crate::types::make_type;
use outlast_bytecode::{TypeDecl, UnionType};
use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

pub(super) fn reflection_enum_construct(
    cx: &mut Cx,
    this: &Object,
    object_or_class: &Value,
) -> Ret<()> {
    let class = class_argument(cx, object_or_class)?;
    if !class.is_enum() {
        return Err(cx.throw_with_code(
            "ReflectionException",
            format!("Class \"{}\" is not an enum", class.display_name()),
            -1,
        ));
    }
    reflection_class_construct(cx, this, object_or_class)
}

pub(super) fn reflection_enum_has_case(cx: &mut Cx, this: &Object, name: &PhpString) -> Ret<bool> {
    Ok(class(cx, this)?.constants.get(name).is_some_and(|c| c.is_case()))
}

pub(super) fn reflection_enum_get_case(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Object> {
    let class = class(cx, this)?;
    let shown = class.display_name();
    match class.constants.get(name) {
        None => Err(fail(cx, format!("Case {shown}::{name} does not exist"))),
        Some(c) if !c.is_case() => Err(fail(cx, format!("{shown}::{name} is not a case"))),
        Some(c) => make_constant(cx, case_class(class), c),
    }
}

pub(super) fn reflection_enum_get_cases(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = Vec::new();
    for c in class.constants.values().filter(|c| c.is_case()) {
        out.push(make_constant(cx, case_class(class), c)?);
    }
    Ok(object_list(out))
}

pub(super) fn reflection_enum_is_backed(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(class(cx, this)?.backing != 0)
}

pub(super) fn reflection_enum_get_backing_type(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let bits = class(cx, this)?.backing;
    if bits == 0 {
        return Ok(None);
    }
    make_type(cx, &TypeDecl::Union(UnionType { bits, ..UnionType::default() })).map(Some)
}
