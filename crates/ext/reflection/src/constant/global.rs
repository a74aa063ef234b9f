//! `ReflectionConstant`.

use crate::support::{fail, fill, of, split_name};
use crate::text::plain_text;
use outlast_value::{Object, ObjectData, PhpString, Value};
use outlast_vm::{Cx, Ret};

/// Behind a `ReflectionConstant`.
#[derive(Clone)]
pub(super) struct GlobalOf {
    name: PhpString,
    value: Value,
    user: bool,
    deprecated: bool,
}

impl ObjectData for GlobalOf {
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
    fn trace(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.value);
    }
}

pub(super) fn reflection_constant_construct(
    cx: &mut Cx,
    this: &Object,
    name: &PhpString,
) -> Ret<()> {
    let bare = PhpString::new(name.strip_prefix(b"\\").unwrap_or(name));
    let Some(value) = cx.global_constant(&bare) else {
        return Err(fail(cx, PhpString::concat(&[b"Constant \"", &bare, b"\" does not exist"])));
    };
    let entry = cx.constants.get(&bare);
    let (user, deprecated) = entry.map_or((false, false), |e| (e.user, e.deprecated));
    let data = GlobalOf { name: bare.clone(), value, user, deprecated };
    fill(this, &[("name", Value::Str(bare))], Box::new(data));
    Ok(())
}

pub(super) fn reflection_constant_get_name(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    Ok(of::<GlobalOf>(cx, this)?.name)
}

pub(super) fn reflection_constant_get_namespace_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    Ok(split_name(&of::<GlobalOf>(cx, this)?.name).0.to_vec())
}

pub(super) fn reflection_constant_get_short_name(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    Ok(split_name(&of::<GlobalOf>(cx, this)?.name).1.to_vec())
}

pub(super) fn reflection_constant_get_value(cx: &mut Cx, this: &Object) -> Ret<Value> {
    Ok(of::<GlobalOf>(cx, this)?.value)
}

pub(super) fn reflection_constant_is_deprecated(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(of::<GlobalOf>(cx, this)?.deprecated)
}

pub(super) fn reflection_constant_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<Vec<u8>> {
    let c = of::<GlobalOf>(cx, this)?;
    let mut words = Vec::new();
    if !c.user {
        words.push("persistent");
    }
    if c.deprecated {
        words.push("deprecated");
    }
    let mut out = b"Constant [ ".to_vec();
    if !words.is_empty() {
        out.extend_from_slice(format!("<{}> ", words.join(", ")).as_bytes());
    }
    out.extend_from_slice(
        cx.value_type_name(&c.value).replace("true", "bool").replace("false", "bool").as_bytes(),
    );
    out.push(b' ');
    out.extend_from_slice(&c.name);
    out.extend_from_slice(b" ] { ");
    out.extend(plain_text(cx, &c.value)?);
    out.extend_from_slice(b" }\n");
    Ok(out)
}
