//! The script's own environment, and its options on the command line.

use outlast_value::{Key, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};

#[path = "environment_stub.rs"]
mod environment_stub;
pub use environment_stub::MODULE;

/// A script's copy of the process's environment.
struct Environment(Vec<(Vec<u8>, Vec<u8>)>);

impl Default for Environment {
    fn default() -> Environment {
        Environment(outlast_host::system::environment())
    }
}

/// A variable.
pub fn variable(cx: &mut Cx, name: &[u8]) -> Option<Vec<u8>> {
    let all = &cx.state::<Environment>().0;
    all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// All variables, for a child.
pub fn all(cx: &mut Cx) -> Vec<(Vec<u8>, Vec<u8>)> {
    cx.state::<Environment>().0.clone()
}

/// `getenv()`
pub fn getenv(cx: &mut Cx, name: Option<&PhpString>, local_only: bool) -> Ret<Value> {
    let request = if local_only { Vec::new() } else { server_variables(cx) };
    match name {
        Some(name) => {
            let of_request = request.iter().find(|(known, _)| known == name);
            if let Some((_, value)) = of_request {
                return Ok(Value::Str(value.clone()));
            }
            Ok(variable(cx, name).map_or(Value::Bool(false), Value::str))
        }
        None => {
            let mut array = PhpArray::new();
            for (name, value) in all(cx) {
                array.insert(Key::from_bytes(&name), Value::str(value));
            }
            for (name, value) in request {
                array.insert(Key::from_string(name), Value::Str(value));
            }
            Ok(Value::Array(array))
        }
    }
}

/// On the web the request's variables stand in front of the environment.
fn server_variables(cx: &Cx) -> Vec<(PhpString, PhpString)> {
    if cx.sapi.is_web() { cx.sapi.server_variables() } else { Vec::new() }
}

/// `putenv()`
pub fn putenv(cx: &mut Cx, assignment: &PhpString) -> Ret<bool> {
    if assignment.is_empty() || assignment[0] == b'=' {
        return Err(cx.arg_value_error(1, "must have a valid syntax"));
    }
    crate::file::check_path(cx, 1, assignment)?;
    let all = &mut cx.state::<Environment>().0;
    match assignment.iter().position(|b| *b == b'=') {
        Some(at) => {
            let (name, value) = (&assignment[..at], assignment[at + 1..].to_vec());
            match all.iter_mut().find(|(known, _)| known == name) {
                Some(entry) => entry.1 = value,
                None => all.push((name.to_vec(), value)),
            }
        }
        None => all.retain(|(known, _)| known != assignment.as_bytes()),
    }
    Ok(true)
}

/// What follows an option's name.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    Value,
    MayHave,
}

struct Known {
    name: Vec<u8>,
    needs: Needs,
    long: bool,
}

fn known(spec: &[u8]) -> (Vec<u8>, Needs) {
    let colons = spec.iter().rev().take_while(|b| **b == b':').count().min(2);
    let needs = match colons {
        0 => Needs::Nothing,
        1 => Needs::Value,
        _ => Needs::MayHave,
    };
    (spec[..spec.len() - colons].to_vec(), needs)
}

/// `getopt()`
pub fn getopt(
    cx: &mut Cx,
    short_options: &PhpString,
    long_options: PhpArray,
    rest_index: Option<&Reference>,
) -> Ret<OrFalse<PhpArray>> {
    let mut options = Vec::new();
    let mut at = 0;
    while at < short_options.len() {
        let end =
            at + 1 + short_options[at + 1..].iter().take_while(|b| **b == b':').count().min(2);
        let (name, needs) = known(&short_options[at..end]);
        options.push(Known { name, needs, long: false });
        at = end;
    }
    for (_, spec) in long_options.iter() {
        let spec = cx.to_str(&spec.deref())?;
        let (name, needs) = known(&spec);
        options.push(Known { name, needs, long: true });
    }
    let argv = match cx.global(b"argv").map(|r| r.get()) {
        Some(Value::Array(argv)) => argv,
        _ => return Ok(OrFalse(None)),
    };
    let mut arguments = Vec::new();
    for (_, argument) in argv.iter() {
        arguments.push(cx.to_str(&argument.deref())?.to_vec());
    }
    let mut found = PhpArray::new();
    let mut add = |name: &[u8], value: Value| {
        let slot = found.get_or_insert(&Key::from_bytes(name));
        match slot {
            Value::Undef | Value::Null => *slot = value,
            Value::Array(list) => {
                let _full = list.push(value);
            }
            other => {
                let first = other.take();
                *other = Value::Array(PhpArray::from_list(vec![first, value]));
            }
        }
    };
    let mut index = 1;
    while index < arguments.len() {
        let argument = arguments[index].clone();
        if argument == b"--" {
            index += 1;
            break;
        }
        if argument.len() < 2 || argument[0] != b'-' {
            break;
        }
        if let Some(long) = argument.strip_prefix(b"--") {
            let (name, given) = match long.iter().position(|b| *b == b'=') {
                Some(at) => (&long[..at], Some(long[at + 1..].to_vec())),
                None => (long, None),
            };
            index += 1;
            let Some(option) = options.iter().find(|o| o.long && o.name == name) else { continue };
            match (option.needs, given) {
                (Needs::Nothing, None) | (Needs::MayHave, None) => add(name, Value::Bool(false)),
                (Needs::Nothing, Some(_)) => {}
                (_, Some(value)) => add(name, Value::str(value)),
                (Needs::Value, None) => {
                    if let Some(value) = arguments.get(index) {
                        add(name, Value::str(value));
                        index += 1;
                    }
                }
            }
            continue;
        }
        let mut at = 1;
        index += 1;
        while at < argument.len() {
            let name = [argument[at]];
            at += 1;
            let Some(option) = options.iter().find(|o| !o.long && o.name == name) else {
                continue;
            };
            if option.needs == Needs::Nothing {
                add(&name, Value::Bool(false));
                continue;
            }
            let rest = &argument[at..];
            let rest = rest.strip_prefix(b"=").unwrap_or(rest);
            if !argument[at..].is_empty() {
                add(&name, Value::str(rest));
            } else if option.needs == Needs::MayHave {
                add(&name, Value::Bool(false));
            } else if let Some(value) = arguments.get(index) {
                add(&name, Value::str(value));
                index += 1;
            }
            break;
        }
    }
    if let Some(rest_index) = rest_index {
        rest_index.set(Value::Int(index as i64));
    }
    Ok(OrFalse(Some(found)))
}
