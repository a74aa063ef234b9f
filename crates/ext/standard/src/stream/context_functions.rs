//! Functions of contexts.

use super::context::{
    Context, bad_options, create, decode, default_context, set_option, set_options, set_params,
};
use outlast_value::{PhpArray, PhpString, Resource, Value};
use outlast_vm::{Cx, Ret};

#[path = "context_functions_stub.rs"]
mod context_functions_stub;
pub use context_functions_stub::MODULE;

/// The context of a required argument.
fn required(cx: &mut Cx, value: &Value) -> Ret<Resource> {
    match value {
        Value::Resource(resource) => match decode_or_make(cx, resource) {
            Some(context) => Ok(context),
            None => Err(cx.arg_type_error(1, "must be a valid stream/context")),
        },
        other => {
            let given = cx.value_type_name(other);
            Err(cx.arg_type_error(1, &format!("must be of type resource, {given} given")))
        }
    }
}

/// A stream without a context gets one.
fn decode_or_make(cx: &mut Cx, resource: &Resource) -> Option<Resource> {
    if let Some(context) = decode(resource) {
        return Some(context);
    }
    let stream = super::stream_of(resource)?;
    let context = create(cx);
    *stream.context.borrow_mut() = Some(context.clone());
    Some(context)
}

/// `stream_context_create()`
pub fn stream_context_create(
    cx: &mut Cx,
    options: Option<PhpArray>,
    params: Option<PhpArray>,
) -> Ret<Value> {
    let context = create(cx);
    if let Some(options) = options
        && !set_options(&context, &options)
    {
        return Err(bad_options(cx));
    }
    if let Some(params) = params {
        set_params(cx, &context, &params)?;
    }
    Ok(Value::Resource(context))
}

/// `stream_context_set_params()`
pub fn stream_context_set_params(cx: &mut Cx, context: &Value, params: PhpArray) -> Ret<bool> {
    let context = required(cx, context)?;
    set_params(cx, &context, &params)?;
    Ok(true)
}

fn options_of(context: &Resource) -> PhpArray {
    context.with(|c: &Context| c.options.borrow().clone()).unwrap_or_default()
}

/// `stream_context_get_params()`
pub fn stream_context_get_params(cx: &mut Cx, context: &Value) -> Ret<PhpArray> {
    let context = required(cx, context)?;
    let mut params = PhpArray::new();
    if let Some(callback) = context.with(|c: &Context| c.notification.borrow().clone()).flatten() {
        params.insert_str("notification".into(), callback);
    }
    params.insert_str("options".into(), Value::Array(options_of(&context)));
    Ok(params)
}

/// `stream_context_set_option()`
pub fn stream_context_set_option(
    cx: &mut Cx,
    context: &Value,
    wrapper_or_options: &Value,
    option_name: Option<&PhpString>,
    value: Option<&Value>,
) -> Ret<bool> {
    let context = required(cx, context)?;
    match wrapper_or_options {
        Value::Array(options) => {
            if option_name.is_some() {
                let text = "must be null when argument #2 ($wrapper_or_options) is an array";
                return Err(cx.arg_value_error(3, text));
            }
            if value.is_some() {
                let text = "cannot be provided when argument #2 ($wrapper_or_options) is an array";
                return Err(cx.arg_value_error(4, text));
            }
            cx.raise_deprecated(
                "Calling stream_context_set_option() with 2 arguments is deprecated, use stream_context_set_options() instead",
            )?;
            if set_options(&context, options) { Ok(true) } else { Err(bad_options(cx)) }
        }
        wrapper => {
            let wrapper = cx.to_str(wrapper)?;
            let Some(name) = option_name else {
                let text = "cannot be null when argument #2 ($wrapper_or_options) is a string";
                return Err(cx.arg_value_error(3, text));
            };
            let Some(value) = value else {
                let text = "must be provided when argument #2 ($wrapper_or_options) is a string";
                return Err(cx.arg_value_error(4, text));
            };
            set_option(&context, wrapper, name.clone(), value.clone());
            Ok(true)
        }
    }
}

/// `stream_context_set_options()`
pub fn stream_context_set_options(cx: &mut Cx, context: &Value, options: PhpArray) -> Ret<bool> {
    let context = required(cx, context)?;
    if set_options(&context, &options) { Ok(true) } else { Err(bad_options(cx)) }
}

/// `stream_context_get_options()`
pub fn stream_context_get_options(cx: &mut Cx, stream_or_context: &Value) -> Ret<PhpArray> {
    let context = required(cx, stream_or_context)?;
    Ok(options_of(&context))
}

/// `stream_context_get_default()`
pub fn stream_context_get_default(cx: &mut Cx, options: Option<PhpArray>) -> Ret<Value> {
    let context = default_context(cx);
    if let Some(options) = options
        && !set_options(&context, &options)
    {
        return Err(bad_options(cx));
    }
    Ok(Value::Resource(context))
}

/// `stream_context_set_default()`
pub fn stream_context_set_default(cx: &mut Cx, options: PhpArray) -> Ret<Value> {
    stream_context_get_default(cx, Some(options))
}
