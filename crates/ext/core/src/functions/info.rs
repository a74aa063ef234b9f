//! Functions about constants, extensions, resources and the cycle collector.

use outlast_value::{Heap, Key, PhpArray, PhpString, Resource, Value, gc_status as collector};
use outlast_vm::{Cx, OrFalse, Ret};

pub(super) fn zend_version(_cx: &mut Cx) -> Ret<&'static str> {
    Ok("4.4.24")
}

pub(super) fn define(
    cx: &mut Cx,
    name: &PhpString,
    value: &Value,
    case_insensitive: bool,
) -> Ret<bool> {
    if name.windows(2).any(|w| w == b"::") {
        return Err(cx.arg_value_error(1, "cannot be a class constant"));
    }
    if case_insensitive {
        cx.warning(
            "Argument #3 ($case_insensitive) is ignored since declaration of case-insensitive \
             constants is no longer supported",
        )?;
    }
    let value = match value {
        Value::Array(a) => match plain_array(a, &mut Vec::new()) {
            Some(a) => Value::Array(a),
            None => return Err(cx.arg_value_error(2, "cannot be a recursive array")),
        },
        other => other.clone(),
    };
    if name.as_bytes() == b"__COMPILER_HALT_OFFSET__" || !cx.define_constant(name, value) {
        let mut message = b"Constant ".to_vec();
        message.extend_from_slice(name);
        message.extend_from_slice(b" already defined");
        cx.raise_warning(message)?;
        return Ok(false);
    }
    Ok(true)
}

/// The array without references; `None` if it contains itself.
fn plain_array(array: &PhpArray, path: &mut Vec<usize>) -> Option<PhpArray> {
    if path.contains(&array.ptr_id()) {
        return None;
    }
    path.push(array.ptr_id());
    let mut copy = PhpArray::with_capacity(array.len());
    for (key, value) in array.iter_refs() {
        let value = match value.deref() {
            Value::Array(a) => Value::Array(plain_array(&a, path)?),
            other => other,
        };
        copy.insert(key.to_key(), value);
    }
    path.pop();
    Some(copy)
}

pub(super) fn defined(cx: &mut Cx, name: &PhpString) -> Ret<bool> {
    let Some(at) = name.windows(2).rposition(|w| w == b"::") else {
        return Ok(cx.global_constant(name).is_some());
    };
    let class = &name[..at];
    let constant = &name[at + 2..];
    let scope = cx.scope();
    let class = if class.eq_ignore_ascii_case(b"self") {
        scope
    } else if class.eq_ignore_ascii_case(b"static") {
        cx.called_class()
    } else if class.eq_ignore_ascii_case(b"parent") {
        scope.and_then(|s| s.parent)
    } else {
        cx.lookup_class(&PhpString::new(class), true)?
    };
    let Some(class) = class else { return Ok(false) };
    Ok(cx.class_constant_visible(class, constant, scope))
}

fn resource_argument(cx: &mut Cx, value: &Value) -> Ret<Resource> {
    match value {
        Value::Resource(r) => Ok(r.clone()),
        other => {
            let given = cx.value_type_name(other);
            Err(cx.arg_type_error(1, &format!("must be of type resource, {given} given")))
        }
    }
}

pub(super) fn get_resource_type(cx: &mut Cx, resource: &Value) -> Ret<&'static str> {
    let r = resource_argument(cx, resource)?;
    Ok(if r.is_closed() { "Unknown" } else { r.kind() })
}

pub(super) fn get_resource_id(cx: &mut Cx, resource: &Value) -> Ret<i64> {
    Ok(resource_argument(cx, resource)?.id())
}

/// Names of the extensions, each once.
fn extensions(cx: &Cx) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for m in cx.modules() {
        if !names.contains(&m.extension) {
            names.push(m.extension);
        }
    }
    names
}

pub(super) fn get_loaded_extensions(cx: &mut Cx, zend_extensions: bool) -> Ret<PhpArray> {
    if zend_extensions {
        return Ok(PhpArray::new());
    }
    Ok(PhpArray::from_list(extensions(cx).into_iter().map(Value::str).collect()))
}

