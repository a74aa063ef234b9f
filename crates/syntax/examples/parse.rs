//! Parses the files named on standard input, one a line, and prints `OK` or the error of each.

use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let options = outlast_syntax::ParseOptions::default();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let source = std::fs::read(&path)?;
        match outlast_syntax::parse(&source, &options) {
            Ok(_) => writeln!(out, "{path}\tOK")?,
            Err(error) => {
                write!(out, "{path}\t{:?}Error: ", error.kind)?;
                out.write_all(&error.message)?;
                writeln!(out, " @{}", error.line)?;
            }
        }
    }
    Ok(())
}
