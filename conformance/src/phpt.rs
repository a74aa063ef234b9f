//! The `.phpt` format: a file of `--SECTION--` blocks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every section name that PHP's own test runner knows; any other makes a test unusable.
const KNOWN: &[&str] = &[
    "EXPECT",
    "EXPECTF",
    "EXPECTREGEX",
    "EXPECTREGEX_EXTERNAL",
    "EXPECT_EXTERNAL",
    "EXPECTF_EXTERNAL",
    "EXPECTHEADERS",
    "POST",
    "POST_RAW",
    "GZIP_POST",
    "DEFLATE_POST",
    "PUT",
    "GET",
    "COOKIE",
    "ARGS",
    "FILE",
    "FILEEOF",
    "FILE_EXTERNAL",
    "REDIRECTTEST",
    "CAPTURE_STDIO",
    "STDIN",
    "CGI",
    "PHPDBG",
    "INI",
    "ENV",
    "EXTENSIONS",
    "SKIPIF",
    "XFAIL",
    "XLEAK",
    "CLEAN",
    "CREDITS",
    "DESCRIPTION",
    "CONFLICTS",
    "WHITESPACE_SENSITIVE",
    "FLAKY",
    "TEST",
    "HEADERS",
];

/// How the expected output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The exact bytes.
    Exact,
    /// Text with `%d`-style placeholders.
    Format,
    /// A regular expression.
    Regex,
}

/// One parsed test.
#[derive(Debug)]
pub struct Phpt {
    sections: BTreeMap<String, Vec<u8>>,
    dir: PathBuf,
}

impl Phpt {
    /// Reads and checks the test at `path`; the error says why PHP's runner would refuse it.
    pub fn read(path: &Path) -> Result<Phpt, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("cannot read the test: {e}"))?;
        let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Phpt::parse(&bytes, dir)
    }

    /// Parses the text of a test whose external files are relative to `dir`.
    pub fn parse(bytes: &[u8], dir: PathBuf) -> Result<Phpt, String> {
        let mut sections: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let mut current: Option<String> = None;
        let mut closed = false;
        for line in bytes.split_inclusive(|&b| b == b'\n') {
            if let Some(name) = section_name(line) {
                if !KNOWN.contains(&name) {
                    return Err(format!("unknown section \"{name}\""));
                }
                if sections.insert(name.to_owned(), Vec::new()).is_some() {
                    return Err(format!("duplicated {name} section"));
                }
                current = Some(name.to_owned());
                closed = false;
                continue;
            }
            let Some(name) = &current else {
                return Err("tests must start with --TEST--".to_owned());
            };
            if closed {
                continue;
            }
            if let Some(text) = sections.get_mut(name) {
                text.extend_from_slice(line);
            }
            // Text after this marker is for people who read the test, not for the engine.
            if name.starts_with("FILE") && is_done_marker(line) {
                closed = true;
            }
        }
        if let Some(text) = sections.get_mut("FILEEOF") {
            while matches!(text.last(), Some(b'\r' | b'\n')) {
                text.pop();
            }
        }
        let mut test = Phpt { sections, dir };
        test.load_external()?;
        if !test.has("REDIRECTTEST") {
            test.require_parts()?;
        }
        Ok(test)
    }

    fn load_external(&mut self) -> Result<(), String> {
        for kind in ["FILE", "EXPECT", "EXPECTF", "EXPECTREGEX"] {
            let Some(name) = self.text(&format!("{kind}_EXTERNAL")) else { continue };
            let name = name.trim().replace("..", "");
            let bytes = std::fs::read(self.dir.join(&name))
                .map_err(|e| format!("could not load --{kind}_EXTERNAL-- {name}: {e}"))?;
            self.sections.insert(kind.to_owned(), bytes);
        }
        Ok(())
    }

    fn require_parts(&self) -> Result<(), String> {
        if !self.has("FILE") && !self.has("FILEEOF") {
            return Err("missing section --FILE--".to_owned());
        }
        let expectations =
            ["EXPECT", "EXPECTF", "EXPECTREGEX"].iter().filter(|s| self.has(s)).count();
        if expectations != 1 {
            return Err(
                "missing section --EXPECT--, --EXPECTF-- or --EXPECTREGEX--, or more than one"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Whether the section is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.sections.contains_key(name)
    }

    /// The section's bytes.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.sections.get(name).map(Vec::as_slice)
    }

    /// The section as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self, name: &str) -> Option<String> {
        self.bytes(name).map(|b| String::from_utf8_lossy(b).into_owned())
    }

    /// The section's bytes, if it has any.
    pub fn filled(&self, name: &str) -> Option<&[u8]> {
        self.bytes(name).filter(|b| !b.is_empty())
    }

    /// The script under test.
    pub fn script(&self) -> &[u8] {
        self.bytes("FILE").or_else(|| self.bytes("FILEEOF")).unwrap_or_default()
    }

    /// The expected output and how to read it.
    pub fn expected(&self) -> (Form, &[u8]) {
        if let Some(text) = self.bytes("EXPECTF") {
            (Form::Format, text)
        } else if let Some(text) = self.bytes("EXPECTREGEX") {
            (Form::Regex, text)
        } else {
            (Form::Exact, self.bytes("EXPECT").unwrap_or_default())
        }
    }

    /// Extensions that the test needs, in lower case.
    pub fn extensions(&self) -> Vec<String> {
        self.words("EXTENSIONS")
    }

    /// Names of things that no two tests may use at the same time.
    pub fn conflicts(&self) -> Vec<String> {
        self.words("CONFLICTS")
    }

    fn words(&self, section: &str) -> Vec<String> {
        let text = self.text(section).unwrap_or_default();
        conflict_names(&text).into_iter().map(|w| w.to_lowercase()).collect()
    }

    /// Whether the test speaks of an HTTP request and so needs a CGI binary.
    pub fn needs_cgi(&self) -> bool {
        ["GET", "POST", "POST_RAW", "PUT", "COOKIE", "GZIP_POST", "DEFLATE_POST", "EXPECTHEADERS"]
            .iter()
            .any(|s| self.filled(s).is_some())
            || self.has("CGI")
    }
}

