//! Values as text and back, by the functions of the extension `standard`.

use outlast_value::Value;
use outlast_vm::{Cx, Ret};

/// `serialize($value)`
pub(crate) fn serialized(cx: &mut Cx, value: Value) -> Ret<Vec<u8>> {
    let text = cx.call(&Value::str("serialize"), vec![value])?;
    Ok(cx.to_str(&text)?.to_vec())
}

/// `unserialize($text)`
pub(crate) fn unserialized(cx: &mut Cx, text: &[u8]) -> Ret<Value> {
    Ok(cx.call(&Value::str("unserialize"), vec![Value::str(text)])?.into_deref())
}
