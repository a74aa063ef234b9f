//! The `proc_open` family.

use super::{directory, exit_code};
use crate::stream::backend::{error_text, host};
use crate::stream::pipe::Pipe;
use crate::stream::registry::path_of;
use crate::stream::{Make, Stream, stream_arg};
use outlast_host::process::{Child, Descriptor, Exit, PipeEnd, Program, spawn};
use outlast_value::{Key, PhpArray, PhpString, Reference, Resource, Value};
use outlast_vm::{Cx, Ret};
use std::cell::Cell;
use std::rc::Rc;

/// The payload of a process's resource.
struct Process {
    child: Rc<Child>,
    command: Vec<u8>,
    exit: Cell<Option<Exit>>,
    /// Its exit code was told by `proc_get_status()`.
    told: Cell<bool>,
    /// Our ends of its pipes: closed with it.
    pipes: Vec<Resource>,
}

/// The descriptor that an entry of the specification asks for.
fn descriptor(cx: &mut Cx, spec: &Value) -> Ret<Option<Descriptor>> {
    let array = match spec {
        Value::Resource(_) => {
            let stream = stream_arg(cx, 2, spec)?;
            return duplicate(cx, &stream);
        }
        Value::Array(array) => array,
        _ => {
            return Err(cx.arg_value_error(2, "must only contain arrays and streams"));
        }
    };
    let Some(kind) = array.get_int(0).map(Value::deref) else {
        return Err(cx.throw_value_error("Missing handle qualifier in array"));
    };
    let kind = cx.to_str(&kind)?;
    match kind.as_bytes() {
        b"pipe" => {
            let Some(mode) = array.get_int(1).map(Value::deref) else {
                return Err(cx.throw_value_error("Missing mode parameter for 'pipe'"));
            };
            let mode = cx.to_str(&mode)?;
            Ok(Some(if mode.starts_with(b"r") { Descriptor::PipeIn } else { Descriptor::PipeOut }))
        }
        b"file" => {
            let Some(path) = array.get_int(1).map(Value::deref) else {
                return Err(cx.throw_value_error("Missing file name parameter for 'file'"));
            };
            let Some(mode) = array.get_int(2).map(Value::deref) else {
                return Err(cx.throw_value_error("Missing mode parameter for 'file'"));
            };
            let (path, mode) = (cx.to_str(&path)?, cx.to_str(&mode)?);
            let how = crate::stream::Opened::default();
            match crate::stream::open(cx, &path, &mode, how)? {
                Some(stream) => {
                    let made = duplicate(cx, &stream)?;
                    stream.close(cx)?;
                    Ok(made)
                }
                None => Ok(None),
            }
        }
        b"null" => Ok(Some(Descriptor::Null)),
        b"redirect" => {
            // Only what is a descriptor of ours can be shared before the child exists.
            let Some(target) = array.get_int(1).map(Value::deref) else {
                return Err(cx.throw_value_error("Missing redirection target"));
            };
            let Value::Int(target) = target else {
                let given = cx.value_type_name(&target);
                return Err(cx.throw_value_error(format!(
                    "Redirection target must be of type int, {given} given"
                )));
            };
            match target {
                1 => Ok(clone_of(&std::io::stdout())),
                2 => Ok(clone_of(&std::io::stderr())),
                _ => {
                    cx.warning(format!("Redirection target {target} not found"))?;
                    Ok(None)
                }
            }
        }
        other => {
            let shown = String::from_utf8_lossy(other).into_owned();
            cx.warning(format!("{shown} is not a valid descriptor spec/mode"))?;
            Ok(None)
        }
    }
}

fn clone_of(fd: &impl std::os::fd::AsFd) -> Option<Descriptor> {
    fd.as_fd().try_clone_to_owned().ok().map(Descriptor::Open)
}

