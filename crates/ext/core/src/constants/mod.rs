//! Constants of the engine and of the installation.

mod constants_stub;

pub(crate) use constants_stub::MODULE;

use outlast_value::Value;
use outlast_vm::Cx;

fn php_sapi(cx: &mut Cx) -> Value {
    Value::str(cx.sapi.name())
}

fn php_binary(cx: &mut Cx) -> Value {
    if cx.sapi.is_web() {
        return Value::empty_str();
    }
    match std::env::current_exe() {
        Ok(path) => Value::str(path.into_os_string().into_encoded_bytes()),
        Err(_) => Value::empty_str(),
    }
}
