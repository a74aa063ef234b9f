//! php.ini: where it is found, and what it and the command line say.

use crate::scopes::{Scopes, Settings};
use outlast_ini::{Directive, Lookup, Mode, SyntaxError, Value, parse};
use outlast_vm::ini::IniBase;
use outlast_vm::native::{NativeModule, NativeValue};
use std::ffi::OsString;
use std::fmt;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Folders searched for a php.ini when none is named.
const DEFAULT_FOLDERS: [&str; 2] = ["/usr/local/etc/outlast", "/etc/outlast"];

/// Which configuration to read, and what is set over it.
#[derive(Clone, Debug, Default)]
pub struct ConfigSource {
    /// Read no php.ini (`-n`).
    pub none: bool,
    /// A php.ini or a folder that holds one (`-c`).
    pub path: Option<PathBuf>,
    /// A `path` that does not exist is an error, not ignored.
    pub path_must_exist: bool,
    /// Name of the SAPI: `php-NAME.ini` goes before `php.ini`.
    pub sapi: &'static str,
    /// Defaults of the SAPI, below php.ini.
    pub defaults: Vec<(&'static str, String)>,
    /// Settings of the SAPI, above php.ini.
    pub fixed: Vec<(&'static str, &'static str)>,
    /// `-d name=value`, above everything.
    pub defines: Vec<Vec<u8>>,
}

/// A configuration that cannot be read.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// What was read.
pub struct Configuration {
    /// The settings.
    pub ini: IniBase,
    /// Settings of folders and hosts (`[PATH=]`, `[HOST=]`).
    pub scopes: Scopes,
    /// The php.ini that was read.
    pub file: Option<PathBuf>,
    /// Where further files were looked for (`PHP_INI_SCAN_DIR`).
    pub scanned_folder: Option<OsString>,
    /// The files found there, in the order they were read.
    pub scanned_files: Vec<PathBuf>,
    /// Syntax errors, worded as PHP does.
    pub warnings: Vec<String>,
}

impl Configuration {
    /// Reads the configuration for these modules.
    pub fn read(
        source: &ConfigSource,
        modules: &[&'static NativeModule],
    ) -> Result<Configuration, ConfigError> {
        let mut reader = Reader {
            modules,
            result: Configuration {
                ini: IniBase::new(modules),
                scopes: Scopes::default(),
                file: None,
                scanned_folder: None,
                scanned_files: Vec::new(),
                warnings: Vec::new(),
            },
        };
        for (name, value) in &source.defaults {
            reader.result.ini.set_host(name.as_bytes(), value.as_bytes());
        }
        if !source.none {
            if let Some(file) = find(source)? {
                reader.file(&file)?;
                reader.result.file = Some(file);
            }
            reader.scan_folders();
        }
        for (name, value) in &source.fixed {
            reader.result.ini.set(name.as_bytes(), value.as_bytes());
        }
        for define in &source.defines {
            reader.text(&define_line(define), "Unknown");
        }
        Ok(reader.result)
    }
}

/// The php.ini to read.
fn find(source: &ConfigSource) -> Result<Option<PathBuf>, ConfigError> {
    let named = source.path.clone().or_else(|| {
        let path = std::env::var_os("PHPRC")?;
        (!path.is_empty()).then(|| path.into())
    });
    if let Some(path) = named {
        if path.is_file() {
            return Ok(Some(path));
        }
        let found = in_folder(&path, source.sapi);
        if found.is_none() && source.path_must_exist {
            let path = path.display();
            return Err(ConfigError(format!("no php.ini at {path}")));
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(DEFAULT_FOLDERS.iter().find_map(|folder| in_folder(Path::new(folder), source.sapi)))
}

fn in_folder(folder: &Path, sapi: &str) -> Option<PathBuf> {
    let files = [folder.join(format!("php-{sapi}.ini")), folder.join("php.ini")];
    files.into_iter().find(|file| file.is_file())
}

/// A `-d` argument as a line of an ini file: plain names mean 1, values that the format would take
/// apart are quoted.
fn define_line(define: &[u8]) -> Vec<u8> {
    let Some(at) = define.iter().position(|&b| b == b'=') else {
        return [define, b"=1\n"].concat();
    };
    let (name, value) = (&define[..at], &define[at + 1..]);
    match value.first() {
        Some(first) if !first.is_ascii_alphanumeric() && !matches!(first, b'"' | b'\'') => {
            [name, b"=\"", value, b"\"\n"].concat()
        }
        _ => [define, b"\n"].concat(),
    }
}

struct Reader<'a> {
    modules: &'a [&'static NativeModule],
    result: Configuration,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read(path)
            .map_err(|error| ConfigError(format!("cannot read {}: {error}", path.display())))?;
        self.text(&text, &path.display().to_string());
        Ok(())
    }

    fn scan_folders(&mut self) {
        let Some(folders) = std::env::var_os("PHP_INI_SCAN_DIR") else { return };
        for folder in folders.as_bytes().split(|&b| b == b':').filter(|f| !f.is_empty()) {
            let folder = PathBuf::from(OsString::from_vec(folder.to_vec()));
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            let mut files: Vec<PathBuf> = entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|e| e == "ini") && path.is_file())
                .collect();
            files.sort();
            for file in files {
                match self.file(&file) {
                    Ok(()) => self.result.scanned_files.push(file),
                    Err(error) => self.result.warnings.push(error.to_string()),
                }
            }
        }
        self.result.scanned_folder = Some(folders);
    }

    fn text(&mut self, text: &[u8], name: &str) {
        let parsed =
            parse(text, Mode::Normal, &Names { modules: self.modules, ini: &self.result.ini });
        let mut section = None;
        for directive in parsed.directives {
            match directive {
                Directive::Section(name) => section = special_section(&name),
                entry => {
                    let Some((name, value)) = setting(entry) else { continue };
                    let scopes = &mut self.result.scopes;
                    match &section {
                        None => self.result.ini.set(&name, &value),
                        Some(Special::Path(path)) => {
                            let settings = scopes.path_sections.entry(path.clone()).or_default();
                            settings.push((name, value));
                        }
                        Some(Special::Host(host)) => {
                            let settings = scopes.host_sections.entry(host.clone()).or_default();
                            settings.push((name, value));
                        }
                    }
                }
            }
        }
        if let Some(error) = parsed.error {
            self.result.warnings.push(complaint(&error, name));
        }
    }
}

