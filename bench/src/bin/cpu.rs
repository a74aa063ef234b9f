//! How fast scripts run, beside PHP: each round runs each case on every engine in turn, so that a
//! ratio compares neighbours in time. The reference is PHP with opcache and without its JIT.

use clap::Parser;
use outlast_bench::cpu::{
    Engine, geometric_mean, scripts, single_operations, spread, without_times,
};
use std::io;
use std::path::{Path, PathBuf};

#[derive(Parser)]
#[command(about = "Runs the CPU suite on Outlast and on PHP")]
struct Options {
    /// The outlast program.
    #[arg(long, default_value = "target/release/outlast")]
    outlast: PathBuf,
    /// PHP's command line program, the reference; opcache is to be among its extensions.
    #[arg(long, default_value = "php")]
    php: String,
    /// Rounds over all cases.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Only cases whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
    /// A folder with further scripts, such as php-src's Zend with its bench.php and
    /// micro_bench.php; they print times, so only the text between is compared.
    #[arg(long)]
    more: Option<PathBuf>,
    /// Leaves out PHP without opcache and with its JIT.
    #[arg(long)]
    brief: bool,
    /// Leaves out single operations and the start.
    #[arg(long)]
    no_micro: bool,
}

fn main() -> io::Result<()> {
    let options = Options::parse();
    let mut engines = vec![
        Engine::outlast(&options.outlast),
        Engine::php(&options.php, "PHP, opcache", true, false),
    ];
    if !options.brief {
        engines.push(Engine::php(&options.php, "PHP, no opcache", false, false));
        engines.push(Engine::php(&options.php, "PHP, JIT", true, true));
    }
    let version = engines[1].with(&["-r", "echo PHP_VERSION, ' ', gmdate('Y-m-d');"]).output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let (php, date) = version.rsplit_once(' ').unwrap_or((&version, "unknown"));
    println!(
        "Outlast {} beside PHP {php}, {date}, {} rounds.\n",
        env!("CARGO_PKG_VERSION"),
        options.rounds
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cpu");
    let cases = cases(&options, &engines, &folder)?;
    if !cases.is_empty() {
        println!("Geometric mean of the ratios: **{:.2}**\n", geometric_mean(&cases));
    }
    if !options.no_micro {
        operations(&options, &engines[..2], &folder)?;
        start(&options, &engines[..2])?;
    }
    Ok(())
}

/// The table of cases; its ratios.
fn cases(options: &Options, engines: &[Engine], folder: &Path) -> io::Result<Vec<f64>> {
    let measure = folder.join("measure.php");
    let mut list: Vec<_> = scripts(folder)?.into_iter().map(|path| (path, false)).collect();
    if let Some(more) = &options.more {
        list.extend(scripts(more)?.into_iter().map(|path| (path, true)));
    }
    list.retain(|(path, _)| path.to_string_lossy().contains(&options.filter));
    let mut times = vec![vec![Vec::new(); engines.len()]; list.len()];
    for _ in 0..options.rounds {
        for (case, (path, prints_times)) in list.iter().enumerate() {
            let mut expected: Option<String> = None;
            for (engine, times) in engines.iter().zip(&mut times[case]) {
                let run = engine.run(&measure, path)?;
                times.push(run.nanoseconds);
                let output = if *prints_times { without_times(&run.output) } else { run.output };
                if *expected.get_or_insert_with(|| output.clone()) != output {
                    let text = format!("{}: {} prints otherwise", path.display(), engine.name);
                    return Err(io::Error::other(text));
                }
            }
        }
    }
    print!("| case | ratio | spread |");
    engines.iter().for_each(|engine| print!(" {} (ms) |", engine.name));
    println!("\n|---|---|---|{}", "---|".repeat(engines.len()));
    let mut ratios = Vec::new();
    for ((path, _), times) in list.iter().zip(&times) {
        let each = times[0].iter().zip(&times[1]).map(|(ours, theirs)| ours / theirs);
        let (ratio, least, greatest) = spread(each.collect());
        ratios.push(ratio);
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        print!("| {name} | {ratio:.2} | {least:.2}–{greatest:.2} |");
        times.iter().for_each(|all| print!(" {:.0} |", spread(all.clone()).0 / 1e6));
        println!();
    }
    println!();
    Ok(ratios)
}

/// The table of single operations.
fn operations(options: &Options, engines: &[Engine], folder: &Path) -> io::Result<()> {
    let (measure, script) = (folder.join("measure.php"), folder.join("micro.php"));
    let mut rows: Vec<(String, [Vec<f64>; 2])> = Vec::new();
    for _ in 0..options.rounds {
        for (which, engine) in engines.iter().enumerate() {
            let told = single_operations(&engine.run(&measure, &script)?.output);
            for (row, (name, nanoseconds)) in told.into_iter().enumerate() {
                if rows.len() <= row {
                    rows.push((name, Default::default()));
                }
                rows[row].1[which].push(nanoseconds);
            }
        }
    }
    println!("| one operation | ratio | Outlast (ns) | PHP, opcache (ns) |\n|---|---|---|---|");
    for (name, [ours, theirs]) in rows {
        let (ours, theirs) = (spread(ours).0, spread(theirs).0);
        println!("| {name} | {:.2} | {ours:.1} | {theirs:.1} |", ours / theirs);
    }
    println!();
    Ok(())
}

/// How long `php -n -r 'echo 1;'` takes.
fn start(options: &Options, engines: &[Engine]) -> io::Result<()> {
    let mut times = vec![Vec::new(); engines.len()];
    for _ in 0..options.rounds * 5 {
        for (engine, times) in engines.iter().zip(&mut times) {
            times.push(engine.start()?);
        }
    }
    let ratios = times[0].iter().zip(&times[1]).map(|(ours, theirs)| ours / theirs).collect();
    let (ratio, least, greatest) = spread(ratios);
    println!("| start to end of `-n -r 'echo 1;'` | ratio | spread |\n|---|---|---|");
    println!(
        "| {:.1} ms beside {:.1} ms | {ratio:.2} | {least:.2}–{greatest:.2} |",
        spread(times[0].clone()).0 / 1e6,
        spread(times[1].clone()).0 / 1e6
    );
    Ok(())
}
