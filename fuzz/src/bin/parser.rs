//! Mutated scripts through `-l` of two engines: both accept, or both say the same is wrong.

use clap::Parser;
use outlast_fuzz::engine::{self, Engine, Scratch, Verdict};
use outlast_fuzz::minimise::minimise;
use outlast_fuzz::options::Options;
use outlast_fuzz::random::Random;
use outlast_fuzz::report::Report;
use outlast_fuzz::scripts;
use outlast_fuzz::tokens;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Mutates scripts and compiles them with the engine and with PHP.
#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    options: Options,
    /// Folders or files with scripts to begin with (.php, and what .phpt tests run)
    #[arg(required = true)]
    seeds: Vec<PathBuf>,
    /// Only look for crashes and hangs, which is faster
    #[arg(long)]
    alone: bool,
}

/// Larger scripts are left out.
const LARGEST: usize = 6000;

/// Tokens that change what the rest means.
const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    "?",
    ":",
    "::",
    "->",
    "?->",
    "=>",
    "=",
    "&",
    "...",
    "|",
    "??",
    "$",
    "$$x",
    "#[",
    "\\",
    "@",
    "!",
    "<<<X\n",
    "<<<'X'\n",
    "\nX;\n",
    "\"",
    "'",
    "`",
    "\"{$",
    "${",
    "/*",
    "*/",
    "//",
    "#",
    "?>",
    "<?php ",
    "<?= ",
    "__halt_compiler();",
    "fn",
    "function",
    "static",
    "abstract",
    "final",
    "readonly",
    "class",
    "interface",
    "trait",
    "enum",
    "case",
    "match",
    "yield",
    "yield from ",
    "return",
    "throw",
    "new",
    "clone",
    "use",
    "namespace",
    "const",
    "public",
    "private(set)",
    "var",
    "extends",
    "implements",
    "list(",
    "array(",
    "isset(",
    "unset(",
    "declare(ticks=1);",
    "goto x;",
    "x:",
    "break 2;",
    "continue",
    "try",
    "catch",
    "finally",
    "endif;",
    "else",
    "elseif",
    "while",
    "do",
    "foreach",
    "as",
    "switch",
    "default",
    "global",
    "self",
    "parent",
    "null",
    "0x",
    "1e",
    "08",
    "1_",
    "9999999999999999999",
    "(int)",
    "(unset)",
    "(real)",
    "<=>",
    "**=",
    "and",
    "instanceof",
    "insteadof",
    "$this",
    "__CLASS__",
    "int|null",
    "A&B",
    "(A&B)|null",
    "never",
    "void",
    "mixed",
    "get;",
    "set => 1;",
    "exit",
    "eval",
    "|>",
    "\0",
    "\u{80}",
    "\t",
    "\r",
    "include",
];

fn main() -> io::Result<ExitCode> {
    let command = Command::parse();
    let options = command.options;
    let limit = Duration::from_secs(20);
    let ours = Engine::new(&options.engine, limit)?;
    let theirs = Engine::new(&options.reference, limit)?;
    let scratch = Scratch::new("parser")?;
    let mut seeds = Vec::new();
    for path in &command.seeds {
        scripts::walk(path, &mut |path| {
            let text = scripts::read(path)?;
            if !text.is_empty() && text.len() <= LARGEST {
                seeds.push(text);
            }
            Ok(())
        })?;
    }
    if seeds.is_empty() {
        return Err(io::Error::other("there are no scripts to begin with"));
    }
    let lint = |texts: &[Vec<u8>]| -> io::Result<Vec<(Verdict, Verdict)>> {
        let names = engine::write_all(scratch.path(), texts)?;
        let ours = ours.lint(scratch.path(), &names)?;
        let theirs =
            if command.alone { ours.clone() } else { theirs.lint(scratch.path(), &names)? };
        Ok(ours.into_iter().zip(theirs).collect())
    };
    let mut random = Random::new(options.seed);
    let mut report = Report::new(options.save.clone())?;
    let (start, mut inputs) = (Instant::now(), 0);
    while start.elapsed().as_secs() < options.seconds && report.kinds() < options.stop_at {
        let texts: Vec<Vec<u8>> = (0..options.batch).map(|_| mutate(&seeds, &mut random)).collect();
        inputs += texts.len();
        for (text, pair) in texts.iter().zip(lint(&texts)?) {
            if !fails(&pair) || !report.is_new(&pair.0, &pair.1) {
                continue;
            }
            let mut small = text.clone();
            if !options.as_found {
                small = minimise(small, &mut |texts| {
                    Ok(lint(texts)?.iter().map(|p| fails(p) && same_sort(p, &pair)).collect())
                })?;
            }
            if let Some((ours, theirs)) = lint(std::slice::from_ref(&small))?.pop() {
                report.is_new(&ours, &theirs);
                report.add(&small, &ours, &theirs)?;
            }
        }
    }
    report.finish(inputs);
    Ok(if report.kinds() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The engine died, or says something else than the reference, which did not die.
fn fails((ours, theirs): &(Verdict, Verdict)) -> bool {
    !matches!(ours, Verdict::Said(_)) || (matches!(theirs, Verdict::Said(_)) && ours != theirs)
}

/// Is it the engine that accepts what the reference refuses, or the other way, in both?
fn same_sort(one: &(Verdict, Verdict), two: &(Verdict, Verdict)) -> bool {
    let accepts = |verdict: &Verdict| match verdict {
        Verdict::Said(text) => Some(engine::find(text, b"No syntax errors").is_some()),
        _ => None,
    };
    accepts(&one.0) == accepts(&two.0) && accepts(&one.1) == accepts(&two.1)
}

/// A script of the seeds with a few changes.
fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut text = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        text = if random.one_in(4) {
            change_bytes(text, random)
        } else {
            change(&text, seeds, random)
        };
    }
    text
}

fn change_bytes(mut text: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(text.len() + 1);
    match random.below(4) {
        0 if at < text.len() => text[at] = random.bits() as u8,
        1 if at < text.len() => text[at] ^= 1 << random.below(8),
        2 if at < text.len() => {
            text.remove(at);
        }
        3 if random.one_in(8) => text.truncate(at),
        _ => text.insert(at, random.bits() as u8 & 0x7f),
    }
    text
}

fn change(text: &[u8], seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut tokens = tokens::cut(text);
    let at = random.below(tokens.len() + 1);
    let run = (1 + random.below(6)).min(tokens.len() - at);
    let one = random.pick(TOKENS).as_bytes();
    match random.below(9) {
        0 => drop(tokens.drain(at..at + run)),
        1 => {
            let copy = tokens[at..at + run].to_vec();
            tokens.splice(at..at, copy);
        }
        2 if run > 0 => {
            let other = random.below(tokens.len());
            tokens.swap(at, other);
        }
        3 | 4 => {
            let other = tokens::cut(&seeds[random.below(seeds.len())]);
            if let Some(from) = other.len().checked_sub(1).map(|most| random.below(most + 1)) {
                let length = (1 + random.below(20)).min(other.len() - from);
                tokens.splice(at..at + run, other[from..from + length].iter().copied());
            }
        }
        5 if run > 0 => tokens[at] = one,
        6 if random.one_in(20) => {
            tokens.splice(at..at, std::iter::repeat_n(one, 1 + random.below(3000)));
        }
        _ => tokens.insert(at, one),
    }
    tokens.concat()
}
