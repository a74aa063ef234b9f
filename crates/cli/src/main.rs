//! The binary `outlast`.
use outlast_runtime::*;
use std::rc::Rc;
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut args = std::env::args().skip(1);
    let mut source = ConfigSource { sapi: "cli", defaults: vec![("display_errors", "1")], fixed: vec![("html_errors", "0"), ("implicit_flush", "1"), ("max_execution_time", "0"), ("output_buffering", "0")], ..Default::default() };
    let mut file = None;
    let mut code = None;
    let mut rest = vec![];
    while let Some(a) = args.next() {
        match a.as_str() {
            "-n" => source.none = true,
            "-q" => {}
            "-d" => source.defines.push(args.next().unwrap().into_bytes()),
            "-f" => file = args.next(),
            "-r" => code = args.next(),
            "--" => { rest.extend(args.by_ref()); }
            _ if file.is_none() && code.is_none() => file = Some(a),
            _ => rest.push(a),
        }
    }
    let config = Runtime::configure(&source).unwrap();
    let runtime = std::sync::Arc::new(Runtime::new(config.ini));
    let main = match code { Some(c) => Main::Code { source: c.into_bytes(), name: "Command line code", in_code: true }, None => Main::File(file.clone().unwrap().into_bytes()) };
    let path = file.unwrap_or_default();
    let mut argv = vec![path.clone().into_bytes()];
    argv.extend(rest.into_iter().map(String::into_bytes));
    let job = Job { main, path: path.clone().into_bytes(), directory: None, names: ScriptNames { server: vec![("PHP_SELF", path.clone().into_bytes()),("SCRIPT_NAME", path.clone().into_bytes()),("SCRIPT_FILENAME", path.clone().into_bytes()),("PATH_TRANSLATED", path.clone().into_bytes()),("DOCUMENT_ROOT", vec![])], argv: Some(argv), environment: true, time: None } };
    let lifecycle = Rc::new(outlast_lifecycle::Lifecycle::standalone());
    let lc = lifecycle.clone();
    let worker = runtime.worker();
    let status = outlast_fiber::run_to_end(Rc::new(outlast_server::RequestHooks(lifecycle)), move || worker.run(&job, Box::new(CliSapi::new()), &lc)).unwrap();
    std::process::exit(status.unwrap());
}
