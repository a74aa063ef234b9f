//! `Attribute` and the attributes that the engine knows.

mod attributes_stub;

pub(crate) use attributes_stub::MODULE;

use outlast_value::{Object, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Sets a property from inside the class, so that a second time is an error if it is readonly.
fn set(cx: &mut Cx, this: &Object, name: &str, value: Value) -> Ret<()> {
    cx.write_prop(this, &PhpString::from(name), value)
}

fn attribute_construct(cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    set(cx, this, "flags", Value::Int(flags))
}

fn return_type_will_change_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn allow_dynamic_properties_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn sensitive_parameter_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn override_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn sensitive_parameter_value_construct(cx: &mut Cx, this: &Object, value: &Value) -> Ret<()> {
    set(cx, this, "value", value.clone())
}

fn sensitive_parameter_value_get_value(_cx: &mut Cx, this: &Object) -> Ret<Value> {
    // The only property of a final class.
    Ok(this.slot(0).or_null())
}

fn sensitive_parameter_value_magic_debug_info(_cx: &mut Cx, _this: &Object) -> Ret<PhpArray> {
    Ok(PhpArray::new())
}

fn deprecated_construct(
    cx: &mut Cx,
    this: &Object,
    message: Option<&PhpString>,
    since: Option<&PhpString>,
) -> Ret<()> {
    let text = |s: Option<&PhpString>| s.map_or(Value::Null, |s| Value::Str(s.clone()));
    set(cx, this, "message", text(message))?;
    set(cx, this, "since", text(since))
}
