//! `spl_autoload_*`: who is asked for classes that are not declared.

use outlast_bytecode::IncludeMode;
use outlast_value::{PhpArray, PhpString, Value, identical};
use outlast_vm::{Callable, ClassRef, Cx, Ret};

/// What `spl_autoload_functions` shows of each autoloader, in step with `Cx::autoloaders`.
#[derive(Default)]
struct Shown(Vec<Value>);

/// The extensions that `spl_autoload` tries.
struct Extensions(PhpString);

impl Default for Extensions {
    fn default() -> Self {
        Extensions(PhpString::from(".inc,.php"))
    }
}

/// A callable in the form `spl_autoload_functions` gives.
fn shown(callable: &Callable) -> Value {
    if let Some(closure) = &callable.closure {
        return Value::Object(closure.clone());
    }
    let name = callable.magic_name.clone().unwrap_or_else(|| callable.func.name.clone());
    let target = match (&callable.this, callable.static_class) {
        (Some(o), _) => {
            if callable.magic_name.is_none() && name.eq_ignore_ascii_case(b"__invoke") {
                return Value::Object(o.clone());
            }
            Value::Object(o.clone())
        }
        (None, Some(class)) => Value::Str(class.name.clone()),
        (None, None) => return Value::Str(name),
    };
    Value::Array(PhpArray::from_list(vec![target, Value::Str(name)]))
}

/// What is called: methods that the engine could not reach by name become closures.
fn loader(cx: &mut Cx, callable: &Callable, shown: &Value) -> Value {
    let hidden =
        outlast_bytecode::member_flags::PRIVATE | outlast_bytecode::member_flags::PROTECTED;
    if callable.closure.is_some() || callable.func.modifiers & hidden == 0 {
        return shown.clone();
    }
    Value::Object(cx.closure_of(
        callable.func.clone(),
        callable.this.clone(),
        callable.static_class,
        callable.magic_name.clone(),
    ))
}

pub(super) fn spl_autoload_register(
    cx: &mut Cx,
    callback: Option<&Callable>,
    throw: bool,
    prepend: bool,
) -> Ret<bool> {
    if !throw {
        cx.notice(
            "Argument #2 ($do_throw) has been ignored, spl_autoload_register() will always throw",
        )?;
    }
    let (shown, loader) = match callback {
        Some(c) => {
            let shown = shown(c);
            if shown.as_str().is_some_and(|s| s.eq_ignore_ascii_case(b"spl_autoload_call")) {
                return Err(cx.arg_value_error(1, "must not be the spl_autoload_call() function"));
            }
            let loader = loader(cx, c, &shown);
            (shown, loader)
        }
        None => (Value::str("spl_autoload"), Value::str("spl_autoload")),
    };
    if cx.state::<Shown>().0.iter().any(|s| identical(s, &shown)) {
        return Ok(true);
    }
    if prepend {
        cx.state::<Shown>().0.insert(0, shown);
        cx.autoloaders.insert(0, loader);
    } else {
        cx.state::<Shown>().0.push(shown);
        cx.autoloaders.push(loader);
    }
    Ok(true)
}

pub(super) fn spl_autoload_unregister(cx: &mut Cx, callback: &Callable) -> Ret<bool> {
    let wanted = shown(callback);
    if wanted.as_str().is_some_and(|s| s.eq_ignore_ascii_case(b"spl_autoload_call")) {
        cx.raise_deprecated(
            "Using spl_autoload_call() as a callback for spl_autoload_unregister() is deprecated, \
             to remove all registered autoloaders, call spl_autoload_unregister() for all values \
             returned from spl_autoload_functions()",
        )?;
        cx.state::<Shown>().0.clear();
        cx.autoloaders.clear();
        return Ok(true);
    }
    let Some(at) = cx.state::<Shown>().0.iter().position(|s| identical(s, &wanted)) else {
        return Ok(false);
    };
    let gone = cx.state::<Shown>().0.remove(at);
    let loader = cx.autoloaders.remove(at);
    drop((gone, loader));
    Ok(true)
}

pub(super) fn spl_autoload_functions(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(PhpArray::from_list(cx.state::<Shown>().0.clone()))
}

pub(super) fn spl_autoload_call(cx: &mut Cx, class: &PhpString) -> Ret<()> {
    let mut at = 0;
    while let Some(loader) = cx.autoloaders.get(at).cloned() {
        cx.call(&loader, vec![Value::Str(class.clone())])?;
        if declared(cx, class).is_some() {
            break;
        }
        at += 1;
    }
    Ok(())
}

fn declared(cx: &mut Cx, class: &PhpString) -> Option<ClassRef> {
    cx.class(class)
}

pub(super) fn spl_autoload_extensions(
    cx: &mut Cx,
    extensions: Option<&PhpString>,
) -> Ret<Option<PhpString>> {
    match extensions {
        Some(e) => {
            cx.state::<Extensions>().0 = e.clone();
            Ok(None)
        }
        None => Ok(Some(cx.state::<Extensions>().0.clone())),
    }
}

pub(super) fn spl_autoload(
    cx: &mut Cx,
    class: &PhpString,
    extensions: Option<&PhpString>,
) -> Ret<()> {
    let extensions = match extensions {
        Some(e) => e.clone(),
        None => cx.state::<Extensions>().0.clone(),
    };
    let stem: Vec<u8> =
        class.iter().map(|b| if *b == b'\\' { b'/' } else { b.to_ascii_lowercase() }).collect();
    for extension in extensions.split(|&b| b == b',') {
        let mut path = stem.clone();
        path.extend_from_slice(extension);
        let Some(path) = cx.resolve_include(&path) else { continue };
        cx.include(Value::Str(path), IncludeMode::IncludeOnce)?;
        if declared(cx, class).is_some() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Extensions;

    #[test]
    fn inc_comes_before_php() {
        assert_eq!(Extensions::default().0, ".inc,.php");
    }
}
