//! Values of the current row.

use crate::handle::Handle;
use crate::statement::StatementData;
use outlast_ext_standard::stream::memory::Memory;
use outlast_ext_standard::stream::{Make, Stream, stream_of};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};
use std::rc::Rc;

/// `PDO::PARAM_…`
pub mod param {
    pub const NULL: i64 = 0;
    pub const INT: i64 = 1;
    pub const STR: i64 = 2;
    pub const LOB: i64 = 3;
    pub const BOOL: i64 = 5;
    /// Bits that say more about strings.
    pub const FLAGS: i64 = 0xFFFF_0000;
}

const EMPTY_TO_NULL: i64 = 1;
const NULL_TO_EMPTY: i64 = 2;

/// A value as the attributes of the connection want it, or as a type that a bound column has.
pub fn value(cx: &mut Cx, data: &StatementData, column: usize, kind: Option<i64>) -> Ret<Value> {
    let Some(driver) = data.driver.borrow().clone() else { return Ok(Value::Null) };
    let value = driver.value(cx, column)?;
    data.with_handle(|handle| handle.map(|h| (h.nulls.get(), h.stringify.get()))).map_or(
        Ok(value.clone()),
        |(nulls, stringify)| {
            let mut value = value;
            if nulls == EMPTY_TO_NULL && matches!(&value, Value::Str(s) if s.is_empty()) {
                value = Value::Null;
            }
            let kind = if stringify { Some(param::STR) } else { kind };
            if let Some(kind) = kind.filter(|_| !value.is_null()) {
                value = converted(cx, value, kind)?;
            }
            if value.is_null() && nulls == NULL_TO_EMPTY {
                value = Value::empty_str();
            }
            Ok(value)
        },
    )
}

fn converted(cx: &mut Cx, value: Value, kind: i64) -> Ret<Value> {
    Ok(match kind & !param::FLAGS {
        param::NULL => Value::Null,
        param::INT => Value::Int(cx.to_int(&value)?),
        param::BOOL => Value::Bool(value.truthy()),
        param::STR => match value {
            Value::Bool(false) => Value::str("0"),
            Value::Resource(resource) => match stream_of(&resource) {
                Some(stream) => Value::str(stream.contents(cx, None)?),
                None => Value::Null,
            },
            other => Value::Str(cx.to_str(&other)?),
        },
        param::LOB => match value {
            Value::Str(bytes) => memory_stream(cx, bytes.to_vec()),
            other => other,
        },
        _ => value,
    })
}

/// A stream that reads from memory.
fn memory_stream(cx: &mut Cx, bytes: Vec<u8>) -> Value {
    let backend = Rc::new(Memory::holding("MEMORY", bytes, true, Vec::new()));
    Stream::new(cx, Make { backend, wrapper: "", mode: b"rb", uri: None }).into_value(cx)
}

/// A column's name in the case that the connection wants.
pub fn cased(handle: &Handle, name: PhpString) -> PhpString {
    match handle.case.get() {
        1 => PhpString::new(&name.to_ascii_uppercase()),
        2 => PhpString::new(&name.to_ascii_lowercase()),
        _ => name,
    }
}
