//! Callables that are kept.

use outlast_value::Value;
use outlast_vm::{Callable, Cx};

/// A callable as a value.
pub(crate) fn value_of(cx: &mut Cx, callback: &Callable) -> Value {
    match &callback.closure {
        Some(closure) => Value::Object(closure.clone()),
        None => Value::Object(cx.closure_of(
            callback.func.clone(),
            callback.this.clone(),
            callback.static_class,
            callback.magic_name.clone(),
        )),
    }
}
