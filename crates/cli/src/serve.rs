//! `outlast serve`: the options, and a server that runs until it is told to stop.

use crate::engine::PhpEngine;
use clap::Parser;
use outlast_runtime::{ConfigSource, PathSettings, Runtime};
use outlast_server::{Builtin, Config, Server, StartError};
use outlast_vm::ini::{parse_bool, parse_quantity};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The file that is read if there is one and none is named.
const OPTIONS_FILE: &str = "outlast.toml";

/// Serves a folder of PHP scripts and files over HTTP.
#[derive(Debug, Parser)]
#[command(name = "outlast serve", no_binary_name = true)]
pub struct Options {
    /// The folder to serve [default: the current one]
    dir: Option<PathBuf>,
    /// Address to listen on; may be given several times [default: 127.0.0.1:8080]
    #[arg(short, long, value_name = "ADDRESS:PORT")]
    listen: Vec<String>,
    /// Worker threads [default: one a core]
    #[arg(short, long, value_name = "N")]
    workers: Option<usize>,
    /// The script that answers where there is no file, below DIR
    #[arg(long, value_name = "SCRIPT")]
    front_controller: Option<String>,
    /// A php.ini, or the folder it is in
    #[arg(short = 'c', value_name = "PATH")]
    ini: Option<PathBuf>,
    /// Read no php.ini
    #[arg(short = 'n')]
    no_ini: bool,
    /// Set a php.ini setting
    #[arg(short = 'd', value_name = "NAME[=VALUE]")]
    define: Vec<OsString>,
    /// Further options of the server, in TOML [default: outlast.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs the subcommand.
pub fn main(arguments: Vec<OsString>) -> ExitCode {
    run(arguments, None)
}

/// Runs it with these arguments, as `php -S` if so told.
pub fn run(arguments: Vec<OsString>, builtin: Option<Builtin>) -> ExitCode {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match serve(options, builtin) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("outlast: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What the options and the TOML file say together.
struct Plan {
    server: Config,
    source: ConfigSource,
    paths: Vec<PathSettings>,
}

/// Serves until a signal; false if scripts had to be left behind.
fn serve(options: Options, builtin: Option<Builtin>) -> Result<bool, String> {
    let Plan { mut server, mut source, mut paths } = plan(options)?;
    if builtin.is_some() {
        source.sapi = "cli-server";
        source.defaults.push(("display_errors", "1".to_owned()));
        source.defaults.push(("log_errors", "0".to_owned()));
        source.defaults.push(("outlast.compression", "0".to_owned()));
        server.access_log = "off".to_owned();
    }
    start_log();
    let configuration = Runtime::configure(&source).map_err(|error| error.to_string())?;
    for warning in &configuration.warnings {
        tracing::warn!("{warning}");
    }
    if let Some(file) = &configuration.file {
        tracing::info!("settings of {}", file.display());
    }
    let ini = configuration.ini;
    let seconds = |name: &str| {
        let value = parse_quantity(ini.get(name).unwrap_or_default()).0;
        u64::try_from(value).unwrap_or(0)
    };
    server.max_execution_time = seconds("max_execution_time");
    server.max_wall_time = seconds("outlast.max_wall_time");
    server.detached_wall_time = seconds("outlast.detached_wall_time");
    server.max_detached = seconds("outlast.max_detached") as usize;
    server.shutdown_time = seconds("outlast.shutdown_time");
    let slowlog = ini.get("outlast.slowlog").unwrap_or_default();
    server.slowlog = PathBuf::from(OsString::from_vec(slowlog.to_vec()));
    server.slowlog_timeout = fraction(ini.get("outlast.slowlog_timeout").unwrap_or_default())
        .map_err(|text| {
            format!("outlast.slowlog_timeout is \"{text}\", not a number of seconds")
        })?;
    let abort = ini.get("outlast.abort").unwrap_or_default();
    server.abort = String::from_utf8_lossy(abort).into_owned();

    server.compression = parse_bool(ini.get("outlast.compression").unwrap_or_default());

    server.builtin = builtin;
    outlast_host::system::raise_open_files();
    let server = server.checked().map_err(|error| error.to_string())?;
    let root = server.document_root.clone();
    let is_builtin = server.builtin.is_some();
    let workers = match server.workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        count => count,
    };
    crate::places::resolve(&mut paths, &root)?;
    for entry in &paths {
        if let Some(name) = entry.refused(&ini) {
            let (name, path) = (String::from_utf8_lossy(name), entry.path.display());
            tracing::warn!("[[path]] {path}: {name} is not for a folder to set; use admin_ini");
        }
    }
    let mut scopes = configuration.scopes;
    scopes.paths = paths;
    let engine = Arc::new(PhpEngine(Runtime::for_web(ini, scopes)));
    let running = match Server::start(server, engine) {
        Ok(running) => running,
        Err(StartError::Listen(address, error)) if is_builtin => {
            let reason = error.raw_os_error().map(outlast_host::strerror);
            let reason = reason.unwrap_or_else(|| error.to_string());
            outlast_server::say(&format!("Failed to listen on {address} (reason: {reason})"));
            return Ok(false);
        }
        Err(error) => return Err(error.to_string()),
    };
    for address in running.addresses() {
        if is_builtin {
            let version = outlast_runtime::PHP_VERSION;
            outlast_server::say(&format!(
                "PHP {version} Development Server (http://{address}) started"
            ));
            continue;
        }
        tracing::info!(
            "serving {} on http://{address}/ ({workers} worker{})",
            root.display(),
            if workers == 1 { "" } else { "s" }
        );
    }
    running.run_until_signal().map_err(|error| format!("cannot wait for signals: {error}"))
}

fn plan(options: Options) -> Result<Plan, String> {
    let mut source = ConfigSource {
        none: options.no_ini,
        path_must_exist: true,
        sapi: "fpm-fcgi",
        ..ConfigSource::default()
    };
    let file = match options.config {
        Some(file) => Some(file),
        None => Some(PathBuf::from(OPTIONS_FILE)).filter(|file| file.is_file()),
    };
    let mut paths = Vec::new();
    let mut server = match file {
        Some(file) => read_options(&file, &mut source, &mut paths)?,
        None => Config::default(),
    };
    if let Some(dir) = options.dir {
        server.document_root = dir;
    }
    if !options.listen.is_empty() {
        server.listen = options.listen;
    }
    if let Some(workers) = options.workers {
        server.workers = workers;
    }
    if options.front_controller.is_some() {
        server.front_controller = options.front_controller;
    }
    if options.ini.is_some() {
        source.path = options.ini;
    }
    source.defines.extend(options.define.into_iter().map(OsString::into_vec));
    // The server's own options are the defaults of the settings of the same meaning.
    source.defaults = vec![
        ("max_execution_time", server.max_execution_time.to_string()),
        ("outlast.max_wall_time", server.max_wall_time.to_string()),
        ("outlast.detached_wall_time", server.detached_wall_time.to_string()),
        ("outlast.max_detached", server.max_detached.to_string()),
        ("outlast.abort", server.abort.clone()),
        ("outlast.shutdown_time", server.shutdown_time.to_string()),
        ("outlast.slowlog", server.slowlog.to_string_lossy().into_owned()),
        ("outlast.slowlog_timeout", server.slowlog_timeout.to_string()),
        ("outlast.compression", i32::from(server.compression).to_string()),
    ];
    Ok(Plan { server, source, paths })
}

/// Seconds with a fraction: `2`, `0.5`, `5s` as php-fpm's configuration has it.
fn fraction(text: &[u8]) -> Result<f64, String> {
    let text = String::from_utf8_lossy(text);
    let number = text.trim().trim_end_matches('s');
    if number.is_empty() {
        return Ok(0.0);
    }
    number.parse().map_err(|_| text.into_owned())
}

/// Reads a TOML file: the server's options, beside them `php_ini` (a path), a table `ini` of
/// settings, and `[[path]]` tables. Paths are relative to the file, those of `[[path]]` to the
/// document root.
fn read_options(
    file: &Path,
    source: &mut ConfigSource,
    paths: &mut Vec<PathSettings>,
) -> Result<Config, String> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let mut table: toml::Table = text.parse().map_err(|error| format!("{shown}: {error}"))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    match table.remove("php_ini") {
        None => {}
        Some(toml::Value::String(path)) => source.path = Some(folder.join(path)),
        Some(_) => return Err(format!("{shown}: php_ini must be a string")),
    }
    match table.remove("ini") {
        None => {}
        Some(toml::Value::Table(settings)) => {
            for (name, value) in settings {
                let Some(text) = crate::places::text(&value) else {
                    return Err(format!("{shown}: ini.{name} must be a plain value"));
                };
                let value = match value {
                    toml::Value::String(_) => format!("\"{}\"", text.replace('"', "\\\"")),
                    _ => text,
                };
                source.defines.push(format!("{name}={value}").into_bytes());
            }
        }
        Some(_) => return Err(format!("{shown}: ini must be a table")),
    }
    *paths = crate::places::take(&mut table).map_err(|error| format!("{shown}: {error}"))?;
    let rest = toml::to_string(&table).map_err(|error| format!("{shown}: {error}"))?;
    let mut server = Config::from_toml(&rest).map_err(|error| format!("{shown}: {error}"))?;
    if !server.slowlog.as_os_str().is_empty() {
        server.slowlog = folder.join(&server.slowlog);
    }
    if table.contains_key("document_root") || !folder.as_os_str().is_empty() {
        server.document_root = folder.join(&server.document_root);
    }
    Ok(server)
}

fn start_log() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Plan {
        plan(Options::try_parse_from(arguments).unwrap()).unwrap()
    }

    #[test]
    fn the_command_line_goes_over_the_file() {
        let file = std::env::temp_dir().join(format!("outlast-serve-{}.toml", std::process::id()));
        let text = "workers = 3\nmax_execution_time = 7\nlisten = [\"[::1]:1\"]\n[ini]\nprecision = 5\na = \"b;c\"\n";
        std::fs::write(&file, text).unwrap();
        let name = file.to_str().unwrap();
        let plan = parsed(&["/srv", "--config", name, "--workers", "2", "-d", "precision=6"]);
        std::fs::remove_file(&file).unwrap();
        assert_eq!((plan.server.workers, plan.server.listen[0].as_str()), (2, "[::1]:1"));
        assert_eq!(plan.server.document_root, Path::new("/srv"));
        assert_eq!(plan.source.defines, [&b"a=\"b;c\""[..], b"precision=5", b"precision=6"]);
        assert_eq!(plan.source.defaults[0], ("max_execution_time", "7".into()));
    }
}
