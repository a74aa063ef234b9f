//! Stubs: PHP's own notation as the only place where a builtin's signature stands.

pub mod ast;
pub mod emit;
mod expr;
mod lexer;
mod parser;

use crate::workspace;
use std::fmt;
use std::path::{Path, PathBuf};

pub use parser::parse;

/// Where and why a stub does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubError {
    /// Counted from one.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for StubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// Where stubs are looked for.
const FOLDER: &str = "crates/ext";
/// How their names end.
const SUFFIX: &str = ".stub.php";

/// A generated file and its text.
pub struct Generated {
    /// Relative to the project's root.
    pub path: PathBuf,
    /// What it should say.
    pub text: String,
}

/// What all stubs of the project generate.
pub fn generate() -> Result<Vec<Generated>, String> {
    let paths = workspace::files(FOLDER, SUFFIX).map_err(|e| e.to_string())?;
    let mut stubs = Vec::new();
    for path in paths {
        let source = std::fs::read_to_string(workspace::root().join(&path))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        let stub = parse(&source).map_err(|e| format!("{}: {e}", path.display()))?;
        stubs.push((path, stub));
    }
    // A default may name a constant of any extension.
    let known = emit::Known::of(stubs.iter().map(|(_, stub)| stub));
    stubs.iter().map(|(path, stub)| generate_one(path, stub, &known)).collect()
}

fn generate_one(path: &Path, stub: &ast::Stub, known: &emit::Known) -> Result<Generated, String> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = file.trim_end_matches(SUFFIX);
    let text = emit::rust(stub, stem, known).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(Generated { path: path.with_file_name(format!("{stem}_stub.rs")), text: format(&text)? })
}

/// Generated code is formatted as all other code is.
fn format(text: &str) -> Result<String, String> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .current_dir(workspace::root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("rustfmt: {e}"))?;
    let mut stdin = child.stdin.take().ok_or("rustfmt has no input")?;
    let input = text.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().map_err(|e| format!("rustfmt: {e}"))?;
    if !output.status.success() || !matches!(writer.join(), Ok(Ok(()))) {
        return Err(format!("rustfmt refuses the generated code:\n{text}"));
    }
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// Generated files that are not what their stubs say.
pub fn stale() -> Result<Vec<PathBuf>, String> {
    let files = generate()?;
    let root = workspace::root();
    let old = |file: &Generated| {
        std::fs::read_to_string(root.join(&file.path)).map_or(true, |text| text != file.text)
    };
    Ok(files.iter().filter(|f| old(f)).map(|f| f.path.clone()).collect())
}

/// Writes what is stale; gives the files written.
pub fn write() -> Result<Vec<PathBuf>, String> {
    let stale = stale()?;
    for file in generate()?.iter().filter(|f| stale.contains(&f.path)) {
        let path = workspace::root().join(&file.path);
        std::fs::write(&path, &file.text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_code_is_what_the_stubs_say() {
        let stale = stale().unwrap();
        assert!(stale.is_empty(), "`cargo xtask stubs` has to write {stale:?}");
    }
}
