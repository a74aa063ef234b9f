//! Functions about functions and the running call.

use outlast_value::{Key, PhpArray, PhpString, Value};
use outlast_vm::{Cx, Ret};

pub(super) fn exit(cx: &mut Cx, status: &Value) -> Ret<()> {
    Err(cx.exit(status)?)
}

pub(super) fn func_num_args(cx: &mut Cx) -> Ret<usize> {
    cx.forbid_dynamic_call()?;
    match cx.caller_arguments() {
        Some(args) => Ok(args.len()),
        None => Err(cx.throw_error("func_num_args() must be called from a function context")),
    }
}

pub(super) fn func_get_args(cx: &mut Cx) -> Ret<PhpArray> {
    cx.forbid_dynamic_call()?;
    match cx.caller_arguments() {
        Some(args) => Ok(PhpArray::from_list(args)),
        None => Err(cx.throw_error("func_get_args() cannot be called from the global scope")),
    }
}

pub(super) fn func_get_arg(cx: &mut Cx, position: i64) -> Ret<Value> {
    let Ok(position) = usize::try_from(position) else {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    };
    cx.forbid_dynamic_call()?;
    let Some(args) = cx.caller_arguments() else {
        return Err(cx.throw_error("func_get_arg() cannot be called from the global scope"));
    };
    match args.into_iter().nth(position) {
        Some(v) => Ok(v),
        None => Err(cx.arg_value_error(
            1,
            "must be less than the number of the arguments passed to the currently executed \
             function",
        )),
    }
}

pub(super) fn function_exists(cx: &mut Cx, name: &PhpString) -> Ret<bool> {
    let bare = name.strip_prefix(b"\\").unwrap_or(name);
    Ok(cx.function(bare).is_some())
}

pub(super) fn get_defined_functions(cx: &mut Cx, _exclude_disabled: bool) -> Ret<PhpArray> {
    let internal = cx
        .modules()
        .iter()
        .flat_map(|m| m.functions)
        .map(|f| Value::str(f.name.to_ascii_lowercase()))
        .collect();
    let user = cx.user_functions.iter().cloned().map(Value::Str).collect();
    let mut all = PhpArray::new();
    for (name, list) in [("internal", internal), ("user", user)] {
        all.insert(Key::Str(PhpString::from(name)), Value::Array(PhpArray::from_list(list)));
    }
    Ok(all)
}

pub(super) fn get_defined_vars(cx: &mut Cx) -> Ret<PhpArray> {
    cx.forbid_dynamic_call()?;
    Ok(cx.defined_variables())
}

pub(super) fn get_included_files(cx: &mut Cx) -> Ret<PhpArray> {
    Ok(PhpArray::from_list(cx.included.keys().cloned().map(Value::Str).collect()))
}