/// A share of the file behind a stream.
fn duplicate(cx: &mut Cx, stream: &Rc<Stream>) -> Ret<Option<Descriptor>> {
    stream.flush(cx, false)?;
    let backend = stream.backend();
    let fd = backend.as_ref().and_then(|b| b.descriptor());
    match fd.and_then(|fd| clone_of(&fd)) {
        Some(made) => Ok(Some(made)),
        None => {
            let label = backend.map_or("", |b| b.label());
            cx.warning(format!("Cannot represent a stream of type {label} as a File Descriptor"))?;
            Ok(None)
        }
    }
}

/// `proc_open()`
pub fn proc_open(
    cx: &mut Cx,
    command: &Value,
    descriptor_spec: PhpArray,
    pipes: &Reference,
    cwd: Option<&PhpString>,
    env_vars: Option<PhpArray>,
    _options: Option<PhpArray>,
) -> Ret<Value> {
    let mut arguments = Vec::new();
    let line = match command {
        Value::Array(list) => {
            if list.is_empty() {
                return Err(cx.arg_value_error(1, "must have at least one element"));
            }
            for (_, argument) in list.iter() {
                let argument = cx.to_str(&argument.deref())?;
                if argument.contains(&0) {
                    let n = arguments.len() + 1;
                    return Err(cx.throw_value_error(format!(
                        "Command array element {n} contains a null byte"
                    )));
                }
                if arguments.is_empty() && argument.is_empty() {
                    return Err(
                        cx.throw_value_error("First element must contain a non-empty program name")
                    );
                }
                arguments.push(argument.to_vec());
            }
            arguments[0].clone()
        }
        other => {
            let line = cx.to_str(other)?;
            crate::file::check_path(cx, 1, &line)?;
            line.to_vec()
        }
    };
    let mut descriptors: Vec<(i32, Descriptor)> = Vec::new();
    for (key, spec) in descriptor_spec.iter() {
        let Key::Int(number) = key else {
            return Err(cx.arg_value_error(2, "must be an integer indexed array only"));
        };
        let spec = spec.deref();
        let to_previous = match &spec {
            Value::Array(a)
                if a.get_int(0).is_some_and(|k| {
                    k.with_deref(|k| matches!(k, Value::Str(s) if *s == "redirect"))
                }) =>
            {
                let target = a.get_int(1).map(Value::deref).unwrap_or_default();
                let target = cx.to_int(&target)? as i32;
                descriptors.iter().find(|(n, _)| *n == target).and_then(|(_, d)| match d {
                    Descriptor::Open(fd) => fd.try_clone().ok().map(Descriptor::Open),
                    _ => None,
                })
            }
            _ => None,
        };
        let made = match to_previous {
            Some(made) => Some(made),
            None => descriptor(cx, &spec)?,
        };
        match made {
            Some(made) => descriptors.push((number as i32, made)),
            None => return Ok(Value::Bool(false)),
        }
    }
    // Of the streams of the script's own process a child has what is not given otherwise.
    for number in 0..3 {
        if !descriptors.iter().any(|(n, _)| *n == number) {
            descriptors.push((number, Descriptor::Inherit));
        }
    }
    let directory = match cwd {
        Some(path) if !path.is_empty() => path_of(cx, path),
        _ => directory(cx),
    };
    let environment = match env_vars {
        Some(array) => {
            let mut pairs = Vec::new();
            for (name, value) in array.iter() {
                let value = cx.to_str(&value.deref())?;
                let name = match name {
                    Key::Str(name) => name.to_vec(),
                    Key::Int(n) => n.to_string().into_bytes(),
                };
                pairs.push((name, value.to_vec()));
            }
            pairs
        }
        None => crate::general::environment::all(cx),
    };
    if cx.sapi.flush().is_err() {
        // The output's reader is gone; that is for the next output to find out.
    }
    let program = match command {
        Value::Array(_) => Program::Arguments(&arguments),
        _ => Program::Shell(&line),
    };
    let spawned = spawn(program, &directory, Some(&environment), descriptors);
    let (child, ends) = match spawned {
        Ok(both) => both,
        Err(error) => {
            let text = error_text(&error);
            match command {
                Value::Array(_) => {
                    let shown = String::from_utf8_lossy(&line).into_owned();
                    cx.warning(format!("Exec failed: {text}: {shown}"))?;
                }
                _ => cx.warning(format!("posix_spawn() failed: {text}"))?,
            }
            return Ok(Value::Bool(false));
        }
    };
    let mut list: Vec<(i32, Value)> = Vec::new();
    for (number, end) in ends {
        let mode: &[u8] = if matches!(end, PipeEnd::Read(_)) { b"r" } else { b"w" };
        let backend = Rc::new(Pipe::new(end, None));
        let stream = Stream::new(cx, Make { backend, wrapper: "", mode, uri: None });
        list.push((number, stream.into_value(cx)));
    }
    let mut array = PhpArray::new();
    for (number, value) in list.iter().cloned() {
        array.insert_int(i64::from(number), value);
    }
    pipes.set(Value::Array(array));
    let id = cx.next_resource;
    cx.next_resource += 1;
    let process = Process {
        child: Rc::new(child),
        command: line,
        exit: Cell::new(None),
        told: Cell::new(false),
        pipes: list.iter().filter_map(|(_, v)| v.as_resource().cloned()).collect(),
    };
    Ok(Value::Resource(Resource::new(id, "process", Box::new(process))))
}

