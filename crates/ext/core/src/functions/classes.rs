//! Functions about classes: their names, relations and existence.

use outlast_bytecode::class_flags;
use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, NativeClass, ObjectClass, OrFalse, Ret, Unwind, level};

pub(super) fn get_class(cx: &mut Cx, object: Option<&outlast_value::Object>) -> Ret<PhpString> {
    if let Some(o) = object {
        return Ok(o.class().name.clone());
    }
    let Some(scope) = cx.scope() else {
        return Err(
            cx.throw_error("get_class() without arguments must be called from within a class")
        );
    };
    cx.raise(level::DEPRECATED, "Calling get_class() without arguments is deprecated")?;
    Ok(scope.name.clone())
}

pub(super) fn get_called_class(cx: &mut Cx) -> Ret<PhpString> {
    match cx.called_class() {
        Some(class) => Ok(class.name.clone()),
        None => Err(cx.throw_error("get_called_class() must be called from within a class")),
    }
}

pub(super) fn get_parent_class(cx: &mut Cx, of: Option<&Value>) -> Ret<OrFalse<PhpString>> {
    let class = match of {
        Some(Value::Object(o)) => Some(o.class()),
        Some(v) => {
            let class = match v {
                Value::Str(name) => cx.lookup_class(name, true)?,
                _ => None,
            };
            if class.is_none() {
                return Err(not_a_class(cx, v));
            }
            class
        }
        None => {
            cx.raise(
                level::DEPRECATED,
                "Calling get_parent_class() without arguments is deprecated",
            )?;
            cx.scope()
        }
    };
    Ok(OrFalse(class.and_then(|c| c.parent).map(|p| p.name.clone())))
}

/// TypeError "… must be an object or a valid class name, string given".
pub(super) fn not_a_class(cx: &mut Cx, given: &Value) -> Unwind {
    let given = cx.value_type_name(given);
    cx.arg_type_error(1, &format!("must be an object or a valid class name, {given} given"))
}

pub(super) fn is_a(cx: &mut Cx, subject: &Value, class: &PhpString, strings: bool) -> Ret<bool> {
    related(cx, subject, class, strings, false)
}

pub(super) fn is_subclass_of(
    cx: &mut Cx,
    subject: &Value,
    class: &PhpString,
    strings: bool,
) -> Ret<bool> {
    related(cx, subject, class, strings, true)
}

fn related(
    cx: &mut Cx,
    subject: &Value,
    class: &PhpString,
    strings: bool,
    only_below: bool,
) -> Ret<bool> {
    let instance = match subject {
        Value::Object(o) => o.class(),
        Value::Str(s) if strings => match cx.lookup_class(s, true)? {
            Some(c) => c,
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    if !only_below && instance.name == *class {
        return Ok(true);
    }
    let Some(other) = cx.lookup_class(class, false)? else { return Ok(false) };
    if only_below && instance == other {
        return Ok(false);
    }
    Ok(instance.is_subclass_of_or_same(other))
}

fn exists(cx: &mut Cx, name: &PhpString, autoload: bool, kind: fn(ClassRef) -> bool) -> Ret<bool> {
    Ok(cx.lookup_class(name, autoload)?.is_some_and(kind))
}

pub(super) fn class_exists(cx: &mut Cx, name: &PhpString, autoload: bool) -> Ret<bool> {
    exists(cx, name, autoload, |c| !c.is_interface() && !c.is_trait())
}

pub(super) fn interface_exists(cx: &mut Cx, name: &PhpString, autoload: bool) -> Ret<bool> {
    exists(cx, name, autoload, |c| c.is_interface())
}

pub(super) fn trait_exists(cx: &mut Cx, name: &PhpString, autoload: bool) -> Ret<bool> {
    exists(cx, name, autoload, |c| c.is_trait())
}

pub(super) fn enum_exists(cx: &mut Cx, name: &PhpString, autoload: bool) -> Ret<bool> {
    exists(cx, name, autoload, |c| c.is_enum())
}

/// Names that are types or keywords and cannot be those of classes.
const RESERVED: &[&str] = &[
    "bool", "false", "float", "int", "null", "parent", "self", "static", "string", "true", "void",
    "never", "iterable", "object", "mixed",
];

pub(super) fn class_alias(
    cx: &mut Cx,
    name: &PhpString,
    alias: &PhpString,
    autoload: bool,
) -> Ret<bool> {
    let Some(class) = cx.lookup_class(name, autoload)? else {
        cx.raise_warning(format!("Class \"{}\" not found", name.to_str_lossy()))?;
        return Ok(false);
    };
    let bare = alias.strip_prefix(b"\\").unwrap_or(alias);
    let shown = String::from_utf8_lossy(bare).into_owned();
    if RESERVED.iter().any(|r| bare.eq_ignore_ascii_case(r.as_bytes())) {
        let message = format!("Cannot use \"{shown}\" as a class alias as it is reserved");
        return Err(cx.fatal(message));
    }
    if cx.alias_class(class, bare) {
        return Ok(true);
    }
    // What has the name already, and where it comes from.
    let other = cx.class(bare);
    let place = other.and_then(|c| c.unit.as_ref().map(|u| (u.file.clone(), c.start_line)));
    let kind = class.kind_name();
    let message = match place {
        Some((file, line)) => format!(
            "Cannot redeclare {kind} {shown} (previously declared in {}:{line})",
            file.to_str_lossy()
        ),
        None => format!("Cannot redeclare {kind} {shown}"),
    };
    cx.raise_warning(message)?;
    Ok(false)
}

/// Names of the native and the user's classes with a property, in order.
fn declared(cx: &mut Cx, native: fn(&NativeClass) -> bool, user: fn(ClassRef) -> bool) -> PhpArray {
    let mut names: Vec<Value> = cx
        .modules()
        .iter()
        .flat_map(|m| m.classes)
        .filter(|c| native(c))
        .map(|c| Value::str(c.name))
        .collect();
    for (key, class) in &cx.classes {
        let is_alias = *key != class.key;
        if (class.native.is_some() && !is_alias) || !user(*class) || key.first() == Some(&0) {
            continue;
        }
        names.push(Value::Str(if is_alias { key.clone() } else { class.name.clone() }));
    }
    PhpArray::from_list(names)
}

const NOT_A_CLASS: u32 = class_flags::INTERFACE | class_flags::TRAIT;

pub(super) fn get_declared_classes(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(declared(cx, |c| c.flags & NOT_A_CLASS == 0, |c| c.flags & NOT_A_CLASS == 0))
}

pub(super) fn get_declared_traits(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(declared(cx, |c| c.flags & class_flags::TRAIT != 0, |c| c.is_trait()))
}

pub(super) fn get_declared_interfaces(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(declared(cx, |c| c.flags & class_flags::INTERFACE != 0, |c| c.is_interface()))
}
