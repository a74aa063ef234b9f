//! Variables: their types, how they are shown, serialized and called.

mod calls;
mod dump;
mod export;
mod incomplete;
mod memory;
mod props;
mod serialize;
pub mod serialize_stub;
mod types;
mod unserialize;
pub mod var_stub;

use calls::*;
use dump::*;
use export::var_export;
use incomplete::INCOMPLETE_CLASS_HANDLERS;
use memory::*;
use outlast_value::{Object, PhpString, Value};
pub use serialize::Serializer;
use serialize::serialize;
use types::*;
pub use unserialize::Unserializer;
use unserialize::unserialize;

/// How deep what is shown may be nested: the text grows with the square.
const DEEPEST: u32 = 10_000;

/// A value without a reference that nobody else holds.
fn dissolved(v: &Value) -> Value {
    match v {
        Value::Ref(r) if r.count() == 1 => r.get(),
        v => v.clone(),
    }
}

/// The name of an enum case: its first property.
fn case_name(o: &Object) -> PhpString {
    match o.slot(0) {
        Value::Str(s) => s,
        _ => PhpString::empty(),
    }
}
