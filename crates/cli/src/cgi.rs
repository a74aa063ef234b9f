//! `outlast cgi`: one request from the environment, as PHP's CGI binary answers it.

use crate::php::options::{self, Options, path_of};
use outlast_runtime::{CgiSapi, ConfigSource, Job, Main, Place, Runtime, ScriptNames};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

/// Runs the subcommand.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    let options = match options::parse(arguments) {
        Ok(options) => options,
        Err(refused) => {
            eprintln!("{}", refused.message);
            return ExitCode::FAILURE;
        }
    };
    match answer(options) {
        Ok(status) => ExitCode::from(status as u8),
        Err(message) => {
            eprintln!("outlast: {message}");
            ExitCode::FAILURE
        }
    }
}

fn answer(options: Options) -> Result<i32, String> {
    let source = ConfigSource {
        none: options.no_ini,
        path: options.ini,
        sapi: "cgi-fcgi",
        defaults: vec![("display_errors", "1".into())],
        defines: options.defines,
        ..ConfigSource::default()
    };
    let configuration = Runtime::configure(&source).map_err(|error| error.to_string())?;
    let runtime = Runtime::for_web(configuration.ini, configuration.scopes);
    let variable = |name: &str| {
        let value = std::env::var_os(name).map(OsString::into_vec);
        value.filter(|value| !value.is_empty())
    };
    let script = options.script.or_else(|| variable("SCRIPT_FILENAME"));
    let Some(script) = script.or_else(|| variable("PATH_TRANSLATED")) else {
        return Err("no script: neither an argument nor SCRIPT_FILENAME names one".into());
    };
    let quiet = options.quiet;
    if !path_of(&script).is_file() {
        print!(
            "Status: 404 Not Found\r\nX-Powered-By: PHP/{}\r\n\
             Content-type: text/html; charset=UTF-8\r\n\r\nNo input file specified.\n",
            outlast_runtime::PHP_VERSION
        );
        return Ok(0);
    }
    let own =
        [variable("SCRIPT_NAME"), variable("PATH_INFO")].map(Option::unwrap_or_default).concat();
    let variables = vec![("SCRIPT_FILENAME", script.clone()), ("PHP_SELF", own)];
    let argv = (!options.arguments.is_empty()).then(|| {
        let mut argv = vec![script.clone()];
        argv.extend(options.arguments);
        argv
    });
    let names = ScriptNames { argv, ..ScriptNames::default() };
    let path_or_empty = |name: &str| OsString::from_vec(variable(name).unwrap_or_default()).into();
    let place = Place {
        script: std::path::absolute(path_of(&script)).map_err(|error| error.to_string())?,
        document_root: path_or_empty("DOCUMENT_ROOT"),
        host: variable("SERVER_NAME").unwrap_or_default(),
    };
    let job = Job {
        main: Main::File(script.clone()),
        path: script,
        directory: None,
        names,
        place: Some(place),
    };
    let run = runtime.run_alone(move |worker, lifecycle| {
        worker.run(&job, Box::new(CgiSapi::new(variables, quiet)), lifecycle)
    });
    run.map_err(|error| error.to_string())
}
