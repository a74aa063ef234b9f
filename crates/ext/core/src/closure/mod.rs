//! The class `Closure`.

mod bind;
mod closure_stub;

pub(crate) use closure_stub::MODULE;

use bind::{closure_bind, closure_bind_to, closure_call};
use outlast_value::{Key, Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::exec::closures::ClosureData;
use outlast_vm::function::{Func, FuncKind, UserFunc};
use outlast_vm::{Cx, ObjectHandlers, PropertiesFor, Ret};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::rc::Rc;

static CLOSURE_HANDLERS: ObjectHandlers = ObjectHandlers {
    create: Some(refuse),
    clone: Some(copy),
    compare: Some(compare),
    properties: Some(properties),
    ..ObjectHandlers::STANDARD
};

fn refuse(cx: &mut Cx, _object: &Object) -> Ret<()> {
    Err(cx.throw_error("Instantiation of class Closure is not allowed"))
}

fn closure_construct(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn closure_from_callable(cx: &mut Cx, callback: &Value) -> Ret<Value> {
    if let Value::Object(o) = callback
        && cx.is_closure_object(o)
    {
        return Ok(callback.clone());
    }
    match cx.resolve_callable(callback)? {
        Ok(c) => Ok(Value::Object(match c.closure {
            Some(closure) => closure,
            None => cx.closure_of(c.func, c.this, c.static_class, c.magic_name),
        })),
        Err(reason) => {
            Err(cx.throw_type_error(format!("Failed to create closure from callable: {reason}")))
        }
    }
}

/// A copy has static variables of its own.
fn copy(_cx: &mut Cx, new: &Object, old: &Object) -> Ret<()> {
    let Some(data) = old.data::<ClosureData>() else { return Ok(()) };
    let func = match &data.func.kind {
        FuncKind::User(u) if !data.fake => {
            let statics = u.statics.borrow().iter().map(own_copy).collect();
            Rc::new(Func {
                name: data.func.name.clone(),
                modifiers: data.func.modifiers,
                class: data.func.class.clone(),
                kind: FuncKind::User(UserFunc {
                    unit: u.unit.clone(),
                    index: u.index,
                    code: u.code.clone(),
                    statics: RefCell::new(statics),
                }),
                prototype: RefCell::new(None),
                from_trait: data.func.from_trait,
            })
        }
        _ => data.func.clone(),
    };
    new.set_data(Box::new(ClosureData {
        func,
        this: data.this.clone(),
        called: data.called,
        captured: RefCell::new(data.captured.borrow().clone()),
        fake: data.fake,
        magic_name: data.magic_name.clone(),
    }));
    Ok(())
}

fn own_copy(variable: &Option<Reference>) -> Option<Reference> {
    variable.as_ref().map(|r| Reference::new(r.get()))
}

/// Closures of the same function and object are equal; others only to themselves.
fn compare(_cx: &mut Cx, a: &Value, b: &Value) -> Ret<Option<Ordering>> {
    let (Value::Object(a), Value::Object(b)) = (a, b) else { return Ok(None) };
    if a.ptr_eq(b) {
        return Ok(Some(Ordering::Equal));
    }
    let (Some(a), Some(b)) = (a.data::<ClosureData>(), b.data::<ClosureData>()) else {
        return Ok(None);
    };
    let same = a.fake
        && b.fake
        && a.this == b.this
        && a.called == b.called
        && a.func.scope() == b.func.scope()
        && a.func.user().is_some() == b.func.user().is_some()
        && a.func.name == b.func.name
        && a.magic_name == b.magic_name;
    Ok(same.then_some(Ordering::Equal))
}

/// Nothing but what `var_dump` and the like show.
fn properties(_cx: &mut Cx, object: &Object, purpose: PropertiesFor) -> Ret<PhpArray> {
    let mut out = PhpArray::new();
    let Some(data) = object.data::<ClosureData>() else { return Ok(out) };
    if purpose != PropertiesFor::Debug {
        return Ok(out);
    }
    let mut put = |name: &str, value: Value| {
        out.insert(Key::Str(PhpString::from(name)), value);
    };
    match data.func.user() {
        Some(u) if !data.fake => {
            put("name", Value::Str(data.func.name.clone()));
            put("file", Value::Str(u.unit.file.clone()));
            put("line", Value::Int(i64::from(u.decl().start_line)));
        }
        _ => put("function", Value::str(shown_function(data))),
    }
    let variables = variables(data);
    if !variables.is_empty() {
        put("static", Value::Array(variables));
    }
    if let Some(this) = &data.this {
        put("this", Value::Object(this.clone()));
    }
    let parameters = parameters(&data.func);
    if !parameters.is_empty() {
        put("parameter", Value::Array(parameters));
    }
    Ok(out)
}

/// `f` or `Class::f`.
fn shown_function(data: &ClosureData) -> Vec<u8> {
    let name = data.magic_name.as_ref().unwrap_or(&data.func.name);
    match data.func.scope() {
        Some(class) => [class.name.as_bytes(), b"::", name.as_bytes()].concat(),
        None => name.as_bytes().to_vec(),
    }
}

/// Captured and static variables.
fn variables(data: &ClosureData) -> PhpArray {
    let mut out = PhpArray::new();
    let Some(u) = data.func.user() else { return out };
    let decl = u.decl();
    if !data.fake {
        for ((slot, _), value) in decl.uses.iter().zip(data.captured.borrow().iter()) {
            if let Some(name) = decl.locals.get(*slot as usize)
                && !value.with_deref(Value::is_undef)
            {
                out.insert(Key::from_bytes(name), value.clone());
            }
        }
    }
    let statics = u.statics.borrow();
    for (i, name) in decl.statics.iter().enumerate() {
        let value = match statics.get(i) {
            Some(Some(r)) => r.get().or_null(),
            _ => Value::Null,
        };
        out.insert(Key::from_bytes(name), value);
    }
    out
}

fn parameters(func: &Func) -> PhpArray {
    let required = func.required();
    let mut out = PhpArray::new();
    for i in 0..func.param_count() {
        let (name, by_ref) = match &func.kind {
            FuncKind::User(u) => {
                let p = &u.decl().params[i];
                (p.name.to_vec(), p.by_ref)
            }
            FuncKind::Native(n, _) => {
                let p = &n.params[i];
                (p.name.as_bytes().to_vec(), p.by_ref || p.prefer_ref)
            }
        };
        let mut shown: Vec<u8> = if by_ref { b"&$".to_vec() } else { b"$".to_vec() };
        shown.extend_from_slice(&name);
        let kind = if i < required { "<required>" } else { "<optional>" };
        out.insert(Key::from_bytes(&shown), Value::str(kind));
    }
    out
}
