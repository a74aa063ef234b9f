//! Running scripts: a file, `-r`, standard input, and the modes that are scripts of our own.

use super::options::{Action, Lines, Options, path_of};
use outlast_runtime::{CliSapi, Job, Main, Runtime, ScriptNames};
use outlast_value::{PhpString, Value};
use outlast_vm::{Cx, Ret};
use std::io::{self, Read};

const STANDARD_INPUT: &str = "Standard input code";
const COMMAND_LINE: &str = "Command line code";

/// Runs what is asked for; returns the exit status.
pub fn main(runtime: Runtime, options: Options) -> io::Result<i32> {
    let Options { action, script, arguments, .. } = options;
    let main = match action {
        Action::Lines(lines) => return run_lines(runtime, lines, arguments),
        Action::Code(source) => Main::Code { source, name: COMMAND_LINE, in_code: true },
        Action::Info => code("phpinfo();"),
        Action::Highlight | Action::Strip if script.as_deref().is_none_or(is_readable) => {
            code(if action == Action::Highlight {
                "highlight_file(is_file($argv[0]) ? $argv[0] : 'php://stdin');"
            } else {
                "echo php_strip_whitespace(is_file($argv[0]) ? $argv[0] : 'php://stdin');"
            })
        }
        Action::Reflect(class, name) => return reflect(runtime, class, name),
        _ => match &script {
            Some(path) if !is_readable(path) => {
                eprintln!("Could not open input file: {}", String::from_utf8_lossy(path));
                return Ok(1);
            }
            Some(path) => Main::File(absolute(path)?),
            None => {
                let mut source = Vec::new();
                io::stdin().lock().read_to_end(&mut source)?;
                Main::Code { source, name: STANDARD_INPUT, in_code: false }
            }
        },
    };
    run_job(runtime, job(main, script, arguments))
}

/// A job of the command line. `script` is the path as given.
pub fn job(main: Main, script: Option<Vec<u8>>, arguments: Vec<Vec<u8>>) -> Job {
    let name = script.clone().unwrap_or_else(|| STANDARD_INPUT.into());
    let file = script.unwrap_or_default();
    let mut argv = vec![name.clone()];
    argv.extend(arguments);
    let names = ScriptNames {
        server: vec![
            ("PHP_SELF", name.clone()),
            ("SCRIPT_NAME", name),
            ("SCRIPT_FILENAME", file.clone()),
            ("PATH_TRANSLATED", file.clone()),
            ("DOCUMENT_ROOT", Vec::new()),
        ],
        argv: Some(argv),
        environment: true,
        time: None,
    };
    Job { main, path: file, directory: None, names, place: None }
}

fn run_job(runtime: Runtime, job: Job) -> io::Result<i32> {
    runtime
        .run_alone(move |worker, lifecycle| worker.run(&job, Box::new(CliSapi::new()), lifecycle))
}

fn code(source: &str) -> Main {
    Main::Code { source: source.into(), name: COMMAND_LINE, in_code: true }
}

fn is_readable(path: &[u8]) -> bool {
    path_of(path).is_file() || is_stream(path)
}

/// A pipe or device (`/dev/stdin`) is read to its end.
fn is_stream(path: &[u8]) -> bool {
    path_of(path).metadata().is_ok_and(|file| !file.is_dir())
}

/// A path made absolute, symbolic links kept.
fn absolute(path: &[u8]) -> io::Result<Vec<u8>> {
    Ok(std::path::absolute(path_of(path))?.into_os_string().into_encoded_bytes())
}

/// `--rf` and the like.
fn reflect(runtime: Runtime, class: &str, name: Vec<u8>) -> io::Result<i32> {
    let source = format!(
        "try {{ echo new {class}($argv[1]), \"\\n\"; }} \
         catch (Throwable $e) {{ echo 'Exception: ', $e->getMessage(), \"\\n\"; exit(1); }}"
    );
    run_job(runtime, job(code(&source), None, vec![name]))
}

/// `-R` and its companions.
fn run_lines(runtime: Runtime, lines: Lines, arguments: Vec<Vec<u8>>) -> io::Result<i32> {
    let job = job(code(""), None, arguments);
    runtime.run_alone(move |worker, lifecycle| {
        worker.run_with(&job, Box::new(CliSapi::new()), lifecycle, |cx| {
            run_code(cx, lines.begin.as_deref(), COMMAND_LINE)?;
            let mut input = io::stdin().lines();
            let mut number = 0;
            while let Some(Ok(line)) = input.next() {
                number += 1;
                cx.set_global("argn", Value::Str(PhpString::new(line.as_bytes())));
                cx.set_global("argi", Value::Int(number));
                match &lines.file {
                    Some(file) => {
                        let path = absolute(file).unwrap_or_else(|_| file.clone());
                        let unit = cx.loader.clone().load_file(&path);
                        let unit = unit.map_err(|error| cx.load_error(error))?;
                        cx.run_main(unit)?;
                    }
                    None => run_code(cx, lines.code.as_deref(), COMMAND_LINE)?,
                }
            }
            run_code(cx, lines.end.as_deref(), COMMAND_LINE)
        })
    })
}

/// Runs a piece of code in the global scope; messages call its file `name`.
pub fn run_code(cx: &mut Cx, source: Option<&[u8]>, name: &str) -> Ret<()> {
    let Some(source) = source else { return Ok(()) };
    let unit = cx.loader.clone().load_string(source, name.as_bytes());
    let unit = unit.map_err(|error| cx.load_error(error))?;
    cx.run_main(unit).map(drop)
}
