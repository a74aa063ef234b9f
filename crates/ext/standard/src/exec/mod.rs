//! Running programs (manual: book.exec).

mod process;

use crate::stream::backend::{error_text, host};
use crate::stream::pipe::Pipe;
use crate::stream::{Make, Stream, stream_arg};
use outlast_host::pipe::ReadEnd;
use outlast_host::process::{Child, Descriptor, Exit, PipeEnd, Program, spawn};
use outlast_value::{PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, OrFalse, Ret};
use process::{proc_close, proc_get_status, proc_open, proc_terminate};
use std::path::PathBuf;
use std::rc::Rc;

mod exec_stub;
pub use exec_stub::MODULE;

/// The longest command (`ARG_MAX`).
const COMMAND_LIMIT: usize = 2_097_152;

/// The directory of the script.
fn directory(cx: &mut Cx) -> PathBuf {
    crate::stream::registry::place(cx).directory()
}

/// How a child ended, as PHP numbers it.
fn exit_code(exit: Exit) -> i64 {
    exit.code.map_or(-1, i64::from)
}

/// Starts a shell command whose output we read.
fn start(cx: &mut Cx, command: &PhpString) -> Ret<Option<(Child, ReadEnd)>> {
    let directory = directory(cx);
    let environment = crate::general::environment::all(cx);
    let descriptors =
        vec![(0, Descriptor::Inherit), (1, Descriptor::PipeOut), (2, Descriptor::Inherit)];
    match spawn(Program::Shell(command), &directory, Some(&environment), descriptors) {
        Ok((child, ends)) => {
            let read = ends.into_iter().find_map(|(_, end)| match end {
                PipeEnd::Read(end) => Some(end),
                PipeEnd::Write(_) => None,
            });
            Ok(read.map(|read| (child, read)))
        }
        Err(_) => {
            let shown = command.to_str_lossy().into_owned();
            cx.warning(format!("Unable to fork [{shown}]"))?;
            Ok(None)
        }
    }
}

fn check(cx: &mut Cx, command: &PhpString) -> Ret<()> {
    if command.is_empty() {
        return Err(cx.arg_value_error(1, "must not be empty"));
    }
    crate::file::check_path(cx, 1, command)
}

/// Runs a command, each part of its output handed on; how it ended.
fn run(
    cx: &mut Cx,
    command: &PhpString,
    mut part: impl FnMut(&mut Cx, &[u8]) -> Ret<()>,
) -> Ret<Option<i64>> {
    let Some((child, read)) = start(cx, command)? else { return Ok(None) };
    let mut buffer = [0; 8192];
    loop {
        match host(cx, "process", || read.read(&mut buffer, None))? {
            Ok(0) | Err(_) => break,
            Ok(count) => part(cx, &buffer[..count])?,
        }
    }
    Ok(Some(host(cx, "process", || child.wait())?.map_or(-1, exit_code)))
}

fn without_space(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// `exec()`
pub fn exec(
    cx: &mut Cx,
    command: &PhpString,
    output: Option<&Reference>,
    result_code: Option<&Reference>,
) -> Ret<OrFalse<Vec<u8>>> {
    check(cx, command)?;
    let mut all = Vec::new();
    let code = run(cx, command, |_, bytes| {
        all.extend_from_slice(bytes);
        Ok(())
    })?;
    let Some(code) = code else { return Ok(OrFalse(None)) };
    if let Some(result_code) = result_code {
        result_code.set(Value::Int(code));
    }
    let lines: Vec<&[u8]> = all.split_inclusive(|b| *b == b'\n').map(without_space).collect();
    if let Some(output) = output {
        let mut list = match output.replace(Value::Null) {
            Value::Array(list) => list,
            _ => PhpArray::new(),
        };
        for line in &lines {
            let _full = list.push(Value::str(line));
        }
        output.set(Value::Array(list));
    }
    Ok(OrFalse(Some(lines.last().map(|line| line.to_vec()).unwrap_or_default())))
}

/// `system()`
pub fn system(
    cx: &mut Cx,
    command: &PhpString,
    result_code: Option<&Reference>,
) -> Ret<OrFalse<Vec<u8>>> {
    check(cx, command)?;
    let mut last = Vec::new();
    let mut ended = true;
    let code = run(cx, command, |cx, bytes| {
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if ended {
                last.clear();
            }
            last.extend_from_slice(line);
            ended = line.ends_with(b"\n");
        }
        cx.echo(bytes)?;
        cx.flush()
    })?;
    let Some(code) = code else { return Ok(OrFalse(None)) };
    if let Some(result_code) = result_code {
        result_code.set(Value::Int(code));
    }
    Ok(OrFalse(Some(without_space(&last).to_vec())))
}

