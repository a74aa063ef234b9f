//! Contexts: options of wrappers (manual: class stream contexts).

use super::{Streams, stream_of};
use outlast_value::{Key, PhpArray, PhpString, Resource, Value};
use outlast_vm::{Cx, Ret};
use std::cell::RefCell;

/// The payload of a context.
#[derive(Default)]
pub struct Context {
    /// Options by wrapper.
    pub options: RefCell<PhpArray>,
    /// `notification`
    pub notification: RefCell<Option<Value>>,
}

/// A new context.
pub fn create(cx: &mut Cx) -> Resource {
    let id = cx.next_resource;
    cx.next_resource += 1;
    Resource::new(id, "stream-context", Box::new(Context::default()))
}

/// The default context.
pub fn default_context(cx: &mut Cx) -> Resource {
    if let Some(context) = &cx.state::<Streams>().default_context {
        return context.clone();
    }
    let context = create(cx);
    cx.state::<Streams>().default_context = Some(context.clone());
    context
}

/// The context of an argument `$context`: the default one for null.
pub fn context_arg(cx: &mut Cx, n: usize, value: Option<&Value>) -> Ret<Resource> {
    match value {
        None | Some(Value::Null) => Ok(default_context(cx)),
        Some(Value::Resource(resource)) => match decode(resource) {
            Some(context) => Ok(context),
            None => Err(super::not_a_stream(cx, "Stream-Context")),
        },
        Some(other) => {
            let given = cx.value_type_name(other);
            Err(cx.arg_type_error(n, &format!("must be of type resource or null, {given} given")))
        }
    }
}

/// The context that a resource is, or that a stream has.
pub fn decode(resource: &Resource) -> Option<Resource> {
    if resource.with(|_: &Context| ()).is_some() {
        return Some(resource.clone());
    }
    stream_of(resource)?.context.borrow().clone()
}

/// An option of a wrapper.
pub fn option(context: Option<&Resource>, wrapper: &[u8], name: &[u8]) -> Option<Value> {
    context?.with(|c: &Context| {
        let options = c.options.borrow();
        let wrapper = options.get_str(wrapper)?.deref();
        wrapper.as_array()?.get_str(name).map(Value::deref)
    })?
}

/// Sets one option.
pub fn set_option(context: &Resource, wrapper: PhpString, name: PhpString, value: Value) {
    context.with(|c: &Context| {
        let mut options = c.options.borrow_mut();
        let slot = options.get_or_insert(&Key::from_string(wrapper));
        if !slot.is_array() {
            *slot = Value::empty_array();
        }
        if let Some(of_wrapper) = slot.as_array_mut() {
            of_wrapper.insert(Key::from_string(name), value);
        }
    });
}

/// Sets all options of an array of arrays; false: it has another form.
pub fn set_options(context: &Resource, all: &PhpArray) -> bool {
    for (wrapper, options) in all.iter() {
        let (Key::Str(wrapper), Value::Array(options)) = (wrapper, options.deref()) else {
            return false;
        };
        for (name, value) in options.iter() {
            let name = match name {
                Key::Str(name) => name,
                Key::Int(n) => n.to_string().as_str().into(),
            };
            set_option(context, wrapper.clone(), name, value.deref());
        }
    }
    true
}

/// Sets parameters: `options`, `notification`. The error is that of the options' form.
pub fn set_params(cx: &mut Cx, context: &Resource, params: &PhpArray) -> Ret<()> {
    if let Some(notification) = params.get_str(b"notification") {
        let notification = notification.deref();
        context.with(|c: &Context| *c.notification.borrow_mut() = Some(notification));
    }
    match params.get_str(b"options").map(Value::deref) {
        None => Ok(()),
        Some(Value::Array(options)) => {
            if set_options(context, &options) {
                Ok(())
            } else {
                Err(bad_options(cx))
            }
        }
        Some(_) => Err(cx.throw_type_error("Invalid stream/context parameter")),
    }
}

/// ValueError about the form of options.
pub fn bad_options(cx: &mut Cx) -> outlast_vm::Unwind {
    cx.throw_value_error("Options should have the form [\"wrappername\"][\"optionname\"] = $value")
}
