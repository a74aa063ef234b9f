//! What classes are and where they come from.

use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{ClassRef, Cx, ObjectClass, OrFalse, Ret};

/// The class meant by an object or a name; a warning if there is none.
fn class_of(cx: &mut Cx, subject: &Value, autoload: bool) -> Ret<Option<ClassRef>> {
    match subject {
        Value::Object(o) => Ok(Some(o.class())),
        Value::Str(name) => {
            let class = cx.lookup_class(name, autoload)?;
            if class.is_none() {
                let mut message = b"Class ".to_vec();
                message.extend_from_slice(name);
                message.extend_from_slice(b" does not exist");
                if autoload {
                    message.extend_from_slice(b" and could not be loaded");
                }
                cx.warning(message)?;
            }
            Ok(class)
        }
        v => {
            let given = cx.value_type_name(v);
            Err(cx.arg_type_error(1, &format!("must be of type object|string, {given} given")))
        }
    }
}

fn names(classes: impl Iterator<Item = ClassRef>) -> PhpArray {
    let mut out = PhpArray::new();
    for c in classes {
        out.insert_str(c.name.clone(), Value::Str(c.name.clone()));
    }
    out
}

pub(super) fn class_implements(
    cx: &mut Cx,
    subject: &Value,
    autoload: bool,
) -> Ret<OrFalse<PhpArray>> {
    let class = class_of(cx, subject, autoload)?;
    Ok(OrFalse(class.map(|c| names(c.interfaces.iter().copied()))))
}

pub(super) fn class_parents(
    cx: &mut Cx,
    subject: &Value,
    autoload: bool,
) -> Ret<OrFalse<PhpArray>> {
    let class = class_of(cx, subject, autoload)?;
    Ok(OrFalse(class.map(|c| names(std::iter::successors(c.parent, |p| p.parent)))))
}

pub(super) fn class_uses(cx: &mut Cx, subject: &Value, autoload: bool) -> Ret<OrFalse<PhpArray>> {
    let class = class_of(cx, subject, autoload)?;
    Ok(OrFalse(class.map(|c| names(c.traits.iter().copied()))))
}

pub(super) fn spl_classes(_cx: &mut Cx) -> Ret<PhpArray> {
    let mut all: Vec<&str> =
        crate::MODULES.iter().flat_map(|m| m.classes.iter().map(|c| c.name)).collect();
    all.sort_by_key(|name| name.to_ascii_lowercase());
    let mut out = PhpArray::new();
    for name in all {
        out.insert_str(PhpString::from(name), Value::str(name));
    }
    Ok(out)
}

pub(super) fn spl_object_id(_cx: &mut Cx, object: &Object) -> Ret<i64> {
    Ok(i64::from(object.id()))
}

pub(super) fn spl_object_hash(_cx: &mut Cx, object: &Object) -> Ret<String> {
    Ok(hash(object))
}

/// The text that identifies a living object.
pub(crate) fn hash(object: &Object) -> String {
    format!("{:016x}{:016x}", object.id(), 0)
}
