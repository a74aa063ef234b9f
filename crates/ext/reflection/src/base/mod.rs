//! `Reflection`, `Reflector`, `ReflectionException`.

mod base_stub;

pub(crate) use base_stub::MODULE;

use outlast_value::{PhpArray, Value};
use outlast_vm::{Cx, Ret};

/// The words of PHP's numbered modifiers, in the order they are written.
pub fn modifier_names(bits: i64) -> Vec<&'static str> {
    let mut names = Vec::new();
    if bits & (64) != 0 {
        names.push("abstract");
    }
    if bits & 32 != 0 {
        names.push("final");
    }
    // These are mutually exclusive.
    match bits & 7 {
        1 => names.push("public"),
        4 => names.push("private"),
        2 => names.push("protected"),
        _ => {}
    }
    if bits & 16 != 0 {
        names.push("static");
    }
    if bits & (128 | 65536) != 0 {
        names.push("readonly");
    }
    match bits & (2048 | 4096) {
        2048 => names.push("protected(set)"),
        4096 => names.push("private(set)"),
        _ => {}
    }
    names
}

fn reflection_get_modifier_names(_cx: &mut Cx, modifiers: i64) -> Ret<PhpArray> {
    Ok(PhpArray::from_list(modifier_names(modifiers).into_iter().map(Value::str).collect()))
}

#[cfg(test)]
mod tests {
    use super::modifier_names;

    #[test]
    fn names_modifiers() {
        assert_eq!(modifier_names(49), ["final", "public", "static"]);
        assert_eq!(modifier_names(3), [] as [&str; 0]);
    }
}
