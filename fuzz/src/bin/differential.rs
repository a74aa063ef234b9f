//! Random programs on two engines: what they print must be the same.

use clap::Parser;
use outlast_fuzz::engine::{self, Engine, Scratch, Verdict};
use outlast_fuzz::minimise::minimise;
use outlast_fuzz::options::Options;
use outlast_fuzz::program;
use outlast_fuzz::random::Random;
use outlast_fuzz::report::Report;
use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Runs random programs on the engine and on PHP, and shows those that print something else.
#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
    /// Print the program of the seed and stop
    #[arg(long)]
    print: bool,
}

const DRIVER: &str = "driver.php";
const MARKER: &str = "\n=====";

/// Runs the files of its command line in one process.
const DRIVER_CODE: &str = r#"<?php
mt_srand(1);
foreach (array_slice($argv, 1) as $file) {
    (static function () use ($file) {
        try {
            include __DIR__ . "/$file";
        } catch (Throwable $e) {
            echo "\n", get_class($e), ': ', $e->getMessage(), ' on line ', $e->getLine(), "\n";
        }
    })();
    gc_collect_cycles();
    echo "\n=====$file\n";
}
"#;

struct Trial {
    ours: Engine,
    theirs: Engine,
    scratch: Scratch,
}

impl Trial {
    /// What both print, for each program.
    fn run(&self, programs: &[Vec<u8>]) -> io::Result<Vec<(Verdict, Verdict)>> {
        let names = engine::write_all(self.scratch.path(), programs)?;
        let ours = self.ours.run(self.scratch.path(), DRIVER, MARKER, &names)?;
        let theirs = self.theirs.run(self.scratch.path(), DRIVER, MARKER, &names)?;
        Ok(ours.into_iter().zip(theirs).collect())
    }
}

/// Do they differ, where the reference has an answer?
fn differ((ours, theirs): &(Verdict, Verdict)) -> bool {
    matches!(theirs, Verdict::Said(_)) && ours != theirs
}

/// May a smaller program stand for a larger one? One that no longer compiles shows something else.
fn stands(pair: &(Verdict, Verdict)) -> bool {
    let Verdict::Said(text) = &pair.1 else { return false };
    differ(pair)
        && engine::find(text, b"ParseError").is_none()
        && engine::find(text, b"Parse error").is_none()
}

fn main() -> io::Result<ExitCode> {
    let command = Command::parse();
    let options = command.options;
    if command.print {
        print!(
            "{}",
            String::from_utf8_lossy(&program::generate(&mut Random::new(options.seed), 0))
        );
        return Ok(ExitCode::SUCCESS);
    }
    let limit = Duration::from_secs(20);
    let trial = Trial {
        ours: Engine::new(&options.engine, limit)?,
        theirs: Engine::new(&options.reference, limit)?,
        scratch: Scratch::new("differential")?,
    };
    std::fs::write(trial.scratch.path().join(DRIVER), DRIVER_CODE)?;
    let mut random = Random::new(options.seed);
    let mut report = Report::new(options.save.clone())?;
    let (start, mut inputs) = (Instant::now(), 0);
    while start.elapsed().as_secs() < options.seconds && report.kinds() < options.stop_at {
        let programs: Vec<Vec<u8>> =
            (0..options.batch).map(|n| program::generate(&mut random, n)).collect();
        inputs += programs.len();
        for (program, pair) in programs.iter().zip(trial.run(&programs)?) {
            if !differ(&pair) || !report.is_new(&pair.0, &pair.1) {
                continue;
            }
            // What differs only after other programs is not shown smaller.
            let alone = trial.run(std::slice::from_ref(program))?.iter().all(differ);
            let mut small = program.clone();
            if alone && !options.as_found {
                small = minimise(small, &mut |texts| {
                    Ok(trial.run(texts)?.iter().map(stands).collect())
                })?;
            }
            if let Some((ours, theirs)) = trial.run(std::slice::from_ref(&small))?.pop() {
                report.is_new(&ours, &theirs);
                let (ours, theirs) = if alone { (ours, theirs) } else { pair };
                report.add(&small, &ours, &theirs)?;
            }
        }
    }
    report.finish(inputs);
    Ok(if report.kinds() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
