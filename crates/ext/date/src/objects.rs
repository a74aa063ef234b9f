//! What the objects of the extension's classes hold.

use outlast_value::{Key, Object, ObjectData, PhpArray, PhpString, Value};
use outlast_vm::{Class, ClassRef, Cx, ObjectClass, Ret, Unwind};
use std::cell::RefCell;

/// The native part of an object; empty until a constructor ran.
pub(crate) struct Slot<T>(RefCell<Option<T>>);

impl<T: 'static> ObjectData for Slot<T> {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, _visit: &mut dyn FnMut(&Value)) {}
}

/// For `ObjectHandlers::create`.
pub(crate) fn create<T: 'static>(_cx: &mut Cx, object: &Object) -> Ret<()> {
    object.set_data(Box::new(Slot::<T>(RefCell::new(None))));
    Ok(())
}

/// For `ObjectHandlers::clone`.
pub(crate) fn copy<T: Clone + 'static>(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    new.set_data(Box::new(Slot::<T>(RefCell::new(peek(old)))));
    Ok(())
}

/// What the object holds, if anything.
pub(crate) fn peek<T: Clone + 'static>(object: &Object) -> Option<T> {
    object.data::<Slot<T>>().and_then(|slot| slot.0.borrow().clone())
}

/// Makes the object hold a value.
pub(crate) fn set<T: 'static>(object: &Object, value: T) {
    if let Some(slot) = object.data::<Slot<T>>() {
        *slot.0.borrow_mut() = Some(value);
    }
}

/// What the object holds; an error where its constructor did not run.
pub(crate) fn get<T: Clone + 'static>(cx: &mut Cx, object: &Object) -> Ret<T> {
    match peek(object) {
        Some(value) => Ok(value),
        None => Err(uninitialized(cx, object.class())),
    }
}

#[cold]
pub(crate) fn uninitialized(cx: &mut Cx, class: ClassRef) -> Unwind {
    let mut native: &Class = &class;
    while native.native.is_none() {
        match &native.parent {
            Some(parent) => native = parent,
            None => break,
        }
    }
    let inheriting = match native.name == class.name {
        true => String::new(),
        false => format!(" (inheriting {})", native.display_name()),
    };
    cx.throw(
        "DateObjectError",
        format!(
            "Object of type {}{inheriting} has not been correctly initialized by calling \
             parent::__construct() in its constructor",
            class.display_name()
        ),
    )
}

/// Whether the native function that runs is a method; its procedural form warns where the method
/// throws.
pub(crate) fn in_method(cx: &Cx) -> bool {
    cx.running_native().is_some_and(|function| function.class.is_some())
}

/// Throws in a method, with its name before the message, and warns in a function.
pub(crate) fn complain(cx: &mut Cx, class: &str, message: &[u8]) -> Ret<()> {
    if !in_method(cx) {
        return cx.warning(message);
    }
    let name = cx.running_native().map(|function| function.display_name()).unwrap_or_default();
    let text = [name.as_bytes(), b"(): ", message].concat();
    Err(cx.throw(class, text))
}

/// A new object of a class of the extension, without its constructor.
pub(crate) fn instance<T: 'static>(cx: &mut Cx, class: &str, value: T) -> Ret<Object> {
    let class = cx.class(class.as_bytes()).expect("the extension declares it");
    instance_of(cx, class, value)
}

/// A new object of a class or a descendant of it.
pub(crate) fn instance_of<T: 'static>(cx: &mut Cx, class: ClassRef, value: T) -> Ret<Object> {
    let object = cx.instantiate(class)?;
    set(&object, value);
    Ok(object)
}

/// The error of data that make no object.
pub(crate) fn invalid_data(cx: &mut Cx, class: &str) -> Unwind {
    cx.throw_error(format!("Invalid serialization data for {class} object"))
}

/// Sets the elements of serialized data that are not the object's own as properties; private and
/// protected ones have mangled names.
pub(crate) fn restore_members(
    cx: &mut Cx,
    object: &Object,
    data: &PhpArray,
    own: &[&str],
) -> Ret<()> {
    for (key, value) in data.clone().into_entries() {
        let Key::Str(name) = key else { continue };
        if own.iter().any(|own| own.as_bytes() == name.as_bytes()) {
            continue;
        }
        let mangled = name.strip_prefix(b"\0").map(|rest| rest.splitn(2, |byte| *byte == 0));
        let Some(mut parts) = mangled else {
            cx.write_prop(object, &name, value)?;
            continue;
        };
        let (Some(scope), Some(name)) = (parts.next(), parts.next()) else { continue };
        let scope = if scope == b"*" { Some(object.class()) } else { cx.class(scope) };
        // Private properties of classes that are gone are left out.
        if scope.is_none() {
            continue;
        }
        cx.write_prop_scoped(object, &PhpString::new(name), value, scope, false)?;
    }
    Ok(())
}
