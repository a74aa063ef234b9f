//! What `ob_get_status` and `ob_list_handlers` tell.

use super::{Buffer, handler_flags};
use crate::Cx;
use crate::class::ObjectClass;
use outlast_value::{PhpArray, PhpString, Value};

/// The name of a buffer without callback.
pub(super) fn default_name() -> PhpString {
    PhpString::from("default output handler")
}

fn row(buffer: &Buffer) -> PhpArray {
    let int = |n: usize| Value::Int(n as i64);
    PhpArray::from([
        ("name", Value::Str(buffer.name.clone())),
        ("type", Value::Int(i64::from(buffer.flags & handler_flags::USER))),
        ("flags", Value::Int(i64::from(buffer.flags))),
        ("level", int(buffer.level)),
        ("chunk_size", int(buffer.chunk)),
        ("buffer_size", int(buffer.size)),
        ("buffer_used", int(buffer.data.len())),
    ])
}

impl Cx {
    /// `ob_get_status`
    pub fn ob_get_status(&self, full: bool) -> PhpArray {
        if full {
            let rows = self.out.stack.iter().map(|b| Value::Array(row(b))).collect();
            return PhpArray::from_list(rows);
        }
        self.out.stack.last().map(row).unwrap_or_default()
    }

    /// `ob_list_handlers`
    pub fn ob_list_handlers(&self) -> PhpArray {
        PhpArray::from_list(self.out.stack.iter().map(|b| Value::Str(b.name.clone())).collect())
    }

    /// A callable as messages name it: `f`, `A::m`, `Closure::__invoke`.
    pub fn callable_name(&self, callable: &Value) -> PhpString {
        match callable.deref() {
            Value::Str(s) => s,
            Value::Object(o) => PhpString::concat(&[&o.class().name, b"::__invoke"]),
            Value::Array(a) => {
                let class = match a.get_int(0).map(Value::deref) {
                    Some(Value::Object(o)) => o.class().name.clone(),
                    Some(Value::Str(s)) => s,
                    _ => return PhpString::from("Array"),
                };
                match a.get_int(1).map(Value::deref) {
                    Some(Value::Str(method)) => PhpString::concat(&[&class, b"::", &method]),
                    _ => PhpString::from("Array"),
                }
            }
            _ => PhpString::empty(),
        }
    }
}
