//! Hooks of properties.

use super::get;
use crate::support::{PropertyKind, make_method};
use crate::types::make_type_or_null;
use outlast_bytecode::TypeDecl;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::function::FuncRef;
use outlast_vm::{Cx, ObjectClass, Ret};

/// The hooks of a property: `get`, `set`.
fn hooks(kind: &PropertyKind) -> [(&'static str, Option<FuncRef>); 2] {
    match kind {
        PropertyKind::Instance(p) => [("get", p.get.clone()), ("set", p.set.clone())],
        _ => [("get", None), ("set", None)],
    }
}

/// The hook that a case of `PropertyHookType` asks for.
fn hook(cx: &mut Cx, this: &Object, case: &Object) -> Ret<Option<FuncRef>> {
    let class = case.class();
    let value = class.props.get(b"value".as_slice()).map(|p| case.slot(p.slot as usize));
    let kind = get(cx, this)?.kind;
    let found = hooks(&kind)
        .into_iter()
        .find(|(word, _)| matches!(&value, Some(Value::Str(s)) if s.as_bytes() == word.as_bytes()));
    Ok(found.and_then(|(_, f)| f))
}

pub(super) fn reflection_property_has_hooks(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let p = get(cx, this)?;
    Ok(hooks(&p.kind).iter().any(|(_, f)| f.is_some()))
}

pub(super) fn reflection_property_get_hooks(cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let p = get(cx, this)?;
    let mut out = PhpArray::new();
    for (word, f) in hooks(&p.kind) {
        if let Some(f) = f {
            let method = make_method(cx, &f, None)?;
            out.insert(Key::Str(PhpString::from(word)), Value::Object(method));
        }
    }
    Ok(out)
}

pub(super) fn reflection_property_has_hook(cx: &mut Cx, this: &Object, case: &Object) -> Ret<bool> {
    Ok(hook(cx, this, case)?.is_some())
}

pub(super) fn reflection_property_get_hook(
    cx: &mut Cx,
    this: &Object,
    case: &Object,
) -> Ret<Option<Object>> {
    hook(cx, this, case)?.map(|f| make_method(cx, &f, None)).transpose()
}

pub(super) fn reflection_property_get_settable_type(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    let p = get(cx, this)?;
    if let PropertyKind::Instance(info) = &p.kind {
        if let Some(user) = info.set.as_ref().and_then(|f| f.user()) {
            let ty = user.decl().params.first().and_then(|p| p.ty.clone());
            return make_type_or_null(cx, ty.or(info.ty.as_deref().cloned()).as_ref());
        }
        if info.is_virtual() {
            let never = outlast_bytecode::UnionType {
                bits: outlast_bytecode::type_bits::NEVER,
                ..outlast_bytecode::UnionType::default()
            };
            return make_type_or_null(cx, Some(&TypeDecl::Union(never)));
        }
    }
    make_type_or_null(cx, p.ty().as_deref())
}
