//! How long it takes until code runs: an empty program, a long script, and many small files, from the command
//! line, where all of it is compiled, and from servers that have it in their caches.

use clap::Parser;
use outlast_bench::Client;
use outlast_bench::cpu::spread;
use outlast_bench::servers::{Kind, Programs, Served};
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Lines of the long script.
const LINES: usize = 10_000;
/// Small files.
const FILES: usize = 500;

#[derive(Parser)]
#[command(about = "Measures starts of scripts beside PHP's")]
struct Options {
    /// The outlast program.
    #[arg(long, default_value = "target/release/outlast")]
    outlast: PathBuf,
    /// The root of a Debian system with php8.4-cli, php8.4-fpm and nginx.
    #[arg(long, default_value = "/")]
    root: PathBuf,
    /// Runs of each.
    #[arg(long, default_value_t = 21)]
    rounds: usize,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let programs = Programs { outlast: options.outlast.clone(), root: options.root.clone() };
    let folder = programs.folder("start");
    let result = run(&options, &programs, &folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn run(options: &Options, programs: &Programs, folder: &Path) -> io::Result<()> {
    let site = folder.join("site");
    fs::create_dir_all(&site)?;
    fs::write(site.join("hello.php"), "<?php\necho \"Hello, world\\n\";\n")?;
    fs::write(site.join("long.php"), long())?;
    fs::write(site.join("many.php"), many(&site)?)?;
    println!("| | Outlast (ms) | PHP (ms) | ratio |\n|---|---|---|---|");
    for (name, arguments, script) in [
        ("`-n -r 'echo 1;'`", &["-n", "-r", "echo 1;"][..], None),
        ("`-r 'echo 1;'`", &["-r", "echo 1;"], None),
        ("10,000 lines, compiled", &["-n"], Some("long.php")),
        ("500 files included, compiled", &["-n"], Some("many.php")),
    ] {
        let script = script.map(|script| site.join(script));
        commands(options, programs, name, arguments, script.as_deref())?;
    }
    // Code is kept only of files that are not new.
    std::thread::sleep(Duration::from_millis(2500));
    let ours = Served::start(Kind::Outlast, programs, &site, folder, 1)?;
    let theirs = Served::start(Kind::Nginx, programs, &site, folder, 1)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for (name, page) in [
        ("hello, served", "/hello.php"),
        ("10,000 lines, served from the cache", "/long.php"),
        ("500 files included, served from the cache", "/many.php"),
    ] {
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for round in 0..options.rounds + 8 {
            for (server, times) in [(&ours, &mut a), (&theirs, &mut b)] {
                let took = runtime.block_on(async {
                    let mut client = Client::connect(server.address).await?;
                    let sent = Instant::now();
                    client.get(page).await?;
                    io::Result::Ok(sent.elapsed())
                })?;
                // Each child of php-fpm has to warm.
                if round >= 8 {
                    times.push(took.as_secs_f64() * 1e3);
                }
            }
        }
        row(name, a, b);
    }
    Ok(())
}

/// A script of many functions, of which some run.
fn long() -> String {
    let mut code = String::from("<?php\n");
    for n in 0..LINES / 10 {
        let _ = write!(
            code,
            "function f{n}($a, $b = {n})\n{{\n    $sum = 0;\n    foreach ([$a, $b, {n}] as $key => $value) {{\n        \
             $sum += $value * $key;\n    }}\n    if ($sum > 10) {{ return \"more than $sum\"; }}\n    \
             return 'sum: ' . $sum;\n}}\n{}\n",
            if n % 10 == 0 { format!("f{n}({n});") } else { String::new() }
        );
    }
    code + "echo \"done\\n\";\n"
}

/// Many files with a class each, and the script that includes them.
fn many(site: &Path) -> io::Result<String> {
    fs::create_dir_all(site.join("classes"))?;
    let mut code = String::from("<?php\n$sum = 0;\n");
    for n in 0..FILES {
        let text = format!(
            "<?php\nnamespace App;\n\nclass C{n}\n{{\n    private array $items = [];\n    public const NAME = 'c{n}';\n\n    \
             public function __construct(private int $start = {n}) {{}}\n\n    public function add(string $item): static\n    \
             {{\n        $this->items[] = $item;\n        return $this;\n    }}\n\n    public function count(): int\n    {{\n        \
             return $this->start + count($this->items);\n    }}\n}}\n"
        );
        fs::write(site.join(format!("classes/C{n}.php")), text)?;
        let _ = write!(
            code,
            "require_once __DIR__ . '/classes/C{n}.php';\n$sum += (new App\\C{n}())->add('x')->count();\n"
        );
    }
    Ok(code + "echo $sum, \"\\n\";\n")
}

/// Runs a command line with both programs in turn.
fn commands(
    options: &Options,
    programs: &Programs,
    name: &str,
    arguments: &[&str],
    script: Option<&Path>,
) -> io::Result<()> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let mut ours = Command::new(&options.outlast);
        let (took, output) = timed(ours.arg("php").args(arguments).args(script))?;
        a.push(took);
        let mut theirs = programs.of_root("/usr/bin/php8.4");
        let script = script.map(|script| programs.inside(script).to_string());
        let (took, expected) = timed(theirs.args(arguments).args(script))?;
        b.push(took);
        if output != expected {
            return Err(io::Error::other(format!("outputs differ: {name}")));
        }
    }
    row(name, a, b);
    Ok(())
}

fn timed(command: &mut Command) -> io::Result<(f64, Vec<u8>)> {
    let started = Instant::now();
    let done = command.output()?;
    Ok((started.elapsed().as_secs_f64() * 1e3, done.stdout))
}

fn row(name: &str, ours: Vec<f64>, theirs: Vec<f64>) {
    let ratios = ours.iter().zip(&theirs).map(|(a, b)| a / b).collect();
    let (ratio, least, most) = spread(ratios);
    println!(
        "| {name} | {:.2} | {:.2} | {ratio:.2} ({least:.2}–{most:.2}) |",
        spread(ours).0,
        spread(theirs).0
    );
}
