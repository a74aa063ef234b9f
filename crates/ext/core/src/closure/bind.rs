//! `Closure::bind` and its kin: another `$this`, another scope.

use outlast_bytecode::{function_flags, member_flags};
use outlast_value::{Object, Value};
use outlast_vm::class::ClassPtrCell;
use outlast_vm::exec::closures::ClosureData;
use outlast_vm::function::{Func, FuncKind, UserFunc};
use outlast_vm::{ClassRef, Cx, ObjectClass, Ret};
use std::cell::RefCell;
use std::rc::Rc;

pub(super) fn closure_bind(
    cx: &mut Cx,
    closure: &Object,
    new_this: Option<&Object>,
    new_scope: &Value,
) -> Ret<Option<Object>> {
    let Some(data) = closure.data::<ClosureData>() else { return Ok(None) };
    let scope = match new_scope {
        Value::Object(o) => Some(o.class()),
        Value::Null => None,
        other => {
            let name = cx.to_str(other)?;
            if name.as_bytes() == b"static" {
                data.func.scope()
            } else if let Some(class) = cx.lookup_class(&name, true)? {
                Some(class)
            } else {
                cx.raise_warning(format!("Class \"{}\" not found", name.to_str_lossy()))?;
                return Ok(None);
            }
        }
    };
    if !may_bind(cx, data, new_this, scope)? {
        return Ok(None);
    }
    let scope = scope.or_else(|| new_this.and_then(|_| cx.class(b"Closure")));
    Ok(cx.rebind_closure(closure, new_this.cloned(), scope))
}

pub(super) fn closure_bind_to(
    cx: &mut Cx,
    this: &Object,
    new_this: Option<&Object>,
    new_scope: &Value,
) -> Ret<Option<Object>> {
    closure_bind(cx, this, new_this, new_scope)
}

/// Whether the closure can get that object and scope; warns if not.
fn may_bind(
    cx: &mut Cx,
    data: &ClosureData,
    new_this: Option<&Object>,
    scope: Option<ClassRef>,
) -> Ret<bool> {
    let own = data.func.scope();
    let is_static = data.func.modifiers & member_flags::STATIC != 0;
    let uses_this =
        data.func.user().is_some_and(|u| u.decl().flags & function_flags::USES_THIS != 0);
    let message = match (new_this, own) {
        (Some(_), _) if is_static => "Cannot bind an instance to a static closure".to_owned(),
        (Some(o), Some(class)) if data.fake && !o.class().is_subclass_of_or_same(class) => {
            format!(
                "Cannot bind method {}::{}() to object of class {}",
                class.display_name(),
                data.magic_name.as_ref().unwrap_or(&data.func.name).to_str_lossy(),
                o.class().display_name()
            )
        }
        (None, Some(_)) if data.fake && !is_static => "Cannot unbind $this of method".to_owned(),
        (None, _) if !data.fake && data.this.is_some() && uses_this => {
            "Cannot unbind $this of closure using $this".to_owned()
        }
        _ => match scope {
            Some(s) if scope != own && s.native.is_some() => {
                format!("Cannot bind closure to scope of internal class {}", s.display_name())
            }
            _ if data.fake && scope != own => match own {
                None => "Cannot rebind scope of closure created from function".to_owned(),
                Some(_) => "Cannot rebind scope of closure created from method".to_owned(),
            },
            _ => return Ok(true),
        },
    };
    cx.raise_warning(message)?;
    Ok(false)
}

pub(super) fn closure_call(
    cx: &mut Cx,
    this: &Object,
    new_this: &Object,
    args: &[Value],
) -> Ret<Value> {
    let Some(data) = this.data::<ClosureData>() else { return Ok(Value::Null) };
    let class = new_this.class();
    if !may_bind(cx, data, Some(new_this), Some(class))? {
        return Ok(Value::Null);
    }
    let bound = bound_for_call(cx, data, new_this, class);
    let named = cx.native_named_arguments();
    let callable = cx.resolve_callable(&Value::Object(bound.clone()))?;
    let Ok(callable) = callable else { return Ok(Value::Null) };
    let result = cx.call_named(&callable, args.to_vec(), named);
    keep_statics(data, &bound);
    result
}

/// The closure as the call needs it: its static variables stay those of the original.
fn bound_for_call(cx: &mut Cx, data: &ClosureData, new_this: &Object, class: ClassRef) -> Object {
    let func = match &data.func.kind {
        FuncKind::User(u) if !data.fake && data.func.scope() != Some(class) => Rc::new(Func {
            name: data.func.name.clone(),
            modifiers: data.func.modifiers,
            class: Some(ClassPtrCell::of(class)),
            kind: FuncKind::User(UserFunc {
                unit: u.unit.clone(),
                index: u.index,
                code: u.unit.fresh_code(u.index),
                statics: RefCell::new(u.statics.borrow().clone()),
            }),
            prototype: RefCell::new(None),
            from_trait: None,
        }),
        _ => data.func.clone(),
    };
    cx.make_closure_object(ClosureData {
        func,
        this: Some(new_this.clone()),
        called: Some(class),
        captured: RefCell::new(data.captured.borrow().clone()),
        fake: data.fake,
        magic_name: data.magic_name.clone(),
    })
}

/// Static variables that the call made stay with the original.
fn keep_statics(data: &ClosureData, bound: &Object) {
    let Some(from) = bound.data::<ClosureData>().and_then(|d| d.func.user()) else { return };
    let Some(to) = data.func.user() else { return };
    if std::ptr::eq(from, to) {
        return;
    }
    let statics = from.statics.borrow().clone();
    *to.statics.borrow_mut() = statics;
}
