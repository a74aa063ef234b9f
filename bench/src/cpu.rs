//! Running the PHP scripts of the CPU suite and reading what they print.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// A way to run PHP scripts.
pub struct Engine {
    /// What tables call it.
    pub name: &'static str,
    /// The program and what stands before a script's name.
    pub command: Vec<String>,
}

/// What one run of a script told.
pub struct Run {
    /// Processor time in nanoseconds, the start of the program not counted.
    pub nanoseconds: f64,
    /// What it printed.
    pub output: String,
}

impl Engine {
    /// Outlast at this path.
    pub fn outlast(program: &Path) -> Engine {
        let command = vec![program.display().to_string(), "php".into(), "-n".into()];
        Engine { name: "Outlast", command }
    }

    /// PHP under this name or path, without its extensions' ini files, opcache on and the JIT as wished.
    pub fn php(program: &str, name: &'static str, opcache: bool, jit: bool) -> Engine {
        let mut command = vec![program.to_string()];
        let settings = [
            format!("opcache.enable_cli={}", u8::from(opcache)),
            format!("opcache.jit={}", if jit { "tracing" } else { "0" }),
            format!("opcache.jit_buffer_size={}", if jit { "64M" } else { "0" }),
        ];
        for setting in settings {
            command.extend(["-d".into(), setting]);
        }
        Engine { name, command }
    }

    /// The command with further arguments.
    pub fn with(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(["-d", "memory_limit=-1"]).args(arguments);
        command
    }

    /// Runs a script under `measure.php`.
    ///
    /// # Errors
    /// If the program cannot be run, fails, or does not tell its time.
    pub fn run(&self, measure: &Path, script: &Path) -> io::Result<Run> {
        let arguments = [measure.display().to_string(), script.display().to_string()];
        let done = self.with(&[&arguments[0], &arguments[1]]).output()?;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let told = text.rsplit_once("\n@@\t");
        match told.and_then(|(output, time)| Some((output, time.trim().parse().ok()?))) {
            Some((output, nanoseconds)) if done.status.success() => {
                Ok(Run { nanoseconds, output: output.to_string() })
            }
            _ => Err(io::Error::other(format!(
                "{} fails at {}: {text}{}",
                self.name,
                script.display(),
                String::from_utf8_lossy(&done.stderr)
            ))),
        }
    }

    /// Runs `echo 1;` and tells how long that took from start to end, in nanoseconds.
    ///
    /// # Errors
    /// If the program cannot be run.
    pub fn start(&self) -> io::Result<f64> {
        let started = Instant::now();
        let done = Command::new(&self.command[0])
            .args(if self.name == "Outlast" { &["php", "-n"][..] } else { &["-n"] })
            .args(["-r", "echo 1;"])
            .output()?;
        let took = started.elapsed().as_secs_f64() * 1e9;
        if done.stdout != b"1" {
            return Err(io::Error::other(format!("{} does not echo 1", self.name)));
        }
        Ok(took)
    }
}

/// The instructions that running a script takes from start to end.
///
/// # Errors
/// If valgrind cannot be run or does not tell a number.
pub fn counted_instructions(engine: &Engine, script: &Path) -> io::Result<u64> {
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(&engine.command)
        .arg(script)
        .output()?;
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    collected(&told).ok_or_else(|| io::Error::other(format!("{}: {told}", script.display())))
}

/// The number in callgrind's line "Collected : …".
fn collected(told: &str) -> Option<u64> {
    told.lines().find_map(|line| line.split_once("Collected : "))?.1.trim().parse().ok()
}

/// The scripts `*.php` of a folder but for `measure.php` and `micro.php`, by name.
///
/// # Errors
/// If the folder cannot be read.
pub fn scripts(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".php") && name != "measure.php" && name != "micro.php" {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The text without decimal fractions: what PHP's own benchmarks print is the same but for times.
pub fn without_times(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains(|c: char| c.is_ascii_digit()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines `@name<TAB>number` of an output.
pub fn single_operations(output: &str) -> Vec<(String, f64)> {
    let line = |line: &str| {
        let (name, number) = line.strip_prefix('@')?.split_once('\t')?;
        Some((name.to_string(), number.parse().ok()?))
    };
    output.lines().filter_map(line).collect()
}

/// The median, and the least and the greatest.
pub fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => (f64::NAN, f64::NAN, f64::NAN),
        all => (all[all.len() / 2], all[0], all[all.len() - 1]),
    }
}

/// The geometric mean.
pub fn geometric_mean(values: &[f64]) -> f64 {
    (values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_read() {
        let output = "text\n@a call\t1.50\n@empty\t-0.25\n";
        let read = single_operations(output);
        assert_eq!(read, [("a call".to_string(), 1.5), ("empty".to_string(), -0.25)]);
        assert_eq!(collected("==1== Events : Ir\n==1== Collected : 3074555\n"), Some(3_074_555));
        assert_eq!(without_times("simple   0.123\n-----\nTotal 1.2"), "-----");
    }

    #[test]
    fn averages() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0]), (2.0, 1.0, 3.0));
        assert!((geometric_mean(&[2.0, 8.0]) - 4.0).abs() < 1e-9);
    }
}
