//! `-a`: code typed in, run line by line.

use super::options::Options;
use super::run::{job, run_code};
use outlast_runtime::{CliSapi, Main, Runtime};
use outlast_vm::Unwind;
use outlast_vm::sapi::{CodeError, LoadError};
use std::io::{self, BufRead, IsTerminal, Write};

/// What messages call the file of what is typed.
const CODE_NAME: &str = "php shell code";

/// Runs what is typed until the end of input or `exit`; returns the exit status.
pub fn main(runtime: Runtime, options: Options) -> io::Result<i32> {
    println!("Interactive shell\n");
    let main = Main::Code { source: Vec::new(), name: "", in_code: true };
    let job = job(main, None, options.arguments);
    runtime.run_alone(move |worker, lifecycle| {
        worker.run_with(&job, Box::new(CliSapi::new()), lifecycle, |cx| {
            let prompt = io::stdin().is_terminal();
            let mut pending = Vec::new();
            loop {
                if prompt {
                    print!("{}", if pending.is_empty() { "php > " } else { "php ( " });
                    // A terminal that is gone ends the input as well.
                    let _ = io::stdout().flush();
                }
                let read = io::stdin().lock().read_until(b'\n', &mut pending);
                if !read.is_ok_and(|count| count > 0) {
                    println!();
                    return Ok(());
                }
                if pending.trim_ascii() == b"quit" || pending.trim_ascii() == b"exit" {
                    return Ok(());
                }
                let loader = cx.loader.clone();
                if is_incomplete(&loader.load_string(&pending, CODE_NAME.as_bytes()).err()) {
                    continue;
                }
                let source = std::mem::take(&mut pending);
                match run_code(cx, Some(&source), CODE_NAME) {
                    Ok(()) => {}
                    Err(Unwind::Throw) => {
                        if let Some(exception) = cx.exception.take() {
                            // A failure to report it ends nothing here.
                            let _ = cx.report_uncaught(&exception, outlast_vm::level::ERROR);
                        }
                    }
                    Err(Unwind::Fatal) => {}
                    Err(unwind) => return Err(unwind),
                }
            }
        })
    })
}

/// Does the code end in the middle of a statement?
fn is_incomplete(error: &Option<LoadError>) -> bool {
    match error {
        Some(LoadError::Parse(CodeError { message, .. })) => {
            let text = String::from_utf8_lossy(message);
            text.contains("unexpected end of file") || text.starts_with("Unclosed ")
        }
        _ => false,
    }
}
