//! `-l`: does it compile?

use super::options::{Options, path_of};
use super::run::job;
use outlast_runtime::{CliSapi, Main, Runtime};
use std::cell::Cell;
use std::io::{self, Read, Write};

/// Checks files, or standard input; returns the exit status.
pub fn main(runtime: Runtime, options: Options) -> io::Result<i32> {
    let mut status = 0;
    let files: Vec<Option<Vec<u8>>> = match options.script {
        None => vec![None],
        Some(first) => {
            let rest = options.arguments.into_iter().filter(|argument| argument != b"--");
            std::iter::once(first).chain(rest).map(Some).collect()
        }
    };
    for file in files {
        let shown = match &file {
            Some(file) => String::from_utf8_lossy(file).into_owned(),
            None => "Standard input code".to_owned(),
        };
        let source = match &file {
            Some(path) => match std::fs::read(path_of(path)) {
                Ok(source) => source,
                Err(_) => {
                    eprintln!("Could not open input file: {shown}");
                    status = 1;
                    continue;
                }
            },
            None => {
                let mut source = Vec::new();
                io::stdin().lock().read_to_end(&mut source)?;
                source
            }
        };
        let good = check(&runtime, source, file)?;
        let verdict = if good { "No syntax errors detected in" } else { "Errors parsing" };
        if !good {
            status = 255;
        }
        let mut out = io::stdout();
        if writeln!(out, "{verdict} {shown}").and_then(|()| out.flush()).is_err() {
            // Nobody reads on.
            break;
        }
    }
    Ok(status)
}

/// Compiles a file and reports what is wrong as a script would.
fn check(runtime: &Runtime, source: Vec<u8>, file: Option<Vec<u8>>) -> io::Result<bool> {
    runtime.run_alone(move |worker, lifecycle| {
        let name = file.clone().unwrap_or_else(|| b"Standard input code".to_vec());
        let unit = worker.loader().load_code(&source, &name, false);
        let good = Cell::new(false);
        let main = Main::Code { source: Vec::new(), name: "", in_code: true };
        let job = job(main, file, Vec::new());
        worker.run_with(&job, Box::new(CliSapi::new()), lifecycle, |cx| match unit {
            Ok(unit) => {
                let declared = cx.declare_early(unit);
                good.set(declared.is_ok());
                declared
            }
            Err(error) => Err(cx.load_error(error)),
        });
        good.get()
    })
}