fn with_process<R>(cx: &mut Cx, value: &Value, f: impl FnOnce(&Process) -> R) -> Ret<R> {
    match value {
        Value::Resource(resource) => match resource.with(f) {
            Some(result) => Ok(result),
            None => Err(crate::stream::not_a_stream(cx, "process")),
        },
        other => {
            let given = cx.value_type_name(other);
            Err(cx.arg_type_error(1, &format!("must be of type resource, {given} given")))
        }
    }
}

/// `proc_close()`
pub fn proc_close(cx: &mut Cx, process: &Value) -> Ret<i64> {
    let (child, exit, pipes) =
        with_process(cx, process, |p| (p.child.clone(), p.exit.get(), p.pipes.clone()))?;
    for pipe in pipes {
        if let Some(stream) = crate::stream::stream_of(&pipe) {
            stream.close_resource(cx, &pipe)?;
        }
    }
    let code = match exit {
        // What `proc_get_status()` has told is remembered.
        Some(exit) => exit_code(exit),
        None => host(cx, "process", || child.wait())?.map_or(-1, exit_code),
    };
    if let Value::Resource(resource) = process {
        resource.close();
    }
    Ok(code)
}

/// `proc_terminate()`
pub fn proc_terminate(cx: &mut Cx, process: &Value, signal: i64) -> Ret<bool> {
    let child = with_process(cx, process, |p| p.child.clone())?;
    Ok(child.signal(signal as i32))
}

/// `proc_get_status()`
pub fn proc_get_status(cx: &mut Cx, process: &Value) -> Ret<PhpArray> {
    let (child, command, known, told) = with_process(cx, process, |p| {
        (p.child.clone(), p.command.clone(), p.exit.get(), p.told.get())
    })?;
    let cached = known.is_some() && told;
    let exit = match known {
        Some(exit) => Some(exit),
        None => child.ended().ok().flatten(),
    };
    with_process(cx, process, |p| {
        p.exit.set(exit);
        p.told.set(exit.is_some());
    })?;
    let signal = exit.and_then(|e| e.signal);
    Ok(PhpArray::from([
        ("command", Value::str(command)),
        ("pid", Value::Int(i64::from(child.id()))),
        ("cached", Value::Bool(cached)),
        ("running", Value::Bool(exit.is_none())),
        ("signaled", Value::Bool(signal.is_some())),
        ("stopped", Value::Bool(false)),
        ("exitcode", Value::Int(exit.and_then(|e| e.code).map_or(-1, i64::from))),
        ("termsig", Value::Int(signal.map_or(0, i64::from))),
        ("stopsig", Value::Int(0)),
    ]))
}
