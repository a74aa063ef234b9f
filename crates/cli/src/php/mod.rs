//! PHP's own command line.

mod info;
mod interactive;
mod lint;
pub mod options;
mod run;
mod serve;

use options::{Action, Options};
use outlast_runtime::{ConfigSource, Configuration, Runtime};
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs PHP's command line with these arguments.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let options = match options::parse(arguments) {
        Ok(options) => options,
        Err(refused) => {
            println!("{}", refused.message);
            if refused.usage {
                info::print_usage();
            }
            return ExitCode::FAILURE;
        }
    };
    match &options.action {
        Action::Help => {
            info::print_usage();
            return ExitCode::SUCCESS;
        }
        Action::Version => {
            info::print_version();
            return ExitCode::SUCCESS;
        }
        Action::Modules => {
            info::print_modules();
            return ExitCode::SUCCESS;
        }
        Action::Serve(address) => return serve::main(&options, address),
        _ => {}
    }
    let configuration = match Runtime::configure(&source(&options)) {
        Ok(configuration) => configuration,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for warning in &configuration.warnings {
        eprintln!("{warning}");
    }
    if options.action == Action::IniFiles {
        info::print_ini_files(&configuration);
        return ExitCode::SUCCESS;
    }
    let Configuration { ini, .. } = configuration;
    let runtime = Runtime::new(ini);
    let status = match options.action {
        Action::Lint => lint::main(runtime, options),
        Action::Interactive => interactive::main(runtime, options),
        _ => run::main(runtime, options),
    };
    match status {
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// php.ini as the command line reads it.
fn source(options: &Options) -> ConfigSource {
    ConfigSource {
        none: options.no_ini,
        path: options.ini.clone(),
        path_must_exist: false,
        sapi: "cli",
        defaults: vec![("display_errors", "1".into()), ("log_errors", "0".into())],
        fixed: vec![
            ("html_errors", "0"),
            ("register_argc_argv", "1"),
            ("implicit_flush", "1"),
            ("output_buffering", "0"),
            ("max_execution_time", "0"),
            ("max_input_time", "-1"),
        ],
        defines: options.defines.clone(),
    }
}
