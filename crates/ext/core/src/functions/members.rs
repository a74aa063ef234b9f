//! Functions about the members of classes and objects.

use outlast_bytecode::member_flags;
use outlast_value::{Key, KeyRef, Object, PhpArray, PhpString, Value};
use outlast_vm::class::Lazy;
use outlast_vm::function::Func;
use outlast_vm::props::{PropLookup, lookup_prop, protected_access};
use outlast_vm::{ClassRef, Cx, ObjectClass, PropertiesFor, Ret};

/// The class of an object, or of that name; `None` if there is none.
fn class_of(cx: &mut Cx, object_or_class: &Value) -> Ret<Option<ClassRef>> {
    match object_or_class {
        Value::Object(o) => Ok(Some(o.class())),
        Value::Str(name) => cx.lookup_class(name, true),
        _ => Ok(None),
    }
}

pub(super) fn get_class_vars(cx: &mut Cx, name: &PhpString) -> Ret<PhpArray> {
    let Some(class) = cx.lookup_class(name, true)? else {
        let text = format!("must be a valid class name, {} given", name.to_str_lossy());
        return Err(cx.arg_type_error(1, &text));
    };
    let scope = cx.scope();
    cx.prepare_class(class)?;
    let mut vars = PhpArray::new();
    for info in class.props.values() {
        let visible = matches!(lookup_prop(class, &info.name, scope), PropLookup::Slot(_));
        if !visible || info.is_virtual() {
            continue;
        }
        let value = match class.slots.borrow().get(info.slot as usize) {
            Some(Lazy::Value(v)) => v.clone().or_null(),
            _ => Value::Null,
        };
        vars.insert(Key::from_string(info.name.clone()), value);
    }
    for prop in class.static_props.values() {
        let declaring = prop.class.get();
        let visible = prop.flags & member_flags::PUBLIC != 0
            || prop.flags & member_flags::PRIVATE != 0 && scope == Some(declaring)
            || prop.flags & member_flags::PROTECTED != 0 && protected_access(declaring, scope);
        if !visible {
            continue;
        }
        // Makes the value, if it was not used yet; one without a value stands as null.
        let value = match cx.static_prop_quiet(class, &prop.name, Some(declaring))? {
            Some(r) => r.get().or_null(),
            None => Value::Null,
        };
        vars.insert(Key::from_string(prop.name.clone()), value);
    }
    Ok(vars)
}

pub(super) fn get_object_vars(cx: &mut Cx, object: &Object) -> Ret<PhpArray> {
    let scope = cx.scope();
    let class = object.class();
    let Some(properties) = class.handlers.properties else {
        return cx.object_vars(object, scope);
    };
    let all = properties(cx, object, PropertiesFor::ArrayCast)?;
    let mut visible = PhpArray::with_capacity(all.len());
    for (key, value) in all.iter_refs() {
        let name = match key {
            KeyRef::Str(s) if s.first() == Some(&0) => {
                let at = s[1..].iter().position(|&b| b == 0).map_or(s.len(), |p| p + 2);
                let name = PhpString::new(&s[at..]);
                if !matches!(lookup_prop(class, &name, scope), PropLookup::Slot(_)) {
                    continue;
                }
                Key::from_string(name)
            }
            other => other.to_key(),
        };
        visible.insert(name, value.clone());
    }
    Ok(visible)
}

pub(super) fn get_mangled_object_vars(cx: &mut Cx, object: &Object) -> Ret<PhpArray> {
    let object = cx.realize_for(object, PropertiesFor::ArrayCast)?;
    Ok(cx.mangled_vars(&object))
}

pub(super) fn get_class_methods(cx: &mut Cx, object_or_class: &Value) -> Ret<PhpArray> {
    let Some(class) = class_of(cx, object_or_class)? else {
        return Err(super::classes::not_a_class(cx, object_or_class));
    };
    let scope = cx.scope();
    let names = class
        .methods
        .values()
        .filter(|m| method_visible(m, class, scope))
        .map(|m| Value::Str(m.name.clone()))
        .collect();
    Ok(PhpArray::from_list(names))
}

fn method_visible(method: &Func, class: ClassRef, scope: Option<ClassRef>) -> bool {
    let declaring = method.scope().unwrap_or(class);
    if method.is_private() {
        scope == Some(declaring)
    } else if method.modifiers & member_flags::PROTECTED != 0 {
        protected_access(declaring, scope)
    } else {
        true
    }
}

/// TypeError "… must be of type object|string, int given".
fn not_a_class(cx: &mut Cx, given: &Value) -> outlast_vm::Unwind {
    let given = cx.value_type_name(given);
    cx.arg_type_error(1, &format!("must be of type object|string, {given} given"))
}

pub(super) fn method_exists(cx: &mut Cx, object_or_class: &Value, method: &PhpString) -> Ret<bool> {
    let class = match object_or_class {
        Value::Object(_) | Value::Str(_) => class_of(cx, object_or_class)?,
        other => return Err(not_a_class(cx, other)),
    };
    let Some(class) = class else { return Ok(false) };
    let lower = method.to_ascii_lowercase();
    match class.method(&lower) {
        // A parent's private method is none of the class's own.
        Some(m) if m.is_private() => Ok(m.scope() == Some(class)),
        Some(_) => Ok(true),
        None => Ok(lower == b"__invoke" && class.key.as_bytes() == b"closure"),
    }
}

pub(super) fn property_exists(
    cx: &mut Cx,
    object_or_class: &Value,
    property: &PhpString,
) -> Ret<bool> {
    let class = match object_or_class {
        Value::Object(_) | Value::Str(_) => class_of(cx, object_or_class)?,
        other => return Err(not_a_class(cx, other)),
    };
    let Some(class) = class else { return Ok(false) };
    let declared =
        class.props.get(property).is_some_and(|p| !p.is_private() || p.class.get() == class)
            || class
                .static_props
                .get(property)
                .is_some_and(|p| p.flags & member_flags::PRIVATE == 0 || p.class.get() == class);
    if declared {
        return Ok(true);
    }
    match object_or_class {
        Value::Object(o) => cx.has_prop(o, property),
        _ => Ok(false),
    }
}
