//! Whether a script's class replaces a method of its native parent.

use outlast_value::Object;
use outlast_vm::ObjectClass;

/// Is the method (its name in lower case) written in PHP?
pub(crate) fn overridden(this: &Object, method: &[u8]) -> bool {
    let class = this.class();
    class.native.is_none() && class.method(method).is_some_and(|m| m.user().is_some())
}

/// The name of the native class that the object's class is or extends.
pub(crate) fn native_name(this: &Object) -> String {
    let mut class = this.class();
    while class.native.is_none() {
        match class.parent {
            Some(parent) => class = parent,
            None => break,
        }
    }
    class.display_name()
}