/// A section that says where its settings hold.
enum Special {
    Path(PathBuf),
    Host(Vec<u8>),
}

fn special_section(name: &[u8]) -> Option<Special> {
    let (kind, place) = name.split_at_checked(b"path=".len())?;
    let place = place.trim_ascii();
    if kind.eq_ignore_ascii_case(b"path=") {
        let end = place.iter().rposition(|&b| b != b'/').map_or(1, |at| at + 1);
        let path = &place[..end.min(place.len())];
        return Some(Special::Path(OsString::from_vec(path.to_vec()).into()));
    }
    kind.eq_ignore_ascii_case(b"host=").then(|| Special::Host(place.to_ascii_lowercase()))
}

/// Name and value of an entry that has a value.
fn setting(directive: Directive) -> Option<(Vec<u8>, Vec<u8>)> {
    match directive {
        Directive::Entry(name, Some(value)) => Some((name, text_of(value))),
        Directive::ArrayEntry(name, offset, value) => {
            Some(([&name[..], b"[", &offset, b"]"].concat(), text_of(value)))
        }
        Directive::Entry(_, None) | Directive::Section(_) => None,
    }
}

/// What a `.user.ini` says, and PHP's words about its first syntax error.
pub(crate) fn user_file(
    text: &[u8],
    file: &Path,
    modules: &[&'static NativeModule],
    ini: &IniBase,
) -> (Settings, Option<String>) {
    let parsed = parse(text, Mode::Normal, &Names { modules, ini });
    let settings = parsed.directives.into_iter().filter_map(setting).collect();
    let error = parsed.error.map(|error| complaint(&error, &file.display().to_string()));
    (settings, error)
}

fn complaint(error: &SyntaxError, file: &str) -> String {
    format!("PHP:  {}", error.warning(file).trim_end())
}

fn text_of(value: Value) -> Vec<u8> {
    match value {
        Value::Null => Vec::new(),
        Value::Bool(on) => {
            if on {
                b"1".to_vec()
            } else {
                Vec::new()
            }
        }
        Value::Int(int) => int.to_string().into_bytes(),
        Value::Float(float) => float.to_string().into_bytes(),
        Value::Text(text) => text,
    }
}

/// What names in php.ini mean.
struct Names<'a> {
    modules: &'a [&'static NativeModule],
    ini: &'a IniBase,
}

impl Lookup for Names<'_> {
    fn constant(&self, name: &[u8]) -> Option<Vec<u8>> {
        let constants = self.modules.iter().flat_map(|module| module.constants);
        let found = constants.into_iter().find(|c| c.name.as_bytes() == name)?;
        match found.value {
            NativeValue::Bool(on) => Some(if on { b"1".to_vec() } else { Vec::new() }),
            NativeValue::Int(int) => Some(int.to_string().into_bytes()),
            NativeValue::Str(text) => Some(text.as_bytes().to_vec()),
            NativeValue::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }

    fn variable(&self, name: &[u8]) -> Option<Vec<u8>> {
        if let Some(value) = self.ini.config(name) {
            return Some(value.to_vec());
        }
        let value = std::env::var_os(OsString::from_vec(name.to_vec()))?;
        Some(value.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(defines: &[&str]) -> Configuration {
        let source = ConfigSource {
            none: true,
            sapi: "cli",
            defaults: vec![("precision", "9".into())],
            fixed: vec![("html_errors", "0")],
            defines: defines.iter().map(|d| d.as_bytes().to_vec()).collect(),
            ..ConfigSource::default()
        };
        Configuration::read(&source, &[]).unwrap()
    }

    #[test]
    fn the_command_line_wins() {
        let config = read(&["html_errors", "include_path=.:/a=b", "error_log=\"x y\""]);
        assert_eq!(config.ini.get("html_errors"), Some(&b"1"[..]));
        assert_eq!(config.ini.get("include_path"), Some(&b".:/a=b"[..]));
        assert_eq!(config.ini.get("error_log"), Some(&b"x y"[..]));
        assert_eq!(config.ini.get("precision"), Some(&b"9"[..]));
        assert_eq!(config.ini.config(b"precision"), None);
    }

    #[test]
    fn sections_of_places_are_kept_apart() {
        let config = read(&["precision=5\n[PATH=/srv/a/]\nprecision=6\n[PHP]\nmemory_limit=1G"]);
        assert_eq!(config.ini.get("precision"), Some(&b"5"[..]));
        assert_eq!(config.ini.get("memory_limit"), Some(&b"1G"[..]));
        let section = &config.scopes.path_sections[Path::new("/srv/a")];
        assert_eq!(section, &[(b"precision".to_vec(), b"6".to_vec())]);
    }

    #[test]
    fn a_named_file_must_exist_where_that_is_asked_for() {
        let source = ConfigSource {
            path: Some("/no/such/php.ini".into()),
            path_must_exist: true,
            ..ConfigSource::default()
        };
        let error = Configuration::read(&source, &[]).err().unwrap().to_string();
        assert_eq!(error, "no php.ini at /no/such/php.ini");
    }
}
