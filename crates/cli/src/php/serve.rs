//! `-S`: the server as PHP's own development server.

use super::options::Options;
use outlast_server::Builtin;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::process::ExitCode;

/// Serves the folder of `-t`, or the current one; a script is the router.
pub fn main(options: &Options, address: &str) -> ExitCode {
    if !address.contains(':') {
        eprintln!("Invalid address: {address}");
        return ExitCode::FAILURE;
    }
    let mut arguments: Vec<OsString> = vec!["--listen".into(), address.into()];
    if options.no_ini {
        arguments.push("-n".into());
    }
    if let Some(ini) = &options.ini {
        arguments.extend(["-c".into(), ini.into()]);
    }
    // PHP's own server knows no .user.ini.
    arguments.extend(["-d".into(), "user_ini.filename=".into()]);
    for define in &options.defines {
        arguments.extend(["-d".into(), OsString::from_vec(define.clone())]);
    }
    let root = options.document_root.clone().unwrap_or_else(|| ".".into());
    if !root.is_dir() {
        eprintln!("Directory {} does not exist.", root.display());
        return ExitCode::FAILURE;
    }
    arguments.extend(["--".into(), root.into()]);
    let router = options.script.clone().map(|script| PathBuf::from(OsString::from_vec(script)));
    let builtin = Builtin {
        router,
        software: format!("PHP/{} (Development Server)", outlast_runtime::PHP_VERSION),
        host: address.rsplit_once(':').map_or(address, |(host, _)| host).to_owned(),
    };
    crate::serve::run(arguments, Some(builtin))
}
