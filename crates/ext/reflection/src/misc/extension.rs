//! `ReflectionExtension`.

use crate::support::FunctionOf;
use crate::support::{fail, fill, make, make_class, make_function, of, string_list};
use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Cx, NativeModule, Ret};

/// Behind a `ReflectionExtension`.
#[derive(Clone)]
struct ExtensionOf(&'static str);

impl ObjectData for ExtensionOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}
}

/// A `ReflectionExtension`.
pub(crate) fn make_extension(cx: &mut Cx, name: &'static str) -> Ret<Object> {
    make(cx, "ReflectionExtension", &[("name", Value::str(name))], Box::new(ExtensionOf(name)))
}

fn modules(cx: &mut Cx, this: &Object) -> Ret<Vec<&'static NativeModule>> {
    let name = of::<ExtensionOf>(cx, this)?.0;
    Ok(cx.modules().iter().filter(|m| m.extension == name).copied().collect())
}

pub(super) fn reflection_extension_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<()> {
    let found = cx
        .modules()
        .iter()
        .find(|m| m.extension.as_bytes().eq_ignore_ascii_case(name))
        .map(|m| m.extension);
    match found {
        Some(e) => {
            fill(this, &[("name", Value::str(e))], Box::new(ExtensionOf(e)));
            Ok(())
        }
        None => Err(fail(cx, format!("Extension \"{name}\" does not exist"))),
    }
}

pub(super) fn reflection_extension_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<String> {
    let name = of::<ExtensionOf>(cx, this)?.0;
    Ok(format!("Extension [ <persistent> extension {name} ] {{\n}}\n"))
}

pub(super) fn reflection_extension_get_name(cx: &mut Cx, this: &Object) -> Ret<&'static str> {
    Ok(of::<ExtensionOf>(cx, this)?.0)
}

pub(super) fn reflection_extension_get_functions(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for m in modules(cx, this)? {
        for f in m.functions {
            let lower = PhpString::from(f.name.to_ascii_lowercase());
            if let Some(func) = cx.function(&lower) {
                let object = make_function(cx, &FunctionOf { func, closure: None, class: None })?;
                out.insert(Key::Str(lower), Value::Object(object));
            }
        }
    }
    Ok(out)
}

pub(super) fn reflection_extension_get_constants(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for m in modules(cx, this)? {
        for c in m.constants {
            let value = cx.native_value(&c.value);
            out.insert(Key::Str(PhpString::from(c.name)), value);
        }
    }
    Ok(out)
}

pub(super) fn reflection_extension_get_classes(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    for m in modules(cx, this)? {
        for c in m.classes {
            if let Some(class) = cx.class(c.name.as_bytes()) {
                let object = make_class(cx, class)?;
                out.insert(Key::Str(PhpString::from(c.name)), Value::Object(object));
            }
        }
    }
    Ok(out)
}

pub(super) fn reflection_extension_get_class_names(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let names: Vec<PhpString> = modules(cx, this)?
        .iter()
        .flat_map(|m| m.classes.iter().map(|c| PhpString::from(c.name)))
        .collect();
    Ok(string_list(&names))
}

/// Extensions are part of the engine and have its version.
pub(super) fn reflection_extension_get_version(cx: &mut Cx, this: &Object) -> Ret<Option<Value>> {
    of::<ExtensionOf>(cx, this)?;
    Ok(cx.global_constant(b"PHP_VERSION"))
}

pub(super) fn reflection_extension_get_ini_entries(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let name = of::<ExtensionOf>(cx, this)?.0;
    let mut out = PhpArray::new();
    for row in cx.ini.all() {
        if row.extension.eq_ignore_ascii_case(name) {
            out.insert_str(row.name.into(), row.local.map_or(Value::Null, Value::Str));
        }
    }
    Ok(out)
}

pub(super) fn reflection_extension_is_persistent(cx: &mut Cx, this: &Object) -> Ret<bool> {
    of::<ExtensionOf>(cx, this).map(|_| true)
}

pub(super) fn reflection_extension_is_temporary(cx: &mut Cx, this: &Object) -> Ret<bool> {
    of::<ExtensionOf>(cx, this).map(|_| false)
}