pub(super) fn extension_loaded(cx: &mut Cx, name: &PhpString) -> Ret<bool> {
    Ok(extensions(cx).iter().any(|e| e.as_bytes().eq_ignore_ascii_case(name)))
}

pub(super) fn get_extension_funcs(cx: &mut Cx, name: &PhpString) -> Ret<OrFalse<PhpArray>> {
    let name: &[u8] = if name.eq_ignore_ascii_case(b"zend") { b"core" } else { name };
    let names: Vec<Value> = cx
        .modules()
        .iter()
        .filter(|m| m.extension.as_bytes().eq_ignore_ascii_case(name))
        .flat_map(|m| m.functions)
        .map(|f| Value::str(f.name))
        .collect();
    Ok(OrFalse((!names.is_empty()).then(|| PhpArray::from_list(names))))
}

pub(super) fn get_defined_constants(cx: &mut Cx, categorize: bool) -> Ret<PhpArray> {
    let modules = cx.modules().to_vec();
    let mut groups: Vec<(&'static str, PhpArray)> = Vec::new();
    for m in modules {
        if m.constants.is_empty() {
            continue;
        }
        let at = match groups.iter().position(|(name, _)| *name == m.extension) {
            Some(at) => at,
            None => {
                groups.push((m.extension, PhpArray::new()));
                groups.len() - 1
            }
        };
        for c in m.constants {
            let value = cx.native_value(&c.value);
            groups[at].1.insert(Key::Str(PhpString::from(c.name)), value);
        }
    }
    // Those that an extension made while the script ran.
    for (name, entry) in cx.constants.iter().filter(|(_, e)| !e.user) {
        if let Some((_, group)) = groups.iter_mut().find(|(name, _)| *name == entry.extension) {
            group.insert(Key::Str(name.clone()), entry.value.clone());
        }
    }
    let mut user = PhpArray::new();
    for (name, entry) in cx.constants.iter().filter(|(_, e)| e.user) {
        user.insert(Key::from_string(name.clone()), entry.value.clone());
    }
    if !user.is_empty() {
        groups.push(("user", user));
    }
    let mut all = PhpArray::new();
    for (name, group) in groups {
        if categorize {
            all.insert(Key::Str(PhpString::from(name)), Value::Array(group));
        } else {
            for (key, value) in group.into_entries() {
                all.insert(key, value);
            }
        }
    }
    Ok(all)
}

pub(super) fn gc_mem_caches(_cx: &mut Cx) -> Ret<i64> {
    Ok(0)
}

pub(super) fn gc_collect_cycles(cx: &mut Cx) -> Ret<usize> {
    cx.collect_cycles()
}

pub(super) fn gc_enabled(_cx: &mut Cx) -> Ret<bool> {
    Ok(Heap::current().gc_enabled())
}

pub(super) fn gc_enable(_cx: &mut Cx) -> Ret<()> {
    Heap::current().set_gc_enabled(true);
    Ok(())
}

pub(super) fn gc_disable(_cx: &mut Cx) -> Ret<()> {
    Heap::current().set_gc_enabled(false);
    Ok(())
}

pub(super) fn gc_status(cx: &mut Cx) -> Ret<PhpArray> {
    let s = collector();
    let int = |n: usize| Value::Int(n as i64);
    let entries = [
        ("running", Value::Bool(s.running)),
        ("protected", Value::Bool(false)),
        ("full", Value::Bool(false)),
        ("runs", int(s.runs)),
        ("collected", int(s.collected)),
        ("threshold", int(s.threshold)),
        ("buffer_size", int(s.threshold.next_power_of_two())),
        ("roots", int(s.roots)),
        ("application_time", Value::Float(cx.lifecycle.age().as_secs_f64())),
        ("collector_time", Value::Float(0.0)),
        ("destructor_time", Value::Float(0.0)),
        ("free_time", Value::Float(0.0)),
    ];
    let mut status = PhpArray::with_capacity(entries.len());
    for (name, value) in entries {
        status.insert(Key::Str(PhpString::from(name)), value);
    }
    Ok(status)
}