/// The entries of a CONFLICTS text: one a line, `#` starts a comment.
pub fn conflict_names(text: &str) -> Vec<String> {
    text.lines()
        .map(|l| l.split('#').next().unwrap_or_default().trim())
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `--NAME--` at the start of a line; what follows on the line does not matter.
fn section_name(line: &[u8]) -> Option<&str> {
    let rest = line.strip_prefix(b"--")?;
    let len = rest.iter().take_while(|b| b.is_ascii_uppercase() || **b == b'_').count();
    if len == 0 || !rest[len..].starts_with(b"--") {
        return None;
    }
    std::str::from_utf8(&rest[..len]).ok()
}

fn is_done_marker(line: &[u8]) -> bool {
    line.strip_prefix(b"===DONE===")
        .is_some_and(|rest| rest.iter().all(|b| b.is_ascii_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Phpt, String> {
        Phpt::parse(text.as_bytes(), PathBuf::new())
    }

    #[test]
    fn reads_sections_and_drops_text_after_the_done_marker() {
        let test = parse(
            "--TEST--\nname\n--FILE--\n<?php\n===DONE===\nnoise\n--EXPECTF--\n%d\n--INI--\na=1\n",
        )
        .unwrap();
        assert_eq!(test.script(), b"<?php\n===DONE===\n");
        assert_eq!(test.expected(), (Form::Format, &b"%d\n"[..]));
        assert_eq!(test.text("INI").unwrap(), "a=1\n");
    }

    #[test]
    fn fileeof_has_no_line_end() {
        let test = parse("--TEST--\nx\n--FILEEOF--\n<?php // end\r\n\n--EXPECT--\n").unwrap();
        assert_eq!(test.script(), b"<?php // end");
    }

    #[test]
    fn refuses_what_the_reference_runner_refuses() {
        assert!(parse("--TEST--\nx\n--FILE--\n").unwrap_err().contains("EXPECT"));
        assert!(parse("--TEST--\nx\n--EXPECT--\n").unwrap_err().contains("--FILE--"));
        assert!(parse("--TEST--\nx\n--WHAT--\n").unwrap_err().contains("unknown section"));
        assert!(parse("--TEST--\n--TEST--\n").unwrap_err().contains("duplicated"));
    }

    #[test]
    fn conflicts_skip_comments() {
        assert_eq!(conflict_names("# why\nserver\n\nall # x\n"), ["server", "all"]);
    }
}
