//! `ReflectionExtension`, `ReflectionGenerator`, `ReflectionFiber`, `ReflectionReference`.

mod extension;
mod misc_stub;
mod suspended;

pub(crate) use extension::make_extension;
pub(crate) use misc_stub::MODULE;

use crate::support::{HANDLERS, fail, make, of};
use extension::*;
use outlast_value::{Key, Object, ObjectData, PhpArray, Reference, Value};
use outlast_vm::{Cx, Ret};
use suspended::*;

/// Behind a `ReflectionReference`.
#[derive(Clone)]
struct ReferenceOf(Reference);

impl ObjectData for ReferenceOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&Value::Ref(self.0.clone()));
    }
}

fn reflection_reference_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn reflection_reference_from_array_element(
    cx: &mut Cx,
    array: PhpArray,
    key: &Value,
) -> Ret<Option<Object>> {
    let key = match key {
        Value::Int(i) => Key::Int(*i),
        v => Key::from_string(cx.to_str(v)?),
    };
    match array.get(&key) {
        None => Err(fail(cx, "Array key not found")),
        // One count is the array's: a reference that nobody shares is none.
        Some(Value::Ref(r)) if r.count() > 1 => {
            make(cx, "ReflectionReference", &[], Box::new(ReferenceOf(r.clone()))).map(Some)
        }
        Some(_) => Ok(None),
    }
}

/// An id that is the same for the same reference: its address, scrambled so that it tells nothing.
fn reflection_reference_get_id(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let r = of::<ReferenceOf>(cx, this)?.0;
    let mut word = r.ptr_id() as u64;
    let mut out = Vec::with_capacity(20);
    while out.len() < 20 {
        word = (word ^ word >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 0x5bd1;
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.truncate(20);
    Ok(out)
}
