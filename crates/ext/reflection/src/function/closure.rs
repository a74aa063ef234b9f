//! What reflection tells of closures.

use super::{closure_data, get};
use crate::support::make_class;
use outlast_bytecode::Op;
use outlast_value::{Key, Object, PhpArray, PhpString, Value};
use outlast_vm::function::UserFunc;
use outlast_vm::{ClassRef, Cx, ObjectClass, Ret};

pub(super) fn reflection_function_get_closure(cx: &mut Cx, this: &Object) -> Ret<Object> {
    let f = get(cx, this)?;
    Ok(match f.closure {
        Some(o) => o,
        None => cx.closure_of(f.func, None, None, None),
    })
}

fn bound_this(cx: &mut Cx, this: &Object) -> Ret<Option<Object>> {
    let f = get(cx, this)?;
    Ok(f.closure.as_ref().and_then(closure_data).and_then(|d| d.this.clone()))
}

pub(super) fn reflection_function_abstract_get_closure_this(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    bound_this(cx, this)
}

fn class_or_null(cx: &mut Cx, class: Option<ClassRef>) -> Ret<Option<Object>> {
    class.map(|c| make_class(cx, c)).transpose()
}

pub(super) fn reflection_function_abstract_get_closure_scope_class(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    let f = get(cx, this)?;
    let class = f.closure.as_ref().and_then(|_| f.func.scope());
    class_or_null(cx, class)
}

pub(super) fn reflection_function_abstract_get_closure_called_class(
    cx: &mut Cx,
    this: &Object,
) -> Ret<Option<Object>> {
    let f = get(cx, this)?;
    let data = f.closure.as_ref().and_then(closure_data);
    let class = data.and_then(|d| d.this.as_ref().map(|o| o.class()).or(d.called));
    class_or_null(cx, class)
}

fn used(closure: Option<&Object>) -> PhpArray {
    let mut out = PhpArray::new();
    let Some(data) = closure.and_then(closure_data).filter(|d| !d.fake) else { return out };
    let Some(user) = data.func.user() else { return out };
    let decl = user.decl();
    for ((slot, by_ref), v) in decl.uses.iter().zip(data.captured.borrow().iter()) {
        if v.is_undef() {
            continue;
        }
        let v = if *by_ref { v.clone() } else { v.deref() };
        out.insert(Key::from_bytes(&decl.locals[*slot as usize]), v);
    }
    out
}

pub(super) fn reflection_function_abstract_get_closure_used_variables(
    cx: &mut Cx,
    this: &Object,
) -> Ret<PhpArray> {
    let f = get(cx, this)?;
    Ok(used(f.closure.as_ref()))
}

pub(super) fn reflection_function_abstract_get_static_variables(
    cx: &mut Cx,
    this: &Object,
) -> Ret<PhpArray> {
    let f = get(cx, this)?;
    let mut out = used(f.closure.as_ref());
    let Some(user) = f.func.user() else { return Ok(out) };
    let held = user.statics.borrow();
    for (i, name) in user.decl().statics.iter().enumerate() {
        let value = match held.get(i) {
            Some(Some(r)) => r.get(),
            _ => initial(user, i),
        };
        out.insert(Key::from_string(PhpString::new(name)), value);
    }
    Ok(out)
}

/// The literal that a static variable starts with; null for what only running code can tell.
fn initial(user: &UserFunc, variable: usize) -> Value {
    let ops = &user.decl().code;
    let start = ops
        .iter()
        .position(|op| matches!(op, Op::BindStatic { index, .. } if *index as usize == variable));
    match start.map(|at| &ops[at + 1..]) {
        Some([Op::LoadConst { dst, k }, Op::InitStatic { src, .. }, ..]) if src == dst => {
            user.code.consts()[*k as usize].clone()
        }
        Some([Op::LoadInt { dst, value }, Op::InitStatic { src, .. }, ..]) if src == dst => {
            Value::Int(i64::from(*value))
        }
        _ => Value::Null,
    }
}
