//! Whether a script's class replaces a method of its native parent.

use outlast_value::Object;
use outlast_vm::ObjectClass;

/// Is the method (its name in lower case) written in PHP?
pub(crate) fn overridden(this: &Object, method: &[u8]) -> bool {
    let class = this.class();
    class.native.is_none() && class.method(method).is_some_and(|m| m.user().is_some())
}
