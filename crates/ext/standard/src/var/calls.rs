//! Calling callables, and constants by name.

use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Callable, Cx, Ret};

/// `call_user_func()`
pub fn call_user_func(cx: &mut Cx, callback: &Callable, args: &[Value]) -> Ret<Value> {
    Ok(cx.call_resolved(callback, args.to_vec())?.into_deref())
}

/// Arguments from an array: those under string keys are named.
fn call_with(cx: &mut Cx, callback: &Callable, args: &PhpArray) -> Ret<Value> {
    let mut positional = Vec::with_capacity(args.len());
    let mut named = Vec::new();
    for (k, v) in args {
        match k {
            Key::Int(_) if named.is_empty() => positional.push(v.clone()),
            Key::Int(_) => {
                let takes = |name: &PhpString| {
                    callback.magic_name.is_some()
                        || callback.func.param_index(name).is_some()
                        || callback.func.is_variadic()
                };
                if let Some((name, _)) = named.iter().find(|(name, _)| !takes(name)) {
                    let shown = name.to_str_lossy();
                    return Err(cx.throw_error(format!("Unknown named parameter ${shown}")));
                }
                return Err(cx.throw_error("Cannot use positional argument after named argument"));
            }
            Key::Str(name) => named.push((name, v.clone())),
        }
    }
    Ok(cx.call_named(callback, positional, named)?.into_deref())
}

/// `call_user_func_array()`
pub fn call_user_func_array(cx: &mut Cx, callback: &Callable, args: PhpArray) -> Ret<Value> {
    call_with(cx, callback, &args)
}

/// The callback as called on the class that the running method was called on.
fn forwarded(cx: &mut Cx, callback: &Callable, name: &str) -> Ret<Callable> {
    if cx.scope().is_none() {
        return Err(cx.throw_error(format!("Cannot call {name}() when no class scope is active")));
    }
    let mut callback = callback.clone();
    if let (Some(called), Some(own)) = (cx.called_class(), callback.static_class)
        && called.is_subclass_of_or_same(own)
    {
        callback.static_class = Some(called);
    }
    Ok(callback)
}

/// `forward_static_call()`
pub fn forward_static_call(cx: &mut Cx, callback: &Callable, args: &[Value]) -> Ret<Value> {
    let callback = forwarded(cx, callback, "forward_static_call")?;
    Ok(cx.call_resolved(&callback, args.to_vec())?.into_deref())
}

/// `forward_static_call_array()`
pub fn forward_static_call_array(cx: &mut Cx, callback: &Callable, args: PhpArray) -> Ret<Value> {
    let callback = forwarded(cx, callback, "forward_static_call_array")?;
    call_with(cx, &callback, &args)
}

/// `constant()`
pub fn constant(cx: &mut Cx, name: &PhpString) -> Ret<Value> {
    if let Some(at) = name.windows(2).rposition(|w| w == b"::") {
        let class = PhpString::new(&name[..at]);
        let member = PhpString::new(&name[at + 2..]);
        let scope = cx.scope();
        let class = match (class.to_ascii_lowercase().as_slice(), scope) {
            (b"self", Some(c)) => c,
            (b"static", Some(c)) => cx.called_class().unwrap_or(c),
            (b"parent", Some(c)) if c.parent.is_some() => c.parent.unwrap_or(c),
            _ => cx.class_or_throw(&class)?,
        };
        return cx.class_constant(class, &member, scope);
    }
    match cx.global_constant(name) {
        Some(v) => Ok(v),
        None => {
            let mut text = b"Undefined constant \"".to_vec();
            text.extend_from_slice(name);
            text.push(b'"');
            Err(cx.throw_error(text))
        }
    }
}
