//! Objects whose class was not there when they were unserialized.

use outlast_value::{Object, PhpString, Value};
use outlast_vm::{Cx, ObjectHandlers, Ret};

/// The property that keeps the name of the class.
pub const CLASS_NAME: &str = "__PHP_Incomplete_Class_Name";

/// Properties of such objects cannot be used.
pub static INCOMPLETE_CLASS_HANDLERS: ObjectHandlers = ObjectHandlers {
    read_property: Some(read_property),
    write_property: Some(write_property),
    has_property: Some(has_property),
    unset_property: Some(unset_property),
    ..ObjectHandlers::STANDARD
};

/// The class the object is of.
pub fn class_name(o: &Object) -> Option<PhpString> {
    o.with_dynamic(|t| match t?.get_str(CLASS_NAME.as_bytes())?.deref() {
        Value::Str(s) => Some(s),
        _ => None,
    })
}

fn message(o: &Object, what: &str) -> Vec<u8> {
    let name = class_name(o).unwrap_or_else(|| PhpString::from("unknown"));
    let mut text = format!(
        "The script tried to {what} on an incomplete object. Please ensure that the class \
         definition \""
    )
    .into_bytes();
    text.extend_from_slice(&name);
    text.extend_from_slice(
        b"\" of the object you are trying to operate on was loaded _before_ unserialize() gets \
          called or provide an autoloader to load the class definition",
    );
    text
}

fn read_property(cx: &mut Cx, o: &Object, _name: &PhpString) -> Ret<Option<Value>> {
    cx.warning(message(o, "access a property"))?;
    Ok(Some(Value::Null))
}

fn write_property(cx: &mut Cx, o: &Object, _name: &PhpString, _v: &Value) -> Ret<bool> {
    Err(cx.throw_error(message(o, "modify a property")))
}

fn has_property(cx: &mut Cx, o: &Object, _name: &PhpString, _empty: bool) -> Ret<Option<bool>> {
    cx.warning(message(o, "access a property"))?;
    Ok(Some(false))
}

fn unset_property(cx: &mut Cx, o: &Object, _name: &PhpString) -> Ret<bool> {
    Err(cx.throw_error(message(o, "modify a property")))
}
