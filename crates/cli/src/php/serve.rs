//! `-S`: the server under PHP's own option.

use super::options::Options;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

/// Serves the folder of `-t`, or the current one.
pub fn main(options: &Options, address: &str) -> ExitCode {
    if options.script.is_some() {
        eprintln!(
            "A router script is not supported; `outlast serve --front-controller SCRIPT` answers \
             with a script where there is no file."
        );
        return ExitCode::FAILURE;
    }
    let mut arguments: Vec<OsString> = vec!["--listen".into(), address.into()];
    let root = options.document_root.clone().unwrap_or_else(|| ".".into());
    if root.join("index.php").is_file() {
        arguments.extend(["--front-controller".into(), "index.php".into()]);
    }
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
    arguments.extend(["--".into(), root.into()]);
    crate::serve::main(arguments)
}
