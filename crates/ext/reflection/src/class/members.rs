//! Methods, properties and constants of a class.

use super::facts::class;
use crate::constant::make_constant;
use crate::function;
use crate::property::{find_property, make_property};
use crate::support::{
    ClassOf, FunctionOf, PropertyKind, PropertyOf, fail, make_method, make_method_of, modifiers,
    object_list, of,
};
use outlast_bytecode::member_flags as m;
use outlast_value::{Key, KeyRef, Object, PhpArray, PhpString, Value};
use outlast_vm::class::Lazy;
use outlast_vm::{ClassRef, Cx, OrFalse, Ret};
use std::rc::Rc;

pub(super) fn reflection_class_get_constructor(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let constructor = class(cx, this)?.magic.construct.clone();
    constructor.map(|f| make_method(cx, &f, None)).transpose()
}

pub(super) fn reflection_class_has_method(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<bool> {
    let class = class(cx, this)?;
    let lower = name.to_ascii_lowercase();
    Ok(class.method(&lower).is_some()
        || lower == b"__invoke" && class.name.as_bytes() == b"Closure")
}

pub(super) fn reflection_class_get_method(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Object> {
    let of = of::<ClassOf>(cx, this)?;
    let found = function::find_method(cx, of.class, of.object.as_ref(), name)?;
    make_method_of(cx, found)
}

fn passes(flags: u32, filter: Option<i64>) -> bool {
    filter.is_none_or(|f| modifiers(flags) & f != 0)
}

pub(super) fn reflection_class_get_methods(
    cx: &mut Cx,
    this: &Object,
    filter: Option<i64>,
) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = Vec::new();
    for f in class.methods.values() {
        let hidden = f.is_private() && f.scope() != Some(class);
        if !hidden && passes(f.modifiers, filter) {
            let of = FunctionOf { func: f.clone(), closure: None, class: Some(class) };
            out.push(make_method_of(cx, of)?);
        }
    }
    Ok(object_list(out))
}

fn has_dynamic(object: Option<&Object>, name: &PhpString) -> bool {
    object.is_some_and(|o| o.with_dynamic(|t| t.is_some_and(|t| t.get_string(name).is_some())))
}

pub(super) fn reflection_class_has_property(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<bool> {
    let of = of::<ClassOf>(cx, this)?;
    Ok(find_property(of.class, name).is_some() || has_dynamic(of.object.as_ref(), name))
}

pub(super) fn reflection_class_get_property(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Object> {
    let of = of::<ClassOf>(cx, this)?;
    if let Some(p) = find_property(of.class, name) {
        return make_property(cx, p);
    }
    if has_dynamic(of.object.as_ref(), name) {
        let data = PropertyOf { class: of.class, name: name.clone(), kind: PropertyKind::Dynamic };
        return make_property(cx, data);
    }
    if let Some(at) = name.windows(2).position(|w| w == b"::") {
        let (class, member) = (PhpString::new(&name[..at]), PhpString::new(&name[at + 2..]));
        let Some(named) = cx.lookup_class(&class, true)? else {
            return Err(cx.throw_with_code(
                "ReflectionException",
                format!("Class \"{class}\" does not exist"),
                -1,
            ));
        };
        if !of.class.is_subclass_of_or_same(named) {
            return Err(fail(
                cx,
                format!(
                    "Fully qualified property name {}::${member} does not specify a base class \
                     of {}",
                    named.display_name(),
                    of.class.display_name()
                ),
            ));
        }
        if let Some(p) = find_property(named, &member) {
            return make_property(cx, p);
        }
        return Err(fail(
            cx,
            format!("Property {}::${member} does not exist", of.class.display_name()),
        ));
    }
    Err(fail(cx, format!("Property {}::${name} does not exist", of.class.display_name())))
}

/// The properties that a class shows, in PHP's order as far as the tables tell.
pub fn properties(class: ClassRef) -> Vec<PropertyOf> {
    let mut out = Vec::new();
    for p in class.props.values() {
        if p.flags & m::PRIVATE == 0 || p.class.get() == class {
            let kind = PropertyKind::Instance(p.clone());
            out.push(PropertyOf { class, name: p.name.clone(), kind });
        }
    }
    for p in class.static_props.values() {
        if p.flags & m::PRIVATE == 0 || p.class.get() == class {
            let kind = PropertyKind::Static(Rc::new(p.clone()));
            out.push(PropertyOf { class, name: p.name.clone(), kind });
        }
    }
    let order = declaration_order(class);
    out.sort_by_key(|p| order.iter().position(|name| *name == p.name).unwrap_or(usize::MAX));
    out
}

/// Names of properties as the class declares them, then as its parents do.
fn declaration_order(class: ClassRef) -> Vec<PhpString> {
    let mut out: Vec<PhpString> = Vec::new();
    let mut at = Some(class);
    while let Some(class) = at {
        let unit = class.unit.as_ref().map(|u| u.unit.clone());
        let decl = unit.as_ref().and_then(|unit| {
            unit.classes
                .iter()
                .find(|d| *d.name == *class.name.as_bytes() && d.start_line == class.start_line)
        });
        for property in decl.iter().flat_map(|d| d.properties.iter()) {
            if !out.iter().any(|name| *name == *property.name) {
                out.push(PhpString::new(&property.name));
            }
        }
        at = class.parent;
    }
    out
}

/// Names of the dynamic properties of an object.
pub fn dynamic_names(object: &Object) -> Vec<PhpString> {
    let Some(table) = object.dynamic() else { return Vec::new() };
    table
        .iter_refs()
        .map(|(k, _)| match k {
            KeyRef::Str(s) => s.clone(),
            KeyRef::Int(i) => PhpString::from(i.to_string()),
        })
        .collect()
}

pub(super) fn reflection_class_get_properties(
    cx: &mut Cx,
    this: &Object,
    filter: Option<i64>,
) -> Ret<PhpArray> {
    let of = of::<ClassOf>(cx, this)?;
    let mut out = Vec::new();
    for p in properties(of.class) {
        if passes(p.flags(), filter) {
            out.push(make_property(cx, p)?);
        }
    }
    if let Some(o) = &of.object
        && passes(m::PUBLIC, filter)
    {
        for name in dynamic_names(o) {
            let data = PropertyOf { class: of.class, name, kind: PropertyKind::Dynamic };
            out.push(make_property(cx, data)?);
        }
    }
    Ok(object_list(out))
}

pub(super) fn reflection_class_has_constant(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<bool> {
    Ok(class(cx, this)?.constants.contains_key(name))
}

pub(super) fn reflection_class_get_constants(
    cx: &mut Cx,
    this: &Object,
    filter: Option<i64>,
) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = PhpArray::new();
    for c in class.constants.values() {
        let hidden = c.flags & m::PRIVATE != 0 && c.class.get() != class;
        if !hidden && passes(c.flags, filter) {
            let value = cx.constant_value(c)?;
            out.insert(Key::from_string(c.name.clone()), value);
        }
    }
    Ok(out)
}

pub(super) fn reflection_class_get_reflection_constants(
    cx: &mut Cx,
    this: &Object,
    filter: Option<i64>,
) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = Vec::new();
    for c in class.constants.values() {
        let hidden = c.flags & m::PRIVATE != 0 && c.class.get() != class;
        if !hidden && passes(c.flags, filter) {
            out.push(make_constant(cx, "ReflectionClassConstant", c)?);
        }
    }
    Ok(object_list(out))
}

pub(super) fn reflection_class_get_constant(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<Value> {
    let class = class(cx, this)?;
    match class.constants.get(name) {
        Some(c) => cx.constant_value(c),
        None => Ok(Value::Bool(false)),
    }
}

pub(super) fn reflection_class_get_reflection_constant(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<OrFalse<Object>> {
    let class = class(cx, this)?;
    let found = class.constants.get(name);
    Ok(OrFalse(found.map(|c| make_constant(cx, "ReflectionClassConstant", c)).transpose()?))
}

pub(super) fn reflection_class_get_static_properties(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = PhpArray::new();
    for p in class.static_props.values() {
        let owner = p.class.get();
        if p.flags & m::PRIVATE != 0 && owner != class {
            continue;
        }
        let storage = cx.static_prop(owner, &p.name, Some(owner))?;
        let value = storage.get();
        if !value.is_undef() {
            out.insert(Key::from_string(p.name.clone()), value);
        }
    }
    Ok(out)
}

pub(super) fn reflection_class_get_static_property_value(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    default: Option<&Value>,
) -> Ret<Value> {
    let class = class(cx, this)?;
    match class.static_props.get(name) {
        Some(p) => {
            let owner = p.class.get();
            cx.read_static_prop(owner, name, Some(owner))
        }
        None => match default {
            Some(v) => Ok(v.clone()),
            None => {
                Err(fail(cx, format!("Property {}::${name} does not exist", class.display_name())))
            }
        },
    }
}

pub(super) fn reflection_class_set_static_property_value(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
    value: &Value,
) -> Ret<()> {
    let class = class(cx, this)?;
    match class.static_props.get(name) {
        Some(p) => {
            let owner = p.class.get();
            cx.write_static_prop(owner, name, Some(owner), value.clone())
        }
        None => Err(fail(
            cx,
            format!("Class {} does not have a property named {name}", class.display_name()),
        )),
    }
}

/// The default of an instance property; `None` if it has none.
pub fn slot_default(cx: &mut Cx, class: ClassRef, slot: u32) -> Ret<Option<Value>> {
    if !class.slots_ready.get() {
        cx.prepare_class(class)?;
    }
    Ok(match class.slots.borrow().get(slot as usize) {
        Some(Lazy::Value(v)) if !v.is_undef() => Some(v.clone()),
        _ => None,
    })
}

pub(super) fn reflection_class_get_default_properties(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let class = class(cx, this)?;
    let mut out = PhpArray::new();
    let (statics, own): (Vec<_>, Vec<_>) =
        properties(class).into_iter().partition(|p| matches!(p.kind, PropertyKind::Static(_)));
    for p in statics.into_iter().chain(own) {
        if let Some(value) = p.default(cx)? {
            out.insert(Key::from_string(p.name.clone()), value);
        }
    }
    Ok(out)
}