/// `passthru()`
pub fn passthru(cx: &mut Cx, command: &PhpString, result_code: Option<&Reference>) -> Ret<Value> {
    check(cx, command)?;
    let Some(code) = run(cx, command, |cx, bytes| cx.echo(bytes))? else {
        return Ok(Value::Bool(false));
    };
    if let Some(result_code) = result_code {
        result_code.set(Value::Int(code));
    }
    Ok(Value::Null)
}

/// `shell_exec()` and backticks.
pub fn shell_exec(cx: &mut Cx, command: &PhpString) -> Ret<Value> {
    check(cx, command)?;
    let mut all = Vec::new();
    let code = run(cx, command, |_, bytes| {
        all.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(match code {
        None => Value::Bool(false),
        Some(_) if all.is_empty() => Value::Null,
        Some(_) => Value::str(all),
    })
}

/// `escapeshellarg()`
pub fn escapeshellarg(cx: &mut Cx, arg: &PhpString) -> Ret<Vec<u8>> {
    crate::file::check_path(cx, 1, arg)?;
    if arg.len() > COMMAND_LIMIT - 3 {
        return Err(cx.throw_value_error(format!(
            "Argument exceeds the allowed length of {COMMAND_LIMIT} bytes"
        )));
    }
    let mut out = vec![b'\''];
    for &byte in arg.iter() {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            byte => out.push(byte),
        }
    }
    out.push(b'\'');
    Ok(out)
}

/// `escapeshellcmd()`
pub fn escapeshellcmd(cx: &mut Cx, command: &PhpString) -> Ret<Vec<u8>> {
    crate::file::check_path(cx, 1, command)?;
    if command.len() > COMMAND_LIMIT - 3 {
        return Err(cx.throw_value_error(format!(
            "Command exceeds the allowed length of {COMMAND_LIMIT} bytes"
        )));
    }
    let mut out = Vec::with_capacity(command.len());
    let mut closing: Option<usize> = None;
    for (at, &byte) in command.iter().enumerate() {
        match byte {
            b'"' | b'\'' => {
                // Quotes that come in pairs stay.
                if closing == Some(at) {
                    closing = None;
                } else if closing.is_none() {
                    closing = command[at + 1..].iter().position(|b| *b == byte).map(|n| n + at + 1);
                    if closing.is_none() {
                        out.push(b'\\');
                    }
                } else {
                    out.push(b'\\');
                }
                out.push(byte);
            }
            b'#' | b'&' | b';' | b'`' | b'|' | b'*' | b'?' | b'~' | b'<' | b'>' | b'^' | b'('
            | b')' | b'[' | b']' | b'{' | b'}' | b'$' | b'\\' | b'\n' | 0xff => {
                out.push(b'\\');
                out.push(byte);
            }
            byte => out.push(byte),
        }
    }
    Ok(out)
}

/// `popen()`
pub fn popen(cx: &mut Cx, command: &PhpString, mode: &PhpString) -> Ret<Value> {
    crate::file::check_path(cx, 1, command)?;
    let reading = match mode.as_bytes() {
        b"r" | b"rb" => true,
        b"w" | b"wb" => false,
        _ => {
            let text = "must be one of \"r\", \"rb\", \"w\", or \"wb\"";
            return Err(cx.arg_value_error(2, text));
        }
    };
    let directory = directory(cx);
    let environment = crate::general::environment::all(cx);
    let (input, output) = if reading {
        (Descriptor::Inherit, Descriptor::PipeOut)
    } else {
        (Descriptor::PipeIn, Descriptor::Inherit)
    };
    if cx.sapi.flush().is_err() {
        // The output's reader is gone; that is for the next output to find out.
    }
    let descriptors = vec![(0, input), (1, output), (2, Descriptor::Inherit)];
    match spawn(Program::Shell(command), &directory, Some(&environment), descriptors) {
        Ok((child, mut ends)) => {
            let Some((_, end)) = ends.pop() else { return Ok(Value::Bool(false)) };
            let backend = Rc::new(Pipe::new(end, Some(child)));
            let make = Make { backend, wrapper: "", mode, uri: None };
            Ok(Stream::new(cx, make).into_value(cx))
        }
        Err(error) => {
            let both = [command.as_bytes(), b",", mode].concat();
            cx.warning_about(&both, error_text(&error))?;
            Ok(Value::Bool(false))
        }
    }
}

/// `pclose()`
pub fn pclose(cx: &mut Cx, handle: &Value) -> Ret<i64> {
    let stream = stream_arg(cx, 1, handle)?;
    let child = stream.backend().and_then(|backend| {
        backend.as_any().downcast_ref::<Pipe>().and_then(|pipe| pipe.child.take())
    });
    if let Value::Resource(resource) = handle {
        stream.close_resource(cx, resource)?;
    }
    let Some(child) = child else { return Ok(-1) };
    Ok(host(cx, "process", || child.wait())?.map_or(-1, exit_code))
}
